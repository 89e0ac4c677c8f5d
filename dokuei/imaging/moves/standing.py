"""How a study and a patient stand before a move, from what is kept."""

from collections.abc import Callable, Collection

from dokuei.imaging.models import Study
from dokuei.imaging.moves.models import StudyMove
from dokuei.imaging.moves.rules import OPEN, MoveState, Standing
from dokuei.patients import queries as patients
from dokuei.patients.models import Patient

Asked = Callable[[Collection[int]], set[int]]
_asked: list[Asked] = []


def register_asked(asked: Asked) -> None:
    """Let a room above say which of some studies it has asked about, also where that is answered."""
    if asked not in _asked:
        _asked.append(asked)


def is_asked_about(study_id: int) -> bool:
    """Whether a room above rests on whose this study is.

    Without anybody above to ask, it does: a part of the program that was started without its wiring moves nothing.
    """
    return not _asked or any(asked([study_id]) for asked in _asked)


def standing(study: Study, target: Patient, *, besides: int = 0) -> Standing:
    """What the rule asks of both; `besides` is the move that is being made."""
    moves = StudyMove.objects.filter(study=study, state__in=OPEN).exclude(pk=besides)
    open_move = moves.values_list("state", flat=True).first()
    return Standing(
        facility_id=study.facility_id,
        family=frozenset(patients.family_of(study.patient_id)),
        receipt=study.receipt,
        is_asked_about=is_asked_about(study.pk),
        open_move=MoveState(open_move) if open_move else None,
        to_id=target.pk,
        to_facility_id=target.facility_id,
        to_merged_into=target.merged_into_id,
    )


def origin_of(study_id: int) -> int | None:
    """Under whom a study was filed that a move put somewhere else; None if it stands where it was filed."""
    moves = StudyMove.objects.filter(study_id=study_id, state=MoveState.MADE)
    return moves.values_list("origin_id", flat=True).first()
