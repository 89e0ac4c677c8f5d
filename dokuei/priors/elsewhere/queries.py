"""Links across facilities: which stand, what they show, who might be the same person."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging import queries as imaging
from dokuei.imaging.queries import StudyHere
from dokuei.kit.db import seeing_all
from dokuei.patients import queries as patients
from dokuei.patients.matching.compare import compare
from dokuei.patients.matching.evidence import Verdict
from dokuei.patients.models import Patient
from dokuei.priors.elsewhere import rules
from dokuei.priors.elsewhere.rules import Confidence, LinkState
from dokuei.priors.models import PatientLink, SharingChoice

MOST_COMPARED = 200
NOT_SHOWN = {"held", "withdrawn"}


@dataclass(frozen=True)
class Shared:
    """A study of another facility that a link shows."""

    link_id: int
    facility_name: str
    study: StudyHere


def is_on(facility_id: int) -> bool:
    """Whether a facility takes part; off until somebody switched it on."""
    row = SharingChoice.objects.filter(facility_id=facility_id).order_by("-pk").first()
    return row is not None and row.is_on


def links_of(actor: Actor, patient_id: int) -> QuerySet[PatientLink]:
    """Links of a patient in either direction, the newest first."""
    require(actor, Permission.PATIENT_READ)
    family = patients.family_of(patient_id)
    rows = PatientLink.objects.filter(Q(patient__in=family) | Q(other_patient__in=family))
    if actor.kind != "system":
        rows = rows.filter(Q(facility__in=actor.facilities) | Q(other_facility__in=actor.facilities))
    return rows.select_related("facility", "other_facility").order_by("-pk")


def standing(wanted: Mapping[int, tuple[int, int]]) -> dict[int, list[PatientLink]]:
    """The links that hold for each of these requests, given with its patient and facility."""
    if not wanted or not PatientLink.objects.filter(state=LinkState.CONFIRMED).exists():
        return {}
    family = patients.families({patient for patient, _ in wanted.values()})
    everybody = {one for rows in family.values() for one in rows}
    rows = PatientLink.objects.filter(state=LinkState.CONFIRMED, patient__in=everybody)
    found: dict[int, list[PatientLink]] = {}
    for row in rows.select_related("other_facility").order_by("pk"):
        for request_id, (patient_id, facility_id) in wanted.items():
            is_for = row.request_id in {None, request_id} and row.facility_id == facility_id
            if is_for and row.patient_id in family[patient_id]:
                found.setdefault(request_id, []).append(row)
    return found


def patients_shown(other_ids: Iterable[int]) -> set[int]:
    """The patients whose readings are shown studies of these patients of other facilities, each with their family."""
    rows = PatientLink.objects.filter(state=LinkState.CONFIRMED, other_patient__in=set(other_ids))
    own = patients.families(rows.values_list("patient_id", flat=True))
    return {one for family in own.values() for one in family}


def other_patients(request_id: int, patient_id: int, facility_id: int) -> dict[int, str]:
    """Patients of other facilities that links show for a request, each with the facility's name."""
    links = standing({request_id: (patient_id, facility_id)}).get(request_id, [])
    if not links:
        return {}
    with seeing_all("priors.elsewhere"):
        family = patients.families({row.other_patient_id for row in links})
        return {one: row.other_facility.name for row in links for one in family[row.other_patient_id]}


def shared(request_id: int, patient_id: int, facility_id: int) -> list[Shared]:
    """The studies of other facilities that links show for a request. Whoever calls has decided who may see them.

    Looked up with every facility in sight, but only for the patients a confirmed link names.
    """
    links = standing({request_id: (patient_id, facility_id)}).get(request_id, [])
    if not links:
        return []
    with seeing_all("priors.elsewhere"):
        family = patients.families({row.other_patient_id for row in links})
        here = imaging.studies_here(patient_ids={one for rows in family.values() for one in rows})
    found: dict[int, Shared] = {}
    for row in links:
        for study in here:
            is_shown = study.receipt not in NOT_SHOWN and study.instance_count
            if is_shown and study.patient_id in family[row.other_patient_id]:
                found.setdefault(study.id, Shared(row.pk, row.other_facility.name, study))
    return list(found.values())


def verdict_of(ours: Patient, theirs: Patient) -> Verdict:
    """Two patients beside each other without their IDs, which each facility gives by itself."""
    return compare(_nameless(ours), _nameless(theirs))


def _nameless(patient: Patient) -> Any:
    held = patients.identity_of(patient)
    return patients.side_of_person(held.name, held.birth_on, held.sex)


def candidates(actor: Actor, patient: Patient) -> list[tuple[Patient, Confidence, Verdict]]:
    """Who at other facilities may be the same person, the surest first; only where the other facility takes part."""
    require(actor, Permission.PATIENT_LINK, facility_id=patient.facility_id)
    near = Q(birth_date=patient.birth_date) if patient.birth_date else Q(pk=0)
    for column in ("key_ideographic", "key_phonetic", "key_alphabetic"):
        if key := getattr(patient, column):
            near |= Q(**{column: key})
    rows = patients.visible_to(actor).exclude(facility_id=patient.facility_id).select_related("facility")
    rows = rows.filter(near, merged_into=None).exclude(patient_id="")
    on = {key for key in rows.values_list("facility_id", flat=True).distinct() if is_on(key)}
    found = []
    for one in rows.filter(facility_id__in=on).order_by("pk")[:MOST_COMPARED]:
        verdict = verdict_of(patient, one)
        if (sure := rules.confidence(verdict)) is not None:
            found.append((one, sure, verdict))
    order = list(Confidence)
    return sorted(found, key=lambda one: (order.index(one[1]), -one[2].score, one[0].pk))


def counts(patient_ids: Iterable[int]) -> dict[int, int]:
    """How many studies there are of each of these patients, whatever they are filed under."""
    family = patients.families(patient_ids)
    here = imaging.studies_here(patient_ids={one for rows in family.values() for one in rows})
    return {pk: sum(one.patient_id in rows for one in here) for pk, rows in family.items()}
