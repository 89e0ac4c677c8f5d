"""How a paper goes out over HTTP and what comes back."""

from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Schema
from pydantic import Field

from dokuei.audit import queries as trail
from dokuei.identity import queries as identity
from dokuei.identity.access import Actor, Permission
from dokuei.imaging.shapes import FacilityRef
from dokuei.intake.paper import queries, rules
from dokuei.intake.paper.fields import FIELDS, FieldAnswer, FieldEntry, PageBox
from dokuei.intake.paper.models import Paper
from dokuei.intake.paper.rules import PaperState

QUIET = {"paper.opened", "paper.written", "paper.renewed", "paper.known"}


class PaperSource(Schema):
    """Where a field of a request stands on its paper."""

    field: str
    answer: FieldAnswer
    page: int | None
    box: PageBox | None
    note: str


class PaperMark(Schema):
    """The paper a request came from, as its reader sees it."""

    id: int
    state: PaperState
    pages: int
    received_at: datetime
    transcribed_by: str
    checked_by: str
    is_unchecked: bool
    is_joined: bool
    sources: list[PaperSource]
    corrected: list[str]


class PaperFileOut(Schema):
    name: str
    kind: str
    pages: int
    problem: str
    sha256: str
    size_bytes: int


class PaperRow(Schema):
    id: int
    state: PaperState
    state_at: datetime
    source: str
    is_emergency: bool
    note: str
    received_at: datetime
    received_by: str
    facility: FacilityRef
    pages: int
    files: list[PaperFileOut]
    held_by: str
    transcribed_by: str
    checked_by: str
    request_id: int | None
    is_sent: bool
    reason: str
    ended_by: str
    owner: str
    is_mine: bool
    acts: list[str]


class PaperCounts(Schema):
    open: int
    waiting: int
    emergency: int


class PapersOut(Schema):
    items: list[PaperRow]
    counts: PaperCounts


class PaperCandidate(Schema):
    request_id: int
    state: str
    sent_at: datetime | None
    by: str
    modality: str
    description: str
    exam_on: date | None
    question: str


class PaperCorrection(Schema):
    field: str
    before: str
    before_answer: FieldAnswer
    after: str
    after_answer: FieldAnswer


class PaperHistory(Schema):
    at: datetime
    by: str
    sentence: str


class PaperFull(PaperRow):
    fields: dict[str, FieldEntry]
    confirmed: list[str]
    before: dict[str, FieldEntry]
    """What the first person wrote, beside what the second one is correcting."""
    revision: int
    candidates: list[PaperCandidate]
    corrections: list[PaperCorrection]
    unanswered: list[str]
    timeline: list[PaperHistory]
    study_id: int | None
    held_until: datetime | None


class PaperKnown(Schema):
    name: str
    paper_id: int
    state: PaperState


class PaperRefused(Schema):
    name: str
    code: str
    detail: str


class PaperTaken(Schema):
    """What became of each file that was handed in."""

    papers: list[PaperRow]
    known: list[PaperKnown]
    refused: list[PaperRefused]


class PaperIn(Schema):
    """What is said of files that are handed in together."""

    facility_id: int | None = None
    note: Annotated[str, Field(max_length=500)] = ""
    is_emergency: bool = False
    is_one: bool = True
    """All of them are one slip; else each is one."""


class PaperDraftIn(Schema):
    fields: dict[str, FieldEntry]
    confirmed: Annotated[list[str], Field(max_length=100)] = []
    revision: int


class PaperConfirmIn(PaperDraftIn):
    reason: Annotated[str, Field(max_length=500)] = ""


class PaperRevisionIn(Schema):
    revision: int


class PaperReasonIn(Schema):
    reason: Annotated[str, Field(max_length=500)] = ""


class PaperJoinIn(PaperReasonIn):
    request_id: int


def page_response(place: queries.Place) -> HttpResponse:
    """A page as a picture; the document itself, with what may act in it, never leaves."""
    response = HttpResponse(queries.picture(place), content_type="image/png")
    response["Cache-Control"] = "private, no-store"
    return response


def paper_row(actor: Actor, row: Paper) -> dict[str, Any]:
    """A line of the list."""
    is_mine = row.held_by_id is not None and row.held_by_id == actor.person_id
    return {
        "id": row.pk,
        "state": row.state,
        "state_at": row.state_at,
        "source": row.source,
        "is_emergency": row.is_emergency or row.fields.get("urgency", {}).get("value") == "emergency",
        "note": row.note,
        "received_at": row.received_at,
        "received_by": row.received_by,
        "facility": row.facility,
        "pages": row.pages,
        "files": queries.files_out(row),
        "held_by": row.held_by_name,
        "transcribed_by": row.transcribed_by_name,
        "checked_by": row.checked_by_name,
        "request_id": row.request_id,
        "is_sent": row.request_id is not None,
        "reason": row.reason,
        "ended_by": row.ended_by_name,
        "owner": _owner(row),
        "is_mine": is_mine,
        "acts": _acts(actor, row, is_mine),
    }


def paper_full(actor: Actor, row: Paper, at: datetime) -> dict[str, Any]:
    """A paper with what is being written of it. What is half written stays between those who write it."""
    serves = actor.may(Permission.PAPER_TRANSCRIBE) or actor.may(Permission.PAPER_CHECK)
    versions = {one.kind: one.fields for one in row.versions.order_by("number")}
    lines = [one for one in trail.trail_of(row) if one.event not in QUIET]
    names = identity.label_names({one.by for one in lines})
    fields = row.fields if serves or row.request_id else {}
    shown = {key: FieldEntry.model_validate(fields[key]) for key in FIELDS if key in fields}
    return {
        **paper_row(actor, row),
        "fields": shown,
        "confirmed": row.confirmed,
        "before": versions.get("transcribed", {}) if serves or row.request_id else {},
        "revision": row.revision,
        "candidates": queries.candidates(row, at) if serves and row.state in rules.HELD else [],
        "corrections": queries.corrections(row),
        "unanswered": rules.unanswered(shown) if serves else [],
        "timeline": [
            {"at": one.at, "by": names.get(one.by, "システム"), "sentence": one.sentence} for one in lines
        ],
        "study_id": row.study_id,
        "held_until": row.held_until,
    }


def _owner(row: Paper) -> str:
    if row.held_by_name:
        return row.held_by_name
    return "施設" if row.state == PaperState.RETURNED else "サポート" if row.state in rules.WAITING else ""


def _acts(actor: Actor, row: Paper, is_mine: bool) -> list[rules.Act]:
    is_check = row.state in {PaperState.TO_CHECK, PaperState.CHECKING}
    needed = Permission.PAPER_CHECK if is_check else Permission.PAPER_TRANSCRIBE
    if not actor.may(needed) or actor.person_id is None:
        return []
    return rules.open_acts(
        PaperState(row.state),
        is_mine=is_mine,
        is_transcriber=row.transcribed_by_id == actor.person_id,
        is_sent=row.request_id is not None,
    )
