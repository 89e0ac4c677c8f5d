"""Moving a study's receipt when images arrive: counted, held. The caller has locked the study's row."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.identity.access import Actor
from dokuei.imaging import events, rules
from dokuei.imaging.made.telling import received_count
from dokuei.imaging.models import Announcement, Study
from dokuei.imaging.rules import Act, Receipt, Source
from dokuei.kit import live
from dokuei.kit.events import publish


def count_instances(actor: Actor, study: Study, at: datetime, *, is_quiet: bool = False) -> None:
    """Complete is a comparison with what was announced, never a timer (product 9).

    An archive may be receiving the study itself: what it counted completes the study only if it was asked while
    nothing came here (`is_quiet`).
    """
    state = Receipt(study.receipt)
    if study.expected_from == Source.C_FIND and not is_quiet:
        return
    if study.expected_count is None or (state, Act.COUNT) not in rules.LIFECYCLE:
        return
    if received_count(study.pk, study.instances.count()) < study.expected_count:
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


def apply_announcements(actor: Actor, study: Study, at: datetime, *, is_quiet: bool = False) -> None:
    """Take over what was announced for a study, and compare; `is_quiet` as in `count_instances`."""
    rows = Announcement.objects.filter(
        facility_id=study.facility_id, study_instance_uid=study.study_instance_uid
    )
    announced = [
        rules.Announced(
            Source(row.source), row.instance_count, row.said_by, row.at, is_over=row.state != "in_progress"
        )
        for row in rows.defer("listed").order_by("pk")
    ]
    if not announced:
        return
    found = rules.expected(announced)
    before = (study.expected_count, study.expected_from, study.expected_by, study.expected_at)
    after = (found.count, found.source.value, found.by, found.at) if found else (None, "", "", None)
    if after != before and (found or study.receipt != Receipt.COMPLETE):
        study.expected_count, study.expected_from, study.expected_by, study.expected_at = after
        study.save(update_fields=["expected_count", "expected_from", "expected_by", "expected_at"])
        live.announce("study", study.pk, study.facility_id)
        _expect_more(study, at)
    count_instances(actor, study, at, is_quiet=is_quiet)


def _expect_more(study: Study, at: datetime) -> None:
    """A study that was complete is not when more is announced than is here."""
    state = Receipt(study.receipt)
    if (state, Act.EXPECT) in rules.LIFECYCLE and study.instances.count() < (study.expected_count or 0):
        # here our own objects count: an archive they were sent to counts them too
        study.receipt = rules.LIFECYCLE[state, Act.EXPECT] or state
        study.settle_due_at = at + timedelta(seconds=settings.DOKUEI.settle_seconds)
        study.save(update_fields=["receipt", "settle_due_at"])
