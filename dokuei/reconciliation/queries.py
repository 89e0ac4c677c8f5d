"""Loose ends of a facility, its certificates, and what of both may be shown."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from dokuei.base.clock import local_date
from dokuei.base.errors import NotFound
from dokuei.delivery import loose as delivery
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging import loose as imaging
from dokuei.intake import loose as intake
from dokuei.kit.loose import LooseEnd
from dokuei.patients import loose as patients
from dokuei.reconciliation.models import Certificate, Explanation, Night
from dokuei.reconciliation.rules import ENTRIES, Kind, nights_missed
from dokuei.worklist import loose as worklist

GENESIS = "0" * 64
SHOWN = 62
"""Certificates and nights a screen looks back."""
Finder = Callable[[int, datetime], list[LooseEnd]]


def _contradictions(facility_id: int, _: datetime) -> list[LooseEnd]:
    """Held studies, readings held for another reason than their study, and what was found after the signature."""
    studies = imaging.held_studies(facility_id)
    told = {one.request_id for one in studies if one.request_id is not None}
    others = [*worklist.readings_held(facility_id), *intake.contradictions_after_signing(facility_id)]
    return studies + [one for one in others if one.request_id not in told]


FINDERS: Mapping[Kind, Finder] = {
    Kind.STUDY_WITHOUT_REQUEST: intake.studies_without_request,
    Kind.REQUEST_WITHOUT_STUDY: intake.requests_without_study,
    Kind.DRAFT_LEFT: intake.drafts_left,
    Kind.REQUEST_WITHOUT_READING: intake.requests_without_reading,
    Kind.READING_WITHOUT_OWNER: worklist.readings_without_owner,
    Kind.READING_LEFT_OPEN: lambda facility_id, _: worklist.readings_left_open(facility_id),
    Kind.CONTRADICTION: _contradictions,
    Kind.MESSAGE_QUARANTINED: lambda facility_id, _: intake.messages_quarantined(facility_id),
    Kind.PAPER_WAITING: intake.papers_waiting,
    Kind.MERGE_WAITING: patients.merges_waiting,
    Kind.QUARANTINED: lambda facility_id, _: imaging.quarantined_objects(facility_id),
    Kind.UNLISTED: lambda facility_id, _: imaging.unlisted_objects(facility_id),
    Kind.COUNT_DIFFERS: imaging.studies_counted_differently,
    Kind.REPORT_NOT_DELIVERED: delivery.reports_not_delivered,
}


def loose_ends(facility_id: int, kind: Kind, at: datetime) -> list[LooseEnd]:
    """What of this kind has hung loose for longer than its grace. In a scope that holds the facility."""
    return FINDERS[kind](facility_id, at - ENTRIES[kind].grace)


@dataclass(frozen=True)
class Found:
    """Everything of one facility at one moment: what is open, and what may stay, with why."""

    open: list[dict[str, Any]]
    explained: list[dict[str, Any]]


def look(facility_id: int, at: datetime) -> Found:
    """Look for every kind of loose end. In a scope that holds the facility."""
    given = {
        (row.kind, row.object_id, row.detail): row
        for row in Explanation.objects.filter(facility_id=facility_id, ended_at=None)
    }
    found = Found([], [])
    for kind in Kind:
        for end in loose_ends(facility_id, kind, at):
            told = given.get((kind.value, end.object_id, end.detail))
            if told is None:
                found.open.append(_end_out(kind, end))
            else:
                found.explained.append({**_end_out(kind, end), **_told_out(told)})
    return found


def totals(facility_id: int, since: datetime, until: datetime) -> dict[str, int]:
    """What moved between two moments. In a scope that holds the facility."""
    return {
        **imaging.arrived(facility_id, since, until),
        "earlier_studies": intake.earlier_studies_received(facility_id, since, until),
        **intake.requests_moved(facility_id, since, until),
        **worklist.readings_done(facility_id, since, until),
        **delivery.delivered(facility_id, since, until),
    }


def _end_out(kind: Kind, end: LooseEnd) -> dict[str, Any]:
    entry = ENTRIES[kind]
    return {
        "kind": kind.value,
        "label": entry.label,
        "owner": entry.owner,
        "cure": entry.cure,
        "may_explain": entry.may_explain,
        "object": end.object,
        "object_id": end.object_id,
        "since": end.since.isoformat(),
        "what": end.what,
        "patient_id": end.patient_id,
        "detail": end.detail,
        "study_id": end.study_id,
        "request_id": end.request_id,
    }


def _told_out(row: Explanation) -> dict[str, Any]:
    return {
        "explanation_id": row.pk,
        "reason": row.reason,
        "explained_by": row.by_name,
        "explained_at": row.at.isoformat(),
    }


def last_certificate(facility_id: int) -> Certificate | None:
    return Certificate.objects.filter(facility_id=facility_id).order_by("-on").first()


def chain_hash(previous: str, body: Mapping[str, Any]) -> str:
    """SHA-256 over the facility's previous certificate and the canonical JSON of this one."""
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{previous}|{text}".encode()).hexdigest()


