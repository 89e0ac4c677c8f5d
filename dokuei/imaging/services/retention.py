"""Legal hold, and removing images that have been kept as long as was contracted."""

from datetime import datetime
from typing import Any

from django.db import transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.errors import NotFound, refuse
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging import rules
from dokuei.imaging.models import Instance, Quarantined, StoredMetadata, Study
from dokuei.imaging.packs.models import Pack
from dokuei.imaging.rules import Act, Receipt
from dokuei.imaging.scrub.models import Damage
from dokuei.imaging.upkeep.models import LegalHold, Tombstone
from dokuei.imaging.upkeep.quota import note_removed
from dokuei.imaging.upkeep.retention import is_due

RETENTION = "retention"


@transaction.atomic
def hold_legally(actor: Actor, *, facility_id: int, study_uid: str, reason: str, at: datetime) -> LegalHold:
    """Keep the images of a study whatever was contracted; a study that is held already stays so for its reason."""
    require(actor, Permission.FACILITY_MANAGE, facility_id=facility_id)
    study = _locked(facility_id, study_uid)
    if not reason.strip():
        raise refuse(rules.ReceiptRefusal.NO_REASON)
    row, is_new = LegalHold.objects.get_or_create(
        study=study,
        ended_at=None,
        defaults={
            "facility_id": facility_id,
            "reason": reason.strip()[:200],
            "by": actor.label[:80],
            "since": at,
        },
    )
    if is_new:
        record(Event.LEGAL_HOLD_SET, by=actor, of=study, at=at, hold=row.pk)
    return row


@transaction.atomic
def end_legal_hold(actor: Actor, *, facility_id: int, study_uid: str, reason: str, at: datetime) -> None:
    """Let retention count again, for a reason that stays in the trail's object."""
    require(actor, Permission.FACILITY_MANAGE, facility_id=facility_id)
    study = _locked(facility_id, study_uid)
    if not reason.strip():
        raise refuse(rules.ReceiptRefusal.NO_REASON)
    row = LegalHold.objects.select_for_update(no_key=True).filter(study=study, ended_at=None).first()
    if row is None:
        raise NotFound()
    row.ended_at = at
    row.reason = f"{row.reason} → {reason.strip()}"[:200]
    row.save(update_fields=["ended_at", "reason"])
    record(Event.LEGAL_HOLD_ENDED, by=actor, of=study, at=at, hold=row.pk)


@transaction.atomic
def remove_images(actor: Actor, study_id: int, *, at: datetime) -> int:
    """Remove the images of a study that is past its retention; how many went, 0 if it is needed now.

    The study, its reports and its trail stay. Of each image a tombstone stays, so that it does not come back by being
    sent again. The bytes go later, when no row names their object.
    """
    require(actor, Permission.SYSTEM)
    study = Study.objects.select_for_update(no_key=True).filter(pk=study_id).first()
    if study is None or not is_due(study, at):
        return 0
    rows = list(Instance.objects.filter(study=study).order_by("pk"))
    others = list(Quarantined.objects.filter(study=study))
    Tombstone.objects.bulk_create(
        (_tombstone(actor, study, one, at) for one in [*rows, *others]), ignore_conflicts=True
    )
    for table in (Damage, Pack, StoredMetadata, Quarantined, Instance):
        table._base_manager.filter(study=study).delete()
    note_removed(study.facility_id, sum(one.store_length for one in rows), len(rows))
    study.receipt = (rules.LIFECYCLE[Receipt(study.receipt), Act.WITHDRAW] or Receipt.WITHDRAWN).value
    study.settle_due_at = None
    study.save(update_fields=["receipt", "settle_due_at"])
    record(
        Event.IMAGES_REMOVED,
        by=actor,
        of=study,
        at=at,
        reason=RETENTION,
        instances=[[one.pk, one.sha256] for one in rows],
        quarantined=[[one.pk, one.sha256] for one in others],
    )
    return len(rows)


def _tombstone(actor: Actor, study: Study, one: Any, at: datetime) -> Tombstone:
    return Tombstone(
        facility_id=study.facility_id,
        study=study,
        sop_class_uid=getattr(one, "sop_class_uid", ""),
        sop_instance_uid=one.sop_instance_uid,
        sha256=one.sha256,
        reason=RETENTION,
        by=actor.label[:80],
        removed_at=at,
    )


def _locked(facility_id: int, study_uid: str) -> Study:
    rows = Study.objects.select_for_update(no_key=True, of=("self",))
    study = rows.filter(facility_id=facility_id, study_instance_uid=study_uid).first()
    if study is None:
        raise NotFound()
    return study
