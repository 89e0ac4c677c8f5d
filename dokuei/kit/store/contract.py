"""What a store promises, whatever kind it is: its methods, its errors, its keys."""

import errno
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from dokuei.base.errors import Invalid, Unavailable

log = logging.getLogger("dokuei.store")
CHUNK = 1 << 20
KEY = re.compile(r"[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*")
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class StoreFull(Unavailable):
    """保存先の空き容量が不足しています。画像は保存されていません。送信元に残してください。"""

    code = "store.full"


class StoreUnreachable(Unavailable):
    """保存先に接続できません。しばらくしてからやり直してください。"""

    code = "store.unreachable"


@dataclass(frozen=True)
class Slice:
    """A part of a file; the whole file from `offset` if `length` is None."""

    path: Path
    offset: int = 0
    length: int | None = None

    @property
    def size(self) -> int:
        return self.path.stat().st_size - self.offset if self.length is None else self.length

    def chunks(self) -> Iterator[bytes]:
        left = self.size
        with self.path.open("rb") as source:
            source.seek(self.offset)
            while left > 0:
                chunk = source.read(min(CHUNK, left))
                if not chunk:
                    raise OSError(errno.EIO, "the source file became shorter")
                left -= len(chunk)
                yield chunk


Part = bytes | memoryview | Slice


class Store(Protocol):
    """What every kind of store can do."""

    def put(self, key: str, *parts: Part) -> int: ...

    def get_range(self, key: str, offset: int, length: int) -> bytes: ...

    def read_at_hand(self, key: str, offset: int, into: memoryview) -> bool: ...

    def exists(self, key: str) -> bool: ...

    def size(self, key: str) -> int: ...

    def keys(self, prefix: str) -> Iterator[str]: ...

    def delete(self, key: str) -> None: ...

    def forget(self, key: str) -> None: ...

    def free_bytes(self) -> int | None: ...

    def is_writable(self) -> bool: ...


def checked(key: str) -> str:
    """The key if it is one we would make; nothing from outside ever names a file."""
    if len(key) > 512 or not KEY.fullmatch(key):
        raise Invalid(code="store.key")
    return key


def chunks_of(parts: tuple[Part, ...]) -> Iterator[bytes]:
    """The bytes of the parts, one after the other."""
    for part in parts:
        if isinstance(part, Slice):
            yield from part.chunks()
        else:
            yield bytes(part)


def trouble(error: OSError) -> Unavailable:
    """What an error of the file system means for whoever wanted to keep something."""
    log.error("the store failed", extra={"errno": error.errno})
    return StoreFull() if error.errno in FULL else StoreUnreachable()
