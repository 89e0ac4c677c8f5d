"""What belongs to a backup, with the SHA-256 of everything; written last and all at once."""

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from dokuei.hub.backup.errors import FormatUnknown, NoBackup
from dokuei.kit.store import sync_folder

FORMAT = 1
NAME = "manifest.json"
CHUNK = 1 << 20


@dataclass(frozen=True)
class Kept:
    """One object as it was copied."""

    key: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """Which files make the backup."""

    made_at: str
    version: str
    database: str
    database_sha256: str
    objects: str
    objects_sha256: str
    count: int
    size_bytes: int
    audit_seq: int
    audit_sha256: str
    format: int = FORMAT


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the last complete backup."""
    try:
        said = orjson.loads((folder / NAME).read_bytes())
    except (FileNotFoundError, NotADirectoryError, orjson.JSONDecodeError) as error:
        raise NoBackup() from error
    if said.get("format") != FORMAT:
        raise FormatUnknown()
    return Manifest(**said)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    write(folder / NAME, [orjson.dumps(asdict(manifest), option=orjson.OPT_INDENT_2)])


def read_objects(folder: Path, manifest: Manifest) -> Iterator[Kept]:
    """Every object, in the order of keys."""
    with (folder / manifest.objects).open("rb") as lines:
        for line in lines:
            yield Kept(*orjson.loads(line))


def write_objects(path: Path, kept: Iterable[Kept]) -> str:
    """Write the list; its hash."""
    return write(path, (orjson.dumps([one.key, one.size, one.sha256]) + b"\n" for one in kept))[1]


def write(path: Path, chunks: Iterable[bytes]) -> tuple[int, str]:
    """Write a file aside, sync it and rename it; its size and hash. It is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = path.parent / f".{secrets.token_hex(8)}.part"
    digest, size = hashlib.sha256(), 0
    try:
        with aside.open("xb") as file:
            os.fchmod(file.fileno(), 0o600)
            for chunk in chunks:
                file.write(chunk)
                digest.update(chunk)
                size += len(chunk)
            file.flush()
            os.fsync(file.fileno())
        aside.rename(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
    return size, digest.hexdigest()


def sha256_of(path: Path) -> str:
    """The hash of a file; empty if it is not there."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return ""


def known_objects(folder: Path) -> Mapping[str, Kept]:
    """What the last complete backup holds, by key."""
    try:
        manifest = read_manifest(folder)
    except NoBackup:
        return {}
    return {one.key: one for one in read_objects(folder, manifest)}
