"""What priors do when requests end, images move, or something falls due. Each may run twice."""

from datetime import datetime

from dokuei.imaging.events import (
    InstancesArrived,
    StudyCompleted,
    StudyHeld,
    StudyMoved,
    StudyResolved,
    StudySettled,
)
from dokuei.intake.events import RequestCancelled
from dokuei.kit.events import publish
from dokuei.priors import queries, services
from dokuei.priors.events import PriorsChanged
from dokuei.priors.models import PriorCandidate, PriorSearch
from dokuei.priors.tasks import FETCHER

StudyNews = InstancesArrived | StudySettled | StudyCompleted | StudyHeld | StudyResolved | StudyMoved


def close_for_request(event: RequestCancelled, at: datetime) -> None:
    """A withdrawn request needs no priors."""
    services.close_search(FETCHER, event.request_id, at=at)


def look_at_study(event: StudyNews, at: datetime) -> None:
    """Images of a patient moved: what is known of the priors of their requests may be different."""
    for request_id, facility_id in queries.requests_about([event.study_id]):
        publish(PriorsChanged(request_id=request_id, facility_id=facility_id))


def on_search_due(search: PriorSearch, at: datetime) -> None:
    services.advance_search(FETCHER, search, at=at)


def on_wait_due(search: PriorSearch, at: datetime) -> None:
    services.end_wait(FETCHER, search, at=at)


def on_fetch_due(row: PriorCandidate, at: datetime) -> None:
    services.advance_fetch(FETCHER, row, at=at)
