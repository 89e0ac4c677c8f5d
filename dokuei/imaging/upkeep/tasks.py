"""Retention and sweeping as background work, behind everything else."""

from datetime import UTC, datetime

from dokuei.identity.access import system_actor
from dokuei.imaging import services
from dokuei.imaging.upkeep.retention import past_retention
from dokuei.imaging.upkeep.sweep import sweep
from dokuei.kit.db import system_scope
from dokuei.kit.tasks import defer_once, task

KEEPER = system_actor("retention")
PRIORITY = -20
TOGETHER = 100


def queue_upkeep() -> None:
    """Queue one run in the current transaction; one that waits already is not queued again."""
    defer_once(keep_up, "upkeep", priority=PRIORITY)


@task("dokuei.keep_up")
def keep_up() -> None:
    """Remove what is past its retention, then sweep."""
    run(datetime.now(UTC))


def run(at: datetime) -> None:
    """One study a transaction; a study that turned out to be needed is not met again in this run."""
    with system_scope("retention"):
        due = past_retention(at, TOGETHER)
    for study_id in due:
        with system_scope("retention"):
            services.remove_images(KEEPER, study_id, at=at)
    with system_scope("sweep"):
        sweep(KEEPER, at=at)
