"""How many instances a study will have: from performed procedure steps, manifests and archives (product 9)."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.errors import Invalid, NotFound
from dokuei.dicom.uid import parse_uid
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging.archive.receiving import apply_announcements
from dokuei.imaging.counts.models import ArchiveQuestion
from dokuei.imaging.counts.rules import pause
from dokuei.imaging.errors import StepClosed, StepTaken, StepUnknown
from dokuei.imaging.models import Announcement, Instance, Study
from dokuei.imaging.rules import Source

MOST = 10**6
IN_PROGRESS, COMPLETED, DISCONTINUED = "in_progress", "completed", "discontinued"


@transaction.atomic
def announce_instances(
    actor: Actor,
    *,
    facility_id: int,
    study_uid: str,
    count: int,
    at: datetime,
    listed: Collection[str] = (),
) -> None:
    """A sender says how many instances a study has in all; the latest word counts.

    If it lists them, then who sends a study in parts need not know the whole: what was listed before and what is here
    already is added to what this part lists.
    """
    require(actor, Permission.DICOM_STORE, facility_id=facility_id)
    uid = parse_uid(study_uid)
    rows = Announcement.objects.select_for_update(no_key=True)
    before = rows.filter(facility_id=facility_id, source=Source.MANIFEST, key=uid).first()
    if listed:
        listed = {parse_uid(one) for one in listed} | set(before.listed if before else ())
        count = len(listed | _held(facility_id, uid))
    if not 0 < count < MOST:
        raise Invalid(code="study.count")
    row, _ = Announcement.objects.update_or_create(
        facility_id=facility_id,
        source=Source.MANIFEST,
        key=uid,
        defaults={
            "study_instance_uid": uid,
            "state": COMPLETED,
            "instance_count": count,
            "listed": sorted(listed),
            "said_by": actor.name,
            "at": at,
        },
    )
    record(Event.STUDY_ANNOUNCED, by=actor, of=row, at=at, instances=count)
    _apply(actor, facility_id, uid, at)


@transaction.atomic
def begin_step(actor: Actor, *, facility_id: int, uid: str, study_uid: str, at: datetime) -> None:
    """A modality performed procedure step has begun: its study is not complete before it ends (PS3.4 F.7.2.1)."""
    require(actor, Permission.DICOM_STORE, facility_id=facility_id)
    row, is_new = Announcement.objects.get_or_create(
        facility_id=facility_id,
        source=Source.MPPS,
        key=parse_uid(uid),
        defaults={
            "study_instance_uid": parse_uid(study_uid),
            "state": IN_PROGRESS,
            "said_by": actor.name,
            "at": at,
        },
    )
    if not is_new:
        raise StepTaken()
    record(Event.STUDY_ANNOUNCED, by=actor, of=row, at=at, state=IN_PROGRESS)
    _apply(actor, facility_id, row.study_instance_uid, at)


@transaction.atomic
def end_step(actor: Actor, *, facility_id: int, uid: str, state: str, count: int, at: datetime) -> None:
    """The step was completed or discontinued, having made `count` instances (PS3.4 F.7.2.2)."""
    require(actor, Permission.DICOM_STORE, facility_id=facility_id)
    rows = Announcement.objects.select_for_update(no_key=True)
    row = rows.filter(facility_id=facility_id, source=Source.MPPS, key=uid).first()
    if row is None:
        raise StepUnknown()
    if row.state != IN_PROGRESS:
        raise StepClosed()
    row.state, row.instance_count, row.said_by, row.at = state, min(count, MOST), actor.name, at
    row.save(update_fields=["state", "instance_count", "said_by", "at"])
    record(Event.STUDY_ANNOUNCED, by=actor, of=row, at=at, state=state, instances=count)
    _apply(actor, facility_id, row.study_instance_uid, at)


@transaction.atomic
def note_archive_count(actor: Actor, study_id: int, *, count: int, said_by: str, at: datetime) -> None:
    """The facility's archive was asked at `at`, and has so many instances of the study.

    Nothing may have come here for a while before, or its word only shows how many are to come.
    """
    require(actor, Permission.SYSTEM)
    study = Study.objects.select_for_update(no_key=True, of=("self",)).filter(pk=study_id).first()
    if study is None:
        raise NotFound()
    row, _ = Announcement.objects.update_or_create(
        facility_id=study.facility_id,
        source=Source.C_FIND,
        key=study.study_instance_uid,
        defaults={
            "study_instance_uid": study.study_instance_uid,
            "state": COMPLETED,
            "instance_count": min(count, MOST),
            "said_by": said_by,
            "at": at,
        },
    )
    record(Event.STUDY_COUNTED, by=actor, of=row, at=at, title=said_by, instances=count)
    settle = timedelta(seconds=settings.DOKUEI.settle_seconds)
    ArchiveQuestion.objects.filter(study=study).update(answered_at=at, tries=0, ask_at=at + pause(settle))
    is_quiet = at - study.last_received_at >= pause(settle)
    apply_announcements(actor, study, at, is_quiet=is_quiet)


def _held(facility_id: int, study_uid: str) -> set[str]:
    rows = Instance.objects.filter(
        study__facility_id=facility_id, study__study_instance_uid=study_uid, made=None
    )
    return set(rows.values_list("sop_instance_uid", flat=True))


def _apply(actor: Actor, facility_id: int, study_uid: str, at: datetime) -> None:
    rows = Study.objects.select_for_update(no_key=True, of=("self",))
    study = rows.filter(facility_id=facility_id, study_instance_uid=study_uid).first()
    if study is not None:
        apply_announcements(actor, study, at)