def is_unaltered(facility_id: int) -> bool:
    """Whether every certificate of a facility still carries the hash it was made with."""
    previous = GENESIS
    for row in Certificate.objects.filter(facility_id=facility_id).order_by("on"):
        if (row.previous, row.sha256) != (previous, chain_hash(previous, row.body)):
            return False
        previous = row.sha256
    return True


def visible_to(actor: Actor) -> QuerySet[Certificate]:
    """The service's people see every certificate of their facilities; a facility sees those that were sent to it."""
    rows = Certificate.objects.select_related("handover", "facility")
    if actor.kind == "system":
        return rows
    rows = rows.filter(facility_id__in=actor.facilities)
    return rows if actor.may(Permission.RECONCILIATION_SEND) else rows.exclude(handover=None)


def one(actor: Actor, certificate_id: int) -> Certificate:
    """A certificate the actor may see, or `NotFound`."""
    require(actor, Permission.RECONCILIATION_READ)
    row = visible_to(actor).filter(pk=certificate_id).first()
    if row is None:
        raise NotFound()
    return row


def now_out(actor: Actor, facility_id: int, at: datetime) -> dict[str, Any]:
    """A facility as it is at this moment, and its last certificates."""
    require(actor, Permission.RECONCILIATION_READ, facility_id=facility_id)
    found = look(facility_id, at)
    certificates = visible_to(actor).filter(facility_id=facility_id).order_by("-on")[:SHOWN]
    return {
        "at": at,
        "open": found.open,
        "explained": found.explained,
        "totals": totals(facility_id, at - timedelta(days=1), at),
        "certificates": [certificate_out(actor, row) for row in certificates],
        "missed": _missed(facility_id, at) if actor.may(Permission.RECONCILIATION_SEND) else [],
        "may_explain": actor.may(Permission.RECONCILIATION_EXPLAIN),
    }


def _missed(facility_id: int, at: datetime) -> list[date]:
    night = Night.objects.filter(facility_id=facility_id).first()
    if night is None:
        return []
    since = max(night.since, local_date(at) - timedelta(days=SHOWN))
    made = Certificate.objects.filter(facility_id=facility_id, on__gte=since).values_list("on", flat=True)
    return nights_missed(made, since, at)


def certificate_out(actor: Actor, row: Certificate) -> dict[str, Any]:
    """A certificate as a line of a list, with what this actor may do with it."""
    handover = getattr(row, "handover", None)
    return {
        "id": row.pk,
        "facility": row.facility,
        "on": row.on,
        "made_at": row.made_at,
        "loose_count": row.loose_count,
        "sha256": row.sha256,
        "sent_at": handover.sent_at if handover else None,
        "sent_by": handover.sent_by_name if handover else "",
        "taken_at": handover.taken_at if handover else None,
        "taken_by": handover.taken_by_name if handover else "",
        "may_send": handover is None and actor.may(Permission.RECONCILIATION_SEND),
        "may_take": handover is not None
        and handover.taken_at is None
        and actor.may(Permission.RECONCILIATION_TAKE),
    }


def newest_out(actor: Actor) -> list[dict[str, Any]]:
    """Every facility's newest certificate, those with most hanging loose first."""
    require(actor, Permission.RECONCILIATION_SEND)
    newest = visible_to(actor).order_by("facility_id", "-on").distinct("facility_id")
    rows = sorted(newest, key=lambda row: (-row.loose_count, row.facility.name))
    return [certificate_out(actor, row) for row in rows]
