"""What the archive does when a timer is reached."""

from datetime import datetime

from dokuei.identity.access import system_actor
from dokuei.imaging import services
from dokuei.imaging.dicomweb.metadata import store_metadata
from dokuei.imaging.events import StudyCompleted, StudySettled
from dokuei.imaging.models import Study
from dokuei.imaging.packs import tasks

ARCHIVE = system_actor("imaging")


def on_settle_due(study: Study, at: datetime) -> None:
    """Nothing came for the set time."""
    services.settle_study(ARCHIVE, study.pk, at=at)


def on_study_whole(event: StudySettled | StudyCompleted, at: datetime) -> None:
    """What was sent is here: build the study's metadata once, so that no reader waits for it."""
    store_metadata(event.study_id, at)


def pack_study(event: StudySettled | StudyCompleted, at: datetime) -> None:
    """What was sent is here: let its series be packed when nothing more urgent waits."""
    tasks.queue_study(event.study_id)
