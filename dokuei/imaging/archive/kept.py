"""A kept instance read back from its segment, as it was when it arrived."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from dokuei.base.errors import DokueiError
from dokuei.identity.access import Actor, Permission
from dokuei.imaging.archive.arrival import Arrival
from dokuei.imaging.incoming import read_incoming
from dokuei.kit.segment import Found, Place
from dokuei.kit.store import Store

IN_MEMORY = 32 * 1024**2


@dataclass(frozen=True)
class Kept:
    """What a record's label says of an instance, and where it lies."""

    facility_id: int
    uid: str
    sent_by: str
    at: datetime
    notes: tuple[str, ...]
    place: Place
    sha256: str

    @classmethod
    def of(cls, found: Found) -> "Kept":
        """What a record read back says."""
        label = found.label
        return cls(
            facility_id=int(label["facility"]),
            uid=str(label["uid"]),
            sent_by=str(label["by"]),
            at=datetime.fromisoformat(label["at"]),
            notes=tuple(label["notes"]),
            place=found.place,
            sha256=found.sha256.hex(),
        )

    @classmethod
    def as_arrived(cls, arrival: Arrival, place: Place) -> "Kept":
        """What the record of an arrival says."""
        return cls(
            facility_id=arrival.facility_id,
            uid=arrival.uid,
            sent_by=arrival.actor.name,
            at=arrival.at,
            notes=arrival.notes,
            place=place,
            sha256=arrival.sha256,
        )

    @property
    def sender(self) -> Actor:
        """Who sent it, with the right to have it listed."""
        return Actor(
            kind="machine",
            name=self.sent_by,
            permissions=frozenset({Permission.DICOM_STORE}),
            facilities=frozenset({self.facility_id}),
        )


def read_back(store: Store, kept: Kept) -> Arrival:
    """Read it within the limits it was received in; raise if it is not what was kept."""
    with tempfile.NamedTemporaryFile(prefix="dokuei-segment-") as spool:
        for part in _parts(store, kept.place):
            spool.write(part)
        spool.flush()
        incoming = read_incoming(
            Path(spool.name), transfer_syntax=None, largest=settings.DOKUEI.max_instance_bytes
        )
    if incoming.sha256 != kept.sha256:
        raise DokueiError("the record reads differently from when it was kept", code="segment.differs")
    return Arrival(
        actor=kept.sender,
        facility_id=kept.facility_id,
        description=incoming.description,
        sha256=incoming.sha256,
        place=kept.place,
        data_set_offset=incoming.data_set_offset,
        size_bytes=incoming.size_bytes,
        notes=kept.notes,
        at=kept.at,
    )


def _parts(store: Store, place: Place) -> Iterator[bytes]:
    end = place.offset + place.length
    for at in range(place.offset, end, IN_MEMORY):
        yield store.get_range(place.key, at, min(IN_MEMORY, end - at))
