"""Files and ZIP archives from a browser, opened within limits.

Nothing is ever written under a name from outside.
"""

import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from dokuei.base.errors import DokueiError
from dokuei.imaging.errors import ArchiveUnsafe, InstanceTooLarge, UploadTooLarge

MOST_ENTRIES = 20_000
MOST_BYTES = 16 * 1024**3
SMALL = 8 * 1024**2
MOST_RATIO = 100
CHUNK = 1 << 20
NOT_IMAGES = {"dicomdir", ".ds_store", "thumbs.db", "desktop.ini"}

Opened = tuple[str, Path | DokueiError]
"""A file's name for people, and where its bytes are — or why it was refused."""


def open_upload(name: str, file: IO[bytes], *, largest: int) -> Iterator[Opened]:
    """Yield each instance of an uploaded file or archive as a temporary file that lives until the next
    one.
    """
    head = file.read(4)
    file.seek(0)
    if head == b"PK\x03\x04":
        yield from _archive(name, file, largest)
    elif not _is_not_image(name):
        with spooled(file, largest) as kept:
            yield name, kept


def _archive(name: str, file: IO[bytes], largest: int) -> Iterator[Opened]:
    try:
        archive = zipfile.ZipFile(file)
        entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        yield name, ArchiveUnsafe()
        return
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_BYTES:
        yield name, UploadTooLarge()
        return
    for entry in entries:
        shown = _shown(entry)
        if entry.is_dir() or _is_not_image(shown):
            continue
        if _is_unsafe(entry, shown):
            yield shown, ArchiveUnsafe()
            continue
        try:
            with archive.open(entry) as content, spooled(content, largest) as kept:
                yield shown, kept
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError):
            yield shown, ArchiveUnsafe()
        except InstanceTooLarge as error:
            yield shown, error


def _shown(entry: zipfile.ZipInfo) -> str:
    """The entry's name; archives made in Japan without the UTF-8 flag carry Shift_JIS."""
    if entry.flag_bits & 0x800 or entry.filename.isascii():
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("cp932")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return entry.filename


def _is_unsafe(entry: zipfile.ZipInfo, shown: str) -> bool:
    """A path that leads outside, a link, or an entry that unpacks to far more than it is."""
    path = PurePosixPath(shown.replace("\\", "/"))
    leads_out = path.is_absolute() or ".." in path.parts or ":" in path.parts[0]
    kind = stat.S_IFMT(entry.external_attr >> 16)
    is_bomb = entry.file_size > SMALL and entry.file_size > MOST_RATIO * max(entry.compress_size, 1)
    return leads_out or kind not in {0, stat.S_IFREG} or is_bomb


def _is_not_image(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return path.name.lower() in NOT_IMAGES or "__MACOSX" in path.parts


@contextmanager
def spooled(source: IO[bytes], largest: int) -> Iterator[Path]:
    """The source's bytes in a temporary file, counted while they are written."""
    with tempfile.NamedTemporaryFile(prefix="dokuei-upload-") as kept:
        size = 0
        while chunk := source.read(CHUNK):
            size += len(chunk)
            if size > largest:
                raise InstanceTooLarge()
            kept.write(chunk)
        kept.flush()
        yield Path(kept.name)
