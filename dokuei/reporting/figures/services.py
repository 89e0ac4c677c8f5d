"""Commands on marks and key images: save, add, arrange, remove."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.errors import NotFound, refuse
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging import queries as imaging
from dokuei.kit import store
from dokuei.reporting import hold
from dokuei.reporting.errors import ImageNotSeen, MarksConflict
from dokuei.reporting.figures import queries, rules
from dokuei.reporting.figures.drawing import Drawn, draw
from dokuei.reporting.figures.models import Figure, Marks
from dokuei.reporting.figures.rules import FigureRefusal
from dokuei.reporting.figures.shapes import LinkIn, MarkIn, Recipe
from dokuei.reporting.models import Report


@transaction.atomic
def save_marks(
    actor: Actor,
    reading_id: int,
    *,
    marks: Sequence[MarkIn],
    links: Sequence[LinkIn],
    revision: int,
    at: datetime,
) -> Marks:
    """Keep what the reader drew; a save against an older revision is refused with the newer marks."""
    require(actor, Permission.REPORT_WRITE)
    report = hold.held(actor, reading_id=reading_id)
    kept, _ = Marks.objects.get_or_create(
        report=report, defaults={"facility_id": report.facility_id, "saved_at": at}
    )
    if revision != kept.revision:
        raise MarksConflict(theirs=queries.marks_out(kept))
    _must_be_seen(actor, report, marks)
    kept.marks = [one.model_dump(mode="json") for one in marks]
    kept.links = [one.model_dump(mode="json") for one in links]
    kept.revision += 1
    kept.saved_at, kept.author_id = at, actor.person_id
    kept.save(update_fields=["marks", "links", "revision", "saved_at", "author"])
    record(Event.MARKS_SAVED, by=actor, of=report, at=at, revision=kept.revision, marks=len(kept.marks))
    return kept


@transaction.atomic
def add_figure(actor: Actor, report_id: int, *, key: str, recipe: Recipe, at: datetime) -> Report:
    """Store what is on the reader's screen as the report's last figure; the same key again changes nothing.

    The picture is drawn before anything is locked. Without its picture there is no figure.
    """
    require(actor, Permission.REPORT_WRITE)
    report = hold.may_write(actor, pk=report_id)
    if Figure.objects.filter(report=report, key=key).exists():
        return report
    drawn = draw(queries.seen_studies(actor, report), recipe, report.patient, report.facility.name)
    report = hold.held(actor, pk=report_id)
    before = queries.figures_of(report)
    if any(one.key == key for one in before):
        return report
    if len(before) >= rules.MOST_FIGURES:
        raise refuse(FigureRefusal.MOST)
    figure = _kept(report, key, recipe, drawn, place=(before[-1].place if before else 0) + 1, at=at)
    _touch(report)
    record(
        Event.FIGURE_ADDED, by=actor, of=report, at=at,
        figure=figure.pk, sha256=figure.picture_sha256, **drawn.source,
    )  # fmt: skip
    return report


@transaction.atomic
def arrange_figures(
    actor: Actor, report_id: int, *, revision: int, items: Sequence[tuple[int, str]], at: datetime
) -> Report:
    """Give the report's figures a new order and new captions; `items` names each of them once."""
    require(actor, Permission.REPORT_WRITE)
    report = hold.held(actor, pk=report_id)
    known = {one.pk: one for one in queries.figures_of(report)}
    if revision != report.figures_revision or sorted(known) != sorted(pk for pk, _ in items):
        raise refuse(FigureRefusal.CHANGED)
    _remember_meaning(report)
    for place, (pk, caption) in enumerate(items, start=1):
        Figure.objects.filter(pk=pk).update(place=place, caption=caption.strip())
    _touch(report)
    record(Event.FIGURES_ARRANGED, by=actor, of=report, at=at, figures=[pk for pk, _ in items])
    return report


@transaction.atomic
def remove_figure(actor: Actor, report_id: int, figure_id: int, *, at: datetime) -> Report:
    """Take a figure out of a draft; those behind it move up. Its picture stays in the store."""
    require(actor, Permission.REPORT_WRITE)
    report = hold.held(actor, pk=report_id)
    figure = Figure.objects.filter(report=report, pk=figure_id).first()
    if figure is None:
        raise NotFound()
    _remember_meaning(report)
    sha256 = figure.picture_sha256
    figure.delete()
    _touch(report)
    record(Event.FIGURE_REMOVED, by=actor, of=report, at=at, figure=figure_id, sha256=sha256)
    return report


def _must_be_seen(actor: Actor, report: Report, marks: Sequence[MarkIn]) -> None:
    """Every mark lies on a frame, or on a plane of a series, of a study this reading may see.

    Whether a series still holds a plane's stack is not asked: a mark is kept, and told as such, when it does not.
    """
    if not marks:
        return
    studies = queries.seen_studies(actor, report)
    frames = [(one.sop_instance_uid, one.frame_number or 0) for one in marks if one.sop_instance_uid]
    series = {one.plane.series_instance_uid for one in marks if one.plane}
    known = imaging.frames_of(studies, {uid for uid, _ in frames}) if frames else {}
    seen = imaging.series_seen(studies, series) if series else set()
    if seen != series or any(number > known.get(uid, 0) for uid, number in frames):
        raise ImageNotSeen()


def _kept(report: Report, key: str, recipe: Recipe, drawn: Drawn, *, place: int, at: datetime) -> Figure:
    """The picture first, then the row that names it."""
    digest = hashlib.sha256(drawn.png).hexdigest()
    where = f"reports/{report.facility_id}/{report.pk}/figure-{digest}.png"
    store.default().put(where, drawn.png)
    return Figure.objects.create(
        facility_id=report.facility_id,
        report=report,
        key=key,
        place=place,
        recipe=recipe.model_dump(mode="json"),
        facts=drawn.facts,
        picture_key=where,
        picture_bytes=len(drawn.png),
        picture_sha256=digest,
        made_at=at,
    )


def _touch(report: Report) -> None:
    report.figures_revision += 1
    report.save(update_fields=["figures_revision", "figures_meant"])


def _remember_meaning(report: Report) -> None:
    """What the text means by its numbers, while they still stand for the pictures they were written about."""
    refs = rules.figures_named(f"{report.findings}\n{report.impression}")
    known: dict[str, Any] = report.figures_meant or {}
    if known.get("refs") == refs:
        return
    numbers = {str(number): one.pk for number, one in enumerate(queries.figures_of(report), start=1)}
    report.figures_meant = {"refs": refs, "meant": numbers} if refs else None
