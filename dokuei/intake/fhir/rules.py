"""The life of what was sent by FHIR. No database, no clock, no network."""

from enum import StrEnum

from dokuei.base.errors import Refusal


class State(StrEnum):
    KEPT = "kept"
    """Within the transaction that keeps it only."""
    TAKEN = "taken"
    REFUSED = "refused"
    SUPERSEDED = "superseded"
    """The same order was sent again and taken."""
    DISMISSED = "dismissed"


class Act(StrEnum):
    TAKE = "take"
    REFUSE = "refuse"
    SUPERSEDE = "supersede"
    DISMISS = "dismiss"


LIFECYCLE = {
    (State.KEPT, Act.TAKE): State.TAKEN,
    (State.KEPT, Act.REFUSE): State.REFUSED,
    (State.REFUSED, Act.SUPERSEDE): State.SUPERSEDED,
    (State.REFUSED, Act.DISMISS): State.DISMISSED,
}


class SubmissionRefusal(Refusal):
    ENDED = "fhir.ended", "この送信内容は既に取り込まれたか、対応済みです。"
    REASON = "fhir.reason", "理由を入力してください。"


def why_not(state: State, act: Act) -> Refusal | None:
    """Return why this act is refused in this state, or None."""
    return None if (state, act) in LIFECYCLE else SubmissionRefusal.ENDED
