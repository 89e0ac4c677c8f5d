"""Unique identifiers (PS3.5 9.1): checked once at the door, then a type of their own."""

import re
import uuid
from typing import NewType

from dokuei.base.errors import Invalid

UID = NewType("UID", str)
"""A unique identifier that was checked: digits and dots only, so it is safe in a path, a query and a log."""

LONGEST = 64
_CONFORMING = re.compile(r"(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*))+")
_TOLERATED = re.compile(r"[0-9]+(?:\.[0-9]+)+")
_ROOT = "2.25"

IMPLEMENTATION_CLASS_UID = UID("2.25.163823714929451230817325806243921064418")
"""Our Implementation Class UID (0002,0012): a UUID of our own under 2.25 (PS3.5 B.2)."""
IMPLEMENTATION_VERSION_NAME = "DOKUEI_0_1"


class IllegalUID(Invalid):
    """UIDの形式が不正なため受け付けられません。送信元の装置の設定を確認してください。"""

    code = "dicom.uid_illegal"


def is_conforming(text: str) -> bool:
    """Whether the text is a UID by the letter of PS3.5 9.1.

    >>> is_conforming("1.2.840.10008.1.1"), is_conforming("1.2.0840"), is_conforming("1.2.840\\x00.5")
    (True, False, False)
    """
    return len(text) <= LONGEST and _CONFORMING.fullmatch(text) is not None


def is_uid(text: str) -> bool:
    """Whether `parse_uid` accepts the text."""
    return len(text) <= LONGEST and _TOLERATED.fullmatch(text) is not None


def parse_uid(text: str) -> UID:
    """Accept a UID from outside or raise `IllegalUID`.

    Leading zeros in a component are against the standard but come from real devices and harm nobody: they
    are kept as they are (two UIDs are equal only if every character is). Anything that is not digits and
    dots, or longer than 64 characters, is refused: it may be a path, a URL or an attack, and it cannot be
    answered in DICOM.

    >>> parse_uid("1.2.0840.10008.01")
    '1.2.0840.10008.01'
    """
    if is_uid(text):
        return UID(text)
    raise IllegalUID()


def make_uid() -> UID:
    """A fresh UID from a random UUID (PS3.5 B.2).

    >>> is_conforming(make_uid())
    True
    """
    return UID(f"{_ROOT}.{uuid.uuid4().int}")
