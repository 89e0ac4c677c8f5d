"""Putting right what is held of a patient. The images keep what they say."""

from datetime import datetime

from django.db import transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.errors import NotFound, refuse
from dokuei.identity.access import Actor, Permission, require
from dokuei.kit.events import publish
from dokuei.patients import queries
from dokuei.patients.correcting import rules
from dokuei.patients.correcting.rules import Facts
from dokuei.patients.events import PatientCorrected
from dokuei.patients.models import Correction, Patient


@transaction.atomic
def correct_patient(
    actor: Actor,
    patient_id: int,
    *,
    seen: Facts,
    wanted: Facts,
    reason: str,
    source_id: int | None = None,
    at: datetime,
) -> Correction:
    """Set name, birth date and sex to what a person found to be right, with a reason.

    `seen` is what stood on the screen: of two people who correct at once the second is told. `source_id` names the
    identity it was taken from, if it was not typed. What contradicted is judged again by those who hear of it.
    """
    require(actor, Permission.PATIENT_MEND)
    patient = _locked(actor, patient_id)
    held = queries.facts_of(patient)
    if refusal := rules.why_not_correct(held, seen, wanted, reason):
        raise refuse(refusal)
    source = patient.sightings.filter(pk=source_id).first() if source_id is not None else None
    if source_id is not None and source is None:
        raise NotFound()
    row = Correction.objects.create(
        facility_id=patient.facility_id,
        patient=patient,
        before=held.kept(),
        after=wanted.kept(),
        source=source,
        reason=reason.strip()[:500],
        made_by_id=actor.person_id,
        made_by_name=actor.name,
        made_at=at,
    )
    _hold(patient, wanted)
    changed = sorted(name for name, value in vars(wanted).items() if value != getattr(held, name))
    record(
        Event.PATIENT_CORRECTED, by=actor, of=patient, at=at,
        correction=row.pk, changed=changed, source=source_id,
    )  # fmt: skip
    publish(PatientCorrected(patient_id=patient.pk, facility_id=patient.facility_id))
    return row


@transaction.atomic
def undo_correction(actor: Actor, correction_id: int, *, reason: str, at: datetime) -> Correction:
    """Take the newest correction of a patient back: every field is again what it was before it."""
    require(actor, Permission.PATIENT_MEND)
    seen = Correction.objects.filter(pk=correction_id, patient__in=queries.visible_to(actor)).first()
    if seen is None:
        raise NotFound()
    patient = _locked(actor, seen.patient_id)
    row = Correction.objects.select_for_update(no_key=True).get(pk=correction_id)
    later = Correction.objects.filter(patient=patient, undone_at=None, pk__gt=row.pk).exists()
    if refusal := rules.why_not_undo(is_undone=row.undone_at is not None, is_last=not later, reason=reason):
        raise refuse(refusal)
    row.undone_at, row.undone_by_name, row.undone_reason = at, actor.name, reason.strip()[:500]
    row.save(update_fields=["undone_at", "undone_by_name", "undone_reason"])
    _hold(patient, Facts.of_kept(row.before))
    record(Event.PATIENT_CORRECTION_UNDONE, by=actor, of=patient, at=at, correction=row.pk)
    publish(PatientCorrected(patient_id=patient.pk, facility_id=patient.facility_id))
    return row


def _hold(patient: Patient, facts: Facts) -> None:
    fields = vars(facts)
    for name, value in fields.items():
        setattr(patient, name, value)
    patient.save(update_fields=list(fields))


def _locked(actor: Actor, patient_id: int) -> Patient:
    rows = queries.visible_to(actor).select_for_update(no_key=True, of=("self",))
    patient = rows.filter(pk=patient_id).first()
    if patient is None:
        raise NotFound()
    return patient
