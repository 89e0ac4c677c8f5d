"""Whose images have been kept as long as was contracted, and may go."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from dokuei.imaging.models import Study, StudyGrant
from dokuei.imaging.rules import Receipt
from dokuei.imaging.upkeep.models import LegalHold, Terms

Guard = Callable[[Collection[int]], set[int]]
_guards: list[Guard] = []
PAGE = 1000
"""Studies looked at together; what is needed never keeps those behind it from being looked at."""
QUIET = (Receipt.COMPLETE.value, Receipt.SETTLED.value)
"""A study that is being received, is held or was withdrawn is left alone."""


def register_guard(guard: Guard) -> None:
    """Let a room above say which of some studies it still needs."""
    if guard not in _guards:
        _guards.append(guard)


def guards() -> list[Guard]:
    return list(_guards)


def past_retention(at: datetime, most: int) -> list[int]:
    """Studies whose images may go, the longest kept first."""
    found: list[int] = []
    for facility_id, days in Terms.objects.exclude(retention_days=None).values_list(
        "facility_id", "retention_days"
    ):
        assert days is not None
        rows = Study.objects.filter(
            facility_id=facility_id, receipt__in=QUIET, last_received_at__lte=at - timedelta(days=days)
        )
        old = rows.order_by("last_received_at", "pk").values_list("pk", flat=True)
        start = 0
        while len(found) < most and (some := list(old[start : start + PAGE])):
            kept = needed(some)
            found += [pk for pk in some if pk not in kept]
            start += PAGE
    return found[:most]


def needed(study_ids: Collection[int]) -> set[int]:
    """Studies on legal hold, being looked at, or asked for by a room above.

    Without anybody above to ask, every study is needed: a part of the program that was started without its wiring
    removes nothing.
    """
    if not _guards:
        return set(study_ids)
    held = LegalHold.objects.filter(study_id__in=study_ids, ended_at=None).values_list("study_id", flat=True)
    seen = StudyGrant.objects.filter(study_id__in=study_ids, ended_at=None).values_list("study_id", flat=True)
    return {*held, *seen}.union(*(guard(study_ids) for guard in _guards))


def is_due(study: Study, at: datetime) -> bool:
    """Whether the images of a locked study may go now."""
    days = (
        Terms.objects.filter(facility_id=study.facility_id).values_list("retention_days", flat=True).first()
    )
    if days is None or study.receipt not in QUIET or study.last_received_at > at - timedelta(days=days):
        return False
    return not needed([study.pk])
