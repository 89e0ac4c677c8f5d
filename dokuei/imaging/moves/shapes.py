"""The shapes in which moves enter and leave the HTTP door."""

from datetime import datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

from dokuei.imaging.shapes import StudyOut
from dokuei.patients.shapes import ComparedOut, PatientRowOut

Reason = Annotated[str, Field(max_length=500)]
Typed = Annotated[str, Field(max_length=64)]


class MoveComparisonOut(Schema):
    """Under whom a study stands beside whose it would be."""

    study: StudyOut
    origin: PatientRowOut
    target: PatientRowOut
    lines: list[ComparedOut]
    needs_second: bool
    refusal: str
    """Why it cannot be moved there, as a sentence; empty if it can."""
    typed: str
    """What has to be typed in confirmation."""


class MoveOut(Schema):
    id: int
    state: Literal["proposed", "made", "declined", "undone"]
    study: StudyOut
    origin: PatientRowOut
    target: PatientRowOut
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


class MovesOut(Schema):
    items: list[MoveOut]


class MoveIn(Schema):
    target_id: int
    typed: Typed
    reason: Reason


class ConfirmMoveIn(Schema):
    typed: Typed
    reason: Reason


class EndMoveIn(Schema):
    reason: Reason
