"""The background process: ordinary jobs by Procrastinate, things that fall due by our own loop, in one program."""

import asyncio
import logging
import os
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connections
from procrastinate import App, PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params

from dokuei.hub.label import note_label
from dokuei.hub.stall import PATIENCE_SECONDS, StallWatch, untaken
from dokuei.imaging.handlers import look_at_room
from dokuei.intake.handlers import PaperFolder
from dokuei.kit import due

log = logging.getLogger("dokuei.worker")
POLL_SECONDS = 0.25
BEAT_SECONDS = 2.0
ROOM_SECONDS = 1.0
PAPER_SECONDS = 3.0
HEARTBEAT_SECONDS = 3.0
STALLED_SECONDS = 10.0
JOBS_KEPT_DAYS = 7
LOOK_SECONDS = 1.0
RECONNECT_SECONDS = 3.0
HUNG = 70
"""What the process ends with when its runner hangs; whoever supervises it starts it again."""


def run_worker(concurrency: int = 6) -> None:
    """Work until told to stop (SIGTERM, SIGINT)."""
    note_label(datetime.now(UTC))
    stop = threading.Event()
    loops = [
        threading.Thread(target=work, args=(stop, *more), name=name, daemon=True)
        for name, work, more in (
            ("due", _due_loop, ()),
            ("room", _room_loop, ()),
            ("papers", _paper_loop, ()),
            ("stall", _stall_loop, (concurrency,)),
        )
    ]
    for loop in loops:
        loop.start()
    try:
        asyncio.run(_jobs(concurrency))
    finally:
        stop.set()
        for loop in loops:
            loop.join(timeout=10)


def _runner() -> App:
    """What takes the jobs has connections of its own, beside the ones the jobs use.

    The application that defers keeps Django's: an event published by a job or by the due loop commits or vanishes with
    the change it belongs to, here as everywhere.
    """
    connector = PsycopgConnector(kwargs=connector_params("default"), reconnect_timeout=RECONNECT_SECONDS)
    runner = App(connector=connector)
    runner.tasks = app.tasks
    return runner


async def _jobs(concurrency: int) -> None:
    """Run jobs, and take back those of workers that died: the same sweep serves every worker."""
    runner = _runner()
    async with runner.open_async():
        sweeper = asyncio.create_task(_sweep(runner))
        try:
            await runner.run_worker_async(
                concurrency=concurrency,
                update_heartbeat_interval=HEARTBEAT_SECONDS,
                stalled_worker_timeout=STALLED_SECONDS,
                fetch_job_polling_interval=2.0,
                shutdown_graceful_timeout=20.0,
            )
        finally:
            sweeper.cancel()
            with suppress(asyncio.CancelledError):
                await sweeper


async def _sweep(runner: App) -> None:
    """Put the jobs of dead workers back into the queue."""
    while True:
        try:
            for job in await runner.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
                log.warning("a job of a dead worker is taken back", extra={"job": job.id})
                await runner.job_manager.retry_job(job)
            await runner.job_manager.prune_stalled_workers(STALLED_SECONDS)
            await runner.job_manager.delete_old_jobs(nb_hours=24 * JOBS_KEPT_DAYS)
        except Exception:
            log.exception("the sweep for stalled jobs failed")
        await asyncio.sleep(HEARTBEAT_SECONDS)


def _due_loop(stop: threading.Event) -> None:
    """Advance what is due, leave a beat, rest a moment; a lost database is waited for."""
    last_beat = 0.0
    while not stop.wait(POLL_SECONDS):
        now = datetime.now(UTC)
        try:
            due.advance_due(now)
            if now.timestamp() - last_beat >= BEAT_SECONDS:
                due.beat("due", now)
                last_beat = now.timestamp()
        except Exception:
            log.exception("the due loop stumbled")
            stop.wait(1.0)
        finally:
            connections.close_all()


def _room_loop(stop: threading.Event) -> None:
    """See how much room the store has, in a thread of its own: a store may keep one waiting."""
    while not stop.wait(ROOM_SECONDS):
        try:
            look_at_room(datetime.now(UTC))
        except Exception:
            log.exception("the room of the store could not be seen")
        finally:
            connections.close_all()


def _paper_loop(stop: threading.Event) -> None:
    """Take the request slips that scanners and mail laid into their folder, if there is one."""
    if not settings.DOKUEI.paper_folder:
        return
    folder = PaperFolder(Path(settings.DOKUEI.paper_folder))
    while not stop.wait(PAPER_SECONDS):
        try:
            folder.look(datetime.now(UTC))
        except Exception:
            log.exception("the folder of papers could not be looked through")
        finally:
            connections.close_all()


def _stall_loop(stop: threading.Event, concurrency: int) -> None:
    """Leave a beat while jobs are taken; end the whole process, at once, when they are not.

    Whatever it had in hand is taken back by the sweep of the next one, and may run twice as any job may.
    """
    watch = StallWatch()
    stale = timedelta(seconds=STALLED_SECONDS)
    last_beat = 0.0
    while not stop.wait(LOOK_SECONDS):
        now, clock = datetime.now(UTC), time.monotonic()
        try:
            waited = watch.look(untaken(concurrency, now, stale), clock)
            if waited < BEAT_SECONDS <= clock - last_beat:
                due.beat("jobs", now)
                last_beat = clock
        except Exception:
            log.exception("whether jobs are taken could not be seen")
            watch.lose_sight()
            continue
        finally:
            connections.close_all()
        if waited >= PATIENCE_SECONDS:
            log.critical("jobs wait and nobody takes them: the process ends and is started again")
            os._exit(HUNG)
