"""Reading patients."""

import unicodedata
from dataclasses import replace
from datetime import date

from django.db.models import QuerySet

from dokuei.base.errors import NotFound
from dokuei.dicom.describe import PatientIdentity
from dokuei.dicom.person_name import PersonName, search_key
from dokuei.identity.access import Actor, Permission, require
from dokuei.patients import rules
from dokuei.patients.correcting.rules import Facts
from dokuei.patients.family import families, family_of, head_of, is_one_person, kin_of, kin_saying
from dokuei.patients.matching.compare import compare
from dokuei.patients.matching.evidence import Verdict
from dokuei.patients.matching.exam import (
    compare_parts_of_body,
    compare_sides,
    kinds_of,
    regions_of,
    side_of,
)
from dokuei.patients.matching.facts import Side
from dokuei.patients.models import Patient
from dokuei.patients.rows import age_on, display_name, patient_out, rows_out
from dokuei.patients.telling import lines

__all__ = [
    "age_on",
    "as_head",
    "beside",
    "compare_parts_of_body",
    "compare_sides",
    "display_name",
    "facts_of",
    "families",
    "family_of",
    "found_like",
    "head_of",
    "identity_of",
    "is_as_held",
    "is_one_person",
    "kin_of",
    "kin_saying",
    "kinds_of",
    "of_every_actor",
    "one_of",
    "patient_out",
    "regions_of",
    "rows_out",
    "side_of",
    "side_of_patient",
    "side_of_person",
    "visible_to",
]


def visible_to(actor: Actor) -> QuerySet[Patient]:
    """Patients of the actor's facilities."""
    rows = Patient.objects.all()
    return rows if actor.kind == "system" else rows.filter(facility_id__in=actor.facilities)


def of_every_actor() -> QuerySet[Patient]:
    """Patients whatever their facility, for callers that have decided which ones may be seen."""
    return Patient.objects.all()


def identity_of(patient: Patient) -> PatientIdentity:
    """What is held, in the form of what a data set says."""
    return PatientIdentity(
        patient_id=patient.patient_id,
        issuer=patient.issuer,
        name=PersonName(patient.name_romaji, patient.name_kanji, patient.name_kana),
        name_raw=patient.name_raw,
        birth_on=patient.birth_date,
        sex=patient.sex,
    )


def as_head(said: PatientIdentity, patient: Patient | None) -> PatientIdentity:
    """Of a merged patient the ID of the row that stays, if it is their own that is said: the two are one person's."""
    if patient is None or patient.merged_into_id is None:
        return said
    if (said.issuer, said.patient_id) != (patient.issuer, patient.patient_id):
        return said
    head = head_of(patient)
    return replace(said, issuer=head.issuer, patient_id=head.patient_id)


def facts_of(patient: Patient) -> Facts:
    """What is held of a person under this ID, as corrections compare and keep it."""
    return Facts(
        patient.name_kanji,
        patient.name_kana,
        patient.name_romaji,
        patient.name_raw,
        patient.birth_date,
        patient.sex,
    )


def side_of_patient(patient: Patient) -> Side:
    """A patient as one side of a comparison with another."""
    held = identity_of(patient)
    return Side(
        issuer=held.issuer, patient_id=held.patient_id, name=held.name, born_on=held.birth_on, sex=held.sex
    )


def side_of_person(name: PersonName, born_on: date | None, sex: str) -> Side:
    """A person without an ID as one side of a comparison."""
    return Side(name=name, born_on=born_on, sex=sex)


def is_as_held(patient: Patient, seen: PatientIdentity) -> bool:
    """Whether an identity says exactly what is held of this patient, so that there is nothing to compare."""
    held = (patient.issuer, patient.patient_id, patient.name_raw, patient.birth_date, patient.sex)
    return bool(seen.patient_id) and held == (
        seen.issuer,
        seen.patient_id,
        seen.name_raw,
        seen.birth_on,
        seen.sex,
    )


def contradictions_of(patient: Patient, seen: PatientIdentity) -> frozenset[rules.Contradiction]:
    """What an identity says otherwise than what is held of this patient."""
    return rules.contradictions(identity_of(patient), seen)


def known_like(actor: Actor, facility_id: int, words: str, *, most: int = 8) -> list[Patient]:
    """Patients of a facility whose ID or name begins so, in whatever script, width or form of kanji it is typed."""
    require(actor, Permission.REQUEST_WRITE, facility_id=facility_id)
    known = visible_to(actor).filter(facility_id=facility_id).exclude(patient_id="")
    return _like(known, words, most)


def found_like(actor: Actor, words: str, *, facility_id: int | None = None, most: int = 50) -> list[Patient]:
    """Patients of every facility of the actor whose ID or name begins so; without words the newest."""
    require(actor, Permission.PATIENT_READ, facility_id=facility_id)
    known = visible_to(actor).select_related("facility")
    if facility_id is not None:
        known = known.filter(facility_id=facility_id)
    if not words.strip():
        return list(known.order_by("-pk")[:most])
    return _like(known, words, most)


def _like(known: QuerySet[Patient], words: str, most: int) -> list[Patient]:
    """Each way of its own, so that each may use its index."""
    key = search_key(words)
    if not key:
        return []
    found: dict[int, Patient] = {}
    typed = unicodedata.normalize("NFKC", words).strip()
    ways = [("patient_id", typed)]
    ways += [(column, key) for column in ("key_ideographic", "key_phonetic", "key_alphabetic")]
    for column, prefix in ways:
        rows = known.filter(**{f"{column}__begins": prefix}).order_by(column)
        found |= {one.pk: one for one in rows[:most]}
    return list(found.values())[:most]


def one_of(actor: Actor, patient_id: int) -> Patient:
    """A patient the actor may look at, or `NotFound`."""
    require(actor, Permission.PATIENT_READ)
    row = visible_to(actor).select_related("facility").filter(pk=patient_id).first()
    if row is None:
        raise NotFound()
    return row


def beside(one: Patient, other: Patient) -> tuple[list[dict[str, str]], Verdict]:
    """Two patients beside each other, field by field in words, and what comparing them showed."""
    ours, theirs = side_of_patient(one), side_of_patient(other)
    verdict = compare(ours, theirs)
    return lines(ours, theirs, verdict), verdict
