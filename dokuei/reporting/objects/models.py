"""Exports of signed versions, and the objects each is made of."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from dokuei.reporting.objects.rules import Kind, State


class Export(models.Model):
    """書き出し: the objects of one signed version on their way into the archive."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    report = models.ForeignKey("reporting.Report", on_delete=models.PROTECT, related_name="exports")
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=12, default=State.QUEUED)
    try_at = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
    why = models.CharField(max_length=60, blank=True)
    """The code of what went wrong last."""
    filed_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "reporting"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["report", "version"], name="a_version_is_exported_once"),
            models.CheckConstraint(
                name="an_export_is_in_a_known_state",
                condition=Q(state__in=[state.value for state in State]),
            ),
            models.CheckConstraint(
                name="an_export_is_tried_until_it_is_filed",
                condition=Q(state="filed", try_at__isnull=True, filed_at__isnull=False)
                | (~Q(state="filed") & Q(try_at__isnull=False)),
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["try_at"], name="reporting_export_due", condition=Q(try_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"export:{self.pk}"


class ExportedObject(models.Model):
    """One object of an export: its UIDs are here before it is written."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    export = models.ForeignKey(Export, on_delete=models.PROTECT, related_name="parts")
    kind = models.CharField(max_length=12)
    place = models.PositiveIntegerField()
    """Its number among those of its kind."""
    study = models.ForeignKey("imaging.Study", on_delete=models.PROTECT, related_name="+")
    series_instance_uid = models.CharField(max_length=64)
    sop_instance_uid = models.CharField(max_length=64, unique=True)

    class Meta:
        app_label = "reporting"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["export", "kind", "place"], name="an_exported_object_is_one"),
            models.CheckConstraint(
                name="an_exported_object_is_of_a_known_kind",
                condition=Q(kind__in=[kind.value for kind in Kind]),
            ),
        ]

    def __str__(self) -> str:
        return f"exported:{self.pk}"
