"""What of a facility's requests and studies was not taken up. In a scope that holds the facility."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet

from dokuei.base.clock import local_date
from dokuei.identity.access import system_actor
from dokuei.imaging import queries as imaging
from dokuei.imaging.loose import loose_study
from dokuei.intake.fhir.models import FhirSubmission
from dokuei.intake.fhir.rules import State as SubmissionState
from dokuei.intake.hl7.models import Hl7Message
from dokuei.intake.hl7.rules import State as MessageState
from dokuei.intake.linking.models import LinkCase
from dokuei.intake.linking.rules import findings_of
from dokuei.intake.models import Request
from dokuei.intake.paper.models import Paper
from dokuei.intake.paper.rules import WAITING, PaperState
from dokuei.intake.rules import State
from dokuei.kit.loose import LooseEnd

RECONCILING = system_actor("reconciliation")
NOT_NEW_AFTER = timedelta(days=30)
"""A study made so long before it came is an earlier one, sent along for comparison, and nobody's new work."""


def studies_without_request(facility_id: int, before: datetime) -> list[LooseEnd]:
    """New studies that have been quiet since `before`, and no request asks about them."""
    rows = _unasked(facility_id).filter(last_received_at__lt=before).select_related("patient")
    new = Q(study_on=None) | Q(study_on__gte=F("received_at__date") - NOT_NEW_AFTER)
    return [loose_study(row, row.last_received_at) for row in rows.filter(new).order_by("pk")]


def earlier_studies_received(facility_id: int, since: datetime, until: datetime) -> int:
    """How many studies came in this time that were made long before, and nobody asks about."""
    rows = _unasked(facility_id).filter(received_at__gte=since, received_at__lt=until)
    return rows.filter(study_on__lt=F("received_at__date") - NOT_NEW_AFTER).count()


def requests_without_study(facility_id: int, before: datetime) -> list[LooseEnd]:
    """Requests sent before `before` that hold no study, and whose exam is not planned for a day to come."""
    rows = _requests(facility_id).filter(state__in=[State.SENT, State.ACCEPTED], sent_at__lt=before)
    planned = local_date(before).isoformat()
    rows = rows.filter(request_studies=None).exclude(stated__exam_on__gte=planned)
    return [_loose(row, row.sent_at or row.saved_at) for row in rows]


def drafts_left(facility_id: int, before: datetime) -> list[LooseEnd]:
    """Drafts that hold a study and were not saved since `before`: the study looks asked about and is not."""
    rows = _requests(facility_id).filter(
        state=State.DRAFT, saved_at__lt=before, request_studies__isnull=False
    )
    return [_loose(row, row.saved_at, f"作成 {row.created_by_name}") for row in rows.distinct()]


def requests_without_reading(facility_id: int, before: datetime) -> list[LooseEnd]:
    """Accepted requests for which no reading was opened."""
    rows = _requests(facility_id).filter(
        state__in=[State.SENT, State.ACCEPTED], sent_at__lt=before, reading=None
    )
    return [_loose(row, row.sent_at or row.saved_at) for row in rows]


def messages_quarantined(facility_id: int) -> list[LooseEnd]:
    """Orders of machines that could not be taken, by HL7 and by FHIR."""
    return [*_messages(facility_id), *_submissions(facility_id)]


def _submissions(facility_id: int) -> list[LooseEnd]:
    rows = FhirSubmission.objects.filter(facility_id=facility_id, state=SubmissionState.REFUSED)
    return [
        LooseEnd("submission", row.pk, row.received_at, f"{row.sender}　FHIR", detail=row.sentence)
        for row in rows.defer("raw").order_by("pk")
    ]


def _messages(facility_id: int) -> list[LooseEnd]:
    rows = Hl7Message.objects.filter(facility_id=facility_id, state=MessageState.QUARANTINED)
    return [
        LooseEnd(
            "message",
            row.pk,
            row.received_at,
            f"{row.connection.name}　{row.kind or '種類不明'}",
            detail=row.sentence,
        )
        for row in rows.select_related("connection").defer("raw").order_by("pk")
    ]


def papers_waiting(facility_id: int, before: datetime) -> list[LooseEnd]:
    """Papers handed in before `before` that nobody made a request of, checked, or sent back; and those sent back."""
    rows = Paper.objects.filter(
        Q(state__in=sorted(WAITING), received_at__lt=before)
        | Q(state=PaperState.RETURNED, state_at__lt=before),
        facility_id=facility_id,
    )
    return [
        LooseEnd(
            "paper",
            row.pk,
            row.received_at,
            f"紙の依頼 #{row.pk}",
            detail=row.held_by_name or row.reason,
            request_id=row.request_id,
        )
        for row in rows.order_by("pk")
    ]


def contradictions_after_signing(facility_id: int) -> list[LooseEnd]:
    """Answered requests with something that contradicts: found after the report was final, and nobody judged it."""
    rows = LinkCase.objects.filter(facility_id=facility_id, is_held=True, request__state=State.FULFILLED)
    return [
        loose_request(
            row.request,
            "case",
            row.pk,
            row.opened_at,
            f"報告確定後に判明: {'、'.join(text for one in findings_of(row.findings) for text in one.reasons)}",
        )
        for row in rows.select_related("request__patient").order_by("pk")
    ]


def requests_moved(facility_id: int, since: datetime, until: datetime) -> dict[str, int]:
    """How many requests were sent in this time."""
    sent = Request.objects.filter(facility_id=facility_id, sent_at__gte=since, sent_at__lt=until)
    return {"requests": sent.count()}


def loose_request(row: Request, object_name: str, object_id: int, since: datetime, detail: str) -> LooseEnd:
    """What hangs on a request, told by its exam."""
    exam = row.content.get("exam", {})
    words = [exam.get("modality", ""), exam.get("description", "") or exam.get("body_part", "")]
    return LooseEnd(
        object=object_name,
        object_id=object_id,
        since=since,
        what="　".join(word for word in words if word) or f"依頼 {row.pk}",
        patient_id=row.patient.patient_id if row.patient else "",
        detail=detail,
        request_id=row.pk,
    )


def _loose(row: Request, since: datetime, detail: str = "") -> LooseEnd:
    return loose_request(row, "request", row.pk, since, detail)


def _requests(facility_id: int) -> QuerySet[Request]:
    return Request.objects.filter(facility_id=facility_id).select_related("patient").order_by("pk")


def _unasked(facility_id: int) -> QuerySet[Any]:
    rows = imaging.in_facilities(RECONCILING).filter(
        ~imaging.fetched(), facility_id=facility_id, asked_by=None
    )
    return rows.exclude(receipt__in=["held", "withdrawn"])
