"""Marking what is fetched from a facility's archive."""

from datetime import datetime

from django.db import transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.dicom.uid import parse_uid
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging.fetching.models import FetchedStudy
from dokuei.imaging.models import Study


@transaction.atomic
def mark_fetched(actor: Actor, *, facility_id: int, study_uid: str, wanted_by: str, at: datetime) -> None:
    """Say before a study comes that we asked for it, so that it is no new work.

    What is here already came of itself and is not marked. Marking again changes nothing.
    """
    require(actor, Permission.SYSTEM)
    uid = parse_uid(study_uid)
    if Study.objects.filter(facility_id=facility_id, study_instance_uid=uid).exists():
        return
    row, is_new = FetchedStudy.objects.get_or_create(
        facility_id=facility_id,
        study_instance_uid=uid,
        defaults={"wanted_by": wanted_by, "asked_at": at},
    )
    if is_new:
        record(Event.STUDY_FETCHED, by=actor, of=row, at=at, wanted_by=wanted_by)
