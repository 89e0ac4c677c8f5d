"""Commands on readings: open, claim, renew, release, complete, cancel; and what the due loop does to them."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.errors import NotFound, refuse
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging import queries as imaging
from dokuei.imaging import services as images
from dokuei.intake import queries as intake
from dokuei.intake import services as requests
from dokuei.kit import live
from dokuei.priors import services as priors
from dokuei.worklist import queries, rules
from dokuei.worklist.models import ClockMark, Reading
from dokuei.worklist.rules import Act, State, WorklistRefusal
from dokuei.worklist.waiting import (
    ACCEPTING,
    add_priors,
    clock_start,
    let_go,
    look_at_waits,
    set_deadline,
    share,
    show_to_reader,
)

AHEAD = timedelta(minutes=10)
"""For how long the images of a reading nobody holds may be fetched ahead."""


@transaction.atomic
def open_reading(actor: Actor, request_id: int, *, at: datetime) -> Reading:
    """Open the reading of an accepted request and start its clock; doing it again changes nothing."""
    require(actor, Permission.SYSTEM)
    request = intake.visible_to(actor).select_for_update(no_key=True, of=("self",)).get(pk=request_id)
    known = Reading.objects.filter(request_id=request_id).first()
    if known is not None or request.state != "accepted" or request.patient_id is None:
        return known or _nothing()
    content = intake.content_of(request)
    started = clock_start(request, at)
    due = rules.deadline(content.urgency, started, request.facility.tier_minutes)
    reading = Reading(
        facility_id=request.facility_id,
        request=request,
        patient_id=request.patient_id,
        urgency=content.urgency,
        modality=content.exam.modality,
        body_part=content.exam.body_part,
        waits_for=[vars(ACCEPTING)],
        clock_started_at=started,
        due_at=due,
        next_warning_at=rules.next_warning_at(started, due, 0),
    )
    reading.save()
    ClockMark.objects.create(
        facility_id=reading.facility_id,
        reading=reading,
        at=started,
        is_start=True,
        reason="request.sent" if started == request.sent_at else "images",
    )
    record(Event.READING_OPENED, by=actor, of=reading, at=at, request=request_id)
    look_at_waits(actor, reading, at)
    return reading


def _nothing() -> Reading:
    raise NotFound()


@transaction.atomic
def refresh_reading(actor: Actor, reading_id: int, *, at: datetime) -> None:
    """Look again at what a reading waits for, after images arrived, settled, were held or resolved."""
    require(actor, Permission.SYSTEM)
    reading = Reading.objects.select_for_update(no_key=True, of=("self",)).filter(pk=reading_id).first()
    if reading is not None:
        look_at_waits(actor, reading, at)


@transaction.atomic
def follow_request(actor: Actor, request_id: int, *, at: datetime) -> None:
    """The facility says something else: urgency, deadline, exam and patient follow; doing it again changes nothing.

    Another urgency counts from where the clock started, so a deadline may lie in the past and is warned of at once.
    """
    require(actor, Permission.SYSTEM)
    reading = _of_request(request_id)
    request = intake.visible_to(actor).get(pk=request_id)
    if reading is None or State(reading.state) not in rules.OPEN or request.patient is None:
        return
    content = intake.content_of(request)
    said = (content.urgency, content.exam.modality, content.exam.body_part, request.patient_id)
    held = (reading.urgency, reading.modality, reading.body_part, reading.patient_id)
    if said != held:
        set_deadline(reading, content.urgency, at)
        reading.modality, reading.body_part = content.exam.modality, content.exam.body_part
        reading.patient = request.patient
        reading.save()
        record(
            Event.READING_CHANGED, by=actor, of=reading, at=at, request=request_id, version=request.version
        )
    look_at_waits(actor, reading, at)


@transaction.atomic
def refresh_for_request(actor: Actor, request_id: int, *, at: datetime) -> None:
    """A request has images now, lost them, or contradicts them; its reader, if any, sees what it has."""
    require(actor, Permission.SYSTEM)
    reading = _of_request(request_id)
    if reading is not None:
        look_at_waits(actor, reading, at)
        show_to_reader(actor, reading, at)


@transaction.atomic
def show_anew(actor: Actor, reading_id: int, *, at: datetime) -> None:
    """A reading has other priors than before: its reader sees those it has now, and no more those it lost."""
    require(actor, Permission.SYSTEM)
    reading = Reading.objects.select_for_update(no_key=True, of=("self",)).filter(pk=reading_id).first()
    if reading is None or State(reading.state) not in rules.OPEN:
        return
    look_at_waits(actor, reading, at)
    show_to_reader(actor, reading, at)
    live.announce("reading", reading.pk, reading.facility_id)


def _of_request(request_id: int) -> Reading | None:
    rows = Reading.objects.select_for_update(no_key=True, of=("self",))
    return rows.filter(request_id=request_id).first()


@transaction.atomic
def refresh_priors(actor: Actor, reading_id: int, *, at: datetime) -> None:
    """Its priors are different: look at the wait again, and let who reads it see those that came meanwhile."""
    require(actor, Permission.SYSTEM)
    reading = Reading.objects.select_for_update(no_key=True, of=("self",)).filter(pk=reading_id).first()
    if reading is None or State(reading.state) not in rules.OPEN:
        return
    look_at_waits(actor, reading, at)
    add_priors(actor, reading, at)
    live.announce("reading", reading.pk, reading.facility_id)


@transaction.atomic
def fetch_priors(actor: Actor, reading_id: int, candidate_id: int | None, *, at: datetime) -> Reading:
    """Have one prior of a reading fetched, or its facility's archive asked again, as its reader wants it."""
    require(actor, Permission.READING_READ)
    reading = queries.one(actor, reading_id)
    queries.priors_of(actor, reading)  # whoever may not see them may not fetch them
    if candidate_id is None:
        priors.ask_again(actor, reading.request_id, at=at)
    else:
        priors.want_prior(actor, reading.request_id, candidate_id, at=at)
    record(Event.READING_PRIORS_ASKED, by=actor, of=reading, at=at, candidate=candidate_id)
    return reading


