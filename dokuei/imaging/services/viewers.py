"""Viewers elsewhere: added, changed, taken away by an administrator."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.errors import NotFound
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging.errors import TooManyViewers, ViewerConflict
from dokuei.imaging.viewers import queries
from dokuei.imaging.viewers.models import Viewer
from dokuei.imaging.viewers.rules import Encoding
from dokuei.imaging.viewers.usable import must_be_usable


@dataclass(frozen=True)
class ViewerTerms:
    """What an administrator says of a viewer; no facility is every facility."""

    name: str
    facility_id: int | None
    template: str
    encoding: Encoding
    may_name_patient: bool


@transaction.atomic
def add_viewer(actor: Actor, terms: ViewerTerms, *, at: datetime) -> Viewer:
    """Let a viewer be opened from cases."""
    _may_keep(actor, terms)
    if Viewer.objects.filter(removed_at=None).count() >= queries.MOST_VIEWERS:
        raise TooManyViewers()
    row = Viewer.objects.create(**vars(terms), saved_at=at, author_id=actor.person_id)
    record(Event.VIEWER_ADDED, by=actor, of=row, at=at, template=row.template)
    return row


@transaction.atomic
def change_viewer(actor: Actor, viewer_id: int, terms: ViewerTerms, *, revision: int, at: datetime) -> Viewer:
    """Change a viewer; against an older revision it is refused."""
    _may_keep(actor, terms)
    row = _locked(actor, viewer_id, revision)
    before = row.template
    for name, value in vars(terms).items():
        setattr(row, name, value)
    row.saved_at, row.author_id = at, actor.person_id
    row.revision += 1
    row.save()
    record(
        Event.VIEWER_CHANGED, by=actor, of=row, at=at,
        revision=row.revision, template=row.template, was=before,
    )  # fmt: skip
    return row


@transaction.atomic
def remove_viewer(actor: Actor, viewer_id: int, *, revision: int, at: datetime) -> None:
    """Open it from no case any more; the row stays, so that the trail can be understood."""
    require(actor, Permission.VIEWER_MANAGE)
    row = _locked(actor, viewer_id, revision)
    row.removed_at = at
    row.save(update_fields=["removed_at"])
    record(Event.VIEWER_REMOVED, by=actor, of=row, at=at)


def _may_keep(actor: Actor, terms: ViewerTerms) -> None:
    require(actor, Permission.VIEWER_MANAGE, facility_id=terms.facility_id)
    must_be_usable(terms.template, terms.encoding, may_name_patient=terms.may_name_patient)


def _locked(actor: Actor, viewer_id: int, revision: int) -> Viewer:
    allowed = queries.of_facilities(actor)
    row = allowed.select_for_update(no_key=True, of=("self",)).filter(pk=viewer_id).first()
    if row is None:
        raise NotFound()
    if row.revision != revision:
        raise ViewerConflict()
    return row
