"""Delivered reports: lists for the facility, documents for whoever may read the report."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from dokuei.base.clock import local_date
from dokuei.base.errors import NotFound, Unavailable
from dokuei.delivery.models import Confirmation, Delivery
from dokuei.delivery.rules import Addressee, Seen, State
from dokuei.identity.access import Actor, Permission, require
from dokuei.intake import queries as intake
from dokuei.kit import store
from dokuei.patients import queries as patients
from dokuei.reporting import queries as reporting

HEAD = 80


class DocumentNotReady(Unavailable):
    """PDFを作成しています。数秒後にもう一度開いてください。"""

    code = "document.not_ready"


class DocumentAltered(Unavailable):
    """保存されたPDFが署名時の内容と一致しません。表示を中止しました。サポートに連絡してください。"""

    code = "document.altered"


def visible_to(actor: Actor) -> QuerySet[Delivery]:
    rows = Delivery.objects.select_related("facility", "report__patient", "report__request")
    return rows if actor.kind == "system" else rows.filter(facility_id__in=actor.facilities)


def box(actor: Actor, name: str) -> QuerySet[Delivery]:
    """The facility's reports: those somebody still has to confirm, or all, newest first."""
    require(actor, Permission.DELIVERY_READ)
    rows = visible_to(actor).exclude(state=State.SUPERSEDED)
    if name == "unconfirmed":
        waiting = [Seen.UNDELIVERED, Seen.DELIVERED, Seen.OPENED]
        return rows.filter(confirmations__state__in=waiting).distinct().order_by("-pk")
    return rows.order_by("-pk")


def counts(actor: Actor) -> dict[str, int]:
    return {"unconfirmed": box(actor, "unconfirmed").count(), "all": box(actor, "all").count()}


def document(actor: Actor, report_id: int, number: int) -> bytes:
    """The PDF of a version, checked against the hash it was stored with."""
    version = reporting.version(actor, report_id, number)
    delivery = Delivery.objects.filter(report_id=version.report_id, version=number, channel="portal").first()
    if delivery is None or not delivery.document_key or delivery.document_bytes is None:
        raise DocumentNotReady()
    content = store.default().get_range(delivery.document_key, 0, delivery.document_bytes)
    if hashlib.sha256(content).hexdigest() != delivery.document_sha256:
        raise DocumentAltered()
    return content


def is_addressee(actor: Actor, confirmation: Confirmation) -> bool:
    """The addressed person, or, where the facility as a whole is addressed, any of its requesters."""
    if not actor.may(Permission.CONFIRMATION_WRITE):
        return False
    return confirmation.person_id in (None, actor.person_id)


def opened_by(actor: Actor, rows: Sequence[Confirmation]) -> list[Confirmation]:
    """Which confirmations an opening by this actor counts for.

    Somebody addressed by name opens for themselves; only after confirming that does another opening count for the
    facility as a whole (a clinic may have one doctor). Everybody else's opening counts for what they are addressed by.
    """
    addressed = [row for row in rows if is_addressee(actor, row)]
    own = [row for row in addressed if row.person_id is not None]
    if any(Seen(row.state) not in {Seen.CONFIRMED, Seen.ACTED} for row in own):
        return own
    return addressed


def confirmation(actor: Actor, confirmation_id: int) -> Confirmation:
    row = (
        Confirmation.objects.select_for_update(no_key=True, of=("self",))
        .filter(pk=confirmation_id, facility_id__in=actor.facilities)
        .first()
    )
    if row is None:
        raise NotFound()
    return row


def rows_out(actor: Actor, deliveries: Sequence[Delivery], at: datetime) -> list[dict[str, Any]]:
    today = local_date(at)
    doubted = intake.in_doubt(one.report.request_id for one in deliveries)
    return [
        {**_row(actor, one, today), "is_in_doubt": one.report.request_id in doubted} for one in deliveries
    ]


def _row(actor: Actor, delivery: Delivery, today: Any) -> dict[str, Any]:
    version = reporting.versions(delivery.report)[delivery.version - 1]
    confirmations = list(delivery.confirmations.order_by("pk"))
    mine = [one for one in confirmations if is_addressee(actor, one)]
    exact = [one for one in mine if one.person_id == actor.person_id] or mine
    return {
        "id": delivery.pk,
        "report_id": delivery.report_id,
        "version": delivery.version,
        "kind": version.kind,
        "state": delivery.state,
        "delivered_at": delivery.delivered_at,
        "patient": patients.patient_out(delivery.report.patient, today),
        "facility": delivery.facility,
        "exam_description": version.body["request"]["exam"]["description"],
        "modality": version.body["request"]["exam"]["modality"],
        "signed_at": version.signed_at,
        "signed_by": version.signed_by_name,
        "impression_head": version.body["impression"].strip().split("\n")[0][:HEAD],
        "confirmations": [vars_of(one) for one in confirmations],
        "mine": vars_of(exact[0]) if exact else None,
        "request_id": delivery.report.request_id,
        "urgency": delivery.report.request.urgency,
    }


def vars_of(one: Confirmation) -> dict[str, Any]:
    return {
        "id": one.pk,
        "kind": one.kind,
        "addressee": one.addressee,
        "state": one.state,
        "opened_at": one.opened_at,
        "confirmed_at": one.confirmed_at,
        "confirmed_by": one.confirmed_by,
        "acted_at": one.acted_at,
        "action": one.action,
    }


def addressees(requester_id: int | None, requester_name: str) -> list[tuple[Addressee, int | None, str]]:
    """Who must confirm a report of this request: the requester, and the facility's report management."""
    return [
        (Addressee.REQUESTER, requester_id, requester_name or "依頼医"),
        (Addressee.FACILITY, None, "施設の報告管理"),
    ]
