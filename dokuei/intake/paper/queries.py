"""Papers: who sees which, where a page lies, and what a request says of the paper it came from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from dokuei.base.errors import NotFound
from dokuei.identity.access import Actor, Permission, require
from dokuei.intake import rules as requests
from dokuei.intake.models import Request
from dokuei.intake.paper import rules
from dokuei.intake.paper.fields import FieldEntry, read_fields
from dokuei.intake.paper.files import PageMissing, draw
from dokuei.intake.paper.models import Paper, PaperFile
from dokuei.intake.paper.rules import HELD, WAITING, PaperState
from dokuei.kit import store

ROWS_MOST = 200
CANDIDATE_DAYS = timedelta(days=60)
ORDER = (PaperState.RECEIVED, PaperState.TO_CHECK, PaperState.TRANSCRIBING, PaperState.CHECKING)
"""What waits for somebody stands before what somebody has in hand."""


@dataclass(frozen=True)
class Place:
    """A page of an original in the store."""

    key: str
    size_bytes: int
    kind: str
    number: int


def visible_to(actor: Actor) -> QuerySet[Paper]:
    """Papers of the actor's facilities."""
    rows = Paper.objects.select_related("facility", "study")
    return rows if actor.kind == "system" else rows.filter(facility_id__in=actor.facilities)


def one(actor: Actor, paper_id: int) -> Paper:
    """A paper the actor may read, or `NotFound`."""
    require(actor, Permission.REQUEST_READ)
    row = visible_to(actor).filter(pk=paper_id).first()
    if row is None:
        raise NotFound()
    return row


def box(actor: Actor, name: str) -> QuerySet[Paper]:
    """Papers that wait, emergencies and the oldest first; or those that are done with, the newest first."""
    require(actor, Permission.REQUEST_READ)
    rows = visible_to(actor)
    if name == "ended":
        return rows.exclude(state__in=sorted(WAITING)).order_by("-state_at", "-pk")
    ranks = [When(state=state, then=Value(n)) for n, state in enumerate(ORDER)]
    rank = Case(*ranks, default=Value(9), output_field=IntegerField())
    return (
        rows.filter(state__in=sorted(WAITING))
        .annotate(rank=rank)
        .order_by("-is_emergency", "rank", "received_at", "pk")
    )


def counts(actor: Actor) -> dict[str, int]:
    """How many wait for somebody to take them in hand, and how many of these are emergencies."""
    waiting = box(actor, "open")
    free = waiting.exclude(state__in=sorted(HELD))
    return {
        "open": waiting.count(),
        "waiting": free.count(),
        "emergency": free.filter(Q(is_emergency=True) | Q(request__isnull=False)).count(),
    }


def place_of(paper: Paper, number: int) -> Place:
    """Where page `number` of a paper lies, counted over its files."""
    left = number
    for file in paper.files.order_by("number"):
        if 1 <= left <= file.pages:
            return Place(file.store_key, file.size_bytes, file.kind, left)
        left -= file.pages
    raise NotFound()


def picture(place: Place) -> bytes:
    """A page of an original as PNG. Blocking."""
    if place.kind == "gone":
        raise PageMissing()
    return draw(store.default().get_range(place.key, 0, place.size_bytes), place.kind, place.number)


def requests_of_facility(facility_id: int) -> QuerySet[Request]:
    """Requests a paper may be the original of."""
    live = [requests.State.SENT, requests.State.ACCEPTED, requests.State.FULFILLED]
    return Request.objects.filter(facility_id=facility_id, state__in=live)


def candidates(paper: Paper, at: datetime) -> list[dict[str, Any]]:
    """Requests of the same patient that may be the same order, the newest first; a person decides."""
    wanted = read_fields(paper.fields).get("patient.patient_id", FieldEntry()).text
    if not wanted or paper.request_id is not None:
        return []
    rows = requests_of_facility(paper.facility_id).filter(
        patient__patient_id=wanted, sent_at__gte=at - CANDIDATE_DAYS
    )
    return [_candidate(row) for row in rows.select_related("patient").order_by("-sent_at")[:10]]


def _candidate(row: Request) -> dict[str, Any]:
    exam = row.content.get("exam", {})
    return {
        "request_id": row.pk,
        "state": row.state,
        "sent_at": row.sent_at,
        "by": row.created_by_name,
        "modality": exam.get("modality", ""),
        "description": exam.get("description", "") or exam.get("body_part", ""),
        "exam_on": (row.stated or {}).get("exam_on"),
        "question": str(row.content.get("question", ""))[:200],
    }


def files_out(paper: Paper) -> list[dict[str, Any]]:
    return [_file(one) for one in paper.files.order_by("number")]


def _file(one: PaperFile) -> dict[str, Any]:
    return {
        "name": one.name,
        "kind": one.kind,
        "pages": one.pages,
        "problem": one.problem,
        "sha256": one.sha256,
        "size_bytes": one.size_bytes,
    }


def corrections(paper: Paper) -> list[dict[str, str]]:
    """What the second person changed of what the first one wrote: both stay."""
    found = {one.kind: one for one in paper.versions.order_by("number")}
    if "transcribed" not in found or "checked" not in found:
        return []
    before, after = (read_fields(found[kind].fields) for kind in ("transcribed", "checked"))
    return [
        {
            "field": key,
            "before": before.get(key, FieldEntry()).text,
            "before_answer": before.get(key, FieldEntry()).answer,
            "after": after.get(key, FieldEntry()).text,
            "after_answer": after.get(key, FieldEntry()).answer,
        }
        for key in rules.corrected(before, after)
    ]


def papers_of(request_ids: Iterable[int]) -> Mapping[int, list[dict[str, Any]]]:
    """The papers of each of these requests: who wrote and who checked, and where each field stands."""
    rows = Paper.objects.filter(request_id__in=set(request_ids)).prefetch_related("versions").order_by("pk")
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        if row.request_id is not None:
            found.setdefault(row.request_id, []).append(mark_out(row))
    return found


def unchecked(request_ids: Iterable[int]) -> set[int]:
    """Which of these requests were sent from a paper that no second person has checked."""
    away = [PaperState.DONE, PaperState.DUPLICATE]
    rows = Paper.objects.filter(request_id__in=set(request_ids)).exclude(state__in=away)
    return {one for one in rows.values_list("request_id", flat=True) if one is not None}


def mark_out(row: Paper) -> dict[str, Any]:
    """What a request shows of its paper. One that was put to it later says nothing of its fields."""
    versions = sorted(row.versions.all(), key=lambda one: one.number)
    is_source = row.state != PaperState.DUPLICATE
    fields = read_fields(versions[-1].fields) if versions and is_source else {}
    return {
        "id": row.pk,
        "state": row.state,
        "pages": row.pages,
        "received_at": row.received_at,
        "transcribed_by": row.transcribed_by_name,
        "checked_by": row.checked_by_name if row.state == PaperState.DONE else "",
        "is_unchecked": is_source and row.state != PaperState.DONE,
        "is_joined": not is_source,
        "sources": [
            {"field": key, **one.model_dump(mode="json", exclude={"value"})} for key, one in fields.items()
        ],
        "corrected": [one["field"] for one in corrections(row)] if row.state == PaperState.DONE else [],
    }
