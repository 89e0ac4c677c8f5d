"""Who may take which reading, and when it is due. No database, no clock, no network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

import jpholiday

from dokuei.base.clock import JST
from dokuei.base.errors import Refusal

URGENCIES = ["emergency", "urgent", "same_day", "next_clinical_day", "checkup"]
"""Most urgent first; the words intake stores."""


class State(StrEnum):
    PENDING = "pending"
    WAITING = "waiting"  # UPS SCHEDULED (PS3.4 CC.1.1)
    CLAIMED = "claimed"  # UPS IN PROGRESS
    HELD = "held"
    READ = "read"  # UPS COMPLETED
    CANCELLED = "cancelled"


class Act(StrEnum):
    READY = "ready"
    CLAIM = "claim"
    RENEW = "renew"
    RELEASE = "release"
    END_LEASE = "end_lease"
    COMPLETE = "complete"
    HOLD = "hold"
    RESOLVE = "resolve"
    AWAIT = "await"
    """Its images were taken from it: it waits for others."""
    CANCEL = "cancel"


LIFECYCLE = {
    (State.PENDING, Act.READY): State.WAITING,
    (State.PENDING, Act.HOLD): State.HELD,
    (State.PENDING, Act.CANCEL): State.CANCELLED,
    (State.WAITING, Act.CLAIM): State.CLAIMED,
    (State.WAITING, Act.HOLD): State.HELD,
    (State.WAITING, Act.AWAIT): State.PENDING,
    (State.WAITING, Act.CANCEL): State.CANCELLED,
    (State.CLAIMED, Act.RENEW): State.CLAIMED,
    (State.CLAIMED, Act.RELEASE): State.WAITING,
    (State.CLAIMED, Act.END_LEASE): State.WAITING,
    (State.CLAIMED, Act.COMPLETE): State.READ,
    (State.CLAIMED, Act.HOLD): State.HELD,
    (State.CLAIMED, Act.AWAIT): State.PENDING,
    (State.CLAIMED, Act.CANCEL): State.CANCELLED,
    (State.HELD, Act.RESOLVE): State.PENDING,
    (State.HELD, Act.CANCEL): State.CANCELLED,
}
OPEN = (State.PENDING, State.WAITING, State.CLAIMED, State.HELD)


class WorklistRefusal(Refusal):
    NOT_WAITING = "reading.not_waiting", "この読影は既に他の読影医が担当しているか、待ち状態ではありません。"
    WRONG_STATE = "reading.wrong_state", "この読影は現在の状態ではその操作ができません。"
    NOT_YOURS = "reading.not_yours", "この読影の担当ではありません。"
    NOT_READER = "reading.not_reader", "読影医の権限がありません。"
    NONE_WAITING = "reading.none_waiting", "いま読影を待っている症例はありません。"
    HELD = "reading.held", "矛盾の確認のため保留中です。サポートが対応しています。"
    PENDING = "reading.pending", "画像の到着または確認を待っています。"
    REASON = "reading.reason", "理由を入力してください。"
    NOT_YOURS_TO_ASK = (
        "reading.not_yours_to_ask",
        "担当している、または担当した読影についてだけ照会できます。",
    )
    SIGNED = "reading.signed", "報告が確定しているため取り消せません。"


def why_not_claim(state: State) -> Refusal | None:
    """Return the reason a reading in this state cannot be claimed, or None."""
    if (state, Act.CLAIM) in LIFECYCLE:
        return None
    return {State.HELD: WorklistRefusal.HELD, State.PENDING: WorklistRefusal.PENDING}.get(
        state, WorklistRefusal.NOT_WAITING
    )


def why_not_own_act(state: State, act: Act, reader_id: int | None, actor_id: int | None) -> Refusal | None:
    """Return why someone may not renew, release or complete a reading, or None; only its reader may."""
    if (state, act) not in LIFECYCLE:
        return WorklistRefusal.WRONG_STATE
    if reader_id != actor_id:
        return WorklistRefusal.NOT_YOURS
    return None


def why_not_ask_back(state: State, reader_id: int | None, actor_id: int | None) -> Refusal | None:
    """Return why someone may not ask back about a reading, or None; its reader may, also after it was read."""
    is_theirs = reader_id is not None and reader_id == actor_id
    return None if is_theirs and state in ASKED_BACK_ABOUT else WorklistRefusal.NOT_YOURS_TO_ASK


ASKED_BACK_ABOUT = (State.CLAIMED, State.READ)


@dataclass(frozen=True)
class StudyReceipt:
    """What a reading needs to know of a study's arrival."""

    receipt: str
    instance_count: int


@dataclass(frozen=True)
class Wait:
    what: str
    label: str
    owner: str
    until: str = ""
    """When the wait ends by itself (ISO 8601); empty if only what is waited for ends it."""


