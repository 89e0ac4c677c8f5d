"""Commands on requests: draft, edit, send, cancel, fulfil."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.errors import NotFound, refuse
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging import queries as imaging
from dokuei.intake import queries, rules
from dokuei.intake.askbacks.rules import Question
from dokuei.intake.askbacks.services import ask_for_reading, withdraw_all, withdraw_for_reading
from dokuei.intake.content import Content
from dokuei.intake.errors import DraftConflict
from dokuei.intake.events import RequestAccepted, RequestCancelled
from dokuei.intake.models import Request, RequestStudy, RequestVersion
from dokuei.intake.rules import Act, IntakeRefusal, State
from dokuei.intake.scoring.queries import score_for
from dokuei.kit.events import publish

__all__ = ["Content", "Question", "ask_for_reading", "withdraw_for_reading"]


@transaction.atomic
def draft_request(
    actor: Actor, *, facility_id: int, study_ids: Iterable[int], content: Content, at: datetime
) -> Request:
    """Begin a request; it holds its studies from now on."""
    require(actor, Permission.REQUEST_WRITE, facility_id=facility_id)
    request = Request.objects.create(
        facility_id=facility_id,
        urgency=content.urgency,
        content=content.model_dump(mode="json"),
        created_by_id=actor.person_id,
        created_by_name=actor.name,
        created_at=at,
        saved_at=at,
    )
    _take_studies(actor, request, list(study_ids))
    record(Event.REQUEST_DRAFTED, by=actor, of=request, at=at)
    return request


@transaction.atomic
def edit_request(
    actor: Actor,
    request_id: int,
    *,
    study_ids: Iterable[int],
    content: Content,
    revision: int,
    at: datetime,
) -> Request:
    """Save a draft; a save against an older revision is refused with what the other screen wrote."""
    require(actor, Permission.REQUEST_WRITE)
    request = _locked(actor, request_id)
    if refusal := rules.why_not(State(request.state), Act.EDIT):
        raise refuse(refusal)
    if revision != request.revision:
        raise DraftConflict(theirs={"revision": request.revision, "content": request.content})
    request.content, request.urgency = content.model_dump(mode="json"), content.urgency
    request.revision += 1
    request.saved_at = at
    request.save(update_fields=["content", "urgency", "revision", "saved_at"])
    _take_studies(actor, request, list(study_ids))
    record(Event.REQUEST_EDITED, by=actor, of=request, at=at, revision=request.revision)
    return request


@transaction.atomic
def send_request(actor: Actor, request_id: int, *, at: datetime) -> Request:
    """Freeze the draft as a version and hand it to the reading service; the rules accept it at once."""
    require(actor, Permission.REQUEST_WRITE)
    request = _locked(actor, request_id)
    if refusal := rules.why_not(State(request.state), Act.SEND):
        raise refuse(refusal)
    studies = list(imaging.visible_to(actor).filter(pk__in=queries.study_ids(request.pk)))
    if not studies or request.patient_id is None:
        raise refuse(IntakeRefusal.NO_STUDY)
    content = queries.content_of(request)
    modalities = {one for study in studies for one in study.modalities}
    if refusal := rules.why_not_send(content, modalities):
        missing = [asdict(one) for one in rules.missing_to_send(content)]
        raise refuse(refusal, missing=missing)
    score = score_for(content, facility_id=request.facility_id, patient=request.patient, at=at)
    request.version += 1
    request.state, request.sent_at, request.score = State.SENT, at, score.score
    RequestVersion.objects.create(
        facility_id=request.facility_id,
        request=request,
        number=request.version,
        content=request.content,
        completeness=asdict(score),
        sent_at=at,
        sent_by_name=actor.name,
    )
    record(Event.REQUEST_SENT, by=actor, of=request, at=at, version=request.version)
    request.state = rules.LIFECYCLE[State.SENT, Act.ACCEPT]
    request.save(update_fields=["version", "state", "sent_at", "score"])
    record(Event.REQUEST_ACCEPTED, by=actor, of=request, at=at, rule="complete-enough-1")
    publish(RequestAccepted(request.pk, request.facility_id))
    return request


@transaction.atomic
def cancel_request(actor: Actor, request_id: int, *, reason: str, at: datetime) -> Request:
    """Withdraw a request with a reason; refused once the report is final."""
    require(actor, Permission.REQUEST_WRITE)
    request = _locked(actor, request_id)
    if refusal := rules.why_not(State(request.state), Act.CANCEL):
        raise refuse(refusal)
    was_sent = request.state != State.DRAFT
    if was_sent and not reason.strip():
        raise refuse(IntakeRefusal.REASON)
    request.state = rules.LIFECYCLE[State(request.state), Act.CANCEL]
    request.ended_reason = reason.strip()[:500]
    request.save(update_fields=["state", "ended_reason"])
    request.request_studies.all().delete()
    withdraw_all(actor, request.pk, at=at)
    record(Event.REQUEST_CANCELLED, by=actor, of=request, at=at)
    if was_sent:
        publish(RequestCancelled(request.pk, request.facility_id))
    return request


@transaction.atomic
def fulfil_request(actor: Actor, request_id: int, *, at: datetime) -> None:
    """Its report is final. Called by reporting inside the signing transaction."""
    require(actor, Permission.REPORT_SIGN)
    request = _locked(actor, request_id)
    if refusal := rules.why_not(State(request.state), Act.FULFIL):
        raise refuse(refusal)
    request.state = rules.LIFECYCLE[State(request.state), Act.FULFIL]
    request.save(update_fields=["state"])
    record(Event.REQUEST_FULFILLED, by=actor, of=request, at=at)


def _locked(actor: Actor, request_id: int) -> Request:
    rows = queries.visible_to(actor).select_for_update(no_key=True, of=("self",))
    request = rows.filter(pk=request_id).first()
    if request is None:
        raise NotFound()
    return request


def _take_studies(actor: Actor, request: Request, study_ids: list[int]) -> None:
    """Make the request hold exactly these studies of one patient."""
    wanted = set(study_ids)
    studies = list(
        imaging.visible_to(actor)
        .filter(pk__in=wanted, facility_id=request.facility_id)
        .select_for_update(no_key=True, of=("self",))
        .order_by("pk")
    )
    if len(studies) != len(wanted):
        raise NotFound()
    if len({study.patient_id for study in studies}) > 1:
        raise refuse(IntakeRefusal.TWO_PATIENTS)
    taken = queries.request_of_studies(wanted)
    if any(other != request.pk for other in taken.values()):
        raise refuse(IntakeRefusal.STUDY_TAKEN)
    request.request_studies.exclude(study_id__in=wanted).delete()
    RequestStudy.objects.bulk_create(
        RequestStudy(facility_id=request.facility_id, request=request, study_id=study.pk)
        for study in studies
        if study.pk not in taken
    )
    patient_id = studies[0].patient_id if studies else None
    if patient_id != request.patient_id:
        request.patient_id = patient_id
        request.save(update_fields=["patient"])
