"""HTTP doors of viewers elsewhere: the administrator's, a study's screen's, a launched viewer's own."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router

from dokuei.identity.access import Permission, actor_of, require, system_actor
from dokuei.imaging import services
from dokuei.imaging.errors import ContextDiffers, ContextThrottled, ContextUnknown
from dokuei.imaging.queries import one
from dokuei.imaging.services import Told, ViewerTerms
from dokuei.imaging.shapes import LaunchedOut, LaunchIn, LaunchingOut, LaunchOut
from dokuei.imaging.viewers import queries
from dokuei.imaging.viewers.rules import Context
from dokuei.imaging.viewers.shapes import (
    ContextOut,
    HeardOut,
    Removed,
    ShownIn,
    ViewerChange,
    ViewerIn,
    ViewerOut,
    ViewersOut,
)
from dokuei.kit import guesses
from dokuei.kit.db import system_scope
from dokuei.kit.http import after_refusal

router = Router(tags=["viewers"])
SPEAKER = system_actor("viewer-context")
"""Whoever holds a launch's secret: it is the right, as with an invitation."""
GUESSES = "20/m/ip"


@router.get("/viewers", response=ViewersOut)
def viewers(request: HttpRequest) -> Any:
    """Every viewer that may be opened from cases."""
    return {"items": queries.viewers(actor_of(request))}


@router.post("/viewers", response=ViewerOut)
def add(request: HttpRequest, body: ViewerIn) -> Any:
    """Let a viewer be opened from cases."""
    row = services.add_viewer(actor_of(request), ViewerTerms(**body.dict()), at=datetime.now(UTC))
    return queries.viewer_out(row)


@router.put("/viewers/{int:viewer_id}", response=ViewerOut)
def change(request: HttpRequest, viewer_id: int, body: ViewerChange) -> Any:
    """Change a viewer."""
    terms = ViewerTerms(**body.dict(exclude={"revision"}))
    row = services.change_viewer(
        actor_of(request), viewer_id, terms, revision=body.revision, at=datetime.now(UTC)
    )
    return queries.viewer_out(row)


@router.delete("/viewers/{int:viewer_id}", response=Removed)
def remove(request: HttpRequest, viewer_id: int, revision: int) -> Any:
    """Open a viewer from no case any more."""
    services.remove_viewer(actor_of(request), viewer_id, revision=revision, at=datetime.now(UTC))
    return Removed()


@router.get("/studies/{int:study_id}/launches", response=LaunchingOut)
def launches(request: HttpRequest, study_id: int) -> Any:
    """Which viewers this study may be opened in, and what became of one's own launches."""
    actor = actor_of(request)
    require(actor, Permission.STUDY_READ)
    study = one(actor, study_id)
    return queries.launching(actor, facility_id=study.facility_id, reason=f"study:{study.pk}")


@router.post("/studies/{int:study_id}/launch", response=LaunchedOut)
def launch(request: HttpRequest, study_id: int, body: LaunchIn) -> Any:
    """Open this study in a viewer, if what stands on the screen is what the hub holds."""
    actor, at = actor_of(request), datetime.now(UTC)
    require(actor, Permission.STUDY_READ)
    about: dict[str, Any] = {"study_ids": [one(actor, study_id).pk], "reason": f"study:{study_id}"}
    screen = Context(body.patient_id, body.study_instance_uid, body.accession_number)
    try:
        made = services.launch_study(actor, body.viewer_id, screen=screen, at=at, **about)
    except ContextDiffers as error:
        differs = error.fields["differs"]
        after_refusal(
            request,
            lambda: services.note_launch_refused(actor, body.viewer_id, differs=differs, at=at, **about),
        )
        raise
    return {"url": made.url, "launch": queries.launch_out(made.launch)}


@router.post("/launches/{int:launch_id}/clear", response=LaunchOut)
def clear(request: HttpRequest, launch_id: int, revision: int) -> Any:
    """Say that what was opened there is closed."""
    row = services.clear_launch(actor_of(request), launch_id, revision=revision, at=datetime.now(UTC))
    return queries.launch_out(row)


@router.get("/viewer-context/{token}", response=ContextOut)
def context(request: HttpRequest, token: str) -> Any:
    """Whose study a viewer was opened for. The token is spent; the answer holds the next."""
    told = _spoken(request, token, None)
    launch = told.launch
    study = launch.study
    return {
        "study_instance_uid": study.study_instance_uid,
        "patient_id": study.patient.patient_id,
        "issuer": study.patient.issuer,
        "accession_number": study.accession_number,
        "facility": launch.facility.code,
        "opened_at": launch.opened_at,
        **_next(told),
    }


@router.post("/viewer-context/{token}", response=HeardOut)
def shown(request: HttpRequest, token: str, body: ShownIn) -> Any:
    """What a viewer shows now. The token is spent; the answer holds the next, and no verdict."""
    return _next(_spoken(request, token, body))


def _spoken(request: HttpRequest, token: str, body: ShownIn | None) -> Told:
    """A viewer's word. What is not known, over, spent or forged gets one answer, and is counted as a guess."""
    at = datetime.now(UTC)
    if not guesses.may_guess(request, "viewer_context", GUESSES):
        raise ContextThrottled()
    try:
        with system_scope(SPEAKER.name):
            if body is None:
                return services.tell_context(SPEAKER, token, at=at)
            return services.note_shown(SPEAKER, token, shown=_said(body), at=at)
    except ContextUnknown:
        after_refusal(request, lambda: guesses.count_guess(request, "viewer_context", GUESSES))
        raise


def _said(body: ShownIn) -> Context | None:
    """Nothing only where neither is named; half a word is another patient's until the rest is known."""
    if not body.patient_id and not body.study_instance_uid:
        return None
    return Context(body.patient_id or "", body.study_instance_uid or "", body.accession_number)


def _next(told: Told) -> dict[str, Any]:
    return {"next": told.token, "next_until": told.launch.token_until}
