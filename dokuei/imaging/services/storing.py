"""Keeping one instance and listing it, in one go."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.errors import Invalid
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging.archive.arrival import Stored
from dokuei.imaging.archive.keeping import arrival_of
from dokuei.imaging.archive.known import known_hash
from dokuei.imaging.archive.listing import list_arrivals
from dokuei.imaging.incoming import Content, read_incoming


@transaction.atomic
def store_instance(
    actor: Actor,
    *,
    facility_id: int,
    content: Content,
    at: datetime,
    transfer_syntax: str | None = None,
    study_uid: str = "",
) -> Stored:
    """Keep one instance as it came and list it; the caller may answer success once this has committed.

    `transfer_syntax` is given for a bare data set; None means a DICOM file. With `study_uid` an instance of another
    study is refused before anything is kept. An image is never refused for its names, character sets or patient
    identity.
    """
    require(actor, Permission.DICOM_STORE, facility_id=facility_id)
    largest = settings.DOKUEI.max_instance_bytes
    incoming = read_incoming(content, transfer_syntax=transfer_syntax, largest=largest)
    if study_uid and incoming.description.study_instance_uid != study_uid:
        raise Invalid(code="stow.other_study")
    known = known_hash(facility_id, incoming.description.sop_instance_uid) == incoming.sha256
    arrival = arrival_of(actor, facility_id, incoming, at, is_repeat=known)
    return list_arrivals([arrival])[0]


@transaction.atomic
def note_refusal(
    actor: Actor, *, facility_id: int, code: str, door: str, sop_instance_uid: str, at: datetime
) -> None:
    """Write down that an image was not taken and why.

    Called by a door after its transaction was rolled back.
    """
    require(actor, Permission.DICOM_STORE, facility_id=facility_id)
    record(
        Event.INSTANCE_REFUSED,
        by=actor,
        facility_id=facility_id,
        at=at,
        code=code,
        door=door,
        sop_instance_uid=sop_instance_uid[:64],
    )
