"""A data set from the DICOM JSON model (PS3.18 annex F), in implicit or explicit VR little endian, text as UTF-8."""

import base64
import struct
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from dokuei.dicom.uid import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from dokuei.dicom.walk import ITEM, SHORT_VRS

NUMBERS = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "FL": "f", "FD": "d", "UV": "Q", "SV": "q"}
WORDS = {
    **dict.fromkeys(("US", "SS", "AT", "OW"), 2),
    **dict.fromkeys(("UL", "SL", "FL", "OL", "OF"), 4),
    **dict.fromkeys(("FD", "OD", "SV", "UV", "OV"), 8),
}
"""Bytes of a word that byte order turns round, for each VR that has words."""
ZERO_PADDED = {*WORDS, "OB", "UI", "UN"}
LONGEST_SHORT = 0xFFFE
PREAMBLE = b"\0" * 128 + b"DICM"

Model = Mapping[str, Mapping[str, Any]]


def encode(model: Model, *, is_implicit: bool) -> bytes:
    """The bytes of a data set; Specific Character Set should say ISO_IR 192 if any text is not ASCII.

    >>> encode({"00100020": {"vr": "LO", "Value": ["A"]}}, is_implicit=False)
    b'\\x10\\x00 \\x00LO\\x02\\x00A '
    """
    return b"".join(_element(int(key, 16), model[key], is_implicit=is_implicit) for key in sorted(model))


def file_meta(sop_class_uid: str, sop_instance_uid: str, transfer_syntax: str) -> bytes:
    """Preamble of zeros and File Meta Information of our own (PS3.10 7.1), explicit little endian."""
    instance = sop_instance_uid.encode() + b"\0" * (len(sop_instance_uid) % 2)
    before, after = _meta_around(sop_class_uid, transfer_syntax)
    elements = before + struct.pack("<HH2sH", 2, 3, b"UI", len(instance)) + instance + after
    return PREAMBLE + struct.pack("<HH2sHI", 2, 0, b"UL", 4, len(elements)) + elements


@lru_cache(1024)
def _meta_around(sop_class_uid: str, transfer_syntax: str) -> tuple[bytes, bytes]:
    """The elements before and behind Media Storage SOP Instance UID (0002,0003)."""
    before: Model = {
        "00020001": {"vr": "OB", "Raw": b"\0\1"},
        "00020002": {"vr": "UI", "Value": [sop_class_uid]},
    }
    after: Model = {
        "00020010": {"vr": "UI", "Value": [transfer_syntax]},
        "00020012": {"vr": "UI", "Value": [IMPLEMENTATION_CLASS_UID]},
        "00020013": {"vr": "SH", "Value": [IMPLEMENTATION_VERSION_NAME]},
    }
    return encode(before, is_implicit=False), encode(after, is_implicit=False)


def _element(tag: int, attribute: Mapping[str, Any], *, is_implicit: bool) -> bytes:
    vr = str(attribute.get("vr", "UN"))
    if vr == "SQ":
        items = b"".join(
            tagged(ITEM, len(item)) + item
            for item in (encode(one, is_implicit=is_implicit) for one in attribute.get("Value", ()))
        )
        return head(tag, vr, len(items), is_implicit=is_implicit) + items
    value = _value(vr, attribute)
    if len(value) % 2:
        value += b"\0" if vr in ZERO_PADDED else b" "
    return head(tag, vr, len(value), is_implicit=is_implicit) + value


def tagged(tag: int, length: int) -> bytes:
    """Tag and length, as items and implicit elements have them."""
    return struct.pack("<HHI", tag >> 16, tag & 0xFFFF, length)


def head(tag: int, vr: str, length: int, *, is_implicit: bool) -> bytes:
    """Tag, VR and length; a value too long for its VR's short length becomes UN (PS3.5 6.2.2).

    >>> head(0x00100020, "LO", 4, is_implicit=False)
    b'\\x10\\x00 \\x00LO\\x04\\x00'
    """
    if is_implicit:
        return tagged(tag, length)
    start = struct.pack("<HH", tag >> 16, tag & 0xFFFF)
    if vr in SHORT_VRS and length <= LONGEST_SHORT:
        return start + vr.encode() + struct.pack("<H", length)
    return start + (b"UN" if vr in SHORT_VRS else vr.encode()) + struct.pack("<xxI", length)


def _value(vr: str, attribute: Mapping[str, Any]) -> bytes:
    if "Raw" in attribute:
        return bytes(attribute["Raw"])
    if "InlineBinary" in attribute:
        return base64.b64decode(attribute["InlineBinary"])
    values: Sequence[Any] = attribute.get("Value", ())
    if vr in NUMBERS:
        return struct.pack(f"<{len(values)}{NUMBERS[vr]}", *values)
    if vr == "AT":
        return b"".join(struct.pack("<HH", int(one[:4], 16), int(one[4:], 16)) for one in values)
    if vr == "PN":
        return "\\".join(_name(one) for one in values).encode()
    return "\\".join("" if one is None else str(one) for one in values).encode()


def _name(value: Any) -> str:
    if not isinstance(value, Mapping):
        return "" if value is None else str(value)
    groups = [str(value.get(key, "")) for key in ("Alphabetic", "Ideographic", "Phonetic")]
    return "=".join(groups).rstrip("=")
