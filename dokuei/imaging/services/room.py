"""How much room the store has: each crossing of a level is told once."""

import logging
from datetime import datetime

from django.conf import settings
from django.db import transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging.room.models import StoreRoom
from dokuei.imaging.room.rules import Level, Limits, Look, level_of

log = logging.getLogger("dokuei.room")
REACHED = {
    Level.ENOUGH: Event.STORE_ROOM_BACK,
    Level.LOW: Event.STORE_RAN_LOW,
    Level.REFUSING: Event.STORE_REFUSING,
}


@transaction.atomic
def note_room(actor: Actor, look: Look, *, at: datetime) -> bool:
    """Write down what was seen at `at`; whether a level was crossed, which is told in the trail and on open screens.

    The row is locked before it is compared, and what was seen before the last look is too late to count.
    """
    require(actor, Permission.SYSTEM)
    StoreRoom.objects.get_or_create(pk=1, defaults={"since": at, "looked_at": at})
    row = StoreRoom.objects.select_for_update(no_key=True).get()
    if row.looked_at > at:
        return False
    config = settings.DOKUEI
    before = Level(row.level)
    now = level_of(look, Limits(config.warn_below_bytes, config.disk_low_bytes), before)
    row.free_bytes, row.is_writable, row.looked_at = look.free_bytes, look.is_writable, at
    if now is not before:
        row.level, row.since = now.value, at
    row.save()
    if now is not before:
        _tell(actor, row, before, now, at)
    return now is not before


def _tell(actor: Actor, row: StoreRoom, before: Level, now: Level, at: datetime) -> None:
    is_back = before is Level.REFUSING and now is Level.LOW
    event = Event.STORE_ROOM_BACK if is_back else REACHED[now]
    record(
        event,
        by=actor,
        of=row,
        at=at,
        level=now.value,
        free_bytes=row.free_bytes,
        is_writable=row.is_writable,
    )
    said = {"level": now.value, "was": before.value, "free_bytes": row.free_bytes}
    if event is Event.STORE_ROOM_BACK:
        log.warning("there is room in the store again", extra=said)
    else:
        log.error("the store runs out of room", extra=said)
