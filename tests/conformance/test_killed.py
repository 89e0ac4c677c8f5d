"""A listener killed under four senders loses nothing that it answered with success."""

import hashlib
import os
import random
import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from dokuei.gateway.c_store import send_dimse
from dokuei.gateway.items import Item, Result
from dokuei.imaging.models import Quarantined
from dokuei.kit.db import system_scope
from tests.conformance.conftest import a_device, wait_until
from tests.conformance.sending import a_file, dcmtk, everything_kept_is_whole, listed
from tests.server import free_port

pytestmark = pytest.mark.django_db(transaction=True)


class Senders:
    """Four DCMTK senders at once, and what was answered to them."""

    def __init__(self, port: int, batches: list[list[Path]]) -> None:
        self.lines: list[str] = []
        self.processes = [
            subprocess.Popen(
                [
                    dcmtk("storescu"),
                    "-v",
                    "-aec",
                    "DOKUEI",
                    "-aet",
                    "STORESCU",
                    "127.0.0.1",
                    str(port),
                    *map(str, one),
                ],
                env={**os.environ, "TCP_NODELAY": "1"},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            for one in batches
        ]
        self._answered: list[Path] = []
        self._threads = [threading.Thread(target=self._collect, args=(one,)) for one in self.processes]
        for thread in self._threads:
            thread.start()

    def _collect(self, process: "subprocess.Popen[bytes]") -> None:
        sending = Path()
        for raw in process.stdout or []:
            line = raw.decode("utf-8", "replace")
            if "Sending file:" in line:
                sending = Path(line.partition("Sending file:")[2].strip())
            if "Store Response (Success)" in line:
                self._answered.append(sending)

    def answered_so_far(self) -> int:
        return len(self._answered)

    def answered(self) -> list[Path]:
        """Wait until they have ended."""
        for process, thread in zip(self.processes, self._threads, strict=True):
            process.wait(timeout=60)
            thread.join()
            assert process.stdout is not None
            process.stdout.close()
        return self._answered


ListenerProcess = Callable[[int], "subprocess.Popen[bytes]"]


def killed_again_and_again(
    start: ListenerProcess, port: int, items: dict[Path, Item], enough: list[int]
) -> dict[str, str]:
    """Kill a listener as often as `enough` says, each time when so many were answered; what was, with its hash."""
    files, answered = sorted(items), list[Path]()
    each = len(files) // len(enough)
    for round_, count in enumerate(enough):
        process = start(port)
        mine = files[round_ * each : (round_ + 1) * each]
        senders = Senders(port, [mine[n::4] for n in range(4)])
        wait_until(lambda senders=senders, count=count: senders.answered_so_far() >= count)  # type: ignore[misc]
        process.send_signal(signal.SIGKILL)
        process.wait()
        answered += senders.answered()
    return {
        items[path].sop_instance_uid: hashlib.sha256(path.read_bytes()[items[path].offset :]).hexdigest()
        for path in answered
    }


def some_files(folder: Path, count: int) -> dict[Path, Item]:
    items = [
        a_file(folder, f"{number:03}.dcm", StudyInstanceUID=f"2.25.{number % 5 + 1}", InstanceNumber=number)
        for number in range(count)
    ]
    return {item.path: item for item in items}


def test_nothing_answered_with_success_is_lost_when_the_listener_is_killed_under_four_senders(
    tmp_path: Path, listener_process: ListenerProcess
) -> None:
    a_device("STORESCU")
    items, port, dice = some_files(tmp_path, 480), free_port(), random.Random(20261122)

    expected = killed_again_and_again(
        listener_process, port, items, [dice.randrange(20, 120) for _ in range(3)]
    )
    last = listener_process(port)

    assert 60 <= len(expected) < 480
    wait_until(lambda: set(expected.items()) <= set(listed().items()))
    results: list[Result] = []
    send_dimse(list(items.values()), f"DOKUEI@127.0.0.1:{port}", "STORESCU", results.append)
    last.send_signal(signal.SIGTERM)
    assert last.wait(timeout=30) == 0
    assert all(one.is_sent for one in results)
    assert everything_kept_is_whole() == len(listed()) == 480
    with system_scope("test"):
        assert not Quarantined.objects.exists()
