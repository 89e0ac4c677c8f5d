"""Modality performed procedure step (PS3.4 F.7): how many instances a step has made, so that "complete" is a count."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from dokuei.base.errors import DokueiError
from dokuei.dicom.net import command
from dokuei.dicom.net.connection import Message
from dokuei.dicom.uid import make_uid
from dokuei.imaging import services
from dokuei.imaging.dimse import identifier
from dokuei.imaging.dimse.association import Association
from dokuei.imaging.dimse.status import (
    DUPLICATE_INSTANCE,
    INVALID_VALUE,
    MAY_NO_LONGER_BE_UPDATED,
    MISSING_ATTRIBUTE,
    NO_SUCH_INSTANCE,
    OUT_OF_RESOURCES,
    SUCCESS,
)
from dokuei.imaging.errors import StepClosed, StepTaken, StepUnknown
from dokuei.kit.db import scope
from dokuei.kit.http import DATABASE_GONE

STATUS, SCHEDULED, SERIES = "00400252", "00400270", "00400340"
IMAGES, OTHERS, STUDY_UID = "00081140", "00400220", "0020000D"
ENDED = {"COMPLETED": "completed", "DISCONTINUED": "discontinued"}
REFUSED = {StepTaken: DUPLICATE_INSTANCE, StepUnknown: NO_SUCH_INSTANCE, StepClosed: MAY_NO_LONGER_BE_UPDATED}


def create(assoc: Association, message: Message) -> None:
    """N-CREATE: a step has begun."""
    _guarded(assoc, message, _create)


def change(assoc: Association, message: Message) -> None:
    """N-SET: a step goes on, or has ended with what it made."""
    _guarded(assoc, message, _set)


def _guarded(assoc: Association, message: Message, work: Any) -> None:
    try:
        work(assoc, message, identifier.read(assoc, message))
    except DATABASE_GONE:
        assoc.reply(message, OUT_OF_RESOURCES, comment="database.unavailable")
    except DokueiError as error:
        assoc.reply(message, REFUSED.get(type(error), INVALID_VALUE), comment=error.error_code)


def _create(assoc: Association, message: Message, model: Mapping[str, Any]) -> None:
    peer = assoc.peer
    assert peer is not None
    scheduled = model.get(SCHEDULED, {}).get("Value", [])
    study_uid = identifier.first(scheduled[0], STUDY_UID) if scheduled else ""
    if not study_uid:
        assoc.reply(message, MISSING_ATTRIBUTE, comment="mpps.study")
        return
    uid = command.text(message.command, command.INSTANCE) or make_uid()
    with scope({peer.facility_id}):
        services.begin_step(
            peer.actor, facility_id=peer.facility_id, uid=uid, study_uid=study_uid, at=datetime.now(UTC)
        )
    assoc.reply(message, SUCCESS, {command.INSTANCE: uid})


def _set(assoc: Association, message: Message, model: Mapping[str, Any]) -> None:
    peer = assoc.peer
    assert peer is not None
    state = ENDED.get(identifier.first(model, STATUS))
    if state is not None:
        made = sum(
            len(one.get(kind, {}).get("Value", []))
            for one in model.get(SERIES, {}).get("Value", [])
            for kind in (IMAGES, OTHERS)
        )
        with scope({peer.facility_id}):
            services.end_step(
                peer.actor,
                facility_id=peer.facility_id,
                uid=command.text(message.command, command.REQUESTED_INSTANCE),
                state=state,
                count=made,
                at=datetime.now(UTC),
            )
    assoc.reply(message, SUCCESS)
