"""Opening a study in a certified viewer elsewhere, and hearing what that viewer shows."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.errors import NotFound, NotPermitted, refuse
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging import queries as imaging
from dokuei.imaging.errors import ContextDiffers, ContextUnknown
from dokuei.imaging.models import Study
from dokuei.imaging.viewers import queries, rules, secret, usable
from dokuei.imaging.viewers.models import Viewer, ViewerLaunch
from dokuei.imaging.viewers.rules import Act, Context, LaunchRefusal, State
from dokuei.patients import queries as patients


@dataclass(frozen=True)
class Launched:
    """A launch and the address it is opened by, which is told once."""

    launch: ViewerLaunch
    url: str


@dataclass(frozen=True)
class Told:
    """What a viewer is answered: whose study it was opened for, and the secret of its next word."""

    launch: ViewerLaunch
    token: str


@transaction.atomic
def launch_study(
    actor: Actor, viewer_id: int, *, study_ids: Collection[int], screen: Context, reason: str, at: datetime
) -> Launched:
    """Open one of these studies in a viewer: the one that stands on the actor's screen, if all of it is what we hold.

    An earlier launch of the same person in the same viewer is over with it, unless somebody has to look at it first.
    """
    require(actor, Permission.DICOM_READ)
    person_id = _person(actor)
    study = _meant(actor, study_ids, screen)
    viewer = _usable(actor, viewer_id, study)
    tells = "context" in rules.placeholders_of(viewer.template)
    token = secret.mint() if tells else ""
    values = _values(study, token)
    if refusal := rules.why_not_values(viewer.template, values):
        raise refuse(refusal)
    _replace_earlier(actor, viewer, at)
    launch = ViewerLaunch.objects.create(
        facility_id=study.facility_id,
        viewer=viewer,
        study=study,
        patient_id=study.patient_id,
        person_id=person_id,
        reason=reason,
        opened_at=at,
        tells=tells,
        token_sha256=secret.kept_as(token) if tells else None,
        token_until=at + secret.FIRST_GOOD_FOR if tells else None,
    )
    record(
        Event.VIEWER_LAUNCHED, by=actor, of=launch, at=at,
        viewer=viewer.pk, viewer_revision=viewer.revision, study_id=study.pk, reason=reason,
    )  # fmt: skip
    return Launched(launch, rules.address(viewer.template, rules.Encoding(viewer.encoding), values))


@transaction.atomic
def note_launch_refused(
    actor: Actor, viewer_id: int, *, study_ids: Collection[int], reason: str, differs: list[str], at: datetime
) -> None:
    """A screen showed something else than we hold, and nothing was opened. Called by a door after the rollback."""
    require(actor, Permission.DICOM_READ)
    study = imaging.visible_to(actor).filter(pk__in=study_ids).first()
    record(Event.LAUNCH_REFUSED, by=actor, of=study, at=at, viewer=viewer_id, reason=reason, differs=differs)


@transaction.atomic
def tell_context(actor: Actor, token: str, *, at: datetime) -> Told:
    """A viewer asks whose study it was opened for. Its secret is spent with that."""
    require(actor, Permission.SYSTEM)
    launch = _heard(token, at)
    told = _next_word(launch, at)
    record(Event.LAUNCH_ASKED, by=actor, of=launch, at=at)
    return told


@transaction.atomic
def note_shown(actor: Actor, token: str, *, shown: Context | None, at: datetime) -> Told:
    """A viewer says what it shows, or that it shows nothing any more. Its secret is spent with that."""
    require(actor, Permission.SYSTEM)
    launch = _heard(token, at)
    before = (launch.state, launch.shown_patient_id, launch.shown_study_uid)
    own = Study.objects.filter(
        patient__in=patients.family_of(launch.patient_id), facility_id=launch.facility_id
    )
    launched = queries.context_of(launch.study)
    same = own.values_list("study_instance_uid", flat=True)
    differs = rules.shown_differs(launched, shown, same) if shown else []
    act = rules.act_of(shown, differs)
    state = State(launch.state)
    launch.state = rules.LIFECYCLE[state, act]
    # What a person has to look at stays as it was seen; a second mistake replaces the first.
    if shown and (act is Act.DIFFER or state is not State.DIFFERS):
        launch.shown_patient_id, launch.shown_study_uid = shown.patient_id, shown.study_instance_uid
        launch.differs = differs
    launch.reported_at = at
    is_news = before != (launch.state, launch.shown_patient_id, launch.shown_study_uid)
    launch.revision += is_news
    told = _next_word(launch, at)
    if is_news:
        event = {Act.DIFFER: Event.LAUNCH_DIFFERS, Act.CONFIRM: Event.LAUNCH_CONFIRMED}
        record(event.get(act, Event.LAUNCH_EMPTIED), by=actor, of=launch, at=at, differs=differs)
    return told


@transaction.atomic
def clear_launch(actor: Actor, launch_id: int, *, revision: int, at: datetime) -> ViewerLaunch:
    """Who opened the viewer says that they have closed it there; against anything newer than they saw it is refused."""
    require(actor, Permission.DICOM_READ)
    rows = ViewerLaunch.objects.select_for_update(no_key=True)
    launch = rows.filter(
        pk=launch_id, person_id=actor.person_id or 0, facility_id__in=actor.facilities
    ).first()
    if launch is None:
        raise NotFound()
    if launch.revision != revision:
        raise refuse(LaunchRefusal.CHANGED)
    if (State(launch.state), Act.CLEAR) not in rules.LIFECYCLE:
        raise refuse(LaunchRefusal.NOT_OPEN)
    was = launch.state
    launch.state, launch.cleared_at = rules.LIFECYCLE[State(was), Act.CLEAR], at
    launch.revision += 1
    launch.save(update_fields=["state", "cleared_at", "revision"])
    record(Event.LAUNCH_CLEARED, by=actor, of=launch, at=at, was=was)
    return launch


def _person(actor: Actor) -> int:
    if actor.person_id is None:
        raise NotPermitted()
    return actor.person_id


def _meant(actor: Actor, study_ids: Collection[int], screen: Context) -> Study:
    """The study on the screen, if the actor may see it; what does not agree is refused, with in what."""
    seen = list(imaging.visible_to(actor).filter(pk__in=study_ids).order_by("pk"))
    if not seen:
        raise NotFound()
    study = next((one for one in seen if one.study_instance_uid == screen.study_instance_uid), seen[0])
    if differs := rules.differing(queries.context_of(study), screen):
        raise ContextDiffers(differs=differs)
    return study


def _usable(actor: Actor, viewer_id: int, study: Study) -> Viewer:
    rows = queries.of_facilities(actor).filter(Q(facility=None) | Q(facility_id=study.facility_id))
    viewer = rows.filter(pk=viewer_id).first()
    if viewer is None:
        raise NotFound()
    usable.must_be_usable(viewer.template, viewer.encoding, may_name_patient=viewer.may_name_patient)
    return viewer


def _values(study: Study, token: str) -> dict[str, str]:
    patient = study.patient
    return {
        "study_instance_uid": study.study_instance_uid,
        "accession_number": study.accession_number,
        "patient_id": patient.patient_id,
        "issuer": patient.issuer,
        "facility": study.facility.code,
        "aet": settings.DOKUEI.dicom_address[0],
        "context": token,
    }


def _replace_earlier(actor: Actor, viewer: Viewer, at: datetime) -> None:
    rows = ViewerLaunch.objects.select_for_update(no_key=True).order_by("pk")
    earlier = rows.filter(person_id=actor.person_id or 0, viewer=viewer, facility_id__in=actor.facilities)
    for row in earlier.exclude(state__in=[State.REPLACED, State.DIFFERS]):
        row.state = rules.LIFECYCLE[State(row.state), Act.REPLACE]
        row.token_sha256 = row.token_until = None
        row.save(update_fields=["state", "token_sha256", "token_until"])
        record(Event.LAUNCH_REPLACED, by=actor, of=row, at=at)


def _heard(token: str, at: datetime) -> ViewerLaunch:
    """The launch of a secret that is good now, locked. Whatever is wrong with it, the answer is one and the same."""
    rows = ViewerLaunch.objects.select_for_update(no_key=True, of=("self",)).select_related("study__patient")
    live = rows.filter(state__in=rules.HEARD, token_until__gt=at)
    launch = live.filter(token_sha256=secret.kept_as(token)).first() if secret.is_ours(token) else None
    if launch is None:
        raise ContextUnknown()
    return launch


def _next_word(launch: ViewerLaunch, at: datetime) -> Told:
    """Spend the secret and give the next."""
    token = secret.mint()
    launch.token_sha256, launch.token_until = secret.kept_as(token), at + secret.NEXT_GOOD_FOR
    launch.save()
    return Told(launch, token)
