"""Which machine's order became which request."""

from typing import Any, ClassVar

from django.db import models


class PlacedOrder(models.Model):
    """An order under its sender's own key; the row stays, so that what is sent again is known again."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    request = models.OneToOneField("intake.Request", on_delete=models.PROTECT, related_name="placed_order")
    source = models.CharField(max_length=64)
    key = models.CharField(max_length=128)
    digest = models.CharField(max_length=64)
    """Of what was taken last; the same again changes nothing."""
    said_at = models.DateTimeField(null=True)
    taken_at = models.DateTimeField()

    class Meta:
        app_label = "intake"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["facility", "source", "key"], name="a_key_of_a_source_is_one_request_of_a_facility"
            ),
        ]

    def __str__(self) -> str:
        return f"placedorder:{self.pk}"
