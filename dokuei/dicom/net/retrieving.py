"""Fetching a study from a peer by C-MOVE to ourselves, or by C-GET (PS3.4 C.4.2, C.4.3, Study Root)."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from dokuei.base.errors import Invalid
from dokuei.dicom import syntax, write
from dokuei.dicom.net import command, pdu
from dokuei.dicom.net.command import Act
from dokuei.dicom.net.connection import Message, PeerGone, PeerTooSlow
from dokuei.dicom.net.requestor import MODEL_SYNTAXES, Requestor

MOVE_STUDY = "1.2.840.10008.5.1.4.1.2.2.2"
GET_STUDY = "1.2.840.10008.5.1.4.1.2.2.3"
MOVES = [(MOVE_STUDY, MODEL_SYNTAXES)]
PENDING = {0xFF00, 0xFF01}
DESTINATION_UNKNOWN = 0xA801
CANNOT_STORE = 0xA700
NO_DATA = 0xA900
MOST_MESSAGES = 200_000

STORAGE = "1.2.840.10008.5.1.4.1.1."
ENDS = (
    "1 1.1 1.1.1 1.2 1.2.1 1.3 1.3.1 2 2.1 2.2 3.1 4 4.1 4.3 6.1 6.2 7 7.1 7.2 7.3 7.4 9.1.1 9.1.2 11.1 11.2 12.1 "
    "12.1.1 12.2 12.2.1 13.1.1 13.1.2 13.1.3 20 66 66.1 66.4 77.1.1 77.1.2 77.1.4 88.11 88.22 88.33 88.34 88.59 88.67 "
    "104.1 128 130 481.1 481.2 481.3 481.5"
)
CLASSES = tuple(STORAGE + end for end in ENDS.split(" "))
"""Storage classes a study in an archive is made of; at most one presentation context each, so 127 would fit."""


class RetrieveFailed(Invalid):
    """相手の装置から検査を取り寄せられませんでした。"""

    code = "dimse.retrieve_failed"


@dataclass(frozen=True)
class Result:
    """What the peer says of its sub-operations at the end."""

    status: int
    completed: int
    failed: int


Take = Callable[[str, Message], int]
"""Store what came in a transfer syntax; the status to answer."""


def gets(transfers: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
    """What to propose for C-GET, so that the peer may store with us in these transfer syntaxes."""
    return [(GET_STUDY, MODEL_SYNTAXES), *((one, transfers) for one in CLASSES)]


def roles() -> tuple[pdu.Role, ...]:
    """We are the SCP of every storage class over the association we asked for (PS3.4 C.5.3)."""
    return tuple(pdu.Role(one, is_scu=False, is_scp=True) for one in CLASSES)


def move(association: Requestor, study_uid: str, *, destination: str, seconds: float) -> Result:
    """Have a study sent to a destination; `RetrieveFailed` if C-MOVE is not offered, `PeerTooSlow` after `seconds`."""
    agreed = association.model_context(MOVE_STUDY)
    if agreed is None:
        raise RetrieveFailed(code="dimse.move_not_offered")
    deadline = time.monotonic() + seconds
    words: dict[int, command.Value] = {**_words(MOVE_STUDY, Act.C_MOVE), command.DESTINATION: destination}
    association.send_request(agreed[0], words, [_identifier(study_uid, agreed[1])])
    for _ in range(MOST_MESSAGES):
        answer = association.response()
        if (result := _result(answer)) is not None:
            return result
        if time.monotonic() > deadline:
            raise PeerTooSlow()
    raise RetrieveFailed()


def get(association: Requestor, study_uid: str, take: Take, *, seconds: float) -> Result:
    """Have a study sent over this association, each instance given to `take`; errors as of `move`."""
    agreed = association.model_context(GET_STUDY)
    if agreed is None:
        raise RetrieveFailed(code="dimse.get_not_offered")
    deadline = time.monotonic() + seconds
    transfers = {number: pair[1] for pair, number in association.contexts.items()}
    association.send_request(agreed[0], _words(GET_STUDY, Act.C_GET), [_identifier(study_uid, agreed[1])])
    for _ in range(MOST_MESSAGES):
        message = association.connection.read_message()
        if message is None:
            raise PeerGone()
        if time.monotonic() > deadline:
            raise PeerTooSlow()
        field = command.number(message.command, command.FIELD)
        if field == Act.C_STORE:
            status = take(transfers.get(message.context, ""), message)
            reply = command.response(message.command, status)
            association.connection.send_message(message.context, reply)
        elif field == Act.C_GET | command.RESPONSE and (result := _result(message)) is not None:
            return result
    raise RetrieveFailed()


def _words(sop_class: str, act: Act) -> dict[int, command.Value]:
    return {
        command.CLASS: sop_class,
        command.FIELD: int(act),
        command.PRIORITY: 0,
        command.DATA_SET: 0,
    }


def _identifier(study_uid: str, transfer: str) -> bytes:
    model = {
        "00080052": {"vr": "CS", "Value": ["STUDY"]},
        "0020000D": {"vr": "UI", "Value": [study_uid]},
    }
    return write.encode(model, is_implicit=transfer == syntax.IMPLICIT_LE)


def _result(answer: Message) -> Result | None:
    """None while it is going on."""
    status = command.number(answer.command, command.STATUS, 0xC000)
    if status in PENDING:
        return None
    completed = command.number(answer.command, command.COMPLETED, 0)
    completed += command.number(answer.command, command.WARNED, 0)
    return Result(status, completed, command.number(answer.command, command.FAILED, 0))
