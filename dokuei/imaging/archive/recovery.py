"""Looking through segments: whatever was acknowledged and is not listed is listed now.

Runs when the listener starts and again and again: after a crash it finds what the last process kept and did not list;
otherwise it confirms that every record of a closed segment has its row, and remembers that. What cannot be listed gets
a row for support and is tried again on its own.
"""

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from django.db import connections

from dokuei.base.errors import NotFound, Unavailable
from dokuei.imaging import services
from dokuei.imaging.archive.keeping import close_old_segment
from dokuei.imaging.archive.kept import Kept, read_back
from dokuei.imaging.archive.listing import list_arrivals
from dokuei.imaging.models import Instance, Quarantined, Segment
from dokuei.imaging.scrub.damage import whole
from dokuei.imaging.unlisted.again import retry_open
from dokuei.imaging.unlisted.models import Unlisted
from dokuei.imaging.unlisted.rules import DAMAGED, code_of
from dokuei.imaging.upkeep.models import Tombstone
from dokuei.kit import segment, store
from dokuei.kit.db import is_database_away, scope, sqlstate_of, system_scope
from dokuei.kit.segment import Found
from dokuei.kit.store import Store

log = logging.getLogger("dokuei.imaging")

TOGETHER = 100
AGAIN_SECONDS = 60.0


@dataclass
class Looked:
    """What looking through segments found."""

    segments: int = 0
    records: int = 0
    listed: int = 0
    damaged: int = 0
    unlisted: int = 0
    """Not listed, for another reason than damage, and handed to support."""
    failed: int = 0
    """Neither listed nor handed to support: their segments are looked through again."""


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
        total.unlisted += found.unlisted
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
    if result.listed or result.damaged or result.unlisted or result.failed:
        log.warning(
            "a segment held what was not listed",
            extra={
                "segment": key,
                "listed": result.listed,
                "damaged": result.damaged,
                "unlisted": result.unlisted,
                "failed": result.failed,
            },
        )
    return result


def _list_missing(place: Store, some: Sequence[Found], result: Looked) -> None:
    known = _accounted_for(some)
    for one in some:
        if (one.label["facility"], one.label["uid"], one.sha256.hex()) in known:
            continue
        try:
            _list_or_note(place, one, result)
        except Unavailable:
            raise
        except Exception as error:
            if is_database_away(error):
                raise
            result.failed += 1
            log.exception("support cannot be told of an instance", extra={"segment": one.place.key})


def _list_or_note(place: Store, one: Found, result: Looked) -> None:
    """List an instance, or hand it to support; raises if even that fails."""
    kept = Kept.of(one)
    if not segment.is_whole(place, one):
        log.error("a kept instance is damaged", extra={"segment": one.place.key, "uid": kept.uid})
        _note(kept, DAMAGED)
        result.damaged += 1
        return
    try:
        arrival = read_back(place, kept)
        with scope({kept.facility_id}):
            list_arrivals([arrival])
        result.listed += 1
    except Unavailable:
        raise
    except Exception as error:
        if is_database_away(error):
            raise
        log.exception("a kept instance could not be listed", extra={"segment": one.place.key})
        _note(kept, code_of(error, sqlstate_of(error)))
        result.unlisted += 1


def _note(kept: Kept, code: str) -> None:
    with scope({kept.facility_id}):
        services.note_unlisted(kept.sender, kept, code=code, at=datetime.now(UTC))


def _accounted_for(some: Sequence[Found]) -> set[tuple[int, str, str]]:
    uids = {one.label["uid"] for one in some}
    fields = ("facility_id", "sop_instance_uid", "sha256")
    with system_scope("segments"):
        return {
            *whole(Instance.objects.filter(sop_instance_uid__in=uids)).values_list(*fields),
            *Tombstone.objects.filter(sop_instance_uid__in=uids).values_list(*fields),
            *Quarantined.objects.filter(sop_instance_uid__in=uids).values_list(*fields),
            *Unlisted.objects.filter(sop_instance_uid__in=uids, listed_at=None).values_list(*fields),
        }


def keep_looking(stop: threading.Event) -> None:
    """Look through now and every minute until told to stop; a lost database or store is waited for."""
    is_first = True
    while True:
        try:
            close_old_segment()
            look_through(store.default())
            retry_open(datetime.now(UTC), every=is_first)
            is_first = False
        except Unavailable:
            log.warning("segments cannot be looked through now")
        except Exception as error:
            if is_database_away(error):
                log.warning("segments cannot be looked through now")
            else:
                log.exception("looking through segments failed")
        finally:
            connections.close_all()
        if stop.wait(AGAIN_SECONDS):
            return
