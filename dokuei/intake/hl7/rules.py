"""The life of a received message, and what each order control asks for. No database, no clock, no network."""

from enum import StrEnum

from dokuei.base.errors import Refusal


class State(StrEnum):
    KEPT = "kept"
    """Within the transaction that receives it only."""
    TAKEN = "taken"
    QUARANTINED = "quarantined"
    DISMISSED = "dismissed"


class Act(StrEnum):
    TAKE = "take"
    FAIL = "fail"
    DISMISS = "dismiss"


LIFECYCLE = {
    (State.KEPT, Act.TAKE): State.TAKEN,
    (State.KEPT, Act.FAIL): State.QUARANTINED,
    (State.QUARANTINED, Act.TAKE): State.TAKEN,
    (State.QUARANTINED, Act.FAIL): State.QUARANTINED,
    (State.QUARANTINED, Act.DISMISS): State.DISMISSED,
}


class MessageRefusal(Refusal):
    ENDED = "hl7.ended", "この電文は既に取り込まれたか、対応済みです。"
    REASON = "hl7.reason", "理由を入力してください。"


class ConnectionRefusal(Refusal):
    NAME = "hl7.name_taken", "この接続名は使われています。別の名前を指定してください。"
    ADDRESS = (
        "hl7.address_taken",
        "この送信元とアプリケーション名の組は、別の接続に登録されています。どちらかを変えてください。",
    )


class Asked(StrEnum):
    """What an order control (ORC-1, HL7 table 0119) asks for."""

    PLACE = "place"
    CANCEL = "cancel"
    NOTHING = "nothing"


CONTROLS = {
    "": Asked.PLACE,
    "NW": Asked.PLACE,
    "XO": Asked.PLACE,
    "RP": Asked.PLACE,
    "SN": Asked.PLACE,
    "CA": Asked.CANCEL,
    "OC": Asked.CANCEL,
    "DC": Asked.CANCEL,
    "OK": Asked.NOTHING,
    "SC": Asked.NOTHING,
    "NA": Asked.NOTHING,
}
"""A new order and a change are the same act: what is known is changed, what is not is placed."""

KINDS = {"ORM^O01", "ORM", "OMI^O23", "OMG^O19"}


def why_not(state: State, act: Act) -> Refusal | None:
    """Return why this act is refused in this state, or None."""
    return None if (state, act) in LIFECYCLE else MessageRefusal.ENDED
