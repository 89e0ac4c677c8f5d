"""Lifecycles of delivery and confirmation, and when to try again. No database, no clock, no network."""

from datetime import timedelta
from enum import StrEnum

from dokuei.base.errors import Refusal


class State(StrEnum):
    QUEUED = "queued"
    DELIVERED = "delivered"
    FAILED = "failed"
    SUPERSEDED = "superseded"


class Act(StrEnum):
    DELIVER = "deliver"
    RETRY = "retry"
    GIVE_UP = "give_up"
    SUPERSEDE = "supersede"


LIFECYCLE = {
    (State.QUEUED, Act.DELIVER): State.DELIVERED,
    (State.QUEUED, Act.RETRY): State.QUEUED,
    (State.QUEUED, Act.GIVE_UP): State.FAILED,
    (State.FAILED, Act.RETRY): State.QUEUED,
    (State.QUEUED, Act.SUPERSEDE): State.SUPERSEDED,
    (State.DELIVERED, Act.SUPERSEDE): State.SUPERSEDED,
    (State.FAILED, Act.SUPERSEDE): State.SUPERSEDED,
}


class Seen(StrEnum):
    """How far one addressee is with one version."""

    UNDELIVERED = "undelivered"
    DELIVERED = "delivered"
    OPENED = "opened"
    CONFIRMED = "confirmed"
    ACTED = "acted"


class SeenAct(StrEnum):
    DELIVER = "deliver"
    OPEN = "open"
    CONFIRM = "confirm"
    ACT = "act"


CONFIRMATION = {
    (Seen.UNDELIVERED, SeenAct.DELIVER): Seen.DELIVERED,
    (Seen.DELIVERED, SeenAct.OPEN): Seen.OPENED,
    (Seen.OPENED, SeenAct.OPEN): Seen.OPENED,
    (Seen.OPENED, SeenAct.CONFIRM): Seen.CONFIRMED,
    (Seen.CONFIRMED, SeenAct.ACT): Seen.ACTED,
}


class Addressee(StrEnum):
    REQUESTER = "requester"
    """依頼医: the person who asked."""
    FACILITY = "facility"
    """施設の報告管理: whoever at the facility watches that no report stays unread."""


class DeliveryRefusal(Refusal):
    WRONG_STATE = "confirmation.wrong_state", "先に報告書を開いて内容を確認してください。"
    NOT_ADDRESSED = "confirmation.not_addressed", "この報告書の宛先ではないため、確認を記録できません。"
    ACTION = "confirmation.action", "対応の内容を入力してください。"


TRIES_MOST = 12
LONGEST_WAIT = timedelta(minutes=10)


def wait_before_try(tries: int) -> timedelta | None:
    """How long to wait after `tries` failures; None when it is time to give up and call a person."""
    if tries >= TRIES_MOST:
        return None
    return min(timedelta(seconds=2.0**tries), LONGEST_WAIT)


def why_not_confirm(state: Seen, act: SeenAct, *, is_addressee: bool) -> Refusal | None:
    """Return why this person may not move this confirmation, or None."""
    if not is_addressee:
        return DeliveryRefusal.NOT_ADDRESSED
    if (state, act) not in CONFIRMATION:
        return DeliveryRefusal.WRONG_STATE
    return None
