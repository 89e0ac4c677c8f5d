"""A background process whose runner hangs is seen by the jobs nobody takes, and ends itself to be started again."""

import subprocess
import sys
from datetime import timedelta

import pytest
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from dokuei.hub.health import JOBS_LIMIT, checks
from dokuei.hub.stall import StallWatch, untaken
from dokuei.hub.worker import HUNG
from dokuei.kit import due
from tests.builders import NOW

STALE = timedelta(seconds=10)

HANGING = """
import asyncio
from dokuei.hub.cli import setup_django
setup_django()
from dokuei.hub import worker

async def hang(concurrency):
    await asyncio.Event().wait()

worker._jobs = hang
worker.PATIENCE_SECONDS = 1.0
worker.run_worker()
"""


@pytest.mark.parametrize(
    ("seen", "waited"),
    [
        ([(None, 0.0), (None, 90.0)], 0.0),
        ([(1, 0.0), (1, 14.0)], 14.0),
        ([(1, 0.0), (1, 14.0), (2, 15.0), (2, 20.0)], 5.0),
        ([(1, 0.0), (None, 10.0), (1, 12.0), (1, 20.0)], 8.0),
        ([(1, 0.0), "lost", (1, 60.0)], 0.0),
    ],
)
def test_a_job_waits_only_while_it_was_seen_waiting(
    seen: list[tuple[int | None, float] | str], waited: float
) -> None:
    watch = StallWatch()
    found = 0.0
    for one in seen:
        if isinstance(one, str):
            watch.lose_sight()
        else:
            found = watch.look(*one)
    assert found == waited


def a_job(*, lock: str | None = None, later: timedelta | None = None, priority: int = 0) -> int:
    return int(
        app.configure_task(
            "dokuei.nothing",
            lock=lock,
            schedule_at=NOW + later if later else None,
            priority=priority,
            allow_unknown=True,
        ).defer()
    )


def taken(job: int, *, beat: timedelta) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into procrastinate_workers (last_heartbeat) values (%s) returning id", [NOW - beat]
        )
        (worker,) = cursor.fetchone()
        cursor.execute(
            "update procrastinate_jobs set status = 'doing', worker_id = %s where id = %s", [worker, job]
        )


@pytest.mark.django_db
def test_what_may_run_and_is_not_taken() -> None:
    assert untaken(2, NOW, STALE) is None
    a_job(later=timedelta(hours=1))
    assert untaken(2, NOW, STALE) is None
    held = a_job(lock="series")
    taken(held, beat=timedelta(0))
    a_job(lock="series")
    assert untaken(2, NOW, STALE) is None  # it waits for the one under the same lock
    free = a_job()
    urgent = a_job(priority=5)
    assert untaken(2, NOW, STALE) == urgent
    taken(urgent, beat=timedelta(0))
    assert untaken(2, NOW, STALE) is None  # both hands are full
    with connection.cursor() as cursor:
        cursor.execute("update procrastinate_workers set last_heartbeat = %s", [NOW - 2 * STALE])
    assert untaken(2, NOW, STALE) == free  # those hands are dead


@pytest.mark.django_db
def test_the_installation_is_not_ready_while_jobs_are_not_taken() -> None:
    def is_fit() -> bool:
        return next(one.ok for one in checks(NOW) if one.name == "jobs")

    assert not is_fit()
    due.beat("jobs", NOW - JOBS_LIMIT)
    assert is_fit()
    due.beat("jobs", NOW - JOBS_LIMIT - timedelta(seconds=1))
    assert not is_fit()


@pytest.mark.django_db(transaction=True)
def test_a_process_that_hangs_ends_itself() -> None:
    job = a_job()
    found = subprocess.run([sys.executable, "-c", HANGING], timeout=60, capture_output=True, check=False)
    assert found.returncode == HUNG, found.stderr.decode()
    assert ProcrastinateJob.objects.get(pk=job).status == "todo"
