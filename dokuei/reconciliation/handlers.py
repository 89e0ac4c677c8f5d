"""What the reconciliation does when a facility comes, and each night."""

from datetime import datetime

from dokuei.identity.access import system_actor
from dokuei.identity.events import FacilityCreated
from dokuei.reconciliation import rules, services
from dokuei.reconciliation.models import Night

NIGHTLY = system_actor("reconciliation")


def begin_nights(event: FacilityCreated, at: datetime) -> None:
    services.begin_nights(NIGHTLY, event.facility_id, at=at)


def on_night_due(night: Night, at: datetime) -> None:
    """Make the facility's certificate. If that fails the timer stays, and it is tried again."""
    services.make_certificate(NIGHTLY, night.facility_id, at=at)
    night.next_at = rules.next_night(at)
    night.save(update_fields=["next_at"])
