"""How ask-backs come in and go out over HTTP."""

from datetime import datetime
from typing import Annotated

from ninja import Schema
from pydantic import Field

from dokuei.imaging.shapes import FacilityRef
from dokuei.intake.askbacks.rules import Answer, Question
from dokuei.patients.shapes import PatientOut

Words = Annotated[str, Field(max_length=1000)]
Option = Annotated[str, Field(max_length=200)]


class QuestionIn(Schema):
    kind: Annotated[str, Field(max_length=20)]
    sentence: Words
    options: Annotated[list[Option], Field(max_length=20)] = []
    addressee: Annotated[str, Field(max_length=12)]
    due_minutes: int | None = None

    def question(self) -> Question:
        return Question(**{**self.dict(), "options": tuple(self.options)})


class AnswerIn(Schema):
    option: Option = ""
    text: Words = ""

    def answer(self) -> Answer:
        return Answer(option=self.option, text=self.text)


class WithdrawIn(Schema):
    reason: Annotated[str, Field(max_length=500)] = ""


class AskBackMails(Schema):
    """How many people were told by mail, how many mails could not be sent, and when the last was."""

    told: int
    failed: int
    last_at: datetime | None


class AskBackOut(Schema):
    id: int
    request_id: int
    facility: FacilityRef
    kind: str
    label: str
    sentence: str
    options: list[str]
    addressee: str
    state: str
    asked_by: str
    asked_at: datetime
    due_at: datetime
    reminded: int
    mails: AskBackMails | None
    answer: str
    ended_by: str
    ended_at: datetime | None
    ended_reason: str
    acts: list[str]


class AskBackRow(AskBackOut):
    patient: PatientOut
    urgency: str
    modality: str
    exam_description: str
    is_reported: bool


class AskBackCounts(Schema):
    open: int
    ended: int


class AskBackListOut(Schema):
    items: list[AskBackRow]
    counts: AskBackCounts


class AskKindOut(Schema):
    code: str
    label: str
    sentence: str
    options: list[str]
    addressee: str


class AddresseeOut(Schema):
    code: str
    label: str


class AskBacksOut(Schema):
    items: list[AskBackOut]
    revision: int
    may_ask: bool
    kinds: list[AskKindOut]
    addressees: list[AddresseeOut]
    due_minutes: int
    due_choices: list[int]


class SaidAskBackOut(Schema):
    """An ask-back as a signed version says it."""

    id: int
    label: str
    sentence: str
    addressee: str
    asked_by: str
    asked_at: datetime
    due_at: datetime
    state: str
    answer: str
    facility: str
    answered_by: str
    answered_at: datetime | None = None


class TurnaroundOut(Schema):
    gross_seconds: int
    net_seconds: int
