"""Viewers elsewhere, and each time a study was opened in one."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from dokuei.imaging.viewers.rules import Encoding, State


class Viewer(models.Model):
    """A viewer an administrator named; of one facility, or of all. One taken away stays in the table."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT, null=True)
    name = models.CharField(max_length=80)
    template = models.TextField()
    encoding = models.CharField(max_length=8, default=Encoding.PERCENT)
    may_name_patient = models.BooleanField(default=False)
    revision = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField()
    author = models.ForeignKey("identity.Person", on_delete=models.PROTECT, null=True, related_name="+")
    removed_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "imaging"
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(name="a_viewer_has_a_revision", condition=Q(revision__gte=1)),
            models.CheckConstraint(
                name="a_viewer_encodes_in_a_known_way",
                condition=Q(encoding__in=[one.value for one in Encoding]),
            ),
        ]

    def __str__(self) -> str:
        return f"viewer:{self.pk}"


class ViewerLaunch(models.Model):
    """A study opened in a viewer by a person, for a reason such as ``reading:12``.

    `token_sha256` is of the secret that is good now: the one in the address, then the one each answer gave.
    """

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    viewer = models.ForeignKey(Viewer, on_delete=models.PROTECT, related_name="launches")
    study = models.ForeignKey("imaging.Study", on_delete=models.PROTECT, related_name="launches")
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=80)
    state = models.CharField(max_length=10, default=State.OPENED)
    revision = models.PositiveIntegerField(default=1)
    opened_at = models.DateTimeField()
    tells = models.BooleanField()
    """Whether it was given a secret to say with what it shows."""
    token_sha256 = models.CharField(max_length=64, null=True, unique=True)
    token_until = models.DateTimeField(null=True)
    shown_patient_id = models.CharField(max_length=64, blank=True)
    shown_study_uid = models.CharField(max_length=64, blank=True)
    differs = ArrayField(models.CharField(max_length=10), default=list)
    reported_at = models.DateTimeField(null=True)
    cleared_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "imaging"
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                name="a_launch_is_in_a_known_state", condition=Q(state__in=[one.value for one in State])
            ),
            models.CheckConstraint(
                name="a_launch_has_a_secret_and_its_end",
                condition=Q(token_sha256=None, token_until=None)
                | Q(token_sha256__isnull=False, token_until__isnull=False),
            ),
            models.CheckConstraint(
                name="a_launch_that_differs_says_in_what", condition=~Q(state="differs") | ~Q(differs=[])
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["person", "reason"], name="imaging_launch_of"),
        ]

    def __str__(self) -> str:
        return f"launch:{self.pk}"
