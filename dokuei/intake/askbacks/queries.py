"""Ask-backs: who sees which, and what a signed report says of them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from dokuei.base.clock import local_date
from dokuei.base.errors import NotFound
from dokuei.identity.access import Actor, Permission, require
from dokuei.intake.askbacks import rules
from dokuei.intake.askbacks.links.queries import mails_of
from dokuei.intake.askbacks.models import AskBack
from dokuei.intake.askbacks.rules import ADDRESSEES, KIND, Act, Addressee, Answer, State
from dokuei.intake.models import Request
from dokuei.patients.queries import patient_out

BOXES = ("open", "ended")
ROWS_MOST = 200


def visible_to(actor: Actor) -> QuerySet[AskBack]:
    """Ask-backs of the actor's facilities."""
    rows = AskBack.objects.select_related("facility", "patient", "request")
    return rows if actor.kind == "system" else rows.filter(facility_id__in=actor.facilities)


def box(actor: Actor, name: str) -> QuerySet[AskBack]:
    """One of the lists: open with the first due first, or ended, newest first."""
    require(actor, Permission.REQUEST_READ)
    rows = visible_to(actor)
    if name == "open":
        return rows.filter(state=State.ASKED).order_by("due_at", "pk")
    return rows.exclude(state=State.ASKED).order_by("-ended_at", "-pk")


def counts(actor: Actor) -> dict[str, int]:
    return {name: box(actor, name).count() for name in BOXES}


def row_of(actor: Actor, ask_back_id: int) -> dict[str, Any]:
    """One ask-back after it was acted on."""
    row = visible_to(actor).filter(pk=ask_back_id).first()
    if row is None:
        raise NotFound()
    return out(row, facility_acts(actor, row))


def of_request(request_id: int) -> list[AskBack]:
    """Every ask-back of a request, oldest first."""
    rows = AskBack.objects.select_related("facility").filter(request_id=request_id)
    return list(rows.order_by("asked_at", "pk"))


def held_for_signing(request_id: int) -> list[AskBack]:
    """The ask-backs a signature pins, locked: an answer on its way waits for the signature, or was there before it."""
    Request.objects.select_for_update(no_key=True, of=("self",)).filter(pk=request_id).first()
    rows = AskBack.objects.select_for_update(no_key=True, of=("self",)).filter(request_id=request_id)
    return list(rows.select_related("facility").order_by("asked_at", "pk"))


def facility_acts(actor: Actor, row: AskBack) -> list[str]:
    """What somebody at the facility or in support may do with it now."""
    if row.state != State.ASKED:
        return []
    acts = [Act.ANSWER] if actor.may(Permission.ASK_BACK_ANSWER) else []
    may_manage = actor.may(Permission.ASK_BACK_WRITE) and actor.may(Permission.REQUEST_READ)
    return [*acts, *([Act.WITHDRAW] if may_manage else [])]


def reader_acts(row: AskBack, is_reader: bool) -> list[str]:
    """What the reader of the case may do with it now."""
    return [Act.WITHDRAW] if is_reader and row.state == State.ASKED else []


def asked_about(request: Request, rows: list[dict[str, Any]], may_ask: bool) -> dict[str, Any]:
    """The ask-backs of one request with what may be asked, for a screen."""
    return {
        "items": rows,
        "revision": rules.revision(State(row["state"]) for row in rows),
        "may_ask": may_ask and request.state in rules.ASKABLE,
        "kinds": [
            {
                "code": kind.code,
                "label": kind.label,
                "sentence": kind.sentence,
                "options": list(kind.options),
                "addressee": kind.addressee,
            }
            for kind in rules.KINDS
        ],
        "addressees": [{"code": code, "label": label} for code, label in ADDRESSEES.items()],
        "due_minutes": rules.DUE_MINUTES[request.urgency],
        "due_choices": sorted(set(rules.DUE_MINUTES.values())),
    }


def asked_of_reading(request: Request, *, is_reader: bool) -> dict[str, Any]:
    """The ask-backs about a reading's request; `is_reader` for whom the reading is, or was."""
    rows = [out(row, reader_acts(row, is_reader)) for row in of_request(request.pk)]
    return asked_about(request, rows, is_reader)


