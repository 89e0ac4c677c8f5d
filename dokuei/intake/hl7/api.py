"""HTTP door of received HL7 messages, for support, and of the connections they come over."""

from datetime import UTC, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from dokuei.hl7.charset import TextEncoding
from dokuei.identity.access import actor_of
from dokuei.imaging.shapes import FacilityRef
from dokuei.intake.hl7 import connecting, queries, services
from dokuei.intake.hl7.connecting import Accession
from dokuei.intake.hl7.rules import State

router = Router(tags=["hl7"])


class Hl7MessageOut(Schema):
    """A message that could not be taken, without what it says."""

    id: int
    facility: FacilityRef
    connection: str
    encoding: str
    kind: str
    control_id: str
    state: State
    code: str
    sentence: str
    received_at: datetime
    repeats: int
    tried_at: datetime
    requests: list[int]


class Hl7MessagesOut(Schema):
    items: list[Hl7MessageOut]


class Hl7TextOut(Schema):
    id: int
    text: str


class Hl7ConnectionIn(Schema):
    name: Annotated[str, Field(max_length=40)]
    peer_host: Annotated[str, Field(max_length=64)]
    application: Annotated[str, Field(max_length=180)] = ""
    encoding: TextEncoding
    accession: Accession = "message"


class Hl7ConnectionOut(Schema):
    id: int
    name: str
    peer_host: str
    application: str
    encoding: TextEncoding
    accession: Accession
    last_at: datetime | None
    waiting: int


class Hl7DismissIn(Schema):
    reason: Annotated[str, Field(max_length=500)]


@router.get("/hl7/messages", response=Hl7MessagesOut)
def messages(request: HttpRequest) -> Any:
    """Messages in quarantine, newest first."""
    return {"items": queries.quarantined(actor_of(request))}


@router.get("/hl7/messages/{message_id}/text", response=Hl7TextOut)
def text(request: HttpRequest, message_id: int) -> Any:
    """What a message says, a segment a line."""
    row = services.open_message(actor_of(request), message_id, at=datetime.now(UTC))
    return {"id": row.pk, "text": queries.text_of(row)}


@router.post("/hl7/messages/{message_id}/retry", response=Hl7MessageOut)
def retry(request: HttpRequest, message_id: int) -> Any:
    """Try a quarantined message again."""
    row = services.retry_message(actor_of(request), message_id, at=datetime.now(UTC))
    return queries.message_out(row)


@router.post("/hl7/messages/{message_id}/dismiss", response=Hl7MessageOut)
def dismiss(request: HttpRequest, message_id: int, body: Hl7DismissIn) -> Any:
    """End a quarantined message with a reason."""
    row = services.dismiss_message(actor_of(request), message_id, reason=body.reason, at=datetime.now(UTC))
    return queries.message_out(row)


@router.get("/facilities/{int:facility_id}/hl7-connections", response=list[Hl7ConnectionOut])
def connections(request: HttpRequest, facility_id: int) -> Any:
    """The systems that may send orders for a facility."""
    return queries.connections_of(actor_of(request), facility_id)


@router.post("/facilities/{int:facility_id}/hl7-connections", response=list[Hl7ConnectionOut])
def connect(request: HttpRequest, facility_id: int, body: Hl7ConnectionIn) -> Any:
    """Let a system send orders for a facility; the same name again changes how it is set up."""
    actor, at = actor_of(request), datetime.now(UTC)
    connecting.connect(actor, facility_id=facility_id, at=at, **body.model_dump())
    return queries.connections_of(actor, facility_id)


@router.delete("/facilities/{int:facility_id}/hl7-connections/{int:connection_id}", response={204: None})
def disconnect(request: HttpRequest, facility_id: int, connection_id: int) -> Any:
    """Stop believing a system."""
    connecting.disconnect(actor_of(request), connection_id, facility_id=facility_id, at=datetime.now(UTC))
    return Status(204, None)
