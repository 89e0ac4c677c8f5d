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
    content: bytes | Path | DokueiError = b""
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

    async def content(self) -> bytes | Path | DokueiError:
        if self.size > self.largest:
            return InstanceTooLarge()
        if self.file is None:
            return bytes(self.waiting)
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
    """Reads a request body up to delimiters, holding no more than one delimiter and one message."""

    def __init__(self, receive: Receive) -> None:
        self.receive, self.buffer, self.is_over = receive, bytearray(), False

    async def _more(self) -> None:
        if self.is_over:
            raise Invalid(code="stow.truncated")
        message = await self.receive()
        if message["type"] == "http.disconnect":
            raise Invalid(code="stow.truncated")
        self.buffer += message.get("body", b"")
        self.is_over = not message.get("more_body", False)

    async def take(self, count: int) -> bytes:
        while len(self.buffer) < count:
            await self._more()
        data = bytes(self.buffer[:count])
        del self.buffer[:count]
        return data

    async def rest(self, keep: _Spool) -> None:
        while True:
            await keep.write(bytes(self.buffer))
            self.buffer.clear()
            if self.is_over:
                return
            await self._more()

    async def until(self, delimiter: bytes, keep: _Spool | None) -> None:
        """Hand everything before the delimiter to `keep` and step behind it."""
        while (found := self.buffer.find(delimiter)) < 0:
            settled = len(self.buffer) - len(delimiter)
            if settled > 0:
                if keep is not None:
                    await keep.write(bytes(self.buffer[:settled]))
                del self.buffer[:settled]
            await self._more()
        if keep is not None:
            await keep.write(bytes(self.buffer[:found]))
        del self.buffer[: found + len(delimiter)]

    async def head(self) -> dict[str, str]:
        """A part's header lines, by lower-case name."""
        while (found := self.buffer.find(b"\r\n\r\n")) < 0:
            if len(self.buffer) > LONGEST_HEAD:
                raise Invalid(code="stow.head")
            await self._more()
        if found > LONGEST_HEAD:
            raise Invalid(code="stow.head")
        lines = bytes(self.buffer[:found]).decode("latin-1").split("\r\n")
        del self.buffer[: found + 4]
        pairs = (line.partition(":") for line in lines if ":" in line)
        return {name.strip().lower(): value.strip() for name, _, value in pairs}
