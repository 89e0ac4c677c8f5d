"""What may be asked, of whom, until when, and the lifecycle of an ask-back. No database, no clock, no network."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from dokuei.base.errors import Refusal


class State(StrEnum):
    ASKED = "asked"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Act(StrEnum):
    REMIND = "remind"
    ANSWER = "answer"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"


LIFECYCLE = {
    (State.ASKED, Act.REMIND): State.ASKED,
    (State.ASKED, Act.ANSWER): State.ANSWERED,
    (State.ASKED, Act.WITHDRAW): State.WITHDRAWN,
    (State.ASKED, Act.EXPIRE): State.EXPIRED,
}


class Addressee(StrEnum):
    """Whom at the facility a question is meant for. Whoever of the facility may answer is not narrowed by it."""

    REQUESTER = "requester"
    TECHNOLOGIST = "technologist"
    OFFICE = "office"


ADDRESSEES = {
    Addressee.REQUESTER: "依頼医",
    Addressee.TECHNOLOGIST: "技師",
    Addressee.OFFICE: "連携室",
}


@dataclass(frozen=True)
class Kind:
    """One type of question: its sentence, its answers for one tap, and the item of the request it is about."""

    code: str
    label: str
    sentence: str
    options: tuple[str, ...]
    field: str
    addressee: Addressee


UNKNOWN = "不明"
KINDS = (
    Kind(
        "contrast",
        "造影の有無・禁忌",
        "造影剤の使用の有無と、禁忌（アレルギー、喘息、腎機能など）の有無を教えてください。",
        ("造影なし", "造影あり・禁忌なし", "造影あり・禁忌あり", UNKNOWN),
        "contrast.given",
        Addressee.TECHNOLOGIST,
    ),
    Kind(
        "surgery",
        "手術歴",
        "検査部位に関わる手術歴（術式と時期）を教えてください。",
        ("手術歴なし", UNKNOWN),
        "surgery",
        Addressee.REQUESTER,
    ),
    Kind(
        "comparison",
        "比較検査の所在",
        "比較できる過去の検査はありますか。ある場合は、どこに、いつの検査があるかを教えてください。",
        ("過去の検査はない", "自施設にある（これから送る）", "他施設にある", UNKNOWN),
        "comparison",
        Addressee.TECHNOLOGIST,
    ),
    Kind(
        "labs",
        "検査値（eGFR等）",
        "関連する検査値（eGFR、クレアチニン、炎症反応、腫瘍マーカーなど）と測定日を教えてください。",
        ("測定していない", UNKNOWN),
        "labs",
        Addressee.REQUESTER,
    ),
    Kind(
        "course",
        "主訴・経過",
        "主訴と、発症からの経過を教えてください。",
        ("無症状（健診・経過観察）", UNKNOWN),
        "complaint",
        Addressee.REQUESTER,
    ),
    Kind(
        "side",
        "部位・左右の確認",
        "検査の対象となる部位と左右を確認してください。",
        ("右", "左", "両側", "依頼のとおり"),
        "exam.body_part",
        Addressee.TECHNOLOGIST,
    ),
    Kind(
        "purpose",
        "依頼目的の確認",
        "今回の検査で最も知りたいことを教えてください。",
        ("精査", "経過観察", "術前の評価", "除外診断"),
        "question",
        Addressee.REQUESTER,
    ),
    Kind("other", "その他", "", ("はい", "いいえ", UNKNOWN), "", Addressee.REQUESTER),
)
KIND = {kind.code: kind for kind in KINDS}

DUE_MINUTES: Mapping[str, int] = {
    "emergency": 10,
    "urgent": 30,
    "same_day": 120,
    "next_clinical_day": 240,
    "checkup": 1440,
}
"""How long an answer is waited for unless the asker says otherwise, by the request's urgency."""
SHORTEST_MINUTES, LONGEST_MINUTES = 5, 7 * 1440
REMIND_AT = (50, 80)
"""Per cent of the time to the due time after which an open ask-back is marked as pressing."""
SENTENCE_MOST = ANSWER_MOST = 1000
OPTIONS_MOST = 6
REASON_MOST = 500


class AskBackRefusal(Refusal):
    WRONG_STATE = "ask_back.wrong_state", "この照会は終了しています。最新の状態を確認してください。"
    ANSWERED = "ask_back.answered", "この照会には既に回答があります。回答は書き換えられません。"
    EXPIRED = (
        "ask_back.expired",
        "この照会は回答期限を過ぎて終了しました。内容を伝えるには、サポートに電話してください。",
    )
    WITHDRAWN = "ask_back.withdrawn", "この照会は取り下げられました。回答は必要ありません。"
    ALREADY_ASKED = "ask_back.already_asked", "同じ種類の照会が回答を待っています。"
    NOT_ASKABLE = "ask_back.not_askable", "送信されていない、または取り消された依頼には照会できません。"
    KIND = "ask_back.kind", "照会の種類を選び直してください。"
    SENTENCE = "ask_back.sentence", "照会の文章を入力してください。"
    OPTIONS = "ask_back.options", "回答の選択肢を確認してください（重複なし、6つまで）。"
    ADDRESSEE = "ask_back.addressee", "宛先を選んでください。"
    DUE = "ask_back.due", "回答期限は5分から7日の間で指定してください。"
    ANSWER = "ask_back.answer", "選択肢を選ぶか、回答を入力してください。"
    OPTION = "ask_back.option", "選択肢が照会と一致しません。画面を読み込み直してください。"


