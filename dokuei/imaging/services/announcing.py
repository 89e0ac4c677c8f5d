"""How many instances a study will have, as announced by performed procedure steps and manifests (product 9)."""

from datetime import datetime

from django.db import transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.errors import Invalid
from dokuei.dicom.uid import parse_uid
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging.archive.receiving import apply_announcements
from dokuei.imaging.errors import StepClosed, StepTaken, StepUnknown
from dokuei.imaging.models import Announcement, Study

MOST = 10**6
IN_PROGRESS, COMPLETED, DISCONTINUED = "in_progress", "completed", "discontinued"


@transaction.atomic
def announce_instances(actor: Actor, *, facility_id: int, study_uid: str, count: int, at: datetime) -> None:
    """A sender says how many instances a study has in all; the latest word counts."""
    require(actor, Permission.DICOM_STORE, facility_id=facility_id)
    if not 0 < count < MOST:
        raise Invalid(code="study.count")
    uid = parse_uid(study_uid)
    row, _ = Announcement.objects.update_or_create(
        facility_id=facility_id,
        source="manifest",
        key=uid,
        defaults={"study_instance_uid": uid, "state": COMPLETED, "instance_count": count, "at": at},
    )
    record(Event.STUDY_ANNOUNCED, by=actor, of=row, at=at, instances=count)
    _apply(actor, facility_id, uid, at)


@transaction.atomic
def begin_step(actor: Actor, *, facility_id: int, uid: str, study_uid: str, at: datetime) -> None:
    """A modality performed procedure step has begun: its study is not complete before it ends (PS3.4 F.7.2.1)."""
    require(actor, Permission.DICOM_STORE, facility_id=facility_id)
    row, is_new = Announcement.objects.get_or_create(
        facility_id=facility_id,
        source="mpps",
        key=parse_uid(uid),
        defaults={"study_instance_uid": parse_uid(study_uid), "state": IN_PROGRESS, "at": at},
    )
    if not is_new:
        raise StepTaken()
    record(Event.STUDY_ANNOUNCED, by=actor, of=row, at=at, state=IN_PROGRESS)
    _apply(actor, facility_id, row.study_instance_uid, at)


@transaction.atomic
def end_step(actor: Actor, *, facility_id: int, uid: str, state: str, count: int, at: datetime) -> None:
    """The step was completed or discontinued, having made `count` instances (PS3.4 F.7.2.2)."""
    require(actor, Permission.DICOM_STORE, facility_id=facility_id)
    rows = Announcement.objects.select_for_update()
    row = rows.filter(facility_id=facility_id, source="mpps", key=uid).first()
    if row is None:
        raise StepUnknown()
    if row.state != IN_PROGRESS:
        raise StepClosed()
    row.state, row.instance_count, row.at = state, min(count, MOST), at
    row.save(update_fields=["state", "instance_count", "at"])
    record(Event.STUDY_ANNOUNCED, by=actor, of=row, at=at, state=state, instances=count)
    _apply(actor, facility_id, row.study_instance_uid, at)


def _apply(actor: Actor, facility_id: int, study_uid: str, at: datetime) -> None:
    rows = Study.objects.select_for_update(of=("self",))
    study = rows.filter(facility_id=facility_id, study_instance_uid=study_uid).first()
    if study is not None:
        apply_announcements(actor, study, at)
