"""When an archive is asked how many instances a study has. No database, no clock, no network."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from dokuei.imaging.rules import Receipt, Source

MOST_TRIES = 8
SHORTEST_REST, LONGEST_REST = timedelta(seconds=5), timedelta(minutes=10)
LONGEST_PAUSE = timedelta(seconds=10)


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What is known of a study when its question is looked at."""

    receipt: Receipt
    """Of a held study, what it was before."""
    expected_from: str
    expected_count: int
    stored: int
    last_received_at: datetime
    settle_due_at: datetime | None
    answered_at: datetime | None
    tries: int


@dataclass(frozen=True)
class Plan:
    """Whether to ask now, and when to look again."""

    is_asked: bool
    look_at: datetime | None


def pause(settle: timedelta) -> timedelta:
    """How long nothing must have come before an archive is asked whether that was all."""
    return min(LONGEST_PAUSE, settle / 6)


def plan(now: Situation, *, at: datetime, settle: timedelta) -> Plan:
    """Ask for the first answer, then when the study has been quiet, and once more before it settles.

    A try without an answer is followed by longer and longer rests; after `MOST_TRIES` it is given up.
    """
    is_announced = now.expected_from not in {"", Source.C_FIND}
    if is_announced or now.tries >= MOST_TRIES or now.receipt in {Receipt.COMPLETE, Receipt.WITHDRAWN}:
        return Plan(is_asked=False, look_at=None)
    ask = Plan(is_asked=True, look_at=at + min(SHORTEST_REST * 2**now.tries, LONGEST_REST))
    if now.answered_at is None:
        return ask
    if now.receipt is Receipt.SETTLED:
        return Plan(is_asked=False, look_at=None)
    if now.stored > now.expected_count and now.answered_at < now.last_received_at:
        return ask
    return _later(now, now.answered_at, ask, at=at, settle=settle)


def _later(now: Situation, answered_at: datetime, ask: Plan, *, at: datetime, settle: timedelta) -> Plan:
    """It has answered while the study was coming in: the moments to ask again."""
    settles_at = now.settle_due_at or now.last_received_at + settle
    quiet_at = now.last_received_at + pause(settle)
    for moment in (quiet_at, max(quiet_at, settles_at - pause(settle))):
        if answered_at < moment:
            return ask if at >= moment else Plan(is_asked=False, look_at=moment)
    return Plan(is_asked=False, look_at=max(settles_at, at + pause(settle)))
