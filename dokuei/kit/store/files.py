"""Objects as files: written aside, synced, renamed, their folder synced; after a power cut whole or not there."""

import os
import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dokuei.base.errors import NotFound, Unavailable
from dokuei.kit.store.contract import Part, StoreUnreachable, checked, chunks_of, trouble

OPEN_FILES = 512
NO_WAIT: int = getattr(os, "RWF_NOWAIT", 0)
"""Linux: read only what is in memory. Where it is missing, every read is taken to wait."""


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


def sync_folder(folder: Path) -> None:
    """Make a rename in this folder durable."""
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _write(path: Path, parts: tuple[Part, ...]) -> int:
    size = 0
    with path.open("xb", buffering=0) as file:
        for chunk in chunks_of(parts):
            view = memoryview(chunk)
            while view:
                view = view[file.write(view) :]
            size += len(chunk)
        os.fsync(file.fileno())
    return size
