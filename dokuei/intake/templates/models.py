"""The table of templates."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q


class RequestTemplate(models.Model):
    """定型: what a facility's requests of one kind have in common."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)
    body = models.JSONField()
    """`body.TemplateBody`."""
    revision = models.PositiveIntegerField(default=1)
    """Counts changes; a change against an older revision is refused."""
    saved_at = models.DateTimeField()
    saved_by_name = models.CharField(max_length=100)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "intake"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["facility", "name"],
                condition=Q(removed_at=None),
                name="a_template_has_its_own_name",
            ),
        ]
