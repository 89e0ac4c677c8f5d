"""Devices: the AE titles that may send, and search, for a facility."""

from datetime import datetime
from ipaddress import ip_address

from django.db import transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging import queries
from dokuei.imaging.errors import AeAddressMissing, AeTitleIllegal, AeTitleTaken, AeTitleUnknown
from dokuei.imaging.models import ApplicationEntity


@transaction.atomic
def add_ae_title(
    actor: Actor,
    *,
    facility_id: int,
    title: str,
    at: datetime,
    peer_host: str | None = None,
    port: int | None = None,
    may_query: bool = False,
    is_archive: bool = False,
) -> ApplicationEntity:
    """Let a device send for a facility under this calling AE title.

    With `may_query` it may also search and retrieve the facility's studies; with an address and `port` it can be the
    destination of C-MOVE and of commitment reports. One that `is_archive` is asked how many instances a study has.
    """
    require(actor, Permission.FACILITY_MANAGE, facility_id=facility_id)
    title = title.strip()
    if not 1 <= len(title) <= 16 or not title.isascii() or not title.isprintable() or "\\" in title:
        raise AeTitleIllegal()
    if queries.ae_is_known(title):
        raise AeTitleTaken()
    if (port is not None and not peer_host) or (is_archive and port is None):
        raise AeAddressMissing()
    row = ApplicationEntity.objects.create(
        facility_id=facility_id,
        title=title,
        peer_host=_address(peer_host),
        port=port,
        may_query=may_query,
        is_archive=is_archive,
        added_at=at,
    )
    record(
        Event.AE_TITLE_ADDED, by=actor, of=row, at=at, title=title, may_query=may_query, is_archive=is_archive
    )
    return row


def _address(text: str | None) -> str | None:
    if not text:
        return None
    try:
        return str(ip_address(text.strip()))
    except ValueError as error:
        raise AeAddressMissing() from error


@transaction.atomic
def remove_ae_title(actor: Actor, ae_title_id: int, *, facility_id: int, at: datetime) -> None:
    """Stop believing a calling AE title; what it sent stays."""
    require(actor, Permission.FACILITY_MANAGE, facility_id=facility_id)
    rows = ApplicationEntity.objects.select_for_update(no_key=True, of=("self",))
    row = rows.filter(pk=ae_title_id, facility_id=facility_id, removed_at=None).first()
    if row is None:
        raise AeTitleUnknown()
    row.removed_at = at
    row.save(update_fields=["removed_at"])
    record(Event.AE_TITLE_REMOVED, by=actor, of=row, at=at, title=row.title)
