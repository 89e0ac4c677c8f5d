"""What a facility's archive says it has of a patient."""

import logging
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings

from dokuei.base.errors import DokueiError
from dokuei.dicom.net import finding
from dokuei.dicom.net.connection import Limits, PeerGone, PeerTooSlow
from dokuei.dicom.net.finding import Finder
from dokuei.dicom.net.requestor import Address, Requestor
from dokuei.dicom.read import DataSet
from dokuei.dicom.uid import is_uid
from dokuei.imaging.models import ApplicationEntity
from dokuei.kit.db import system_scope
from dokuei.kit.serving import outgoing_context

log = logging.getLogger("dokuei.priors")

OPEN_SECONDS = 5.0
ANSWER_SECONDS = 15.0
ALTOGETHER_SECONDS = 60.0
MOST_STUDIES = 500


@dataclass(frozen=True, kw_only=True)
class FoundStudy:
    """A study as an archive describes it."""

    study_instance_uid: str
    patient_id: str
    issuer: str
    birth_on: date | None
    sex: str
    study_on: date | None
    modalities: tuple[str, ...]
    description: str
    body_part: str
    instance_count: int | None
    archive: str


def archives_of(facility_id: int, title: str = "") -> list[Address]:
    """Where a facility's archives listen, or the one of this title; read in a transaction of its own."""
    with system_scope("priors"):
        rows = ApplicationEntity.objects.filter(facility_id=facility_id, is_archive=True, removed_at=None)
        rows = rows.filter(title=title) if title else rows
        return [Address(row.title, row.peer_host or "", row.port or 0) for row in rows.order_by("title")]


def own_tls() -> ssl.SSLContext | None:
    config = settings.DOKUEI
    return outgoing_context(config.data / "tls") if config.dicom_tls else None


def find_studies(facility_id: int, patient_id: str) -> tuple[list[FoundStudy], list[str]]:
    """Every archive's answers about one patient ID, and the titles of those that did not answer.

    Outside of any transaction. The answers are not judged here.
    """
    found: list[FoundStudy] = []
    silent: list[str] = []
    for archive in archives_of(facility_id):
        try:
            found += _ask(archive, patient_id)
        except (PeerGone, PeerTooSlow, DokueiError) as error:
            why = getattr(error, "error_code", type(error).__name__)
            log.warning("an archive did not name priors", extra={"title": archive.title, "why": why})
            silent.append(archive.title)
    return found, silent


def _ask(archive: Address, patient_id: str) -> Sequence[FoundStudy]:
    limits = Limits(largest=finding.LONGEST_ANSWER, idle_seconds=ANSWER_SECONDS, stall_seconds=ANSWER_SECONDS)
    calling = settings.DOKUEI.dicom_address[0]
    association = Requestor.open(
        archive, calling, [finding.WANTED], tls=own_tls(), limits=limits, seconds=OPEN_SECONDS
    )
    try:
        answers = Finder(association, seconds=ALTOGETHER_SECONDS).studies_of_patient(
            patient_id, most=MOST_STUDIES
        )
        found = [_read(one, archive.title) for one in answers if is_uid(one.text(finding.STUDY))]
    except BaseException:
        association.abort()
        raise
    association.close()
    return found


def _read(one: DataSet, title: str) -> FoundStudy:
    count = one.number(finding.OF_STUDY)
    return FoundStudy(
        study_instance_uid=one.text(finding.STUDY),
        patient_id=one.text(finding.PATIENT_ID),
        issuer=one.text(finding.ISSUER),
        birth_on=_day(one.text(finding.BIRTH_DATE)),
        sex=one.text(finding.SEX)[:1].upper(),
        study_on=_day(one.text(finding.STUDY_DATE)),
        modalities=tuple(text[:16] for text in one.texts(finding.MODALITIES) if text)[:20],
        description=one.text(finding.DESCRIPTION)[:200],
        body_part=one.text(finding.BODY_PART)[:64],
        instance_count=count if count is not None and 0 < count < 10**6 else None,
        archive=title,
    )


def _day(text: str) -> date | None:
    """A DICOM date, or None when it is missing or makes no sense.

    >>> _day("20260312"), _day("2026.03.12"), _day("20261399")
    (datetime.date(2026, 3, 12), datetime.date(2026, 3, 12), None)
    """
    try:
        return datetime.strptime(text.replace(".", ""), "%Y%m%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None
