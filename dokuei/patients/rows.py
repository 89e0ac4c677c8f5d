"""Patients as lines of a screen."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Count

from dokuei.dicom.person_name import PersonName
from dokuei.patients import rules
from dokuei.patients.models import Patient


def rows_out(patient_ids: Iterable[int], today: date) -> list[dict[str, Any]]:
    """Patients as lines, in the order asked for. Whoever calls has decided who may see them."""
    wanted = list(patient_ids)
    held = Patient.objects.all().select_related("facility").filter(pk__in=wanted)
    rows = {one.pk: one for one in held}
    merged = Patient.objects.filter(merged_into__in=wanted).values("merged_into").annotate(n=Count("pk"))
    counts = dict(merged.values_list("merged_into", "n"))
    return [_row(rows[pk], counts.get(pk, 0), today) for pk in wanted if pk in rows]


def _row(patient: Patient, merged_count: int, today: date) -> dict[str, Any]:
    facility = patient.facility
    return {
        **patient_out(patient, today),
        "facility": {"id": facility.pk, "code": facility.code, "name": facility.name},
        "is_placeholder": bool(patient.placeholder),
        "merged_into": patient.merged_into_id,
        "merged_count": merged_count,
    }


def age_on(patient: Patient, day: date) -> int | None:
    """Completed years on a day, or None when unknown."""
    return rules.age_years(patient.birth_date, day)


def patient_out(patient: Patient, today: date) -> dict[str, Any]:
    """A patient as screens show them."""
    return {
        "id": patient.pk,
        "facility_id": patient.facility_id,
        "patient_id": patient.patient_id,
        "issuer": patient.issuer,
        "name_kanji": patient.name_kanji,
        "name_kana": patient.name_kana,
        "name_romaji": patient.name_romaji,
        "display_name": display_name(patient),
        "birth_date": patient.birth_date,
        "sex": patient.sex or None,
        "age_years": rules.age_years(patient.birth_date, today),
    }


def display_name(patient: Patient) -> str:
    """Kanji, else kana, else romaji; a word for nobody if there is no name."""
    shown = PersonName(patient.name_romaji, patient.name_kanji, patient.name_kana).shown
    return shown or "（氏名なし）"
