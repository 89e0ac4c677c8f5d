"""How a request leaves the hands of whoever wrote it: frozen, accepted, changed, withdrawn.

For this room's services, which have asked who may. Locks are taken in one order: reading, request, case, studies.
"""

from dataclasses import asdict
from datetime import datetime

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.errors import NotFound, refuse
from dokuei.identity.access import Actor
from dokuei.intake import queries, rules
from dokuei.intake.askbacks.services import withdraw_all
from dokuei.intake.content import Content
from dokuei.intake.events import RequestAccepted, RequestCancelled, RequestChanged
from dokuei.intake.linking.services import look_at_request
from dokuei.intake.models import Request, RequestVersion
from dokuei.intake.ordering.order import Stated
from dokuei.intake.rules import Act, IntakeRefusal, State
from dokuei.intake.scoring.queries import score_for
from dokuei.kit.events import publish
from dokuei.patients import services as patients


def locked(actor: Actor, request_id: int) -> Request:
    rows = queries.visible_to(actor).select_for_update(no_key=True, of=("self",))
    request = rows.filter(pk=request_id).first()
    if request is None:
        raise NotFound()
    return request


def hand_over(actor: Actor, request: Request, at: datetime) -> None:
    """Freeze a draft as a version; the rules accept it at once, and it is compared with the images there are."""
    _identify(actor, request, at)
    request.sent_at = at
    _freeze(actor, request, at)
    request.state = State.SENT
    record(Event.REQUEST_SENT, by=actor, of=request, at=at, version=request.version)
    request.state = rules.LIFECYCLE[State.SENT, Act.ACCEPT]
    request.save(update_fields=["patient", "version", "state", "sent_at", "score"])
    record(Event.REQUEST_ACCEPTED, by=actor, of=request, at=at, rule="complete-enough-1")
    publish(RequestAccepted(request.pk, request.facility_id))
    look_at_request(request.pk, at=at)


def hand_over_changed(
    actor: Actor, request: Request, content: Content, stated: Stated | None, at: datetime
) -> None:
    """Freeze what a facility now says as the next version, and compare again."""
    request.content, request.urgency = content.model_dump(mode="json"), content.urgency
    request.stated = stated.model_dump(mode="json") if stated is not None else None
    request.revision += 1
    request.saved_at = at
    _identify(actor, request, at)
    _freeze(actor, request, at)
    request.state = rules.LIFECYCLE[State(request.state), Act.CHANGE]
    request.save()
    record(Event.REQUEST_CHANGED, by=actor, of=request, at=at, version=request.version)
    publish(RequestChanged(request.pk, request.facility_id))
    look_at_request(request.pk, at=at)


def take_back(actor: Actor, request: Request, reason: str, at: datetime) -> None:
    """Withdraw a request; its studies are free again."""
    if refusal := rules.why_not(State(request.state), Act.CANCEL):
        raise refuse(refusal)
    was_sent = request.state != State.DRAFT
    if was_sent and not reason.strip():
        raise refuse(IntakeRefusal.REASON)
    request.state = rules.LIFECYCLE[State(request.state), Act.CANCEL]
    request.ended_reason = reason.strip()[:500]
    request.save(update_fields=["state", "ended_reason"])
    request.request_studies.all().delete()
    withdraw_all(actor, request.pk, at=at)
    record(Event.REQUEST_CANCELLED, by=actor, of=request, at=at)
    if was_sent:
        publish(RequestCancelled(request.pk, request.facility_id))
        look_at_request(request.pk, at=at)


def _identify(actor: Actor, request: Request, at: datetime) -> None:
    """The patient a request states is found or registered; what contradicts is found when it is looked at."""
    stated = queries.stated_by(request)
    if stated is None:
        return
    patient, _ = patients.identify_stated(
        actor, facility_id=request.facility_id, stated=stated.patient.identity, at=at
    )
    request.patient = patient


def _freeze(actor: Actor, request: Request, at: datetime) -> None:
    content = queries.content_of(request)
    score = score_for(content, facility_id=request.facility_id, patient=request.patient, at=at)
    request.version += 1
    request.score = score.score
    RequestVersion.objects.create(
        facility_id=request.facility_id,
        request=request,
        number=request.version,
        content=request.content,
        stated=request.stated,
        completeness=asdict(score),
        sent_at=at,
        sent_by_name=actor.name,
    )