@transaction.atomic
def claim_reading(actor: Actor, reading_id: int, *, at: datetime) -> Reading:
    """Give a waiting reading to the acting radiologist.

    The row is locked before the rule is asked, so of two radiologists clicking in the same second exactly one gets
    the reading. With it comes the right to see its images and the patient's earlier ones.
    """
    require(actor, Permission.READING_CLAIM)
    reading = _locked(actor, reading_id)
    if refusal := rules.why_not_claim(State(reading.state)):
        raise refuse(refusal)
    return _claim(actor, reading, at)


@transaction.atomic
def claim_next(actor: Actor, *, at: datetime) -> Reading:
    """Give the reader the waiting reading with the earliest deadline; two readers never get the same."""
    require(actor, Permission.READING_CLAIM)
    free = queries.next_waiting(actor).select_for_update(no_key=True, skip_locked=True, of=("self",))
    reading = free.first()
    if reading is None:
        raise NotFound(WorklistRefusal.NONE_WAITING.sentence, code=WorklistRefusal.NONE_WAITING.value)
    return _claim(actor, reading, at)


@transaction.atomic
def prepare_next(actor: Actor, reading_id: int, *, at: datetime) -> Reading | None:
    """Let who holds a reading fetch the images of the one they would be given next; None if none waits.

    It stays free: whoever claims it first gets it. The right to its images lapses by itself soon after.
    """
    require(actor, Permission.READING_CLAIM)
    _own(actor, reading_id, Act.RENEW)
    reading = queries.next_waiting(actor).first()
    if reading is not None:
        _prepare(actor, reading, at)
    return reading


@transaction.atomic
def prepare_reading(actor: Actor, reading_id: int, *, at: datetime) -> Reading:
    """Let who may claim a waiting reading fetch its images while they are still looking at the list.

    It stays free, and the right lapses by itself. Of their own reading a reader sees everything anyway.
    """
    require(actor, Permission.READING_CLAIM)
    reading = queries.one(actor, reading_id)
    if State(reading.state) == State.CLAIMED and reading.reader_id == actor.person_id:
        return reading
    if refusal := rules.why_not_claim(State(reading.state)):
        raise refuse(refusal)
    _prepare(actor, reading, at)
    return reading


def _prepare(actor: Actor, reading: Reading, at: datetime) -> None:
    _let_see(actor, reading, f"ahead:{reading.pk}", at, until=at + AHEAD)
    record(Event.READING_PREPARED, by=actor, of=reading, at=at)


@transaction.atomic
def renew_lease(actor: Actor, reading_id: int, *, at: datetime) -> Reading:
    """A sign of life from the reading room: the claim goes on."""
    require(actor, Permission.READING_CLAIM)
    reading = _own(actor, reading_id, Act.RENEW)
    reading.lease_until = queries.lease_end(at, settings.DOKUEI.lease_minutes)
    reading.save(update_fields=["lease_until"])
    record(Event.READING_RENEWED, by=actor, of=reading, at=at)
    return reading


@transaction.atomic
def release_reading(actor: Actor, reading_id: int, *, reason: str, at: datetime) -> Reading:
    """Give a reading back with a reason; always possible for its reader, and for support. The draft stays."""
    require(actor, Permission.READING_READ)
    reading = _locked(actor, reading_id)
    holder = reading.reader_id if actor.may(Permission.READING_MANAGE) else actor.person_id
    if refusal := rules.why_not_own_act(State(reading.state), Act.RELEASE, reading.reader_id, holder):
        raise refuse(refusal)
    if not reason.strip():
        raise refuse(WorklistRefusal.REASON)
    let_go(actor, reading, Act.RELEASE, at)
    record(Event.READING_RELEASED, by=actor, of=reading, at=at, reason_length=len(reason))
    return reading


@transaction.atomic
def complete_reading(actor: Actor, reading_id: int, *, at: datetime) -> Reading:
    """Its report is final. Called by reporting inside the signing transaction; only the claimant passes."""
    require(actor, Permission.REPORT_SIGN)
    reading = _own(actor, reading_id, Act.COMPLETE)
    reading.state = rules.LIFECYCLE[State(reading.state), Act.COMPLETE]
    reading.read_at, reading.lease_until, reading.next_warning_at = at, None, None
    reading.save(update_fields=["state", "read_at", "lease_until", "next_warning_at"])
    ClockMark.objects.create(
        facility_id=reading.facility_id, reading=reading, at=at, is_start=False, reason="report.final"
    )
    record(Event.READING_READ, by=actor, of=reading, at=at)
    return reading


@transaction.atomic
def cancel_reading(actor: Actor, request_id: int, *, at: datetime) -> None:
    """Its request was withdrawn; doing it again changes nothing."""
    require(actor, Permission.SYSTEM)
    reading = (
        Reading.objects.select_for_update(no_key=True, of=("self",)).filter(request_id=request_id).first()
    )
    if reading is None or (State(reading.state), Act.CANCEL) not in rules.LIFECYCLE:
        return
    let_go(actor, reading, Act.CANCEL, at)
    record(Event.READING_CANCELLED, by=actor, of=reading, at=at)


@transaction.atomic
def view_reading(actor: Actor, reading_id: int, *, at: datetime) -> Reading:
    """Open one case: who looked at it is written down."""
    reading = queries.one(actor, reading_id)
    require(actor, Permission.READING_READ, facility_id=reading.facility_id)
    record(Event.READING_VIEWED, by=actor, of=reading, at=at)
    return reading


@transaction.atomic
def launch_viewer(
    actor: Actor, reading_id: int, viewer_id: int, *, screen: imaging.Context, at: datetime
) -> images.Launched:
    """Open the reading's study that stands on the screen in a viewer elsewhere, if all of it is what we hold."""
    require(actor, Permission.READING_READ)
    reading = queries.one(actor, reading_id)
    made = images.launch_study(
        actor,
        viewer_id,
        study_ids=queries.study_ids(reading),
        screen=screen,
        reason=queries.launch_reason(reading),
        at=at,
    )
    record(Event.READING_LAUNCHED, by=actor, of=reading, at=at, viewer=viewer_id, launch=made.launch.pk)
    return made


@transaction.atomic
def ask_back(actor: Actor, reading_id: int, question: requests.Question, *, at: datetime) -> int:
    """Ask the facility about the request of one's reading; the reading goes on meanwhile. Returns the ask-back's id."""
    require(actor, Permission.ASK_BACK_WRITE)
    reading = _to_ask_about(actor, reading_id)
    asked = requests.ask_for_reading(actor, reading.request_id, question, at=at)
    record(Event.READING_ASKED_BACK, by=actor, of=reading, at=at, ask_back=asked.pk, kind=asked.kind)
    return asked.pk


@transaction.atomic
def withdraw_ask_back(actor: Actor, reading_id: int, ask_back_id: int, *, reason: str, at: datetime) -> None:
    """Take back a question about one's reading."""
    require(actor, Permission.ASK_BACK_WRITE)
    reading = _to_ask_about(actor, reading_id)
    requests.withdraw_for_reading(actor, reading.request_id, ask_back_id, reason=reason, at=at)
    record(Event.READING_ASK_BACK_WITHDRAWN, by=actor, of=reading, at=at, ask_back=ask_back_id)


@transaction.atomic
def end_lease(actor: Actor, reading: Reading, *, at: datetime) -> None:
    """The reader gave no sign of life: the reading waits again, the draft is kept. Called by the due loop."""
    require(actor, Permission.SYSTEM)
    if (State(reading.state), Act.END_LEASE) not in rules.LIFECYCLE:
        reading.lease_until = None
        reading.save(update_fields=["lease_until"])
        return
    let_go(actor, reading, Act.END_LEASE, at)
    record(Event.READING_LEASE_ENDED, by=actor, of=reading, at=at)


@transaction.atomic
def warn_of_deadline(actor: Actor, reading: Reading, *, at: datetime) -> None:
    """A share of the time has passed, or all of it. Called by the due loop, each level once."""
    require(actor, Permission.SYSTEM)
    if State(reading.state) not in rules.OPEN:
        reading.next_warning_at = None
        reading.save(update_fields=["next_warning_at"])
        return
    level = rules.warning_level(reading.clock_started_at, reading.due_at, at)
    reading.warned = max(reading.warned, level)
    reading.next_warning_at = rules.next_warning_at(reading.clock_started_at, reading.due_at, reading.warned)
    reading.save(update_fields=["warned", "next_warning_at"])
    event = Event.DEADLINE_MISSED if level >= 100 else Event.DEADLINE_WARNED
    record(event, by=actor, of=reading, at=at, level=level)


def _claim(actor: Actor, reading: Reading, at: datetime) -> Reading:
    reading.state = rules.LIFECYCLE[State(reading.state), Act.CLAIM]
    reading.reader_id, reading.claimed_at = actor.person_id, at
    reading.lease_until = queries.lease_end(at, settings.DOKUEI.lease_minutes)
    reading.save(update_fields=["state", "reader", "claimed_at", "lease_until"])
    _let_see(actor, reading, f"reading:{reading.pk}", at)
    share(actor, reading, at)
    record(Event.READING_CLAIMED, by=actor, of=reading, at=at)
    return reading


def _let_see(
    actor: Actor, reading: Reading, reason: str, at: datetime, until: datetime | None = None
) -> None:
    """Give the acting reader the right to a reading's images and the patient's earlier ones."""
    seen = [*queries.study_ids(reading), *queries.prior_study_ids(reading)]
    images.grant_views(actor, study_ids=seen, person_id=_person(actor), reason=reason, at=at, until=until)


def _locked(actor: Actor, reading_id: int) -> Reading:
    rows = queries.visible_to(actor).select_for_update(no_key=True, of=("self",))
    reading = rows.filter(pk=reading_id).first()
    if reading is None:
        raise NotFound()
    return reading


def _own(actor: Actor, reading_id: int, act: Act) -> Reading:
    reading = _locked(actor, reading_id)
    if refusal := rules.why_not_own_act(State(reading.state), act, reading.reader_id, actor.person_id):
        raise refuse(refusal)
    return reading


def _to_ask_about(actor: Actor, reading_id: int) -> Reading:
    reading = _locked(actor, reading_id)
    if refusal := rules.why_not_ask_back(State(reading.state), reading.reader_id, actor.person_id):
        raise refuse(refusal)
    return reading


def _person(actor: Actor) -> int:
    if actor.person_id is None:
        raise refuse(WorklistRefusal.NOT_READER)
    return actor.person_id
