"""Moving a study's receipt when images arrive: counted, held. The caller has locked the study's row."""

from collections.abc import Iterable
from datetime import datetime

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.identity.access import Actor
from dokuei.imaging import events, rules
from dokuei.imaging.models import Study
from dokuei.imaging.rules import Act, Receipt
from dokuei.kit.events import publish


def count_instances(actor: Actor, study: Study, at: datetime) -> None:
    """Complete is a comparison with what the sender announced, never a timer (product 9)."""
    state = Receipt(study.receipt)
    if study.expected_count is None or (state, Act.COUNT) not in rules.LIFECYCLE:
        return
    if study.instances.count() < study.expected_count:
        return
    study.receipt = rules.LIFECYCLE[state, Act.COUNT] or state
    study.settle_due_at = None
    study.save(update_fields=["receipt", "settle_due_at"])
    record(Event.STUDY_COMPLETED, by=actor, of=study, at=at, instances=study.expected_count)
    publish(events.StudyCompleted(study_id=study.pk, facility_id=study.facility_id))


def hold_for(actor: Actor, study: Study, reasons: set[str], at: datetime) -> None:
    """Hold for reasons that are new: not already held for, and not looked at by a person before."""
    fresh = sorted(reasons - set(study.held_for) - set(study.resolved_for))
    state = Receipt(study.receipt)
    if not fresh or (state, Act.HOLD) not in rules.LIFECYCLE:
        return
    if state is not Receipt.HELD:
        study.held_from = state.value
    study.receipt = Receipt.HELD
    study.held_for = union(study.held_for, fresh)
    study.save(update_fields=["receipt", "held_from", "held_for"])
    record(Event.STUDY_HELD, by=actor, of=study, at=at, reasons=fresh)
    for reason in fresh:
        publish(events.StudyHeld(study_id=study.pk, facility_id=study.facility_id, reason=reason))


def union(held: list[str], more: Iterable[str]) -> list[str]:
    return sorted({*held, *more})
