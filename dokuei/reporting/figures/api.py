"""HTTP door of marks and key images."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from dokuei.identity.access import Actor, actor_of
from dokuei.reporting import queries as reports
from dokuei.reporting import rules
from dokuei.reporting.figures import queries, services
from dokuei.reporting.figures.shapes import FigureIn, FiguresIn, FiguresOut, MarksIn, MarksOut, MarksSaved
from dokuei.reporting.models import Report

router = Router(tags=["figures"])


def _figures(actor: Actor, report_id: int) -> dict[str, Any]:
    report = reports.one(actor, report_id)
    return {
        "revision": report.figures_revision,
        "items": queries.figures_out(report),
        "checks": _checks(actor, report),
    }


def _checks(actor: Actor, report: Report) -> list[dict[str, Any]]:
    """The doubts about a draft, for whoever writes it."""
    if rules.why_not_write(rules.State(report.state), report.reading.reader_id, actor.person_id):
        return []
    return [vars(one) for one in rules.checks(reports.draft_of(report))]


@router.get("/readings/{reading_id}/marks", response=MarksOut)
def marks(request: HttpRequest, reading_id: int) -> Any:
    """What the reader of a reading drew on its images."""
    report = reports.of_reading(actor_of(request), reading_id)
    return queries.marks_out(queries.marks_of(report) if report else None)


@router.put("/readings/{reading_id}/marks", response=MarksSaved)
def save_marks(request: HttpRequest, reading_id: int, body: MarksIn) -> Any:
    """Keep what the reader drew."""
    actor = actor_of(request)
    kept = services.save_marks(
        actor,
        reading_id,
        marks=body.marks,
        links=body.links,
        revision=body.revision,
        at=datetime.now(UTC),
    )
    checks = _checks(actor, reports.one(actor, kept.report_id))
    return {"revision": kept.revision, "saved_at": kept.saved_at, "checks": checks}


@router.get("/reports/{report_id}/figures", response=FiguresOut)
def figures(request: HttpRequest, report_id: int) -> Any:
    """The key images of a report in their order."""
    return _figures(actor_of(request), report_id)


@router.post("/reports/{report_id}/figures", response=FiguresOut)
def add(request: HttpRequest, report_id: int, body: FigureIn) -> Any:
    """Store what is on the screen as a key image."""
    actor = actor_of(request)
    services.add_figure(actor, report_id, key=body.key, recipe=body.recipe, at=datetime.now(UTC))
    return _figures(actor, report_id)


@router.put("/reports/{report_id}/figures", response=FiguresOut)
def arrange(request: HttpRequest, report_id: int, body: FiguresIn) -> Any:
    """Order and captions."""
    actor = actor_of(request)
    items = [(one.id, one.caption) for one in body.items]
    services.arrange_figures(actor, report_id, revision=body.revision, items=items, at=datetime.now(UTC))
    return _figures(actor, report_id)


@router.delete("/reports/{report_id}/figures/{figure_id}", response=FiguresOut)
def remove(request: HttpRequest, report_id: int, figure_id: int) -> Any:
    """Take a key image out of a draft."""
    actor = actor_of(request)
    services.remove_figure(actor, report_id, figure_id, at=datetime.now(UTC))
    return _figures(actor, report_id)


@router.get("/reports/{report_id}/figures/{figure_id}/image")
def image(request: HttpRequest, report_id: int, figure_id: int) -> HttpResponse:
    """The picture of a key image (image/png)."""
    actor = actor_of(request)
    content = queries.picture(actor, reports.one(actor, report_id), figure_id)
    response = HttpResponse(content, content_type="image/png")
    response["Cache-Control"] = "private, no-store"
    return response
