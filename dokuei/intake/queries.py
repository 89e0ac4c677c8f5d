"""Reading requests: who sees which, and the content other rooms need."""

from collections.abc import Collection, Iterable, Mapping
from itertools import pairwise
from typing import Any

from django.db.models import QuerySet

from dokuei.base.errors import NotFound
from dokuei.identity.access import Actor, Permission, require
from dokuei.intake import telling
from dokuei.intake.askbacks.queries import (
    ask_backs_in_report,
    asked_now,
    asked_of_reading,
    held_for_signing,
    items_answered,
    revision_of_ask_backs,
    turnaround,
)
from dokuei.intake.content import Content
from dokuei.intake.linking.queries import held_for, in_doubt, is_being_matched
from dokuei.intake.models import Request, RequestStudy, RequestVersion
from dokuei.intake.ordering.order import Stated
from dokuei.intake.paper.queries import unchecked
from dokuei.intake.rules import State
from dokuei.patients import queries as patients

__all__ = [
    "Content",
    "ask_backs_in_report",
    "asked_now",
    "asked_of_reading",
    "held_for",
    "held_for_signing",
    "in_doubt",
    "is_being_matched",
    "items_answered",
    "revision_of_ask_backs",
    "turnaround",
    "unchecked",
]


def visible_to(actor: Actor) -> QuerySet[Request]:
    """Requests of the actor's facilities."""
    rows = Request.objects.select_related("facility", "patient")
    return rows if actor.kind == "system" else rows.filter(facility_id__in=actor.facilities)


def one(actor: Actor, request_id: int) -> Request:
    """A request the actor may read, or `NotFound`."""
    require(actor, Permission.REQUEST_READ)
    row = visible_to(actor).filter(pk=request_id).first()
    if row is None:
        raise NotFound()
    return row


def content_of(request: Request) -> Content:
    return Content.model_validate(request.content)


def stated_by(request: Request) -> Stated | None:
    """What a request says of patient and exam itself; None where it was written for images."""
    return Stated.model_validate(request.stated) if request.stated is not None else None


def sent_content(request_id: int) -> tuple[int, Content, dict[str, object]]:
    """Number, content and completeness of the newest sent version."""
    row = RequestVersion.objects.filter(request_id=request_id).order_by("-number").first()
    if row is None:
        raise NotFound()
    return row.number, Content.model_validate(row.content), row.completeness


def sent_contents(request_ids: Iterable[int]) -> Mapping[int, RequestVersion]:
    """The newest sent version of each of these requests."""
    rows = RequestVersion.objects.filter(request_id__in=set(request_ids)).order_by("number")
    return {row.request_id: row for row in rows}


def changed(request_id: int) -> list[dict[str, Any]]:
    """What each later version of a sent request says otherwise than the one before, the newest first."""
    rows = list(RequestVersion.objects.filter(request_id=request_id).order_by("number"))
    found = [
        {
            "version": after.number,
            "at": after.sent_at,
            "by": after.sent_by_name,
            "lines": [
                {"label": label, "before": old, "after": new}
                for label, old, new in telling.changes(
                    Content.model_validate(before.content), Content.model_validate(after.content)
                )
            ],
        }
        for before, after in pairwise(rows)
    ]
    return found[::-1]


def told_lines(content: Content) -> list[tuple[str, str]]:
    """What a request says beside its plain texts, as label and text."""
    return telling.lines(content)


def earlier(actor: Actor, request_id: int) -> tuple[RequestVersion | None, RequestVersion | None]:
    """What may be offered again: the newest sent request about this patient, and the newest this person sent.

    Both of the same facility; nothing is copied by itself.
    """
    row = one(actor, request_id)
    sent = RequestVersion.objects.filter(facility_id=row.facility_id, request__in=visible_to(actor))
    sent = sent.exclude(request_id=row.pk).order_by("-sent_at", "-pk")
    of_patient = _of_person(sent, row.patient_id).first() if row.patient_id else None
    own = sent.filter(request__created_by_id=actor.person_id).first() if actor.person_id else None
    return of_patient, own


def _of_person(sent: QuerySet[RequestVersion], patient_id: int) -> QuerySet[RequestVersion]:
    return sent.filter(request__patient__in=patients.family_of(patient_id))


def study_ids(request_id: int) -> list[int]:
    return list(
        RequestStudy.objects.filter(request_id=request_id).order_by("id").values_list("study_id", flat=True)
    )


def request_of_studies(studies: Iterable[int]) -> Mapping[int, int]:
    """Which live request each study belongs to."""
    rows = RequestStudy.objects.filter(study_id__in=set(studies))
    return dict(rows.values_list("study_id", "request_id"))


def studies_of_requests(request_ids: Iterable[int]) -> Mapping[int, int]:
    """Study id to request id for the studies of these requests."""
    rows = RequestStudy.objects.filter(request_id__in=set(request_ids)).order_by("id")
    return dict(rows.values_list("study_id", "request_id"))


def studies_with_requests(study_ids: Collection[int]) -> set[int]:
    """Which of these studies a request asks about, or was answered about."""
    rows = RequestStudy.objects.filter(study_id__in=study_ids)
    return set(rows.values_list("study_id", flat=True))


def studies_asked_about(study_ids: Collection[int]) -> set[int]:
    """Which of these studies a request asks about that is neither fulfilled nor ended."""
    rows = RequestStudy.objects.filter(study_id__in=study_ids).exclude(request__state=State.FULFILLED)
    return set(rows.values_list("study_id", flat=True))
