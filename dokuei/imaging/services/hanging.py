"""Hanging protocols for everybody: shared, changed, removed by those who look after them."""

from datetime import datetime

from django.db import transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.errors import NotFound
from dokuei.dicom.hanging import Protocol
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging.errors import ProtocolConflict, TooManyProtocols
from dokuei.imaging.hanging.models import HangingProtocol
from dokuei.imaging.hanging.queries import MOST, out


@transaction.atomic
def share_protocol(actor: Actor, protocol: Protocol, *, at: datetime) -> HangingProtocol:
    """Let a protocol hang for everybody whose study it fits."""
    require(actor, Permission.HANGING_MANAGE)
    if HangingProtocol.objects.filter(removed_at=None).count() >= MOST:
        raise TooManyProtocols()
    row = HangingProtocol.objects.create(document=_kept(protocol), saved_at=at, author_id=actor.person_id)
    record(Event.HANGING_SHARED, by=actor, of=row, at=at)
    return row


@transaction.atomic
def change_protocol(
    actor: Actor, protocol_id: int, protocol: Protocol, *, revision: int, at: datetime
) -> HangingProtocol:
    """Change what hangs for everybody; against an older revision it is refused with the newer protocol."""
    require(actor, Permission.HANGING_MANAGE)
    row = _locked(protocol_id)
    if revision != row.revision:
        theirs = out(row)
        shown = theirs and {**theirs, "protocol": theirs["protocol"].model_dump(mode="json")}
        raise ProtocolConflict(theirs=shown)
    row.document, row.saved_at, row.author_id = _kept(protocol), at, actor.person_id
    row.revision += 1
    row.save(update_fields=["document", "saved_at", "author", "revision"])
    record(Event.HANGING_CHANGED, by=actor, of=row, at=at, revision=row.revision)
    return row


@transaction.atomic
def remove_protocol(actor: Actor, protocol_id: int, *, at: datetime) -> None:
    """Hang it for nobody any more; the row stays, so that the trail can be understood."""
    require(actor, Permission.HANGING_MANAGE)
    row = _locked(protocol_id)
    row.removed_at = at
    row.save(update_fields=["removed_at"])
    record(Event.HANGING_REMOVED, by=actor, of=row, at=at, revision=row.revision)


def _locked(protocol_id: int) -> HangingProtocol:
    rows = HangingProtocol.objects.select_for_update(no_key=True, of=("self",))
    row = rows.filter(pk=protocol_id, removed_at=None).first()
    if row is None:
        raise NotFound()
    return row


def _kept(protocol: Protocol) -> dict[str, object]:
    kept: dict[str, object] = protocol.model_dump(mode="json", exclude_defaults=True)
    return kept
