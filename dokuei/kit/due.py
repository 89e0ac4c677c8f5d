"""Things that fall due: a time in a column of the domain row, and a loop that takes each row once.

The timer is created, moved and ended in the same transaction as the change it belongs to. The loop locks one due row
with SKIP LOCKED, so any number of workers may run it; a killed one frees its lock at once and the row is simply still
due. `advance` must move the time on or clear it, computed from now and not from the old time, so that an outage does
not fire a burst. A row whose `advance` fails is left alone for a while and never holds up the others.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import models

from dokuei.kit.db import system_scope
from dokuei.kit.models import Beat

log = logging.getLogger("dokuei.due")
REST_AFTER_FAILURE = timedelta(seconds=30)


@dataclass(frozen=True)
class Due:
    """One kind of timer: the column it lives in and what happens when it is reached."""

    name: str
    model: type[models.Model]
    field: str
    advance: Callable[[Any, datetime], None]


_registry: dict[str, Due] = {}
_resting: dict[tuple[str, Any], float] = {}


def register(due: Due) -> None:
    _registry[due.name] = due


def kinds() -> list[Due]:
    return list(_registry.values())


def advance_due(at: datetime, *, limit: int = 200) -> int:
    """Take every row that is due at `at`, one transaction each; return how many were advanced."""
    done = 0
    for due in kinds():
        for _ in range(limit):
            if not _take_one(due, at):
                break
            done += 1
    return done


def _take_one(due: Due, at: datetime) -> bool:
    """Advance the longest overdue row of this kind; False when there is none."""
    now = time.monotonic()
    resting = [key for (name, key), until in _resting.items() if name == due.name and until > now]
    key: Any = None
    try:
        with system_scope(f"due:{due.name}"):
            rows = due.model._base_manager.filter(**{f"{due.field}__lte": at}).exclude(pk__in=resting)
            row = (
                rows.order_by(due.field)
                .select_for_update(no_key=True, skip_locked=True, of=("self",))
                .first()
            )
            if row is None:
                return False
            key = row.pk
            due.advance(row, at)
            _must_have_moved(due, key, at)
    except Exception:
        if key is None:
            raise
        _resting[due.name, key] = now + REST_AFTER_FAILURE.total_seconds()
        log.exception("a due row could not be advanced", extra={"due": due.name, "row": key})
    return True


def _must_have_moved(due: Due, key: Any, at: datetime) -> None:
    """A timer that stays due would be taken again at once, for ever."""
    still = due.model._base_manager.filter(pk=key).values_list(due.field, flat=True).first()
    if still is not None and still <= at:
        raise RuntimeError(f"{due.name} left its row due")


def beat(name: str, at: datetime) -> None:
    """Leave a sign of life for readiness checks and the watchdog."""
    Beat.objects.update_or_create(name=name, defaults={"at": at})


def oldest_overdue(at: datetime) -> timedelta:
    """How far behind the loop is: the age of the longest overdue row of any kind."""
    worst = timedelta(0)
    with system_scope("watchdog"):
        for due in kinds():
            first = (
                due.model._base_manager.filter(**{f"{due.field}__lte": at})
                .order_by(due.field)
                .values_list(due.field, flat=True)
                .first()
            )
            if first is not None:
                worst = max(worst, at - first)
    return worst
