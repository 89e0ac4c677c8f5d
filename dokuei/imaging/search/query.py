"""What is asked, parsed once by the door into a frozen type."""

import re
from dataclasses import dataclass
from enum import StrEnum

from pydicom.datadict import tag_for_keyword

from dokuei.base.errors import Invalid

Path = tuple[int, ...]
"""A tag, or the tag of a sequence and a tag of its items: ``(0x00100020,)``, ``(0x00400275, 0x00400009)``."""
DEEPEST = 4
LONGEST_VALUE = 1024
UNIVERSAL = ("", "*")


class QueryInvalid(Invalid):
    """検索条件の値の形式が正しくありません。"""

    code = "query.value"
    status = 400


class Level(StrEnum):
    """What one result is; the value is what Query/Retrieve Level (0008,0052) calls it."""

    PATIENT = "PATIENT"
    STUDY = "STUDY"
    SERIES = "SERIES"
    IMAGE = "IMAGE"

    def is_below(self, other: "Level") -> bool:
        order = list(Level)
        return order.index(self) > order.index(other)


@dataclass(frozen=True)
class Key:
    """An attribute to match. `value` is text as the standard writes it; several values are parted by a backslash."""

    path: Path
    value: str

    @property
    def is_universal(self) -> bool:
        """Whether every row matches (PS3.4 C.2.2.2.3, and a lone ``*``)."""
        return self.value.strip(" \0\\") in UNIVERSAL


@dataclass(frozen=True, kw_only=True)
class Query:
    """A search. Keys of levels above `level` are matched too (relational); those below are not known there."""

    level: Level
    keys: tuple[Key, ...] = ()
    returned: frozenset[Path] = frozenset()
    """Attributes to return besides the level's unique keys; those nobody indexed are read from a stored header."""
    wants_all: bool = False
    """Return every attribute of the level that is indexed or stands in a representative instance's header."""
    is_fuzzy: bool = False
    """Match names word by word (PS3.4 C.2.2.2.1.1), each a beginning, in any order."""
    facility_id: int | None = None
    """Search one facility; None means every facility of the actor."""
    limit: int | None = None
    offset: int = 0


def parse_path(text: str) -> Path | None:
    """A DICOM attribute as doors name it, or None if there is no such attribute.

    >>> parse_path("PatientID") == parse_path("00100020") == (0x00100020,)
    True
    >>> parse_path("RequestAttributesSequence.00400009") == (0x00400275, 0x00400009)
    True
    """
    steps = text.split(".")
    if len(steps) > DEEPEST:
        return None
    tags = [_tag(one) for one in steps]
    return tuple(tag for tag in tags if tag is not None) if None not in tags else None


def _tag(text: str) -> int | None:
    if re.fullmatch(r"[0-9A-Fa-f]{8}", text):
        return int(text, 16)
    return tag_for_keyword(text) if text.isalnum() and len(text) <= 64 else None
