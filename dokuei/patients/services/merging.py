"""Two rows of a facility that are one person. Nothing that was filed moves: one row points at the other."""

from datetime import datetime
from typing import Any

from django.db import transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.errors import NotFound, refuse
from dokuei.identity.access import Actor, Permission, require
from dokuei.kit.events import publish
from dokuei.patients import queries
from dokuei.patients.events import FamilyChanged
from dokuei.patients.matching.compare import compare
from dokuei.patients.merging import rules
from dokuei.patients.merging.rules import LIFECYCLE, MergeAct, MergeRefusal, MergeState
from dokuei.patients.merging.standing import standing
from dokuei.patients.models import Patient, PatientMerge


@transaction.atomic
def merge_patients(
    actor: Actor, survivor_id: int, merged_id: int, *, typed: str, reason: str, at: datetime
) -> PatientMerge:
    """Make two rows of a facility one person; where they contradict, ask a second person to.

    `typed` is the ID of the row that goes (of one without an ID, that of the row that stays): who cannot write down
    which patient disappears has not looked. Both rows are locked in one order before the rule is asked.
    """
    require(actor, Permission.PATIENT_MEND)
    survivor, merged = _both(actor, survivor_id, merged_id)
    if refusal := rules.why_not_merge(standing(survivor), standing(merged)):
        raise refuse(refusal)
    expected = merged.patient_id or survivor.patient_id
    if refusal := rules.why_not_confirmed(typed, expected, reason):
        raise refuse(refusal)
    verdict = compare(queries.side_of_patient(survivor), queries.side_of_patient(merged))
    row = PatientMerge(
        facility_id=survivor.facility_id,
        survivor=survivor,
        merged=merged,
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
        _record(Event.MERGE_PROPOSED, actor, row, at)
        return row
    return _make(actor, row, at)


@transaction.atomic
def confirm_merge(actor: Actor, merge_id: int, *, typed: str, reason: str, at: datetime) -> PatientMerge:
    """Make a merge somebody else asked for, having looked at what contradicts."""
    require(actor, Permission.PATIENT_MEND)
    row = _locked(actor, merge_id, MergeAct.MAKE)
    if refusal := rules.why_not_second(
        needs_second=row.needs_second, asked_by=row.asked_by_id, by=actor.person_id
    ):
        raise refuse(refusal)
    if refusal := rules.why_not_confirmed(typed, row.merged.patient_id or row.survivor.patient_id, reason):
        raise refuse(refusal)
    survivor, merged = standing(row.survivor), standing(row.merged, besides=row.pk)
    if refused := rules.why_not_merge(survivor, merged):
        raise refuse(refused)
    return _make(actor, row, at)


@transaction.atomic
def decline_merge(actor: Actor, merge_id: int, *, reason: str, at: datetime) -> PatientMerge:
    """Say that two rows are not to be merged after all; who asked may say so too."""
    require(actor, Permission.PATIENT_MEND)
    row = _locked(actor, merge_id, MergeAct.DECLINE)
    return _end(actor, row, MergeAct.DECLINE, Event.MERGE_DECLINED, reason, at)


@transaction.atomic
def undo_merge(actor: Actor, merge_id: int, *, reason: str, at: datetime) -> PatientMerge:
    """Take a merge back: both rows are again who they were, with everything that was ever filed under them."""
    require(actor, Permission.PATIENT_MEND)
    row = _locked(actor, merge_id, MergeAct.UNDO)
    before = sorted(queries.family_of(row.survivor_id))
    if not reason.strip():
        raise refuse(MergeRefusal.REASON)
    row.merged.merged_into = None
    row.merged.save(update_fields=["merged_into"])
    ended = _end(actor, row, MergeAct.UNDO, Event.PATIENTS_PARTED, reason, at)
    publish(FamilyChanged(patient_ids=before, facility_id=row.facility_id))
    return ended


def _make(actor: Actor, row: PatientMerge, at: datetime) -> PatientMerge:
    row.state = LIFECYCLE[MergeState(row.state), MergeAct.MAKE]
    row.made_by_id, row.made_by_name, row.made_at = actor.person_id, actor.name, at
    row.save()
    row.merged.merged_into_id = row.survivor_id
    row.merged.save(update_fields=["merged_into"])
    _record(Event.PATIENTS_MERGED, actor, row, at)
    family = sorted(queries.family_of(row.survivor_id))
    publish(FamilyChanged(patient_ids=family, facility_id=row.facility_id))
    return row


def _end(
    actor: Actor, row: PatientMerge, act: MergeAct, event: Event, reason: str, at: datetime
) -> PatientMerge:
    if not reason.strip():
        raise refuse(MergeRefusal.REASON)
    row.state = LIFECYCLE[MergeState(row.state), act]
    row.ended_by_name, row.ended_reason, row.ended_at = actor.name, reason.strip()[:500], at
    row.save(update_fields=["state", "ended_by_name", "ended_reason", "ended_at"])
    _record(event, actor, row, at)
    return row


def _record(event: Event, actor: Actor, row: PatientMerge, at: datetime) -> None:
    """On both patients, so that the history of either tells it."""
    told: dict[str, Any] = {
        "merge": row.pk,
        "survivor": row.survivor_id,
        "merged": row.merged_id,
        "codes": row.codes,
    }
    for patient in (row.survivor, row.merged):
        record(event, by=actor, of=patient, at=at, **told)


def _both(actor: Actor, survivor_id: int, merged_id: int) -> tuple[Patient, Patient]:
    """Both rows, locked by number: two merges of the same rows wait for each other instead of locking up."""
    if survivor_id == merged_id:
        raise refuse(MergeRefusal.SAME)
    rows = queries.visible_to(actor).select_for_update(no_key=True, of=("self",)).order_by("pk")
    found = {one.pk: one for one in rows.filter(pk__in=[survivor_id, merged_id])}
    if len(found) != 2:
        raise NotFound()
    return found[survivor_id], found[merged_id]


def _locked(actor: Actor, merge_id: int, act: MergeAct) -> PatientMerge:
    """A merge with both its rows, locked in the same order as when it was asked for."""
    seen = PatientMerge.objects.filter(pk=merge_id, survivor__in=queries.visible_to(actor)).first()
    if seen is None:
        raise NotFound()
    survivor, merged = _both(actor, seen.survivor_id, seen.merged_id)
    row = PatientMerge.objects.select_for_update(no_key=True).get(pk=merge_id)
    if refusal := rules.why_not_act(MergeState(row.state), act):
        raise refuse(refusal)
    row.survivor, row.merged = survivor, merged
    return row
