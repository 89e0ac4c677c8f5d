"""HTTP door of papers: handed in by a facility or support, transcribed and checked by support."""

from datetime import UTC, datetime
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Router
from ninja.files import UploadedFile

from dokuei.base.errors import Invalid
from dokuei.identity.access import Actor, Permission, actor_of, require
from dokuei.intake.paper import files as kinds
from dokuei.intake.paper import queries, services
from dokuei.intake.paper.models import Paper
from dokuei.intake.paper.rules import Act
from dokuei.intake.paper.shapes import (
    PaperConfirmIn,
    PaperDraftIn,
    PaperFull,
    PaperIn,
    PaperJoinIn,
    PaperReasonIn,
    PaperRevisionIn,
    PapersOut,
    PaperTaken,
    page_response,
    paper_full,
    paper_row,
)

router = Router(tags=["papers"])


@router.get("/papers", response=PapersOut)
def list_papers(request: HttpRequest, box: Literal["open", "ended"] = "open") -> Any:
    """Papers of my facilities."""
    actor = actor_of(request)
    rows = queries.box(actor, box).prefetch_related("files")[: queries.ROWS_MOST]
    return {"items": [paper_row(actor, row) for row in rows], "counts": queries.counts(actor)}


@router.post("/papers", response=PaperTaken)
def hand_in(
    request: HttpRequest,
    files: File[list[UploadedFile]],
    body: Form[PaperIn],
) -> Any:
    """Hand in files: together as one request slip, or each as one. Each file is answered for itself."""
    actor, at = actor_of(request), datetime.now(UTC)
    facility = body.facility_id or next(iter(sorted(actor.facilities)), None)
    if facility is None or (body.facility_id is None and len(actor.facilities) > 1):
        raise Invalid("施設を指定してください。", code="request.facility")
    require(actor, Permission.PAPER_TAKE, facility_id=facility)
    if len(files) > kinds.MOST_FILES:
        raise Invalid(f"一度に送信できるのは{kinds.MOST_FILES}ファイルまでです。", code="paper.too_many")
    given, refused = _looked_at(files)
    papers, known = [], []
    for group in [given] if body.is_one else [[one] for one in given]:
        if not group:
            continue
        taken = services.take_paper(
            actor,
            facility_id=facility,
            files=group,
            source="upload",
            note=body.note,
            is_emergency=body.is_emergency,
            at=at,
        )
        papers += [taken.paper] if taken.paper else []
        known += [
            {"name": one.name, "paper_id": one.paper_id, "state": one.paper.state} for one in taken.known
        ]
    shown = [paper_row(actor, queries.one(actor, one.pk)) for one in papers]
    return {"papers": shown, "known": known, "refused": refused}


def _looked_at(files: list[UploadedFile]) -> tuple[list[kinds.Given], list[dict[str, str]]]:
    given, refused = [], []
    for file in files:
        name = kinds.shown_name(file.name or "")
        try:
            if (file.size or 0) > kinds.MOST_BYTES:
                raise kinds.PaperTooLarge()
            given.append(kinds.look_at(name, file.read()))
        except Invalid as error:
            refused.append({"name": name, "code": error.error_code, "detail": error.detail})
    return given, refused


@router.get("/papers/{paper_id}", response=PaperFull)
def one(request: HttpRequest, paper_id: int) -> Any:
    """One paper with what is written of it."""
    return _shown(actor_of(request), paper_id)


@router.get("/papers/{paper_id}/pages/{number}")
def page(request: HttpRequest, paper_id: int, number: int) -> HttpResponse:
    """A page of the original (image/png)."""
    return page_response(services.open_page(actor_of(request), paper_id, number, at=datetime.now(UTC)))


@router.post("/papers/{paper_id}/claim", response=PaperFull)
def claim(request: HttpRequest, paper_id: int) -> Any:
    """Take a paper in hand, to transcribe or to check it."""
    actor = actor_of(request)
    services.claim_paper(actor, paper_id, at=datetime.now(UTC))
    return _shown(actor, paper_id)


@router.post("/papers/{paper_id}/renew", response=PaperFull)
def renew(request: HttpRequest, paper_id: int) -> Any:
    """A sign of life from the screen."""
    actor = actor_of(request)
    services.renew_paper(actor, paper_id, at=datetime.now(UTC))
    return _shown(actor, paper_id)


