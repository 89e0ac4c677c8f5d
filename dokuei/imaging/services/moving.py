"""A study that was sent under another patient's ID stands under whose it is. Its images stay as they came."""

from datetime import datetime

from django.db import transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.errors import NotFound, refuse
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging import events, queries
from dokuei.imaging.models import Study
from dokuei.imaging.moves import rules
from dokuei.imaging.moves.models import StudyMove
from dokuei.imaging.moves.rules import LIFECYCLE, MoveAct, MoveRefusal, MoveState
from dokuei.imaging.moves.standing import standing
from dokuei.kit import live
from dokuei.kit.events import publish
from dokuei.patients import queries as patients
from dokuei.patients.matching.compare import compare
from dokuei.patients.models import Patient


@transaction.atomic
def move_study(
    actor: Actor, study_id: int, target_id: int, *, typed: str, reason: str, at: datetime
) -> StudyMove:
    """Let a study stand under another patient; where the two contradict, ask a second person to.

    `typed` is the patient ID it goes to: who cannot write down whose it will be has not looked.
    """
    require(actor, Permission.PATIENT_MEND)
    study = _study(actor, study_id)
    target = patients.visible_to(actor).filter(pk=target_id).first()
    if target is None:
        raise NotFound()
    if refusal := rules.why_not_move(standing(study, target)):
        raise refuse(refusal)
    if refusal := rules.why_not_confirmed(typed, target.patient_id, reason):
        raise refuse(refusal)
    verdict = compare(patients.side_of_patient(study.patient), patients.side_of_patient(target))
    row = StudyMove(
        facility_id=study.facility_id,
        study=study,
        origin=study.patient,
        target=target,
        needs_second=bool(verdict.against_the_person),
        codes=[one.code for one in verdict.evidence],
        rules=verdict.rules,
        reason=reason.strip()[:500],
        asked_by_id=actor.person_id,
        asked_by_name=actor.name,
        asked_at=at,
    )
    row.save()
    if row.needs_second:
        _record(Event.MOVE_PROPOSED, actor, row, at)
        return row
    return _make(actor, row, at)


@transaction.atomic
def confirm_move(actor: Actor, move_id: int, *, typed: str, reason: str, at: datetime) -> StudyMove:
    """Make a move somebody else asked for, having looked at what contradicts."""
    require(actor, Permission.PATIENT_MEND)
    row = _locked(actor, move_id, MoveAct.MAKE)
    if refusal := rules.why_not_second(
        needs_second=row.needs_second, asked_by=row.asked_by_id, by=actor.person_id
    ):
        raise refuse(refusal)
    if refusal := rules.why_not_confirmed(typed, row.target.patient_id, reason):
        raise refuse(refusal)
    if refused := rules.why_not_move(standing(row.study, row.target, besides=row.pk)):
        raise refuse(refused)
    return _make(actor, row, at)


@transaction.atomic
def decline_move(actor: Actor, move_id: int, *, reason: str, at: datetime) -> StudyMove:
    """Say that a study is not to be moved after all; who asked may say so too."""
    require(actor, Permission.PATIENT_MEND)
    return _end(actor, _locked(actor, move_id, MoveAct.DECLINE), MoveAct.DECLINE, reason, at)


@transaction.atomic
def undo_move(actor: Actor, move_id: int, *, reason: str, at: datetime) -> StudyMove:
    """Take a move back: the study stands again where its images say."""
    require(actor, Permission.PATIENT_MEND)
    row = _locked(actor, move_id, MoveAct.UNDO)
    if refusal := rules.why_not_now(standing(row.study, row.origin)):
        raise refuse(refusal)
    ended = _end(actor, row, MoveAct.UNDO, reason, at)
    _put(row.study, row.origin, row)
    return ended


def _make(actor: Actor, row: StudyMove, at: datetime) -> StudyMove:
    row.state = LIFECYCLE[MoveState(row.state), MoveAct.MAKE]
    row.made_by_id, row.made_by_name, row.made_at = actor.person_id, actor.name, at
    row.save()
    _record(Event.STUDY_MOVED, actor, row, at)
    _put(row.study, row.target, row)
    return row


def _put(study: Study, patient: Patient, row: StudyMove) -> None:
    """The one place where a study changes its patient; everybody who follows either of them hears of it."""
    study.patient = patient
    study.save(update_fields=["patient"])
    live.announce("study", study.pk, study.facility_id)
    about = patients.family_of(row.origin_id) | patients.family_of(row.target_id)
    publish(events.StudyMoved(study_id=study.pk, patient_ids=sorted(about), facility_id=study.facility_id))


ENDINGS = {MoveAct.DECLINE: Event.MOVE_DECLINED, MoveAct.UNDO: Event.STUDY_MOVED_BACK}


def _end(actor: Actor, row: StudyMove, act: MoveAct, reason: str, at: datetime) -> StudyMove:
    if not reason.strip():
        raise refuse(MoveRefusal.REASON)
    row.state = LIFECYCLE[MoveState(row.state), act]
    row.ended_by_name, row.ended_reason, row.ended_at = actor.name, reason.strip()[:500], at
    row.save(update_fields=["state", "ended_by_name", "ended_reason", "ended_at"])
    _record(ENDINGS[act], actor, row, at)
    return row


def _record(event: Event, actor: Actor, row: StudyMove, at: datetime) -> None:
    """On the study and on both patients, so that the history of each tells it."""
    told = {"move": row.pk, "study": row.study_id, "origin": row.origin_id, "target": row.target_id}
    for one in (row.study, row.origin, row.target):
        record(event, by=actor, of=one, at=at, **told, codes=row.codes)


def _study(actor: Actor, study_id: int) -> Study:
    """The study, locked. Its patient is read afterwards: joined, a study that is moved meanwhile would not be found."""
    rows = queries.in_facilities(actor).select_related(None).select_for_update(no_key=True, of=("self",))
    study = rows.filter(pk=study_id).first()
    if study is None:
        raise NotFound()
    return study


def _locked(actor: Actor, move_id: int, act: MoveAct) -> StudyMove:
    """A move with its study locked first, as by whoever asks for one."""
    rows = StudyMove.objects.filter(pk=move_id)
    if actor.kind != "system":
        rows = rows.filter(facility_id__in=actor.facilities)
    seen = rows.first()
    if seen is None:
        raise NotFound()
    study = _study(actor, seen.study_id)
    row = rows.select_for_update(no_key=True, of=("self",)).select_related("origin", "target").get()
    if refusal := rules.why_not_act(MoveState(row.state), act):
        raise refuse(refusal)
    row.study = study
    return row
