"""Deliveries per version and channel, confirmations per version and addressee."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from dokuei.delivery.rules import Addressee, Seen, State


class Delivery(models.Model):
    """配信: one version on its way through one channel."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    report = models.ForeignKey("reporting.Report", on_delete=models.PROTECT, related_name="deliveries")
    version = models.PositiveIntegerField()
    channel = models.CharField(max_length=20, default="portal")
    state = models.CharField(max_length=12, default=State.QUEUED)
    try_at = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
    delivered_at = models.DateTimeField(null=True)
    document_key = models.CharField(max_length=200, blank=True)
    document_bytes = models.PositiveIntegerField(null=True)
    document_sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["report", "version", "channel"],
                name="a_version_is_delivered_once_per_channel",
            ),
            models.CheckConstraint(
                name="a_delivery_is_in_a_known_state",
                condition=Q(state__in=[state.value for state in State]),
            ),
            models.CheckConstraint(
                name="a_queued_delivery_will_be_tried",
                condition=~Q(state="queued") | Q(try_at__isnull=False),
            ),
            models.CheckConstraint(
                name="a_delivered_report_has_its_document",
                condition=~Q(state="delivered") | (Q(delivered_at__isnull=False) & ~Q(document_sha256="")),
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["try_at"], name="delivery_due", condition=Q(try_at__isnull=False)),
        ]


class Confirmation(models.Model):
    """確認: how far one addressee is with one version."""

    facility = models.ForeignKey("identity.Facility", on_delete=models.PROTECT)
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="confirmations")
    kind = models.CharField(max_length=12)
    person = models.ForeignKey("identity.Person", on_delete=models.PROTECT, null=True)
    """The one person addressed; null where any requester of the facility may answer."""
    addressee = models.CharField(max_length=120)
    state = models.CharField(max_length=12, default=Seen.UNDELIVERED)
    opened_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.CharField(max_length=100, blank=True)
    acted_at = models.DateTimeField(null=True)
    action = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["delivery", "kind"], name="an_addressee_confirms_a_version_once"),
            models.CheckConstraint(
                name="a_confirmation_is_in_a_known_state",
                condition=Q(state__in=[state.value for state in Seen]),
            ),
            models.CheckConstraint(
                name="a_confirmation_is_of_a_known_kind",
                condition=Q(kind__in=[kind.value for kind in Addressee]),
            ),
        ]
