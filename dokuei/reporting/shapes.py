"""How a report goes out over HTTP."""

from datetime import datetime

from ninja import Schema

from dokuei.intake.shapes import SaidAskBackOut
from dokuei.reporting.figures.shapes import FigureOut
from dokuei.worklist.shapes import ReaderRef


class CheckOut(Schema):
    code: str
    sentence: str
    severity: str


class VersionOut(Schema):
    number: int
    kind: str
    findings: str
    impression: str
    signed_at: datetime
    signed_by: str
    ask_backs: list[SaidAskBackOut]
    sha256: str
    pdf_url: str


class ReportOut(Schema):
    id: int
    reading_id: int
    state: str
    findings: str
    impression: str
    revision: int
    figures_revision: int
    figures: list[FigureOut]
    saved_at: datetime
    acts: list[str]
    author: ReaderRef | None
    checks: list[CheckOut]
    missing_sentence: str
    versions: list[VersionOut]


class SavedOut(Schema):
    revision: int
    saved_at: datetime
    checks: list[CheckOut]
