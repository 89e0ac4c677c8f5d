"""The scrub as background work: one slice at a time, behind everything else."""

from datetime import UTC, datetime

from django.db import close_old_connections, transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from dokuei.identity.access import system_actor
from dokuei.imaging.scrub import services
from dokuei.kit.tasks import RETRY

SCRUBBER = system_actor("scrub")
PRIORITY = -20


def queue_slice() -> None:
    """Queue the next slice in the current transaction; one that waits already is not queued again."""
    job = check_slice.configure(queueing_lock="scrub", lock="scrub", priority=PRIORITY)
    try:
        with transaction.atomic():
            job.defer()
    except AlreadyEnqueued:
        return


@app.task(name="dokuei.check_slice", retry=RETRY)
def check_slice() -> None:
    """Read one slice back."""
    close_old_connections()
    try:
        services.check_slice(SCRUBBER, at=datetime.now(UTC))
    finally:
        close_old_connections()
