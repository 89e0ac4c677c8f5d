"""When two rows of a facility may be made one person, and when that is taken back. No database, no clock."""

from dataclasses import dataclass
from enum import StrEnum

from dokuei.base.errors import Refusal


class MergeState(StrEnum):
    PROPOSED = "proposed"
    """Asked for. Without a contradiction this lasts no longer than the transaction that asks."""
    MADE = "made"
    DECLINED = "declined"
    UNDONE = "undone"


class MergeAct(StrEnum):
    MAKE = "make"
    DECLINE = "decline"
    UNDO = "undo"


LIFECYCLE = {
    (MergeState.PROPOSED, MergeAct.MAKE): MergeState.MADE,
    (MergeState.PROPOSED, MergeAct.DECLINE): MergeState.DECLINED,
    (MergeState.MADE, MergeAct.UNDO): MergeState.UNDONE,
}


class MergeRefusal(Refusal):
    SAME = "merge.same", "同じ患者です。統合する相手を選び直してください。"
    OTHER_FACILITY = (
        "merge.other_facility",
        "異なる施設の患者は統合できません。他施設の過去検査は、読影画面の「他施設の候補」から確認してください。",
    )
    ALREADY = (
        "merge.already",
        "統合される側の患者は、既に別の患者に統合されています。先にその統合を取り消してください。",
    )
    INTO_MERGED = (
        "merge.into_merged",
        "統合先の患者は、既に別の患者に統合されています。その統合先の患者を選んでください。",
    )
    HAS_FAMILY = (
        "merge.has_family",
        "統合される側の患者には、既に統合された患者がいます。残す側と統合される側を入れ替えるか、先にその統合を取り消してください。",
    )
    WAITING = "merge.waiting", "この患者の統合は既に申請され、2人目の確認を待っています。"
    REASON = "merge.reason", "理由を入力してください。"
    TYPED = "merge.typed", "確認の入力が一致しません。統合される側の患者IDをそのまま入力してください。"
    SECOND = (
        "merge.second_person",
        "氏名・生年月日・性別に矛盾があるため、申請した人とは別の人の確認が必要です。",
    )
    WRONG_STATE = "merge.wrong_state", "この統合は既に処理されています。最新の内容を確認してください。"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How one of the two stands before a merge."""

    id: int
    facility_id: int
    merged_into: int | None = None
    has_merged: bool = False
    """Whether others were merged into it."""
    is_asked: bool = False
    """Whether somebody has already asked for it to be merged."""


def why_not_merge(survivor: Standing, merged: Standing) -> MergeRefusal | None:
    """Return why these two cannot become one person, or None.

    A family is one row that stays and those merged into it, never deeper: so every row knows in one step who it is,
    and taking a merge back touches nothing else.
    """
    if survivor.id == merged.id:
        return MergeRefusal.SAME
    if survivor.facility_id != merged.facility_id:
        return MergeRefusal.OTHER_FACILITY
    if merged.merged_into is not None:
        return MergeRefusal.ALREADY
    if survivor.merged_into is not None:
        return MergeRefusal.INTO_MERGED
    if merged.has_merged:
        return MergeRefusal.HAS_FAMILY
    return MergeRefusal.WAITING if merged.is_asked else None


def why_not_confirmed(typed: str, expected: str, reason: str) -> MergeRefusal | None:
    """Return why the words a person typed are not enough, or None."""
    if not reason.strip():
        return MergeRefusal.REASON
    return None if typed.strip() == expected.strip() else MergeRefusal.TYPED


def why_not_act(state: MergeState, act: MergeAct) -> MergeRefusal | None:
    return None if (state, act) in LIFECYCLE else MergeRefusal.WRONG_STATE


def why_not_second(*, needs_second: bool, asked_by: int | None, by: int | None) -> MergeRefusal | None:
    """Return why this person may not make the merge, or None: what contradicts is looked at by two."""
    return MergeRefusal.SECOND if needs_second and (by is None or by == asked_by) else None
