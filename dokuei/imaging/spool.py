"""What was made for one answer, kept in a nameless file until the answer is sent."""

import os
import tempfile
import weakref
from dataclasses import dataclass

from django.conf import settings

from dokuei.imaging.errors import AnswerTooLarge, SpoolFull

LARGEST = 8 * 1024**3


class Spool:
    """A nameless file that only grows, and is gone when nobody holds a part of it any more.

    It is there from the first byte on: most answers make nothing.
    """

    def __init__(self, largest: int = LARGEST) -> None:
        self._largest, self._end, self._file = largest, 0, -1

    def _opened(self) -> int:
        folder = settings.DOKUEI.data / "made"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
            found = os.dup(file.fileno())
        weakref.finalize(self, os.close, found)
        return found

    def add(self, data: bytes) -> "Spooled":
        """Keep these bytes; blocking."""
        if self._end + len(data) > self._largest:
            raise AnswerTooLarge()
        begun, view = self._end, memoryview(data)
        try:
            if self._file < 0:
                self._file = self._opened()
            while view:
                written = os.pwrite(self._file, view, self._end)
                view, self._end = view[written:], self._end + written
        except OSError as error:
            raise SpoolFull() from error
        return Spooled(self, begun, len(data))

    def read(self, offset: int, length: int) -> bytes:
        data = os.pread(self._file, length, offset)
        while len(data) < length:
            more = os.pread(self._file, length - len(data), offset + len(data))
            if not more:
                raise SpoolFull()
            data += more
        return data


@dataclass(frozen=True)
class Spooled:
    """A part of a spool, read only when it is sent."""

    spool: Spool
    offset: int
    length: int

    def read(self) -> bytes:
        return self.spool.read(self.offset, self.length)
