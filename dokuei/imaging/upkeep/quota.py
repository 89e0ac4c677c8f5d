"""What a facility uses, and whether more fits; asked before anything is kept."""

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import Sum

from dokuei.imaging.errors import QuotaExceeded
from dokuei.imaging.upkeep.models import StoredBytes, Terms
from dokuei.kit.db import scope

BELIEVED_SECONDS = 1.0

SUM_UP = """
with gone as (delete from imaging_storedbytes returning facility_id, size_bytes, instances)
insert into imaging_storedbytes (facility_id, size_bytes, instances)
select facility_id, sum(size_bytes), sum(instances) from gone group by facility_id
"""


@dataclass(frozen=True)
class Use:
    """What a facility has listed, and how much it may."""

    used_bytes: int
    instances: int
    quota_bytes: int | None


def use_of(facility_id: int) -> Use:
    """What is listed of a facility. In a scope that holds it."""
    found = StoredBytes.objects.filter(facility_id=facility_id).aggregate(
        size=Sum("size_bytes"), count=Sum("instances")
    )
    quota = Terms.objects.filter(facility_id=facility_id).values_list("quota_bytes", flat=True).first()
    return Use(found["size"] or 0, found["count"] or 0, quota)


def note_stored(listed: Iterable[tuple[int, int]]) -> None:
    """Add what was listed: facility and bytes of each instance."""
    found: dict[int, StoredBytes] = {}
    for facility_id, size in listed:
        row = found.setdefault(facility_id, StoredBytes(facility_id=facility_id, size_bytes=0, instances=0))
        row.size_bytes += size
        row.instances += 1
    StoredBytes.objects.bulk_create(found.values())


def note_removed(facility_id: int, size_bytes: int, instances: int) -> None:
    """Take off what was removed."""
    StoredBytes.objects.create(facility_id=facility_id, size_bytes=-size_bytes, instances=-instances)


def sum_up() -> None:
    """Make one row a facility of all its changes."""
    with connection.cursor() as cursor:
        cursor.execute(SUM_UP)


class Gate:
    """Remembers for a second how much of each facility still fits, and counts what this process lets in meanwhile.

    So a stream of instances asks once a second; several processes together may let in what arrives within a second
    too much.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left: dict[int, tuple[float, int | None]] = {}

    def check(self, facility_id: int, size_bytes: int) -> None:
        """Let this many bytes in, or refuse."""
        with self._lock:
            asked_at, left = self._left.get(facility_id, (0.0, None))
        if time.monotonic() - asked_at > BELIEVED_SECONDS:
            asked_at, left = time.monotonic(), _left(facility_id)
            with self._lock:
                self._left[facility_id] = (asked_at, left)
        if left is None or not size_bytes:
            return
        with self._lock:
            asked_at, now = self._left[facility_id]
            if now is not None and size_bytes > now:
                raise QuotaExceeded()
            self._left[facility_id] = (asked_at, None if now is None else now - size_bytes)

    def forget(self) -> None:
        """Ask again at the next instance."""
        with self._lock:
            self._left.clear()


def _left(facility_id: int) -> int | None:
    if connection.in_atomic_block:  # of a caller that has set its scope
        use = use_of(facility_id)
    else:
        with scope({facility_id}):
            use = use_of(facility_id)
    return None if use.quota_bytes is None else use.quota_bytes - use.used_bytes


gate = Gate()
