"""C-STORE (PS3.4 B.2, PS3.7 9.1.1) and C-ECHO."""

import logging
from datetime import UTC, datetime

from dokuei.base.errors import DokueiError
from dokuei.dicom.net import command
from dokuei.dicom.net.connection import Message
from dokuei.imaging import services
from dokuei.imaging.archive.keeping import keep_instance
from dokuei.imaging.dimse.association import Association
from dokuei.imaging.dimse.status import (
    CLASS_NOT_SUPPORTED,
    OUT_OF_RESOURCES,
    PROCESSING_FAILURE,
    SUCCESS,
    status_of,
)
from dokuei.kit.db import scope
from dokuei.kit.http import DATABASE_GONE

log = logging.getLogger("dokuei.dimse")


def echo(assoc: Association, message: Message) -> None:
    assoc.reply(message, SUCCESS)


def store(assoc: Association, message: Message) -> None:
    """Take one instance; whatever happens, answer a status."""
    abstract, transfer = assoc.contexts[message.context]
    if command.text(message.command, command.CLASS) != abstract:
        assoc.reply(message, CLASS_NOT_SUPPORTED, comment="class.not_negotiated")
        return
    if message.data is None:
        assoc.reply(message, PROCESSING_FAILURE, comment="data_set.missing")
        return
    try:
        _take(assoc, message, transfer)
    except DATABASE_GONE:
        log.warning("database unavailable, an image was not taken")
        assoc.reply(message, OUT_OF_RESOURCES, comment="database.unavailable")
    except DokueiError as error:
        _refuse(assoc, message, error)


def _take(assoc: Association, message: Message, transfer: str) -> None:
    assert assoc.peer is not None
    assert message.data is not None
    lister = assoc.listener.lister
    lister.check_room()
    arrival = keep_instance(
        assoc.peer.actor,
        facility_id=assoc.peer.facility_id,
        content=message.data,
        at=datetime.now(UTC),
        transfer_syntax=transfer,
        known=assoc.known_before,
        alike=assoc.alike,
        sha256=message.sha256,
    )
    assoc.known_before(arrival.description).setdefault(arrival.uid, arrival.sha256)
    lister.give(arrival)
    assoc.reply(message, SUCCESS)


def _refuse(assoc: Association, message: Message, error: DokueiError) -> None:
    status = status_of(error)
    if status != OUT_OF_RESOURCES:
        assert assoc.peer is not None
        with scope(assoc.peer.actor.facilities):
            services.note_refusal(
                assoc.peer.actor,
                facility_id=assoc.peer.facility_id,
                code=error.error_code,
                door="dimse",
                sop_instance_uid=command.text(message.command, command.INSTANCE),
                at=datetime.now(UTC),
            )
    assoc.reply(message, status, comment=error.error_code)
