"""Commands of machines that send orders: place, cancel. What is sent twice is taken once."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import IntegrityError, transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.errors import Invalid, NotFound, refuse
from dokuei.identity.access import Actor, Permission, require
from dokuei.intake import rules, sending
from dokuei.intake.models import Request
from dokuei.intake.ordering.models import PlacedOrder
from dokuei.intake.ordering.order import Order
from dokuei.intake.rules import Act, State


class Outcome(StrEnum):
    PLACED = "placed"
    SAME = "same"
    """Sent before, word for word: nothing was written."""
    CHANGED = "changed"
    LATE = "late"
    """Older than what is held: nothing was written."""


@dataclass(frozen=True)
class Placed:
    request: Request
    outcome: Outcome


@transaction.atomic
def place_order(actor: Actor, *, facility_id: int, order: Order, at: datetime) -> Placed:
    """Take a machine's order as a request, once; sent again with other content, the request gets its next version.

    It is accepted with whatever it lacks, which is scored, shown and asked back like that of any request. Only without
    a patient's ID or any word of the exam it is `Invalid` and nothing is written: the door keeps such a message where
    people see it. Changing what is cancelled or final is refused. Of two senders of the same key at once one places it
    and the other waits and finds it.
    """
    require(actor, Permission.REQUEST_WRITE, facility_id=facility_id)
    if missing := rules.missing_to_place(order.patient.patient_id, order.content):
        raise Invalid(
            "患者IDまたは検査の内容がないため、依頼として受け付けられません。",
            code="order.incomplete",
            missing=[one.label for one in missing],
        )
    known = _known(facility_id, order.source, order.key)
    if known is None:
        try:
            with transaction.atomic():
                return _place(actor, facility_id, order, at)
        except IntegrityError:
            known = _known(facility_id, order.source, order.key)
            if known is None:
                raise
    return _again(actor, known, order, at)


@transaction.atomic
def cancel_order(
    actor: Actor, *, facility_id: int, source: str, key: str, reason: str, at: datetime
) -> Request:
    """Withdraw what was placed under a key; doing it again changes nothing. Refused once the report is final."""
    require(actor, Permission.REQUEST_WRITE, facility_id=facility_id)
    known = _known(facility_id, source, key)
    if known is None:
        raise NotFound()
    request = sending.locked(actor, known.request_id)
    if request.state != State.CANCELLED:
        sending.take_back(actor, request, reason, at)
    return request


def find_placed(actor: Actor, *, facility_id: int, source: str, key: str) -> Request | None:
    """The request placed under a key, held until the transaction ends so that its version stays what it is."""
    require(actor, Permission.REQUEST_WRITE, facility_id=facility_id)
    known = _known(facility_id, source, key)
    return sending.locked(actor, known.request_id) if known is not None else None


def _known(facility_id: int, source: str, key: str) -> PlacedOrder | None:
    rows = PlacedOrder.objects.filter(facility_id=facility_id, source=source, key=key)
    return rows.select_for_update(no_key=True, of=("self",)).first()


def _place(actor: Actor, facility_id: int, order: Order, at: datetime) -> Placed:
    request = Request.objects.create(
        facility_id=facility_id,
        urgency=order.content.urgency,
        content=order.content.model_dump(mode="json"),
        stated=order.stated.model_dump(mode="json"),
        created_by_id=actor.person_id,
        created_by_name=actor.name,
        created_at=at,
        saved_at=at,
    )
    PlacedOrder.objects.create(
        facility_id=facility_id,
        request=request,
        source=order.source,
        key=order.key,
        digest=order.digest,
        said_at=order.said_at,
        taken_at=at,
    )
    record(Event.REQUEST_DRAFTED, by=actor, of=request, at=at)
    sending.hand_over(actor, request, at)
    return Placed(request, Outcome.PLACED)


def _again(actor: Actor, known: PlacedOrder, order: Order, at: datetime) -> Placed:
    request = sending.locked(actor, known.request_id)
    if known.digest == order.digest:
        return Placed(request, Outcome.SAME)
    if known.said_at and order.said_at and order.said_at < known.said_at:
        return Placed(request, Outcome.LATE)
    if refusal := rules.why_not(State(request.state), Act.CHANGE):
        raise refuse(refusal)
    known.digest, known.said_at, known.taken_at = order.digest, order.said_at or known.said_at, at
    known.save(update_fields=["digest", "said_at", "taken_at"])
    sending.hand_over_changed(actor, request, order.content, order.stated, at)
    return Placed(request, Outcome.CHANGED)
