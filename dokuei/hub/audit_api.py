"""HTTP door of the audit trail. It stands here because the trail lies below identity and may not know it."""

from datetime import UTC, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from dokuei import __version__
from dokuei.audit import queries as trail
from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.hub import health
from dokuei.identity import queries as identity
from dokuei.identity.access import Permission, actor_of, require
from dokuei.kit.db import system_scope

router = Router(tags=["audit"])


class LineOut(Schema):
    seq: int
    at: datetime
    event: str
    sentence: str
    by: str
    by_name: str
    object: str
    facility_id: int | None
    detail: dict[str, Any]


class TrailOut(Schema):
    items: list[LineOut]
    next_before: int | None


class TrailFilter(Schema):
    by: str = ""
    event: str = ""
    patient_id: int | None = None
    before: int | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 100


class Broken(Schema):
    seq: int
    reason: str


class ProofOut(Schema):
    ok: bool
    checked: int
    head: str
    first_broken: Broken | None


class HealthCheckOut(Schema):
    name: str
    ok: bool
    sentence: str


class StatusOut(Schema):
    checks: list[HealthCheckOut]
    version: str


@router.get("/audit", response=TrailOut)
def read_trail(request: HttpRequest, filters: Query[TrailFilter]) -> Any:
    """Who did what, newest first."""
    require(actor_of(request), Permission.AUDIT_READ)
    rows = trail.page(**filters.dict())
    names = identity.label_names({row.by for row in rows})
    items = [{**vars(row), "by_name": names.get(row.by, row.by)} for row in rows]
    more = len(rows) == filters.limit and rows[-1].seq > 1
    return {"items": items, "next_before": rows[-1].seq if more else None}


@router.post("/audit/verify", response=ProofOut)
def verify_trail(request: HttpRequest) -> Any:
    """Prove the whole chain, or name its first broken link."""
    actor = actor_of(request)
    require(actor, Permission.AUDIT_READ)
    with system_scope("audit.verify"):
        proof = trail.verify()
    record(Event.TRAIL_VERIFIED, by=actor, at=datetime.now(UTC), ok=proof.is_whole)
    broken = None if proof.is_whole else {"seq": proof.broken_seq, "reason": proof.reason}
    return {
        "ok": proof.is_whole,
        "checked": proof.checked,
        "head": proof.head,
        "first_broken": broken,
    }


@router.get("/status", response=StatusOut)
def status(request: HttpRequest) -> Any:
    """Whether each part of this installation works."""
    require(actor_of(request), Permission.STATUS_READ)
    return {"checks": health.checks(datetime.now(UTC)), "version": __version__}
