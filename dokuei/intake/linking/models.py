"""Cases of requests and images, and what people decided about them."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from dokuei.intake.linking.rules import CaseState, Ruling


class LinkCase(models.Model):
    """照合: one request and its images. Open while a person is needed."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    request = models.OneToOneField("intake.Request", on_delete=models.PROTECT, related_name="link_case")
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT)
    state = models.CharField(max_length=8, default=CaseState.OPEN)
    is_held = models.BooleanField(default=False)
    """Whether something contradicts and nobody has accepted it: the reading is held."""
    findings: Any = models.JSONField(default=list)
    """`rules.Finding` of the last look."""
    rules = models.CharField(max_length=20)
    revision = models.PositiveIntegerField(default=1)
    """Counts what changed; an act against an older one is refused."""
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "intake"
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                name="a_case_is_in_a_known_state",
                condition=Q(state__in=[state.value for state in CaseState]),
            ),
            models.CheckConstraint(
                name="an_open_case_has_findings_and_a_closed_one_an_end",
                condition=Q(state="open", closed_at__isnull=True) & ~Q(findings=[])
                | Q(state="closed", closed_at__isnull=False, is_held=False, findings=[]),
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(
                fields=["facility", "opened_at"], name="intake_case_open", condition=Q(state="open")
            ),
            models.Index(
                fields=["facility", "-closed_at"], name="intake_case_closed", condition=Q(state="closed")
            ),
        ]

    def __str__(self) -> str:
        return f"linkcase:{self.pk}"


class PairDecision(models.Model):
    """What a person decided about a request and a study; taken back by `undone_at`, never deleted."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    request = models.ForeignKey("intake.Request", on_delete=models.PROTECT, related_name="pair_decisions")
    study = models.ForeignKey("imaging.Study", on_delete=models.PROTECT, null=True, related_name="+")
    """None: about the statement and what is held of the patient."""
    ruling = models.CharField(max_length=8)
    codes: Any = models.JSONField(default=list)
    """What contradicted and was accepted."""
    reason = models.CharField(max_length=500, blank=True)
    made_by = models.ForeignKey("identity.Person", on_delete=models.PROTECT, null=True, related_name="+")
    made_by_name = models.CharField(max_length=100)
    made_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    undone_by_name = models.CharField(max_length=100, blank=True)

    class Meta:
        app_label = "intake"
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                name="a_pair_is_ruled_in_a_known_way",
                condition=Q(ruling__in=[one.value for one in Ruling]),
            ),
        ]
