"""What a study's own images say of its patient, held against what is held of them."""

from collections.abc import Iterable

from dokuei.dicom.describe import describe
from dokuei.imaging.headers import read_header
from dokuei.imaging.models import Instance, Study
from dokuei.imaging.moves.standing import origin_of
from dokuei.imaging.rules import HoldReason
from dokuei.patients import queries as patients

MOST_STUDIES = 500
MOST_INSTANCES = 5000
IDENTITY = {HoldReason.OTHER_PATIENT.value, HoldReason.PATIENT_CONTRADICTION.value}
"""Reasons that lie in who the patient is, and may be gone when that was put right."""


def to_judge(patient_ids: Iterable[int]) -> list[int]:
    """The studies of these patients, the newest first."""
    rows = Study.objects.filter(patient__in=set(patient_ids)).exclude(receipt="withdrawn")
    return list(rows.order_by("-last_received_at", "-pk").values_list("pk", flat=True)[:MOST_STUDIES])


def contradicted_now(study: Study) -> set[str] | None:
    """Which of the reasons of `IDENTITY` a study's images give now; None if there are too many to look at.

    Every image is asked itself, from the bytes that were received: the first may be right and the second not.
    """
    origin_id = origin_of(study.pk)
    family = patients.family_of(study.patient_id)
    if origin_id is not None:  # a person has said that its images name somebody else
        family |= patients.family_of(origin_id)
    members = list(patients.of_every_actor().filter(pk__in=family).order_by("pk"))
    rows = Instance.objects.filter(study_id=study.pk, made=None).defer("frame_ranges").order_by("pk")
    instances = list(rows[: MOST_INSTANCES + 1])
    if len(instances) > MOST_INSTANCES:
        return None
    said = {describe(read_header(row)).patient for row in instances}
    found = set()
    for identity in said:
        own = [
            one for one in members if (one.issuer, one.patient_id) == (identity.issuer, identity.patient_id)
        ]
        if identity.patient_id and not own:
            found.add(HoldReason.OTHER_PATIENT.value)
        for member in own or [one for one in members if one.pk == (origin_id or study.patient_id)]:
            if patients.contradictions_of(member, identity):
                found.add(HoldReason.PATIENT_CONTRADICTION.value)
    return found
