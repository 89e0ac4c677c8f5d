"""What was found damaged, and how far the scrub is."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q


class Damage(models.Model):
    """Bytes that are not what was kept; open until `repaired_at`."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    study = models.ForeignKey("imaging.Study", on_delete=models.PROTECT, related_name="damages")
    series = models.ForeignKey("imaging.Series", on_delete=models.PROTECT, related_name="+")
    instance = models.ForeignKey(
        "imaging.Instance", on_delete=models.PROTECT, null=True, related_name="damages"
    )
    """None if a pack of the series was damaged: its row is gone, it is made anew."""
    reason = models.CharField(max_length=40)
    store_key = models.CharField(max_length=200)
    store_offset = models.BigIntegerField(default=0)
    found_at = models.DateTimeField()
    repaired_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "imaging"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["instance"],
                condition=Q(repaired_at=None),
                name="an_instance_is_damaged_once_at_a_time",
            ),
            models.CheckConstraint(
                name="a_damage_has_a_known_reason",
                condition=Q(reason__in=["differs", "missing", "unreadable"]),
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["series"], condition=Q(repaired_at=None), name="imaging_damage_open"),
        ]

    def __str__(self) -> str:
        return f"damage:{self.pk}"


class Scrub(models.Model):
    """The one pass that is under way: what comes next, and when."""

    phase = models.CharField(max_length=12, default="instances")
    last_id = models.BigIntegerField(default=0)
    """The last row of this phase that was read back."""
    next_at = models.DateTimeField()
    began_at = models.DateTimeField(null=True)
    total = models.BigIntegerField(default=0)
    """Rows there were when the pass began; how large a slice is."""
    checked = models.BigIntegerField(default=0)
    damaged = models.BigIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    """When the last whole pass ended."""

    class Meta:
        app_label = "imaging"
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                name="a_scrub_is_in_a_known_phase", condition=Q(phase__in=["instances", "packs"])
            ),
        ]

    def __str__(self) -> str:
        return f"scrub:{self.pk}"
