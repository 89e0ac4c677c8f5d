"""Commands on ask-backs: ask, answer, withdraw; and what the due loop does to them.

Locks are taken in one order: reading, request, ask-backs.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.errors import NotFound, refuse
from dokuei.identity.access import Actor, Permission, require
from dokuei.intake.askbacks import queries, rules
from dokuei.intake.askbacks.models import AskBack
from dokuei.intake.askbacks.rules import KIND, Act, Answer, AskBackRefusal, Question, State
from dokuei.intake.events import AskBackWaits
from dokuei.intake.models import Request
from dokuei.kit.events import publish

BY_RULES = "自動照会（充足度の基準）"


@transaction.atomic
def ask_for_request(actor: Actor, request_id: int, question: Question, *, at: datetime) -> AskBack:
    """Ask the facility about one of its requests. For support, who may see every request."""
    require(actor, Permission.REQUEST_READ)
    return _ask(actor, request_id, question, at)


@transaction.atomic
def ask_for_reading(actor: Actor, request_id: int, question: Question, *, at: datetime) -> AskBack:
    """Ask about the request of a reading. Called by the worklist, which knows whose reading it is."""
    require(actor, Permission.ASK_BACK_WRITE)
    return _ask(actor, request_id, question, at)


@transaction.atomic
def ask_missing(actor: Actor, request_id: int, kinds: Iterable[str], *, at: datetime) -> list[AskBack]:
    """Ask by the facility's rules for what an accepted request lacks. A kind that was ever asked is not asked again."""
    require(actor, Permission.SYSTEM)
    request = Request.objects.select_for_update(no_key=True, of=("self",)).filter(pk=request_id).first()
    if request is None or request.state not in rules.ASKABLE:
        return []  # withdrawn before we came to it
    known = set(AskBack.objects.filter(request_id=request_id).values_list("kind", flat=True))
    asked = []
    for code in kinds:
        if code not in known:
            kind = KIND[code]
            question = Question(
                kind=code, sentence=kind.sentence, options=kind.options, addressee=kind.addressee
            )
            asked.append(_ask(actor, request_id, question, at, asked_by=BY_RULES))
    return asked


@transaction.atomic
def answer_ask_back(actor: Actor, ask_back_id: int, answer: Answer, *, at: datetime) -> AskBack:
    """Give the facility's answer. The same answer twice is one; another one after it is refused, with who answered."""
    require(actor, Permission.ASK_BACK_ANSWER)
    row = _locked(actor, ask_back_id)
    if row.state == State.ANSWERED:
        if (row.answer_option, row.answer_text) == (answer.option, answer.text.strip()):
            return row
        raise refuse(AskBackRefusal.ANSWERED, answered_by=row.ended_by_name, answered_at=row.ended_at)
    if refusal := rules.why_not(State(row.state), Act.ANSWER) or rules.why_not_answer(answer, row.options):
        raise refuse(refusal)
    row.answer_option, row.answer_text = answer.option, answer.text.strip()
    _end(actor, row, Act.ANSWER, at)
    record(
        Event.ASK_BACK_ANSWERED, by=actor, of=row, at=at,
        request=row.request_id, kind=row.kind, is_option=bool(answer.option),
    )  # fmt: skip
    return row


@transaction.atomic
def withdraw_for_request(actor: Actor, ask_back_id: int, *, reason: str, at: datetime) -> AskBack:
    """Take back a question that is of no need any more. For support."""
    require(actor, Permission.REQUEST_READ)
    return _withdraw(actor, _locked(actor, ask_back_id), reason, at)


@transaction.atomic
def withdraw_for_reading(
    actor: Actor, request_id: int, ask_back_id: int, *, reason: str, at: datetime
) -> AskBack:
    """Take back a question about a reading. Called by the worklist, which knows whose reading it is."""
    require(actor, Permission.ASK_BACK_WRITE)
    row = _locked(actor, ask_back_id)
    if row.request_id != request_id:
        raise NotFound()
    return _withdraw(actor, row, reason, at)


@transaction.atomic
def withdraw_all(actor: Actor, request_id: int, *, at: datetime) -> None:
    """The request was cancelled: nothing is asked about it any more. Called with the request locked."""
    require(actor, Permission.REQUEST_WRITE)
    rows = AskBack.objects.select_for_update(no_key=True, of=("self",)).filter(
        request_id=request_id, state=State.ASKED
    )
    for row in rows.order_by("pk"):
        _end(actor, row, Act.WITHDRAW, at)
        record(Event.ASK_BACK_WITHDRAWN, by=actor, of=row, at=at, request=request_id, kind=row.kind)


