"""Hanging protocols shared by everybody; they name no patient and belong to no facility."""

from typing import Any, ClassVar

from django.db import models


class HangingProtocol(models.Model):
    """One protocol as a validated document (`dicom.hanging.Protocol`); a removed one stays in the table."""

    document = models.JSONField()
    revision = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField()
    author = models.ForeignKey("identity.Person", on_delete=models.PROTECT, null=True, related_name="+")
    removed_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "imaging"
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                name="a_hanging_protocol_has_a_revision", condition=models.Q(revision__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return f"hanging:{self.pk}"
