"""Storage commitment (PS3.4 annex J): a device's question, and that it has been answered."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.dicom.uid import parse_uid
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging.models import Commitment

FIRST_TRY = timedelta(seconds=2)


@transaction.atomic
def ask_commitment(
    actor: Actor,
    *,
    facility_id: int,
    device_id: int,
    transaction_uid: str,
    instances: Sequence[tuple[str, str]],
    listens: bool,
    at: datetime,
) -> Commitment:
    """Take up the question; the same transaction asked again is answered again."""
    require(actor, Permission.DICOM_STORE, facility_id=facility_id)
    row, _ = Commitment.objects.update_or_create(
        device_id=device_id,
        transaction_uid=parse_uid(transaction_uid),
        defaults={
            "facility_id": facility_id,
            "asked": [list(one) for one in instances],
            "asked_at": at,
            "attempts": 0,
            "report_at": at + FIRST_TRY if listens else None,
            "reported_at": None,
        },
    )
    record(Event.COMMITMENT_ASKED, by=actor, of=row, at=at, instances=len(instances))
    return row


@transaction.atomic
def note_reported(actor: Actor, commitment_id: int, *, at: datetime, failed: int) -> None:
    """The device has our answer."""
    require(actor, Permission.DICOM_STORE)
    row = Commitment.objects.select_for_update(no_key=True).get(pk=commitment_id)
    row.reported_at, row.report_at = at, None
    row.save(update_fields=["reported_at", "report_at"])
    record(Event.COMMITMENT_REPORTED, by=actor, of=row, at=at, failed=failed)
