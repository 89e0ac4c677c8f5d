"""C-FIND (PS3.4 C.4.1) on the one search that QIDO-RS uses too, with the same rights."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from pydicom.datadict import dictionary_VR

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.errors import DokueiError, Unavailable
from dokuei.dicom.net import command
from dokuei.dicom.net.connection import Message
from dokuei.imaging.dimse import identifier
from dokuei.imaging.dimse.association import Association
from dokuei.imaging.dimse.negotiation import FIND_STUDY
from dokuei.imaging.dimse.status import (
    CANCELLED,
    IDENTIFIER_MISMATCH,
    OUT_OF_RESOURCES,
    PENDING,
    SUCCESS,
    UNABLE,
)
from dokuei.imaging.search import engine
from dokuei.imaging.search.query import Level, Query
from dokuei.kit.db import scope
from dokuei.kit.http import DATABASE_GONE

log = logging.getLogger("dokuei.dimse")
MOST = 100_000


def find(assoc: Association, message: Message) -> None:
    """Answer each match with a pending response, then how it ended."""
    assert assoc.peer is not None
    try:
        model = identifier.read(assoc, message)
        query = _query(assoc, message, model)
        count = _answer(assoc, message, model, query)
    except DATABASE_GONE:
        assoc.reply(message, OUT_OF_RESOURCES, comment="database.unavailable")
        return
    except identifier.IdentifierInvalid as error:
        assoc.reply(message, IDENTIFIER_MISMATCH, comment=error.error_code)
        return
    except DokueiError as error:
        status = OUT_OF_RESOURCES if isinstance(error, Unavailable) else UNABLE
        assoc.reply(message, status, comment=error.error_code)
        return
    assoc.reply(message, CANCELLED if count is None else SUCCESS)


def _query(assoc: Association, message: Message, model: Mapping[str, Any]) -> Query:
    query = identifier.query_of(model)
    if query.level is Level.PATIENT and assoc.contexts[message.context][0] == FIND_STUDY:
        raise identifier.IdentifierInvalid(code="dimse.level")
    return query


def _answer(assoc: Association, message: Message, model: Mapping[str, Any], query: Query) -> int | None:
    """How many were answered; None if the peer asked us to stop."""
    assert assoc.peer is not None
    count = 0
    for found in engine.find(assoc.peer.actor, query):
        if assoc.is_cancelled(message):
            return None
        words = command.response(message.command, PENDING, with_data=True)
        data = identifier.encoded(assoc, message, _shaped(model, found, assoc.listener.title, query.level))
        assoc.connection.send_message(message.context, words, [data])
        count += 1
        if count >= MOST:
            break
    _note(assoc, query, count)
    return count


def _shaped(
    model: Mapping[str, Any], found: Mapping[str, Any], title: str, level: Level
) -> dict[str, Mapping[str, Any]]:
    """Every attribute that was asked for, empty if we have no value; and who can be asked for the images."""
    out: dict[str, Mapping[str, Any]] = {
        tag: found.get(tag) or {"vr": _vr(tag, attribute)} for tag, attribute in model.items()
    }
    out.update({tag: one for tag, one in found.items() if tag not in {"00081190"}})
    out[identifier.LEVEL] = {"vr": "CS", "Value": [level.value]}
    out[identifier.RETRIEVE_AE] = {"vr": "AE", "Value": [title]}
    out[identifier.CHARSET] = {"vr": "CS", "Value": ["ISO_IR 192"]}
    return out


def _vr(tag: str, attribute: Mapping[str, Any]) -> str:
    try:
        vr = dictionary_VR(int(tag, 16))
    except KeyError:
        vr = str(attribute.get("vr", "UN"))
    return vr[:2]


def _note(assoc: Association, query: Query, count: int) -> None:
    assert assoc.peer is not None
    with scope(assoc.peer.actor.facilities), transaction.atomic():
        record(
            Event.STUDY_QUERIED,
            by=assoc.peer.actor,
            at=datetime.now(UTC),
            facility_id=assoc.peer.facility_id,
            found=count,
            door="dimse",
            keys=sorted({"".join(f"{tag:08X}" for tag in one.path) for one in query.keys}),
        )
