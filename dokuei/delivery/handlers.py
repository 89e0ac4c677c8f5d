"""What delivery does when a report is signed, and when a delivery falls due."""

from datetime import datetime

from dokuei.delivery import services
from dokuei.delivery.models import Delivery
from dokuei.identity.access import system_actor
from dokuei.reporting.events import ReportSigned

DELIVERY = system_actor("delivery")


def queue_signed(event: ReportSigned, at: datetime) -> None:
    services.queue_delivery(DELIVERY, event.report_id, event.version, at=at)


def on_delivery_due(delivery: Delivery, at: datetime) -> None:
    services.deliver(DELIVERY, delivery, at=at)
