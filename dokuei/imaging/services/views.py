"""Looking at studies: openings in the trail, and grants to readers."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging import queries
from dokuei.imaging.models import Study, StudyGrant
from dokuei.kit.db import seeing_all


@transaction.atomic
def open_study(actor: Actor, study_id: int, *, door: str, at: datetime) -> Study:
    """Note that somebody looks at a study's images, once per opening."""
    require(actor, Permission.DICOM_READ)
    study = queries.one(actor, study_id)
    record(Event.STUDY_OPENED, by=actor, of=study, at=at, door=door)
    return study


@transaction.atomic
def grant_views(
    actor: Actor,
    *,
    study_ids: Iterable[int],
    person_id: int,
    reason: str,
    at: datetime,
    until: datetime | None = None,
) -> int:
    """Let a person look at studies for a reason such as ``reading:12``; return how many grants are new.

    With `until` the right lapses by itself; granting again for the same reason moves that time.
    """
    require(actor, Permission.READING_READ)
    _own_or_managed(actor, person_id)
    studies = Study.objects.filter(pk__in=set(study_ids))
    if actor.kind != "system":
        studies = studies.filter(facility_id__in=actor.facilities)
    granted = 0
    for study in studies.order_by("pk"):
        grant, is_new = StudyGrant.objects.get_or_create(
            study=study,
            person_id=person_id,
            reason=reason,
            ended_at=None,
            defaults={"facility_id": study.facility_id, "since": at, "until": until},
        )
        if grant.until != until:
            grant.until = until
            grant.save(update_fields=["until"])
        if is_new:
            granted += 1
            record(Event.VIEW_GRANTED, by=actor, of=study, at=at, person_id=person_id, reason=reason)
    return granted


@transaction.atomic
def share_views(
    actor: Actor, *, study_ids: Iterable[int], person_id: int, reason: str, mark: str, at: datetime
) -> int:
    """Let a person look at studies of a facility that is not theirs, for as long as what `mark` names stands.

    The caller has decided which studies those are. Ends with the reason, as other grants do, or with the mark.
    """
    require(actor, Permission.READING_READ)
    _own_or_managed(actor, person_id)
    granted, name = 0, f"{reason}|{mark}"
    with seeing_all("imaging.shared"):
        for study in Study.objects.filter(pk__in=set(study_ids)).order_by("pk"):
            _, is_new = StudyGrant.objects.get_or_create(
                study=study,
                person_id=person_id,
                reason=name,
                ended_at=None,
                defaults={"facility_id": study.facility_id, "since": at},
            )
            if is_new:
                granted += 1
                record(Event.VIEW_GRANTED, by=actor, of=study, at=at, person_id=person_id, reason=name)
    return granted


@transaction.atomic
def end_shared(actor: Actor, *, mark: str, at: datetime) -> int:
    """End every grant that stands on this mark, whoever holds it; return how many ended."""
    require(
        actor, Permission.READING_READ if actor.may(Permission.READING_READ) else Permission.FACILITY_MANAGE
    )
    with seeing_all("imaging.shared"):
        return _end(actor, StudyGrant.objects.filter(reason__endswith=f"|{mark}"), at)


@transaction.atomic
def end_views(actor: Actor, *, person_id: int, reason: str, at: datetime) -> int:
    """End every grant a person has for this reason; return how many ended."""
    require(actor, Permission.READING_READ)
    _own_or_managed(actor, person_id)
    theirs = StudyGrant.objects.filter(
        Q(reason=reason) | Q(reason__startswith=f"{reason}|"), person_id=person_id
    )
    with seeing_all("imaging.shared"):  # among them may be studies of a facility that is not the reader's
        return _end(actor, theirs, at)


def _end(actor: Actor, grants: QuerySet[StudyGrant], at: datetime) -> int:
    rows = grants.select_related("study").select_for_update(no_key=True, of=("self",))
    ended = list(rows.filter(ended_at=None).order_by("pk"))
    for grant in ended:
        grant.ended_at = max(at, grant.since)
        grant.save(update_fields=["ended_at"])
        record(
            Event.VIEW_ENDED, by=actor, of=grant.study, at=at, person_id=grant.person_id, reason=grant.reason
        )
    return len(ended)


def _own_or_managed(actor: Actor, person_id: int) -> None:
    """A reader is granted and gives back for themselves; for others it takes the right to manage readings."""
    if actor.kind == "person" and actor.person_id != person_id:
        require(actor, Permission.READING_MANAGE)
