"""Searches: begun with the reading, asked of the facility's archive, answered or given up, closed."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.clock import local_date
from dokuei.base.errors import NotFound, refuse
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging import queries as imaging
from dokuei.imaging.services import FoundStudy
from dokuei.intake import queries as intake
from dokuei.patients import queries as patients
from dokuei.priors import queries, rules
from dokuei.priors.models import PriorCandidate, PriorSearch
from dokuei.priors.rules import Act, Candidate, PriorsRefusal, Search, SearchAct
from dokuei.priors.steps import ACCEPTED, changed, contradict, want
from dokuei.priors.tasks import queue_question


@transaction.atomic
def begin_search(actor: Actor, request_id: int, *, at: datetime) -> PriorSearch:
    """Look for the priors of an accepted request; doing it again changes nothing, unless its patient or images did.

    Called in the transaction that opens the reading, so that no reading is given out before it is known what it waits
    for.
    """
    require(actor, Permission.SYSTEM)
    request = intake.visible_to(actor).select_related("patient").get(pk=request_id)
    rows = PriorSearch.objects.select_for_update(no_key=True, of=("self",))
    known = rows.filter(request_id=request_id).first()
    if request.patient is None:
        raise NotFound()
    if known is not None and known.patient_id == request.patient_id:
        _choose_late(actor, known, at, may_wait=request.urgency != "emergency")
        return known
    search = known or PriorSearch(facility_id=request.facility_id, request=request, begun_at=at)
    if known is not None:
        _let_go_of_candidates(actor, known, at)
    table, search.rule = queries.table_on(request.facility_id, local_date(at))
    search.patient = request.patient
    is_asked = imaging.has_archive(request.facility_id) and rules.is_askable(request.patient.patient_id)
    waits = is_asked and request.urgency != "emergency"
    search.state = Search.ASKING if is_asked else Search.LOCAL
    search.tries, search.silent, search.answered_at, search.chosen_at = 0, [], None, None
    search.ask_at = at if is_asked else None
    search.wait_until = at + timedelta(minutes=table.wait_minutes) if waits else None
    search.save()
    record(Event.PRIORS_SOUGHT, by=actor, of=search, at=at, rule=search.rule, is_asked=is_asked)
    return search


def _choose_late(actor: Actor, search: PriorSearch, at: datetime, *, may_wait: bool) -> None:
    """The exam's images came after the archive had answered: only now is it known what is wanted."""
    if search.chosen_at is not None or not _choose(actor, search, at):
        return
    if may_wait:
        minutes = queries.table_on(search.facility_id, local_date(at))[0].wait_minutes
        search.wait_until = at + timedelta(minutes=minutes)
    search.save(update_fields=["rule", "chosen_at", "wait_until"])
    changed(search)


def _let_go_of_candidates(actor: Actor, search: PriorSearch, at: datetime) -> None:
    """The request is about somebody else now: what was named for the patient before is nobody's prior."""
    for row in search.candidates.exclude(state=Candidate.CONTRADICTS).order_by("pk"):
        contradict(actor, row, "other_patient", at)


@transaction.atomic
def advance_search(actor: Actor, search: PriorSearch, *, at: datetime) -> None:
    """Have the archive asked in the background, with longer and longer rests; after `MOST_TRIES` it is given up.

    Called by the due loop, which has locked the row.
    """
    require(actor, Permission.SYSTEM)
    if search.state != Search.ASKING or search.request.state != ACCEPTED:
        if search.state == Search.ASKING:
            _move(search, SearchAct.CLOSE)
            record(Event.PRIORS_CLOSED, by=actor, of=search, at=at)
        search.ask_at = None
        search.save(update_fields=["state", "ask_at"])
        return
    rest = rules.rest_after(search.tries)
    if rest is None:
        _move(search, SearchAct.GIVE_UP)
        search.save(update_fields=["state", "ask_at"])
        record(Event.PRIORS_UNREACHABLE, by=actor, of=search, at=at, tries=search.tries)
        changed(search)
        return
    search.tries += 1
    search.ask_at = at + max(rest, rules.ASK_AGAIN_AFTER)
    search.save(update_fields=["tries", "ask_at"])
    queue_question(search.pk)


@transaction.atomic
def note_answers(
    actor: Actor, search_id: int, answers: Sequence[FoundStudy], silent: Collection[str], *, at: datetime
) -> None:
    """Archives named studies: judge whose they are, rank them, and want the most relevant.

    While an archive is silent the search goes on; what the others named is fetched meanwhile.
    """
    require(actor, Permission.SYSTEM)
    search = _locked(search_id)
    if search.state != Search.ASKING:
        return
    search.silent = sorted(silent)
    for one in _once(answers):
        _note_answer(actor, search, one, at)
    _choose(actor, search, at)
    if silent:
        rest = rules.rest_after(search.tries)
        search.ask_at = at + rest if rest else at
    else:
        _move(search, SearchAct.ANSWER)
        search.answered_at = at
    search.save(update_fields=["state", "ask_at", "answered_at", "silent", "rule", "chosen_at"])
    record(
        Event.PRIORS_ANSWERED if not silent else Event.PRIORS_UNREACHABLE,
        by=actor,
        of=search,
        at=at,
        answers=len(answers),
        silent=sorted(silent),
    )
    changed(search)


def _once(answers: Iterable[FoundStudy]) -> list[FoundStudy]:
    """One answer a study: of two archives that name it, the one that has more of it."""
    best: dict[str, FoundStudy] = {}
    for one in answers:
        known = best.get(one.study_instance_uid)
        if known is None or (one.instance_count or 0) > (known.instance_count or 0):
            best[one.study_instance_uid] = one
    return list(best.values())


