"""Commands on the connections that orders come over by HL7 v2."""

import re
from datetime import datetime
from ipaddress import ip_address
from typing import Literal

from django.db import IntegrityError, transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.errors import Invalid, NotFound, refuse
from dokuei.hl7.charset import TextEncoding
from dokuei.identity.access import Actor, Permission, require
from dokuei.intake.hl7.models import Hl7Connection
from dokuei.intake.hl7.rules import ConnectionRefusal

Accession = Literal["message", "placer", "filler"]
ONE_ADDRESS = "an_address_and_application_is_one_connection"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}", re.IGNORECASE)


class BadConnection(Invalid):
    """接続名は半角の英数字と - _ で40文字以内、送信元はIPアドレスで指定してください。"""

    code = "hl7.bad_connection"


@transaction.atomic
def connect(
    actor: Actor,
    *,
    facility_id: int,
    name: str,
    peer_host: str,
    encoding: TextEncoding,
    at: datetime,
    application: str = "",
    accession: Accession = "message",
) -> Hl7Connection:
    """Let a system of a facility send orders; the same name again changes how it is set up.

    A connection never goes over to another facility: what came over it belongs to its own.
    """
    require(actor, Permission.FACILITY_MANAGE, facility_id=facility_id)
    said = {
        "peer_host": _address(peer_host),
        "application": application.strip(),
        "encoding": encoding.value,
        "accession": accession,
    }
    if not NAME.fullmatch(name) or len(said["application"]) > 180:
        raise BadConnection()
    rows = Hl7Connection.objects.select_for_update(no_key=True, of=("self",))
    row = rows.filter(name=name, facility_id=facility_id).first()
    if row is None:
        row = Hl7Connection(name=name, facility_id=facility_id, added_at=at)
    before = None if row.pk is None or row.removed_at else {part: getattr(row, part) for part in said}
    for part, value in said.items():
        setattr(row, part, value)
    row.removed_at = None
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        is_address = ONE_ADDRESS in str(error)
        raise refuse(ConnectionRefusal.ADDRESS if is_address else ConnectionRefusal.NAME) from error
    record(Event.HL7_CONNECTED, by=actor, of=row, at=at, name=name, before=before, after=said)
    return row


@transaction.atomic
def disconnect(actor: Actor, connection_id: int, *, facility_id: int, at: datetime) -> None:
    """Stop believing a connection, from its next message on; what came over it stays."""
    require(actor, Permission.FACILITY_MANAGE, facility_id=facility_id)
    rows = Hl7Connection.objects.select_for_update(no_key=True, of=("self",))
    row = rows.filter(pk=connection_id, facility_id=facility_id, removed_at=None).first()
    if row is None:
        raise NotFound()
    row.removed_at = at
    row.save(update_fields=["removed_at"])
    record(Event.HL7_DISCONNECTED, by=actor, of=row, at=at, name=row.name)


def _address(text: str) -> str:
    try:
        return str(ip_address(text.strip()))
    except ValueError as error:
        raise BadConnection() from error
