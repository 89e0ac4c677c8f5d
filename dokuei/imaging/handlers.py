"""What the archive does when a timer is reached."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings

from dokuei.identity.access import system_actor
from dokuei.imaging import judging, services
from dokuei.imaging.counts import asking
from dokuei.imaging.counts import rules as count_rules
from dokuei.imaging.counts import tasks as counting
from dokuei.imaging.counts.models import ArchiveQuestion
from dokuei.imaging.dicomweb.metadata import store_metadata
from dokuei.imaging.dimse.reports import queue_report
from dokuei.imaging.events import (
    InstanceRepaired,
    InstancesArrived,
    StudyCompleted,
    StudyMoved,
    StudyResolved,
    StudySettled,
)
from dokuei.imaging.made.telling import received_count
from dokuei.imaging.models import Commitment, Study
from dokuei.imaging.moves.standing import Asked, register_asked
from dokuei.imaging.packs import tasks
from dokuei.imaging.room.watch import look_if_due
from dokuei.imaging.rules import Receipt
from dokuei.imaging.scrub import services as scrubbing
from dokuei.imaging.scrub import tasks as scrubs
from dokuei.imaging.scrub.models import Scrub
from dokuei.imaging.upkeep.models import Upkeep
from dokuei.imaging.upkeep.quota import sum_up
from dokuei.imaging.upkeep.retention import Guard, register_guard
from dokuei.imaging.upkeep.tasks import queue_upkeep
from dokuei.patients.events import FamilyChanged, PatientCorrected

LONGEST_WAIT = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=7)
ARCHIVE = system_actor("imaging")


def on_settle_due(study: Study, at: datetime) -> None:
    """Nothing came for the set time."""
    services.settle_study(ARCHIVE, study.pk, at=at)


def on_study_whole(event: StudySettled | StudyCompleted | InstanceRepaired, at: datetime) -> None:
    """What was sent is here: build the study's metadata once, so that no reader waits for it."""
    store_metadata(event.study_id, at)


def ask_archive_soon(event: InstancesArrived | StudyResolved, at: datetime) -> None:
    """A study comes in, or goes on: the facility's archive will know how many images it has."""
    if not asking.has_archive(event.facility_id):
        return
    first = at + count_rules.pause(timedelta(seconds=settings.DOKUEI.settle_seconds)) / 2
    ArchiveQuestion.objects.update_or_create(
        study_id=event.study_id,
        defaults={"facility_id": event.facility_id, "ask_at": first, "tries": 0, "answered_at": None},
    )


def on_question_due(row: ArchiveQuestion, at: datetime) -> None:
    """Look whether it is time to ask, and have it done in the background."""
    study = row.study
    state = Receipt(study.held_from if study.receipt == Receipt.HELD else study.receipt)
    now = count_rules.Situation(
        receipt=state,
        expected_from=study.expected_from,
        expected_count=study.expected_count or 0,
        stored=received_count(study.pk, study.instances.count()),
        last_received_at=study.last_received_at,
        settle_due_at=study.settle_due_at,
        answered_at=row.answered_at,
        tries=row.tries,
    )
    plan = count_rules.plan(now, at=at, settle=timedelta(seconds=settings.DOKUEI.settle_seconds))
    row.ask_at, row.tries = plan.look_at, row.tries + plan.is_asked
    row.save(update_fields=["ask_at", "tries"])
    if plan.is_asked:
        counting.queue_question(study.pk, study.facility_id)


def on_commitment_due(row: Commitment, at: datetime) -> None:
    """Have the device told in the background, and again later if it cannot be reached.

    After a week only the device's next question brings the answer.
    """
    row.attempts += 1
    wait = min(timedelta(seconds=5 * 2 ** min(row.attempts, 12)), LONGEST_WAIT)
    row.report_at = None if at - row.asked_at > GIVE_UP_AFTER else at + wait
    row.save(update_fields=["attempts", "report_at"])
    queue_report(row.pk, row.device_id)


def pack_study(event: StudySettled | StudyCompleted | InstanceRepaired, at: datetime) -> None:
    """What was sent is here: let its series be packed when nothing more urgent waits."""
    tasks.queue_study(event.study_id)


def on_scrub_due(scrub: Scrub, at: datetime) -> None:
    """Have the next slice read back when nothing more urgent waits."""
    is_on = settings.DOKUEI.scrub_days > 0
    scrub.next_at = at + (scrubbing.EVERY if is_on else scrubbing.IDLE)
    scrub.save(update_fields=["next_at"])
    if is_on:
        scrubs.queue_slice()


def judge_patient(event: PatientCorrected | FamilyChanged, at: datetime) -> None:
    """A patient was put right, or two are one person: their images are held against what is held of them now."""
    ids = [event.patient_id] if isinstance(event, PatientCorrected) else event.patient_ids
    for study_id in judging.to_judge(ids):
        services.judge_again(ARCHIVE, study_id, at=at)


def judge_moved(event: StudyMoved, at: datetime) -> None:
    """A study stands under another patient: its images are held against both, or again against its first alone."""
    services.judge_again(ARCHIVE, event.study_id, at=at)


def move_nothing_of(asked: Asked) -> None:
    """Let a room above say which studies it rests on, so that they are not moved under it."""
    register_asked(asked)


def look_at_room(at: datetime) -> None:
    """See how much room the store has, unless another worker just did."""
    look_if_due(at)


UPKEEP: dict[str, tuple[timedelta, Callable[[], None]]] = {
    "usage": (timedelta(minutes=5), sum_up),
    "retention": (timedelta(hours=1), queue_upkeep),
}


def on_upkeep_due(row: Upkeep, at: datetime) -> None:
    """Do what comes round, or have it done in the background."""
    every, act = UPKEEP[row.name]
    row.next_at = at + every
    row.save(update_fields=["next_at"])
    act()


def keep_images_of(guard: Guard) -> None:
    """Let a room above say which studies it still needs, so that retention leaves their images."""
    register_guard(guard)
