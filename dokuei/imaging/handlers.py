"""What the archive does when a timer is reached."""

from datetime import datetime

from dokuei.identity.access import system_actor
from dokuei.imaging import services
from dokuei.imaging.models import Study

ARCHIVE = system_actor("imaging")


def on_settle_due(study: Study, at: datetime) -> None:
    """Nothing came for the set time."""
    services.settle_study(ARCHIVE, study.pk, at=at)
