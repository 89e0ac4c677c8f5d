"""Comparing requests with images, and what people decide about it.

Locks are taken in one order: request, case, studies. A study is locked before it is linked, and the row of the link is
unique: of two workers one links, the other finds it taken.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.errors import NotFound, Refusal, refuse
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging import queries as imaging
from dokuei.imaging import services as archive
from dokuei.imaging.models import Study
from dokuei.intake.events import RequestMatched
from dokuei.intake.linking import keeping, queries, rules, sides
from dokuei.intake.linking.models import LinkCase, PairDecision
from dokuei.intake.linking.rules import CaseState, Finding, LinkRefusal, Method, Ruling
from dokuei.intake.linking.sides import LINKING
from dokuei.intake.models import Request, RequestStudy
from dokuei.intake.rules import State
from dokuei.kit.events import publish
from dokuei.patients import queries as patients
from dokuei.patients.matching.choice import Choice, choose
from dokuei.patients.matching.compare import compare
from dokuei.patients.matching.evidence import Verdict


@transaction.atomic
def look_at_request(request_id: int, *, at: datetime) -> None:
    """Compare a request with the images there are: link exactly one strong match, else keep what a person must see.

    Looking twice changes nothing.
    """
    request = Request.objects.select_for_update(no_key=True, of=("self",)).filter(pk=request_id).first()
    if request is None or request.patient_id is None:
        return
    is_linked, findings = False, list[Finding]()
    if request.state in rules.OPEN_STATES:
        is_linked, findings = _compare(request, at)
    elif request.state in rules.WATCHED_STATES:
        findings = _contradicting(request, queries.decisions(request.pk))
    if keeping.keep(request, findings, is_linked, at):
        publish(RequestMatched(request.pk, request.facility_id))


@transaction.atomic
def look_at_study(study_id: int, *, at: datetime) -> None:
    """Images came or changed: their request is looked at, or every open one they may belong to."""
    study = imaging.in_facilities(LINKING).filter(pk=study_id).first()
    if study is None:
        return
    asked = RequestStudy.objects.filter(study_id=study_id).values_list("request_id", flat=True).first()
    wanted = [asked] if asked else []
    if asked is None and not imaging.fetched_study_ids([study_id]):
        waiting = sides.open_requests(study.facility_id, at)
        wanted = [one.pk for one in sides.sharing(waiting, [sides.side_of_study(study)])]
    _look_at({*wanted, *queries.open_cases_about(study)}, at)


@transaction.atomic
def look_at_others(request_id: int, *, at: datetime) -> None:
    """A request came, changed, or has images now: the open ones that share anything with it are looked at again.

    So does a link that rests on the day alone get its second look when another order of that patient comes.
    """
    request = Request.objects.select_related("patient").filter(pk=request_id).first()
    if request is None:
        return
    waiting = sides.open_requests(request.facility_id, at)
    studies = queries.studies_decided(request.pk)
    said = [sides.side_of_request(request), *(sides.side_of_study(one) for one in studies)]
    near = {one.pk for one in sides.sharing(waiting, said)}
    about = {one for study in studies for one in queries.open_cases_about(study)}
    _look_at((near | about) - {request_id}, at)


@transaction.atomic
def begin_case(actor: Actor, request_id: int, *, at: datetime) -> LinkCase:
    """The case of a request, begun if it has none yet: a person looks for its images themselves."""
    require(actor, Permission.RESOLUTION_WRITE)
    rows = Request.objects.select_for_update(no_key=True, of=("self",))
    request = rows.filter(pk=request_id, facility_id__in=actor.facilities).first()
    if request is None:
        raise NotFound()
    if refusal := rules.why_not_touch(State(request.state)):
        raise refuse(refusal)
    case = LinkCase.objects.filter(request=request).first()
    if case is None:
        case = keeping.begin(request, at)
        record(Event.CASE_BEGUN, by=actor, of=case, at=at, request=request.pk)
    return case


@transaction.atomic
def link_study(
    actor: Actor, case_id: int, study_id: int, *, reason: str, revision: int, at: datetime
) -> LinkCase:
    """Put a study to a request by hand. What contradicts needs a reason and somebody who may release a hold."""
    require(actor, Permission.RESOLUTION_WRITE)
    case, request = _locked(actor, case_id, revision)
    study = _study(actor, study_id, request.facility_id)
    if RequestStudy.objects.filter(study_id=study.pk).exists():
        raise refuse(LinkRefusal.TAKEN)
    verdict = compare(sides.side_of_request(request), sides.side_of_study(study))
    may_release = actor.may(Permission.RESOLUTION_RELEASE)
    if refusal := rules.why_not_link(verdict, reason, may_release=may_release):
        raise refuse(refusal)
    _undo(actor, request, study.pk, Ruling.OTHER, at)
    codes = [one.code for one in verdict.contradictions]
    if codes:
        _decide(actor, request, study.pk, Ruling.ACCEPTED, reason, at, codes)
        _let_go_on(actor, study, reason, at)
    _link(actor, request, study, verdict, Method.PERSON, at)
    return _decided(actor, case, Event.CASE_DECIDED, at, study=study.pk, ruling="linked", codes=codes)


@transaction.atomic
def dismiss_studies(
    actor: Actor, case_id: int, study_ids: Iterable[int], *, reason: str, revision: int, at: datetime
) -> LinkCase:
    """Say that studies do not belong to a request; without any named, none of those that are shown."""
    require(actor, Permission.RESOLUTION_WRITE)
    case, request = _locked(actor, case_id, revision)
    shown = {one.study_id: one for one in rules.findings_of(case.findings) if not one.is_linked}
    wanted: set[int | None] = {*study_ids} or {*shown}
    if not wanted or not wanted <= set(shown):
        raise refuse(LinkRefusal.NOTHING)
    if any(shown[one].holds for one in wanted) and not actor.may(Permission.RESOLUTION_RELEASE):
        raise refuse(LinkRefusal.GRAVE)
    for study_id in wanted:
        _decide(actor, request, study_id, Ruling.OTHER, reason, at)
    told = sorted(one for one in wanted if one is not None)
    return _decided(actor, case, Event.CASE_DECIDED, at, studies=told, ruling="other")


@transaction.atomic
def part_study(
    actor: Actor, case_id: int, study_id: int, *, reason: str, revision: int, at: datetime
) -> LinkCase:
    """Undo a link, with a reason; the rules do not make it again. A person may, until the report is final."""
    require(actor, Permission.RESOLUTION_WRITE)
    case, request = _locked(actor, case_id, revision)
    if not reason.strip():
        raise refuse(LinkRefusal.REASON)
    link = RequestStudy.objects.select_for_update(no_key=True, of=("self",)).filter(
        request_id=request.pk, study_id=study_id
    )
    if not link:
        raise refuse(LinkRefusal.NOT_LINKED)
    link.delete()
    _undo(actor, request, study_id, Ruling.ACCEPTED, at)
    _decide(actor, request, study_id, Ruling.OTHER, reason, at)
    record(Event.REQUEST_PARTED, by=actor, of=request, at=at, study=study_id)
    return _decided(actor, case, Event.CASE_DECIDED, at, study=study_id, ruling="parted")


@transaction.atomic
def release_hold(actor: Actor, case_id: int, *, reason: str, revision: int, at: datetime) -> LinkCase:
    """Somebody looked at what contradicts in what belongs together, and says why the reading may go on."""
    require(actor, Permission.RESOLUTION_RELEASE)
    case, request = _locked(actor, case_id, revision, rules.why_not_release)
    if not reason.strip():
        raise refuse(LinkRefusal.REASON)
    held = [one for one in rules.findings_of(case.findings) if one.holds and one.is_linked]
    if not held:
        raise refuse(LinkRefusal.NOTHING)
    for one in held:
        _decide(actor, request, one.study_id, Ruling.ACCEPTED, reason, at, list(one.codes))
        if one.study_id is not None:
            _let_go_on(actor, _study(actor, one.study_id, request.facility_id), reason, at)
    codes = sorted(code for one in held for code in one.codes)
    return _decided(actor, case, Event.CASE_RELEASED, at, codes=codes)


@transaction.atomic
def look_at_patients(patient_ids: Collection[int], *, at: datetime) -> None:
    """What is held of patients was put right, or two are one person now: everything about them is compared again."""
    waiting = Request.objects.filter(patient__in=patient_ids, state__in=rules.WATCHED_STATES)
    cases = LinkCase.objects.filter(patient__in=patient_ids, state=CaseState.OPEN)
    wanted = {*waiting.values_list("pk", flat=True), *cases.values_list("request_id", flat=True)}
    studies = imaging.in_facilities(LINKING).filter(patient__in=patient_ids)
    for study in studies.order_by("-last_received_at")[: sides.STUDIES_MOST]:
        wanted |= set(queries.open_cases_about(study))
    free = sides.free_of_patients(patient_ids)
    if free:
        said = [sides.side_of_study(one) for one in free]
        wanted |= {one.pk for one in sides.sharing(sides.open_requests(free[0].facility_id, at), said)}
    _look_at(wanted, at)


def _look_at(request_ids: Iterable[int], at: datetime) -> None:
    """Every request is locked before any study is, so that two who look do not wait for each other."""
    rows = Request.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=set(request_ids))
    for request_id in list(rows.order_by("pk").values_list("pk", flat=True)):
        look_at_request(request_id, at=at)


def _compare(request: Request, at: datetime) -> tuple[bool, list[Finding]]:
    """Whether a study was linked now, and what a person must see."""
    decided = queries.decisions(request.pk)
    findings = _contradicting(request, decided)
    if queries.linked_studies(request.pk):
        return False, findings
    choice = _choose(request, decided, at)
    if choice.linked is not None:
        verdict = dict(choice.ranked)[choice.linked]
        rows = sides.free_studies(request.facility_id).filter(pk=choice.linked)
        free = rows.select_for_update(no_key=True, of=("self",)).first()
        if free is not None and not RequestStudy.objects.filter(study_id=free.pk).exists():
            _link(LINKING, request, free, verdict, Method.RULES, at)
            return True, findings + _of_linked(free, verdict, decided)
    return False, findings + rules.of_choice(choice)


def _contradicting(request: Request, decided: queries.Decisions) -> list[Finding]:
    """What contradicts between a request, its patient and the images that belong to it, and nobody has accepted."""
    said = sides.side_of_request(request)
    findings = _identity(request, decided)
    for study in queries.linked_studies(request.pk):
        findings += _of_linked(study, compare(said, sides.side_of_study(study)), decided)
    return findings


def _of_linked(study: Study, verdict: Verdict, decided: queries.Decisions) -> list[Finding]:
    """What contradicts in images that belong to a request, or why the archive holds them: one screen cures both."""
    found = rules.of_linked(study.pk, verdict, decided.accepted(study.pk))
    if found is None and study.receipt == "held":
        found = rules.of_held(study.pk, {code: imaging.sentence(code) for code in study.held_for})
    return [found] if found else []


def _choose(request: Request, decided: queries.Decisions, at: datetime) -> Choice[int]:
    studies = [one for one in sides.studies_for(request, at) if not decided.is_other(one.pk)]
    candidates = {one.pk: sides.side_of_study(one) for one in studies}
    said = sides.side_of_request(request)
    others = [one for one in sides.open_requests(request.facility_id, at) if one.pk != request.pk]
    others = sides.sharing(others, [said, *candidates.values()])
    return choose(said, candidates, rivals=[sides.side_of_request(one) for one in others])


def _identity(request: Request, decided: queries.Decisions) -> list[Finding]:
    """What a statement says otherwise than what is held of its patient."""
    stated = queries.stated_identity(request)
    if stated is None or request.patient is None:
        return []
    found = rules.of_identity(patients.contradictions_of(request.patient, stated), decided.accepted(None))
    return [found] if found else []


def _link(
    actor: Actor, request: Request, study: Study, verdict: Verdict, method: Method, at: datetime
) -> None:
    codes = [one.code for one in verdict.evidence]
    RequestStudy.objects.create(
        facility_id=request.facility_id,
        request=request,
        study_id=study.pk,
        method=method,
        evidence=codes,
        rules=verdict.rules,
        linked_by_name="" if actor is LINKING else actor.name,
        linked_at=at,
    )
    record(
        Event.REQUEST_LINKED, by=actor, of=request, at=at,
        study=study.pk, method=method, evidence=codes, score=verdict.score, rules=verdict.rules,
    )  # fmt: skip


def _locked(
    actor: Actor,
    case_id: int,
    revision: int,
    why_not: Callable[[State], Refusal | None] = rules.why_not_touch,
) -> tuple[LinkCase, Request]:
    """A case somebody acts on as they saw it, with its request locked first."""
    seen = queries.visible_to(actor).filter(pk=case_id).first()
    if seen is None:
        raise NotFound()
    request = Request.objects.select_for_update(no_key=True, of=("self",)).get(pk=seen.request_id)
    case = LinkCase.objects.select_for_update(no_key=True, of=("self",)).get(pk=case_id)
    if refusal := why_not(State(request.state)) or rules.revision_is(case.revision, revision):
        raise refuse(refusal)
    return case, request


def _study(actor: Actor, study_id: int, facility_id: int) -> Study:
    rows = imaging.in_facilities(actor).select_related(None).filter(facility_id=facility_id, pk=study_id)
    study = rows.select_for_update(no_key=True, of=("self",)).first()
    if study is None:
        raise NotFound()
    return study


def _decide(
    actor: Actor,
    request: Request,
    study_id: int | None,
    ruling: Ruling,
    reason: str,
    at: datetime,
    codes: list[str] | None = None,
) -> None:
    PairDecision.objects.create(
        facility_id=request.facility_id,
        request=request,
        study_id=study_id,
        ruling=ruling,
        codes=codes or [],
        reason=reason.strip()[:500],
        made_by_id=actor.person_id,
        made_by_name=actor.name,
        made_at=at,
    )


def _undo(actor: Actor, request: Request, study_id: int, ruling: Ruling, at: datetime) -> None:
    rows = PairDecision.objects.filter(request=request, study_id=study_id, ruling=ruling, undone_at=None)
    rows.update(undone_at=at, undone_by_name=actor.name)


def _let_go_on(actor: Actor, study: Study, reason: str, at: datetime) -> None:
    """A study that is held for the very thing a person has just looked at goes on with it."""
    if study.receipt == "held":
        archive.resolve_study(actor, study.pk, reason=reason, at=at)


def _decided(actor: Actor, case: LinkCase, event: Event, at: datetime, **detail: Any) -> LinkCase:
    """Write an act down, and look again: what is left may be clear now, here and for others."""
    case.revision += 1
    case.changed_at = at
    case.save(update_fields=["revision", "changed_at"])
    record(event, by=actor, of=case, at=at, request=case.request_id, **detail)
    look_at_request(case.request_id, at=at)
    publish(RequestMatched(case.request_id, case.facility_id))
    return LinkCase.objects.get(pk=case.pk)
