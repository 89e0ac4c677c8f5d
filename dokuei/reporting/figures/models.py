"""Marks of a reading, and the key images of its report."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q


class Marks(models.Model):
    """What the reader of a reading drew on its images, and which of it stands in the text."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    report = models.OneToOneField("reporting.Report", on_delete=models.PROTECT, related_name="marks")
    revision = models.PositiveIntegerField(default=0)
    marks: Any = models.JSONField(default=list)
    links: Any = models.JSONField(default=list)
    saved_at = models.DateTimeField()
    author = models.ForeignKey("identity.Person", on_delete=models.PROTECT, null=True)

    class Meta:
        app_label = "reporting"

    def __str__(self) -> str:
        return f"marks:{self.pk}"


class Figure(models.Model):
    """キー画像: one picture of a report. Its number is its place among those of the report."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    report = models.ForeignKey("reporting.Report", on_delete=models.PROTECT, related_name="figures")
    key = models.CharField(max_length=64)
    """The browser's own name for it, so that a repeated request stores it once."""
    place = models.PositiveIntegerField()
    caption = models.CharField(max_length=200, blank=True)
    recipe: Any = models.JSONField()
    facts: Any = models.JSONField()
    """What the hub says of the frame: study, series, numbers, whether it is lossy, where the picture lies."""
    picture_key = models.CharField(max_length=200)
    picture_bytes = models.PositiveIntegerField()
    picture_sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    class Meta:
        app_label = "reporting"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["report", "key"], name="a_key_image_is_stored_once"),
            models.UniqueConstraint(
                fields=["report", "place"],
                name="a_key_image_has_its_own_place",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                name="a_key_image_has_its_picture",
                condition=~Q(picture_key="") & Q(picture_bytes__gt=0) & ~Q(picture_sha256=""),
            ),
        ]

    def __str__(self) -> str:
        return f"figure:{self.pk}"
