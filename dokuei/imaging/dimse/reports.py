"""Commitment reports over an association of our own (PS3.4 J.3.3), as background work outside any transaction.

A few devices at a time, so that silent ones never take all of the worker; the timer brings another try.
"""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import close_old_connections

from dokuei.base.errors import Invalid
from dokuei.dicom.net import command
from dokuei.dicom.net.connection import PeerGone, PeerTooSlow
from dokuei.dicom.net.pdu import Role
from dokuei.dicom.net.requestor import MODEL_SYNTAXES, Address, Requestor
from dokuei.identity.access import Actor, Permission
from dokuei.imaging import services
from dokuei.imaging.archive.verdict import (
    NO_SUCH_INSTANCE,
    Question,
    Verdict,
    question,
    report_of,
    verdict,
)
from dokuei.imaging.dimse.commitment import event_of
from dokuei.imaging.dimse.negotiation import COMMITMENT
from dokuei.imaging.dimse.status import CLASS_NOT_SUPPORTED, PROCESSING_FAILURE, SUCCESS
from dokuei.imaging.models import Commitment
from dokuei.kit.db import scope, system_scope
from dokuei.kit.serving import outgoing_context
from dokuei.kit.tasks import defer_once, task

log = logging.getLogger("dokuei.dimse")

AT_A_TIME = 2
PATIENCE = timedelta(seconds=60)
"""What is not there may still be waiting to be listed; after this it is reported as missing."""


@dataclass(frozen=True)
class _Due:
    """A report that is to be told, read in a transaction of its own."""

    asked: Question
    asked_at: datetime
    facility_id: int
    to: Address


def queue_report(commitment_id: int, device_id: int) -> None:
    """Queue the report in the current transaction; one that waits already is not queued again."""
    lock = f"reports:{device_id % AT_A_TIME}"
    defer_once(report_commitment, f"report:{commitment_id}", lock=lock, commitment_id=commitment_id)


@task("dokuei.report_commitment")
def report_commitment(commitment_id: int) -> None:
    """Tell a device what became of what it asked about."""
    report(commitment_id, at=datetime.now(UTC))


def report(commitment_id: int, *, at: datetime) -> bool:
    """Tell it, in no transaction, and write down that it knows; False if it was not reached or did not take it."""
    due = _read(commitment_id)
    close_old_connections()
    if due is None:
        return True
    found = verdict(due.asked)
    if at - due.asked_at < PATIENCE and any(reason == NO_SUCH_INSTANCE for *_, reason in found.failed):
        return False
    if not _tell(due.to, found):
        return False
    actor = Actor(
        kind="machine",
        name=f"ae:{due.to.title}",
        permissions=frozenset({Permission.DICOM_STORE}),
        facilities=frozenset({due.facility_id}),
    )
    with scope({due.facility_id}):
        services.note_reported(actor, commitment_id, at=at, failed=len(found.failed))
    return True


def _read(commitment_id: int) -> _Due | None:
    with system_scope("commitment"):
        row = Commitment.objects.select_related("device").filter(pk=commitment_id, reported_at=None).first()
        if row is None:
            return None
        device = row.device
        to = Address(device.title, device.peer_host or "", device.port or 0)
        return _Due(question(row), row.asked_at, row.facility_id, to)


def _tell(to: Address, found: Verdict) -> bool:
    config = settings.DOKUEI
    tls = outgoing_context(config.data / "tls") if config.dicom_tls else None
    try:
        association = Requestor.open(
            to,
            config.dicom_address[0],
            [(COMMITMENT, MODEL_SYNTAXES)],
            roles=(Role(COMMITMENT, is_scu=False, is_scp=True),),
            tls=tls,
        )
    except (PeerGone, PeerTooSlow, Invalid):
        return False
    try:
        status = _send(association, found)
    except (PeerGone, PeerTooSlow, Invalid):
        association.connection.close()
        return False
    association.close()
    if status != SUCCESS:
        log.warning("a commitment report was not taken", extra={"device": to.title, "status": status})
    return status == SUCCESS


def _send(association: Requestor, found: Verdict) -> int:
    answer = association.ask_about(COMMITMENT, event_of(found), report_of(found))
    if answer is None:
        return CLASS_NOT_SUPPORTED
    return command.number(answer.command, command.STATUS, PROCESSING_FAILURE)
