"""The patients' screen: found ones, one in full, two beside each other. Each asks the right of who looks."""

from datetime import date
from typing import Any

from django.db.models import Q

from dokuei.audit import queries as trail
from dokuei.dicom.person_name import parse_name, spaced
from dokuei.identity import queries as identity
from dokuei.identity.access import Actor, Permission, require
from dokuei.patients import queries, rules
from dokuei.patients.correcting.rules import Facts
from dokuei.patients.merging import rules as merging
from dokuei.patients.merging.rules import MergeState
from dokuei.patients.merging.standing import standing
from dokuei.patients.models import Correction, Patient, PatientMerge, Sighting
from dokuei.patients.telling import PARTS

MOST_SHOWN = 200


def listed(actor: Actor, words: str, facility_id: int | None, today: date) -> dict[str, Any]:
    """Patients whose ID or name begins so, and how many merges wait for a second person."""
    found = queries.found_like(actor, words, facility_id=facility_id)
    waiting = _merges(actor).filter(state=MergeState.PROPOSED).count()
    return {"items": queries.rows_out([one.pk for one in found], today), "waiting": waiting}


def page(actor: Actor, patient_id: int, today: date) -> dict[str, Any]:
    """Everything of one patient: what is held, what was seen, what was put right, who did it."""
    patient = queries.one_of(actor, patient_id)
    head = queries.head_of(patient)
    family = [head.pk, *sorted(queries.family_of(patient.pk) - {head.pk})]
    merges = _merges(actor).filter(Q(survivor__in=family) | Q(merged__in=family)).order_by("-pk")
    may = actor.may(Permission.PATIENT_MEND)
    acts = (["correct"] + (["merge"] if patient.merged_into_id is None else [])) if may else []
    return {
        "patient": queries.rows_out([patient.pk], today)[0],
        "held": vars(queries.facts_of(patient)),
        "family": queries.rows_out(family, today),
        "sightings": [_sighting(patient, row) for row in patient.sightings.order_by("-pk")[:MOST_SHOWN]],
        "corrections": _corrections(actor, patient),
        "merges": [merge_out(actor, row, today) for row in merges[:MOST_SHOWN]],
        "history": _history(patient),
        "acts": acts,
    }


def _sighting(patient: Patient, row: Sighting) -> dict[str, Any]:
    name = parse_name(row.name_raw)
    held = queries.identity_of(patient)
    seen = type(held)(
        patient_id=held.patient_id,
        issuer=held.issuer,
        name=name,
        name_raw=row.name_raw,
        birth_on=row.birth_date,
        sex=row.sex,
    )
    now = rules.contradictions(held, seen)
    return {
        "id": row.pk,
        "name_kanji": spaced(name.kanji),
        "name_kana": spaced(name.kana),
        "name_romaji": spaced(name.romaji),
        "birth_date": row.birth_date,
        "sex": row.sex,
        "seen_at": row.seen_at,
        "contradicted_then": [PARTS[part] for part in PARTS if part in row.contradicts],
        "contradicts_now": [PARTS[part] for part in PARTS if part in now],
    }


def _corrections(actor: Actor, patient: Patient) -> list[dict[str, Any]]:
    rows = list(Correction.objects.filter(patient=patient).order_by("-pk")[:MOST_SHOWN])
    last = next((row.pk for row in rows if row.undone_at is None), None)
    may = actor.may(Permission.PATIENT_MEND)
    return [
        {
            "id": row.pk,
            "before": vars(Facts.of_kept(row.before)),
            "after": vars(Facts.of_kept(row.after)),
            "source_id": row.source_id,
            "reason": row.reason,
            "made_by_name": row.made_by_name,
            "made_at": row.made_at,
            "undone_by_name": row.undone_by_name,
            "undone_reason": row.undone_reason,
            "undone_at": row.undone_at,
            "may_undo": may and row.pk == last,
        }
        for row in rows
    ]


def _history(patient: Patient) -> list[dict[str, Any]]:
    told = [row for row in trail.trail_of(patient) if row.event != "patient.opened"]
    names = identity.label_names({row.by for row in told})
    return [
        {"at": row.at, "by": names.get(row.by, "システム"), "sentence": row.sentence}
        for row in reversed(told[-MOST_SHOWN:])
    ]


def comparison(actor: Actor, survivor_id: int, merged_id: int, today: date) -> dict[str, Any]:
    """Two patients beside each other before they are merged, and why they cannot be."""
    survivor, merged = queries.one_of(actor, survivor_id), queries.one_of(actor, merged_id)
    lines, verdict = queries.beside(survivor, merged)
    refusal = merging.why_not_merge(standing(survivor), standing(merged))
    shown = queries.rows_out([survivor.pk, merged.pk], today)
    return {
        "survivor": shown[0],
        "merged": shown[-1],
        "lines": lines,
        "needs_second": bool(verdict.against_the_person),
        "refusal": refusal.sentence if refusal else "",
        "typed": merged.patient_id or survivor.patient_id,
    }


def _merges(actor: Actor) -> Any:
    rows = PatientMerge.objects.select_related("survivor", "merged")
    return rows if actor.kind == "system" else rows.filter(facility_id__in=actor.facilities)


def waiting(actor: Actor, today: date) -> dict[str, Any]:
    """Merges that wait for a second person, the oldest first."""
    require(actor, Permission.PATIENT_READ)
    rows = _merges(actor).filter(state=MergeState.PROPOSED).order_by("pk")
    return {"items": [merge_out(actor, row, today) for row in rows[:MOST_SHOWN]]}


def merge_out(actor: Actor, row: PatientMerge, today: date) -> dict[str, Any]:
    """A merge with both sides as they are now, and what this actor may do with it."""
    shown = {one["id"]: one for one in queries.rows_out([row.survivor_id, row.merged_id], today)}
    second = merging.why_not_second(
        needs_second=row.needs_second, asked_by=row.asked_by_id, by=actor.person_id
    )
    acts = [str(act) for state, act in merging.LIFECYCLE if state == row.state]
    if not actor.may(Permission.PATIENT_MEND):
        acts = []
    kept = ("id", "state", "needs_second", "reason", "asked_by_name", "asked_at", "made_by_name", "made_at")
    return {
        **{name: getattr(row, name) for name in (*kept, "ended_by_name", "ended_reason", "ended_at")},
        "survivor": shown[row.survivor_id],
        "merged": shown[row.merged_id],
        "lines": queries.beside(row.survivor, row.merged)[0],
        "typed": row.merged.patient_id or row.survivor.patient_id,
        "acts": [act for act in acts if not (act == "make" and second)],
        "refusal": second.sentence if second and row.state == MergeState.PROPOSED else "",
    }
