"""Segments as files that grow, each locked by the process that writes it; all who wait share one sync."""

import errno
import fcntl
import os
import threading
import time
from dataclasses import dataclass, field

from dokuei.kit.segment.record import Place, Record, head_of, new_key, size_of
from dokuei.kit.store import FileStore, Part, Slice, Store, StoreUnreachable, sync_folder, trouble

ROLL_BYTES = 256 * 1024**2
ROLL_SECONDS = 300.0


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
        if isinstance(body, Slice):
            here = _write(segment.file, start, head)
            for chunk in body.chunks():
                here = _write(segment.file, here, chunk)
        else:
            here = _write(segment.file, start, head, body)
    except OSError:
        try:
            os.ftruncate(segment.file, start)
        except OSError:
            segment.is_broken = True
        raise
    segment.written = here


def _write(file: int, at: int, *parts: bytes | memoryview) -> int:
    left = [memoryview(one) for one in parts if len(one)]
    while left:
        count = os.pwritev(file, left, at)
        if not count:
            raise OSError(errno.EIO, "nothing was written")
        at += count
        while left and count >= len(left[0]):
            count -= len(left.pop(0))
        if count:
            left[0] = left[0][count:]
    return at


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
