"""Command sets (PS3.7 6.3, annex E): implicit VR little endian, group 0000 only."""

import struct
from collections.abc import Mapping
from enum import IntEnum

from dokuei.dicom.net.pdu import BrokenPdu

Value = int | str | tuple[int, ...]
Command = Mapping[int, Value]

CLASS, FIELD, MESSAGE, RESPONDED = 0x0002, 0x0100, 0x0110, 0x0120
DESTINATION, PRIORITY, DATA_SET, STATUS, COMMENT = 0x0600, 0x0700, 0x0800, 0x0900, 0x0902
INSTANCE, EVENT_TYPE, ACTION_TYPE = 0x1000, 0x1002, 0x1008
REQUESTED_CLASS, REQUESTED_INSTANCE = 0x0003, 0x1001
REMAINING, COMPLETED, FAILED, WARNED = 0x1020, 0x1021, 0x1022, 0x1023
ORIGINATOR, ORIGINATOR_MESSAGE = 0x1030, 0x1031

NO_DATA_SET = 0x0101
RESPONSE = 0x8000
LONGEST = 64 * 1024
MOST_ELEMENTS = 100

SHORTS = {FIELD, MESSAGE, RESPONDED, PRIORITY, DATA_SET, STATUS, EVENT_TYPE, ACTION_TYPE, 0x0903}
SHORTS |= {REMAINING, COMPLETED, FAILED, WARNED, ORIGINATOR_MESSAGE}
TAGS = {0x0901, 0x1005}


class Act(IntEnum):
    """What a request asks (Command Field (0000,0100))."""

    C_STORE = 0x0001
    C_GET = 0x0010
    C_FIND = 0x0020
    C_MOVE = 0x0021
    C_ECHO = 0x0030
    N_EVENT_REPORT = 0x0100
    N_GET = 0x0110
    N_SET = 0x0120
    N_ACTION = 0x0130
    N_CREATE = 0x0140
    N_DELETE = 0x0150
    C_CANCEL = 0x0FFF


def encode(command: Command) -> bytes:
    """A command set with its group length.

    >>> encode({FIELD: 0x0030, MESSAGE: 1}).hex()
    '0000000004000000140000000000000102000000300000001001020000000100'
    """
    body = b"".join(_element(number, command[number]) for number in sorted(command))
    return struct.pack("<HHII", 0, 0, 4, len(body)) + body


def _element(number: int, value: Value) -> bytes:
    if isinstance(value, int):
        raw = struct.pack("<H", value)
    elif isinstance(value, tuple):
        raw = struct.pack(
            f"<{2 * len(value)}H", *(part for one in value for part in (one >> 16, one & 0xFFFF))
        )
    else:
        raw = value.encode("ascii", "replace")
        if len(raw) % 2:
            raw += b"\0" if number in {CLASS, REQUESTED_CLASS, INSTANCE, REQUESTED_INSTANCE} else b" "
    return struct.pack("<HHI", 0, number, len(raw)) + raw


def decode(raw: bytes | bytearray) -> dict[int, Value]:
    """Element number -> value; what we have no use for is left out."""
    found: dict[int, Value] = {}
    here = 0
    while here < len(raw):
        if len(raw) - here < 8:
            raise BrokenPdu()
        group, number, length = struct.unpack_from("<HHI", raw, here)
        here += 8
        if group != 0 or length > len(raw) - here or len(found) > MOST_ELEMENTS:
            raise BrokenPdu()
        value = bytes(raw[here : here + length])
        here += length
        if number in SHORTS:
            if length < 2:
                raise BrokenPdu()
            found[number] = int.from_bytes(value[:2], "little")
        elif number not in TAGS and number != 0:
            found[number] = value[:128].decode("ascii", "replace").strip(" \0")
    if not isinstance(found.get(FIELD), int):
        raise BrokenPdu()
    return found


def number(command: Command, element: int, default: int = 0) -> int:
    value = command.get(element, default)
    return value if isinstance(value, int) else default


def text(command: Command, element: int) -> str:
    value = command.get(element, "")
    return value if isinstance(value, str) else ""


def response(
    request: Command, status: int, more: Command | None = None, *, comment: str = "", with_data: bool = False
) -> bytes:
    """The response to a request, ready to be sent; `more` holds elements of its kind (PS3.7 9.3, 10.3)."""
    out: dict[int, Value] = {
        FIELD: number(request, FIELD) | RESPONSE,
        RESPONDED: number(request, MESSAGE),
        DATA_SET: 0x0001 if with_data else NO_DATA_SET,
        STATUS: status,
    }
    for asked, answered in ((CLASS, CLASS), (REQUESTED_CLASS, CLASS)):
        if text(request, asked):
            out[answered] = text(request, asked)
    for asked, answered in ((INSTANCE, INSTANCE), (REQUESTED_INSTANCE, INSTANCE)):
        if text(request, asked):
            out[answered] = text(request, asked)
    if comment:
        out[COMMENT] = comment[:64]
    out.update(more or {})
    return encode(out)
