"""HTTP door of delivery: the facility's side of a finished report."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from dokuei.base.clock import local_date
from dokuei.delivery import queries, services
from dokuei.identity.access import Permission, actor_of
from dokuei.imaging.shapes import FacilityRef
from dokuei.intake import queries as intake
from dokuei.intake.shapes import RequestOut, request_out
from dokuei.patients import queries as patients
from dokuei.patients.queries import patient_out
from dokuei.patients.shapes import PatientOut
from dokuei.reporting import queries as reporting
from dokuei.reporting.shapes import ReportOut

router = Router(tags=["delivery"])
ROWS_MOST = 300


class ConfirmationOut(Schema):
    id: int
    kind: str
    addressee: str
    state: str
    opened_at: datetime | None
    confirmed_at: datetime | None
    confirmed_by: str
    acted_at: datetime | None
    action: str


class DeliveryRow(Schema):
    id: int
    report_id: int
    version: int
    kind: str
    state: str
    delivered_at: datetime | None
    patient: PatientOut
    facility: FacilityRef
    exam_description: str
    modality: str
    signed_at: datetime
    signed_by: str
    impression_head: str
    confirmations: list[ConfirmationOut]
    mine: ConfirmationOut | None
    request_id: int
    urgency: str
    is_in_doubt: bool


class DeliveryCounts(Schema):
    unconfirmed: int
    all: int


class DeliveriesOut(Schema):
    items: list[DeliveryRow]
    counts: DeliveryCounts


class ReportFull(Schema):
    report: ReportOut
    request: RequestOut
    patient: PatientOut
    deliveries: list[DeliveryRow]
    unaltered: bool
    doubts: list[str]
    """What was found to contradict after the signature and nobody has judged yet."""


class ActionIn(Schema):
    action: Annotated[str, Field(max_length=1000)]


@router.get("/deliveries", response=DeliveriesOut)
def deliveries(request: HttpRequest, box: Literal["unconfirmed", "all"] = "unconfirmed", q: str = "") -> Any:
    """Reports that came back to my facilities."""
    actor = actor_of(request)
    rows = queries.box(actor, box)
    for word in q[:100].split():
        rows = rows.filter(
            Q(report__patient__name_kanji__icontains=word)
            | Q(report__patient__name_kana__icontains=word)
            | Q(report__patient__patient_id__icontains=word)
            | Q(report__patient__in=patients.kin_saying(word))
        )
    items = queries.rows_out(actor, list(rows[:ROWS_MOST]), datetime.now(UTC))
    return {"items": items, "counts": queries.counts(actor)}


@router.get("/reports/{report_id}", response=ReportFull)
def report(request: HttpRequest, report_id: int) -> Any:
    """A final report with its request and how far each addressee is."""
    actor, at = actor_of(request), datetime.now(UTC)
    services.open_for_reading(actor, report_id, at=at)
    found = reporting.one(actor, report_id)
    reads = actor.may(Permission.REQUEST_READ)
    return {
        "report": reporting.report_out(actor, found),
        "request": request_out(actor if reads else _through(actor), found.request_id, at=at),
        "patient": patient_out(found.patient, local_date(at)),
        "deliveries": queries.rows_out(
            actor, list(queries.visible_to(actor).filter(report_id=report_id)), at
        ),
        "unaltered": reporting.is_unaltered(found),
        "doubts": intake.held_for(found.request_id),
    }


@router.get("/reports/{report_id}/versions/{number}/pdf")
def pdf(request: HttpRequest, report_id: int, number: int) -> HttpResponse:
    """The signed document (application/pdf)."""
    content = services.open_document(actor_of(request), report_id, number, at=datetime.now(UTC))
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="report-{report_id}-{number}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


@router.post("/confirmations/{confirmation_id}/confirm", response=ConfirmationOut)
def confirm(request: HttpRequest, confirmation_id: int) -> Any:
    """I have read this report."""
    row = services.confirm_report(actor_of(request), confirmation_id, at=datetime.now(UTC))
    return queries.vars_of(row)


@router.post("/confirmations/{confirmation_id}/act", response=ConfirmationOut)
def act(request: HttpRequest, confirmation_id: int, body: ActionIn) -> Any:
    """What was done about this report."""
    row = services.record_action(actor_of(request), confirmation_id, action=body.action, at=datetime.now(UTC))
    return queries.vars_of(row)


def _through(actor: Any) -> Any:
    """Whoever may read a report may read the request it answers."""
    from dataclasses import replace

    return replace(actor, permissions=actor.permissions | {Permission.REQUEST_READ})
