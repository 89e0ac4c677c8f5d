"""What a reading waits for, and what follows when that changes. For this room's services, which lock the reading."""

from datetime import datetime
from typing import Any

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.identity.access import Actor
from dokuei.imaging import queries as imaging
from dokuei.imaging import services as images
from dokuei.intake import queries as intake
from dokuei.priors import services as priors
from dokuei.worklist import queries, rules
from dokuei.worklist.models import ClockMark, Reading
from dokuei.worklist.rules import Act, State, StudyReceipt

ACCEPTING = rules.Wait("request", "受付処理中", "システム")


def let_go(actor: Actor, reading: Reading, act: Act, at: datetime) -> None:
    """Move a reading out of its reader's hands and end their right to its images."""
    reading.state = rules.LIFECYCLE[State(reading.state), act]
    if reading.reader_id is not None:
        images.end_views(actor, person_id=reading.reader_id, reason=f"reading:{reading.pk}", at=at)
    reading.reader = reading.claimed_at = reading.lease_until = None
    if reading.state == State.CANCELLED:
        reading.next_warning_at = None
    reading.save(update_fields=["state", "reader", "claimed_at", "lease_until", "next_warning_at"])


def show_to_reader(actor: Actor, reading: Reading, at: datetime) -> None:
    """Who holds a reading sees the studies it has now, and no more those it lost."""
    if reading.state != State.CLAIMED or reading.reader_id is None:
        return
    reason = f"reading:{reading.pk}"
    images.end_views(actor, person_id=reading.reader_id, reason=reason, at=at)
    seen = [*queries.study_ids(reading), *queries.prior_study_ids(reading)]
    images.grant_views(actor, study_ids=seen, person_id=reading.reader_id, reason=reason, at=at)
    share(actor, reading, at)


def add_priors(actor: Actor, reading: Reading, at: datetime) -> None:
    """Who holds a reading sees the priors that came meanwhile; none is taken away."""
    if reading.state != State.CLAIMED or reading.reader_id is None:
        return
    seen, reason = queries.prior_study_ids(reading), f"reading:{reading.pk}"
    images.grant_views(actor, study_ids=seen, person_id=reading.reader_id, reason=reason, at=at)
    share(actor, reading, at)


def share(actor: Actor, reading: Reading, at: datetime) -> None:
    """Who holds a reading sees what links to other facilities show of its patient, as long as each stands."""
    if reading.state != State.CLAIMED or reading.reader_id is None:
        return
    for link_id, study_ids in queries.shared_studies(reading).items():
        images.share_views(
            actor,
            study_ids=study_ids,
            person_id=reading.reader_id,
            reason=f"reading:{reading.pk}",
            mark=f"link:{link_id}",
            at=at,
        )


def clock_start(request: Any, at: datetime) -> datetime:
    """When a request's clock starts, as far as is known now; one that was written for its images: when it was sent."""
    sent_at = request.sent_at or at
    stated = intake.stated_by(request)
    if stated is None:
        return sent_at
    images_at = imaging.first_received(intake.study_ids(request.pk))
    return rules.clock_start(sent_at, stated.exam_on, images_at)


def _keep_clock(actor: Actor, reading: Reading, at: datetime) -> None:
    """Images came, went, or are planned for another day: the clock and the deadline follow."""
    started = clock_start(reading.request, at)
    if State(reading.state) not in rules.OPEN or started == reading.clock_started_at:
        return
    reading.clock_started_at = started
    set_deadline(reading, reading.urgency, at)
    reading.save(update_fields=["clock_started_at", "due_at", "warned", "next_warning_at"])
    ClockMark.objects.create(
        facility_id=reading.facility_id, reading=reading, at=started, is_start=True, reason="images"
    )
    record(Event.READING_CLOCK, by=actor, of=reading, at=at, started=started.isoformat())


def set_deadline(reading: Reading, urgency: str, at: datetime) -> None:
    """What is due when, by urgency and clock; a level that was warned of is warned of again only if it lies ahead."""
    started = reading.clock_started_at
    due = rules.deadline(urgency, started, reading.facility.tier_minutes)
    if due != reading.due_at:
        reading.warned = min(reading.warned, rules.warning_level(started, due, at))
        reading.next_warning_at = rules.next_warning_at(started, due, reading.warned)
    reading.urgency, reading.due_at = urgency, due


def look_at_waits(actor: Actor, reading: Reading, at: datetime) -> None:
    _keep_clock(actor, reading, at)
    waits = _waits(actor, reading, at)
    contradicted = any(wait["what"] == "resolution" for wait in waits)
    state = State(reading.state)
    if contradicted and (state, Act.HOLD) in rules.LIFECYCLE:
        reading.waits_for = waits
        reading.save(update_fields=["waits_for"])
        let_go(actor, reading, Act.HOLD, at)
        record(Event.READING_HELD, by=actor, of=reading, at=at)
        return
    if (state, Act.AWAIT) in rules.LIFECYCLE and not intake.study_ids(reading.request_id):
        reading.waits_for = waits
        reading.save(update_fields=["waits_for"])
        let_go(actor, reading, Act.AWAIT, at)
        record(Event.READING_AWAITS, by=actor, of=reading, at=at)
        return
    if state == State.HELD and contradicted and reading.waits_for != waits:
        reading.waits_for = waits
        reading.save(update_fields=["waits_for"])
        record(Event.READING_HELD, by=actor, of=reading, at=at)
    if state == State.HELD and not contradicted:
        reading.waits_for = waits or [vars(ACCEPTING)]
        reading.state = state = rules.LIFECYCLE[state, Act.RESOLVE]
        reading.save(update_fields=["state", "waits_for"])
        record(Event.READING_RESOLVED, by=actor, of=reading, at=at)
    if state == State.PENDING:
        if not waits:
            reading.state = rules.LIFECYCLE[state, Act.READY]
        reading.waits_for = waits
        reading.save(update_fields=["state", "waits_for"])
        if not waits:
            record(Event.READING_READY, by=actor, of=reading, at=at)


def _waits(actor: Actor, reading: Reading, at: datetime) -> list[dict[str, str]]:
    request_id = reading.request_id
    if State(reading.state) in rules.OPEN and reading.request.patient_id is not None:
        priors.begin_search(actor, request_id, at=at)  # its patient or its images may have changed
    found = rules.waits(
        [StudyReceipt(*one) for one in imaging.receipts(intake.study_ids(request_id))],
        reading.urgency,
        queries.wait_for_priors(request_id, reading.patient_id, reading.facility_id, at),
        contradicted=intake.held_for(request_id),
        is_being_matched=intake.is_being_matched(request_id),
    )
    return [vars(wait) for wait in found]
