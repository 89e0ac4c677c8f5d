"""Patients and the identities seen for them."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Func, Q, Value


def _name_key(group: int) -> Any:
    """A name group in the form searches compare (`dokuei.dicom.person_name.search_key`), kept by PostgreSQL."""
    return models.GeneratedField(
        expression=Func(models.F("name_raw"), Value(group), function="dokuei_name_key"),
        output_field=models.CharField(max_length=400),
        db_persist=True,
    )


class Patient(models.Model):
    """A patient as one facility knows them. Never shared between facilities."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    issuer = models.CharField(max_length=64, blank=True)
    patient_id = models.CharField(max_length=64, blank=True)
    placeholder = models.CharField(max_length=64, blank=True)
    """The study that came without a patient ID, so that unknown patients are never one row; else empty."""
    # Components are separated by a space here; `name_raw` is the DICOM form with ^ and =.
    name_kanji = models.CharField(max_length=64, blank=True)
    name_kana = models.CharField(max_length=64, blank=True)
    name_romaji = models.CharField(max_length=64, blank=True)
    name_raw = models.CharField(max_length=200, blank=True)
    key_alphabetic = _name_key(1)
    key_ideographic = _name_key(2)
    key_phonetic = _name_key(3)
    birth_date = models.DateField(null=True)
    sex = models.CharField(max_length=1, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["facility", "issuer", "patient_id", "placeholder"],
                name="a_patient_id_is_one_patient_of_a_facility",
            ),
            models.CheckConstraint(
                name="a_patient_without_an_id_is_a_placeholder",
                condition=Q(patient_id="") ^ Q(placeholder=""),
            ),
            models.CheckConstraint(
                name="a_patients_sex_is_a_dicom_code", condition=Q(sex__in=["", "M", "F", "O"])
            ),
        ]
        # The pattern classes order by bytes, so that a prefix is a range in any locale; their operators are
        # leak-proof, which LIKE is not: under row-level security only such conditions may use an index.
        indexes: ClassVar[list[Any]] = [
            models.Index(
                fields=["facility", column],
                name=f"patients_{name}",
                opclasses=["int8_ops", "varchar_pattern_ops"],
            )
            for name, column in (
                ("id", "patient_id"),
                ("alphabetic", "key_alphabetic"),
                ("ideographic", "key_ideographic"),
                ("phonetic", "key_phonetic"),
            )
        ]

    def __str__(self) -> str:
        return f"patient:{self.pk}"


class Sighting(models.Model):
    """One identity seen under a patient's ID that was not seen before; rows are only added."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="sightings")
    name_raw = models.CharField(max_length=200, blank=True)
    birth_date = models.DateField(null=True)
    sex = models.CharField(max_length=1, blank=True)
    contradicts = ArrayField(models.CharField(max_length=20), default=list)
    """Which parts differ from the patient's row at that time: name, birth_date, sex."""
    seen_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["patient", "name_raw", "birth_date", "sex"],
                nulls_distinct=False,
                name="an_identity_is_noted_once",
            ),
        ]
