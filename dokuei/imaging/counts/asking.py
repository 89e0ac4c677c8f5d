"""The C-FIND itself, as SCU: who is asked about a study, and the largest of what they say."""

import logging
import ssl
from dataclasses import dataclass

from django.conf import settings

from dokuei.base.errors import Invalid
from dokuei.dicom.net import finding
from dokuei.dicom.net.connection import Limits, PeerGone, PeerTooSlow
from dokuei.dicom.net.finding import Finder
from dokuei.dicom.net.requestor import Address, Requestor
from dokuei.imaging.models import ApplicationEntity, Study
from dokuei.kit.db import system_scope
from dokuei.kit.serving import outgoing_context

log = logging.getLogger("dokuei.counts")

OPEN_SECONDS = 5.0
ANSWER_SECONDS = 10.0
ALTOGETHER_SECONDS = 30.0


@dataclass(frozen=True)
class Question:
    """A study, and the archives that may know it."""

    facility_id: int
    study_uid: str
    archives: tuple[Address, ...]


@dataclass(frozen=True)
class Answer:
    """How many instances an archive has."""

    title: str
    count: int


def has_archive(facility_id: int) -> bool:
    """Whether a facility has an archive that can be asked. In a scope that holds it."""
    return ApplicationEntity.objects.filter(
        facility_id=facility_id, is_archive=True, removed_at=None
    ).exists()


def archives_of(study_id: int) -> Question:
    """The question about a study, read in a transaction of its own."""
    with system_scope("counts"):
        study = Study.objects.get(pk=study_id)
        rows = ApplicationEntity.objects.filter(
            facility_id=study.facility_id, is_archive=True, removed_at=None
        )
        archives = [Address(row.title, row.peer_host or "", row.port or 0) for row in rows.order_by("title")]
    return Question(study.facility_id, study.study_instance_uid, tuple(archives))


def ask_archives(question: Question) -> Answer | None:
    """The largest count of those that answer; None if none does, or none knows the study."""
    config = settings.DOKUEI
    tls = outgoing_context(config.data / "tls") if config.dicom_tls else None
    answers = []
    for archive in question.archives:
        try:
            count = _ask(archive, config.dicom_address[0], question.study_uid, tls)
        except (PeerGone, PeerTooSlow, Invalid) as error:
            why = getattr(error, "error_code", type(error).__name__)
            log.warning("an archive did not answer", extra={"title": archive.title, "why": why})
            continue
        if count:
            answers.append(Answer(archive.title, count))
    return max(answers, key=lambda one: one.count, default=None)


def _ask(archive: Address, calling: str, study_uid: str, tls: ssl.SSLContext | None) -> int | None:
    limits = Limits(largest=finding.LONGEST_ANSWER, idle_seconds=ANSWER_SECONDS, stall_seconds=ANSWER_SECONDS)
    association = Requestor.open(
        archive, calling, [finding.WANTED], tls=tls, limits=limits, seconds=OPEN_SECONDS
    )
    try:
        count = Finder(association, seconds=ALTOGETHER_SECONDS).count(study_uid)
    except BaseException:
        association.abort()
        raise
    association.close()
    return count
