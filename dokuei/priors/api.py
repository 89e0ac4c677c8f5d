"""HTTP door of priors. The priors of one reading are behind the worklist's door, with the reading."""

from datetime import UTC, date, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from dokuei.identity.access import actor_of
from dokuei.priors import deciding, queries, services
from dokuei.priors.elsewhere.api import router as elsewhere
from dokuei.priors.shapes import PriorStatesOut
from dokuei.priors.table import Relevance

router = Router(tags=["priors"])
router.add_router("", elsewhere)


class PriorDecisionOut(Schema):
    number: int
    effective_from: date
    is_now: bool
    reason: str
    made_by: str
    made_at: datetime
    table: Relevance


class PriorRulesOut(Schema):
    name: str
    table: Relevance
    default: Relevance
    history: list[PriorDecisionOut]


class PriorPreviewIn(Schema):
    table: Relevance


class PriorTriedOut(Schema):
    """What a table wants for one request; studies in a few words, by day, modality and part."""

    request_id: int
    exam: str
    before: int
    after: int
    more: list[str]
    fewer: list[str]


class PriorPreviewOut(Schema):
    tried: int
    changed: int
    wanted_before: int
    wanted_after: int
    items: list[PriorTriedOut]


class PriorRulesIn(Schema):
    table: Relevance
    effective_from: date
    reason: Annotated[str, Field(max_length=500)]


@router.get("/facilities/{int:facility_id}/prior-states", response=PriorStatesOut)
def states(request: HttpRequest, facility_id: int) -> Any:
    """How many of a facility's recent requests have their priors here, elsewhere, confirmed none, or not asked."""
    return queries.states_of_facility(actor_of(request), facility_id, at=datetime.now(UTC))


@router.get("/facilities/{int:facility_id}/prior-rules", response=PriorRulesOut)
def rules(request: HttpRequest, facility_id: int) -> Any:
    """What makes a prior relevant in a facility, and how long a reading waits for it."""
    return deciding.tables_of(actor_of(request), facility_id, at=datetime.now(UTC))


@router.post("/facilities/{int:facility_id}/prior-rules", response=PriorRulesOut)
def decide(request: HttpRequest, facility_id: int, body: PriorRulesIn) -> Any:
    """Let a table hold for a facility from a day on."""
    actor, at = actor_of(request), datetime.now(UTC)
    services.decide_priors(
        actor, facility_id, body.table, effective_from=body.effective_from, reason=body.reason, at=at
    )
    return deciding.tables_of(actor, facility_id, at=at)


@router.post("/facilities/{int:facility_id}/prior-rules/preview", response=PriorPreviewOut)
def preview(request: HttpRequest, facility_id: int, body: PriorPreviewIn) -> Any:
    """What a table would want for the newest requests; nothing is kept."""
    return deciding.preview(actor_of(request), facility_id, body.table, at=datetime.now(UTC))
