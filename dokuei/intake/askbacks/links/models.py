"""The table of mails and their links."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from dokuei.intake.askbacks.links.rules import LinkState


class AskBackLink(models.Model):
    """One mail to one person about one ask-back, with a link for one answer. Only the link's hash is kept."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT, related_name="+")
    ask_back = models.ForeignKey("intake.AskBack", on_delete=models.PROTECT, related_name="links")
    person = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+")
    nudge = models.PositiveSmallIntegerField(default=0)
    """0 for the first mail, then how often the person was reminded."""
    state = models.CharField(max_length=12, default=LinkState.PLANNED)
    secret_sha256 = models.CharField(max_length=64, unique=True, null=True)
    """Empty where nobody could be told whose exam it is, so the mail only asks to sign in."""
    planned_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    wrong = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=60, blank=True)
    """Permanent code of why it could not be sent."""

    class Meta:
        app_label = "intake"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["ask_back", "person", "nudge"], name="a_person_is_told_of_an_ask_back_once_at_a_time"
            ),
            models.CheckConstraint(
                name="an_answer_link_is_in_a_known_state",
                condition=Q(state__in=[state.value for state in LinkState]),
            ),
            models.CheckConstraint(
                name="only_a_used_link_has_answered", condition=Q(state="used") ^ Q(used_at__isnull=True)
            ),
            models.CheckConstraint(
                name="a_mail_that_failed_says_why", condition=Q(state="failed") ^ Q(reason="")
            ),
        ]

    def __str__(self) -> str:
        return f"askbacklink:{self.pk}"
