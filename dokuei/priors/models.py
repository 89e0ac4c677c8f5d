"""Searches for priors, what archives named, and tables of relevance."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from dokuei.priors.elsewhere.rules import LinkState
from dokuei.priors.rules import Candidate, Search


class PriorSearch(models.Model):
    """What is done about the priors of one request."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    request = models.OneToOneField("intake.Request", on_delete=models.PROTECT, related_name="prior_search")
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, default=Search.LOCAL)
    rule = models.CharField(max_length=60)
    """Name of the table it went by."""
    begun_at = models.DateTimeField()
    ask_at = models.DateTimeField(null=True)
    """When to ask, or to look whether whoever asks still lives."""
    tries = models.PositiveSmallIntegerField(default=0)
    answered_at = models.DateTimeField(null=True)
    chosen_at = models.DateTimeField(null=True)
    """When it was decided what is wanted: not before the images of the exam itself are known."""
    silent = ArrayField(models.CharField(max_length=16), default=list)
    """Titles of archives that did not answer last time."""
    wait_until = models.DateTimeField(null=True)
    """Until when the reading waits; never, for an emergency."""

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                name="a_prior_search_is_in_a_known_state",
                condition=Q(state__in=[one.value for one in Search]),
            ),
            models.CheckConstraint(
                name="a_search_that_asks_will_be_looked_at",
                condition=~Q(state="asking") | Q(ask_at__isnull=False),
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["ask_at"], condition=Q(ask_at__isnull=False), name="priors_search_due"),
            models.Index(
                fields=["wait_until"], condition=Q(wait_until__isnull=False), name="priors_wait_due"
            ),
            models.Index(fields=["patient"], name="priors_search_patient"),
        ]

    def __str__(self) -> str:
        return f"prior_search:{self.pk}"


class PriorCandidate(models.Model):
    """A study the facility's archive names when it is asked for the patient."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    search = models.ForeignKey(PriorSearch, on_delete=models.PROTECT, related_name="candidates")
    study_instance_uid = models.CharField(max_length=64)
    archive = models.CharField(max_length=16)
    study_on = models.DateField(null=True)
    modalities = ArrayField(models.CharField(max_length=16), default=list)
    description = models.CharField(max_length=200, blank=True)
    body_part = models.CharField(max_length=64, blank=True)
    instance_count = models.PositiveIntegerField(null=True)
    state = models.CharField(max_length=12)
    why = models.CharField(max_length=40, blank=True)
    """Why it failed or rests, or what contradicts."""
    tries = models.PositiveSmallIntegerField(default=0)
    try_at = models.DateTimeField(null=True)
    """When to fetch, to look whether it is listed, or whether whoever fetches still lives."""
    sent_at = models.DateTimeField(null=True)
    """When the archive said that it had sent it."""
    sent_count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["search", "study_instance_uid"], name="a_prior_is_one_candidate_of_a_search"
            ),
            models.CheckConstraint(
                name="a_prior_candidate_is_in_a_known_state",
                condition=Q(state__in=[one.value for one in Candidate]),
            ),
            models.CheckConstraint(
                name="a_prior_under_way_will_be_looked_at",
                condition=~Q(state__in=["wanted", "fetching"]) | Q(try_at__isnull=False),
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["try_at"], condition=Q(try_at__isnull=False), name="priors_fetch_due"),
            models.Index(fields=["facility", "study_instance_uid"], name="priors_candidate_uid"),
        ]

    def __str__(self) -> str:
        return f"prior_candidate:{self.pk}"


class PriorTable(models.Model):
    """What makes a prior relevant in one facility, from one day on. Rows are only added."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    number = models.PositiveIntegerField()
    effective_from = models.DateField()
    body = models.JSONField()
    reason = models.CharField(max_length=500)
    made_by_name = models.CharField(max_length=100)
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["facility", "number"], name="a_prior_table_has_its_own_number_in_its_facility"
            ),
            models.CheckConstraint(name="a_prior_table_says_why", condition=~Q(reason="")),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["facility", "-effective_from", "-number"], name="priors_tables"),
        ]


class SharingChoice(models.Model):
    """Whether a facility takes part in showing priors across facilities; the newest row counts, none means no."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT, related_name="+")
    is_on = models.BooleanField()
    reason = models.CharField(max_length=500)
    decided_by = models.ForeignKey("identity.Person", on_delete=models.PROTECT, null=True, related_name="+")
    decided_by_name = models.CharField(max_length=100)
    decided_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(name="a_choice_of_sharing_says_why", condition=~Q(reason="")),
        ]


class PatientLink(models.Model):
    """That a patient here and one at another facility are one person, said by a person on a legal basis."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT, related_name="+")
    """Whose readings see the other's studies; never the other way."""
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    other_facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT, related_name="+")
    other_patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    request = models.ForeignKey("intake.Request", on_delete=models.PROTECT, null=True, related_name="+")
    """If set, the only request it holds for."""
    state = models.CharField(max_length=12, default=LinkState.CONFIRMED.value)
    basis = models.CharField(max_length=12)
    consented_on = models.DateField(null=True)
    consent_by = models.CharField(max_length=100, blank=True)
    reason = models.CharField(max_length=500)
    confidence = models.CharField(max_length=8)
    codes = ArrayField(models.CharField(max_length=40), default=list)
    rules = models.CharField(max_length=20)
    confirmed_by = models.ForeignKey("identity.Person", on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_by_name = models.CharField(max_length=100)
    confirmed_at = models.DateTimeField()
    revoked_by_name = models.CharField(max_length=100, blank=True)
    revoked_reason = models.CharField(max_length=500, blank=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                name="a_link_is_in_a_known_state", condition=Q(state__in=[one.value for one in LinkState])
            ),
            models.CheckConstraint(
                name="a_link_has_a_legal_basis",
                condition=Q(basis="contract")
                | Q(basis="consent", consented_on__isnull=False) & ~Q(consent_by="")
                | Q(basis="emergency", request__isnull=False),
            ),
            models.CheckConstraint(name="a_link_says_why", condition=~Q(reason="")),
            models.CheckConstraint(
                name="a_link_is_between_two_facilities", condition=~Q(facility=F("other_facility"))
            ),
            models.CheckConstraint(
                name="a_revoked_link_says_by_whom_and_why",
                condition=~Q(state="revoked")
                | (~Q(revoked_by_name="") & ~Q(revoked_reason="") & Q(revoked_at__isnull=False)),
            ),
            models.UniqueConstraint(
                fields=["patient", "other_patient", "request"],
                condition=Q(state="confirmed"),
                nulls_distinct=False,
                name="two_patients_are_linked_once",
            ),
        ]
