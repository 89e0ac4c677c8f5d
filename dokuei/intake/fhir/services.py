"""Commands on what is sent by FHIR: take, keep what was refused, dismiss, open."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.errors import DokueiError, NotFound, Refused, refuse
from dokuei.identity.access import Actor, Permission, require
from dokuei.intake.fhir import queries, rules
from dokuei.intake.fhir.envelope import Part, parts_of
from dokuei.intake.fhir.models import FhirSubmission
from dokuei.intake.fhir.reading import SOURCE, BadServiceRequest, asked, key_of
from dokuei.intake.fhir.rules import Act, State, SubmissionRefusal
from dokuei.intake.models import Request
from dokuei.intake.ordering.order import Order
from dokuei.intake.ordering.services import cancel_order, find_placed, place_order


@dataclass(frozen=True)
class Submission:
    """One body with where it was sent to."""

    facility_id: int
    method: str
    place: str
    raw: bytes
    if_match: str = ""

    @property
    def act(self) -> str:
        return f"{self.method} {self.place}".strip()[:200]


@dataclass(frozen=True)
class Done:
    """What became of one part of a submission; a part that is no order has no request."""

    part: Part
    request: Request | None = None
    outcome: str = ""


class VersionChanged(Refused):
    """依頼は他の送信で変更されています。最新の内容を取得してからやり直してください。"""

    code = "fhir.version"
    status = 412


@transaction.atomic
def take_submission(actor: Actor, sent: Submission, *, at: datetime) -> list[Done]:
    """Do everything a body asks for, or nothing: what is wrong with any part of it is raised."""
    require(actor, Permission.REQUEST_WRITE, facility_id=sent.facility_id)
    parts = parts_of(sent.method, sent.place, sent.raw, sent.if_match)
    done = [_do(actor, sent.facility_id, part, at) for part in parts]
    keys = [key_of(part.one.order) for part in parts if part.one]
    results = [[one.request.pk, one.outcome] for one in done if one.request]
    row = _keep(actor, sent, Act.TAKE, at, keys=keys, results=results)
    refused = FhirSubmission.objects.select_for_update(no_key=True).filter(
        facility_id=sent.facility_id, state=State.REFUSED, keys__overlap=keys
    )
    for before in refused.order_by("pk"):
        before.state, before.ended_at = rules.LIFECYCLE[State.REFUSED, Act.SUPERSEDE], at
        before.save(update_fields=["state", "ended_at"])
    record(Event.FHIR_TAKEN, by=actor, of=row, at=at, requests=[one[0] for one in results])
    return done


@transaction.atomic
def keep_refused(actor: Actor, sent: Submission, error: DokueiError, *, at: datetime) -> FhirSubmission:
    """Keep a body that was not taken, where people see it. Called by the door when all else was rolled back."""
    require(actor, Permission.REQUEST_WRITE, facility_id=sent.facility_id)
    row = _keep(
        actor, sent, Act.REFUSE, at,
        keys=queries.keys_in(sent.raw), code=error.error_code[:60], sentence=error.detail[:500],
    )  # fmt: skip
    record(Event.FHIR_REFUSED, by=actor, of=row, at=at, code=row.code)
    return row


@transaction.atomic
def dismiss_submission(actor: Actor, submission_id: int, *, reason: str, at: datetime) -> FhirSubmission:
    """End what was refused by hand: what it wanted was done otherwise, or is not wanted."""
    require(actor, Permission.QUARANTINE_MANAGE)
    row = (
        queries.visible_to(actor)
        .select_for_update(no_key=True, of=("self",))
        .filter(pk=submission_id)
        .first()
    )
    if row is None:
        raise NotFound()
    if refusal := rules.why_not(State(row.state), Act.DISMISS):
        raise refuse(refusal)
    if not reason.strip():
        raise refuse(SubmissionRefusal.REASON)
    row.state = rules.LIFECYCLE[State(row.state), Act.DISMISS]
    row.reason, row.ended_by, row.ended_at = reason.strip()[:500], actor.name, at
    row.save(update_fields=["state", "reason", "ended_by", "ended_at"])
    record(Event.FHIR_DISMISSED, by=actor, of=row, at=at)
    return row


@transaction.atomic
def open_submission(actor: Actor, submission_id: int, *, at: datetime) -> FhirSubmission:
    """Look at what was sent."""
    require(actor, Permission.QUARANTINE_READ)
    row = queries.visible_to(actor).filter(pk=submission_id).first()
    if row is None:
        raise NotFound()
    record(Event.FHIR_OPENED, by=actor, of=row, at=at)
    return row


def _do(actor: Actor, facility_id: int, part: Part, at: datetime) -> Done:
    if part.one is None:
        return Done(part)
    wanted, key = asked(part.one), key_of(part.one.order)
    known = find_placed(actor, facility_id=facility_id, source=SOURCE, key=key)
    _check(part, known)
    if isinstance(wanted, Order):
        placed = place_order(actor, facility_id=facility_id, order=wanted, at=at)
        return Done(part, placed.request, placed.outcome.value)
    if known is None:
        raise BadServiceRequest(
            "取り消す依頼が見つかりません。identifier を確認してください。", code="fhir.unknown_order"
        )
    request = cancel_order(
        actor, facility_id=facility_id, source=SOURCE, key=key, reason=wanted.reason, at=at
    )
    return Done(part, request, "cancelled")


def _check(part: Part, known: Request | None) -> None:
    """Refuse an update of something else than what it names, or of a version that is no longer the newest."""
    if part.id and (known is None or str(known.pk) != part.id):
        raise BadServiceRequest(
            "この id の依頼の identifier と一致しません。",
            code="fhir.id",
            expression=["ServiceRequest.identifier"],
        )
    if part.if_match and (known is None or part.if_match != f'W/"{known.version}"'):
        raise VersionChanged()


def _keep(
    actor: Actor,
    sent: Submission,
    act: Act,
    at: datetime,
    *,
    keys: Iterable[str],
    results: list[list[object]] | None = None,
    code: str = "",
    sentence: str = "",
) -> FhirSubmission:
    return FhirSubmission.objects.create(
        facility_id=sent.facility_id,
        sender=actor.name[:100],
        act=sent.act,
        raw=sent.raw,
        sha256=hashlib.sha256(sent.raw).hexdigest(),
        keys=list(keys),
        state=rules.LIFECYCLE[State.KEPT, act],
        code=code,
        sentence=sentence,
        results=results or [],
        received_at=at,
    )
