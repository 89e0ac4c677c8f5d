"""Both sides of a comparison from our rows, and whom to compare: bounded by days, numbers and the patient."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet

from dokuei.base.clock import local_date
from dokuei.dicom.describe import PatientIdentity, describe
from dokuei.dicom.person_name import search_key
from dokuei.identity.access import system_actor
from dokuei.imaging import queries as imaging
from dokuei.imaging.models import Study
from dokuei.intake.content import Content
from dokuei.intake.linking.rules import OPEN_STATES
from dokuei.intake.models import Request
from dokuei.intake.ordering.order import Stated
from dokuei.patients import queries as patients
from dokuei.patients.matching.facts import Side
from dokuei.patients.matching.numbers import number_key

LINKING = system_actor("linking")
DAYS_AROUND = timedelta(days=14)
"""Of an exam's day; what was moved further has a number, or a person finds it."""
DAYS_OPEN = timedelta(days=60)
"""A request that waits for images longer is compared no more by itself."""
STUDIES_MOST = 200
REQUESTS_MOST = 500


def side_of_request(request: Request) -> Side:
    """What a request says; of one that was written for images, their patient is its own."""
    exam = Content.model_validate(request.content).exam
    part = f"{exam.body_part} {exam.description}"
    if request.stated is not None:
        stated = Stated.model_validate(request.stated)
        said, numbers = patients.as_head(stated.patient.identity, request.patient), stated.numbers
        return Side(
            issuer=said.issuer,
            patient_id=said.patient_id,
            name=said.name,
            born_on=said.birth_on,
            sex=said.sex,
            accession_number=numbers.accession_number,
            study_instance_uid=numbers.study_instance_uid,
            performed_on=stated.exam_on,
            modality=exam.modality,
            body_part=part,
        )
    if request.patient is None:
        return Side(modality=exam.modality, body_part=part)
    head = patients.as_head(patients.identity_of(request.patient), request.patient)
    return _side(head, modality=exam.modality, body_part=part)


def side_of_study(study: Study) -> Side:
    """What a study's images say. Of one that is held they are asked themselves: the patient's row may say otherwise."""
    return _side(
        patients.as_head(identity_said(study), study.patient),
        accession_number=study.accession_number,
        study_instance_uid=study.study_instance_uid,
        performed_on=study.study_on,
        modality="\\".join(study.modalities),
        body_part=f"{study.body_part} {study.description}",
        laterality=_laterality(study),
    )


def identity_said(study: Study) -> PatientIdentity:
    held = patients.identity_of(study.patient)
    if study.receipt != "held":
        return held
    image = imaging.first_image(study.pk)
    return describe(imaging.header_of(image)).patient if image is not None else held


def _side(
    identity: PatientIdentity,
    *,
    accession_number: str = "",
    study_instance_uid: str = "",
    performed_on: date | None = None,
    modality: str = "",
    body_part: str = "",
    laterality: str = "",
) -> Side:
    return Side(
        issuer=identity.issuer,
        patient_id=identity.patient_id,
        name=identity.name,
        born_on=identity.birth_on,
        sex=identity.sex,
        accession_number=accession_number,
        study_instance_uid=study_instance_uid,
        performed_on=performed_on,
        modality=modality,
        body_part=body_part,
        laterality=laterality,
    )


def _laterality(study: Study) -> str:
    sides = {one.laterality for one in study.series.all() if one.laterality in {"L", "R", "B"}}
    return sides.pop() if len(sides) == 1 else "B" if sides else ""


def free_studies(facility_id: int) -> QuerySet[Study]:
    """Studies of a facility that no live request asks about."""
    rows = imaging.in_facilities(LINKING).filter(facility_id=facility_id, asked_by=None)
    return rows.exclude(receipt="withdrawn")


def free_of_patients(patient_ids: Iterable[int]) -> list[Study]:
    """What no request asks about of these patients of one facility, the newest first."""
    rows = imaging.in_facilities(LINKING).filter(patient__in=set(patient_ids), asked_by=None)
    newest = rows.exclude(receipt="withdrawn").filter(~imaging.fetched()).prefetch_related("series")
    return list(newest.order_by("-last_received_at", "-pk")[:STUDIES_MOST])


def studies_for(request: Request, at: datetime) -> list[Study]:
    """Free studies that share a number or something of the patient with a request, the newest first."""
    side = side_of_request(request)
    days = [one for one in (side.performed_on, local_date(request.sent_at or at)) if one]
    near = free_studies(request.facility_id).filter(
        study_on__gte=min(days) - DAYS_AROUND, study_on__lte=max([*days, local_date(at)]) + DAYS_AROUND
    )
    found: dict[int, Study] = {}
    ways = [
        near.filter(~imaging.fetched(), _of_patient(side))
    ]  # what was fetched as a prior is nobody's new work
    if number := side.accession_number.strip():
        same = {number, number_key(number)} - {""}
        ways.append(free_studies(request.facility_id).filter(accession_number__in=same))
    if side.study_instance_uid:
        ways.append(
            free_studies(request.facility_id).filter(study_instance_uid=side.study_instance_uid.strip())
        )
    for way in ways:
        newest = way.order_by("-last_received_at", "-pk").prefetch_related("series")
        found |= {one.pk: one for one in newest[:STUDIES_MOST]}
    return list(found.values())


def _of_patient(side: Side) -> Q:
    """Anything a request and a study's patient may share."""
    ids = {side.patient_id.strip(), number_key(side.patient_id)} - {""}
    found = Q(pk=0)
    if ids:
        found = Q(patient__patient_id__in=ids) | Q(patient__merged_into__patient_id__in=ids)
    if side.born_on:
        found |= Q(patient__birth_date=side.born_on)
    for column, group in (
        ("key_ideographic", side.name.kanji),
        ("key_phonetic", side.name.kana),
        ("key_alphabetic", side.name.romaji),
    ):
        if key := search_key(group):
            found |= Q(**{f"patient__{column}": key})
    return found


def open_requests(facility_id: int, at: datetime) -> list[Request]:
    """Requests of a facility that wait for images, the newest first.

    Those planned for a day are looked for around it: orders for the next check-up come half a year ahead.
    """
    today = local_date(at)
    around = [(today + days).isoformat() for days in (-DAYS_OPEN, DAYS_OPEN)]
    is_soon = Q(stated__exam_on__gte=around[0], stated__exam_on__lte=around[1])
    rows = Request.objects.select_related("patient").filter(
        Q(sent_at__gte=at - DAYS_OPEN) | is_soon,
        facility_id=facility_id,
        state__in=OPEN_STATES,
        request_studies=None,
    )
    far = Q(stated__exam_on__gt=around[1])
    return list(rows.exclude(far).order_by("-pk")[:REQUESTS_MOST])


def sharing(requests: Iterable[Request], sides: Iterable[Side]) -> list[Request]:
    """Those of some requests that have anything in common with any of these sides."""
    hooks: frozenset[str] = frozenset().union(*(side.forms.hooks for side in sides))
    return [one for one in requests if not side_of_request(one).forms.hooks.isdisjoint(hooks)]
