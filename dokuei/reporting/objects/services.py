"""Commands of exports: queue, try, plan, finish."""

from datetime import datetime

from django.db import transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.dicom.uid import make_uid
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging import services as imaging
from dokuei.reporting.models import ReportVersion
from dokuei.reporting.objects import rules
from dokuei.reporting.objects.models import Export, ExportedObject
from dokuei.reporting.objects.queries import sources_of
from dokuei.reporting.objects.rules import Act, State


@transaction.atomic
def queue_export(actor: Actor, report_id: int, version: int, *, at: datetime) -> Export | None:
    """Put the objects of a signed version on their way; None if it has none. Doing it again changes nothing."""
    require(actor, Permission.SYSTEM)
    row = ReportVersion.objects.get(report_id=report_id, number=version)
    if not rules.has_anything(row.body):
        return None
    export, is_fresh = Export.objects.get_or_create(
        report_id=report_id, version=version, defaults={"facility_id": row.facility_id, "try_at": at}
    )
    if is_fresh:
        record(Event.EXPORT_QUEUED, by=actor, of=export, at=at, report=report_id, version=version)
    return export


@transaction.atomic
def try_export(actor: Actor, export: Export, *, at: datetime) -> None:
    """Move the timer on for the next try; after many, say that it failed. The row is locked by the due loop."""
    require(actor, Permission.SYSTEM)
    state, act = State(export.state), rules.act_of(export.tries)
    if state is State.QUEUED and act is Act.GIVE_UP:
        record(Event.EXPORT_FAILED, by=actor, of=export, at=at, why=export.why, tries=export.tries)
    export.state = rules.LIFECYCLE.get((state, act), state)
    export.tries += 1
    export.try_at = at + rules.wait_after(export.tries)
    export.save(update_fields=["state", "tries", "try_at"])


@transaction.atomic
def plan_export(actor: Actor, export_id: int, *, at: datetime) -> bool:
    """Give every object its UIDs, once, and promise them to the archive; False if nothing is left to do.

    The rows are committed before a byte is written, so that whoever comes after a crash writes the same instances.
    """
    require(actor, Permission.SYSTEM)
    export = Export.objects.select_for_update(no_key=True).get(pk=export_id)
    if export.state == State.FILED:
        return False
    if export.parts.exists():
        return True
    series: dict[tuple[str, int], str] = {}
    rows = [
        ExportedObject(
            facility_id=export.facility_id,
            export=export,
            kind=one.kind,
            place=one.place,
            study_id=one.study_id,
            series_instance_uid=series.setdefault((one.kind, one.study_id), make_uid()),
            sop_instance_uid=make_uid(),
        )
        for one in sources_of(export).wanted()
    ]
    ExportedObject.objects.bulk_create(rows)
    for study_id in {one.study_id for one in rows}:
        mine = [one for one in rows if one.study_id == study_id]
        uids = [(one.series_instance_uid, one.sop_instance_uid) for one in mine]
        imaging.promise_objects(actor, study_id, uids=uids, at=at)
    return True


@transaction.atomic
def finish_export(actor: Actor, export_id: int, *, at: datetime) -> None:
    """Everything is filed."""
    require(actor, Permission.SYSTEM)
    export = Export.objects.select_for_update(no_key=True).get(pk=export_id)
    if export.state == State.FILED:
        return
    export.state = rules.LIFECYCLE[State(export.state), Act.FILE]
    export.try_at, export.filed_at, export.why = None, at, ""
    export.save(update_fields=["state", "try_at", "filed_at", "why"])
    uids = list(export.parts.order_by("pk").values_list("sop_instance_uid", flat=True))
    record(Event.EXPORT_FILED, by=actor, of=export, at=at, report=export.report_id, objects=uids)


def note_trouble(export_id: int, why: str) -> None:
    """Remember why a try came to nothing; the timer brings the next one."""
    Export.objects.filter(pk=export_id).exclude(state=State.FILED).update(why=why[:60])
