"""Commands on requests: draft, edit, send, place, cancel, fulfil."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.errors import NotFound, refuse
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging import queries as imaging
from dokuei.imaging.models import Study
from dokuei.intake import queries, rules, sending
from dokuei.intake.askbacks.rules import Question
from dokuei.intake.askbacks.services import ask_for_reading, withdraw_for_reading
from dokuei.intake.content import Content
from dokuei.intake.errors import DraftConflict
from dokuei.intake.hl7.connecting import connect as connect_hl7
from dokuei.intake.models import Request, RequestStudy
from dokuei.intake.ordering.order import Numbers, Order, Stated, StatedPatient
from dokuei.intake.ordering.services import Outcome, Placed, cancel_order, place_order
from dokuei.intake.paper.services import open_page, take_paper
from dokuei.intake.rules import Act, IntakeRefusal, State
from dokuei.patients import queries as patients

__all__ = [
    "Content",
    "Numbers",
    "Order",
    "Outcome",
    "Placed",
    "Question",
    "Stated",
    "StatedPatient",
    "ask_for_reading",
    "cancel_order",
    "connect_hl7",
    "open_page",
    "place_order",
    "take_paper",
    "withdraw_for_reading",
]


@transaction.atomic
def draft_request(
    actor: Actor,
    *,
    facility_id: int,
    study_ids: Iterable[int],
    content: Content,
    stated: Stated | None = None,
    at: datetime,
) -> Request:
    """Begin a request; it holds its studies from now on. Before there are any it states its patient itself."""
    require(actor, Permission.REQUEST_WRITE, facility_id=facility_id)
    request = Request.objects.create(
        facility_id=facility_id,
        urgency=content.urgency,
        content=content.model_dump(mode="json"),
        created_by_id=actor.person_id,
        created_by_name=actor.name,
        created_at=at,
        saved_at=at,
    )
    _take_studies(actor, request, list(study_ids), stated)
    record(Event.REQUEST_DRAFTED, by=actor, of=request, at=at)
    return request


@transaction.atomic
def edit_request(
    actor: Actor,
    request_id: int,
    *,
    study_ids: Iterable[int],
    content: Content,
    stated: Stated | None = None,
    revision: int,
    at: datetime,
) -> Request:
    """Save a draft; a save against an older revision is refused with what the other screen wrote."""
    require(actor, Permission.REQUEST_WRITE)
    request = sending.locked(actor, request_id)
    if refusal := rules.why_not(State(request.state), Act.EDIT):
        raise refuse(refusal)
    if revision != request.revision:
        raise DraftConflict(theirs={"revision": request.revision, "content": request.content})
    request.content, request.urgency = content.model_dump(mode="json"), content.urgency
    request.revision += 1
    request.saved_at = at
    request.save(update_fields=["content", "urgency", "revision", "saved_at"])
    _take_studies(actor, request, list(study_ids), stated)
    record(Event.REQUEST_EDITED, by=actor, of=request, at=at, revision=request.revision)
    return request


@transaction.atomic
def send_request(actor: Actor, request_id: int, *, at: datetime) -> Request:
    """Freeze the draft as a version and hand it to the reading service; the rules accept it at once.

    With studies, or before them: then it states its patient itself.
    """
    require(actor, Permission.REQUEST_WRITE)
    request = sending.locked(actor, request_id)
    if refusal := rules.why_not(State(request.state), Act.SEND):
        raise refuse(refusal)
    studies = _studies_of(actor, request)
    content, stated = queries.content_of(request), queries.stated_by(request)
    if not studies and stated is None:
        raise refuse(IntakeRefusal.NO_STUDY)
    modalities = {one for study in studies for one in study.modalities}
    if refusal := rules.why_not_send(content, modalities, stated):
        missing = [asdict(one) for one in rules.missing_to_send(content, stated)]
        raise refuse(refusal, missing=missing)
    sending.hand_over(actor, request, at)
    return request


@transaction.atomic
def change_request(
    actor: Actor, request_id: int, *, content: Content, revision: int, at: datetime
) -> Request:
    """Say something else in a request that was sent: its next version, as if a machine's order had changed it.

    Patient and studies stay. What was sent before stays as it was, with its score; who reads it sees what changed.
    Against an older revision it is refused with what stands there now; once the report is final, altogether.
    """
    require(actor, Permission.REQUEST_WRITE)
    request = sending.locked(actor, request_id)
    if refusal := rules.why_not(State(request.state), Act.CHANGE):
        raise refuse(refusal)
    if revision != request.revision:
        raise DraftConflict(theirs={"revision": request.revision, "content": request.content})
    if content == queries.content_of(request):
        raise refuse(IntakeRefusal.SAME)
    stated = queries.stated_by(request)
    modalities = {one for study in _studies_of(actor, request) for one in study.modalities}
    if refusal := rules.why_not_send(content, modalities, stated):
        missing = [asdict(one) for one in rules.missing_to_send(content, stated)]
        raise refuse(refusal, missing=missing)
    sending.hand_over_changed(actor, request, content, stated, at)
    return request


@transaction.atomic
def cancel_request(actor: Actor, request_id: int, *, reason: str, at: datetime) -> Request:
    """Withdraw a request with a reason; refused once the report is final."""
    require(actor, Permission.REQUEST_WRITE)
    request = sending.locked(actor, request_id)
    sending.take_back(actor, request, reason, at)
    return request


@transaction.atomic
def fulfil_request(actor: Actor, request_id: int, *, version: int, at: datetime) -> None:
    """Its report is final. Called by reporting inside the signing transaction.

    `version` is what the reader saw; what the facility changed since is read before it is signed.
    """
    require(actor, Permission.REPORT_SIGN)
    request = sending.locked(actor, request_id)
    if refusal := rules.why_not(State(request.state), Act.FULFIL):
        raise refuse(refusal)
    if version != request.version:
        raise refuse(IntakeRefusal.CHANGED)
    request.state = rules.LIFECYCLE[State(request.state), Act.FULFIL]
    request.save(update_fields=["state"])
    record(Event.REQUEST_FULFILLED, by=actor, of=request, at=at)


def _studies_of(actor: Actor, request: Request) -> list[Study]:
    return list(imaging.visible_to(actor).filter(pk__in=queries.study_ids(request.pk)))


def _take_studies(actor: Actor, request: Request, study_ids: list[int], stated: Stated | None) -> None:
    """Make the request hold exactly these studies of one patient. Their images say who it is; nothing is stated."""
    wanted = set(study_ids)
    studies = list(
        imaging.visible_to(actor)
        .filter(pk__in=wanted, facility_id=request.facility_id)
        .select_related(None)
        .select_for_update(no_key=True, of=("self",))
        .order_by("pk")
    )
    if len(studies) != len(wanted):
        raise NotFound()
    whose = patients.families({study.patient_id for study in studies})
    if len(set(whose.values())) > 1:
        raise refuse(IntakeRefusal.TWO_PATIENTS)
    taken = queries.request_of_studies(wanted)
    if any(other != request.pk for other in taken.values()):
        raise refuse(IntakeRefusal.STUDY_TAKEN)
    request.request_studies.exclude(study_id__in=wanted).delete()
    RequestStudy.objects.bulk_create(
        RequestStudy(facility_id=request.facility_id, request=request, study_id=study.pk)
        for study in studies
        if study.pk not in taken
    )
    patient_id = studies[0].patient_id if studies else None
    said = stated.model_dump(mode="json") if stated is not None and not studies else None
    if patient_id != request.patient_id or said != request.stated:
        request.patient_id, request.stated = patient_id, said
        request.save(update_fields=["patient", "stated"])
