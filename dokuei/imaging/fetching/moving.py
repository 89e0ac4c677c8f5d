"""Fetching one study from a facility's archive."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import close_old_connections

from dokuei.base.errors import DokueiError
from dokuei.dicom.net import command, retrieving
from dokuei.dicom.net.connection import Limits, Message, PeerGone, PeerRejected, PeerTooSlow
from dokuei.dicom.net.requestor import Address, Requestor
from dokuei.dicom.net.retrieving import Result, RetrieveFailed
from dokuei.identity.access import Actor, Permission
from dokuei.imaging.dimse.negotiation import LIKED
from dokuei.imaging.dimse.status import status_of
from dokuei.imaging.fetching.finding import archives_of, own_tls
from dokuei.imaging.services.storing import store_instance
from dokuei.kit.db import scope

log = logging.getLogger("dokuei.priors")

OPEN_SECONDS = 5.0
SILENCE_SECONDS = 60.0
ALTOGETHER_SECONDS = 900.0


@dataclass(frozen=True)
class Fetched:
    """What became of asking for a study: instances that were sent to us, how, and why not if none were."""

    count: int = 0
    failed: int = 0
    means: str = ""
    why: str = ""
    """unreachable, slow, rejected, refused, not_found or not_registered; empty when something came."""


def fetch_study(facility_id: int, title: str, study_uid: str) -> Fetched:
    """Have a study sent to our listener by C-MOVE; where that cannot be, take it by C-GET. In no transaction.

    Asking again for what is here already doubles nothing: the same instance is a repeat.
    """
    archives = archives_of(facility_id, title)
    close_old_connections()
    if not archives:
        return Fetched(why="not_registered")
    try:
        return _fetch(archives[0], facility_id, study_uid)
    except (PeerGone, PeerTooSlow, DokueiError) as error:
        why = getattr(error, "error_code", type(error).__name__)
        log.warning("an archive did not send", extra={"title": title, "why": why})
        return Fetched(why=next(word for kind, word in WHY if isinstance(error, kind)))


WHY: tuple[tuple[type[Exception], str], ...] = (
    (PeerRejected, "rejected"),
    (PeerTooSlow, "slow"),
    (PeerGone, "unreachable"),
    (DokueiError, "refused"),
)


def _fetch(archive: Address, facility_id: int, study_uid: str) -> Fetched:
    moved = _move(archive, study_uid)
    if moved is not None and (moved.completed or not (moved.failed or moved.status)):
        return _said(moved, "move")
    got = _get(archive, facility_id, study_uid)
    if got is None:
        return Fetched(failed=moved.failed if moved else 0, means="move", why="refused")
    return _said(got, "get")


def _said(result: Result, means: str) -> Fetched:
    if result.completed:
        return Fetched(result.completed, result.failed, means)
    why = "refused" if result.failed or result.status else "not_found"
    return Fetched(0, result.failed, means, why)


def _limits() -> Limits:
    return Limits(
        largest=settings.DOKUEI.max_instance_bytes,
        idle_seconds=SILENCE_SECONDS,
        stall_seconds=min(SILENCE_SECONDS, 30.0),
    )


def _move(archive: Address, study_uid: str) -> Result | None:
    """C-MOVE to our own listener; None when the archive does not offer it."""
    ours = settings.DOKUEI.dicom_address[0]
    association = Requestor.open(
        archive, ours, retrieving.MOVES, tls=own_tls(), limits=_limits(), seconds=OPEN_SECONDS
    )
    try:
        result = retrieving.move(association, study_uid, destination=ours, seconds=ALTOGETHER_SECONDS)
    except RetrieveFailed:
        association.close()
        return None
    except BaseException:
        association.abort()
        raise
    association.close()
    return result


def _get(archive: Address, facility_id: int, study_uid: str) -> Result | None:
    """C-GET; each instance is stored as if the archive's device had sent it."""
    device = Actor(
        kind="machine",
        name=f"ae:{archive.title}",
        permissions=frozenset({Permission.DICOM_STORE}),
        facilities=frozenset({facility_id}),
    )
    association = Requestor.open(
        archive,
        settings.DOKUEI.dicom_address[0],
        retrieving.gets(LIKED),
        roles=retrieving.roles(),
        tls=own_tls(),
        limits=_limits(),
        seconds=OPEN_SECONDS,
    )

    def take(transfer: str, message: Message) -> int:
        return _take(device, facility_id, study_uid, transfer, message)

    try:
        result = retrieving.get(association, study_uid, take, seconds=ALTOGETHER_SECONDS)
    except RetrieveFailed:
        association.close()
        return None
    except BaseException:
        association.abort()
        raise
    association.close()
    return result


def _take(device: Actor, facility_id: int, study_uid: str, transfer: str, message: Message) -> int:
    if message.data is None or not transfer:
        return retrieving.NO_DATA
    content = message.data if isinstance(message.data, Path) else bytes(message.data)
    try:
        with scope({facility_id}):
            store_instance(
                device,
                facility_id=facility_id,
                content=content,
                at=datetime.now(UTC),
                transfer_syntax=transfer,
                study_uid=study_uid,
            )
    except DokueiError as error:
        uid = command.text(message.command, command.INSTANCE)[:64]
        log.warning("a fetched instance was not taken", extra={"code": error.error_code, "uid": uid})
        return status_of(error)
    return 0
