"""HTTP door of the links in mails: nobody is signed in, the secret and two identifiers are the right."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from dokuei.base.errors import Refused, refuse
from dokuei.intake.askbacks.links import queries, services
from dokuei.intake.askbacks.links.models import AskBackLink
from dokuei.intake.askbacks.links.rules import LinkRefusal
from dokuei.intake.askbacks.rules import Answer
from dokuei.kit import guesses
from dokuei.kit.db import system_scope
from dokuei.kit.http import after_refusal

router = Router(tags=["ask-backs"])
SCOPE = "ask-back link"
GUESSES = "20/m/ip"


class AnswerLinkIn(Schema):
    secret: Annotated[str, Field(max_length=200)]


class AnswerLinkWhoIn(AnswerLinkIn):
    patient_id: Annotated[str, Field(min_length=1, max_length=64)]
    birth_on: date


class AnswerLinkGivenIn(AnswerLinkWhoIn):
    option: Annotated[str, Field(max_length=200)] = ""
    text: Annotated[str, Field(max_length=1000)] = ""


class AnswerLinkOut(Schema):
    """What is shown before the patient was named: nothing about whom, nothing of what is asked."""

    facility: str
    addressee: str
    asked_at: datetime
    due_at: datetime
    modality: str
    exam_on: date | None
    accession_number: str


class AnswerLinkQuestionOut(Schema):
    label: str
    sentence: str
    options: list[str]
    exam_description: str
    asked_by: str


class AnswerLinkDoneOut(Schema):
    answered_at: datetime
    answer: str


@router.post("/answer/open", response=AnswerLinkOut)
def open_link(request: HttpRequest, body: AnswerLinkIn) -> Any:
    """What a link leads to. It is spent by an answer only, so that a scanner of mails spends nothing."""
    with _opened(request, body) as link:
        return queries.shown_before(link.ask_back)


@router.post("/answer/question", response=AnswerLinkQuestionOut)
def question(request: HttpRequest, body: AnswerLinkWhoIn) -> Any:
    """The question, for who knows the patient by two identifiers."""
    with _opened(request, body) as link:
        asked = services.show_question(
            link, patient_id=body.patient_id, birth_on=body.birth_on, at=datetime.now(UTC)
        )
        return queries.shown_after(asked)


@router.post("/answer", response=AnswerLinkDoneOut)
def answer(request: HttpRequest, body: AnswerLinkGivenIn) -> Any:
    """Answer once."""
    with _opened(request, body) as link:
        given = Answer(option=body.option, text=body.text)
        row = services.answer_by_link(
            link, given, patient_id=body.patient_id, birth_on=body.birth_on, at=datetime.now(UTC)
        )
        return {"answered_at": row.ended_at, "answer": given.words}


@contextmanager
def _opened(request: HttpRequest, body: AnswerLinkIn) -> Iterator[AskBackLink]:
    """A link inside the system's scope; wrong secrets and wrong patients are counted after the rollback."""
    if not guesses.may_guess(request, "ask_back_link", GUESSES):
        raise refuse(LinkRefusal.THROTTLED)
    link: AskBackLink | None = None
    try:
        with system_scope(SCOPE):
            link = services.open_link(body.secret)
            yield link
    except Refused as error:
        _count(request, error, link)
        raise


def _count(request: HttpRequest, error: Refused, link: AskBackLink | None) -> None:
    if error.error_code == LinkRefusal.UNKNOWN.value:
        after_refusal(request, lambda: guesses.count_guess(request, "ask_back_link", GUESSES))
    if error.error_code == LinkRefusal.DIFFERENT.value and link is not None:
        link_id = link.pk

        def note() -> None:
            with system_scope(SCOPE):
                services.note_wrong(link_id, at=datetime.now(UTC))

        after_refusal(request, note)
