"""The receipt of a study: settled, complete, held, resolved."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.errors import NotFound, refuse
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging import events, queries, rules
from dokuei.imaging.archive.receiving import hold_for, union
from dokuei.imaging.models import Study
from dokuei.imaging.rules import Act, Receipt
from dokuei.kit.events import publish


@transaction.atomic
def settle_study(actor: Actor, study_id: int, *, at: datetime) -> Study:
    """Nothing came for the set time.

    The study is taken as settled, though nobody announced how many there are.
    """
    require(actor, Permission.SYSTEM)
    study = _locked(actor, study_id)
    state = Receipt(study.receipt)
    study.settle_due_at = None
    if state is Receipt.HELD and study.held_from == Receipt.RECEIVING:
        study.held_from = Receipt.SETTLED.value
    elif state is Receipt.RECEIVING:
        study.receipt = Receipt.SETTLED.value
    study.save(update_fields=["receipt", "held_from", "settle_due_at"])
    if state in {Receipt.RECEIVING, Receipt.HELD}:
        record(Event.STUDY_SETTLED, by=actor, of=study, at=at, instances=study.instances.count())
        publish(events.StudySettled(study_id=study.pk, facility_id=study.facility_id))
    return study


@transaction.atomic
def hold_study(actor: Actor, study_id: int, *, reason: str, at: datetime) -> Study:
    """Hold a study for a reason code: of the archive's own, or of the room that found the contradiction."""
    require(actor, Permission.STUDY_READ)
    study = _locked(actor, study_id)
    if not reason:
        raise refuse(rules.ReceiptRefusal.NO_REASON)
    if refusal := rules.why_not(Receipt(study.receipt), Act.HOLD):
        raise refuse(refusal)
    study.resolved_for = [one for one in study.resolved_for if one != reason]
    study.save(update_fields=["resolved_for"])
    hold_for(actor, study, {reason}, at)
    return study


@transaction.atomic
def resolve_study(actor: Actor, study_id: int, *, reason: str, at: datetime) -> Study:
    """Let a held study go on: a person looked at what contradicted and says why it may."""
    require(actor, Permission.READING_MANAGE)
    study = _locked(actor, study_id)
    if not reason.strip():
        raise refuse(rules.ReceiptRefusal.NO_REASON)
    if refusal := rules.why_not(Receipt(study.receipt), Act.RESOLVE):
        raise refuse(refusal)
    looked_at, before = study.held_for, Receipt(study.held_from)
    study.receipt = before.value
    study.resolved_for = union(study.resolved_for, looked_at)
    study.held_for, study.held_from = [], ""
    if before is Receipt.RECEIVING and study.settle_due_at is None:
        study.settle_due_at = at + timedelta(seconds=settings.DOKUEI.settle_seconds)
    study.save(update_fields=["receipt", "resolved_for", "held_for", "held_from", "settle_due_at"])
    record(Event.STUDY_RESOLVED, by=actor, of=study, at=at, reasons=looked_at)
    publish(events.StudyResolved(study_id=study.pk, facility_id=study.facility_id))
    return study


def _locked(actor: Actor, study_id: int) -> Study:
    rows = queries.in_facilities(actor).select_related(None).select_for_update(no_key=True, of=("self",))
    study = rows.filter(pk=study_id).first()
    if study is None:
        raise NotFound()
    return study