def _note_answer(actor: Actor, search: PriorSearch, one: FoundStudy, at: datetime) -> None:
    """Keep what was named. A study the request itself asks about is no prior, whatever it says."""
    own = set(intake.study_ids(search.request_id))
    here = imaging.studies_here(facility_id=search.facility_id, uids=[one.study_instance_uid])
    if any(study.id in own for study in here):
        return
    patient = search.patient
    ours = rules.Identity(
        patient_id=patient.patient_id, issuer=patient.issuer, birth_on=patient.birth_date, sex=patient.sex
    )
    theirs = rules.Identity(patient_id=one.patient_id, issuer=one.issuer, birth_on=one.birth_on, sex=one.sex)
    against = rules.contradictions(ours, theirs)
    row, is_new = PriorCandidate.objects.get_or_create(
        search=search,
        study_instance_uid=one.study_instance_uid,
        defaults={
            "facility_id": search.facility_id,
            "archive": one.archive,
            "study_on": one.study_on,
            "modalities": list(one.modalities),
            "description": one.description,
            "body_part": one.body_part,
            "instance_count": one.instance_count,
            "state": Candidate.SPARE,
        },
    )
    if not is_new and row.instance_count != one.instance_count:
        row.instance_count = one.instance_count
        row.save(update_fields=["instance_count"])
    if against and (Candidate(row.state), Act.CONTRADICT) in rules.LIFECYCLE:
        contradict(actor, row, ",".join(against), at)
    elif not against and not all(
        patients.is_one_person(search.patient_id, study.patient_id) for study in here
    ):
        contradict(actor, row, "other_patient", at)


def _choose(actor: Actor, search: PriorSearch, at: datetime) -> bool:
    """Want the relevant that are not here; what is here as a whole has arrived.

    Not before the exam's own images are known: without them any study an archive names may be the exam itself.
    """
    case = queries.case_of(search.request_id, search.patient_id, search.facility_id)
    if not case.own or not case.candidates:
        return False
    table, search.rule = queries.table_on(search.facility_id, local_date(at))
    search.chosen_at = at
    wanted = {one.key for one in queries.choices(case, table) if one.is_wanted}
    counts = {one.study_instance_uid: one.instance_count for one in case.shown}
    for row in case.candidates:
        if row.state != Candidate.SPARE:
            continue
        held = counts.get(row.study_instance_uid, 0)
        if held and held >= (row.instance_count or 1):
            row.state = rules.LIFECYCLE[Candidate.SPARE, Act.ARRIVE]
            row.save(update_fields=["state"])
        elif row.study_instance_uid in wanted and rules.is_before(
            row.study_on, case.on or local_date(search.begun_at)
        ):
            want(actor, row, at)
    return True


@transaction.atomic
def ask_again(actor: Actor, request_id: int, *, at: datetime) -> None:
    """Ask the archive once more, as somebody who waits for the priors wants it."""
    require(actor, Permission.READING_READ)
    search = (
        PriorSearch.objects.select_for_update(no_key=True, of=("self",)).filter(request_id=request_id).first()
    )
    if search is None:
        raise NotFound()
    if not imaging.has_archive(search.facility_id):
        raise refuse(PriorsRefusal.NO_ARCHIVE)
    if search.state == Search.CLOSED:
        raise refuse(PriorsRefusal.ENDED)
    if search.state == Search.ASKING or not rules.is_askable(search.patient.patient_id):
        raise refuse(
            PriorsRefusal.UNDER_WAY if search.state == Search.ASKING else PriorsRefusal.NOT_FETCHABLE
        )
    search.state = rules.SEARCH_LIFECYCLE[Search(search.state), SearchAct.ASK]
    search.tries, search.ask_at = 0, at
    search.save(update_fields=["state", "tries", "ask_at"])
    record(Event.PRIORS_ASKED_AGAIN, by=actor, of=search, at=at)
    changed(search)


@transaction.atomic
def end_wait(actor: Actor, search: PriorSearch, *, at: datetime) -> None:
    """The time a reading waits for priors is over: it goes on without them. Called by the due loop."""
    require(actor, Permission.SYSTEM)
    search.wait_until = None
    search.save(update_fields=["wait_until"])
    record(Event.PRIORS_WAITED, by=actor, of=search, at=at)
    changed(search)


@transaction.atomic
def close_search(actor: Actor, request_id: int, *, at: datetime) -> None:
    """The request has ended: nothing more is fetched for it. Doing it again changes nothing."""
    require(actor, Permission.SYSTEM)
    search = PriorSearch.objects.select_for_update(no_key=True).filter(request_id=request_id).first()
    if search is None or search.state == Search.CLOSED:
        return
    if search.state == Search.ASKING or search.candidates.filter(state__in=rules.UNDER_WAY).exists():
        search.candidates.filter(state__in=rules.UNDER_WAY).update(
            state=Candidate.FAILED, why="cut_off", try_at=None
        )
    search.state = rules.SEARCH_LIFECYCLE[Search(search.state), SearchAct.CLOSE]
    search.ask_at = search.wait_until = None
    search.save(update_fields=["state", "ask_at", "wait_until"])
    record(Event.PRIORS_CLOSED, by=actor, of=search, at=at)


def _move(search: PriorSearch, act: SearchAct) -> None:
    search.state = rules.SEARCH_LIFECYCLE[Search(search.state), act]
    search.ask_at = None


def _locked(search_id: int) -> PriorSearch:
    rows = PriorSearch.objects.select_for_update(no_key=True, of=("self",)).select_related("patient")
    search = rows.filter(pk=search_id).first()
    if search is None:
        raise NotFound()
    return search
