"""Connections as the listener knows them, and messages as support sees them."""

from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from dokuei.hl7.charset import TextEncoding, legible
from dokuei.identity.access import Actor, Permission, require
from dokuei.intake.hl7.models import Hl7Connection, Hl7Message
from dokuei.intake.hl7.rules import State

ROWS_MOST = 200


def connections_from(host: str) -> list[Hl7Connection]:
    """Who may send from this address."""
    rows = Hl7Connection.objects.filter(peer_host=host, removed_at=None)
    return list(rows.select_related("facility").order_by("-application", "pk"))


def connections_of(actor: Actor, facility_id: int) -> list[dict[str, Any]]:
    """A facility's connections, when each was last heard, and what of it waits in quarantine."""
    require(actor, Permission.FACILITY_READ, facility_id=facility_id)
    of_connection = Hl7Message.objects.filter(connection=OuterRef("pk"))
    rows = Hl7Connection.objects.filter(facility_id=facility_id, removed_at=None).annotate(
        last_at=Subquery(of_connection.order_by("-pk").values("received_at")[:1]),
        waiting=Count("messages", filter=Q(messages__state=State.QUARANTINED)),
    )
    parts = ("id", "name", "peer_host", "application", "encoding", "accession", "last_at", "waiting")
    return [dict(row) for row in rows.order_by("name").values(*parts)]


def connection_for(known: list[Hl7Connection], raw: bytes) -> Hl7Connection | None:
    """Which of an address's connections a message belongs to, by the application it names.

    A header begins in ASCII in every encoding, so this much can be read before it is known in which one.
    """
    head = raw.lstrip(b"\r\n")[:400].split(b"\r", 1)[0].decode("ascii", "replace")
    fields = head[4:].split(head[3]) if head.startswith("MSH") and len(head) > 8 else []
    application = fields[1].strip() if len(fields) > 1 else ""
    exact = (one for one in known if one.application and one.application == application)
    return next(exact, None) or next((one for one in known if not one.application), None)


def actor_of_connection(connection: Hl7Connection) -> Actor:
    """A connection as an actor: it may place its own facility's requests and nothing else."""
    return Actor(
        kind="machine",
        name=f"hl7:{connection.name}",
        permissions=frozenset({Permission.REQUEST_WRITE, Permission.REQUEST_READ}),
        facilities=frozenset({connection.facility_id}),
    )


def visible_to(actor: Actor) -> QuerySet[Hl7Message]:
    rows = Hl7Message.objects.select_related("facility", "connection")
    return rows if actor.kind == "system" else rows.filter(facility_id__in=actor.facilities)


def quarantined(actor: Actor) -> list[dict[str, Any]]:
    """Messages that could not be taken, newest first, without what they say."""
    require(actor, Permission.QUARANTINE_READ)
    rows = visible_to(actor).defer("raw").filter(state=State.QUARANTINED).order_by("-pk")
    return [message_out(row) for row in rows[:ROWS_MOST]]


def message_out(row: Hl7Message) -> dict[str, Any]:
    return {
        "id": row.pk,
        "facility": row.facility,
        "connection": row.connection.name,
        "encoding": row.connection.encoding,
        "kind": row.kind,
        "control_id": row.control_id,
        "state": row.state,
        "code": row.code,
        "sentence": row.sentence,
        "received_at": row.received_at,
        "repeats": row.repeats,
        "tried_at": row.tried_at,
        "requests": [one[0] for one in row.results],
    }


def text_of(row: Hl7Message) -> str:
    """What it says, a segment a line; what cannot be read is marked."""
    return (
        legible(bytes(row.raw), TextEncoding(row.connection.encoding))
        .replace("\r\n", "\n")
        .replace("\r", "\n")
    )
