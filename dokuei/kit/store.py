"""The object store: bytes under a key, durable before `put` returns, read back by exact ranges.

``file://`` keeps each object as a file: written aside, synced, renamed, its folder synced, so that after a
power cut it is there whole or not at all. ``s3://`` is any S3-compatible service. A place in the store is
(key, offset, length), so that several instances may share one object later.
"""

import errno
import logging
import os
import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from dokuei.base.errors import Invalid, NotFound, Unavailable

log = logging.getLogger("dokuei.store")
OPEN_FILES = 512
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


NO_WAIT: int = getattr(os, "RWF_NOWAIT", 0)
"""Linux: read only what is in memory. Where it is missing, every read is taken to wait."""
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


class FileStore:
    """Objects as files under one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._lock = threading.Lock()
        self._files: OrderedDict[str, tuple[int, list[int]]] = OrderedDict()

    def put(self, key: str, *parts: Part) -> int:
        """Keep the parts, one after the other, under `key`.

        Return their length. Durable when this returns.
        """
        path = self.path_of(key)
        aside = path.parent / f".{secrets.token_hex(8)}.part"
        try:
            self.make_folder(path.parent)
            try:
                size = _write(aside, parts)
                aside.rename(path)
            except BaseException:
                aside.unlink(missing_ok=True)
                raise
            sync_folder(path.parent)
        except OSError as error:
            raise trouble(error) from error
        self.forget(key)
        return size

    def get_range(self, key: str, offset: int, length: int) -> bytes:
        """Exactly `length` bytes from `offset`."""
        with self._opened(key) as file:
            try:
                data = os.pread(file, length, offset)
                while len(data) < length:
                    more = os.pread(file, length - len(data), offset + len(data))
                    if not more:
                        break
                    data += more
            except OSError as error:
                raise trouble(error) from error
        if len(data) != length:
            raise StoreUnreachable()
        return data

    def read_at_hand(self, key: str, offset: int, into: memoryview) -> bool:
        """Fill `into` from `offset` if nobody has to wait for a disk: the object is open, its bytes are in memory."""
        if key not in self._files or not NO_WAIT:
            return False
        try:
            with self._opened(key) as file:
                return os.preadv(file, [into], offset, NO_WAIT) == len(into)
        except (OSError, NotFound, Unavailable):
            return False

    def exists(self, key: str) -> bool:
        return self.path_of(key).exists()

    def size(self, key: str) -> int:
        """Bytes of an object."""
        try:
            return self.path_of(key).stat().st_size
        except FileNotFoundError as error:
            raise NotFound(code="store.missing") from error

    def keys(self, prefix: str) -> Iterator[str]:
        """Keys below a folder, or all of them, in order."""
        folder = self.path_of(prefix) if prefix else self.root
        if folder.exists():
            for path in sorted(folder.rglob("*")):
                if path.is_file() and not path.name.startswith("."):
                    yield path.relative_to(self.root).as_posix()

    def delete(self, key: str) -> None:
        """Remove an object; one that is not there is no error."""
        self.forget(key)
        self.path_of(key).unlink(missing_ok=True)

    def free_bytes(self) -> int | None:
        try:
            found = os.statvfs(self.root)
        except FileNotFoundError:
            self.root.mkdir(parents=True, exist_ok=True)
            found = os.statvfs(self.root)
        return found.f_bavail * found.f_frsize

    def is_writable(self) -> bool:
        """Whether a small object can be made durable now."""
        try:
            self.put("probe/writable", b"ok")
        except Unavailable:
            return False
        return True

    def path_of(self, key: str) -> Path:
        """The file of an object."""
        return self.root / checked(key)

    def make_folder(self, folder: Path) -> None:
        """Make a folder and those above it, durably."""
        if folder.exists():
            return
        self.make_folder(folder.parent)
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        sync_folder(folder.parent)

    @contextmanager
    def _opened(self, key: str) -> Iterator[int]:
        """A kept file descriptor, held open while it is used."""
        with self._lock:
            entry = self._files.get(key)
            if entry is None:
                entry = (self._open(str(self.path_of(key))), [0])
                self._files[key] = entry
            self._files.move_to_end(key)
            entry[1][0] += 1
            self._evict()
        try:
            yield entry[0]
        finally:
            with self._lock:
                entry[1][0] -= 1
                if self._files.get(key) is not entry and entry[1][0] == 0:
                    os.close(entry[0])

    def _open(self, path: str) -> int:
        try:
            return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError as error:
            raise NotFound(code="store.missing") from error
        except OSError as error:
            raise trouble(error) from error

    def _evict(self) -> None:
        if len(self._files) <= OPEN_FILES:
            return
        for key, (file, users) in list(self._files.items())[: len(self._files) - OPEN_FILES]:
            if users[0] == 0:
                del self._files[key]
                os.close(file)

    def forget(self, key: str) -> None:
        """Keep nothing open of an object, so that the next read meets what lies under its name now."""
        with self._lock:
            entry = self._files.pop(key, None)
            if entry is not None and entry[1][0] == 0:
                os.close(entry[0])


class S3Store:
    """Objects in an S3 bucket, through obstore.

    Credentials and endpoint come from the usual AWS_ variables.
    """

    def __init__(self, bucket: str, prefix: str) -> None:
        from obstore.store import S3Store as Bucket

        self._bucket: Any = Bucket(bucket, prefix=prefix or None, client_options=_client_options())

    def put(self, key: str, *parts: Part) -> int:
        """Keep the parts under `key`; the service has confirmed them when this returns."""
        import obstore

        size = 0

        def stream() -> Iterator[bytes]:
            nonlocal size
            for chunk in _chunks(parts):
                size += len(chunk)
                yield chunk

        with _s3_errors():
            obstore.put(self._bucket, checked(key), stream())
        return size

    def get_range(self, key: str, offset: int, length: int) -> bytes:
        import obstore

        if length == 0:
            return b""
        with _s3_errors():
            return bytes(obstore.get_range(self._bucket, checked(key), start=offset, length=length))

    def read_at_hand(self, key: str, offset: int, into: memoryview) -> bool:
        """Never: it is always a journey."""
        return False

    def exists(self, key: str) -> bool:
        import obstore

        try:
            with _s3_errors():
                obstore.head(self._bucket, checked(key))
        except NotFound:
            return False
        return True

    def size(self, key: str) -> int:
        import obstore

        with _s3_errors():
            return int(obstore.head(self._bucket, checked(key))["size"])

    def keys(self, prefix: str) -> Iterator[str]:
        import obstore

        with _s3_errors():
            found = [
                str(one["path"])
                for batch in obstore.list(self._bucket, checked(prefix) if prefix else None)
                for one in batch
            ]
        yield from sorted(found)

    def delete(self, key: str) -> None:
        import obstore

        with suppress(NotFound), _s3_errors():
            obstore.delete(self._bucket, checked(key))

    def forget(self, key: str) -> None:
        """Nothing is kept open."""

    def free_bytes(self) -> int | None:
        """None: a bucket does not say."""
        return None

    def is_writable(self) -> bool:
        try:
            self.put("probe/writable", b"ok")
        except Unavailable:
            return False
        return True


def open_store(url: str) -> Store:
    """The store behind a ``file://`` or ``s3://bucket/prefix`` address."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return FileStore(Path(unquote(parts.path)))
    if parts.scheme == "s3":
        return S3Store(parts.netloc, parts.path.strip("/"))
    raise ValueError("a store begins with file:// or s3://")


