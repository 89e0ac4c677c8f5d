"""How cases come in and go out over HTTP."""

from datetime import datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

from dokuei.imaging.shapes import FacilityRef, StudyOut
from dokuei.patients.shapes import PatientOut

Reason = Annotated[str, Field(max_length=500)]


class ActIn(Schema):
    """An act on a case as it was seen."""

    revision: int
    reason: Reason = ""


class PairIn(ActIn):
    study_id: int


class DismissIn(ActIn):
    study_ids: Annotated[list[int], Field(max_length=200)] = []
    """Empty: none of those that are shown."""


class CaseRow(Schema):
    id: int
    state: Literal["open", "closed"]
    is_held: bool
    revision: int
    request_id: int
    request_state: str
    urgency: str
    facility: FacilityRef
    patient: PatientOut
    modality: str
    exam_description: str
    owner: str
    reasons: list[str]
    candidate_count: int
    opened_at: datetime
    closed_at: datetime | None


class CaseCounts(Schema):
    open: int
    held: int


class CasesOut(Schema):
    items: list[CaseRow]
    counts: CaseCounts


class PairLine(Schema):
    label: str
    ours: str
    theirs: str
    mark: Literal["agree", "near", "missing", "differs", "contradicts"]
    sentence: str


class PairOut(Schema):
    study_id: int | None
    study: StudyOut | None
    dicomweb_root: str
    level: Literal["strong", "possible", "contradiction", "linked", "aside", "none"]
    holds: bool
    is_linked: bool
    method: str
    linked_by: str
    linked_at: datetime | None
    aside_by: str
    reasons: list[str]
    score: float
    lines: list[PairLine]
    needs_reason: bool
    acts: list[str]


class PairsFound(Schema):
    items: list[PairOut]


class CaseHistory(Schema):
    at: datetime
    by: str
    sentence: str


class CaseOut(CaseRow):
    question: str
    requester_name: str
    callback_phone: str
    is_stated: bool
    pairs: list[PairOut]
    acts: list[str]
    may_judge_contradictions: bool
    history: list[CaseHistory]
