"""What was sent by FHIR, as it came."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from dokuei.intake.fhir.rules import State


class FhirSubmission(models.Model):
    """One body of a POST or PUT, and what became of it."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT, related_name="+")
    sender = models.CharField(max_length=100)
    """The machine's token by name."""
    act = models.CharField(max_length=200)
    """Method and place: ``PUT ServiceRequest/12``."""
    raw = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    keys = ArrayField(models.CharField(max_length=128), default=list)
    """Of the orders in it, as far as they could be read."""
    state = models.CharField(max_length=12)
    code = models.CharField(max_length=60, blank=True)
    sentence = models.CharField(max_length=500, blank=True)
    results = models.JSONField(default=list)
    """[request id, what happened] of each order in it."""
    received_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=100, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        app_label = "intake"
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                name="a_submission_is_in_a_known_state",
                condition=Q(state__in=[state.value for state in State]),
            ),
            models.CheckConstraint(
                name="a_submission_that_was_not_taken_says_why", condition=Q(state="taken") ^ ~Q(code="")
            ),
            models.CheckConstraint(
                name="a_dismissed_submission_says_why_and_by_whom",
                condition=~Q(state="dismissed") | (~Q(reason="") & ~Q(ended_by="")),
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(
                fields=["facility", "-id"], condition=Q(state="refused"), name="intake_fhir_refused"
            ),
            GinIndex(fields=["keys"], condition=Q(state="refused"), name="intake_fhir_refused_keys"),
        ]

    def __str__(self) -> str:
        return f"fhirsubmission:{self.pk}"
