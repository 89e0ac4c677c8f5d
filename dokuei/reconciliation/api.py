"""HTTP door of the reconciliation."""

from datetime import UTC, date, datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from dokuei.identity.access import actor_of
from dokuei.imaging.shapes import FacilityRef
from dokuei.reconciliation import queries, services
from dokuei.reconciliation.rules import Kind

router = Router(tags=["reconciliation"])


class LooseEndOut(Schema):
    kind: Kind
    label: str
    owner: str
    cure: str
    may_explain: bool
    object: str
    object_id: int
    since: datetime
    what: str
    patient_id: str
    detail: str
    study_id: int | None
    request_id: int | None


class ExplainedOut(LooseEndOut):
    explanation_id: int
    reason: str
    explained_by: str
    explained_at: datetime


class TotalsOut(Schema):
    """What moved in the last 24 hours."""

    studies: int
    instances: int
    earlier_studies: int
    requests: int
    readings: int
    reports: int


class CertificateOut(Schema):
    id: int
    facility: FacilityRef
    on: date
    made_at: datetime
    loose_count: int
    sha256: str
    sent_at: datetime | None
    sent_by: str
    taken_at: datetime | None
    taken_by: str
    may_send: bool
    may_take: bool


class ReconciliationOut(Schema):
    at: datetime
    open: list[LooseEndOut]
    explained: list[ExplainedOut]
    totals: TotalsOut
    certificates: list[CertificateOut]
    missed: list[date]
    may_explain: bool


class CertificatesOut(Schema):
    items: list[CertificateOut]


class ExplainIn(Schema):
    facility_id: int
    kind: Kind
    object_id: int
    reason: Annotated[str, Field(max_length=500)]


class DoneOut(Schema):
    id: int


@router.get("/reconciliation", response=ReconciliationOut)
def now(request: HttpRequest, facility_id: int) -> Any:
    """What of a facility hangs loose at this moment, and its certificates."""
    return queries.now_out(actor_of(request), facility_id, datetime.now(UTC))


@router.get("/reconciliation/newest", response=CertificatesOut)
def newest(request: HttpRequest) -> Any:
    """The newest certificate of every facility, for the service."""
    return {"items": queries.newest_out(actor_of(request))}


@router.post("/reconciliation/explanations", response=DoneOut)
def explain(request: HttpRequest, body: ExplainIn) -> Any:
    """Say why a loose end may stay as it is."""
    row = services.explain(actor_of(request), **body.model_dump(), at=datetime.now(UTC))
    return {"id": row.pk}


@router.post("/reconciliation/explanations/{explanation_id}/end", response=DoneOut)
def end_explanation(request: HttpRequest, explanation_id: int) -> Any:
    """Take an explanation back."""
    row = services.end_explanation(actor_of(request), explanation_id, at=datetime.now(UTC))
    return {"id": row.pk}


@router.post("/certificates/{certificate_id}/send", response=CertificateOut)
def send(request: HttpRequest, certificate_id: int) -> Any:
    """Send a certificate to its facility."""
    actor = actor_of(request)
    return queries.certificate_out(
        actor, services.send_certificate(actor, certificate_id, at=datetime.now(UTC))
    )


@router.post("/certificates/{certificate_id}/take", response=CertificateOut)
def take(request: HttpRequest, certificate_id: int) -> Any:
    """Take a certificate, as the facility."""
    actor = actor_of(request)
    return queries.certificate_out(
        actor, services.take_certificate(actor, certificate_id, at=datetime.now(UTC))
    )


@router.get("/certificates/{certificate_id}/document", response={200: None})
def document(request: HttpRequest, certificate_id: int) -> HttpResponse:
    """A certificate as PDF."""
    row, content = services.open_document(actor_of(request), certificate_id, at=datetime.now(UTC))
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="reconciliation-{row.facility.code}-{row.on}.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer
