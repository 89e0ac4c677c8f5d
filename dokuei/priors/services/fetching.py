"""Candidates: wanted, fetched from the facility's archive, arrived or not and why."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.errors import NotFound, refuse
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging import queries as imaging
from dokuei.imaging import services as images
from dokuei.imaging.services import Fetched
from dokuei.patients import queries as patients
from dokuei.priors import queries, rules
from dokuei.priors.models import PriorCandidate
from dokuei.priors.rules import Act, Candidate, PriorsRefusal, Search
from dokuei.priors.steps import ACCEPTED, changed, contradict, want
from dokuei.priors.tasks import queue_fetch

SAVED = ["state", "why", "tries", "try_at", "sent_at", "sent_count"]


@dataclass(frozen=True)
class Errand:
    """What to fetch from where."""

    facility_id: int
    archive: str
    study_uid: str


@transaction.atomic
def want_prior(actor: Actor, request_id: int, candidate_id: int, *, at: datetime) -> None:
    """Fetch a prior that was not wanted by itself, or try again one that failed."""
    require(actor, Permission.READING_READ)
    row = _locked(candidate_id)
    if row is None or row.search.request_id != request_id:
        raise NotFound()
    if row.search.state == Search.CLOSED or row.search.request.state != ACCEPTED:
        raise refuse(PriorsRefusal.ENDED)
    if row.state not in rules.FETCHABLE:
        raise refuse(PriorsRefusal.NOT_FETCHABLE)
    want(actor, row, at)
    changed(row.search)


@transaction.atomic
def advance_fetch(actor: Actor, row: PriorCandidate, *, at: datetime) -> None:
    """What is wanted is fetched in the background; what was sent is looked for; whoever died is replaced.

    Called by the due loop, which has locked the row.
    """
    require(actor, Permission.SYSTEM)
    state = Candidate(row.state)
    if state not in rules.UNDER_WAY:
        row.try_at = None
    elif row.search.request.state != ACCEPTED:
        _end(actor, row, Act.FAIL, "cut_off", at)
    elif state is Candidate.FETCHING and row.sent_at is not None:
        _look(actor, row, at)
    elif row.tries >= rules.MOST_TRIES:
        _end(actor, row, Act.FAIL, row.why or "cut_off", at)
    else:
        row.tries += 1
        row.try_at = at + rules.FETCH_AGAIN_AFTER
        queue_fetch(row.pk, row.facility_id, is_emergency=row.search.request.urgency == "emergency")
    row.save(update_fields=SAVED)


@transaction.atomic
def begin_fetch(actor: Actor, candidate_id: int, *, at: datetime) -> Errand | None:
    """The errand of a candidate that is wanted, marked before it comes; None if nobody wants it any more."""
    require(actor, Permission.SYSTEM)
    row = _locked(candidate_id)
    if row is None or (Candidate(row.state), Act.FETCH) not in rules.LIFECYCLE or row.sent_at is not None:
        return None
    if row.search.request.state != ACCEPTED:
        return None
    row.state = rules.LIFECYCLE[Candidate(row.state), Act.FETCH]
    row.try_at = at + rules.FETCH_AGAIN_AFTER
    row.save(update_fields=["state", "try_at"])
    images.mark_fetched(
        actor,
        facility_id=row.facility_id,
        study_uid=row.study_instance_uid,
        wanted_by=f"request:{row.search.request_id}",
        at=at,
    )
    record(Event.PRIOR_FETCHING, by=actor, of=row, at=at, patient_id=row.search.patient_id, tries=row.tries)
    changed(row.search)
    return Errand(row.facility_id, row.archive, row.study_instance_uid)


@transaction.atomic
def note_fetched(actor: Actor, candidate_id: int, fetched: Fetched, *, at: datetime) -> None:
    """What the archive said at the end: sent, and then it is looked for here; or not, and why."""
    require(actor, Permission.SYSTEM)
    row = _locked(candidate_id)
    if row is None or row.state != Candidate.FETCHING or row.sent_at is not None:
        return
    if fetched.failed and row.tries < rules.TRIES_FOR_THE_REST and fetched.count:
        _rest(actor, row, "fewer", at)
    elif fetched.count:
        row.sent_at, row.sent_count, row.why, row.try_at = at, fetched.count, "", at
        _look(actor, row, at)
    elif fetched.why == "not_found":
        _end(actor, row, Act.MISS, "not_found", at)
    else:
        _rest(actor, row, fetched.why or "refused", at)
    row.save(update_fields=SAVED)
    changed(row.search)


def _rest(actor: Actor, row: PriorCandidate, why: str, at: datetime) -> None:
    """Try again later, or give it up."""
    rest = rules.rest_after(row.tries)
    if rest is None:
        _end(actor, row, Act.FAIL, why, at)
        return
    row.state = rules.LIFECYCLE[Candidate(row.state), Act.REST]
    row.why, row.try_at = why, at + rest


def _look(actor: Actor, row: PriorCandidate, at: datetime) -> None:
    """Whether what was sent is listed here, and whose it is."""
    found = imaging.studies_here(facility_id=row.facility_id, uids=[row.study_instance_uid])
    here = found[0] if found else None
    if here is not None and not patients.is_one_person(here.patient_id, row.search.patient_id):
        contradict(actor, row, "other_patient", at)
        changed(row.search)
    elif here is not None and here.receipt in queries.NOT_SHOWN:
        contradict(actor, row, "held", at)
        changed(row.search)
    elif here is not None and here.instance_count >= row.sent_count:
        is_short = row.instance_count is not None and here.instance_count < row.instance_count
        _end(actor, row, Act.ARRIVE, "fewer" if is_short else "", at)
    elif row.sent_at is not None and at - row.sent_at < rules.LISTED_WITHIN:
        row.try_at = at + rules.LOOK_AGAIN_AFTER
    elif here is not None and here.instance_count:
        _end(actor, row, Act.ARRIVE, "fewer", at)
    else:
        _end(actor, row, Act.FAIL, "not_listed", at)


ENDINGS = {
    Act.ARRIVE: Event.PRIOR_ARRIVED,
    Act.FAIL: Event.PRIOR_FAILED,
    Act.MISS: Event.PRIOR_FAILED,
}


def _end(actor: Actor, row: PriorCandidate, act: Act, why: str, at: datetime) -> None:
    row.state = rules.LIFECYCLE[Candidate(row.state), act]
    row.why, row.try_at = why, None
    record(ENDINGS[act], by=actor, of=row, at=at, patient_id=row.search.patient_id, why=why)
    changed(row.search)


def _locked(candidate_id: int) -> PriorCandidate | None:
    rows = PriorCandidate.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("search__request").filter(pk=candidate_id).first()
