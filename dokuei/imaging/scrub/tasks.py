"""The scrub as background work: one slice at a time, behind everything else."""

from datetime import UTC, datetime

from dokuei.identity.access import system_actor
from dokuei.imaging.scrub import services
from dokuei.kit.tasks import defer_once, task

SCRUBBER = system_actor("scrub")
PRIORITY = -20


def queue_slice() -> None:
    """Queue the next slice in the current transaction; one that waits already is not queued again."""
    defer_once(check_slice, "scrub", priority=PRIORITY)


@task("dokuei.check_slice")
def check_slice() -> None:
    """Read one slice back."""
    services.check_slice(SCRUBBER, at=datetime.now(UTC))
