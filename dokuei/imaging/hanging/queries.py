"""Which protocols everybody has."""

from typing import Any

from pydantic import ValidationError

from dokuei.base.errors import NotPermitted
from dokuei.dicom.hanging import Protocol
from dokuei.identity.access import Actor, Permission
from dokuei.imaging.hanging.models import HangingProtocol

MOST = 200


def shared(actor: Actor) -> list[dict[str, Any]]:
    """Every protocol in use, for who looks at pictures or looks after protocols.

    A document from another time that no longer makes sense is left out; it can never reach a viewer.
    """
    if not (actor.may(Permission.DICOM_READ) or actor.may(Permission.HANGING_MANAGE)):
        raise NotPermitted(permission=Permission.DICOM_READ.value)
    rows = HangingProtocol.objects.filter(removed_at=None).select_related("author").order_by("pk")[:MOST]
    return [shown for row in rows if (shown := out(row)) is not None]


def out(row: HangingProtocol) -> dict[str, Any] | None:
    try:
        protocol = Protocol.model_validate(row.document)
    except ValidationError:
        return None
    return {
        "id": row.pk,
        "protocol": protocol,
        "revision": row.revision,
        "saved_at": row.saved_at,
        "author": row.author.name if row.author else "",
    }
