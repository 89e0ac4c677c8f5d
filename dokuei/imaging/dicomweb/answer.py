"""What a DICOMweb handler answers: a status, headers, and a body made of bytes and stored ranges."""

import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from dokuei.imaging.frames import Piece, Stored, cut, length_of, read_piece
from dokuei.imaging.spool import Spooled
from dokuei.kit import store

__all__ = ["Answer", "Piece", "Stored", "multipart", "read"]

NO_STORE = (b"cache-control", b"private, no-store")
AT_ONCE = 4 * 1024**2
"""A body up to this size is read in one go and sent in one piece."""
CHUNK = 1024**2
AT_HAND = 1024**2
"""What is copied from memory without a thread: some hundred microseconds at most."""

_kept = threading.local()


@dataclass(frozen=True)
class Answer:
    """One HTTP answer, read lazily; its length is known before anything is read."""

    status: int
    content_type: str
    pieces: Sequence[Piece] = ()
    headers: Sequence[tuple[bytes, bytes]] = field(default=())
    cache_seconds: int = 0

    @cached_property
    def length(self) -> int:
        """Of the body, in bytes."""
        return sum(length_of(piece) for piece in self.pieces)

    def raw_headers(self) -> list[tuple[bytes, bytes]]:
        kept = f"private, max-age={self.cache_seconds}, immutable".encode()
        body = [
            (b"content-type", self.content_type.encode("latin-1")),
            (b"content-length", str(self.length).encode()),
        ]
        return [
            *(body if self.status != 304 else ()),
            (b"cache-control", kept) if self.cache_seconds else NO_STORE,
            *self.headers,
        ]

    def kept_for(self, seconds: int) -> "Answer":
        """This answer, which the caller's own cache may keep so long; never a shared one."""
        return replace(self, cache_seconds=seconds)

    def partial(self) -> "Answer":
        """This answer, from which something that was asked for is missing (PS3.18 10.4.3.1)."""
        return replace(self, status=206)

    @property
    def etag(self) -> str:
        return next((value.decode() for name, value in self.headers if name == b"etag"), "")

    def conditional(self, headers: Mapping[str, str]) -> "Answer":
        """What is left to send to a caller that has it already, or wants a range of it (RFC 9110 13, 14)."""
        if "if-none-match" in headers and self.status == 200 and self.etag:
            known = [one.strip().removeprefix("W/") for one in headers["if-none-match"].split(",")]
            if self.etag in known or known == ["*"]:
                return replace(self, status=304, pieces=())
        wanted = headers.get("range", "")
        if wanted and headers.get("if-range", self.etag) == self.etag:
            return self.ranged(wanted)
        return self

    def chunks(self) -> Iterator[tuple[Piece, ...]]:
        """The pieces in portions that are read in one go."""
        portion: list[Piece] = []
        size = 0
        if self.length <= AT_ONCE:
            yield tuple(self.pieces)
            return
        for piece in self.pieces:
            for part in _parts(piece):
                if size and size + length_of(part) > AT_ONCE:
                    yield tuple(portion)
                    portion, size = [], 0
                portion.append(part)
                size += length_of(part)
        yield tuple(portion)

    def ranged(self, header: str) -> "Answer":
        """This answer limited to a byte range (RFC 9110 14); several ranges or nonsense give the whole."""
        match = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", header.strip())
        if self.status != 200 or not match or not any(match.groups()):
            return self
        total = self.length
        if match[1]:
            first, last = int(match[1]), min(int(match[2] or total - 1), total - 1)
        else:
            first, last = max(total - int(match[2]), 0), total - 1
        if first >= total or last < first:
            span = f"bytes */{total}".encode()
            return Answer(416, self.content_type, (), ((b"content-range", span),))
        span = f"bytes {first}-{last}/{total}".encode()
        pieces = tuple(_cut(self.pieces, first, last + 1))
        headers = (*self.headers, (b"content-range", span))
        return replace(self, status=206, pieces=pieces, headers=headers)


def multipart(
    boundary: str,
    kind: str,
    parts: Iterable[tuple[str, Sequence[Piece]]],
    *headers: tuple[bytes, bytes],
) -> Answer:
    """A multipart/related answer.

    The boundary is the same for the same content, so that ranges fit together.
    """
    pieces: list[Piece] = []
    for content_type, body in parts:
        pieces.append(f"--{boundary}\r\nContent-Type: {content_type}\r\n\r\n".encode())
        pieces.extend(body)
        pieces.append(b"\r\n")
    pieces.append(f"--{boundary}--\r\n".encode())
    content_type = f'multipart/related; type="{kind}"; boundary={boundary}'
    return Answer(200, content_type, tuple(pieces), headers)


def read(portion: Sequence[Piece]) -> bytes:
    """The bytes of a portion; blocking."""
    return b"".join(map(read_piece, portion))


def at_hand(portion: Sequence[Piece]) -> bytes | None:
    """The same bytes if none of them must be waited for and they are few enough to be copied at once."""
    if len(portion) == 1 and isinstance(portion[0], bytes):
        return portion[0]
    total = sum(map(length_of, portion))
    if total > AT_HAND:
        return None
    desk = _desk()
    place, here = store.default(), 0
    for piece in portion:
        end = here + length_of(piece)
        if isinstance(piece, bytes):
            desk[here:end] = piece
        elif isinstance(piece, Spooled) or not place.read_at_hand(piece.key, piece.offset, desk[here:end]):
            return None
        here = end
    return bytes(desk[:total])


def _desk() -> memoryview:
    """Room to put an answer together in, this thread's own; taking new memory for each would cost more than reading."""
    desk: memoryview | None = getattr(_kept, "desk", None)
    if desk is None:
        desk = _kept.desk = memoryview(bytearray(AT_HAND))
    return desk


def _parts(piece: Piece) -> Iterator[Piece]:
    if isinstance(piece, bytes) or piece.length <= AT_ONCE:
        yield piece
        return
    for start in range(0, piece.length, CHUNK):
        yield cut(piece, start, min(CHUNK, piece.length - start))


def _cut(pieces: Sequence[Piece], first: int, end: int) -> Iterator[Piece]:
    here = 0
    for piece in pieces:
        length = length_of(piece)
        start, stop = max(first - here, 0), min(end - here, length)
        if start < stop:
            yield cut(piece, start, stop - start)
        here += length