@transaction.atomic
def remind_of_ask_back(actor: Actor, row: AskBack, *, at: datetime) -> None:
    """A share of the time has passed without an answer. Called by the due loop with the row locked."""
    require(actor, Permission.SYSTEM)
    if rules.why_not(State(row.state), Act.REMIND) or at >= row.due_at:
        row.remind_at = None
        row.save(update_fields=["remind_at"])
        return
    row.reminded += 1
    row.remind_at = rules.next_reminder(row.asked_at, row.due_at, at)
    row.save(update_fields=["reminded", "remind_at"])
    record(
        Event.ASK_BACK_REMINDED, by=actor, of=row, at=at,
        request=row.request_id, kind=row.kind, reminded=row.reminded,
    )  # fmt: skip
    publish(AskBackWaits(row.pk, row.facility_id, row.reminded))


@transaction.atomic
def expire_ask_back(actor: Actor, row: AskBack, *, at: datetime) -> None:
    """Nobody answered in time: it is over, and the reading goes on. Called by the due loop with the row locked."""
    require(actor, Permission.SYSTEM)
    if rules.why_not(State(row.state), Act.EXPIRE):
        row.expires_at = None
        row.save(update_fields=["expires_at"])
        return
    _end(actor, row, Act.EXPIRE, at)
    record(Event.ASK_BACK_EXPIRED, by=actor, of=row, at=at, request=row.request_id, kind=row.kind)


def _ask(actor: Actor, request_id: int, question: Question, at: datetime, *, asked_by: str = "") -> AskBack:
    """The request is locked before the rule is asked, so of two askers in the same second one asks."""
    require(actor, Permission.ASK_BACK_WRITE)
    rows = Request.objects.all()
    requests = rows if actor.kind == "system" else rows.filter(facility_id__in=actor.facilities)
    request = requests.select_for_update(no_key=True, of=("self",)).filter(pk=request_id).first()
    if request is None:
        raise NotFound()
    same = AskBack.objects.filter(request_id=request_id, kind=question.kind, state=State.ASKED).first()
    if refusal := rules.why_not_ask(question, request.state, same is not None):
        known = {} if same is None else {"asked_by": same.asked_by_name, "asked_at": same.asked_at}
        raise refuse(refusal, **known)
    if request.patient_id is None:
        raise refuse(AskBackRefusal.NOT_ASKABLE)
    until = rules.due_at(question, request.urgency, at)
    row = AskBack.objects.create(
        facility_id=request.facility_id,
        request=request,
        patient_id=request.patient_id,
        kind=question.kind,
        field=KIND[question.kind].field,
        sentence=question.sentence.strip(),
        options=[one.strip() for one in question.options],
        addressee=question.addressee,
        asked_by_id=actor.person_id,
        asked_by_name=asked_by or actor.name,
        asked_at=at,
        due_at=until,
        expires_at=until,
        remind_at=rules.next_reminder(at, until, at),
    )
    record(
        Event.ASK_BACK_ASKED, by=actor, of=row, at=at,
        request=request_id, kind=row.kind, due_at=until.isoformat(),
    )  # fmt: skip
    publish(AskBackWaits(row.pk, row.facility_id, 0))
    return row


def _withdraw(actor: Actor, row: AskBack, reason: str, at: datetime) -> AskBack:
    require(actor, Permission.ASK_BACK_WRITE)
    if refusal := rules.why_not(State(row.state), Act.WITHDRAW):
        raise refuse(refusal)
    row.ended_reason = reason.strip()[: rules.REASON_MOST]
    _end(actor, row, Act.WITHDRAW, at)
    record(Event.ASK_BACK_WITHDRAWN, by=actor, of=row, at=at, request=row.request_id, kind=row.kind)
    return row


def _end(actor: Actor, row: AskBack, act: Act, at: datetime) -> None:
    row.state = rules.LIFECYCLE[State(row.state), act]
    row.expires_at = row.remind_at = None
    row.ended_at, row.ended_by_id = at, actor.person_id
    row.ended_by_name = actor.name if actor.person_id is not None else ""
    row.save()


def _locked(actor: Actor, ask_back_id: int) -> AskBack:
    rows = queries.visible_to(actor).select_for_update(no_key=True, of=("self",))
    row = rows.filter(pk=ask_back_id).first()
    if row is None:
        raise NotFound()
    return row
