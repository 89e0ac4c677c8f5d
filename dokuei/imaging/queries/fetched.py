"""What of a patient's studies is here, and what came because we asked for it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, F, OuterRef

from dokuei.imaging.fetching.models import FetchedStudy
from dokuei.imaging.made import telling
from dokuei.imaging.models import Study


def fetched() -> Exists:
    """The condition that a study came because we asked the facility's archive for it."""
    same = FetchedStudy.objects.filter(
        facility_id=OuterRef("facility_id"), study_instance_uid=OuterRef("study_instance_uid")
    )
    return Exists(same)


def fetched_study_ids(study_ids: Collection[int]) -> set[int]:
    """Which of these studies were fetched as priors, and so are nobody's new work."""
    return set(Study.objects.filter(fetched(), pk__in=study_ids).values_list("pk", flat=True))


def patients_of(study_ids: Iterable[int]) -> dict[int, int]:
    """Under which patient each of these studies is filed."""
    return dict(Study.objects.filter(pk__in=set(study_ids)).values_list("pk", "patient_id"))


@dataclass(frozen=True)
class StudyHere:
    """A study we hold, as far as priors go."""

    id: int
    patient_id: int
    study_instance_uid: str
    study_on: date | None
    study_at: datetime | None
    modalities: tuple[str, ...]
    description: str
    body_part: str
    receipt: str
    instance_count: int


def studies_here(
    *, patient_ids: Iterable[int] = (), facility_id: int | None = None, uids: Iterable[str] = ()
) -> list[StudyHere]:
    """The studies of patients, or those of a facility with these UIDs, newest first."""
    rows = Study.objects.order_by(F("study_at").desc(nulls_last=True), "-pk")
    if facility_id is None:
        rows = rows.filter(patient_id__in=set(patient_ids))
    else:
        rows = rows.filter(facility_id=facility_id, study_instance_uid__in=set(uids))
    found = list(rows.annotate(n=Count("instances")))
    own = telling.counted([row.pk for row in found])
    return [
        StudyHere(
            row.pk,
            row.patient_id,
            row.study_instance_uid,
            row.study_on,
            row.study_at,
            tuple(row.modalities),
            row.description,
            row.body_part,
            row.receipt,
            row.n - own.get(row.pk, 0),
        )
        for row in found
    ]
