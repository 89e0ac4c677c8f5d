"""Finding or registering the patient an image or a statement names."""

from datetime import datetime
from typing import Any

from django.db import transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.errors import Invalid
from dokuei.dicom.describe import PatientIdentity
from dokuei.identity.access import Actor, Permission, require
from dokuei.patients import queries, rules
from dokuei.patients.correcting.rules import Facts
from dokuei.patients.models import Patient, Sighting
from dokuei.patients.rules import Contradiction


@transaction.atomic
def identify_patient(
    actor: Actor, *, facility_id: int, seen: PatientIdentity, study_instance_uid: str, at: datetime
) -> tuple[Patient, frozenset[Contradiction]]:
    """Find or register the patient an identity names, and say what it contradicts.

    Empty fields are filled from what is seen; a value that is already there is never replaced. Every
    identity not seen before is kept. Without a patient ID the patient is a placeholder of this study alone.
    """
    require(actor, Permission.DICOM_STORE, facility_id=facility_id)
    key = {
        "facility_id": facility_id,
        "issuer": seen.issuer,
        "patient_id": seen.patient_id,
        "placeholder": "" if seen.patient_id else study_instance_uid,
    }
    patient = Patient.objects.filter(**key).first()
    if patient is None:
        patient, is_new = Patient.objects.get_or_create(**key, defaults={**_facts(seen), "created_at": at})
        if is_new:
            _sight(patient, seen, frozenset(), at)
            record(Event.PATIENT_REGISTERED, by=actor, of=patient, at=at)
            return patient, frozenset()
    if queries.is_as_held(patient, seen):
        return patient, frozenset()
    return _compare(actor, patient, seen, at)


@transaction.atomic
def identify_stated(
    actor: Actor, *, facility_id: int, stated: PatientIdentity, at: datetime
) -> tuple[Patient, frozenset[Contradiction]]:
    """Find or register the patient somebody states before there are images, and say what it contradicts.

    Of a patient who is held nothing is filled or replaced by a statement: it is noted as seen, no more. A patient
    registered by a statement alone is told by the images that come.
    """
    require(actor, Permission.REQUEST_WRITE, facility_id=facility_id)
    if not stated.patient_id:
        raise Invalid("患者IDを入力してください。", code="patient.no_id")
    patient, is_new = Patient.objects.get_or_create(
        facility_id=facility_id,
        issuer=stated.issuer,
        patient_id=stated.patient_id,
        placeholder="",
        defaults={**_facts(stated), "created_at": at},
    )
    if is_new:
        _sight(patient, stated, frozenset(), at)
        record(Event.PATIENT_REGISTERED, by=actor, of=patient, at=at)
        return patient, frozenset()
    found = rules.contradictions(queries.identity_of(patient), stated)
    if _sight(patient, stated, found, at):
        record(Event.PATIENT_STATED, by=actor, of=patient, at=at, contradicts=sorted(found))
    return patient, found


def _compare(
    actor: Actor, patient: Patient, seen: PatientIdentity, at: datetime
) -> tuple[Patient, frozenset[Contradiction]]:
    patient = Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
    found = rules.contradictions(queries.identity_of(patient), seen)
    filled = [] if found else _fill(patient, seen)
    if filled:
        patient.save(update_fields=filled)
    if _sight(patient, seen, found, at):
        record(
            Event.PATIENT_CHANGED,
            by=actor,
            of=patient,
            at=at,
            filled=sorted(filled),
            contradicts=sorted(found),
        )
    return patient, found


def _facts(seen: PatientIdentity) -> dict[str, Any]:
    return vars(Facts.named(seen.name, seen.birth_on, seen.sex, raw=seen.name_raw)).copy()


def _fill(patient: Patient, seen: PatientIdentity) -> list[str]:
    """Put what was missing; return the names of the fields that were filled."""
    fresh = _facts(seen)
    filled = [name for name, value in fresh.items() if value and not getattr(patient, name)]
    for name in filled:
        setattr(patient, name, fresh[name])
    return filled


def _sight(patient: Patient, seen: PatientIdentity, found: frozenset[Contradiction], at: datetime) -> bool:
    """Keep this identity; False if the very same one was kept before."""
    _, is_new = Sighting.objects.get_or_create(
        patient=patient,
        name_raw=seen.name_raw,
        birth_date=seen.birth_on,
        sex=seen.sex,
        defaults={"facility_id": patient.facility_id, "contradicts": sorted(found), "seen_at": at},
    )
    return is_new