@router.post("/papers/{paper_id}/release", response=PaperFull)
def release(request: HttpRequest, paper_id: int) -> Any:
    """Give it back; what was written stays."""
    actor = actor_of(request)
    services.release_paper(actor, paper_id, at=datetime.now(UTC))
    return _shown(actor, paper_id)


@router.put("/papers/{paper_id}/draft", response=PaperFull)
def write(request: HttpRequest, paper_id: int, body: PaperDraftIn) -> Any:
    """Keep what is being written."""
    actor = actor_of(request)
    services.write_paper(
        actor,
        paper_id,
        fields=body.fields,
        confirmed=body.confirmed,
        revision=body.revision,
        at=datetime.now(UTC),
    )
    return _shown(actor, paper_id)


@router.post("/papers/{paper_id}/submit", response=PaperFull)
def submit(request: HttpRequest, paper_id: int, body: PaperRevisionIn) -> Any:
    """Hand what was transcribed to the second person."""
    actor = actor_of(request)
    services.submit_paper(actor, paper_id, revision=body.revision, at=datetime.now(UTC))
    return _shown(actor, paper_id)


@router.post("/papers/{paper_id}/send-now", response=PaperFull)
def send_now(request: HttpRequest, paper_id: int, body: PaperRevisionIn) -> Any:
    """Make an emergency a request before its check."""
    actor = actor_of(request)
    services.send_paper_now(actor, paper_id, revision=body.revision, at=datetime.now(UTC))
    return _shown(actor, paper_id)


@router.post("/papers/{paper_id}/confirm", response=PaperFull)
def confirm(request: HttpRequest, paper_id: int, body: PaperConfirmIn) -> Any:
    """Every field is confirmed or corrected: it becomes a request."""
    actor = actor_of(request)
    services.confirm_paper(
        actor,
        paper_id,
        fields=body.fields,
        confirmed=body.confirmed,
        reason=body.reason,
        revision=body.revision,
        at=datetime.now(UTC),
    )
    return _shown(actor, paper_id)


@router.post("/papers/{paper_id}/again", response=PaperFull)
def again(request: HttpRequest, paper_id: int, body: PaperReasonIn) -> Any:
    """Have it transcribed again, and say why."""
    return _put_away(actor_of(request), paper_id, Act.AGAIN, body.reason)


@router.post("/papers/{paper_id}/return", response=PaperFull)
def send_back(request: HttpRequest, paper_id: int, body: PaperReasonIn) -> Any:
    """Send it back to the facility, and say what is needed."""
    return _put_away(actor_of(request), paper_id, Act.RETURN, body.reason)


@router.post("/papers/{paper_id}/reject", response=PaperFull)
def reject(request: HttpRequest, paper_id: int, body: PaperReasonIn) -> Any:
    """Say that it is no request slip."""
    return _put_away(actor_of(request), paper_id, Act.REJECT, body.reason)


@router.post("/papers/{paper_id}/join", response=PaperFull)
def join(request: HttpRequest, paper_id: int, body: PaperJoinIn) -> Any:
    """Say which request it is the original of."""
    actor = actor_of(request)
    services.join_paper(actor, paper_id, body.request_id, reason=body.reason, at=datetime.now(UTC))
    return _shown(actor, paper_id)


@router.post("/papers/{paper_id}/reopen", response=PaperFull)
def reopen(request: HttpRequest, paper_id: int, body: PaperReasonIn) -> Any:
    """Take back that it was put away."""
    actor = actor_of(request)
    services.reopen_paper(actor, paper_id, reason=body.reason, at=datetime.now(UTC))
    return _shown(actor, paper_id)


def _put_away(actor: Actor, paper_id: int, act: Act, reason: str) -> dict[str, Any]:
    services.put_paper_away(actor, paper_id, act, reason=reason, at=datetime.now(UTC))
    return _shown(actor, paper_id)


def _shown(actor: Actor, paper_id: int) -> dict[str, Any]:
    row: Paper = queries.one(actor, paper_id)
    return paper_full(actor, row, datetime.now(UTC))
