"""Looking at the store, and what was last seen of it."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from dokuei.identity.access import system_actor
from dokuei.imaging import services
from dokuei.imaging.room.models import StoreRoom
from dokuei.imaging.room.rules import Level, Limits, Look, sentence
from dokuei.kit import store

log = logging.getLogger("dokuei.room")
WATCHER = system_actor("room")
EVERY = timedelta(seconds=5)
EVERY_OF_BUCKET = timedelta(seconds=15)
"""Of a store that is asked by writing to it."""
STALE = timedelta(seconds=90)


@dataclass(frozen=True)
class Room:
    """What is to be known of the store's room."""

    level: Level
    since: datetime
    free_bytes: int | None
    is_writable: bool
    sentence: str
    looked_at: datetime

    def is_stale(self, at: datetime) -> bool:
        """Whether nobody has looked for long."""
        return at - self.looked_at > STALE


def limits() -> Limits:
    return Limits(settings.DOKUEI.warn_below_bytes, settings.DOKUEI.disk_low_bytes)


def look_if_due(at: datetime) -> bool:
    """Look unless another process just did; in no transaction, since a store may keep one waiting."""
    last = StoreRoom.objects.values("looked_at", "free_bytes").first()
    if last is not None:
        every = EVERY_OF_BUCKET if last["free_bytes"] is None else EVERY
        if timedelta(0) <= at - last["looked_at"] < every:
            return False
    services.note_room(WATCHER, look_at(store.default()), at=at)
    return True


def look_at(place: store.Store) -> Look:
    """How much is free, and whether a small object can be made durable."""
    try:
        free = place.free_bytes()
    except OSError:
        log.exception("the store does not say what is free")
        return Look(None, is_writable=False)
    return Look(free, place.is_writable())


def room() -> Room | None:
    """What was last seen; None before anybody looked."""
    row = StoreRoom.objects.first()
    if row is None:
        return None
    level = Level(row.level)
    said = sentence(level, Look(row.free_bytes, row.is_writable), limits(), row.since)
    return Room(level, row.since, row.free_bytes, row.is_writable, said, row.looked_at)
