"""Retention and sweeping as background work, behind everything else."""

from datetime import UTC, datetime

from django.db import close_old_connections, transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from dokuei.identity.access import system_actor
from dokuei.imaging import services
from dokuei.imaging.upkeep.retention import past_retention
from dokuei.imaging.upkeep.sweep import sweep
from dokuei.kit.db import system_scope
from dokuei.kit.tasks import RETRY

KEEPER = system_actor("retention")
PRIORITY = -20
TOGETHER = 100


def queue_upkeep() -> None:
    """Queue one run in the current transaction; one that waits already is not queued again."""
    job = keep_up.configure(queueing_lock="upkeep", lock="upkeep", priority=PRIORITY)
    try:
        with transaction.atomic():
            job.defer()
    except AlreadyEnqueued:
        return


@app.task(name="dokuei.keep_up", retry=RETRY)
def keep_up() -> None:
    """Remove what is past its retention, then sweep."""
    close_old_connections()
    try:
        run(datetime.now(UTC))
    finally:
        close_old_connections()


def run(at: datetime) -> None:
    """One study a transaction; a study that turned out to be needed is not met again in this run."""
    with system_scope("retention"):
        due = past_retention(at, TOGETHER)
    for study_id in due:
        with system_scope("retention"):
            services.remove_images(KEEPER, study_id, at=at)
    with system_scope("sweep"):
        sweep(KEEPER, at=at)
