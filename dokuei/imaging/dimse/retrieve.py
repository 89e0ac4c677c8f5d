"""C-MOVE and C-GET (PS3.4 C.4.2, C.4.3): as kept or in a syntax the peer takes, to whom may see it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import reduce
from operator import and_
from typing import Any

from django.db.models import Q

from dokuei.base.errors import DokueiError
from dokuei.dicom.net import command
from dokuei.dicom.net.command import Act
from dokuei.dicom.net.connection import BeyondLimit, Message, PeerGone
from dokuei.dicom.net.pdu import BrokenPdu
from dokuei.dicom.net.requestor import Origin
from dokuei.identity.access import Permission, require
from dokuei.imaging import queries, services
from dokuei.imaging.dimse import identifier
from dokuei.imaging.dimse.association import Association
from dokuei.imaging.dimse.negotiation import GET_STUDY, MOVE_STUDY
from dokuei.imaging.dimse.sending import Caller, Outgoing, Unreadable, Wanted, prepared
from dokuei.imaging.dimse.status import (
    CANCELLED,
    DESTINATION_UNKNOWN,
    IDENTIFIER_MISMATCH,
    NO_SUB_OPERATIONS,
    OUT_OF_RESOURCES,
    PENDING,
    SOME_FAILED,
    SUCCESS,
    UNABLE,
)
from dokuei.imaging.models import Instance
from dokuei.imaging.search.query import Level
from dokuei.kit.db import scope
from dokuei.kit.http import DATABASE_GONE
from dokuei.patients import queries as patients

MOST_INSTANCES = 100_000
UNIQUE = {
    Level.PATIENT: ("00100020", "study__patient__patient_id"),
    Level.STUDY: ("0020000D", "study__study_instance_uid"),
    Level.SERIES: ("0020000E", "series__series_instance_uid"),
    Level.IMAGE: ("00080018", "sop_instance_uid"),
}


@dataclass
class Tally:
    """Sub-operations (PS3.4 C.4.2.1.6)."""

    remaining: int
    completed: int = 0
    warned: int = 0
    failed: list[str] = field(default_factory=list)
    why: str = ""
    """Why the first of those that did not leave here did not."""

    def note(self, one: Wanted, status: int, why: str = "") -> None:
        self.remaining -= 1
        self.why = self.why or why
        if status == SUCCESS:
            self.completed += 1
        elif status & 0xF000 == 0xB000:
            self.warned += 1
        else:
            self.failed.append(one.sop_instance_uid)

    def words(self, *, with_remaining: bool) -> dict[int, command.Value]:
        out: dict[int, command.Value] = {
            command.COMPLETED: self.completed,
            command.FAILED: len(self.failed),
            command.WARNED: self.warned,
        }
        if with_remaining:
            out[command.REMAINING] = self.remaining
        return out

    def status(self) -> int:
        if not self.failed:
            return SUCCESS
        return SOME_FAILED if self.completed or self.warned else NO_SUB_OPERATIONS


Send = Callable[[Wanted], int]


def move(assoc: Association, message: Message) -> None:
    """Send what is asked for to a registered device of the same facility, over an association of our own."""
    peer = assoc.peer
    assert peer is not None

    def work(wanted: Sequence[Wanted]) -> None:
        title = command.text(message.command, command.DESTINATION)
        device = queries.destination(peer.actor, title)
        if device is None:
            assoc.reply(message, DESTINATION_UNKNOWN, comment="ae.destination_unknown")
            return
        origin = Origin(peer.title, command.number(message.command, command.MESSAGE))
        listener = assoc.listener
        caller = Caller(listener.title, peer.actor, listener.outgoing_tls)
        with Outgoing(caller, device, origin, wanted) as outgoing:
            _send_all(assoc, message, wanted, outgoing.send)

    _retrieve(assoc, message, work, MOVE_STUDY)


def get(assoc: Association, message: Message) -> None:
    """Send what is asked for over the same association, in contexts whose SCP the peer asked to be."""
    peer = assoc.peer
    assert peer is not None
    accepted = {pair: number for number, pair in assoc.contexts.items() if pair[0] in assoc.peer_is_scp_of}

    def send(one: Wanted) -> int:
        return _store_back(assoc, one, *prepared(one, accepted, peer.actor))

    _retrieve(assoc, message, lambda wanted: _send_all(assoc, message, wanted, send), GET_STUDY)


def _retrieve(
    assoc: Association, message: Message, work: Callable[[Sequence[Wanted]], None], study_root: str
) -> None:
    try:
        model = identifier.read(assoc, message)
        is_study_root = assoc.contexts[message.context][0] == study_root
        wanted = _wanted(assoc, model, is_study_root=is_study_root)
        work(wanted)
    except DATABASE_GONE:
        assoc.reply(message, OUT_OF_RESOURCES, comment="database.unavailable")
    except identifier.IdentifierInvalid as error:
        assoc.reply(message, IDENTIFIER_MISMATCH, comment=error.error_code)
    except (BrokenPdu, BeyondLimit):
        raise
    except DokueiError as error:
        assoc.reply(message, UNABLE, comment=error.error_code)


def _wanted(assoc: Association, model: Mapping[str, Any], *, is_study_root: bool) -> list[Wanted]:
    """The instances under the unique keys of the levels down to the one asked for; openings are written down."""
    assert assoc.peer is not None
    actor = assoc.peer.actor
    require(actor, Permission.DICOM_READ)
    level = identifier.level_of(model)
    if level is Level.PATIENT and is_study_root:
        raise identifier.IdentifierInvalid(code="dimse.level")
    asked: dict[Level, Q] = {}
    for one, (tag, column) in UNIQUE.items():
        keys = identifier.values(model, tag)
        if one is level and not keys:
            raise identifier.IdentifierInvalid(code="dimse.unique_key")
        if keys and not one.is_below(level):
            asked[one] = Q(**{f"{column}__in": keys})
    with scope(actor.facilities):
        if Level.PATIENT in asked:  # who was merged is retrieved by either ID
            ids = identifier.values(model, UNIQUE[Level.PATIENT][0])
            held = patients.visible_to(actor).filter(facility_id=assoc.peer.facility_id, patient_id__in=ids)
            asked[Level.PATIENT] |= Q(study__patient__in=patients.kin_of(held))
        chosen = reduce(and_, asked.values(), Q())
        studies = queries.visible_to(actor).filter(facility_id=assoc.peer.facility_id)
        rows = Instance.objects.filter(chosen, study__in=studies).order_by(
            "study_id", "series_id", "instance_number", "pk"
        )
        found = [_one(row) for row in rows.defer("frame_ranges", "notes")[:MOST_INSTANCES]]
        for study_id in {one.study_id for one in found}:
            services.open_study(actor, study_id, door="dimse", at=datetime.now(UTC))
    return found


def _one(row: Instance) -> Wanted:
    return Wanted(
        row.pk,
        row.study_id,
        row.sop_class_uid,
        row.sop_instance_uid,
        row.transfer_syntax,
        row.store_key,
        row.store_offset + row.data_set_offset,
        row.store_length - row.data_set_offset,
    )


def _send_all(assoc: Association, message: Message, wanted: Sequence[Wanted], send: Send) -> None:
    tally = Tally(len(wanted))
    for one in wanted:
        if assoc.is_cancelled(message):
            assoc.reply(message, CANCELLED, tally.words(with_remaining=True))
            return
        try:
            tally.note(one, send(one))
        except Unreadable as error:
            tally.note(one, UNABLE, error.code)
        if tally.remaining:
            words = command.response(message.command, PENDING, tally.words(with_remaining=True))
            assoc.connection.send_message(message.context, words)
    _finish(assoc, message, tally)


def _finish(assoc: Association, message: Message, tally: Tally) -> None:
    words = tally.words(with_remaining=False)
    if not tally.failed:
        assoc.reply(message, tally.status(), words)
        return
    data = identifier.encoded(assoc, message, {"00080058": {"vr": "UI", "Value": tally.failed}})
    final = command.response(message.command, tally.status(), words, comment=tally.why, with_data=True)
    assoc.connection.send_message(message.context, final, [data])


def _store_back(assoc: Association, one: Wanted, context: int, data: Iterator[bytes]) -> int:
    """A C-STORE sub-operation of C-GET."""
    words: dict[int, command.Value] = {
        command.CLASS: one.sop_class_uid,
        command.FIELD: int(Act.C_STORE),
        command.PRIORITY: 0,
        command.DATA_SET: 0,
        command.INSTANCE: one.sop_instance_uid,
    }
    try:
        answer = assoc.ask(context, words, data)
    except Unreadable as error:  # in the middle of its data set: the association cannot go on
        assoc.connection.abort()
        raise PeerGone() from error
    return command.number(answer.command, command.STATUS, UNABLE)
