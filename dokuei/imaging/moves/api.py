"""HTTP door of moves."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router

from dokuei.base.clock import local_date
from dokuei.identity.access import Actor, actor_of
from dokuei.imaging.moves import showing
from dokuei.imaging.moves.models import StudyMove
from dokuei.imaging.moves.shapes import ConfirmMoveIn, EndMoveIn, MoveComparisonOut, MoveIn, MoveOut, MovesOut
from dokuei.imaging.services import moving

router = Router(tags=["study moves"])


@router.get("/studies/{int:study_id}/beside/{int:target_id}", response=MoveComparisonOut)
def beside(request: HttpRequest, study_id: int, target_id: int) -> Any:
    """A study's patient beside another one it might belong to."""
    return showing.comparison(actor_of(request), study_id, target_id, local_date(datetime.now(UTC)))


@router.post("/studies/{int:study_id}/moves", response=MoveOut)
def move(request: HttpRequest, study_id: int, body: MoveIn) -> Any:
    """Let a study stand under another patient; where they contradict, ask a second person to."""
    actor, at = actor_of(request), datetime.now(UTC)
    row = moving.move_study(actor, study_id, body.target_id, typed=body.typed, reason=body.reason, at=at)
    return _out(actor, row, at)


@router.get("/study-moves", response=MovesOut)
def moves(request: HttpRequest, patient_id: int | None = None) -> Any:
    """Moves to and from a patient; without one, those that wait for a second person."""
    actor, today = actor_of(request), local_date(datetime.now(UTC))
    return (
        showing.waiting(actor, today) if patient_id is None else showing.of_patient(actor, patient_id, today)
    )


@router.post("/study-moves/{int:move_id}/confirm", response=MoveOut)
def confirm_move(request: HttpRequest, move_id: int, body: ConfirmMoveIn) -> Any:
    """Make a move somebody else asked for."""
    actor, at = actor_of(request), datetime.now(UTC)
    return _out(actor, moving.confirm_move(actor, move_id, typed=body.typed, reason=body.reason, at=at), at)


@router.post("/study-moves/{int:move_id}/decline", response=MoveOut)
def decline_move(request: HttpRequest, move_id: int, body: EndMoveIn) -> Any:
    """Say that a study is not to be moved after all."""
    actor, at = actor_of(request), datetime.now(UTC)
    return _out(actor, moving.decline_move(actor, move_id, reason=body.reason, at=at), at)


@router.post("/study-moves/{int:move_id}/undo", response=MoveOut)
def undo_move(request: HttpRequest, move_id: int, body: EndMoveIn) -> Any:
    """Take a move back."""
    actor, at = actor_of(request), datetime.now(UTC)
    return _out(actor, moving.undo_move(actor, move_id, reason=body.reason, at=at), at)


def _out(actor: Actor, row: StudyMove, at: datetime) -> dict[str, Any]:
    return showing.move_out(actor, row, local_date(at))
