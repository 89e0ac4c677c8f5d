"""Asking and fetching as background work, a few at a time: a silent archive never takes all of the worker."""

from datetime import UTC, datetime

from dokuei.identity.access import system_actor
from dokuei.imaging import services as images
from dokuei.kit.db import system_scope
from dokuei.kit.tasks import defer_once, task

FETCHER = system_actor("priors")
AT_A_TIME = 2
"""Transfers that may run at once, of all facilities together; and one question. A worker does six things at once, and
archives that are slow must leave some for everything else."""
FIRST = 10
"""The priority of what an emergency wants; it is read without waiting, so what comes soon helps."""


def queue_question(search_id: int) -> None:
    """Queue the question about one patient in the current transaction."""
    defer_once(find_priors, f"priors:ask:{search_id}", lock="priors:asks", search_id=search_id)


def queue_fetch(candidate_id: int, facility_id: int, *, is_emergency: bool) -> None:
    """Queue the fetching of one study in the current transaction."""
    defer_once(
        fetch_prior,
        f"priors:fetch:{candidate_id}",
        lock=f"priors:fetches:{facility_id % AT_A_TIME}",
        priority=FIRST if is_emergency else 0,
        candidate_id=candidate_id,
    )


@task("dokuei.find_priors")
def find_priors(search_id: int) -> None:
    """Ask the archives of a facility for a patient; the timer brings another try where one does not answer."""
    from dokuei.priors.models import PriorSearch
    from dokuei.priors.services import note_answers

    with system_scope("priors"):
        search = PriorSearch.objects.select_related("patient").filter(pk=search_id, state="asking").first()
        about = (search.facility_id, search.patient.patient_id) if search is not None else None
    if about is None:
        return
    answers, silent = images.find_studies(*about)
    with system_scope("priors"):
        note_answers(FETCHER, search_id, answers, silent, at=datetime.now(UTC))


@task("dokuei.fetch_prior")
def fetch_prior(candidate_id: int) -> None:
    """Fetch one study, outside of any transaction; a try that was cut off is taken up again and doubles nothing."""
    from dokuei.priors.services import begin_fetch, note_fetched

    with system_scope("priors"):
        errand = begin_fetch(FETCHER, candidate_id, at=datetime.now(UTC))
    if errand is None:
        return
    fetched = images.fetch_study(errand.facility_id, errand.archive, errand.study_uid)
    with system_scope("priors"):
        note_fetched(FETCHER, candidate_id, fetched, at=datetime.now(UTC))
