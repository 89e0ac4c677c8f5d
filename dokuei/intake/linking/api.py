"""HTTP door of the resolution screen (照合)."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from dokuei.identity.access import Actor, actor_of
from dokuei.intake.linking import queries, services
from dokuei.intake.linking.searching import find_pairs
from dokuei.intake.linking.shapes import ActIn, CaseOut, CasesOut, DismissIn, PairIn, PairsFound
from dokuei.intake.linking.showing import case_out, listed

router = Router(tags=["resolution"])


@router.get("/resolution", response=CasesOut)
def list_cases(request: HttpRequest, box: Literal["open", "closed"] = "open") -> Any:
    """Requests whose images a person has to name or to judge; or those that are done."""
    return listed(actor_of(request), box, datetime.now(UTC))


@router.get("/resolution/{case_id}", response=CaseOut)
def one(request: HttpRequest, case_id: int) -> Any:
    """Both sides of one case."""
    return _shown(actor_of(request), case_id)


@router.get("/resolution/{case_id}/studies", response=PairsFound)
def search(request: HttpRequest, case_id: int, q: Annotated[str, Field(max_length=100)]) -> Any:
    """Studies without a request that say these words, each beside this case's request."""
    actor = actor_of(request)
    return {"items": find_pairs(actor, queries.one(actor, case_id), q)}


@router.post("/requests/{request_id}/resolution", response=CaseOut)
def begin(request: HttpRequest, request_id: int) -> Any:
    """The case of a request that the rules had nothing to say about, so that a person can look for its images."""
    actor, at = actor_of(request), datetime.now(UTC)
    return _shown(actor, services.begin_case(actor, request_id, at=at).pk)


@router.post("/resolution/{case_id}/link", response=CaseOut)
def link(request: HttpRequest, case_id: int, body: PairIn) -> Any:
    """Put a study to the request."""
    actor = actor_of(request)
    services.link_study(
        actor, case_id, body.study_id, reason=body.reason, revision=body.revision, at=datetime.now(UTC)
    )
    return _shown(actor, case_id)


@router.post("/resolution/{case_id}/dismiss", response=CaseOut)
def dismiss(request: HttpRequest, case_id: int, body: DismissIn) -> Any:
    """Say that studies are of another exam; without any named, none of those shown."""
    actor = actor_of(request)
    services.dismiss_studies(
        actor, case_id, body.study_ids, reason=body.reason, revision=body.revision, at=datetime.now(UTC)
    )
    return _shown(actor, case_id)


@router.post("/resolution/{case_id}/part", response=CaseOut)
def part(request: HttpRequest, case_id: int, body: PairIn) -> Any:
    """Undo a link."""
    actor = actor_of(request)
    services.part_study(
        actor, case_id, body.study_id, reason=body.reason, revision=body.revision, at=datetime.now(UTC)
    )
    return _shown(actor, case_id)


@router.post("/resolution/{case_id}/release", response=CaseOut)
def release(request: HttpRequest, case_id: int, body: ActIn) -> Any:
    """Let a reading go on although something contradicts, and say why."""
    actor = actor_of(request)
    services.release_hold(actor, case_id, reason=body.reason, revision=body.revision, at=datetime.now(UTC))
    return _shown(actor, case_id)


def _shown(actor: Actor, case_id: int) -> dict[str, Any]:
    return case_out(actor, queries.one(actor, case_id), datetime.now(UTC))
