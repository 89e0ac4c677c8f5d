"""What the worklist does when requests and images move. Each may run twice."""

from datetime import datetime

from dokuei.base.errors import NotFound
from dokuei.identity.access import system_actor
from dokuei.imaging.events import (
    InstancesArrived,
    StudyCompleted,
    StudyHeld,
    StudyMoved,
    StudyResolved,
    StudySettled,
)
from dokuei.intake import queries as intake
from dokuei.intake.events import RequestAccepted, RequestCancelled, RequestChanged, RequestMatched
from dokuei.patients.events import FamilyChanged
from dokuei.priors import queries as priors
from dokuei.priors.events import PriorsChanged
from dokuei.worklist import services
from dokuei.worklist.models import Reading
from dokuei.worklist.rules import OPEN

WORKLIST = system_actor("worklist")
StudyNews = InstancesArrived | StudySettled | StudyCompleted | StudyHeld | StudyResolved


def open_for_request(event: RequestAccepted, at: datetime) -> None:
    """An accepted request gets its reading."""
    try:
        services.open_reading(WORKLIST, event.request_id, at=at)
    except NotFound:
        return  # withdrawn before we came to it


def cancel_for_request(event: RequestCancelled, at: datetime) -> None:
    """A withdrawn request takes its reading along."""
    services.cancel_reading(WORKLIST, event.request_id, at=at)


def follow_changed(event: RequestChanged, at: datetime) -> None:
    """The facility says something else about a request."""
    services.follow_request(WORKLIST, event.request_id, at=at)


def look_at_matched(event: RequestMatched, at: datetime) -> None:
    """A request has other images than before, or a contradiction was found or released."""
    services.refresh_for_request(WORKLIST, event.request_id, at=at)


def look_again(event: StudyNews, at: datetime) -> None:
    """Images moved: what the study's reading waits for may have changed."""
    request_id = intake.request_of_studies([event.study_id]).get(event.study_id)
    reading = Reading.objects.filter(request_id=request_id).first() if request_id else None
    if reading is not None:
        services.refresh_reading(WORKLIST, reading.pk, at=at)


def follow_patients(event: FamilyChanged | StudyMoved, at: datetime) -> None:
    """Patients are one person now, or no longer: who reads about them sees what is theirs, and nothing else."""
    about = {*event.patient_ids, *priors.patients_shown(event.patient_ids)}
    readings = Reading.objects.filter(patient__in=about, state__in=OPEN)
    for key in readings.order_by("pk").values_list("pk", flat=True):
        services.show_anew(WORKLIST, key, at=at)


def look_at_priors(event: PriorsChanged, at: datetime) -> None:
    """Priors were found, arrived or failed, or are no longer waited for."""
    reading = Reading.objects.filter(request_id=event.request_id).first()
    if reading is not None:
        services.refresh_priors(WORKLIST, reading.pk, at=at)


def on_warning_due(reading: Reading, at: datetime) -> None:
    services.warn_of_deadline(WORKLIST, reading, at=at)


def on_lease_due(reading: Reading, at: datetime) -> None:
    services.end_lease(WORKLIST, reading, at=at)
