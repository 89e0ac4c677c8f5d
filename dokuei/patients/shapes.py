"""The shapes in which patients enter and leave the HTTP door."""

from datetime import date, datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field


class PatientOut(Schema):
    id: int
    facility_id: int
    patient_id: str
    issuer: str
    name_kanji: str
    name_kana: str
    name_romaji: str
    display_name: str
    birth_date: date | None
    sex: str | None
    age_years: int | None


Sex = Literal["", "M", "F", "O"]
Reason = Annotated[str, Field(max_length=500)]


class PatientFacilityOut(Schema):
    id: int
    code: str
    name: str


class PatientRowOut(PatientOut):
    """A patient in the list of the patients' screen."""

    facility: PatientFacilityOut
    is_placeholder: bool
    merged_into: int | None
    merged_count: int


class PatientRowsOut(Schema):
    items: list[PatientRowOut]
    waiting: int
    """Merges that wait for a second person."""


class PatientFacts(Schema):
    """Name, birth date and sex as they are held."""

    name_kanji: Annotated[str, Field(max_length=200)]
    name_kana: Annotated[str, Field(max_length=200)]
    name_romaji: Annotated[str, Field(max_length=200)]
    name_raw: Annotated[str, Field(max_length=200)]
    birth_date: date | None
    sex: Sex


class SightingOut(Schema):
    id: int
    name_kanji: str
    name_kana: str
    name_romaji: str
    birth_date: date | None
    sex: str
    seen_at: datetime
    contradicted_then: list[str]
    """Which parts contradicted when it was first seen, as words people read."""
    contradicts_now: list[str]


class CorrectionOut(Schema):
    id: int
    before: PatientFacts
    after: PatientFacts
    source_id: int | None
    reason: str
    made_by_name: str
    made_at: datetime
    undone_by_name: str
    undone_reason: str
    undone_at: datetime | None
    may_undo: bool


class ComparedOut(Schema):
    """One line of two patients beside each other."""

    label: str
    ours: str
    theirs: str
    mark: Literal["agree", "near", "missing", "differs", "contradicts"]
    sentence: str


class ComparisonOut(Schema):
    survivor: PatientRowOut
    merged: PatientRowOut
    lines: list[ComparedOut]
    needs_second: bool
    refusal: str
    """Why the two cannot be merged, as a sentence; empty if they can."""
    typed: str
    """What has to be typed in confirmation."""


class MergeOut(Schema):
    id: int
    state: Literal["proposed", "made", "declined", "undone"]
    survivor: PatientRowOut
    merged: PatientRowOut
    needs_second: bool
    lines: list[ComparedOut]
    reason: str
    typed: str
    asked_by_name: str
    asked_at: datetime
    made_by_name: str
    made_at: datetime | None
    ended_by_name: str
    ended_reason: str
    ended_at: datetime | None
    acts: list[Literal["make", "decline", "undo"]]
    refusal: str
    """Why the person who looks may not make it; empty if they may."""


class MergesOut(Schema):
    items: list[MergeOut]


class PatientHistoryOut(Schema):
    at: datetime
    by: str
    sentence: str


class PatientPageOut(Schema):
    patient: PatientRowOut
    held: PatientFacts
    family: list[PatientRowOut]
    """Every row that is the same person, the one that stays first; alone if nobody was merged."""
    sightings: list[SightingOut]
    corrections: list[CorrectionOut]
    merges: list[MergeOut]
    history: list[PatientHistoryOut]
    acts: list[Literal["correct", "merge"]]


class CorrectIn(Schema):
    seen: PatientFacts
    """What stood on the screen."""
    name_kanji: Annotated[str, Field(max_length=200)] = ""
    name_kana: Annotated[str, Field(max_length=200)] = ""
    name_romaji: Annotated[str, Field(max_length=200)] = ""
    birth_date: date | None = None
    sex: Sex = ""
    source_id: int | None = None
    reason: Reason


class MergeIn(Schema):
    merged_id: int
    typed: Annotated[str, Field(max_length=64)]
    reason: Reason


class ConfirmMergeIn(Schema):
    typed: Annotated[str, Field(max_length=64)]
    reason: Reason


class MendReasonIn(Schema):
    reason: Reason
