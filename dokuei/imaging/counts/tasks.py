"""Asking as background work: a few facilities at a time, so that a silent archive never takes all of the worker."""

from datetime import UTC, datetime

from django.db import close_old_connections

from dokuei.identity.access import system_actor
from dokuei.imaging import services
from dokuei.imaging.counts.asking import archives_of, ask_archives
from dokuei.kit.db import scope
from dokuei.kit.tasks import defer_once, task

ASKER = system_actor("imaging")
AT_A_TIME = 2


def queue_question(study_id: int, facility_id: int) -> None:
    """Queue the question about one study in the current transaction."""
    defer_once(ask_archive, f"ask:{study_id}", lock=f"asks:{facility_id % AT_A_TIME}", study_id=study_id)


@task("dokuei.ask_archive")
def ask_archive(study_id: int) -> None:
    """Ask the archives of the study's facility; the timer brings another try where none answers."""
    ask(study_id, at=datetime.now(UTC))


def ask(study_id: int, *, at: datetime) -> bool:
    """Ask, in no transaction, and write down what was said; whether there was an answer."""
    question = archives_of(study_id)
    close_old_connections()
    found = ask_archives(question)
    if found is None:
        return False
    with scope({question.facility_id}):
        services.note_archive_count(ASKER, study_id, count=found.count, said_by=found.title, at=at)
    return True
