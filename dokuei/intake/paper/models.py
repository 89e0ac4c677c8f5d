"""Papers, the files they came as, and what each person wrote down of them."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from dokuei.intake.paper.rules import HELD, PaperState


class Paper(models.Model):
    """紙の依頼: one request slip, from the moment it came until it is a request or sent back."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, default=PaperState.RECEIVED)
    source = models.CharField(max_length=8)
    is_emergency = models.BooleanField(default=False)
    """Whoever handed it in says so; it stands first in the list."""
    note = models.CharField(max_length=500, blank=True)
    received_at = models.DateTimeField()
    received_by = models.CharField(max_length=100)
    pages = models.PositiveIntegerField(default=0)
    study = models.ForeignKey("imaging.Study", on_delete=models.PROTECT, null=True, related_name="+")
    """Of a slip that came as images: the study it came with, as a hint for matching."""
    fields: Any = models.JSONField(default=dict)
    """What is being written, by `fields.FIELDS`; a draft of whoever holds it."""
    confirmed: Any = models.JSONField(default=list)
    """What the second person has ticked so far."""
    revision = models.PositiveIntegerField(default=1)
    held_by = models.ForeignKey("identity.Person", on_delete=models.PROTECT, null=True, related_name="+")
    held_by_name = models.CharField(max_length=100, blank=True)
    held_until = models.DateTimeField(null=True)
    transcribed_by = models.ForeignKey(
        "identity.Person", on_delete=models.PROTECT, null=True, related_name="+"
    )
    transcribed_by_name = models.CharField(max_length=100, blank=True)
    transcribed_at = models.DateTimeField(null=True)
    checked_by = models.ForeignKey("identity.Person", on_delete=models.PROTECT, null=True, related_name="+")
    checked_by_name = models.CharField(max_length=100, blank=True)
    checked_at = models.DateTimeField(null=True)
    request = models.ForeignKey("intake.Request", on_delete=models.PROTECT, null=True, related_name="papers")
    reason = models.CharField(max_length=500, blank=True)
    ended_by_name = models.CharField(max_length=100, blank=True)
    state_at = models.DateTimeField()
    """Since when it has been in its state."""

    class Meta:
        app_label = "intake"
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                name="a_paper_is_in_a_known_state", condition=Q(state__in=[one.value for one in PaperState])
            ),
            models.CheckConstraint(
                name="a_paper_came_in_a_known_way", condition=Q(source__in=["upload", "folder", "dicom"])
            ),
            models.CheckConstraint(
                name="nobody_checks_what_they_transcribed",
                condition=Q(checked_by=None) | Q(transcribed_by=None) | ~Q(checked_by=F("transcribed_by")),
            ),
            models.CheckConstraint(
                name="a_held_paper_has_a_holder_and_an_end",
                condition=Q(state__in=sorted(HELD), held_by__isnull=False, held_until__isnull=False)
                | (~Q(state__in=sorted(HELD)) & Q(held_by=None, held_until=None)),
            ),
            models.CheckConstraint(
                name="a_paper_to_check_was_transcribed",
                condition=~Q(state__in=["to_check", "checking"]) | Q(transcribed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="a_done_paper_was_checked_and_is_a_request",
                condition=~Q(state="done") | Q(checked_by__isnull=False, request__isnull=False),
            ),
            models.CheckConstraint(
                name="a_duplicate_paper_names_its_request",
                condition=~Q(state="duplicate") | Q(request__isnull=False),
            ),
            models.CheckConstraint(
                name="a_paper_that_was_put_away_says_why",
                condition=~Q(state__in=["returned", "rejected", "duplicate"]) | ~Q(reason=""),
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["facility", "state", "-id"], name="intake_paper_list"),
        ]

    def __str__(self) -> str:
        return f"paper:{self.pk}"


class PaperFile(models.Model):
    """A file as it came, byte for byte; the row and the bytes never change."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT, related_name="+")
    paper = models.ForeignKey(Paper, on_delete=models.PROTECT, related_name="files")
    number = models.PositiveSmallIntegerField()
    sha256 = models.CharField(max_length=64)
    kind = models.CharField(max_length=8)
    """By its content: pdf, png, jpeg, tiff."""
    name = models.CharField(max_length=200)
    size_bytes = models.PositiveIntegerField()
    store_key = models.CharField(max_length=200)
    pages = models.PositiveSmallIntegerField()
    """As many as can be shown; none where it cannot be."""
    problem = models.CharField(max_length=200, blank=True)
    """Why it cannot be shown."""

    class Meta:
        app_label = "intake"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["facility", "sha256"], name="a_file_is_one_paper_of_a_facility"),
            models.UniqueConstraint(fields=["paper", "number"], name="a_file_has_its_place_in_a_paper"),
            models.CheckConstraint(
                name="a_file_without_pages_says_why", condition=Q(pages__gt=0) | ~Q(problem="")
            ),
        ]

    def __str__(self) -> str:
        return f"paperfile:{self.pk}"


class PaperVersion(models.Model):
    """What one person wrote down, frozen when it left their hands."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT, related_name="+")
    paper = models.ForeignKey(Paper, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12)
    """transcribed or checked."""
    fields: Any = models.JSONField()
    by = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=100)
    at = models.DateTimeField()

    class Meta:
        app_label = "intake"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["paper", "number"], name="a_version_of_a_paper_has_its_own_number"
            ),
            models.CheckConstraint(
                name="a_version_of_a_paper_is_of_a_known_kind",
                condition=Q(kind__in=["transcribed", "checked"]),
            ),
        ]

    def __str__(self) -> str:
        return f"paperversion:{self.pk}"
