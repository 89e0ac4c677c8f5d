"""Deleting objects no row names: twice looked at, a day apart, and never while a backup is made."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging.models import Instance, Quarantined, Segment, StoredMetadata
from dokuei.imaging.packs.models import Pack
from dokuei.imaging.unlisted.models import Unlisted
from dokuei.imaging.upkeep.models import Orphan
from dokuei.kit import store
from dokuei.kit.db import may_delete_objects

GRACE = timedelta(days=1)
DERIVED = re.compile(r"\d+/(packs|metadata)/.+")


@transaction.atomic
def sweep(actor: Actor, *, at: datetime) -> int:
    """Note what no row names and delete what nothing has named for a day; how many objects went.

    A segment goes only when it was looked through without finding damage and neither an instance nor a quarantined one
    lies in it: segments that can still be written to, or hold what is not listed, are never asked about.
    """
    require(actor, Permission.SYSTEM)
    unnamed = {*_dead_segments(at), *_unnamed_derived()}
    Orphan.objects.exclude(key__in=unnamed).delete()
    known = set(Orphan.objects.values_list("key", flat=True))
    Orphan.objects.bulk_create(Orphan(key=key, seen_at=at) for key in sorted(unnamed - known))
    if not may_delete_objects():
        return 0
    old = sorted(Orphan.objects.filter(seen_at__lte=at - GRACE).values_list("key", flat=True))
    for key in old:
        store.default().delete(key)
    Orphan.objects.filter(key__in=old).delete()
    Segment.objects.filter(key__in=old).delete()
    if old:
        record(Event.OBJECTS_SWEPT, by=actor, at=at, objects=old)
    return len(old)


def _dead_segments(at: datetime) -> set[str]:
    """Confirmed segments without a live row. Read in this order: a row only ever names a segment that is newer."""
    closed = set(Segment.objects.filter(damaged=0, listed_at__lte=at - GRACE).values_list("key", flat=True))
    live: set[str] = set()
    for table in (Instance, Quarantined):
        live.update(table._base_manager.order_by().values_list("store_key", flat=True).distinct())
    live.update(Unlisted.objects.filter(listed_at=None).values_list("store_key", flat=True))
    return closed - live


def _unnamed_derived() -> Iterator[str]:
    """Packs and metadata nothing names: replaced, or left by a crash before their row."""
    named = {
        *Pack.objects.values_list("store_key", flat=True),
        *StoredMetadata.objects.values_list("store_key", flat=True),
    }
    for key in store.default().keys(""):
        if DERIVED.fullmatch(key) and key not in named:
            yield key
