"""Writing objects as background work: one job an export, one at a time."""

import logging
from datetime import UTC, datetime

from dokuei.base.errors import DokueiError
from dokuei.identity.access import system_actor
from dokuei.imaging import services as imaging
from dokuei.kit.db import system_scope
from dokuei.kit.tasks import defer_once, task
from dokuei.reporting.objects import services
from dokuei.reporting.objects.making import Maker
from dokuei.reporting.objects.models import Export
from dokuei.reporting.objects.queries import sources_of

log = logging.getLogger("dokuei.objects")
WRITER = system_actor("objects")
PRIORITY = -5


def queue_writing(export_id: int) -> None:
    """Queue the writing of one export in the current transaction."""
    defer_once(write_objects, f"export:{export_id}", lock="exports", priority=PRIORITY, export_id=export_id)


@task("dokuei.write_objects")
def write_objects(export_id: int) -> None:
    """Write what is not yet filed; whatever stands in the way, the timer brings another try."""
    try:
        write(export_id, at=datetime.now(UTC))
    except Exception as error:
        why = error.error_code if isinstance(error, DokueiError) else type(error).__name__
        with system_scope("objects"):
            services.note_trouble(export_id, why)
        if not isinstance(error, DokueiError):
            raise
        log.warning("objects of a report were not written", extra={"export": export_id, "why": why})


def write(export_id: int, *, at: datetime) -> None:
    """Plan, make and file. Killed anywhere, the next run goes on: UIDs are kept, what is listed is left alone."""
    with system_scope("objects"):
        if not services.plan_export(WRITER, export_id, at=at):
            return
    with system_scope("objects"):
        export = Export.objects.select_related("report__reading").get(pk=export_id)
        maker = Maker(sources_of(export), list(export.parts.all()))
    for made in maker.make():
        with system_scope("objects"):
            imaging.file_object(WRITER, made.study_id, sop_uid=made.sop_uid, content=made.content, at=at)
    with system_scope("objects"):
        services.finish_export(WRITER, export_id, at=at)