def rows_out(actor: Actor, rows: Iterable[AskBack], at: datetime) -> list[dict[str, Any]]:
    """Lines of the facility's list, with whom and what each is about."""
    today, rows = local_date(at), list(rows)
    mails = mails_of(row.pk for row in rows)
    return [
        {
            **out(row, facility_acts(actor, row), mails),
            "patient": patient_out(row.patient, today),
            "urgency": row.request.urgency,
            "modality": row.request.content.get("exam", {}).get("modality", ""),
            "exam_description": row.request.content.get("exam", {}).get("description", ""),
            "is_reported": row.request.state == "fulfilled",
        }
        for row in rows
    ]


def out(row: AskBack, acts: list[str], mails: Mapping[int, Any] | None = None) -> dict[str, Any]:
    told = mails_of([row.pk]) if mails is None else mails
    return {
        "id": row.pk,
        "request_id": row.request_id,
        "facility": row.facility,
        "kind": row.kind,
        "label": KIND[row.kind].label,
        "sentence": row.sentence,
        "options": row.options,
        "addressee": ADDRESSEES[Addressee(row.addressee)],
        "state": row.state,
        "asked_by": row.asked_by_name,
        "asked_at": row.asked_at,
        "due_at": row.due_at,
        "reminded": row.reminded,
        "mails": told.get(row.pk),
        "answer": _answer(row),
        "ended_by": row.ended_by_name,
        "ended_at": row.ended_at,
        "ended_reason": row.ended_reason,
        "acts": acts,
    }


def ask_backs_in_report(rows: Iterable[AskBack]) -> list[dict[str, Any]]:
    """What a signed version says of them, as plain values: answered with source and time, or not answered.

    A withdrawn question was of no need and is left out; the trail has it.
    """
    return [
        {
            "id": row.pk,
            "label": KIND[row.kind].label,
            "field": row.field,
            "sentence": row.sentence,
            "addressee": ADDRESSEES[Addressee(row.addressee)],
            "asked_by": row.asked_by_name,
            "asked_at": row.asked_at.isoformat(),
            "due_at": row.due_at.isoformat(),
            "state": row.state,
            "answer": _answer(row),
            "facility": row.facility.name,
            "answered_by": row.ended_by_name if row.state == State.ANSWERED else "",
            "answered_at": row.ended_at.isoformat() if row.ended_at and row.state == State.ANSWERED else "",
        }
        for row in rows
        if row.state != State.WITHDRAWN
    ]


def items_answered(request_id: int) -> set[str]:
    """The items of a request that are known by an answer now, though the request itself does not say them."""
    rows = AskBack.objects.filter(request_id=request_id, state=State.ANSWERED).exclude(field="")
    return {
        row.field for row in rows if Answer(option=row.answer_option, text=row.answer_text).says_something
    }


def revision_of_ask_backs(rows: Iterable[AskBack]) -> int:
    return rules.revision(State(row.state) for row in rows)


def asked_now(request_ids: Iterable[int]) -> Mapping[int, int]:
    """How many ask-backs each of these requests waits for; without those that wait for none."""
    rows = AskBack.objects.filter(request_id__in=set(request_ids), state=State.ASKED)
    return Counter(rows.values_list("request_id", flat=True))


def intervals_of(request_ids: Iterable[int], at: datetime) -> Mapping[int, list[rules.Interval]]:
    """From when to when an answer was waited for, by request; an open one is still waited for."""
    found: dict[int, list[rules.Interval]] = {}
    for row in AskBack.objects.filter(request_id__in=set(request_ids)):
        found.setdefault(row.request_id, []).append((row.asked_at, row.ended_at or at))
    return found


def turnaround(request_id: int, sent_at: datetime, until: datetime | None, at: datetime) -> rules.Clock:
    """Gross and net time of a request's reading, to its signature or to now."""
    return rules.clock(sent_at, until or at, intervals_of([request_id], at).get(request_id, []))


def _answer(row: AskBack) -> str:
    return Answer(option=row.answer_option, text=row.answer_text).words
