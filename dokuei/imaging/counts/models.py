"""What is to be asked of a facility's archive, and when."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q


class ArchiveQuestion(models.Model):
    """How many instances the facility's archive has of a study."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    study = models.OneToOneField("imaging.Study", on_delete=models.PROTECT, related_name="archive_question")
    ask_at = models.DateTimeField(null=True)
    """When to look whether it is time to ask; never, once there is nothing to find out."""
    tries = models.PositiveSmallIntegerField(default=0)
    """Since the last answer."""
    answered_at = models.DateTimeField(null=True)
    """When the question that was last answered was asked."""

    class Meta:
        app_label = "imaging"
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["ask_at"], condition=Q(ask_at__isnull=False), name="imaging_question_due")
        ]

    def __str__(self) -> str:
        return f"archive_question:{self.pk}"
