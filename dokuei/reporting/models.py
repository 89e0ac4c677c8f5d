"""Reports and their versions."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from dokuei.reporting.rules import State


class Report(models.Model):
    """報告: the answer to one reading. The draft lives here, signed text in its versions."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    reading = models.OneToOneField("worklist.Reading", on_delete=models.PROTECT, related_name="report")
    request = models.OneToOneField("intake.Request", on_delete=models.PROTECT, related_name="report")
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT)
    state = models.CharField(max_length=12, default=State.DRAFT)
    findings = models.TextField(blank=True)
    impression = models.TextField(blank=True)
    revision = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField()
    author = models.ForeignKey("identity.Person", on_delete=models.PROTECT, null=True)
    figures_revision = models.PositiveIntegerField(default=0)
    """Counts every change of the key images; signing names the one that was on the screen."""
    figures_meant: Any = models.JSONField(null=True)
    """What the text's figure numbers stood for before figures were removed or moved: the numbers, and the figures."""

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                name="a_report_is_in_a_known_state",
                condition=Q(state__in=[state.value for state in State]),
            ),
        ]


class ReportVersion(models.Model):
    """What was signed. A trigger refuses every change."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, default="original")
    body = models.JSONField()
    """Everything the PDF shows: request, patient, findings, impression, overrides; hashed as canonical JSON."""
    signed_by = models.ForeignKey("identity.Person", on_delete=models.PROTECT)
    signed_by_name = models.CharField(max_length=100)
    signed_at = models.DateTimeField()
    previous = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["report", "number"], name="a_report_version_has_its_own_number"),
        ]


import dokuei.reporting.figures.models  # noqa: E402
import dokuei.reporting.objects.models  # noqa: E402, F401  # Django finds their tables here