@lru_cache(1)
def default() -> Store:
    """The store of this instance's configuration."""
    from django.conf import settings

    return open_store(settings.DOKUEI.storage_url)


def checked(key: str) -> str:
    """The key if it is one we would make; nothing from outside ever names a file."""
    if len(key) > 512 or not KEY.fullmatch(key):
        raise Invalid(code="store.key")
    return key


def sync_folder(folder: Path) -> None:
    """Make a rename in this folder durable."""
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _chunks(parts: tuple[Part, ...]) -> Iterator[bytes]:
    for part in parts:
        if isinstance(part, Slice):
            yield from part.chunks()
        else:
            yield bytes(part)


def _write(path: Path, parts: tuple[Part, ...]) -> int:
    size = 0
    with path.open("xb", buffering=0) as file:
        for chunk in _chunks(parts):
            view = memoryview(chunk)
            while view:
                view = view[file.write(view) :]
            size += len(chunk)
        os.fsync(file.fileno())
    return size


def trouble(error: OSError) -> Unavailable:
    """What an error of the file system means for whoever wanted to keep something."""
    log.error("the store failed", extra={"errno": error.errno})
    return StoreFull() if error.errno in FULL else StoreUnreachable()


def _client_options() -> Any:
    """Time limits; unencrypted HTTP only to an endpoint on this very machine."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL") or os.environ.get("AWS_ENDPOINT") or ""
    host = urlsplit(endpoint).hostname or ""
    is_here = host == "localhost" or host.startswith("127.") or host == "::1"
    return {"timeout": "60s", "connect_timeout": "5s", "allow_http": is_here}


@contextmanager
def _s3_errors() -> Iterator[None]:
    from obstore.exceptions import BaseError
    from obstore.exceptions import NotFoundError as S3NotFound

    try:
        yield
    except (S3NotFound, FileNotFoundError) as error:
        raise NotFound(code="store.missing") from error
    except BaseError as error:
        log.error("the store failed", extra={"kind": type(error).__name__})  # noqa: TRY400  # may hold a URL
        raise StoreUnreachable() from error
