"""What was acknowledged and is not listed."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Unlisted(models.Model):
    """An acknowledged instance that could not be listed, and where its bytes lie; open until `listed_at`.

    With what its record says of it, so that it can be tried again without looking through the segment.
    """

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT, related_name="+")
    sop_instance_uid = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)
    store_key = models.CharField(max_length=200)
    store_offset = models.BigIntegerField()
    store_length = models.BigIntegerField()
    sent_by = models.CharField(max_length=200)
    kept_at = models.DateTimeField()
    notes = ArrayField(models.CharField(max_length=40), default=list)
    code = models.CharField(max_length=40)
    at = models.DateTimeField()
    """When it could not be listed for the first time."""
    tries = models.PositiveIntegerField(default=1)
    tried_at = models.DateTimeField()
    retry_at = models.DateTimeField()
    listed_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "imaging"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["facility", "sop_instance_uid", "sha256"],
                condition=Q(listed_at=None),
                name="an_instance_is_unlisted_once",
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["retry_at"], condition=Q(listed_at=None), name="imaging_unlisted_retry"),
        ]

    def __str__(self) -> str:
        return f"unlisted:{self.pk}"
