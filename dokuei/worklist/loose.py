"""Readings nobody has, and readings that outlived their request. In a scope that holds the facility."""

from datetime import datetime

from django.db.models import QuerySet

from dokuei.intake.loose import loose_request
from dokuei.kit.loose import LooseEnd
from dokuei.worklist.models import Reading
from dokuei.worklist.rules import OPEN, State

LIVE = ["sent", "accepted"]
"""States of a request that is still to be answered."""


def readings_without_owner(facility_id: int, at: datetime) -> list[LooseEnd]:
    """Readings whose deadline has passed and that no reader has."""
    rows = _readings(facility_id).filter(state__in=[State.PENDING, State.WAITING], due_at__lt=at)
    return [_loose(row, row.due_at, _waiting(row)) for row in rows]


def readings_held(facility_id: int) -> list[LooseEnd]:
    """Readings held for a contradiction."""
    return [
        _loose(row, row.clock_started_at, _waiting(row))
        for row in _readings(facility_id).filter(state=State.HELD)
    ]


def readings_left_open(facility_id: int) -> list[LooseEnd]:
    """Open readings of requests that are over."""
    rows = _readings(facility_id).filter(state__in=OPEN).exclude(request__state__in=LIVE)
    return [_loose(row, row.clock_started_at) for row in rows]


def readings_done(facility_id: int, since: datetime, until: datetime) -> dict[str, int]:
    """How many readings were finished in this time."""
    done = Reading.objects.filter(facility_id=facility_id, read_at__gte=since, read_at__lt=until)
    return {"readings": done.count()}


def _waiting(row: Reading) -> str:
    waits = [f"{one['label']}（{one['owner']}）" for one in row.waits_for]
    return "、".join(waits) if row.state in (State.PENDING, State.HELD) else "読影待ち（担当者なし）"


def _loose(row: Reading, since: datetime, detail: str = "") -> LooseEnd:
    return loose_request(row.request, "reading", row.pk, since, detail)


def _readings(facility_id: int) -> QuerySet[Reading]:
    rows = Reading.objects.filter(facility_id=facility_id).select_related("request__patient")
    return rows.order_by("due_at", "pk")
