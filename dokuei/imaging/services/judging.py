"""Judging a study again after what is held of its patient was put right."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging import events
from dokuei.imaging.archive.receiving import hold_for
from dokuei.imaging.judging import IDENTITY, contradicted_now
from dokuei.imaging.models import Study
from dokuei.imaging.rules import Receipt
from dokuei.kit.events import publish


@transaction.atomic
def judge_again(actor: Actor, study_id: int, *, at: datetime) -> None:
    """Hold a study for what its images contradict now, and for nothing they no longer contradict.

    Only reasons that lie in the patient are touched; what a person looked at stays looked at. Twice changes nothing.
    """
    require(actor, Permission.SYSTEM)
    rows = Study.objects.select_for_update(no_key=True, of=("self",))
    study = rows.filter(pk=study_id).first()
    against = contradicted_now(study) if study is not None else None
    if study is None or against is None:
        return
    gone = (IDENTITY & set(study.held_for)) - against
    if gone and study.receipt == Receipt.HELD:
        _let_go_of(actor, study, gone, at)
    hold_for(actor, study, against, at)


def _let_go_of(actor: Actor, study: Study, gone: set[str], at: datetime) -> None:
    study.held_for = sorted(set(study.held_for) - gone)
    if not study.held_for:
        before = Receipt(study.held_from)
        study.receipt, study.held_from = before.value, ""
        if before is Receipt.RECEIVING and study.settle_due_at is None:
            study.settle_due_at = at + timedelta(seconds=settings.DOKUEI.settle_seconds)
    study.save(update_fields=["receipt", "held_for", "held_from", "settle_due_at"])
    record(Event.STUDY_JUDGED, by=actor, of=study, at=at, gone=sorted(gone), left=study.held_for)
    publish(events.StudyResolved(study_id=study.pk, facility_id=study.facility_id))
