"""The table of moves."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from dokuei.imaging.moves.rules import MoveState


class StudyMove(models.Model):
    """That a study stands under another patient than its images say: asked for, made, taken back."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT, related_name="+")
    study = models.ForeignKey("imaging.Study", on_delete=models.PROTECT, related_name="moves")
    origin = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    """Under whom it was filed, which is what its images say."""
    target = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, default=MoveState.PROPOSED.value)
    needs_second = models.BooleanField()
    """Whether what contradicts between the two has to be looked at by another person."""
    codes = ArrayField(models.CharField(max_length=40), default=list)
    """What comparing the two showed, as it was on that day."""
    rules = models.CharField(max_length=20)
    reason = models.CharField(max_length=500)
    asked_by = models.ForeignKey("identity.Person", on_delete=models.PROTECT, null=True, related_name="+")
    asked_by_name = models.CharField(max_length=100)
    asked_at = models.DateTimeField()
    made_by = models.ForeignKey("identity.Person", on_delete=models.PROTECT, null=True, related_name="+")
    made_by_name = models.CharField(max_length=100, blank=True)
    made_at = models.DateTimeField(null=True)
    ended_by_name = models.CharField(max_length=100, blank=True)
    ended_reason = models.CharField(max_length=500, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "imaging"
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                name="a_move_is_in_a_known_state",
                condition=Q(state__in=[one.value for one in MoveState]),
            ),
            models.CheckConstraint(name="a_move_is_to_another_patient", condition=~Q(origin=F("target"))),
            models.CheckConstraint(name="a_move_says_why", condition=~Q(reason="")),
            models.CheckConstraint(
                name="a_made_move_says_by_whom",
                condition=~Q(state__in=["made", "undone"]) | (~Q(made_by_name="") & Q(made_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="an_ended_move_says_by_whom_and_why",
                condition=~Q(state__in=["declined", "undone"])
                | (~Q(ended_by_name="") & ~Q(ended_reason="") & Q(ended_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="a_contradicting_move_is_made_by_a_second_person",
                condition=Q(needs_second=False) | Q(made_by=None) | ~Q(made_by=F("asked_by")),
            ),
            models.UniqueConstraint(
                fields=["study"],
                condition=Q(state__in=["proposed", "made"]),
                name="a_study_is_moved_once",
            ),
        ]
