"""Commands of the reconciliation: make, send, take a certificate; explain a loose end and take that back."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.clock import local_date
from dokuei.base.errors import NotFound, refuse
from dokuei.identity import queries as identity
from dokuei.identity.access import Actor, Permission, require
from dokuei.reconciliation import document, queries, rules
from dokuei.reconciliation.models import Certificate, Explanation, Handover, Night
from dokuei.reconciliation.rules import Kind, ReconciliationRefusal


@transaction.atomic
def begin_nights(actor: Actor, facility_id: int, *, at: datetime) -> None:
    """Have a facility's certificates made from the coming night on; doing it again changes nothing."""
    require(actor, Permission.SYSTEM)
    first = rules.next_night(at)
    night, is_new = Night.objects.get_or_create(
        facility_id=facility_id, defaults={"next_at": first, "since": local_date(first)}
    )
    if is_new:
        record(Event.NIGHTS_BEGUN, by=actor, of=night, at=at)


@transaction.atomic
def make_certificate(actor: Actor, facility_id: int, *, at: datetime) -> Certificate:
    """Freeze what hangs loose; the one of this day if there is one already."""
    require(actor, Permission.SYSTEM)
    last = queries.last_certificate(facility_id)
    if last is not None and last.on >= local_date(at):
        return last
    since = last.made_at if last else at - timedelta(days=1)
    facility = identity.facility(facility_id)
    found = queries.look(facility_id, at)
    body = {
        "facility": {"code": facility.code, "name": facility.name},
        "on": local_date(at).isoformat(),
        "since": since.isoformat(),
        "made_at": at.isoformat(),
        "totals": queries.totals(facility_id, since, at),
        "open": found.open,
        "explained": found.explained,
        "looked_for": [
            {"kind": kind.value, "label": entry.label, "grace": rules.grace_text(entry.grace)}
            for kind, entry in rules.ENTRIES.items()
        ],
    }
    previous = last.sha256 if last else queries.GENESIS
    row = Certificate.objects.create(
        facility_id=facility_id,
        on=local_date(at),
        made_at=at,
        body=body,
        loose_count=len(found.open),
        previous=previous,
        sha256=queries.chain_hash(previous, body),
    )
    record(Event.CERTIFICATE_MADE, by=actor, of=row, at=at, loose=row.loose_count, sha256=row.sha256)
    return row


@transaction.atomic
def send_certificate(actor: Actor, certificate_id: int, *, at: datetime) -> Certificate:
    """Let the facility see a certificate, and take it."""
    require(actor, Permission.RECONCILIATION_SEND)
    row = queries.one(actor, certificate_id)
    _, is_new = Handover.objects.get_or_create(
        certificate=row,
        defaults={
            "facility_id": row.facility_id,
            "sent_at": at,
            "sent_by_id": actor.person_id,
            "sent_by_name": actor.name,
        },
    )
    if not is_new:
        raise refuse(ReconciliationRefusal.SENT)
    record(Event.CERTIFICATE_SENT, by=actor, of=row, at=at)
    return queries.one(actor, certificate_id)


@transaction.atomic
def take_certificate(actor: Actor, certificate_id: int, *, at: datetime) -> Certificate:
    """Somebody of the facility has read it and answers for what is listed as theirs."""
    require(actor, Permission.RECONCILIATION_TAKE)
    row = queries.one(actor, certificate_id)
    handover = Handover.objects.select_for_update(no_key=True).filter(certificate=row).first()
    if handover is None:
        raise refuse(ReconciliationRefusal.NOT_SENT)
    if handover.taken_at is not None:
        raise refuse(ReconciliationRefusal.TAKEN)
    handover.taken_at, handover.taken_by_id, handover.taken_by_name = at, actor.person_id, actor.name
    handover.save(update_fields=["taken_at", "taken_by", "taken_by_name"])
    record(Event.CERTIFICATE_TAKEN, by=actor, of=row, at=at)
    return queries.one(actor, certificate_id)


@transaction.atomic
def open_document(actor: Actor, certificate_id: int, *, at: datetime) -> tuple[Certificate, bytes]:
    """A certificate as PDF."""
    row = queries.one(actor, certificate_id)
    record(Event.CERTIFICATE_OPENED, by=actor, of=row, at=at)
    return row, document.render(row.body, sha256=row.sha256, previous=row.previous)


@transaction.atomic
def explain(
    actor: Actor, *, facility_id: int, kind: Kind, object_id: int, reason: str, at: datetime
) -> Explanation:
    """Say why a loose end may stay as it is. It holds for what is listed now: if that changes, it is listed again."""
    require(actor, Permission.RECONCILIATION_EXPLAIN, facility_id=facility_id)
    if refusal := rules.why_not_explain(kind, reason):
        raise refuse(refusal)
    ends = queries.loose_ends(facility_id, kind, at)
    end = next((one for one in ends if one.object_id == object_id), None)
    if end is None:
        raise refuse(ReconciliationRefusal.NOT_LISTED)
    stale = Explanation.objects.filter(
        facility_id=facility_id, kind=kind.value, object_id=object_id, ended_at=None
    )
    stale.exclude(detail=end.detail).update(ended_at=at, ended_by_name=actor.name)
    row = Explanation(
        facility_id=facility_id,
        kind=kind.value,
        object_id=object_id,
        detail=end.detail,
        reason=reason.strip()[:500],
        by_id=actor.person_id,
        by_name=actor.name,
        at=at,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise refuse(ReconciliationRefusal.EXPLAINED) from error
    record(Event.EXPLANATION_GIVEN, by=actor, of=row, at=at, kind=kind.value, about=object_id)
    return row


@transaction.atomic
def end_explanation(actor: Actor, explanation_id: int, *, at: datetime) -> Explanation:
    """Take an explanation back: the loose end is listed again."""
    require(actor, Permission.RECONCILIATION_EXPLAIN)
    rows = Explanation.objects.filter(facility_id__in=actor.facilities)
    row = rows.select_for_update(no_key=True).filter(pk=explanation_id).first()
    if row is None:
        raise NotFound()
    if row.ended_at is not None:
        raise refuse(ReconciliationRefusal.ENDED)
    row.ended_at, row.ended_by_name = at, actor.name
    row.save(update_fields=["ended_at", "ended_by_name"])
    record(Event.EXPLANATION_ENDED, by=actor, of=row, at=at, kind=row.kind, about=row.object_id)
    return row
