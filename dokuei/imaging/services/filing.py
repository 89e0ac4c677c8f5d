"""Filing objects this installation made: promised first, then kept and listed like anything else."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.errors import Invalid, NotFound
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging.archive.arrival import Outcome
from dokuei.imaging.made.models import Made
from dokuei.imaging.models import Instance, Study
from dokuei.imaging.services.storing import store_instance


@transaction.atomic
def promise_objects(actor: Actor, study_id: int, *, uids: Sequence[tuple[str, str]], at: datetime) -> None:
    """Say which instances will be written into a study: (series UID, SOP UID). Saying it again changes nothing."""
    require(actor, Permission.SYSTEM)
    study = Study.objects.filter(pk=study_id).first()
    if study is None:
        raise NotFound()
    rows = [
        Made(
            facility_id=study.facility_id,
            study=study,
            series_instance_uid=series_uid,
            sop_instance_uid=sop_uid,
            promised_at=at,
        )
        for series_uid, sop_uid in uids
    ]
    Made.objects.bulk_create(rows, ignore_conflicts=True)
    record(Event.OBJECTS_PROMISED, by=actor, of=study, at=at, uids=[uid for _, uid in uids])


@transaction.atomic
def file_object(actor: Actor, study_id: int, *, sop_uid: str, content: bytes, at: datetime) -> bool:
    """File a promised object in its study; False if it was there already, whatever it says now.

    An object that is listed is never written again: made anew by a later release it could differ in a byte, and would
    stand in quarantine against itself.
    """
    require(actor, Permission.SYSTEM)
    promise = (
        Made.objects.select_for_update(no_key=True, of=("self",))
        .select_related("study")
        .filter(study_id=study_id, sop_instance_uid=sop_uid)
        .first()
    )
    if promise is None:
        raise NotFound()
    if promise.instance_id is not None:
        return False
    held = Instance.objects.filter(facility_id=promise.facility_id, sop_instance_uid=sop_uid).first()
    if held is not None:
        Made.objects.filter(pk=promise.pk).update(instance=held)
        return False
    stored = store_instance(
        actor,
        facility_id=promise.facility_id,
        content=content,
        at=at,
        study_uid=promise.study.study_instance_uid,
    )
    if stored.sop_instance_uid != sop_uid or stored.outcome is Outcome.QUARANTINED:
        raise Invalid(code="object.contradicts")
    record(Event.OBJECT_FILED, by=actor, of=promise, at=at, study_id=study_id, sop_class=stored.sop_class_uid)
    return True
