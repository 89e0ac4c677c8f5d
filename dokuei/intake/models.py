"""Requests, the studies they ask about, and their frozen versions."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from dokuei.intake.content import Urgency
from dokuei.intake.rules import State


class Request(models.Model):
    """読影依頼: one question about one patient's studies."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, null=True)
    state = models.CharField(max_length=12, default=State.DRAFT)
    urgency = models.CharField(max_length=20)
    content = models.JSONField()
    stated = models.JSONField(null=True)
    """`ordering.order.Stated`: what it says of patient and exam itself; empty where it was written for images."""
    revision = models.PositiveIntegerField(default=1)
    """Counts saved drafts; a save against an older revision is refused."""
    version = models.PositiveIntegerField(default=0)
    score = models.PositiveSmallIntegerField(null=True)
    created_by = models.ForeignKey("identity.Person", on_delete=models.PROTECT, null=True)
    created_by_name = models.CharField(max_length=100)
    created_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    ended_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                name="a_request_is_in_a_known_state",
                condition=Q(state__in=[state.value for state in State]),
            ),
            models.CheckConstraint(
                name="a_request_has_a_known_urgency",
                condition=Q(urgency__in=[urgency.value for urgency in Urgency]),
            ),
            models.CheckConstraint(
                name="a_sent_request_has_a_patient_and_a_version",
                condition=Q(state__in=["draft", "cancelled"])
                | Q(patient__isnull=False, version__gte=1, sent_at__isnull=False),
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["facility", "state", "-id"], name="intake_request_list"),
        ]


class RequestStudy(models.Model):
    """A study a live request asks about; the row goes when the request is cancelled or refused, or they are parted."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="request_studies")
    study = models.OneToOneField("imaging.Study", on_delete=models.PROTECT, related_name="asked_by")
    method = models.CharField(max_length=8, default="chosen")
    """`linking.rules.Method`: chosen in the form, linked by the rules, or by a person on the resolution screen."""
    evidence: Any = models.JSONField(default=list)
    """Permanent codes of what the comparison showed when it was linked."""
    rules = models.CharField(max_length=20, blank=True)
    linked_by_name = models.CharField(max_length=100, blank=True)
    linked_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                name="a_study_was_linked_in_a_known_way",
                condition=Q(method__in=["chosen", "rules", "person"]),
            ),
        ]


class RequestVersion(models.Model):
    """What was sent, word for word, and how complete it was by the rules of that day."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    stated = models.JSONField(null=True)
    completeness = models.JSONField()
    sent_at = models.DateTimeField()
    sent_by_name = models.CharField(max_length=100)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["request", "number"], name="a_request_version_has_its_own_number"
            ),
        ]


import dokuei.intake.askbacks.links.models  # noqa: E402  # Django finds their table here
import dokuei.intake.askbacks.models  # noqa: E402  # Django finds their tables here
import dokuei.intake.fhir.models  # noqa: E402  # Django finds their tables here
import dokuei.intake.hl7.models  # noqa: E402  # Django finds their tables here
import dokuei.intake.linking.models  # noqa: E402  # Django finds their tables here
import dokuei.intake.ordering.models  # noqa: E402  # Django finds its table here
import dokuei.intake.paper.models  # noqa: E402  # Django finds their tables here
import dokuei.intake.scoring.models  # noqa: E402  # Django finds its table here
import dokuei.intake.templates.models  # noqa: E402, F401  # Django finds its table here
