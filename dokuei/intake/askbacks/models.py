"""The table of ask-backs."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from dokuei.intake.askbacks.rules import KINDS, Addressee, State


class AskBack(models.Model):
    """照会: one question about a request, and what became of it. Question and answer never change once given."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    request = models.ForeignKey("intake.Request", on_delete=models.PROTECT, related_name="ask_backs")
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT)
    kind = models.CharField(max_length=20)
    field = models.CharField(max_length=40, blank=True)
    """The item of the request the question is about, as named in its content."""
    sentence = models.CharField(max_length=1000)
    options = models.JSONField(default=list)
    """Answers for one tap, word for word as they were offered."""
    addressee = models.CharField(max_length=12)
    state = models.CharField(max_length=12, default=State.ASKED)
    asked_by = models.ForeignKey("identity.Person", on_delete=models.PROTECT, null=True, related_name="+")
    asked_by_name = models.CharField(max_length=100)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    """The timer of the due time; empty when the ask-back is over."""
    remind_at = models.DateTimeField(null=True)
    reminded = models.PositiveSmallIntegerField(default=0)
    answer_option = models.CharField(max_length=200, blank=True)
    answer_text = models.CharField(max_length=1000, blank=True)
    ended_by = models.ForeignKey("identity.Person", on_delete=models.PROTECT, null=True, related_name="+")
    ended_by_name = models.CharField(max_length=100, blank=True)
    ended_at = models.DateTimeField(null=True)
    ended_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        app_label = "intake"
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                name="an_ask_back_is_in_a_known_state",
                condition=Q(state__in=[state.value for state in State]),
            ),
            models.CheckConstraint(
                name="an_ask_back_is_of_a_known_kind", condition=Q(kind__in=[kind.code for kind in KINDS])
            ),
            models.CheckConstraint(
                name="an_ask_back_has_a_known_addressee",
                condition=Q(addressee__in=[one.value for one in Addressee]),
            ),
            models.CheckConstraint(
                name="an_open_ask_back_expires_and_an_ended_one_has_ended",
                condition=Q(state="asked", expires_at__isnull=False, ended_at__isnull=True)
                | Q(expires_at__isnull=True, remind_at__isnull=True, ended_at__isnull=False)
                & ~Q(state="asked"),
            ),
            models.CheckConstraint(
                name="only_an_answered_ask_back_has_an_answer",
                condition=Q(state="answered") & (~Q(answer_option="") | ~Q(answer_text=""))
                | ~Q(state="answered") & Q(answer_option="", answer_text=""),
            ),
            models.CheckConstraint(
                name="an_ask_back_is_due_after_it_was_asked", condition=Q(due_at__gt=F("asked_at"))
            ),
            models.UniqueConstraint(
                fields=["request", "kind"],
                condition=Q(state="asked"),
                name="one_open_ask_back_of_a_kind_and_request",
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["facility", "state", "due_at"], name="intake_ask_back_list"),
            models.Index(
                fields=["expires_at"],
                condition=Q(expires_at__isnull=False),
                name="intake_ask_back_expiry",
            ),
            models.Index(
                fields=["remind_at"],
                condition=Q(remind_at__isnull=False),
                name="intake_ask_back_reminder",
            ),
        ]

    def __str__(self) -> str:
        return f"askback:{self.pk}"
