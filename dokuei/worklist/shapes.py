"""How a reading goes out over HTTP."""

from datetime import datetime

from ninja import Schema

from dokuei.imaging.shapes import FacilityRef
from dokuei.intake.shapes import CompletenessOut, HistoryOut, RequestOut, TurnaroundOut
from dokuei.patients.shapes import PatientOut
from dokuei.priors.shapes import PriorsOut


class WaitOut(Schema):
    what: str
    label: str
    owner: str
    until: str = ""


class ReaderRef(Schema):
    id: int
    name: str


class RefusalOut(Schema):
    code: str
    sentence: str


class ReadingRow(Schema):
    id: int
    state: str
    waits_for: list[WaitOut]
    urgency: str
    due_at: datetime
    clock_started_at: datetime
    warned: int
    patient: PatientOut
    facility: FacilityRef
    modality: str
    body_part: str
    exam_description: str
    question: str
    study_at: datetime | None
    instance_count: int
    expected_count: int | None
    priors: PriorsOut
    completeness: CompletenessOut
    reader: ReaderRef | None
    claimed_at: datetime | None
    lease_until: datetime | None
    read_at: datetime | None
    acts: list[str]
    refusal: RefusalOut | None
    request_id: int
    asked_now: int
    """Ask-backs without an answer yet."""
    is_unchecked: bool
    """Transcribed from paper, and nobody else has checked it yet."""


class Counts(Schema):
    open: int
    mine: int
    done_today: int
    overdue: int


class ReadingsOut(Schema):
    items: list[ReadingRow]
    counts: Counts


class PriorReportOut(Schema):
    report_id: int
    version: int
    elsewhere: str
    """The name of another facility whose report it is; else empty."""
    signed_at: datetime
    signed_by: str
    exam: str
    findings: str
    impression: str


class ReadingOut(ReadingRow):
    request: RequestOut
    history: list[HistoryOut]
    turnaround: TurnaroundOut
