"""Certificates, what became of them, explanations, and the timer of each facility."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from dokuei.reconciliation.rules import Kind


class Night(models.Model):
    """When a facility's next certificate is made."""

    facility = models.OneToOneField("identity.Facility", on_delete=models.PROTECT, related_name="+")
    next_at = models.DateTimeField(db_index=True)
    since = models.DateField()
    """The first day of which there should be one."""


class Certificate(models.Model):
    """What of a facility hung loose in one night. A trigger refuses every change."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    on = models.DateField()
    """The day it was made, by the calendar of Japan."""
    made_at = models.DateTimeField()
    body = models.JSONField()
    """Everything it says, hashed as canonical JSON."""
    loose_count = models.PositiveIntegerField()
    previous = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["facility", "on"], name="a_facility_has_one_certificate_a_day"),
        ]


class Handover(models.Model):
    """A certificate on its way to the facility, and who there took it."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    certificate = models.OneToOneField(Certificate, on_delete=models.PROTECT, related_name="handover")
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey("identity.Person", on_delete=models.PROTECT, null=True, related_name="+")
    sent_by_name = models.CharField(max_length=100)
    taken_at = models.DateTimeField(null=True)
    taken_by = models.ForeignKey("identity.Person", on_delete=models.PROTECT, null=True, related_name="+")
    taken_by_name = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                name="a_taken_certificate_says_by_whom",
                condition=Q(taken_at=None, taken_by_name="")
                | (Q(taken_at__isnull=False) & ~Q(taken_by_name="")),
            ),
        ]


class Explanation(models.Model):
    """Why a loose end may stay as it is, until it is taken back."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    kind = models.CharField(max_length=30)
    object_id = models.BigIntegerField()
    detail = models.CharField(max_length=500, blank=True)
    """What was said of the loose end then; once it says something else, this no longer explains it."""
    reason = models.CharField(max_length=500)
    by = models.ForeignKey("identity.Person", on_delete=models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(max_length=100)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by_name = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["facility", "kind", "object_id"],
                condition=Q(ended_at=None),
                name="a_loose_end_is_explained_once",
            ),
            models.CheckConstraint(name="an_explanation_says_why", condition=~Q(reason="")),
            models.CheckConstraint(
                name="an_explanation_is_of_a_known_kind",
                condition=Q(kind__in=[kind.value for kind in Kind]),
            ),
        ]
