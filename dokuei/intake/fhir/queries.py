"""What was sent by FHIR as support sees it, and requests as its senders find them."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from dokuei.base.errors import DokueiError
from dokuei.fhir.resources import Bundle, ServiceRequest, document, read
from dokuei.identity.access import Actor, Permission, require
from dokuei.intake.fhir.models import FhirSubmission
from dokuei.intake.fhir.reading import SOURCE, key_of
from dokuei.intake.fhir.rules import State
from dokuei.intake.models import Request, RequestVersion
from dokuei.intake.ordering.models import PlacedOrder

ROWS_MOST = 200
TEXT_MOST = 200_000


def visible_to(actor: Actor) -> QuerySet[FhirSubmission]:
    rows = FhirSubmission.objects.select_related("facility")
    return rows if actor.kind == "system" else rows.filter(facility_id__in=actor.facilities)


def refused(actor: Actor) -> list[dict[str, Any]]:
    """What could not be taken, newest first, without what it says."""
    require(actor, Permission.QUARANTINE_READ)
    rows = visible_to(actor).defer("raw").filter(state=State.REFUSED).order_by("-pk")
    return [submission_out(row) for row in rows[:ROWS_MOST]]


def submission_out(row: FhirSubmission) -> dict[str, Any]:
    return {
        "id": row.pk,
        "facility": row.facility,
        "sender": row.sender,
        "act": row.act,
        "state": row.state,
        "code": row.code,
        "sentence": row.sentence,
        "received_at": row.received_at,
    }


def text_of(row: FhirSubmission) -> str:
    """What it says, for reading; what is no UTF-8 is marked."""
    return bytes(row.raw).decode("utf-8", "replace")[:TEXT_MOST]


def keys_in(raw: bytes) -> list[str]:
    """The keys of the orders in a body, as far as they can be read."""
    try:
        said = document(raw)
        if said["resourceType"] != "Bundle":
            return _key(said)
        entries = read(said, Bundle).entry
    except DokueiError:
        return []
    return [key for entry in entries if entry.resource for key in _key(entry.resource)]


def _key(said: Mapping[str, Any]) -> list[str]:
    try:
        return [key_of(read(said, ServiceRequest))]
    except DokueiError:
        return []


def found(
    actor: Actor, *, pk: int | None = None, key: str = "", patient_id: str = "", number: str = ""
) -> QuerySet[Request]:
    """Sent requests of the actor's facilities, newest first."""
    require(actor, Permission.REQUEST_READ)
    rows = Request.objects.select_related("facility", "patient").filter(version__gte=1)
    if actor.kind != "system":
        rows = rows.filter(facility_id__in=actor.facilities)
    if pk is not None:
        rows = rows.filter(pk=pk)
    if key:
        rows = rows.filter(pk__in=_placed(key))
    if number:
        rows = rows.filter(stated__numbers__placer_order_number=number)
    if patient_id:
        rows = rows.filter(patient__patient_id=patient_id)
    return rows.order_by("-pk")


def _placed(key: str) -> Any:
    return PlacedOrder.objects.filter(source=SOURCE, key=key).values("request_id")


def keys_of(rows: list[Request]) -> dict[int, str]:
    """The key each of these requests was placed under by FHIR."""
    ids = [row.pk for row in rows]
    return dict(
        PlacedOrder.objects.filter(source=SOURCE, request_id__in=ids).values_list("request_id", "key")
    )


def versions_of(rows: list[Request]) -> dict[int, RequestVersion]:
    """The newest version of each."""
    ids = [row.pk for row in rows]
    sent = RequestVersion.objects.filter(request_id__in=ids).order_by("number")
    return {one.request_id: one for one in sent}