@dataclass(frozen=True)
class PriorsLeft:
    """Until when a reading waits for priors, and how many of how many are here."""

    until: datetime
    arrived: int
    wanted: int
    is_asking: bool


def waits(
    studies: list[StudyReceipt],
    urgency: str,
    priors: PriorsLeft | None = None,
    *,
    contradicted: Sequence[str] = (),
    is_being_matched: bool = False,
) -> list[Wait]:
    """What keeps a reading from being read, and who owns that.

    An emergency needs one image only, of the right patient, and never waits for priors. `contradicted` are the
    sentences in which request and images contradict; `is_being_matched` if a person has to say which images are meant.
    """
    if contradicted:
        return [Wait("resolution", f"矛盾の確認待ち: {one}", "サポート") for one in contradicted]
    return _for_images(studies, urgency, is_being_matched) + (
        [] if urgency == "emergency" else _for_priors(priors)
    )


def _for_priors(priors: PriorsLeft | None) -> list[Wait]:
    if priors is None:
        return []
    label = f"過去検査 {priors.arrived}/{priors.wanted}件到着"
    if priors.is_asking and priors.wanted == priors.arrived:
        label = "過去検査を照会中"
    return [Wait("priors", label, "システム", priors.until.isoformat())]


def _for_images(studies: list[StudyReceipt], urgency: str, is_being_matched: bool) -> list[Wait]:
    if not studies or not any(study.instance_count for study in studies):
        if is_being_matched and not studies:
            return [Wait("matching", "画像の候補の照合待ち", "サポート")]
        return [Wait("images", "画像の到着待ち", "施設")]
    if any(study.receipt == "held" for study in studies):
        return [Wait("resolution", "矛盾の確認待ち", "サポート")]
    if urgency != "emergency" and any(study.receipt == "receiving" for study in studies):
        return [Wait("images", "画像を受信中", "施設")]
    return []


DEFAULT_MINUTES = {"emergency": 30, "urgent": 120}
NOON, EVENING = time(12, 0), time(17, 0)
LAST_MINUTE = time(23, 59)
SHORTEST_SAME_DAY = timedelta(hours=2)
CHECKUP_CLINICAL_DAYS = 5
WARN_AT = (50, 75, 90, 100)


def is_clinical_day(day: date) -> bool:
    """A weekday that is neither a Japanese holiday nor in the year-end closure (12/29 to 1/3)."""
    closed = (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)
    return day.weekday() < 5 and not jpholiday.is_holiday(day) and not closed


def clinical_day_after(day: date, count: int) -> date:
    """The `count`-th clinical day after `day`."""
    while count:
        day += timedelta(days=1)
        count -= is_clinical_day(day)
    return day


def clock_start(sent_at: datetime, planned_on: date | None, images_at: datetime | None) -> datetime:
    """When the clock of a request starts that may be sent before its images: with the first of them.

    As long as there is none, the day the exam is planned for is over first, or it is when the request was sent:
    nobody can read on Monday what is made on Friday, and images that should be here are missed at once.
    """
    if images_at is not None:
        return max(sent_at, images_at)
    if planned_on is None or planned_on <= sent_at.astimezone(JST).date():
        return sent_at
    return datetime.combine(planned_on, LAST_MINUTE, JST).astimezone(sent_at.tzinfo)


def deadline(urgency: str, started_at: datetime, tier_minutes: Mapping[str, int]) -> datetime:
    """When the report is due: contracted minutes if the facility has them, else the default tier (product 21)."""
    minutes = tier_minutes.get(urgency) or DEFAULT_MINUTES.get(urgency)
    if minutes:
        return started_at + timedelta(minutes=minutes)
    local = started_at.astimezone(JST)
    if urgency == "same_day":
        return max(
            datetime.combine(local.date(), LAST_MINUTE, JST), started_at + SHORTEST_SAME_DAY
        ).astimezone(started_at.tzinfo)
    if urgency == "checkup":
        due = datetime.combine(clinical_day_after(local.date(), CHECKUP_CLINICAL_DAYS), EVENING, JST)
    else:
        due = datetime.combine(clinical_day_after(local.date(), 1), NOON, JST)
    return due.astimezone(started_at.tzinfo)


def warning_level(started_at: datetime, due_at: datetime, at: datetime) -> int:
    """The highest of 0, 50, 75, 90, 100 per cent of the time that has passed."""
    share = (at - started_at) / (due_at - started_at) * 100 if due_at > started_at else 100
    return max((level for level in WARN_AT if share >= level), default=0)


def next_warning_at(started_at: datetime, due_at: datetime, warned: int) -> datetime | None:
    """When the next level above `warned` is reached; None after the deadline has been missed."""
    for level in WARN_AT:
        if level > warned:
            return started_at + (due_at - started_at) * level / 100
    return None
