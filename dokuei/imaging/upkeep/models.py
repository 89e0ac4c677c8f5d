"""What a facility has contracted, and what it uses of it."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q


class Terms(models.Model):
    """How much a facility may keep here, and for how long; without a row there is no limit."""

    facility = models.OneToOneField("identity.Facility", on_delete=models.PROTECT, related_name="+")
    quota_bytes = models.BigIntegerField(null=True)
    """None: as much as fits."""
    retention_days = models.PositiveIntegerField(null=True)
    """None: for ever."""
    changed_at = models.DateTimeField()

    class Meta:
        app_label = "imaging"
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                name="terms_are_sensible",
                condition=(Q(quota_bytes=None) | Q(quota_bytes__gte=0))
                & (Q(retention_days=None) | Q(retention_days__gte=1)),
            ),
        ]


class StoredBytes(models.Model):
    """A change of what a facility has listed; their sum is what it uses.

    Rows are only added, so that two who list at the same time never wait for each other; from time to time they are
    summed up into one.
    """

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT, related_name="+")
    size_bytes = models.BigIntegerField()
    instances = models.BigIntegerField()

    class Meta:
        app_label = "imaging"


class Upkeep(models.Model):
    """Work that comes round: summing up, retention, sweeping."""

    name = models.CharField(max_length=20, primary_key=True)
    next_at = models.DateTimeField()

    class Meta:
        app_label = "imaging"
