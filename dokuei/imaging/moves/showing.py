"""Moves as the patients' screen shows them. Each asks the right of who looks."""

from datetime import date
from typing import Any

from django.db.models import Q

from dokuei.base.errors import NotFound
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging import queries
from dokuei.imaging.moves import rules
from dokuei.imaging.moves.models import StudyMove
from dokuei.imaging.moves.rules import MoveState
from dokuei.imaging.moves.standing import standing
from dokuei.patients import queries as patients

MOST_SHOWN = 200


def comparison(actor: Actor, study_id: int, target_id: int, today: date) -> dict[str, Any]:
    """A study's patient beside whose it would be, and why it cannot be moved there."""
    require(actor, Permission.PATIENT_READ)
    study = queries.in_facilities(actor).filter(pk=study_id).first()
    if study is None:
        raise NotFound()
    target = patients.one_of(actor, target_id)
    refusal = rules.why_not_move(standing(study, target))
    lines, verdict = patients.beside(study.patient, target)
    return {
        "study": queries.studies_out([study.pk])[0],
        "origin": patients.rows_out([study.patient_id], today)[0],
        "target": patients.rows_out([target.pk], today)[0],
        "lines": lines,
        "needs_second": bool(verdict.against_the_person),
        "refusal": refusal.sentence if refusal else "",
        "typed": target.patient_id,
    }


def waiting(actor: Actor, today: date) -> dict[str, Any]:
    """Moves that wait for a second person, the oldest first."""
    require(actor, Permission.PATIENT_READ)
    rows = _moves(actor).filter(state=MoveState.PROPOSED).order_by("pk")
    return {"items": [move_out(actor, row, today) for row in rows[:MOST_SHOWN]]}


def of_patient(actor: Actor, patient_id: int, today: date) -> dict[str, Any]:
    """Moves to and from a patient, under whichever of their IDs, the newest first."""
    family = patients.family_of(patients.one_of(actor, patient_id).pk)
    rows = _moves(actor).filter(Q(origin__in=family) | Q(target__in=family)).order_by("-pk")
    return {"items": [move_out(actor, row, today) for row in rows[:MOST_SHOWN]]}


def move_out(actor: Actor, row: StudyMove, today: date) -> dict[str, Any]:
    """A move with both sides as they are now, and what this actor may do with it."""
    second = rules.why_not_second(needs_second=row.needs_second, asked_by=row.asked_by_id, by=actor.person_id)
    acts = [str(act) for state, act in rules.LIFECYCLE if state == row.state]
    if not actor.may(Permission.PATIENT_MEND):
        acts = []
    kept = ("id", "state", "needs_second", "reason", "asked_by_name", "asked_at", "made_by_name", "made_at")
    return {
        **{name: getattr(row, name) for name in (*kept, "ended_by_name", "ended_reason", "ended_at")},
        "study": queries.studies_out([row.study_id])[0],
        "origin": patients.rows_out([row.origin_id], today)[0],
        "target": patients.rows_out([row.target_id], today)[0],
        "lines": patients.beside(row.origin, row.target)[0],
        "typed": row.target.patient_id,
        "acts": [act for act in acts if not (act == "make" and second)],
        "refusal": second.sentence if second and row.state == MoveState.PROPOSED else "",
    }


def _moves(actor: Actor) -> Any:
    rows = StudyMove.objects.select_related("origin", "target")
    return rows if actor.kind == "system" else rows.filter(facility_id__in=actor.facilities)
