"""`dokuei backup` and `dokuei restore`."""

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dokuei.kit.config import load_config


def add_parsers(commands: Any) -> None:
    """Add the commands to `dokuei`."""
    backup = commands.add_parser(
        "backup", help="back up database and store while the system runs; `backup verify FOLDER` proves one"
    )
    backup.add_argument("act", nargs="?", choices=["verify"], help="restore it aside and prove every byte")
    backup.add_argument("folder", type=Path)
    backup.add_argument(
        "--with-secrets", action="store_true", help="also the keys of sessions and certificates"
    )
    backup.add_argument(
        "--prune", action="store_true", help="remove objects the store does not hold any more"
    )
    backup.set_defaults(run=_backup)
    restore = commands.add_parser("restore", help="bring a backup back into an empty data folder")
    restore.add_argument("folder", type=Path)
    restore.set_defaults(run=_restore)


def _backup(options: argparse.Namespace) -> int:
    folder = options.folder.absolute()
    if options.act == "verify":
        return _verify(folder)
    from dokuei.hub.backup.take import take

    taken = take(
        load_config(), folder, at=datetime.now(UTC), with_secrets=options.with_secrets, prune=options.prune
    )
    print(
        f"{taken.count} objects, {taken.copied} copied ({taken.copied_bytes} bytes), {taken.pruned} removed"
    )
    return 0


def _verify(folder: Path) -> int:
    from dokuei.hub.backup.restore import verify

    proof = verify(folder)
    print(
        f"{proof.objects} objects, {proof.instances} instances, {proof.packs} packs, {proof.links} audit links"
    )
    for key in proof.damaged:
        print(f"damaged: {key}")
    for said in proof.lost:
        print(f"lost: {said}")
    if proof.trail:
        print(f"trail: {proof.trail}")
    print("whole" if proof.is_whole else "NOT WHOLE")
    return 0 if proof.is_whole else 1


def _restore(options: argparse.Namespace) -> int:
    from dokuei.hub.backup.restore import restore

    proof = restore(load_config(), options.folder.absolute())
    print(f"{proof.objects} objects")
    for key in proof.damaged:
        print(f"damaged: {key}")
    return 0 if proof.is_whole else 1
