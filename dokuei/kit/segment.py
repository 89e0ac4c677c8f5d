"""Append-only segments in the object store, made durable together (group commit).

Whoever keeps a record waits until it is synced; all who wait at the same time share one sync. On a folder the open
segment is a file that grows, locked by the process that writes it; on S3 each group is one object. A segment is the
write-ahead log of what was acknowledged: every record carries what is needed to list it again, and its checksum,
so that after a power cut the torn end is told from the rest.
"""

import errno
import fcntl
import hashlib
import logging
import os
import secrets
import struct
import threading
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import orjson

from dokuei.kit.store import FileStore, Part, S3Store, Slice, Store, StoreUnreachable, sync_folder, trouble

log = logging.getLogger("dokuei.segment")

PREFIX = "segments"
MAGIC = b"DKS1"
HEAD = struct.Struct("<4sIIIQ32s")
"""Magic, CRC-32 of what follows up to the end of the lead, lengths of label, lead and body, SHA-256 of the body."""
LONGEST_LABEL = 1 << 20
ROLL_BYTES = 256 * 1024**2
ROLL_SECONDS = 300.0
GROUP_BYTES = 64 * 1024**2
CHUNK = 1 << 20


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


def open_log(store: Store) -> SegmentLog:
    """A log of this process in a store."""
    if isinstance(store, FileStore):
        return FileLog(store)
    assert isinstance(store, S3Store)
    return ObjectLog(store)


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


@dataclass
class _Open:
    """The segment being written."""

    key: str
    file: int
    since: float
    written: int = 0
    synced: int = 0
    is_syncing: bool = False
    is_broken: bool = False
    waiting: int = 0
    is_closing: bool = False
    done: threading.Condition = field(default_factory=threading.Condition)


class FileLog:
    """Segments as files of a `FileStore`."""

    def __init__(self, store: FileStore) -> None:
        self.store = store
        self._append = threading.Lock()
        self._open: _Open | None = None

    def keep(self, *records: Record) -> list[Place]:
        """Append and wait until all is synced; raise `Unavailable` when it cannot be, and nothing counts."""
        places, ends = [], {}
        try:
            for one in records:
                segment, place = self._add(one)
                places.append(place)
                if id(segment) in ends:
                    _leave(segment)
                ends[id(segment)] = (segment, place.offset + place.length)
            for segment, end in ends.values():
                self._sync(segment, end)
        except OSError as error:
            raise trouble(error) from error
        finally:
            for segment, _ in ends.values():
                _leave(segment)
        return places

    def _add(self, one: Record) -> tuple[_Open, Place]:
        """Write behind the last record; the segment stays open for whoever waits."""
        head, length = head_of(one), len(one.lead) + size_of(one.body)
        with self._append:
            segment = self._current(len(head) + length)
            offset = segment.written + len(head) - len(one.lead)
            _append(segment, head, one.body)
            with segment.done:
                segment.waiting += 1
        return segment, Place(segment.key, offset, length)

    def close(self) -> None:
        """End the open segment; the next record begins another."""
        with self._append:
            self._end()

    def close_if_old(self) -> None:
        """End a segment that has been open for long, so that it is looked through."""
        with self._append:
            if self._open is not None and time.monotonic() - self._open.since > ROLL_SECONDS:
                self._end()

    def _current(self, more: int) -> _Open:
        segment = self._open
        if segment is not None:
            is_old = time.monotonic() - segment.since > ROLL_SECONDS
            is_full = segment.written and segment.written + more > ROLL_BYTES
            is_gone = os.fstat(segment.file).st_nlink == 0
            if is_old or is_full or is_gone or segment.is_broken:
                self._end()
        if self._open is None:
            self._open = self._begin()
        return self._open

    def _begin(self) -> _Open:
        key = new_key()
        path = self.store.path_of(key)
        self.store.make_folder(path.parent)
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            sync_folder(path.parent)
        except OSError:
            os.close(file)
            raise
        return _Open(key, file, time.monotonic())

    def _end(self) -> None:
        segment, self._open = self._open, None
        if segment is None:
            return
        with segment.done:
            segment.is_closing = True
            if not segment.waiting:
                os.close(segment.file)

    def _sync(self, segment: _Open, end: int) -> None:
        while True:
            with segment.done:
                if segment.synced >= end:
                    return
                if segment.is_broken:
                    raise StoreUnreachable()
                if segment.is_syncing:
                    segment.done.wait()
                    continue
                segment.is_syncing, mark = True, segment.written
            _sync_to(segment, mark)


