"""What may happen to a person's account. No database, no clock, no network."""

from enum import StrEnum

from dokuei.base.errors import Refusal


class PersonState(StrEnum):
    INVITED = "invited"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    LEFT = "left"


class PersonAct(StrEnum):
    ACCEPT = "accept"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    LEAVE = "leave"


LIFECYCLE = {
    (PersonState.INVITED, PersonAct.ACCEPT): PersonState.ACTIVE,
    (PersonState.INVITED, PersonAct.LEAVE): PersonState.LEFT,
    (PersonState.ACTIVE, PersonAct.SUSPEND): PersonState.SUSPENDED,
    (PersonState.SUSPENDED, PersonAct.REINSTATE): PersonState.ACTIVE,
    (PersonState.ACTIVE, PersonAct.LEAVE): PersonState.LEFT,
    (PersonState.SUSPENDED, PersonAct.LEAVE): PersonState.LEFT,
}


class PersonRefusal(Refusal):
    WRONG_STATE = "person.wrong_state", "この状態の利用者にはその操作はできません。"
    INVITATION_OVER = (
        "invitation.over",
        "この招待は使用済みか期限切れです。管理者に再発行を依頼してください。",
    )
    SELF = "person.self", "自分自身の権限や状態は変更できません。別の管理者に依頼してください。"


def why_not(state: PersonState, act: PersonAct) -> Refusal | None:
    """Return why this act is refused in this state, or None."""
    return None if (state, act) in LIFECYCLE else PersonRefusal.WRONG_STATE
