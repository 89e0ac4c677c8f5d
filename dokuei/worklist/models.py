"""Readings and the rows that start and stop their clock."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from dokuei.worklist.rules import OPEN, URGENCIES, State


class Reading(models.Model):
    """読影: one act of reading. Its studies are those of its request."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    request = models.OneToOneField("intake.Request", on_delete=models.PROTECT, related_name="reading")
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT)
    state = models.CharField(max_length=12, default=State.PENDING)
    urgency = models.CharField(max_length=20)
    modality = models.CharField(max_length=16)
    body_part = models.CharField(max_length=200, blank=True)
    waits_for = models.JSONField(default=list)
    clock_started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    warned = models.PositiveSmallIntegerField(default=0)
    next_warning_at = models.DateTimeField(null=True)
    reader = models.ForeignKey("identity.Person", on_delete=models.PROTECT, null=True)
    claimed_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                name="a_reading_is_in_a_known_state",
                condition=Q(state__in=[state.value for state in State]),
            ),
            models.CheckConstraint(
                name="a_reading_has_a_known_urgency",
                condition=Q(urgency__in=URGENCIES),
            ),
            models.CheckConstraint(
                name="a_claimed_reading_has_a_reader_and_a_lease",
                condition=~Q(state="claimed")
                | Q(reader__isnull=False, claimed_at__isnull=False, lease_until__isnull=False),
            ),
            models.CheckConstraint(
                name="a_reading_nobody_holds_has_no_reader",
                condition=Q(state__in=["claimed", "read"]) | Q(reader__isnull=True, lease_until__isnull=True),
            ),
            models.CheckConstraint(
                name="a_pending_reading_says_what_it_waits_for",
                condition=~Q(state="pending") | ~Q(waits_for=[]),
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(
                fields=["due_at", "id"],
                name="worklist_open",
                condition=Q(state__in=[state.value for state in OPEN]),
            ),
            models.Index(
                fields=["next_warning_at"],
                name="worklist_warning_due",
                condition=Q(next_warning_at__isnull=False),
            ),
            models.Index(
                fields=["lease_until"],
                name="worklist_lease_due",
                condition=Q(lease_until__isnull=False),
            ),
        ]


class ClockMark(models.Model):
    """A start or stop of a reading's clock, so that gross and net time can be computed again."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    reading = models.ForeignKey(Reading, on_delete=models.PROTECT, related_name="clock_marks")
    at = models.DateTimeField()
    is_start = models.BooleanField()
    reason = models.CharField(max_length=40)
