"""Ending the rows of instances that are listed after all, in the transaction that lists them."""

from collections.abc import Sequence

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.imaging.archive.arrival import Arrival
from dokuei.imaging.unlisted.models import Unlisted


def end_unlisted(arrivals: Sequence[Arrival]) -> None:
    """What these say is listed now; ends what was open about the same content."""
    found = {(one.facility_id, one.uid, one.sha256): one for one in arrivals}
    rows = Unlisted.objects.select_for_update(no_key=True).filter(
        listed_at=None,
        facility_id__in={facility for facility, *_ in found},
        sop_instance_uid__in={uid for _, uid, _ in found},
    )
    for row in rows.order_by("pk"):
        one = found.get((row.facility_id, row.sop_instance_uid, row.sha256))
        if one is not None:
            row.listed_at = max(one.at, row.at)
            row.save(update_fields=["listed_at"])
            record(Event.INSTANCE_LISTED, by=one.actor, of=row, at=row.listed_at, tries=row.tries)
