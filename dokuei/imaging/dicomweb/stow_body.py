"""Reading a STOW-RS request's body (PS3.18 8.6): parts one after the other, held in memory or in a nameless file."""

import re
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dokuei.base.errors import DokueiError, Invalid, Unavailable
from dokuei.imaging.errors import InstanceTooLarge, UploadTooLarge

MOST_PARTS = 1_000_000
LONGEST_HEAD = 16 * 1024
IN_MEMORY = 16 * 1024**2
"""A longer part goes on in a temporary file."""
Receive = Callable[[], Awaitable[dict[str, Any]]]
Blocking = Callable[..., Awaitable[Any]]


@dataclass
class Part:
    """One part; its file, if it has one, lives until the next part is asked for."""

    headers: dict[str, str] = field(default_factory=dict)
    content: bytes | memoryview | Path | DokueiError = b""
    size: int = 0

    @property
    def kind(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def boundary_of(content_type: str) -> bytes:
    """The boundary of a multipart/related request, or `Invalid`."""
    match = re.search(r'boundary=(?:"([^"]{1,200})"|([^\s;"]{1,200}))', content_type, re.IGNORECASE)
    if not match:
        raise Invalid(code="stow.no_boundary")
    return (match[1] or match[2]).encode("latin-1")


def root_type(content_type: str) -> str:
    """The media type of a multipart request's first part, as its `type` parameter says."""
    match = re.search(
        r'type=(?:"([^"]{1,200})"|([^\s;"]{1,200}))', content_type.partition(";")[2], re.IGNORECASE
    )
    return (match[1] or match[2]).lower() if match else ""


async def parts(receive: Receive, boundary: bytes, blocking: Blocking, largest: int) -> AsyncIterator[Part]:
    """Every part in order; one that is too large as its refusal."""
    reader = _Reader(receive)
    await reader.until(b"--" + boundary, None)
    for _ in range(MOST_PARTS):
        if await reader.take(2) == b"--":
            return
        headers = await reader.head()
        keep = _Spool(largest, blocking)
        try:
            await reader.until(b"\r\n--" + boundary, keep)
            yield Part(headers, await keep.content(), keep.size)
        finally:
            keep.close()
    raise UploadTooLarge()


async def single(
    receive: Receive, content_type: str, blocking: Blocking, largest: int
) -> AsyncIterator[Part]:
    """The whole body as one part (PS3.18 8.6.1.1)."""
    keep = _Spool(largest, blocking)
    reader = _Reader(receive)
    try:
        await reader.rest(keep)
        yield Part({"content-type": content_type}, await keep.content(), keep.size)
    finally:
        keep.close()


class _Spool:
    """Collects a part; beyond the limit it counts and keeps nothing more."""

    def __init__(self, largest: int, blocking: Blocking) -> None:
        self.largest, self.blocking = largest, blocking
        self.size, self.waiting = 0, bytearray()
        self.file: Any = None

    async def write(self, data: bytes | memoryview) -> None:
        self.size += len(data)
        if self.size > self.largest:
            self.waiting = bytearray()
            return
        self.waiting += data
        if len(self.waiting) > IN_MEMORY:
            await self._flush()

    async def content(self) -> memoryview | Path | DokueiError:
        if self.size > self.largest:
            return InstanceTooLarge()
        if self.file is None:
            return memoryview(self.waiting).toreadonly()
        await self._flush()
        return Path(f"/proc/self/fd/{self.file.fileno()}")

    async def _flush(self) -> None:
        data, self.waiting = bytes(self.waiting), bytearray()
        await self.blocking(self._write, data)

    def _write(self, data: bytes) -> None:
        try:
            if self.file is None:
                self.file = tempfile.TemporaryFile(prefix="dokuei-stow-")  # noqa: SIM115 - lives with its part
            self.file.write(data)
            self.file.flush()
        except OSError as error:
            raise Unavailable(code="store.full") from error

    def close(self) -> None:
        if self.file is not None:
            self.file.close()


class _Reader:
    """Reads a request body up to delimiters; what it hands on it neither keeps nor copies."""

    def __init__(self, receive: Receive) -> None:
        self.receive, self.is_over = receive, False
        self.chunk, self.here = b"", 0
        """The message being read, and how far."""

    async def _more(self) -> bytes:
        if self.is_over:
            raise Invalid(code="stow.truncated")
        message = await self.receive()
        if message["type"] == "http.disconnect":
            raise Invalid(code="stow.truncated")
        self.is_over = not message.get("more_body", False)
        return bytes(message.get("body", b""))

    async def _join(self, most: int) -> None:
        """Put the next message behind what is left of this one, which must not be longer than `most`."""
        rest = self.chunk[self.here :]
        if len(rest) > most:
            raise Invalid(code="stow.head")
        self.chunk, self.here = rest + await self._more(), 0

    async def take(self, count: int) -> bytes:
        while len(self.chunk) - self.here < count:
            await self._join(count)
        self.here += count
        return self.chunk[self.here - count : self.here]

    async def rest(self, keep: _Spool) -> None:
        while True:
            await keep.write(memoryview(self.chunk)[self.here :])
            self.chunk, self.here = b"", 0
            if self.is_over:
                return
            self.chunk = await self._more()

    async def until(self, delimiter: bytes, keep: _Spool | None) -> None:
        """Hand everything before the delimiter to `keep` and step behind it."""
        while (found := self.chunk.find(delimiter, self.here)) < 0:
            settled = max(len(self.chunk) - len(delimiter) + 1, self.here)
            await self._hand(settled, keep)
            if len(self.chunk) - self.here:
                self.chunk = await self._across(delimiter, keep)
            else:
                self.chunk, self.here = await self._more(), 0
        await self._hand(found, keep)
        self.here = found + len(delimiter)

    async def _across(self, delimiter: bytes, keep: _Spool | None) -> bytes:
        """The next message, with so much of this one before it as may begin the delimiter."""
        last = self.chunk[self.here :]
        following = await self._more()
        self.here = 0
        if len(following) < len(delimiter) or (last + following[: len(delimiter)]).find(delimiter) >= 0:
            return last + following
        if keep is not None:
            await keep.write(last)
        return following

    async def _hand(self, end: int, keep: _Spool | None) -> None:
        if keep is not None and end > self.here:
            await keep.write(memoryview(self.chunk)[self.here : end])
        self.here = max(end, self.here)

    async def head(self) -> dict[str, str]:
        """A part's header lines, by lower-case name."""
        while (found := self.chunk.find(b"\r\n\r\n", self.here)) < 0:
            await self._join(LONGEST_HEAD)
        if found - self.here > LONGEST_HEAD:
            raise Invalid(code="stow.head")
        lines = self.chunk[self.here : found].decode("latin-1").split("\r\n")
        self.here = found + 4
        pairs = (line.partition(":") for line in lines if ":" in line)
        return {name.strip().lower(): value.strip() for name, _, value in pairs}
