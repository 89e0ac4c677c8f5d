"""Looking through segments: whatever was acknowledged and is not listed is listed now.

Runs when the listener starts and again and again: after a crash it finds what the last process kept and did not list;
otherwise it confirms that every record of a closed segment has its row, and remembers that.
"""

import logging
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.db import connections

from dokuei.base.errors import DokueiError, NotFound, Unavailable
from dokuei.identity.access import Actor, Permission
from dokuei.imaging.archive.arrival import Arrival
from dokuei.imaging.archive.keeping import close_old_segment
from dokuei.imaging.archive.listing import list_arrivals
from dokuei.imaging.incoming import read_incoming
from dokuei.imaging.models import Instance, Quarantined, Segment
from dokuei.imaging.scrub.damage import whole
from dokuei.imaging.upkeep.models import Tombstone
from dokuei.kit import segment, store
from dokuei.kit.db import scope, system_scope
from dokuei.kit.http import DATABASE_GONE
from dokuei.kit.segment import Found
from dokuei.kit.store import Store

log = logging.getLogger("dokuei.imaging")

TOGETHER = 100
AGAIN_SECONDS = 60.0
IN_MEMORY = 32 * 1024**2


@dataclass
class Looked:
    """What looking through segments found."""

    segments: int = 0
    records: int = 0
    listed: int = 0
    damaged: int = 0
    failed: int = 0


def look_through(place: Store) -> Looked:
    """Look through every segment that nobody writes and that was not confirmed before."""
    total = Looked()
    with system_scope("segments"):
        confirmed = set(Segment.objects.values_list("key", flat=True))
    for key in list(place.keys(segment.PREFIX)):
        if key in confirmed or segment.is_being_written(place, key):
            continue
        try:
            found = _look_through(place, key)
        except NotFound:  # taken away meanwhile: everything in it lies elsewhere
            continue
        total.segments += 1
        total.records += found.records
        total.listed += found.listed
        total.damaged += found.damaged
        total.failed += found.failed
    return total


def _look_through(place: Store, key: str) -> Looked:
    result = Looked()
    records = segment.read_records(place, key)
    while some := list(islice(records, TOGETHER)):
        result.records += len(some)
        _list_missing(place, some, result)
    if not result.failed:
        with system_scope("segments"):
            Segment.objects.get_or_create(
                key=key,
                defaults={
                    "records": result.records,
                    "damaged": result.damaged,
                    "listed_at": datetime.now(UTC),
                },
            )
    if result.listed or result.damaged or result.failed:
        log.warning(
            "a segment held what was not listed",
            extra={
                "segment": key,
                "listed": result.listed,
                "damaged": result.damaged,
                "failed": result.failed,
            },
        )
    return result


def _list_missing(place: Store, some: Sequence[Found], result: Looked) -> None:
    known = _listed(some)
    for one in some:
        if (one.label["facility"], one.label["uid"], one.sha256.hex()) in known:
            continue
        if not segment.is_whole(place, one):
            result.damaged += 1
            log.error("a kept instance is damaged", extra={"segment": one.place.key, "uid": one.label["uid"]})
            continue
        try:
            arrival = _arrival(place, one)
            with scope({arrival.facility_id}):
                list_arrivals([arrival])
            result.listed += 1
        except (Unavailable, *DATABASE_GONE):
            raise
        except Exception:
            result.failed += 1
            log.exception("a kept instance could not be listed", extra={"segment": one.place.key})


def _listed(some: Sequence[Found]) -> set[tuple[int, str, str]]:
    uids = {one.label["uid"] for one in some}
    fields = ("facility_id", "sop_instance_uid", "sha256")
    with system_scope("segments"):
        return {
            *whole(Instance.objects.filter(sop_instance_uid__in=uids)).values_list(*fields),
            *Tombstone.objects.filter(sop_instance_uid__in=uids).values_list(*fields),
            *Quarantined.objects.filter(sop_instance_uid__in=uids).values_list(*fields),
        }


def _arrival(place: Store, one: Found) -> Arrival:
    facility_id = int(one.label["facility"])
    actor = Actor(
        kind="machine",
        name=str(one.label["by"]),
        permissions=frozenset({Permission.DICOM_STORE}),
        facilities=frozenset({facility_id}),
    )
    with tempfile.NamedTemporaryFile(prefix="dokuei-segment-") as spool:
        for part in _parts(place, one):
            spool.write(part)
        spool.flush()
        incoming = read_incoming(
            Path(spool.name), transfer_syntax=None, largest=settings.DOKUEI.max_instance_bytes
        )
    if incoming.sha256 != one.sha256.hex():
        raise DokueiError("the record reads differently from when it was kept", code="segment.differs")
    return Arrival(
        actor=actor,
        facility_id=facility_id,
        description=incoming.description,
        sha256=incoming.sha256,
        place=one.place,
        data_set_offset=incoming.data_set_offset,
        size_bytes=incoming.size_bytes,
        notes=tuple(one.label["notes"]),
        at=datetime.fromisoformat(one.label["at"]),
    )


def _parts(place: Store, one: Found) -> Iterator[bytes]:
    end = one.place.offset + one.place.length
    for at in range(one.place.offset, end, IN_MEMORY):
        yield place.get_range(one.place.key, at, min(IN_MEMORY, end - at))


def keep_looking(stop: threading.Event) -> None:
    """Look through now and every minute until told to stop; a lost database or store is waited for."""
    while True:
        try:
            close_old_segment()
            look_through(store.default())
        except (Unavailable, *DATABASE_GONE):
            log.warning("segments cannot be looked through now")
        except Exception:
            log.exception("looking through segments failed")
        finally:
            connections.close_all()
        if stop.wait(AGAIN_SECONDS):
            return
