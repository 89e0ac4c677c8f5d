"""Taking a backup while the system runs: the database first, then every object that is not in the backup yet."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dokuei import __version__
from dokuei.base.errors import NotFound
from dokuei.hub.backup import database
from dokuei.hub.backup.manifest import (
    CHUNK,
    Kept,
    Manifest,
    known_objects,
    sha256_of,
    write,
    write_manifest,
    write_objects,
)
from dokuei.kit.config import Config
from dokuei.kit.store import Store, open_store

OBJECTS = "objects"
SECRETS = "secrets"
PROBES = "probe/"


@dataclass
class Taken:
    """What a run did."""

    count: int = 0
    copied: int = 0
    copied_bytes: int = 0
    pruned: int = 0


def take(config: Config, folder: Path, *, at: datetime, with_secrets: bool, prune: bool) -> Taken:
    """Make or continue a backup in `folder`; killed anywhere, the one before it is still complete."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    stamp, taken = at.strftime("%Y%m%dT%H%M%SZ"), Taken()
    dump, listed = folder / f"database-{stamp}.dump", folder / f"objects-{stamp}.jsonl"
    with database.reached(config) as reach, database.nothing_is_deleted(reach) as head:
        database.dump(reach, dump)
        kept = list(_copy(open_store(config.storage_url), folder, taken))
    if with_secrets:
        _copy_secrets(config, folder)
    manifest = Manifest(
        made_at=at.isoformat(),
        version=__version__,
        database=dump.name,
        database_sha256=sha256_of(dump),
        objects=listed.name,
        objects_sha256=write_objects(listed, kept),
        count=len(kept),
        size_bytes=sum(one.size for one in kept),
        audit_seq=head[0],
        audit_sha256=head[1],
    )
    write_manifest(folder, manifest)
    _tidy(folder, manifest, {one.key for one in kept} if prune else None, taken)
    taken.count = len(kept)
    return taken


def _copy(place: Store, folder: Path, taken: Taken) -> Iterator[Kept]:
    """Every object; one that is there in the same length is not read again, since objects only ever grow."""
    known = known_objects(folder)
    for key in place.keys(""):
        if key.startswith(PROBES):
            continue
        try:
            size = place.size(key)
            before = known.get(key)
            path = folder / OBJECTS / key
            if before is not None and before.size == size and path.exists() and path.stat().st_size == size:
                yield before
                continue
            written, sha256 = write(path, _chunks(place, key, size))
        except NotFound:  # made again under another name, such as metadata of a study that grew
            continue
        taken.copied += 1
        taken.copied_bytes += written
        yield Kept(key, written, sha256)


def _chunks(place: Store, key: str, size: int) -> Iterator[bytes]:
    for at in range(0, size, CHUNK):
        yield place.get_range(key, at, min(CHUNK, size - at))


def _copy_secrets(config: Config, folder: Path) -> None:
    """What signs sessions and certificates; the new database cluster makes passwords of its own."""
    for name in ("secrets", "tls"):
        for path in sorted((config.data / name).glob("*")):
            if path.is_file() and not path.name.startswith((".", "pg-")):
                write(folder / SECRETS / name / path.name, [path.read_bytes()])


def _tidy(folder: Path, manifest: Manifest, keys: set[str] | None, taken: Taken) -> None:
    """Remove what the manifest before named; with `keys`, also objects the store does not hold any more."""
    for pattern in ("database-*.dump", "objects-*.jsonl"):
        for path in folder.glob(pattern):
            if path.name not in {manifest.database, manifest.objects}:
                path.unlink()
    root = folder / OBJECTS
    for path in sorted(root.rglob("*")):
        if path.is_file() and (
            path.name.startswith(".") or (keys is not None and _key(root, path) not in keys)
        ):
            path.unlink()
            taken.pruned += 1


def _key(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()


def restore_secrets(config: Config, folder: Path) -> None:
    """Put back what a backup `--with-secrets` brought, readable by its owner only."""
    for name in ("secrets", "tls"):
        if (folder / SECRETS / name).exists():
            shutil.copytree(folder / SECRETS / name, config.data / name, dirs_exist_ok=True)
            (config.data / name).chmod(0o700)
