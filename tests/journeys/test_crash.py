"""Workers are killed at random while they work; then everything is counted."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from dokuei.audit.models import Entry
from dokuei.audit.queries import verify
from dokuei.delivery.models import Delivery
from dokuei.identity.access import Role
from dokuei.kit.db import scope
from dokuei.reporting import services as reporting
from dokuei.worklist import services as readings
from dokuei.worklist.models import Reading
from tests.builders import NOW, a_facility, a_person, a_sent_request, a_study, actor, at_large

pytestmark = pytest.mark.django_db(transaction=True)
CASES = 14
KILLS = 8


class Workers:
    """Two real worker processes on the test's database, restarted whenever they are killed."""

    def __init__(self) -> None:
        self.processes = [self._start() for _ in range(2)]
        self.kills = 0

    def _start(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-m", "dokuei.hub.cli", "worker"],
            env={**os.environ, "DOKUEI_LOG_LEVEL": "ERROR"},
            stderr=subprocess.DEVNULL,
        )

    def kill_one(self, dice: random.Random) -> None:
        index = dice.randrange(2)
        self.processes[index].kill()
        self.processes[index].wait()
        self.processes[index] = self._start()
        self.kills += 1

    def stop(self) -> None:
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            process.wait(timeout=40)


@contextmanager
def workers() -> Iterator[Workers]:
    made = Workers()
    try:
        yield made
    finally:
        made.stop()


def until(what: Callable[[], bool], seconds: float = 90) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)


def progress() -> int:
    """How much has been done so far, over all kinds of work."""
    with at_large():
        return (
            Reading.objects.exclude(state="pending").count()
            + Delivery.objects.filter(state="delivered").count()
            + ProcrastinateJob.objects.filter(status="succeeded").count()
        )


def test_killed_workers_lose_and_double_nothing() -> None:
    dice = random.Random(20261122)
    facility = a_facility()
    asker, reader = a_person(Role.REQUESTER, facility), actor(a_person(Role.READER, facility))
    with workers() as staff:
        for number in range(CASES):
            a_sent_request(asker, a_study(facility, patient_id=f"P{number}", count=1))
            if number % 3 == 1:
                staff.kill_one(dice)
        until(lambda: _waiting() >= CASES // 2)
        signed = 0
        while signed < CASES:
            until(lambda: _waiting() > 0)
            _read_one(reader, facility.pk)
            signed += 1
            if staff.kills < KILLS and dice.random() < 0.5:
                before = progress()
                until(lambda seen=before: progress() > seen)  # type: ignore[misc]
                staff.kill_one(dice)
        until(lambda: _delivered() == CASES)
        until(lambda: not ProcrastinateJob.objects.exclude(status="succeeded").exists())

    assert staff.kills >= 4
    with at_large():
        events = Counter(Entry.objects.values_list("event", flat=True))
        assert Reading.objects.filter(state="read").count() == CASES
        assert events["reading.opened"] == CASES
        assert events["reading.ready"] == CASES
        assert events["delivery.queued"] == CASES
        assert events["delivery.delivered"] == CASES
        assert verify().is_whole
    connection.close()


def _waiting() -> int:
    with at_large():
        return Reading.objects.filter(state="waiting").count()


def _delivered() -> int:
    with at_large():
        return Delivery.objects.filter(state="delivered").count()


def _read_one(reader: object, facility_id: int) -> None:
    with scope([facility_id]):
        reading = readings.claim_next(reader, at=NOW)  # type: ignore[arg-type]
        report = reporting.report_of_reading(reader, reading.pk, at=NOW)  # type: ignore[arg-type]
        reporting.save_draft(
            reader,  # type: ignore[arg-type]
            report.pk,
            findings="異常なし",
            impression="異常なし",
            revision=0,
            at=NOW,
        )
        reporting.sign_report(reader, report.pk, revision=1, overrides={}, at=NOW)  # type: ignore[arg-type]
