"""Devices that send to us or are asked."""

from dataclasses import dataclass
from typing import Any

from dokuei.dicom.net.requestor import Address
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging.models import ApplicationEntity
from dokuei.kit.db import scope, system_scope


def ae_titles(actor: Actor, facility_id: int) -> list[dict[str, Any]]:
    """The devices that may send for a facility."""
    require(actor, Permission.FACILITY_READ, facility_id=facility_id)
    rows = ApplicationEntity.objects.filter(facility_id=facility_id, removed_at=None)
    names = ("id", "title", "peer_host", "port", "may_query", "is_archive")
    return [{name: getattr(row, name) for name in names} for row in rows.order_by("title")]


def ae_is_known(title: str) -> bool:
    """Whether any facility uses this title; titles are one name space for the whole service."""
    return ApplicationEntity.objects.filter(title=title, removed_at=None).exists()


def has_archive(facility_id: int) -> bool:
    """Whether a facility has an archive that can be asked. In a scope that holds it."""
    rows = ApplicationEntity.objects.filter(facility_id=facility_id, is_archive=True, removed_at=None)
    return rows.exists()


def destination(actor: Actor, title: str) -> Address | None:
    """Where a device of the actor's facilities listens, as a destination of C-MOVE."""
    rows = ApplicationEntity.objects.filter(title=title, removed_at=None, facility_id__in=actor.facilities)
    with scope(actor.facilities):
        row = rows.exclude(port=None).first()
    return Address(row.title, row.peer_host or "", row.port or 0) if row is not None else None


@dataclass(frozen=True)
class Device:
    """A device behind a calling AE title."""

    actor: Actor
    facility_id: int
    may_query: bool
    id: int
    listens: bool


def device_of_ae(title: str, peer_host: str) -> Device | None:
    """The device behind a calling AE title at an address; None if nobody knows it."""
    with system_scope("dimse"):
        row = (
            ApplicationEntity.objects.select_related("facility")
            .filter(title=title, removed_at=None, facility__is_active=True)
            .first()
        )
    if row is None or (row.peer_host and row.peer_host != peer_host):
        return None
    rights = {Permission.DICOM_STORE}
    if row.may_query:
        rights |= {Permission.DICOM_READ, Permission.STUDY_READ}
    actor = Actor(
        kind="machine",
        name=f"ae:{row.title}",
        permissions=frozenset(rights),
        facilities=frozenset({row.facility_id}),
    )
    return Device(actor, row.facility_id, row.may_query, row.pk, row.port is not None)
