"""Storage commitment push model (PS3.4 J.3): N-ACTION taken up, N-EVENT-REPORT sent at once if the device waits.

A device that listens itself is told by `dimse.reports`.
"""

from datetime import UTC, datetime

from dokuei.base.errors import DokueiError, Invalid
from dokuei.dicom.net import command
from dokuei.dicom.net.command import Act
from dokuei.dicom.net.connection import Message
from dokuei.imaging import services
from dokuei.imaging.archive.verdict import Verdict, question, report_of, verdict
from dokuei.imaging.dimse import identifier
from dokuei.imaging.dimse.association import Association
from dokuei.imaging.dimse.negotiation import COMMITMENT
from dokuei.imaging.dimse.status import INVALID_ARGUMENT, NO_SUCH_ACTION, OUT_OF_RESOURCES, SUCCESS
from dokuei.imaging.models import Commitment
from dokuei.kit.db import scope
from dokuei.kit.http import DATABASE_GONE

WELL_KNOWN = "1.2.840.10008.1.20.1.1"
REQUEST_STORAGE_COMMITMENT = 1
ALL_KEPT, SOME_FAILED = 1, 2
MOST = 50_000
LISTING_SECONDS = 15.0


def action(assoc: Association, message: Message) -> None:
    """N-ACTION: take up the question, answer that, and report at once if the device does not listen itself."""
    if command.number(message.command, command.ACTION_TYPE) != REQUEST_STORAGE_COMMITMENT:
        assoc.reply(message, NO_SUCH_ACTION)
        return
    assert assoc.peer is not None
    try:
        _ask(assoc, message)
    except DATABASE_GONE:
        assoc.reply(message, OUT_OF_RESOURCES, comment="database.unavailable")
        return
    except DokueiError as error:
        assoc.reply(message, INVALID_ARGUMENT, comment=error.error_code)
        return
    assoc.reply(message, SUCCESS, {command.ACTION_TYPE: REQUEST_STORAGE_COMMITMENT})
    if not assoc.peer.listens:
        _report_here(assoc, message)


def _ask(assoc: Association, message: Message) -> None:
    assert assoc.peer is not None
    model = identifier.read(assoc, message)
    items = model.get("00081199", {}).get("Value", [])
    asked = [(identifier.first(one, "00081150"), identifier.first(one, "00081155")) for one in items]
    transaction_uid = identifier.first(model, "00081195")
    if not asked or len(asked) > MOST or not transaction_uid or not all(uid for _, uid in asked):
        raise Invalid(code="commitment.empty")
    with scope({assoc.peer.facility_id}):
        services.ask_commitment(
            assoc.peer.actor,
            facility_id=assoc.peer.facility_id,
            device_id=assoc.peer.device_id,
            transaction_uid=transaction_uid,
            instances=asked,
            listens=assoc.peer.listens,
            at=datetime.now(UTC),
        )


def _report_here(assoc: Association, message: Message) -> None:
    """Over the same association, with what could not be told the device before; a report that fails is told later.

    While what was received cannot be listed nothing is reported: "missing" would not be true.
    """
    assert assoc.peer is not None
    if not assoc.listener.lister.wait_idle(LISTING_SECONDS):
        return
    with scope({assoc.peer.facility_id}):
        waiting = Commitment.objects.filter(device_id=assoc.peer.device_id, reported_at=None)
        rows = [(row.pk, question(row)) for row in waiting.order_by("pk")[:50]]
    for pk, asked in rows:
        found = verdict(asked)
        data = identifier.encoded(assoc, message, report_of(found))
        answer = assoc.ask(message.context, event_of(found), [data])
        if command.number(answer.command, command.STATUS, 0xC000) == SUCCESS:
            with scope({assoc.peer.facility_id}):
                services.note_reported(assoc.peer.actor, pk, at=datetime.now(UTC), failed=len(found.failed))


def event_of(found: Verdict) -> dict[int, command.Value]:
    """The N-EVENT-REPORT that tells a verdict."""
    return {
        command.CLASS: COMMITMENT,
        command.FIELD: int(Act.N_EVENT_REPORT),
        command.DATA_SET: 0,
        command.INSTANCE: WELL_KNOWN,
        command.EVENT_TYPE: SOME_FAILED if found.failed else ALL_KEPT,
    }
