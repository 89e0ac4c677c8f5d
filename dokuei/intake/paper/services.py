"""Commands on papers: take in hand, write down, hand on, check, put away."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.errors import Invalid, NotFound, refuse
from dokuei.identity.access import Actor, Permission, require
from dokuei.intake import rules as requests
from dokuei.intake.models import Request
from dokuei.intake.ordering.order import Order
from dokuei.intake.ordering.services import place_order
from dokuei.intake.paper import queries, rules
from dokuei.intake.paper.fields import FIELDS, FieldEntry, WrongValues, read_fields, request_of, write_fields
from dokuei.intake.paper.models import Paper, PaperVersion
from dokuei.intake.paper.rules import HELD, Act, PaperRefusal, PaperState
from dokuei.intake.paper.taking import Taken, take_paper

__all__ = ["Taken", "take_paper"]

SOURCE = "paper"
ENDINGS = {
    Act.AGAIN: Event.PAPER_AGAIN,
    Act.RETURN: Event.PAPER_RETURNED,
    Act.REJECT: Event.PAPER_REJECTED,
    Act.REOPEN: Event.PAPER_REOPENED,
}


@transaction.atomic
def claim_paper(actor: Actor, paper_id: int, *, at: datetime) -> Paper:
    """Take a paper in hand, to transcribe it or to check what another person transcribed. Of two, one gets it."""
    paper = _locked(actor, paper_id)
    _require_step(actor, paper)
    _lapse(paper, at)
    if refusal := rules.why_not_claim(PaperState(paper.state), actor.person_id, paper.transcribed_by_id):
        raise refuse(refusal)
    paper.state = rules.LIFECYCLE[PaperState(paper.state), Act.CLAIM]
    paper.held_by_id, paper.held_by_name = actor.person_id, actor.name
    paper.held_until, paper.state_at = at + rules.LEASE, at
    paper.revision += 1
    paper.save()
    record(Event.PAPER_CLAIMED, by=actor, of=paper, at=at, state=paper.state)
    return paper


@transaction.atomic
def renew_paper(actor: Actor, paper_id: int, *, at: datetime) -> Paper:
    """A sign of life of whoever holds it."""
    paper = _mine(actor, paper_id, None)
    paper.held_until = at + rules.LEASE
    paper.save(update_fields=["held_until"])
    record(Event.PAPER_RENEWED, by=actor, of=paper, at=at)
    return paper


@transaction.atomic
def release_paper(actor: Actor, paper_id: int, *, at: datetime) -> Paper:
    """Give it back; what was written stays for whoever takes it next."""
    paper = _mine(actor, paper_id, Act.RELEASE)
    _move(paper, Act.RELEASE, at)
    paper.save()
    record(Event.PAPER_RELEASED, by=actor, of=paper, at=at)
    return paper


@transaction.atomic
def end_lease(actor: Actor, paper_id: int, *, at: datetime) -> None:
    """Free a paper whose holder gave no sign of life. Called when it falls due."""
    require(actor, Permission.SYSTEM)
    paper = _locked(actor, paper_id)
    if _lapse(paper, at):
        paper.save()
        record(Event.PAPER_LEASE_ENDED, by=actor, of=paper, at=at)


@transaction.atomic
def write_paper(
    actor: Actor,
    paper_id: int,
    *,
    fields: Mapping[str, FieldEntry],
    confirmed: Collection[str],
    revision: int,
    at: datetime,
) -> Paper:
    """Keep what is being written, half done as it may be."""
    paper = _mine(actor, paper_id, None)
    _same_revision(paper, revision)
    _write(paper, fields, confirmed, at)
    paper.save()
    record(Event.PAPER_WRITTEN, by=actor, of=paper, at=at, revision=paper.revision)
    return paper


@transaction.atomic
def submit_paper(actor: Actor, paper_id: int, *, revision: int, at: datetime) -> Paper:
    """Hand what was transcribed to the second person; each field has a value and its place, or says why not."""
    paper = _mine(actor, paper_id, Act.SUBMIT)
    _same_revision(paper, revision)
    fields = read_fields(paper.fields)
    if refusal := rules.why_not_submit(fields):
        raise refuse(refusal, fields=rules.unanswered(fields) or rules.lacking_to_place(fields))
    _order(paper, fields)
    _freeze(actor, paper, "transcribed", at)
    _move(paper, Act.SUBMIT, at)
    paper.confirmed = []
    paper.save()
    record(Event.PAPER_TRANSCRIBED, by=actor, of=paper, at=at)
    return paper


@transaction.atomic
def send_paper_now(actor: Actor, paper_id: int, *, revision: int, at: datetime) -> Paper:
    """An emergency becomes a request at once; it says that nobody has checked it until somebody has."""
    paper = _mine(actor, paper_id, Act.SEND_NOW)
    _same_revision(paper, revision)
    fields = read_fields(paper.fields)
    if refusal := rules.why_not_send_now(fields):
        raise refuse(refusal, fields=rules.lacking_to_place(fields))
    paper.request = place_order(
        _placing(actor), facility_id=paper.facility_id, order=_order(paper, fields), at=at
    ).request
    _freeze(actor, paper, "transcribed", at)
    _move(paper, Act.SEND_NOW, at)
    paper.confirmed = []
    paper.save()
    record(Event.PAPER_SENT_UNCHECKED, by=actor, of=paper, at=at, request=paper.request_id)
    return paper


@transaction.atomic
def confirm_paper(
    actor: Actor,
    paper_id: int,
    *,
    fields: Mapping[str, FieldEntry],
    confirmed: Collection[str],
    reason: str = "",
    revision: int,
    at: datetime,
) -> Paper:
    """The second person confirmed or corrected every field: it is a request now, or the one that was sent is changed.

    Where that request has ended, a correction cannot enter it: the reason says who was told, and the check is done.
    """
    paper = _mine(actor, paper_id, Act.CONFIRM)
    _same_revision(paper, revision)
    before = read_fields(paper.versions.filter(kind="transcribed").latest("number").fields)
    if refusal := rules.why_not_confirm(before, fields, confirmed):
        done = set(rules.corrected(before, fields)) | set(confirmed)
        open_fields = rules.unanswered(fields) or [one for one in FIELDS if one not in done]
        raise refuse(refusal, fields=open_fields)
    _write(paper, fields, confirmed, at)
    order = _order(paper, fields)
    if not _has_ended(paper, order, before, reason):
        paper.request = place_order(
            _placing(actor), facility_id=paper.facility_id, order=order, at=at
        ).request
    _freeze(actor, paper, "checked", at)
    _move(paper, Act.CONFIRM, at)
    paper.save()
    record(
        Event.PAPER_CHECKED,
        by=actor,
        of=paper,
        at=at,
        request=paper.request_id,
        corrected=rules.corrected(before, fields),
    )
    return paper


@transaction.atomic
def put_paper_away(actor: Actor, paper_id: int, act: Act, *, reason: str, at: datetime) -> Paper:
    """Back to the facility, not a request slip, or to be transcribed again; each with a reason."""
    paper = _mine(actor, paper_id, act)
    _reason(paper, reason)
    _move(paper, act, at)
    paper.ended_by_name = actor.name
    paper.save()
    record(ENDINGS[act], by=actor, of=paper, at=at)
    return paper


@transaction.atomic
def join_paper(actor: Actor, paper_id: int, request_id: int, *, reason: str, at: datetime) -> Paper:
    """The same order is a request already: the paper is its original from now on. A person decides that."""
    paper = _mine(actor, paper_id, Act.JOIN)
    rows = queries.requests_of_facility(paper.facility_id)
    request = rows.filter(pk=request_id).select_related("patient").first()
    if request is None:
        raise NotFound()
    wanted = read_fields(paper.fields).get("patient.patient_id", FieldEntry()).text
    if not wanted:
        raise refuse(PaperRefusal.NO_ID)
    if request.patient is None or request.patient.patient_id != wanted:
        raise refuse(PaperRefusal.OTHER_PATIENT)
    _reason(paper, reason)
    _move(paper, Act.JOIN, at)
    paper.request, paper.ended_by_name = request, actor.name
    paper.save()
    record(Event.PAPER_JOINED, by=actor, of=paper, at=at, request=request.pk)
    return paper


@transaction.atomic
def reopen_paper(actor: Actor, paper_id: int, *, reason: str, at: datetime) -> Paper:
    """What was put away is received again; what was written is still there."""
    require(actor, Permission.PAPER_TRANSCRIBE)
    paper = _locked(actor, paper_id)
    if refusal := rules.why_not(PaperState(paper.state), Act.REOPEN):
        raise refuse(refusal)
    _reason(paper, reason)
    _move(paper, Act.REOPEN, at)
    paper.request = None
    paper.save()
    record(ENDINGS[Act.REOPEN], by=actor, of=paper, at=at)
    return paper


@transaction.atomic
def open_page(
    actor: Actor, paper_id: int, number: int, *, request_id: int | None = None, at: datetime
) -> queries.Place:
    """Where a page of the original lies, for whoever may read the request; that it was looked at is written down.

    With `request_id`, only a paper of that request.
    """
    require(actor, Permission.REQUEST_READ)
    rows = queries.visible_to(actor).filter(pk=paper_id)
    paper = (rows if request_id is None else rows.filter(request_id=request_id)).first()
    if paper is None:
        raise NotFound()
    place = queries.place_of(paper, number)
    record(Event.PAPER_OPENED, by=actor, of=paper, at=at, page=number)
    return place


def _locked(actor: Actor, paper_id: int) -> Paper:
    rows = queries.visible_to(actor).select_for_update(no_key=True, of=("self",))
    paper = rows.filter(pk=paper_id).first()
    if paper is None:
        raise NotFound()
    return paper


def _require_step(actor: Actor, paper: Paper) -> None:
    is_check = paper.state in {PaperState.TO_CHECK, PaperState.CHECKING}
    require(actor, Permission.PAPER_CHECK if is_check else Permission.PAPER_TRANSCRIBE)
    if actor.person_id is None:
        raise NotFound()


def _mine(actor: Actor, paper_id: int, act: Act | None) -> Paper:
    """A paper this person holds, locked; refused where the act is not open or somebody else holds it."""
    paper = _locked(actor, paper_id)
    _require_step(actor, paper)
    is_sent = paper.request_id is not None
    if act is not None and (refusal := rules.why_not(PaperState(paper.state), act, is_sent=is_sent)):
        raise refuse(refusal)
    if paper.state not in HELD or paper.held_by_id != actor.person_id:
        raise refuse(PaperRefusal.LOST)
    return paper


def _lapse(paper: Paper, at: datetime) -> bool:
    """Free what is held without a sign of life, before anything else is asked of it."""
    is_over = paper.state in HELD and paper.held_until is not None and paper.held_until <= at
    if is_over:
        _move(paper, Act.EXPIRE, at)
    return is_over


def _move(paper: Paper, act: Act, at: datetime) -> None:
    paper.state = rules.LIFECYCLE[PaperState(paper.state), act]
    paper.state_at = at
    paper.revision += 1
    paper.held_by, paper.held_by_name, paper.held_until = None, "", None


def _write(paper: Paper, fields: Mapping[str, FieldEntry], confirmed: Collection[str], at: datetime) -> None:
    beyond = [key for key, one in fields.items() if one.page is not None and one.page > max(1, paper.pages)]
    if beyond:
        raise Invalid("ページ番号が原本のページ数を超えています。", code="paper.page_number", fields=beyond)
    paper.fields, paper.confirmed = write_fields(fields), sorted(set(confirmed) & set(FIELDS))
    paper.held_until = at + rules.LEASE
    paper.revision += 1


def _same_revision(paper: Paper, revision: int) -> None:
    if revision != paper.revision:
        raise refuse(PaperRefusal.STALE)


def _reason(paper: Paper, reason: str) -> None:
    if not reason.strip():
        raise refuse(PaperRefusal.REASON)
    paper.reason = reason.strip()[:500]


def _freeze(actor: Actor, paper: Paper, kind: str, at: datetime) -> None:
    """What this person wrote stays as it is, whatever the next one corrects."""
    assert actor.person_id is not None  # only people hold papers
    last = paper.versions.order_by("-number").values_list("number", flat=True).first() or 0
    PaperVersion.objects.create(
        facility_id=paper.facility_id,
        paper=paper,
        number=last + 1,
        kind=kind,
        fields=paper.fields,
        by_id=actor.person_id,
        by_name=actor.name,
        at=at,
    )
    if kind == "checked":
        paper.checked_by_id, paper.checked_by_name, paper.checked_at = actor.person_id, actor.name, at
    else:
        paper.transcribed_by_id, paper.transcribed_by_name = actor.person_id, actor.name
        paper.transcribed_at = at


def _order(paper: Paper, fields: Mapping[str, FieldEntry]) -> Order:
    """The paper as an order under its own number, so that it is one request however often it is placed."""
    uid = paper.study.study_instance_uid if paper.study is not None else ""
    try:
        stated, content = request_of(fields, uid)
    except WrongValues as error:
        raise refuse(PaperRefusal.VALUE, fields=error.keys) from error
    return Order(
        patient=stated.patient,
        numbers=stated.numbers,
        exam_on=stated.exam_on,
        content=content,
        source=SOURCE,
        key=str(paper.pk),
    )


def _placing(actor: Actor) -> Actor:
    """Whoever transcribes or checks a paper may place what stands on it, and nothing else by this."""
    return replace(actor, permissions=actor.permissions | {Permission.REQUEST_WRITE})


def _has_ended(paper: Paper, order: Order, before: Mapping[str, FieldEntry], reason: str) -> bool:
    """Whether the request this was sent as can no longer be changed; what was corrected then needs a word."""
    if paper.request_id is None:
        return False
    request = Request.objects.select_for_update(no_key=True).get(pk=paper.request_id)
    if requests.why_not(requests.State(request.state), requests.Act.CHANGE) is None:
        return False
    if order.digest != _order(paper, before).digest:
        if not reason.strip():
            raise refuse(PaperRefusal.CLOSED_REQUEST)
        paper.reason = reason.strip()[:500]
    return True
