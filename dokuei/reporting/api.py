"""HTTP door of reporting."""

from datetime import UTC, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from dokuei.identity.access import actor_of
from dokuei.reporting import queries, rules, services
from dokuei.reporting.figures.api import router as figures
from dokuei.reporting.shapes import ReportOut, SavedOut
from dokuei.worklist import queries as worklist
from dokuei.worklist.shapes import PriorReportOut

router = Router(tags=["reports"])
router.add_router("", figures)
Text = Annotated[str, Field(max_length=50_000)]


class DraftIn(Schema):
    findings: Text
    impression: Text
    revision: int


class OverrideIn(Schema):
    code: Annotated[str, Field(max_length=40)]
    reason: Annotated[str, Field(max_length=500)]


class SignIn(Schema):
    revision: int
    figures_revision: int = 0
    marks_revision: int = 0
    ask_backs_revision: int = 0
    request_version: int = 1
    overrides: Annotated[list[OverrideIn], Field(max_length=50)] = []


@router.get("/readings/{reading_id}/report", response=ReportOut)
def of_reading(request: HttpRequest, reading_id: int) -> Any:
    """The report of a reading; its reader begins one by looking."""
    actor = actor_of(request)
    return queries.report_out(actor, services.report_of_reading(actor, reading_id, at=datetime.now(UTC)))


@router.get("/readings/{reading_id}/prior-reports", response=list[PriorReportOut])
def prior_reports(request: HttpRequest, reading_id: int) -> Any:
    """Earlier signed reports about the same patient here, and of what a link shows of another facility."""
    actor = actor_of(request)
    return queries.prior_reports(actor, worklist.one(actor, reading_id))


@router.put("/reports/{report_id}/draft", response=SavedOut)
def save(request: HttpRequest, report_id: int, body: DraftIn) -> Any:
    """Keep what the reader typed."""
    report = services.save_draft(actor_of(request), report_id, **body.dict(), at=datetime.now(UTC))
    found = rules.checks(queries.draft_of(report))
    return {
        "revision": report.revision,
        "saved_at": report.saved_at,
        "checks": [vars(one) for one in found],
    }


@router.post("/reports/{report_id}/sign", response=ReportOut)
def sign(request: HttpRequest, report_id: int, body: SignIn) -> Any:
    """Sign the draft that was on the screen."""
    actor = actor_of(request)
    report = services.sign_report(
        actor,
        report_id,
        revision=body.revision,
        figures_revision=body.figures_revision,
        marks_revision=body.marks_revision,
        ask_backs_revision=body.ask_backs_revision,
        request_version=body.request_version,
        overrides={one.code: one.reason for one in body.overrides},
        at=datetime.now(UTC),
    )
    return queries.report_out(actor, queries.one(actor, report.pk))
