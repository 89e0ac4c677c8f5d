"""Real files with bytes changed, cut, doubled and swapped, at every door: an answer each, and nobody dies."""

import os
import random
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from dokuei.imaging.dimse import Listener
from dokuei.imaging.models import Instance
from dokuei.imaging.tests.builders import a_facility, a_token, as_multipart, ask
from dokuei.kit.db import system_scope
from tests.conformance.conftest import a_device, as_item
from tests.conformance.sending import a_file, everything_kept_is_whole, send

pytestmark = pytest.mark.django_db(transaction=True)
LARGEST = 200_000
EACH = 12
MOST_CPU_SECONDS = 20.0
"""For one file at all doors, processes that decode included: far beyond what any honest file takes."""
MOST_GROWTH_KIB = 300 * 1024


def sources(folder: Path) -> list[Path]:
    """One small file of each transfer syntax, and some with unusual structure."""
    found = sorted(
        one
        for part in ("transfer-syntaxes", "charsets")
        for one in (folder / part).rglob("*.dcm")
        if one.stat().st_size < LARGEST
    )
    return found[:: max(len(found) // 24, 1)]


def mutants(original: bytes, dice: random.Random) -> Iterator[bytes]:
    """The file with one kind of harm after the other, mostly in its header."""
    header = min(len(original), 4096)
    for number in range(EACH):
        data = bytearray(original)
        here = dice.randrange(128, header)
        kind = number % 6
        if kind == 0:
            for _ in range(dice.choice([1, 3, 20])):
                data[dice.randrange(132, header)] = dice.randrange(256)
        elif kind == 1:
            del data[dice.randrange(132, len(data)) :]
        elif kind == 2:
            data[here : here + 4] = dice.choice([b"\xff\xff\xff\xff", b"\xfe\xff\xff\x7f", b"\0\0\0\0"])
        elif kind == 3:
            data[here:here] = data[here : here + dice.randrange(1, 300)]
        elif kind == 4:
            there = dice.randrange(128, len(data))
            data[here : here + 64], data[there : there + 64] = (
                data[there : there + 64],
                data[here : here + 64],
            )
        else:
            at = dice.randrange(len(data) // 2, len(data))
            data[at : at + 200] = dice.randbytes(200)
        yield bytes(data)


def cpu_seconds() -> float:
    """Of this process and of all below it, ended or running: so that none counts for the file at which it ends."""
    ended = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in ended) + sum(map(cpu_below, children_of(os.getpid())))


def children_of(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def cpu_below(pid: int) -> float:
    """Of a running process with all below it; nothing if it has just ended, and is counted as such from now on."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        below = children_of(pid)
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    own = sum(int(ticks) for ticks in fields[11:15]) / os.sysconf("SC_CLK_TCK")
    return own + sum(map(cpu_below, below))


def memory_kib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def test_mutants_by_stow_and_at_every_door_that_shows_them(real_dicom: Path) -> None:
    facility = a_facility()
    token, dice = a_token(facility), random.Random(20261123)
    kept, before = 0, memory_kib()
    for path in sources(real_dicom):
        for data in mutants(path.read_bytes(), dice):
            began = cpu_seconds()
            body, kind = as_multipart(data)
            reply = ask("/dicomweb/aoba/studies", token, method="POST", body=body, content_type=kind)
            assert reply.status in {200, 409}, path
            if reply.status == 200:
                kept += 1
                look_at(reply.json["00081199"]["Value"][0]["00081155"]["Value"][0], token)
            assert cpu_seconds() - began < MOST_CPU_SECONDS, path

    assert kept > 50
    assert everything_kept_is_whole() > 50
    assert memory_kib() - before < MOST_GROWTH_KIB


def look_at(uid: str, token: str) -> None:
    """Every way to see an instance answers; what cannot be shown is refused in so many words."""
    with system_scope("test"):
        row = Instance.objects.select_related("study", "series").filter(sop_instance_uid=uid).first()
    if row is None:  # it contradicted one that is there, and lies in quarantine
        return
    instance = (
        f"/dicomweb/aoba/studies/{row.study.study_instance_uid}"
        f"/series/{row.series.series_instance_uid}/instances/{uid}"
    )
    for door in ("", "/metadata", "/frames/1", "/rendered", "/thumbnail"):
        status = ask(instance + door, token).status
        assert status in {200, 404, 406, 409, 415, 422}, (door, status)


def test_mutants_by_c_store_harm_nobody(listener: Listener, real_dicom: Path, tmp_path: Path) -> None:
    a_device("MODALITY")
    dice, before, number = random.Random(7), memory_kib(), 0
    for path in sources(real_dicom)[::2]:
        for data in list(mutants(path.read_bytes(), dice))[::2]:
            number += 1
            mutant = tmp_path / f"{number}.dcm"
            mutant.write_bytes(data)
            (code,) = send(listener, [as_item(mutant, number)]).values()
            assert code not in {"status.0110", "association.failed"}, path

    assert send(listener, [a_file(tmp_path, "after.dcm")]) == {"after.dcm": ""}
    assert everything_kept_is_whole() > 10
    assert not list(listener.spool.iterdir())
    assert memory_kib() - before < MOST_GROWTH_KIB
