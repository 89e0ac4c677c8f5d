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


class LegalHold(models.Model):
    """Images of this study are not removed, whatever has been contracted, until the hold is ended."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT, related_name="+")
    study = models.ForeignKey("imaging.Study", on_delete=models.PROTECT, related_name="legal_holds")
    reason = models.CharField(max_length=200)
    by = models.CharField(max_length=80)
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "imaging"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["study"], condition=Q(ended_at=None), name="a_study_is_on_legal_hold_once"
            ),
            models.CheckConstraint(name="a_legal_hold_has_a_reason", condition=~Q(reason="")),
        ]


class Tombstone(models.Model):
    """An instance that was here and was removed; the same again is answered and noted, and does not come back."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT, related_name="+")
    study = models.ForeignKey("imaging.Study", on_delete=models.PROTECT, related_name="tombstones")
    sop_class_uid = models.CharField(max_length=64, blank=True)
    sop_instance_uid = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)
    reason = models.CharField(max_length=40)
    by = models.CharField(max_length=80)
    removed_at = models.DateTimeField()

    class Meta:
        app_label = "imaging"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["facility", "sop_instance_uid", "sha256"], name="an_instance_has_one_tombstone"
            ),
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["study"], name="imaging_tombstone_study")]


class Orphan(models.Model):
    """An object no row names, since when; after a day it is deleted."""

    key = models.CharField(max_length=200, unique=True)
    seen_at = models.DateTimeField()

    class Meta:
        app_label = "imaging"
