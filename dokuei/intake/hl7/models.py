"""Who may send by HL7 v2, and every message as it came."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from dokuei.hl7.charset import TextEncoding
from dokuei.intake.hl7.rules import State


class Hl7Connection(models.Model):
    """A system of a facility that may send orders, told by its address and the application it names (MSH-3)."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT, related_name="+")
    name = models.SlugField(max_length=40, unique=True)
    peer_host = models.GenericIPAddressField()
    application = models.CharField(max_length=180, blank=True)
    """MSH-3; empty: whatever it names."""
    encoding = models.CharField(max_length=16)
    accession = models.CharField(max_length=8, default="message")
    """Where its accession number stands: named as such in the message, or the placer's or the filler's number."""
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "intake"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["peer_host", "application"],
                condition=Q(removed_at=None),
                name="an_address_and_application_is_one_connection",
            ),
            models.CheckConstraint(
                name="a_connection_has_a_known_encoding",
                condition=Q(encoding__in=[one.value for one in TextEncoding]),
            ),
            models.CheckConstraint(
                name="a_connection_says_where_its_accession_number_stands",
                condition=Q(accession__in=["message", "placer", "filler"]),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Hl7Message(models.Model):
    """電文: the bytes that came, and what became of them."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT, related_name="+")
    connection = models.ForeignKey(Hl7Connection, on_delete=models.PROTECT, related_name="messages")
    raw = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    kind = models.CharField(max_length=20, blank=True)
    control_id = models.CharField(max_length=199, blank=True)
    state = models.CharField(max_length=12, default=State.KEPT)
    code = models.CharField(max_length=60, blank=True)
    """Of what is wrong with it."""
    sentence = models.CharField(max_length=500, blank=True)
    results = models.JSONField(default=list)
    """[request id, what happened] of each order in it."""
    received_at = models.DateTimeField()
    repeats = models.PositiveIntegerField(default=0)
    """How often the very same came again."""
    tried_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=100, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        app_label = "intake"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["connection", "sha256"], name="a_message_is_kept_once"),
            models.CheckConstraint(
                name="a_message_is_in_a_known_state",
                condition=Q(state__in=[state.value for state in State]),
            ),
            models.CheckConstraint(
                name="a_quarantined_message_says_why", condition=~Q(state="quarantined") | ~Q(code="")
            ),
            models.CheckConstraint(
                name="a_dismissed_message_says_why_and_by_whom",
                condition=~Q(state="dismissed") | (~Q(reason="") & ~Q(ended_by="")),
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(
                fields=["facility", "-id"],
                condition=Q(state="quarantined"),
                name="intake_hl7_quarantine",
            ),
        ]

    def __str__(self) -> str:
        return f"hl7message:{self.pk}"
