"""Which instances are our own."""

from typing import Any, ClassVar

from django.db import models


class Made(models.Model):
    """An instance we promised to write into a study, and whether it is listed there."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    study = models.ForeignKey("imaging.Study", on_delete=models.PROTECT, related_name="made")
    series_instance_uid = models.CharField(max_length=64)
    sop_instance_uid = models.CharField(max_length=64)
    instance = models.OneToOneField(
        "imaging.Instance", on_delete=models.SET_NULL, null=True, related_name="made"
    )
    """None until it is listed, and again when retention removed it."""
    promised_at = models.DateTimeField()

    class Meta:
        app_label = "imaging"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["facility", "sop_instance_uid"], name="an_own_object_is_promised_once"
            ),
        ]

    def __str__(self) -> str:
        return f"made:{self.pk}"
