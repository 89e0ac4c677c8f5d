"""Patients and the identities seen for them."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q, Value

from dokuei.patients.merging.rules import MergeState


def _name_key(group: int) -> Any:
    """A name group in the form searches compare (`dokuei.dicom.person_name.search_key`), kept by PostgreSQL."""
    return models.GeneratedField(
        expression=Func(models.F("name_raw"), Value(group), function="dokuei_name_key"),
        output_field=models.CharField(max_length=400),
        db_persist=True,
    )


def _searched_indexes() -> list[models.Index]:
    """One for each way a patient is searched.

    The pattern classes order by bytes, so that a prefix is a range in any locale; their operators are leak-proof,
    which LIKE is not: under row-level security only such conditions may use an index.
    """
    return [
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
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    """The row this one is the same person as. What was filed under it stays there; the database refuses chains."""
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
                name="a_patient_is_not_merged_into_themselves", condition=~Q(merged_into=F("id"))
            ),
            models.CheckConstraint(
                name="a_patients_sex_is_a_dicom_code", condition=Q(sex__in=["", "M", "F", "O"])
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(
                fields=["merged_into"],
                condition=Q(merged_into__isnull=False),
                include=["facility"],
                name="patients_merged",
            ),
            *_searched_indexes(),
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


class Correction(models.Model):
    """One act of putting right what is held of a patient; taken back, never deleted."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="corrections")
    before = models.JSONField()
    """The fields as they were, all of them, so that taking back restores exactly."""
    after = models.JSONField()
    source = models.ForeignKey(Sighting, on_delete=models.PROTECT, null=True, related_name="+")
    """The identity it was taken from; None if it was typed."""
    reason = models.CharField(max_length=500)
    made_by = models.ForeignKey("identity.Person", on_delete=models.PROTECT, null=True, related_name="+")
    made_by_name = models.CharField(max_length=100)
    made_at = models.DateTimeField()
    undone_by_name = models.CharField(max_length=100, blank=True)
    undone_reason = models.CharField(max_length=500, blank=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(name="a_correction_says_why", condition=~Q(reason="")),
            models.CheckConstraint(
                name="a_correction_taken_back_says_by_whom_and_why",
                condition=Q(undone_at=None) | (~Q(undone_by_name="") & ~Q(undone_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"correction:{self.pk}"


class PatientMerge(models.Model):
    """That two rows of a facility are one person: asked for, made, taken back. The rows themselves stay."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    survivor = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="merges_kept")
    merged = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="merges_gone")
    state = models.CharField(max_length=12, default=MergeState.PROPOSED.value)
    needs_second = models.BooleanField()
    """Whether what contradicts between the two has to be looked at by another person."""
    codes = ArrayField(models.CharField(max_length=40), default=list)
    """What comparing the two showed, as it was on that day."""
    rules = models.CharField(max_length=20)
    reason = models.CharField(max_length=500)
    asked_by = models.ForeignKey("identity.Person", on_delete=models.PROTECT, null=True, related_name="+")
    asked_by_name = models.CharField(max_length=100)
    asked_at = models.DateTimeField()
    made_by = models.ForeignKey("identity.Person", on_delete=models.PROTECT, null=True, related_name="+")
    made_by_name = models.CharField(max_length=100, blank=True)
    made_at = models.DateTimeField(null=True)
    ended_by_name = models.CharField(max_length=100, blank=True)
    ended_reason = models.CharField(max_length=500, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                name="a_merge_is_in_a_known_state",
                condition=Q(state__in=[one.value for one in MergeState]),
            ),
            models.CheckConstraint(name="a_merge_is_of_two_patients", condition=~Q(survivor=F("merged"))),
            models.CheckConstraint(name="a_merge_says_why", condition=~Q(reason="")),
            models.CheckConstraint(
                name="a_made_merge_says_by_whom",
                condition=~Q(state__in=["made", "undone"]) | (~Q(made_by_name="") & Q(made_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="an_ended_merge_says_by_whom_and_why",
                condition=~Q(state__in=["declined", "undone"])
                | (~Q(ended_by_name="") & ~Q(ended_reason="") & Q(ended_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="a_contradicting_merge_is_made_by_a_second_person",
                condition=Q(needs_second=False) | Q(made_by=None) | ~Q(made_by=F("asked_by")),
            ),
            models.UniqueConstraint(
                fields=["merged"],
                condition=Q(state__in=["proposed", "made"]),
                name="a_patient_is_merged_once",
            ),
        ]

    def __str__(self) -> str:
        return f"patientmerge:{self.pk}"
