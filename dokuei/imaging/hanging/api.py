"""HTTP door of the hanging protocols everybody has."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router

from dokuei.identity.access import actor_of
from dokuei.imaging import services
from dokuei.imaging.hanging import queries
from dokuei.imaging.hanging.shapes import (
    Gone,
    SharedProtocolChange,
    SharedProtocolIn,
    SharedProtocolOut,
    SharedProtocolsOut,
)

router = Router(tags=["hanging"])


@router.get("/hanging-protocols", response=SharedProtocolsOut)
def protocols(request: HttpRequest) -> Any:
    """What hangs for everybody."""
    return {"items": queries.shared(actor_of(request))}


@router.post("/hanging-protocols", response=SharedProtocolOut)
def share(request: HttpRequest, body: SharedProtocolIn) -> Any:
    """Let a protocol hang for everybody."""
    return queries.out(services.share_protocol(actor_of(request), body.protocol, at=datetime.now(UTC)))


@router.put("/hanging-protocols/{protocol_id}", response=SharedProtocolOut)
def change(request: HttpRequest, protocol_id: int, body: SharedProtocolChange) -> Any:
    """Change a protocol that hangs for everybody."""
    row = services.change_protocol(
        actor_of(request), protocol_id, body.protocol, revision=body.revision, at=datetime.now(UTC)
    )
    return queries.out(row)


@router.delete("/hanging-protocols/{protocol_id}", response=Gone)
def remove(request: HttpRequest, protocol_id: int) -> Any:
    """Hang a protocol for nobody any more."""
    services.remove_protocol(actor_of(request), protocol_id, at=datetime.now(UTC))
    return Gone()