@dataclass(frozen=True, kw_only=True)
class Question:
    """What the asker wants to ask; `due_minutes` None takes the urgency's."""

    kind: str
    sentence: str
    options: tuple[str, ...]
    addressee: str
    due_minutes: int | None = None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A tap on an option, words, or both."""

    option: str = ""
    text: str = ""

    @property
    def words(self) -> str:
        """The answer as one line of text.

        >>> Answer(option="造影あり・禁忌なし", text="イオパミドール 100 mL").words
        '造影あり・禁忌なし　イオパミドール 100 mL'
        """
        return "　".join(part for part in (self.option, self.text.strip()) if part)

    @property
    def says_something(self) -> bool:
        """Whether more is known by it than before.

        >>> Answer(option=UNKNOWN).says_something, Answer(option=UNKNOWN, text="家族は胆嚢手術と").says_something
        (False, True)
        """
        return self.words not in {"", UNKNOWN}


ASKABLE = frozenset({"sent", "accepted", "fulfilled"})
"""States of a request about which something may be asked; a word of `intake.rules.State` each."""


def why_not_ask(question: Question, request_state: str, is_same_open: bool) -> Refusal | None:
    """Return why this may not be asked about a request, or None."""
    sound = (
        (request_state in ASKABLE, AskBackRefusal.NOT_ASKABLE),
        (question.kind in KIND, AskBackRefusal.KIND),
        (question.addressee in set(Addressee), AskBackRefusal.ADDRESSEE),
        (0 < len(question.sentence.strip()) <= SENTENCE_MOST, AskBackRefusal.SENTENCE),
        (_are_options(question.options), AskBackRefusal.OPTIONS),
        (
            question.due_minutes is None or SHORTEST_MINUTES <= question.due_minutes <= LONGEST_MINUTES,
            AskBackRefusal.DUE,
        ),
        (not is_same_open, AskBackRefusal.ALREADY_ASKED),
    )
    return next((refusal for is_sound, refusal in sound if not is_sound), None)


def _are_options(options: tuple[str, ...]) -> bool:
    plain = [one.strip() for one in options]
    return len(plain) <= OPTIONS_MOST and all(plain) and len(set(plain)) == len(plain)


def why_not(state: State, act: Act) -> Refusal | None:
    """Return why this act is refused in this state, or None."""
    if (state, act) in LIFECYCLE:
        return None
    return {
        State.ANSWERED: AskBackRefusal.ANSWERED,
        State.EXPIRED: AskBackRefusal.EXPIRED,
        State.WITHDRAWN: AskBackRefusal.WITHDRAWN,
    }.get(state, AskBackRefusal.WRONG_STATE)


def why_not_answer(answer: Answer, options: Iterable[str]) -> Refusal | None:
    """Return why these words are no answer to a question with these options, or None."""
    if answer.option and answer.option not in set(options):
        return AskBackRefusal.OPTION
    if not answer.words or len(answer.words) > ANSWER_MOST:
        return AskBackRefusal.ANSWER
    return None


def due_at(question: Question, urgency: str, at: datetime) -> datetime:
    """Until when an answer is waited for; elapsed time, not working hours."""
    minutes = question.due_minutes or DUE_MINUTES.get(urgency, DUE_MINUTES["next_clinical_day"])
    return at + timedelta(minutes=minutes)


def next_reminder(asked_at: datetime, until: datetime, at: datetime) -> datetime | None:
    """The first reminder after `at`, or None; those an outage swallowed are not made up for."""
    steps = (asked_at + (until - asked_at) * percent / 100 for percent in REMIND_AT)
    return next((step for step in steps if step > at), None)


def revision(states: Iterable[State]) -> int:
    """How often the ask-backs of a request changed: each asking and each ending counts, and neither is undone.

    >>> revision([State.ASKED, State.ANSWERED])
    3
    """
    return sum(1 if state == State.ASKED else 2 for state in states)


Interval = tuple[datetime, datetime]


def waited(intervals: Iterable[Interval], since: datetime, until: datetime) -> timedelta:
    """How long within `since` to `until` at least one ask-back was open; those at the same time count once."""
    total, covered = timedelta(0), since
    for begin, end in sorted(intervals):
        first, last = max(begin, covered), min(end, until)
        if last > first:
            total += last - first
            covered = last
    return total


@dataclass(frozen=True)
class Clock:
    """Turnaround: from the sending to the signature, and without the time the reader's side waited for answers."""

    gross: timedelta
    net: timedelta


def clock(sent_at: datetime, until: datetime, intervals: Iterable[Interval]) -> Clock:
    """Gross and net-of-wait time of a reading that was sent at `sent_at` and signed (or still open) at `until`."""
    gross = max(until - sent_at, timedelta(0))
    return Clock(gross, gross - waited(intervals, sent_at, until))
