"""HTTP door of ask-backs for facilities and support. A reader's door is the reading's."""

from datetime import UTC, datetime
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router

from dokuei.identity.access import Permission, actor_of
from dokuei.intake import queries as requests
from dokuei.intake.askbacks import queries, services
from dokuei.intake.askbacks.shapes import (
    AnswerIn,
    AskBackListOut,
    AskBackOut,
    AskBacksOut,
    QuestionIn,
    WithdrawIn,
)

router = Router(tags=["ask-backs"])


@router.get("/ask-backs", response=AskBackListOut)
def list_ask_backs(request: HttpRequest, box: Literal["open", "ended"] = "open") -> Any:
    """The ask-backs of my facilities."""
    actor, at = actor_of(request), datetime.now(UTC)
    rows = queries.box(actor, box)[: queries.ROWS_MOST]
    return {"items": queries.rows_out(actor, rows, at), "counts": queries.counts(actor)}


@router.get("/requests/{request_id}/ask-backs", response=AskBacksOut)
def of_request(request: HttpRequest, request_id: int) -> Any:
    """What was asked about one request."""
    actor = actor_of(request)
    row = requests.one(actor, request_id)
    shown = [queries.out(one, queries.facility_acts(actor, one)) for one in queries.of_request(row.pk)]
    return queries.asked_about(row, shown, actor.may(Permission.ASK_BACK_WRITE))


@router.post("/requests/{request_id}/ask-backs", response=AskBackOut)
def ask(request: HttpRequest, request_id: int, body: QuestionIn) -> Any:
    """Ask the facility about a request, as support."""
    actor = actor_of(request)
    row = services.ask_for_request(actor, request_id, body.question(), at=datetime.now(UTC))
    return queries.row_of(actor, row.pk)


@router.post("/ask-backs/{ask_back_id}/answer", response=AskBackOut)
def answer(request: HttpRequest, ask_back_id: int, body: AnswerIn) -> Any:
    """Answer with one of the options, with words, or both."""
    actor = actor_of(request)
    services.answer_ask_back(actor, ask_back_id, body.answer(), at=datetime.now(UTC))
    return queries.row_of(actor, ask_back_id)


@router.post("/ask-backs/{ask_back_id}/withdraw", response=AskBackOut)
def withdraw(request: HttpRequest, ask_back_id: int, body: WithdrawIn) -> Any:
    """Take a question back, as support."""
    actor = actor_of(request)
    services.withdraw_for_request(actor, ask_back_id, reason=body.reason, at=datetime.now(UTC))
    return queries.row_of(actor, ask_back_id)
