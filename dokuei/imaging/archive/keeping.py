"""Keeping: an instance is read within limits, and its bytes are made durable."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings

from dokuei.dicom.alike import Alike
from dokuei.dicom.describe import Description
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging.archive.arrival import Arrival
from dokuei.imaging.archive.known import Known
from dokuei.imaging.errors import DiskLow
from dokuei.imaging.incoming import Content, Incoming, read_incoming
from dokuei.imaging.room.rules import is_refused
from dokuei.imaging.upkeep.quota import gate
from dokuei.kit import segment, store
from dokuei.kit.segment import Record, SegmentLog


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
    alike: Alike | None = None,
    sha256: str = "",
) -> Arrival:
    """Make an instance durable without listing it yet. No database but for the quota, once a second.

    Success may be answered when this returns, if the arrival is then given to `list_arrivals` or, after a crash,
    found in its segment. `known` gives, for an instance's study, SOP Instance UIDs and hashes of what was kept before:
    the same content again is not written again. `alike` and `sha256` are of `read_incoming`.
    """
    require(actor, Permission.DICOM_STORE, facility_id=facility_id)
    largest = settings.DOKUEI.max_instance_bytes
    incoming = read_incoming(
        content, transfer_syntax=transfer_syntax, largest=largest, alike=alike, sha256=sha256
    )
    found = incoming.description
    is_repeat = known is not None and known(found).get(found.sop_instance_uid) == incoming.sha256
    return arrival_of(actor, facility_id, incoming, at, is_repeat=is_repeat)


def keep_instances(
    actor: Actor, *, facility_id: int, incoming: Sequence[Incoming], at: datetime, known: Known
) -> list[Arrival]:
    """Make several instances that were read already durable with one sync; those that are listed are not written again.

    In a scope that holds the facility. As with `keep_instance`, listing follows.
    """
    require(actor, Permission.DICOM_STORE, facility_id=facility_id)
    hashes = known.of([one.description for one in incoming])
    repeats = {
        number
        for number, one in enumerate(incoming)
        if hashes.get(one.description.sop_instance_uid) == one.sha256
    }
    return arrivals_of(actor, facility_id, incoming, at, repeats=repeats)


def arrival_of(
    actor: Actor, facility_id: int, incoming: Incoming, at: datetime, *, is_repeat: bool
) -> Arrival:
    """Write what is new into the log, synced; `Unavailable` if it cannot be."""
    return arrivals_of(actor, facility_id, [incoming], at, repeats={0} if is_repeat else set())[0]


def arrivals_of(
    actor: Actor, facility_id: int, incoming: Sequence[Incoming], at: datetime, *, repeats: Collection[int]
) -> list[Arrival]:
    """Write all that is new into the log with one sync; `repeats` are the numbers of those that are not."""
    fresh = [number for number in range(len(incoming)) if number not in repeats]
    size = sum(incoming[number].size_bytes for number in fresh)
    check_room(size)
    gate.check(facility_id, size)
    records = [_record(actor, facility_id, incoming[number], at) for number in fresh]
    places = dict(zip(fresh, segments().keep(*records) if records else (), strict=True))
    return [
        Arrival(
            actor=actor,
            facility_id=facility_id,
            description=one.description,
            sha256=one.sha256,
            place=places.get(number),
            data_set_offset=one.data_set_offset,
            size_bytes=one.size_bytes,
            notes=one.notes,
            at=at,
        )
        for number, one in enumerate(incoming)
    ]


def _record(actor: Actor, facility_id: int, incoming: Incoming, at: datetime) -> Record:
    label: dict[str, Any] = {
        "facility": facility_id,
        "uid": incoming.description.sop_instance_uid,
        "by": actor.name,
        "at": at.isoformat(),
        "notes": list(incoming.notes),
    }
    return Record(label, incoming.lead, incoming.body, bytes.fromhex(incoming.sha256))


def check_room(size_bytes: int) -> None:
    """Refuse while less is free than is set, and what would eat up half of that."""
    if is_refused(store.default().free_bytes(), size_bytes, settings.DOKUEI.disk_low_bytes):
        raise DiskLow()


def close_old_segment() -> None:
    """End a segment of this process that has been open for long."""
    segments().close_if_old()
