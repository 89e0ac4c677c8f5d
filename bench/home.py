"""What benchmarks over a home line share: an installation at one end, a program at the other."""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.ground import ROOT, SERIES, deliver
from bench.line import SERVER, Line, joined
from tests.server import Secure


def asked(description: str | None, *, slices: int, **numbers: int) -> tuple[argparse.Namespace, list[Line]]:
    """What to measure, from the command line; `numbers` are further options with what they are by default."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--lines", default="30/20,100/20,10/40")
    parser.add_argument("--slices", type=int, default=slices)
    parser.add_argument("--series", choices=sorted(SERIES), default="chest")
    for name, usual in numbers.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=usual)
    said = parser.parse_args()
    if os.geteuid():
        sys.exit("This bench makes network devices: run it as root.")
    return said, [Line(*map(float, one.split("/"))) for one in said.lines.split(",")]


@contextmanager
def hospital(folder: Path, images: Path) -> Iterator[tuple[Secure, str]]:
    """An installation with TLS at the near end, everything in `images` packed, and a machine's token to look."""
    with joined(Line(1000, 0)):
        place = Secure(folder / "dokuei", SERVER)
        place.run("admin", "certificate", "web")
        place.start()
        place.run("admin", "facility", "bench", "ベンチ病院")
        place.run("admin", "ae", "STORESCU", "--facility", "bench")
        token = deliver(place, images)
    try:
        yield place, token
    finally:
        place.stop()


def at_far_end(module: str, folder: Path, far: Sequence[str], told: Mapping[str, Any]) -> dict[str, Any]:
    """What a module of this package says at the far end of the line."""
    paper = folder / "told.json"
    paper.write_text(json.dumps(told))
    done = subprocess.run(
        [*far, sys.executable, "-m", f"bench.{module}", str(paper)],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    if done.returncode:
        sys.exit(done.stderr)
    return dict(json.loads(done.stdout))
