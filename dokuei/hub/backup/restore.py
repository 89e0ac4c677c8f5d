"""Bringing a backup back, and the drill: bring it back aside and prove every byte."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from dokuei.hub.backup import database
from dokuei.hub.backup.errors import DumpDamaged, NotEmpty
from dokuei.hub.backup.manifest import Kept, Manifest, read_manifest, read_objects, sha256_of
from dokuei.hub.backup.take import OBJECTS, restore_secrets
from dokuei.kit.config import Config, load_config
from dokuei.kit.store import Slice, open_store

TIDY = "dokuei.toml"


@dataclass
class Proof:
    """What a drill, or a restore, found."""

    objects: int = 0
    damaged: list[str] = field(default_factory=list)
    """Keys of objects that are missing or differ."""
    instances: int = 0
    packs: int = 0
    lost: list[str] = field(default_factory=list)
    """Instances and packs whose bytes are not what their rows say."""
    links: int = 0
    trail: str = ""
    """Why the trail does not hold; empty if it does."""

    @property
    def is_whole(self) -> bool:
        return not (self.damaged or self.lost or self.trail)


def restore(config: Config, folder: Path) -> Proof:
    """Fill an empty installation; what is damaged in the backup is named and the rest is brought back."""
    manifest = _checked(folder)
    if config.data.exists() and any(path.name != TIDY for path in config.data.iterdir()):
        raise NotEmpty()
    config.data.mkdir(parents=True, exist_ok=True)
    place, proof = open_store(config.storage_url), Proof()
    if next(iter(place.keys("")), None) is not None:
        raise NotEmpty()
    restore_secrets(config, folder)
    with database.reached(config) as reach:
        database.load(reach, folder / manifest.database)
    for one in _looked_at(folder, manifest, proof):
        place.put(one.key, Slice(folder / OBJECTS / one.key, 0, one.size))
    return proof


def verify(folder: Path) -> Proof:
    """The drill: the database restored aside, every object, instance and pack read, the audit chain walked."""
    manifest = _checked(folder)
    proof = Proof()
    for _ in _looked_at(folder, manifest, proof):
        continue
    with _scratch(folder) as config, database.reached(config) as reach:
        database.load(reach, folder / manifest.database)
        _prove_rows(proof, manifest)
    return proof


def _checked(folder: Path) -> Manifest:
    manifest = read_manifest(folder)
    is_whole = sha256_of(folder / manifest.database) == manifest.database_sha256
    if not is_whole or sha256_of(folder / manifest.objects) != manifest.objects_sha256:
        raise DumpDamaged()
    return manifest


def _looked_at(folder: Path, manifest: Manifest, proof: Proof) -> Iterator[Kept]:
    """Objects that are whole; the others are noted."""
    for one in read_objects(folder, manifest):
        proof.objects += 1
        if sha256_of(folder / OBJECTS / one.key) == one.sha256:
            yield one
        else:
            proof.damaged.append(one.key)


@contextmanager
def _scratch(folder: Path) -> Iterator[Config]:
    """An installation of its own that reads the backup's objects where they lie; gone when the block ends.

    This process becomes a part of it, so nothing it does can reach the real one.
    """
    root = Path(tempfile.mkdtemp(prefix="dokuei-drill-"))
    root.chmod(0o755)
    for name in [name for name in os.environ if name.startswith(("DOKUEI_", "DATABASE_"))]:
        del os.environ[name]
    os.environ["DOKUEI_DATA"] = str(root / "data")
    os.environ["DOKUEI_STORAGE"] = (folder / OBJECTS).absolute().as_uri()
    try:
        yield load_config()
    finally:
        shutil.rmtree(root)


def _prove_rows(proof: Proof, manifest: Manifest) -> None:
    from dokuei.hub.cli import setup_django

    setup_django()
    from django.db import connections

    from dokuei.audit.queries import link_sha256, verify
    from dokuei.imaging.queries import prove_kept
    from dokuei.kit.db import system_scope

    try:
        proof.instances, proof.packs, proof.lost = prove_kept()
        with system_scope("drill"):
            trail = verify()
            noted = link_sha256(manifest.audit_seq)
        proof.links, proof.trail = (
            trail.checked,
            "" if trail.is_whole else f"{trail.broken_seq}: {trail.reason}",
        )
        if manifest.audit_seq and noted != manifest.audit_sha256:
            proof.trail = proof.trail or f"{manifest.audit_seq}: it is not the link the backup noted"
    finally:
        connections.close_all()
