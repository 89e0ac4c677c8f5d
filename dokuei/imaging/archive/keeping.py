"""Keeping: an instance is read within limits, and its bytes are made durable."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings

from dokuei.dicom.describe import Description
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging.archive.listing import Arrival
from dokuei.imaging.errors import DiskLow
from dokuei.imaging.incoming import Content, Incoming, read_incoming
from dokuei.kit import segment, store
from dokuei.kit.segment import Place, SegmentLog


@lru_cache(1)
def segments() -> SegmentLog:
    """This process's log of what was acknowledged."""
    return segment.open_log(store.default())


def keep_instance(
    actor: Actor,
    *,
    facility_id: int,
    content: Content,
    at: datetime,
    transfer_syntax: str | None = None,
    known: Callable[[Description], Mapping[str, str]] | None = None,
) -> Arrival:
    """Make an instance durable without listing it yet. No database.

    Success may be answered when this returns, if the arrival is then given to `list_arrivals` or, after a crash,
    found in its segment. `known` gives, for an instance's study, SOP Instance UIDs and hashes of what was kept before:
    the same content again is not written again.
    """
    require(actor, Permission.DICOM_STORE, facility_id=facility_id)
    largest = settings.DOKUEI.max_instance_bytes
    incoming = read_incoming(content, transfer_syntax=transfer_syntax, largest=largest)
    found = incoming.description
    is_repeat = known is not None and known(found).get(found.sop_instance_uid) == incoming.sha256
    return arrival_of(actor, facility_id, incoming, at, is_repeat=is_repeat)


def arrival_of(
    actor: Actor, facility_id: int, incoming: Incoming, at: datetime, *, is_repeat: bool
) -> Arrival:
    """Write what is new into the log, synced; `Unavailable` if it cannot be."""
    place = None if is_repeat else _keep(actor, facility_id, incoming, at)
    return Arrival(
        actor=actor,
        facility_id=facility_id,
        description=incoming.description,
        sha256=incoming.sha256,
        place=place,
        data_set_offset=incoming.data_set_offset,
        size_bytes=incoming.size_bytes,
        notes=incoming.notes,
        at=at,
    )


def _keep(actor: Actor, facility_id: int, incoming: Incoming, at: datetime) -> Place:
    check_room(incoming.size_bytes)
    label: dict[str, Any] = {
        "facility": facility_id,
        "uid": incoming.description.sop_instance_uid,
        "by": actor.name,
        "at": at.isoformat(),
        "notes": list(incoming.notes),
    }
    return segments().keep(label, incoming.lead, incoming.body, bytes.fromhex(incoming.sha256))


def check_room(size_bytes: int) -> None:
    """Refuse what would leave less free space than is set."""
    free = store.default().free_bytes()
    if free is not None and free - size_bytes < settings.DOKUEI.disk_low_bytes:
        raise DiskLow()


def close_old_segment() -> None:
    """End a segment of this process that has been open for long."""
    segments().close_if_old()
