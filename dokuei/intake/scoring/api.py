"""HTTP door of rule tables."""

from datetime import UTC, date, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from dokuei.identity.access import actor_of
from dokuei.intake.scoring import coaching, queries, services
from dokuei.intake.scoring.table import Table

router = Router(tags=["request rules"])


class ItemOut(Schema):
    field: str
    label: str
    modalities: list[str]
    is_always: bool
    is_askable: bool


class DecidedOut(Schema):
    number: int
    effective_from: date
    is_now: bool
    reason: str
    made_by: str
    made_at: datetime
    table: Table


class TablesOut(Schema):
    table: Table
    default: Table
    items: list[ItemOut]
    history: list[DecidedOut]


class TriedOut(Schema):
    request_id: int
    exam: str
    sent_at: datetime
    before: int
    after: int
    more: list[str]
    fewer: list[str]


class PreviewOut(Schema):
    tried: int
    changed: int
    mean_before: int | None
    mean_after: int | None
    asked: int
    """Questions that would have been asked back by themselves."""
    items: list[TriedOut]


class MonthOut(Schema):
    month: date
    sent: int
    mean: int | None


class LackingOut(Schema):
    field: str
    label: str
    missing: list[int]
    """Requests that lacked it, by month."""
    total: int
    asked: int
    """Ask-backs about it in these months."""
    minutes: int
    """For how long they were waited for, all together."""


class CoachingOut(Schema):
    months: list[MonthOut]
    items: list[LackingOut]


class PreviewIn(Schema):
    table: Table


class DecisionIn(Schema):
    facility_ids: Annotated[list[int], Field(max_length=1000)]
    table: Table
    effective_from: date
    reason: Annotated[str, Field(max_length=500)]


class DecisionOut(Schema):
    decided: int


@router.get("/facilities/{int:facility_id}/request-coaching", response=CoachingOut)
def coach(request: HttpRequest, facility_id: int) -> Any:
    """What a facility's requests usually lack, month by month."""
    return coaching.coaching(actor_of(request), facility_id, at=datetime.now(UTC))


@router.get("/facilities/{int:facility_id}/request-rules", response=TablesOut)
def tables(request: HttpRequest, facility_id: int) -> Any:
    """What a facility's requests are scored by, now and from when on."""
    return queries.tables_out(actor_of(request), facility_id, at=datetime.now(UTC))


@router.post("/facilities/{int:facility_id}/request-rules/preview", response=PreviewOut)
def preview(request: HttpRequest, facility_id: int, body: PreviewIn) -> Any:
    """What a table would have said of past requests; nothing is kept."""
    return queries.preview(actor_of(request), facility_id, body.table)


@router.post("/request-rules", response=DecisionOut)
def decide(request: HttpRequest, body: DecisionIn) -> Any:
    """Let a table hold for some facilities from a day on."""
    made = services.decide_table(
        actor_of(request),
        facility_ids=body.facility_ids,
        table=body.table,
        effective_from=body.effective_from,
        reason=body.reason,
        at=datetime.now(UTC),
    )
    return {"decided": len(made)}
