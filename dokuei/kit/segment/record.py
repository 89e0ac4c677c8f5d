"""A record of a segment: its head with a checksum, a label and a lead of our own, the body."""

import secrets
import struct
import time
import zlib
from typing import Any, NamedTuple, Protocol

import orjson

from dokuei.kit.store import Part, Slice

PREFIX = "segments"
MAGIC = b"DKS1"
HEAD = struct.Struct("<4sIIIQ32s")
"""Magic, CRC-32 of what follows up to the end of the lead, lengths of label, lead and body, SHA-256 of the body."""
LONGEST_LABEL = 1 << 20


class Place(NamedTuple):
    """Where a body lies in the store."""

    key: str
    offset: int
    length: int


class Found(NamedTuple):
    """A record read back; its body is not looked at before `is_whole`."""

    label: dict[str, Any]
    place: Place
    body_offset: int
    sha256: bytes


class Record(NamedTuple):
    """What is kept: a body with its checksum, a label and a lead of our own before it."""

    label: dict[str, Any]
    lead: bytes
    body: Part
    sha256: bytes


class SegmentLog(Protocol):
    """Keeps records; durable when `keep` returns. A place begins with the record's lead."""

    def keep(self, *records: Record) -> list[Place]: ...

    def close(self) -> None: ...

    def close_if_old(self) -> None: ...


def new_key() -> str:
    """Names sort by age, and two processes never choose the same."""
    return f"{PREFIX}/{time.time_ns() // 10**6:013x}-{secrets.token_hex(6)}.seg"


def head_of(one: Record) -> bytes:
    """What stands before a body, the lead included."""
    text = orjson.dumps(one.label)
    rest = struct.pack("<IIQ32s", len(text), len(one.lead), size_of(one.body), one.sha256) + text + one.lead
    return MAGIC + struct.pack("<I", zlib.crc32(rest)) + rest


def size_of(part: Part) -> int:
    return part.size if isinstance(part, Slice) else len(part)
