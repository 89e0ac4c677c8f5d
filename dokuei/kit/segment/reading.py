"""Segments read back, also damaged ones and those whose writer died."""

import hashlib
import logging
import zlib
from collections.abc import Iterator

import orjson

from dokuei.kit.segment.record import HEAD, LONGEST_LABEL, MAGIC, Found, Place
from dokuei.kit.store import Store

log = logging.getLogger("dokuei.segment")
CHUNK = 1 << 20


def read_records(store: Store, key: str) -> Iterator[Found]:
    """Every record of a segment, in order.

    A damaged head ends in a search for the next one. What follows the last whole record of a segment whose writer
    died is the torn end: it was never acknowledged.
    """
    size = store.size(key)
    here = 0
    while size - here >= HEAD.size:
        found = _read_head(store, key, here, size)
        if found is None:
            following = _next_magic(store, key, here + 1, size)
            log.warning("a damaged or torn record", extra={"segment": key, "offset": here})
            if following is None:
                return
            here = following
            continue
        yield found
        here = found.place.offset + found.place.length


def _read_head(store: Store, key: str, here: int, size: int) -> Found | None:
    magic, crc, label, lead, length, sha256 = HEAD.unpack(store.get_range(key, here, HEAD.size))
    start = here + HEAD.size + label
    if magic != MAGIC or label > LONGEST_LABEL or lead > LONGEST_LABEL or start + lead + length > size:
        return None
    rest = store.get_range(key, here + 8, HEAD.size - 8 + label + lead)
    if zlib.crc32(rest) != crc:
        return None
    text = rest[HEAD.size - 8 : HEAD.size - 8 + label]
    return Found(orjson.loads(text), Place(key, start, lead + length), start + lead, sha256)


def is_whole(store: Store, found: Found) -> bool:
    """Whether the body is what was kept."""
    digest = hashlib.sha256()
    end = found.place.offset + found.place.length
    for at in range(found.body_offset, end, CHUNK):
        digest.update(store.get_range(found.place.key, at, min(CHUNK, end - at)))
    return digest.digest() == found.sha256


def _next_magic(store: Store, key: str, here: int, size: int) -> int | None:
    while here < size:
        chunk = store.get_range(key, here, min(CHUNK, size - here))
        found = chunk.find(MAGIC)
        if found >= 0:
            return here + found
        here += max(len(chunk) - len(MAGIC) + 1, 1)
    return None
