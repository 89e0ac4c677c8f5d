"""When a study may stand under another patient than its images say, and when it goes back. No database, no clock."""

from dataclasses import dataclass
from enum import StrEnum

from dokuei.base.errors import Refusal


class MoveState(StrEnum):
    PROPOSED = "proposed"
    """Asked for. Without a contradiction this lasts no longer than the transaction that asks."""
    MADE = "made"
    DECLINED = "declined"
    UNDONE = "undone"


class MoveAct(StrEnum):
    MAKE = "make"
    DECLINE = "decline"
    UNDO = "undo"


LIFECYCLE = {
    (MoveState.PROPOSED, MoveAct.MAKE): MoveState.MADE,
    (MoveState.PROPOSED, MoveAct.DECLINE): MoveState.DECLINED,
    (MoveState.MADE, MoveAct.UNDO): MoveState.UNDONE,
}
OPEN = (MoveState.PROPOSED, MoveState.MADE)


class MoveRefusal(Refusal):
    SAME = "move.same", "検査は既にこの患者のものです。移す先の患者を選び直してください。"
    OTHER_FACILITY = "move.other_facility", "異なる施設の患者へは移せません。"
    INTO_MERGED = (
        "move.into_merged",
        "移す先の患者は、別の患者に統合されています。その統合先の患者を選んでください。",
    )
    ALREADY = "move.already", "この検査は既に移されています。先にその移動を取り消してください。"
    WAITING = "move.waiting", "この検査の移動は既に申請され、2人目の確認を待っています。"
    ASKED = (
        "move.asked",
        "この検査には読影依頼が結び付いています。先に結び付けを外すか、依頼を取り消してください。",
    )
    RECEIVING = "move.receiving", "検査はまだ受信中です。受信が終わってから移してください。"
    WITHDRAWN = "move.withdrawn", "この検査は取り下げられています。"
    REASON = "move.reason", "理由を入力してください。"
    TYPED = "move.typed", "確認の入力が一致しません。移す先の患者IDをそのまま入力してください。"
    SECOND = (
        "move.second_person",
        "氏名・生年月日・性別に矛盾があるため、申請した人とは別の人の確認が必要です。",
    )
    WRONG_STATE = "move.wrong_state", "この移動は既に処理されています。最新の内容を確認してください。"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a study and the patient it would be moved to stand."""

    facility_id: int
    family: frozenset[int]
    """Every row that is the person the study stands under now."""
    receipt: str
    is_asked_about: bool = False
    open_move: MoveState | None = None
    to_id: int
    to_facility_id: int
    to_merged_into: int | None = None


def why_not_move(one: Standing) -> MoveRefusal | None:
    """Return why the study cannot be moved there, or None.

    A study stands where its images say or where one move put it, never further: so every move is taken back alone.
    What somebody asked about is parted first, so that no request and no reading changes its patient unseen.
    """
    if one.to_facility_id != one.facility_id:
        return MoveRefusal.OTHER_FACILITY
    if one.to_id in one.family:
        return MoveRefusal.SAME
    if one.to_merged_into is not None:
        return MoveRefusal.INTO_MERGED
    if one.open_move is not None:
        return MoveRefusal.WAITING if one.open_move is MoveState.PROPOSED else MoveRefusal.ALREADY
    return why_not_now(one)


def why_not_now(one: Standing) -> MoveRefusal | None:
    """Return why a study can be moved neither there nor back at the moment, or None."""
    if one.receipt == "withdrawn":
        return MoveRefusal.WITHDRAWN
    if one.receipt == "receiving":
        return MoveRefusal.RECEIVING
    return MoveRefusal.ASKED if one.is_asked_about else None


def why_not_confirmed(typed: str, expected: str, reason: str) -> MoveRefusal | None:
    """Return why the words a person typed are not enough, or None."""
    if not reason.strip():
        return MoveRefusal.REASON
    return None if typed.strip() == expected.strip() else MoveRefusal.TYPED


def why_not_act(state: MoveState, act: MoveAct) -> MoveRefusal | None:
    return None if (state, act) in LIFECYCLE else MoveRefusal.WRONG_STATE


def why_not_second(*, needs_second: bool, asked_by: int | None, by: int | None) -> MoveRefusal | None:
    """Return why this person may not make the move, or None: what contradicts is looked at by two."""
    return MoveRefusal.SECOND if needs_second and (by is None or by == asked_by) else None
