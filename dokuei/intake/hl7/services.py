"""Commands on messages: receive, try again, dismiss."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.errors import Invalid, NotFound, NotPermitted, Refused, refuse
from dokuei.hl7.charset import TextEncoding, decode
from dokuei.hl7.message import Message, parse
from dokuei.identity.access import Actor, Permission, require
from dokuei.intake.hl7 import queries, rules
from dokuei.intake.hl7.models import Hl7Connection, Hl7Message
from dokuei.intake.hl7.reading import BadOrder, asked
from dokuei.intake.hl7.rules import Act, MessageRefusal, State
from dokuei.intake.ordering.order import Cancelled, Order
from dokuei.intake.ordering.services import cancel_order, place_order

WRONG = (Invalid, Refused, NotFound, NotPermitted)
"""What is wrong with a message itself; anything else is our trouble, and the message is not acknowledged."""


@dataclass(frozen=True)
class Received:
    """A message and, if it could be read, what stands in it."""

    row: Hl7Message
    message: Message | None


@transaction.atomic
def receive_message(actor: Actor, connection: Hl7Connection, raw: bytes, *, at: datetime) -> Received:
    """Keep a message and do what it asks for, in one transaction. The very same again changes nothing.

    What is wrong with it never raises: it is kept in quarantine and says so. What raises is our own trouble; then
    nothing was kept, and the sender has to send it again.
    """
    require(actor, Permission.REQUEST_WRITE, facility_id=connection.facility_id)
    digest = hashlib.sha256(raw).hexdigest()
    row, is_new = _kept(connection, raw, digest, at)
    if not is_new:
        row.repeats += 1
        row.save(update_fields=["repeats"])
        record(Event.HL7_REPEATED, by=actor, of=row, at=at)
        return Received(row, _readable(row))
    return Received(row, _take(actor, row, at))


@transaction.atomic
def keep_failed(actor: Actor, connection: Hl7Connection, raw: bytes, *, at: datetime) -> Received:
    """Keep a message that we failed at, a fault of ours, where people see it; else it would stop all that follow it."""
    require(actor, Permission.REQUEST_WRITE, facility_id=connection.facility_id)
    row, is_new = _kept(connection, raw, hashlib.sha256(raw).hexdigest(), at)
    if is_new:
        row.state, row.code = rules.LIFECYCLE[State(row.state), Act.FAIL], "hl7.failed"
        row.sentence = (
            "システムの不具合により取り込めませんでした。依頼を別の方法で登録し、管理者に連絡してください。"
        )
        row.save(update_fields=["state", "code", "sentence"])
        record(Event.HL7_QUARANTINED, by=actor, of=row, at=at, code=row.code)
    return Received(row, _readable(row))


@transaction.atomic
def retry_message(actor: Actor, message_id: int, *, at: datetime) -> Hl7Message:
    """Try a quarantined message again, as the connection it came over is set up now."""
    require(actor, Permission.QUARANTINE_MANAGE)
    row = _locked(actor, message_id, Act.TAKE)
    _take(queries.actor_of_connection(row.connection), row, at)
    record(Event.HL7_RETRIED, by=actor, of=row, at=at, state=row.state)
    return row


@transaction.atomic
def dismiss_message(actor: Actor, message_id: int, *, reason: str, at: datetime) -> Hl7Message:
    """End a quarantined message by hand: what it wanted was done otherwise, or is not wanted."""
    require(actor, Permission.QUARANTINE_MANAGE)
    row = _locked(actor, message_id, Act.DISMISS)
    if not reason.strip():
        raise refuse(MessageRefusal.REASON)
    row.state = rules.LIFECYCLE[State.QUARANTINED, Act.DISMISS]
    row.reason, row.ended_by, row.ended_at = reason.strip()[:500], actor.name, at
    row.save(update_fields=["state", "reason", "ended_by", "ended_at"])
    record(Event.HL7_DISMISSED, by=actor, of=row, at=at)
    return row


@transaction.atomic
def open_message(actor: Actor, message_id: int, *, at: datetime) -> Hl7Message:
    """Look at what a message says."""
    require(actor, Permission.QUARANTINE_READ)
    row = queries.visible_to(actor).filter(pk=message_id).first()
    if row is None:
        raise NotFound()
    record(Event.HL7_OPENED, by=actor, of=row, at=at)
    return row


def _kept(connection: Hl7Connection, raw: bytes, digest: str, at: datetime) -> tuple[Hl7Message, bool]:
    """The row of these bytes, locked; new if they never came over this connection."""
    rows = Hl7Message.objects.select_for_update(no_key=True).filter(connection=connection, sha256=digest)
    known = rows.first()
    if known is not None:
        return known, False
    row = Hl7Message(
        facility_id=connection.facility_id,
        connection=connection,
        raw=raw,
        sha256=digest,
        received_at=at,
        tried_at=at,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return rows.get(), False
    return row, True


def _take(actor: Actor, row: Hl7Message, at: datetime) -> Message | None:
    """Do what a message asks for; what is wrong with it puts it into quarantine, with nothing of it done."""
    message: Message | None = None
    connection = row.connection
    row.tried_at, row.code, row.sentence = at, "", ""
    try:
        with transaction.atomic():
            message = parse(decode(bytes(row.raw), TextEncoding(connection.encoding)))
            row.kind, row.control_id = message.kind[:20], message.control_id[:199]
            orders = asked(message, source=f"hl7:{connection.name}", accession=connection.accession)
            row.results = [_do(actor, connection, one, at) for one in orders]
        row.state, event = rules.LIFECYCLE[State(row.state), Act.TAKE], Event.HL7_TAKEN
    except WRONG as error:
        row.state, event = rules.LIFECYCLE[State(row.state), Act.FAIL], Event.HL7_QUARANTINED
        row.code, row.sentence, row.results = error.error_code[:60], error.detail[:500], []
    row.save()
    record(event, by=actor, of=row, at=at, code=row.code, requests=[one[0] for one in row.results])
    return message


def _do(actor: Actor, connection: Hl7Connection, one: Order | Cancelled, at: datetime) -> list[Any]:
    facility, source = connection.facility_id, f"hl7:{connection.name}"
    if isinstance(one, Order):
        placed = place_order(actor, facility_id=facility, order=one, at=at)
        return [placed.request.pk, placed.outcome.value]
    try:
        request = cancel_order(
            actor, facility_id=facility, source=source, key=one.key, reason=one.reason, at=at
        )
    except NotFound as error:
        raise BadOrder(
            "取り消す依頼が見つかりません。オーダ番号を確認してください。", code="hl7.unknown_order"
        ) from error
    return [request.pk, "cancelled"]


def _readable(row: Hl7Message) -> Message | None:
    try:
        return parse(decode(bytes(row.raw), TextEncoding(row.connection.encoding)))
    except Invalid:
        return None


def _locked(actor: Actor, message_id: int, act: Act) -> Hl7Message:
    rows = queries.visible_to(actor).select_for_update(no_key=True, of=("self",))
    row = rows.filter(pk=message_id).first()
    if row is None:
        raise NotFound()
    if refusal := rules.why_not(State(row.state), act):
        raise refuse(refusal)
    return row
