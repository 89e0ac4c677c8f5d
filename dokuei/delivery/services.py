"""Commands of delivery: queue, deliver, open, confirm, record the action."""

import hashlib
import logging
from datetime import datetime

from django.db import transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.errors import NotFound, Unavailable, refuse
from dokuei.delivery import document, queries, rules
from dokuei.delivery.models import Confirmation, Delivery
from dokuei.delivery.rules import Act, DeliveryRefusal, Seen, SeenAct, State
from dokuei.identity.access import Actor, Permission, require
from dokuei.identity.models import Person
from dokuei.kit import store, typeset
from dokuei.reporting import queries as reporting

log = logging.getLogger("dokuei.delivery")
ACTION_MOST = 1000


@transaction.atomic
def queue_delivery(actor: Actor, report_id: int, version: int, *, at: datetime) -> Delivery:
    """Put a signed version on its way, with its confirmations; doing it again changes nothing."""
    require(actor, Permission.SYSTEM)
    report = reporting.visible_to(actor).get(pk=report_id)
    delivery, fresh = Delivery.objects.get_or_create(
        report=report,
        version=version,
        channel="portal",
        defaults={"facility_id": report.facility_id, "try_at": at},
    )
    if not fresh:
        return delivery
    request = report.request
    asker = Person.objects.filter(roles__contains=["requester"])
    asked_by = asker.filter(pk=request.created_by_id).first() if request.created_by_id else None
    name = request.content.get("requester_name") or request.created_by_name
    for kind, person_id, addressee in queries.addressees(asked_by.pk if asked_by else None, name):
        Confirmation.objects.create(
            facility_id=report.facility_id,
            delivery=delivery,
            kind=kind,
            person_id=person_id,
            addressee=addressee,
        )
    record(Event.DELIVERY_QUEUED, by=actor, of=delivery, at=at, report=report_id, version=version)
    return delivery


@transaction.atomic
def deliver(actor: Actor, delivery: Delivery, *, at: datetime) -> None:
    """Render the document, keep it, and tell the addressees. Called by the due loop with the row locked."""
    require(actor, Permission.SYSTEM)
    if State(delivery.state) != State.QUEUED:
        delivery.try_at = None
        delivery.save(update_fields=["try_at"])
        return
    try:
        key, size, digest = _keep_document(delivery)
    except (Unavailable, OSError, RuntimeError, typeset.FontsMissing) as error:
        _try_later(actor, delivery, at, type(error).__name__)
        return
    delivery.state = rules.LIFECYCLE[State.QUEUED, Act.DELIVER]
    delivery.document_key, delivery.document_bytes, delivery.document_sha256 = key, size, digest
    delivery.delivered_at, delivery.try_at = at, None
    delivery.save()
    delivery.confirmations.filter(state=Seen.UNDELIVERED).update(
        state=rules.CONFIRMATION[Seen.UNDELIVERED, SeenAct.DELIVER]
    )
    record(Event.DELIVERY_DELIVERED, by=actor, of=delivery, at=at, sha256=digest)


@transaction.atomic
def open_document(actor: Actor, report_id: int, number: int, *, at: datetime) -> bytes:
    """Hand out the PDF; where the opener is the addressee, their confirmation becomes opened."""
    require(actor, Permission.REPORT_READ)
    content = queries.document(actor, report_id, number)
    report = reporting.one(actor, report_id)
    _mark_opened(actor, report_id, number, at)
    record(Event.REPORT_OPENED, by=actor, of=report, at=at, version=number, document=True)
    return content


@transaction.atomic
def open_for_reading(actor: Actor, report_id: int, *, at: datetime) -> None:
    """The report was opened on the screen: the newest version counts as opened for its addressee."""
    require(actor, Permission.REPORT_READ)
    report = reporting.one(actor, report_id)
    last = reporting.versions(report)[-1:]
    if last:
        _mark_opened(actor, report_id, last[0].number, at)
    record(Event.REPORT_OPENED, by=actor, of=report, at=at)


@transaction.atomic
def confirm_report(actor: Actor, confirmation_id: int, *, at: datetime) -> Confirmation:
    """The addressee has read the report."""
    require(actor, Permission.CONFIRMATION_WRITE)
    row = queries.confirmation(actor, confirmation_id)
    _advance(actor, row, SeenAct.CONFIRM)
    row.confirmed_at, row.confirmed_by = at, actor.name
    row.save(update_fields=["state", "confirmed_at", "confirmed_by"])
    record(Event.CONFIRMATION_CONFIRMED, by=actor, of=row, at=at)
    return row


@transaction.atomic
def record_action(actor: Actor, confirmation_id: int, *, action: str, at: datetime) -> Confirmation:
    """What the addressee did about the report."""
    require(actor, Permission.CONFIRMATION_WRITE)
    row = queries.confirmation(actor, confirmation_id)
    if not action.strip():
        raise refuse(DeliveryRefusal.ACTION)
    _advance(actor, row, SeenAct.ACT)
    row.acted_at, row.action = at, action.strip()[:ACTION_MOST]
    row.save(update_fields=["state", "acted_at", "action"])
    record(Event.CONFIRMATION_ACTED, by=actor, of=row, at=at)
    return row


def _advance(actor: Actor, row: Confirmation, act: SeenAct) -> None:
    state = Seen(row.state)
    if refusal := rules.why_not_confirm(state, act, is_addressee=queries.is_addressee(actor, row)):
        raise refuse(refusal)
    row.state = rules.CONFIRMATION[state, act]


def _mark_opened(actor: Actor, report_id: int, number: int, at: datetime) -> None:
    rows = Confirmation.objects.select_for_update(no_key=True, of=("self",)).filter(
        delivery__report_id=report_id, delivery__version=number
    )
    for row in queries.opened_by(actor, list(rows)):
        if Seen(row.state) == Seen.DELIVERED:
            row.state = rules.CONFIRMATION[Seen.DELIVERED, SeenAct.OPEN]
            row.opened_at = at
            row.save(update_fields=["state", "opened_at"])
            record(Event.CONFIRMATION_OPENED, by=actor, of=row, at=at)


def _keep_document(delivery: Delivery) -> tuple[str, int, str]:
    rows = reporting.versions(delivery.report)
    version = next((row for row in rows if row.number == delivery.version), None)
    if version is None:
        raise NotFound()
    content = document.render(
        version.body,
        number=version.number,
        kind=version.kind,
        signed_by=version.signed_by_name,
        sha256=version.sha256,
        pictures=reporting.pictures_of(version),
    )
    digest = hashlib.sha256(content).hexdigest()
    key = f"reports/{delivery.facility_id}/{delivery.report_id}/{version.number}-{digest[:16]}.pdf"
    store.default().put(key, content)
    return key, len(content), digest


def _try_later(actor: Actor, delivery: Delivery, at: datetime, why: str) -> None:
    delivery.tries += 1
    wait = rules.wait_before_try(delivery.tries)
    act = Act.RETRY if wait is not None else Act.GIVE_UP
    delivery.state = rules.LIFECYCLE[State.QUEUED, act]
    delivery.try_at = at + wait if wait is not None else None
    delivery.save(update_fields=["tries", "state", "try_at"])
    log.warning("a delivery failed", extra={"delivery": delivery.pk, "why": why})
    record(Event.DELIVERY_FAILED, by=actor, of=delivery, at=at, why=why, tries=delivery.tries)
