"""HTTP door of received HL7 messages, for support."""

from datetime import UTC, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from dokuei.identity.access import actor_of
from dokuei.imaging.shapes import FacilityRef
from dokuei.intake.hl7 import queries, services
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
