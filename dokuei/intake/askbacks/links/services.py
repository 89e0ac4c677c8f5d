"""Commands on mails and links: plan, send, open, answer."""

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.errors import refuse
from dokuei.identity.access import Actor, Permission, require
from dokuei.intake.askbacks.links import letter, queries, rules
from dokuei.intake.askbacks.links.models import AskBackLink
from dokuei.intake.askbacks.links.rules import LinkAct, LinkRefusal, LinkState
from dokuei.intake.askbacks.models import AskBack
from dokuei.intake.askbacks.rules import Addressee, Answer, State
from dokuei.intake.askbacks.services import answer_ask_back
from dokuei.kit import secret

PURPOSE = "ask-back link"


@dataclass(frozen=True)
class Letter:
    """One mail ready to leave."""

    to: str
    subject: str
    text: str
    key: str


@transaction.atomic
def plan_mails(actor: Actor, ask_back_id: int, nudge: int, *, at: datetime) -> list[AskBackLink]:
    """Note who is told of an open ask-back; doing it again adds nobody. Each mail is sent by a job of its own."""
    require(actor, Permission.SYSTEM)
    asked = AskBack.objects.select_related("request").filter(pk=ask_back_id, state=State.ASKED).first()
    if asked is None:
        return []
    people = rules.recipients(Addressee(asked.addressee), queries.candidates(asked.request))
    planned = []
    for person_id in people:
        row, is_new = AskBackLink.objects.get_or_create(
            ask_back=asked,
            person_id=person_id,
            nudge=nudge,
            defaults={"facility_id": asked.facility_id, "planned_at": at},
        )
        if is_new:
            planned.append(row)
    return planned


@transaction.atomic
def prepare_mail(actor: Actor, link_id: int, *, at: datetime) -> Letter | None:
    """Give a planned mail its secret. None when it is no longer to be sent.

    It is committed before the mail leaves; a try that is taken up again makes a new secret, and the one before opens
    nothing.
    """
    require(actor, Permission.SYSTEM)
    row = _planned(link_id)
    if row is None or row.ask_back.state != State.ASKED or not row.person.is_active:
        return None
    asked, config = row.ask_back, settings.DOKUEI
    token = ""
    if asked.patient.patient_id and asked.patient.birth_date:
        token = secret.mint(PURPOSE)
        row.secret_sha256 = secret.kept_as(token)
        row.save(update_fields=["secret_sha256"])
    return Letter(
        to=row.person.email,
        subject=letter.subject(asked.facility.name, row.nudge),
        text=letter.text(
            name=row.person.name,
            facility=asked.facility.name,
            addressee=asked.addressee,
            due_at=asked.due_at,
            address=f"{config.base_url}/answer#{token}" if token else f"{config.base_url}/ask-backs",
            has_link=bool(token),
            phone=config.support_phone,
        ),
        key=f"askback-{row.ask_back_id}-{row.person_id}-{row.nudge}",
    )


@transaction.atomic
def note_mail(actor: Actor, link_id: int, *, failed: str = "", at: datetime) -> None:
    """A mail left, or could not."""
    require(actor, Permission.SYSTEM)
    row = _planned(link_id)
    if row is None:
        return
    row.state = rules.LIFECYCLE[LinkState.PLANNED, LinkAct.FAIL if failed else LinkAct.SEND]
    row.reason, row.sent_at = failed[:60], None if failed else at
    row.save(update_fields=["state", "reason", "sent_at"])
    event = Event.ASK_BACK_MAIL_FAILED if failed else Event.ASK_BACK_MAILED
    record(event, by=actor, of=row.ask_back, at=at, person=row.person_id, nudge=row.nudge, code=failed)


def open_link(token: str) -> AskBackLink:
    """What a link leads to, or why it leads nowhere. For the door, inside the system's scope."""
    row = None
    if secret.is_ours(PURPOSE, token):
        rows = AskBackLink.objects.select_related(
            "ask_back__facility", "ask_back__request", "ask_back__patient", "person"
        )
        row = (
            rows.select_for_update(no_key=True, of=("self",))
            .filter(secret_sha256=secret.kept_as(token))
            .first()
        )
    if row is None or queries.person_behind(row) is None:
        raise refuse(LinkRefusal.UNKNOWN)
    if refusal := rules.why_not(LinkState(row.state), State(row.ask_back.state)):
        raise refuse(refusal)
    return row


@transaction.atomic
def show_question(link: AskBackLink, *, patient_id: str, birth_on: date, at: datetime) -> AskBack:
    """Show the question to whoever knows the patient by two identifiers."""
    _identify(link, patient_id, birth_on)
    actor = queries.person_behind(link)
    assert actor is not None
    require(actor, Permission.ASK_BACK_ANSWER, facility_id=link.facility_id)
    record(Event.ASK_BACK_LINK_OPENED, by=actor, of=link.ask_back, at=at)
    return link.ask_back


@transaction.atomic
def answer_by_link(
    link: AskBackLink, answer: Answer, *, patient_id: str, birth_on: date, at: datetime
) -> AskBack:
    """Answer once, as the person the link was given. The link is over then."""
    _identify(link, patient_id, birth_on)
    actor = queries.person_behind(link)
    assert actor is not None
    row = answer_ask_back(actor, link.ask_back_id, answer, at=at)
    link.state, link.used_at = rules.LIFECYCLE[LinkState.SENT, LinkAct.USE], at
    link.save(update_fields=["state", "used_at"])
    return row


@transaction.atomic
def note_wrong(link_id: int, *, at: datetime) -> None:
    """Somebody with the link did not know the patient; after some tries it opens nothing any more."""
    row = (
        AskBackLink.objects.select_for_update(no_key=True, of=("self",))
        .select_related("ask_back")
        .get(pk=link_id)
    )
    actor = queries.person_behind(row)
    if actor is None or row.state != LinkState.SENT:
        return
    row.wrong += 1
    if row.wrong >= rules.MOST_WRONG:
        row.state = rules.LIFECYCLE[LinkState.SENT, LinkAct.LOCK]
    row.save(update_fields=["wrong", "state"])
    record(Event.ASK_BACK_LINK_REFUSED, by=actor, of=row.ask_back, at=at, wrong=row.wrong)


def _identify(link: AskBackLink, patient_id: str, birth_on: date) -> None:
    patient = link.ask_back.patient
    known = patient.birth_date
    if known is None or not rules.is_same(patient.patient_id, known, patient_id, birth_on):
        raise refuse(LinkRefusal.DIFFERENT)


def _planned(link_id: int) -> AskBackLink | None:
    rows = AskBackLink.objects.select_related("ask_back__facility", "ask_back__patient", "person")
    rows = rows.select_for_update(no_key=True, of=("self",))
    return rows.filter(pk=link_id, state=LinkState.PLANNED).first()
