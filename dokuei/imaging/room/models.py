"""How much room there is, as last looked at."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q


class StoreRoom(models.Model):
    """The one row about the store, which belongs to no facility."""

    level = models.CharField(max_length=12, default="enough")
    since = models.DateTimeField()
    """When the level was reached."""
    free_bytes = models.BigIntegerField(null=True)
    """None of a store that does not say."""
    is_writable = models.BooleanField(default=True)
    looked_at = models.DateTimeField()

    class Meta:
        app_label = "imaging"
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                name="a_store_is_at_a_known_level", condition=Q(level__in=["enough", "low", "refusing"])
            ),
            models.CheckConstraint(name="there_is_one_store", condition=Q(id=1)),
        ]

    def __str__(self) -> str:
        return f"store:{self.level}"
