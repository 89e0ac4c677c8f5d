"""Which studies came because we asked for them."""

from typing import Any, ClassVar

from django.db import models


class FetchedStudy(models.Model):
    """A study that was fetched from the facility's archive as a prior; nobody asked for its being read."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    study_instance_uid = models.CharField(max_length=64)
    wanted_by = models.CharField(max_length=80)
    """For what it was fetched first, such as ``request:12``."""
    asked_at = models.DateTimeField()

    class Meta:
        app_label = "imaging"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["facility", "study_instance_uid"], name="a_fetched_study_is_marked_once"
            ),
        ]

    def __str__(self) -> str:
        return f"fetched_study:{self.pk}"
