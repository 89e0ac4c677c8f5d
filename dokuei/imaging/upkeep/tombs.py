"""Instances that were removed, met again."""

from collections.abc import Collection
from datetime import datetime

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.identity.access import Actor
from dokuei.imaging.upkeep.models import Tombstone

Named = tuple[int, str, str]
"""Facility, SOP Instance UID and hash."""


def buried(wanted: Collection[Named]) -> dict[Named, Tombstone]:
    """Which of these were here and were removed."""
    rows = Tombstone.objects.filter(sop_instance_uid__in={uid for _, uid, _ in wanted})
    found = {(row.facility_id, row.sop_instance_uid, row.sha256): row for row in rows}
    return {one: found[one] for one in wanted if one in found}


def note_buried(actor: Actor, row: Tombstone, at: datetime) -> int:
    """Write down that a removed instance came again; the id of its study."""
    record(Event.INSTANCE_NOT_RESTORED, by=actor, of=row, at=at, study_id=row.study_id, reason=row.reason)
    return row.study_id
