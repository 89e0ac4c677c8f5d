"""Packing as background work: one job a series, at low priority, at most two at a time."""

from datetime import UTC, datetime

from dokuei.identity.access import system_actor
from dokuei.imaging.models import Series
from dokuei.imaging.packs import services
from dokuei.kit.tasks import defer_once, task

PACKER = system_actor("packs")
PRIORITY = -10
AT_A_TIME = 2
"""Fewer than the worker has hands, so that news between rooms never waits for pixels."""


def queue_study(study_id: int) -> None:
    """Queue every series of the study that has something to pack; one that waits already is not queued again."""
    for series_id in Series.objects.filter(study_id=study_id).values_list("pk", flat=True):
        if services.unpacked(series_id):
            queue_series(series_id)


def queue_series(series_id: int) -> None:
    """Queue one series in the current transaction."""
    lock = f"packs:{series_id % AT_A_TIME}"
    defer_once(pack_series, f"pack:{series_id}", lock=lock, priority=PRIORITY, series_id=series_id)


@task("dokuei.pack_series")
def pack_series(series_id: int) -> None:
    """Make packs until nothing of the series is left to pack."""
    while services.pack_series(PACKER, series_id, at=datetime.now(UTC)):
        continue