def _leave(segment: _Open) -> None:
    """Wait no longer; the last one to leave a segment that was ended closes it."""
    with segment.done:
        segment.waiting -= 1
        if segment.is_closing and not segment.waiting:
            os.close(segment.file)


def _sync_to(segment: _Open, mark: int) -> None:
    """Sync for all who wait.

    After a failed sync nobody knows what the disk holds, so the segment takes no more and nobody is told success.
    """
    is_good = False
    try:
        os.fdatasync(segment.file)
        is_good = True
    finally:
        with segment.done:
            segment.is_syncing = False
            segment.is_broken |= not is_good
            if is_good:
                segment.synced = max(segment.synced, mark)
            segment.done.notify_all()


def _append(segment: _Open, head: bytes, body: Part) -> None:
    """Write a record behind the last one; what could only be written in part is cut off again."""
    start = segment.written
    try:
        here = _write(segment.file, start, head)
        for chunk in body.chunks() if isinstance(body, Slice) else (body,):
            here = _write(segment.file, here, chunk)
    except OSError:
        try:
            os.ftruncate(segment.file, start)
        except OSError:
            segment.is_broken = True
        raise
    segment.written = here


def _write(file: int, at: int, data: bytes | memoryview) -> int:
    view = memoryview(data)
    while view:
        count = os.pwrite(file, view, at)
        if not count:
            raise OSError(errno.EIO, "nothing was written")
        at, view = at + count, view[count:]
    return at


@dataclass
class _Waiting:
    head: bytes
    body: Part
    lead_length: int
    place: Place | None = None
    error: BaseException | None = None


class ObjectLog:
    """Segments as objects: all records that wait at the same time are one object."""

    def __init__(self, store: S3Store) -> None:
        self.store = store
        self._changed = threading.Condition()
        self._queue: list[_Waiting] = []
        self._is_putting = False

    def keep(self, *records: Record) -> list[Place]:
        mine = [_Waiting(head_of(one), one.body, len(one.lead)) for one in records]
        with self._changed:
            self._queue += mine
        while True:
            with self._changed:
                for one in mine:
                    if one.error is not None:
                        raise one.error
                places = [one.place for one in mine if one.place is not None]
                if len(places) == len(mine):
                    return places
                if self._is_putting:
                    self._changed.wait()
                    continue
                group = self._take_group()
                self._is_putting = True
            self._put(group)

    def close(self) -> None:
        """Nothing is open between two groups."""

    def close_if_old(self) -> None:
        """Nothing is open between two groups."""

    def _take_group(self) -> list[_Waiting]:
        size, count = 0, 0
        for one in self._queue:
            if count and size + size_of(one.body) > GROUP_BYTES:
                break
            size, count = size + size_of(one.body), count + 1
        group, self._queue = self._queue[:count], self._queue[count:]
        return group

    def _put(self, group: list[_Waiting]) -> None:
        key, here, places = new_key(), 0, []
        error: BaseException | None = None
        for one in group:
            start = here + len(one.head) - one.lead_length
            here += len(one.head) + size_of(one.body)
            places.append(Place(key, start, here - start))
        try:
            self.store.put(key, *(part for one in group for part in (one.head, one.body)))
        except Exception as failure:  # noqa: BLE001 - each who waits raises it
            error = failure
        with self._changed:
            for one, place in zip(group, places, strict=True):
                one.place, one.error = (None, error) if error else (place, None)
            self._is_putting = False
            self._changed.notify_all()


def is_being_written(store: Store, key: str) -> bool:
    """Whether a living process still appends to this segment."""
    if not isinstance(store, FileStore):
        return False
    try:
        file = os.open(store.path_of(key), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


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
