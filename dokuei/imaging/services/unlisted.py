"""Acknowledged instances that could not be listed: noting them, and trying again."""

import logging
from datetime import datetime

from django.db import transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.errors import NotFound, Unavailable
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging.archive.kept import Kept, read_back
from dokuei.imaging.archive.listing import list_arrivals
from dokuei.imaging.unlisted.models import Unlisted
from dokuei.imaging.unlisted.rules import DAMAGED, code_of, rest
from dokuei.kit import store
from dokuei.kit.db import is_database_away, sqlstate_of
from dokuei.kit.segment import Place

log = logging.getLogger("dokuei.imaging")


@transaction.atomic
def note_unlisted(actor: Actor, kept: Kept, *, code: str, at: datetime) -> None:
    """Give support a row for an instance that is kept and could not be listed; the newest whole place of it counts."""
    require(actor, Permission.DICOM_STORE, facility_id=kept.facility_id)
    where = {
        "store_key": kept.place.key,
        "store_offset": kept.place.offset,
        "store_length": kept.place.length,
        "sent_by": kept.sent_by[:200],
        "kept_at": kept.at,
        "notes": list(kept.notes),
    }
    row, is_new = Unlisted.objects.get_or_create(
        facility_id=kept.facility_id,
        sop_instance_uid=kept.uid[:64],
        sha256=kept.sha256,
        listed_at=None,
        defaults={**where, "code": code, "at": at, "tried_at": at, "retry_at": at + rest(1)},
    )
    if is_new:
        record(Event.INSTANCE_UNLISTED, by=actor, of=row, at=at, code=code, key=row.store_key)
    elif code != DAMAGED:
        for name, value in where.items():
            setattr(row, name, value)
        _note_try(row, code, at)


@transaction.atomic
def retry_unlisted(actor: Actor, unlisted_id: int, *, at: datetime) -> Unlisted:
    """Try again to list one; the row says what came of it.

    The row is not locked meanwhile: whoever else lists the instance ends it, and never waits for us.
    """
    require(actor, Permission.QUARANTINE_MANAGE)
    row = Unlisted.objects.filter(pk=unlisted_id).first()
    if row is None or (actor.kind != "system" and row.facility_id not in actor.facilities):
        raise NotFound()
    if row.listed_at is not None:
        return row
    code = _try(row)
    row.refresh_from_db()
    if not code:
        row.listed_at = at
        row.save(update_fields=["listed_at"])
    elif row.listed_at is None:
        _note_try(row, code, at)
    if actor.kind != "system":
        record(Event.LISTING_RETRIED, by=actor, of=row, at=at, code=code)
    return row


def _try(row: Unlisted) -> str:
    """Empty if it is listed now, else the code of why not; a lost database or store is raised."""
    kept = Kept(
        facility_id=row.facility_id,
        uid=row.sop_instance_uid,
        sent_by=row.sent_by,
        at=row.kept_at,
        notes=tuple(row.notes),
        place=Place(row.store_key, row.store_offset, row.store_length),
        sha256=row.sha256,
    )
    try:
        with transaction.atomic():
            list_arrivals([read_back(store.default(), kept)])
    except Unavailable:
        raise
    except Exception as error:
        if is_database_away(error):
            raise
        log.exception("a kept instance could not be listed", extra={"unlisted": row.pk})
        return code_of(error, sqlstate_of(error))
    return ""


def _note_try(row: Unlisted, code: str, at: datetime) -> None:
    row.tries += 1
    row.code, row.tried_at, row.retry_at = code, at, at + rest(row.tries)
    row.save()
