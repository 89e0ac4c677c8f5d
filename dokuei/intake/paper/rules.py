"""The life of a paper and what may be done with it. No database, no clock, no network."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from enum import StrEnum

from dokuei.base.errors import Refusal
from dokuei.intake.paper.fields import FIELDS, NEEDED_TO_PLACE, FieldAnswer, FieldEntry

LEASE = timedelta(minutes=20)
"""Without a sign of life for so long, a held paper is free for others; what was written stays."""


class PaperState(StrEnum):
    RECEIVED = "received"
    TRANSCRIBING = "transcribing"
    TO_CHECK = "to_check"
    CHECKING = "checking"
    DONE = "done"
    RETURNED = "returned"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"


class Act(StrEnum):
    CLAIM = "claim"
    RELEASE = "release"
    EXPIRE = "expire"
    SUBMIT = "submit"
    SEND_NOW = "send_now"
    """An emergency becomes a request before its check."""
    CONFIRM = "confirm"
    AGAIN = "again"
    RETURN = "return"
    REJECT = "reject"
    JOIN = "join"
    """The same order is a request already; the paper is put to it."""
    REOPEN = "reopen"


LIFECYCLE = {
    (PaperState.RECEIVED, Act.CLAIM): PaperState.TRANSCRIBING,
    (PaperState.TRANSCRIBING, Act.RELEASE): PaperState.RECEIVED,
    (PaperState.TRANSCRIBING, Act.EXPIRE): PaperState.RECEIVED,
    (PaperState.TRANSCRIBING, Act.SUBMIT): PaperState.TO_CHECK,
    (PaperState.TRANSCRIBING, Act.SEND_NOW): PaperState.TO_CHECK,
    (PaperState.TRANSCRIBING, Act.RETURN): PaperState.RETURNED,
    (PaperState.TRANSCRIBING, Act.REJECT): PaperState.REJECTED,
    (PaperState.TRANSCRIBING, Act.JOIN): PaperState.DUPLICATE,
    (PaperState.TO_CHECK, Act.CLAIM): PaperState.CHECKING,
    (PaperState.CHECKING, Act.RELEASE): PaperState.TO_CHECK,
    (PaperState.CHECKING, Act.EXPIRE): PaperState.TO_CHECK,
    (PaperState.CHECKING, Act.CONFIRM): PaperState.DONE,
    (PaperState.CHECKING, Act.AGAIN): PaperState.RECEIVED,
    (PaperState.CHECKING, Act.RETURN): PaperState.RETURNED,
    (PaperState.CHECKING, Act.REJECT): PaperState.REJECTED,
    (PaperState.CHECKING, Act.JOIN): PaperState.DUPLICATE,
    (PaperState.RETURNED, Act.REOPEN): PaperState.RECEIVED,
    (PaperState.REJECTED, Act.REOPEN): PaperState.RECEIVED,
    (PaperState.DUPLICATE, Act.REOPEN): PaperState.RECEIVED,
}
HELD = {PaperState.TRANSCRIBING, PaperState.CHECKING}
WAITING = {PaperState.RECEIVED, PaperState.TRANSCRIBING, PaperState.TO_CHECK, PaperState.CHECKING}
AWAY = {Act.AGAIN, Act.RETURN, Act.REJECT, Act.JOIN}
"""Acts by which a paper leaves without becoming a request of its own."""
WITH_REASON = AWAY | {Act.REOPEN}


class PaperRefusal(Refusal):
    WRONG_STATE = "paper.wrong_state", "この紙依頼は現在の状態ではその操作ができません。"
    HELD = "paper.held", "別の担当者が作業中です。"
    LOST = "paper.lost", "担当が外れています（時間切れまたは引継ぎ）。もう一度担当してください。"
    SAME_PERSON = "paper.same_person", "転記した本人は確認できません。別の担当者が確認してください。"
    STALE = "paper.stale", "別の画面で先に保存されています。最新の内容を読み込んでください。"
    UNANSWERED = (
        "paper.unanswered",
        "答えのない項目があります。値と出所、判読不能、記載なしのいずれかを選んでください。",
    )
    UNPLACED = (
        "paper.unplaced",
        "患者IDと検査の内容（種別または検査内容）がないと依頼にできません。施設に電話で確認するか、差し戻してください。",
    )
    VALUE = "paper.value", "値の形式が正しくない項目があります。"
    NOT_EMERGENCY = (
        "paper.not_emergency",
        "確認前に送信できるのは緊急の依頼だけです。緊急度を確認してください。",
    )
    UNCONFIRMED = (
        "paper.unconfirmed",
        "確認していない項目があります。すべての項目を確認または訂正してください。",
    )
    REASON = "paper.reason", "理由を入力してください。"
    SENT = "paper.sent", "既に依頼として送信済みです。内容を確認するか、依頼の画面で取り消してください。"
    OTHER_PATIENT = "paper.other_patient", "選んだ依頼の患者IDが転記した患者IDと異なります。"
    NO_ID = "paper.no_id", "同じ依頼として扱うには、先に患者IDを転記してください。"
    CLOSED_REQUEST = (
        "paper.closed_request",
        "依頼は終了しているため、訂正を反映できません。読影医または施設へ連絡し、その内容を理由に記録して確認を終えてください。",
    )


def why_not(state: PaperState, act: Act, *, is_sent: bool = False) -> Refusal | None:
    """Return why this act is refused in this state, or None. `is_sent`: it is a request already, before its check."""
    if (state, act) not in LIFECYCLE:
        return PaperRefusal.WRONG_STATE
    if is_sent and act in AWAY:
        return PaperRefusal.SENT
    return None


def why_not_claim(state: PaperState, who: int | None, transcriber: int | None) -> Refusal | None:
    """Return why this person may not take the paper in hand, or None."""
    if state in HELD:
        return PaperRefusal.HELD
    if refusal := why_not(state, Act.CLAIM):
        return refusal
    if state == PaperState.TO_CHECK and who == transcriber:
        return PaperRefusal.SAME_PERSON
    return None


def unanswered(fields: Mapping[str, FieldEntry]) -> list[str]:
    """Fields nothing was said of, or with a value and no source."""
    return [key for key in FIELDS if not fields.get(key, FieldEntry()).is_answered]


def lacking_to_place(fields: Mapping[str, FieldEntry]) -> list[str]:
    """What a request cannot be without: whose exam, and some word of which."""
    return [
        group[0]
        for group in NEEDED_TO_PLACE
        if not any(fields.get(key, FieldEntry()).text and fields[key].is_answered for key in group)
    ]


def why_not_send_now(fields: Mapping[str, FieldEntry]) -> Refusal | None:
    """Return why this may not become a request before its check, or None."""
    if fields.get("urgency", FieldEntry()).text != "emergency":
        return PaperRefusal.NOT_EMERGENCY
    if lacking_to_place(fields):
        return PaperRefusal.UNPLACED
    unsourced = [key for key, one in fields.items() if one.text and not one.is_answered]
    return PaperRefusal.UNANSWERED if unsourced else None


def why_not_submit(fields: Mapping[str, FieldEntry]) -> Refusal | None:
    """Return why this cannot go to the second person, or None."""
    if unanswered(fields):
        return PaperRefusal.UNANSWERED
    return PaperRefusal.UNPLACED if lacking_to_place(fields) else None


def corrected(before: Mapping[str, FieldEntry], after: Mapping[str, FieldEntry]) -> list[str]:
    """Fields whose value or answer the second person changed; another rectangle is no correction."""
    return [key for key in FIELDS if said(before, key) != said(after, key)]


def said(fields: Mapping[str, FieldEntry], key: str) -> tuple[FieldAnswer, str]:
    one = fields.get(key, FieldEntry())
    return one.answer, one.text


def why_not_confirm(
    before: Mapping[str, FieldEntry], after: Mapping[str, FieldEntry], confirmed: Collection[str]
) -> Refusal | None:
    """Return why the second person is not done, or None: each field is corrected or confirmed by name."""
    if refusal := why_not_submit(after):
        return refusal
    changed = set(corrected(before, after))
    return PaperRefusal.UNCONFIRMED if set(FIELDS) - changed - set(confirmed) else None


def open_acts(state: PaperState, *, is_mine: bool, is_transcriber: bool, is_sent: bool) -> list[Act]:
    """The acts a person of support may try, for the screen."""
    if state in HELD and not is_mine:
        return []
    acts = [act for (where, act) in LIFECYCLE if where == state and act != Act.EXPIRE]
    if state == PaperState.TO_CHECK and is_transcriber:
        acts.remove(Act.CLAIM)
    return [act for act in acts if why_not(state, act, is_sent=is_sent) is None]
