"""HTTP door of the worklist."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from dokuei.identity.access import Actor, Permission, actor_of
from dokuei.imaging import queries as imaging
from dokuei.imaging import services as archive
from dokuei.imaging.errors import ContextDiffers
from dokuei.imaging.shapes import ImagesOut, LaunchedOut, LaunchIn, LaunchingOut
from dokuei.intake import services as requests
from dokuei.intake.shapes import AskBacksOut, QuestionIn, WithdrawIn, page_response, request_out
from dokuei.kit.http import after_refusal
from dokuei.patients import queries as patients
from dokuei.priors.shapes import PriorListOut
from dokuei.worklist import queries, services
from dokuei.worklist.models import Reading
from dokuei.worklist.shapes import ReadingOut, ReadingRow, ReadingsOut

router = Router(tags=["readings"])


class AheadOut(Schema):
    images: ImagesOut | None


class FetchIn(Schema):
    candidate_id: int | None = None


class ReasonIn(Schema):
    reason: Annotated[str, Field(max_length=500)] = ""


@router.get("/readings", response=ReadingsOut)
def list_readings(request: HttpRequest, box: Literal["open", "mine", "done"] = "open", q: str = "") -> Any:
    """One of the lists: open (most pressing first), mine, done."""
    actor, at = actor_of(request), datetime.now(UTC)
    rows = queries.box(actor, box)
    for word in q[:100].split():
        rows = rows.filter(
            Q(patient__name_kanji__icontains=word)
            | Q(patient__name_kana__icontains=word)
            | Q(patient__patient_id__icontains=word)
            | Q(patient__in=patients.kin_saying(word))
            | Q(modality__iexact=word)
            | Q(body_part__icontains=word)
            | Q(facility__name__icontains=word)
        )
    shown = list(rows[: queries.ROWS_MOST])
    return {"items": queries.rows_out(actor, shown, at), "counts": queries.counts(actor, at)}


@router.post("/readings/next", response=ReadingOut)
def claim_next(request: HttpRequest) -> Any:
    """Take the waiting reading with the earliest deadline, and open it."""
    actor, at = actor_of(request), datetime.now(UTC)
    return _opened(actor, services.claim_next(actor, at=at).pk, at)


@router.get("/readings/{reading_id}", response=ReadingOut)
def one(request: HttpRequest, reading_id: int) -> Any:
    """One case: its line, its request, its history."""
    return _opened(actor_of(request), reading_id, datetime.now(UTC))


@router.post("/readings/{reading_id}/claim", response=ReadingOut)
def claim(request: HttpRequest, reading_id: int) -> Any:
    """Take a waiting reading, and open it."""
    actor, at = actor_of(request), datetime.now(UTC)
    return _opened(actor, services.claim_reading(actor, reading_id, at=at).pk, at)


@router.post("/readings/{reading_id}/release", response=ReadingRow)
def release(request: HttpRequest, reading_id: int, body: ReasonIn) -> Any:
    """Give a reading back with a reason."""
    actor, at = actor_of(request), datetime.now(UTC)
    reading = services.release_reading(actor, reading_id, reason=body.reason, at=at)
    return _row(actor, reading, at)


@router.post("/readings/{reading_id}/renew", response=ReadingRow)
def renew(request: HttpRequest, reading_id: int) -> Any:
    """A sign of life from the reading room."""
    actor, at = actor_of(request), datetime.now(UTC)
    return _row(actor, services.renew_lease(actor, reading_id, at=at), at)


@router.get("/readings/{reading_id}/images", response=ImagesOut)
def images(request: HttpRequest, reading_id: int) -> Any:
    """What the viewer may open: the studies of the reading, then the patient's earlier ones."""
    actor = actor_of(request)
    return queries.images_of(actor, queries.one(actor, reading_id))


@router.get("/readings/{reading_id}/priors", response=PriorListOut)
def list_priors(request: HttpRequest, reading_id: int) -> Any:
    """The priors of a reading, most relevant first: where each stands and why it was chosen."""
    actor = actor_of(request)
    return queries.priors_of(actor, queries.one(actor, reading_id))


@router.post("/readings/{reading_id}/priors/fetch", response=PriorListOut)
def fetch_priors(request: HttpRequest, reading_id: int, body: FetchIn) -> Any:
    """Have one prior fetched from the facility's archive; without one, have the archive asked again."""
    actor, at = actor_of(request), datetime.now(UTC)
    return queries.priors_of(actor, services.fetch_priors(actor, reading_id, body.candidate_id, at=at))


@router.get("/readings/{reading_id}/papers/{paper_id}/pages/{number}")
def paper_page(request: HttpRequest, reading_id: int, paper_id: int, number: int) -> HttpResponse:
    """A page of the paper the reading's request was transcribed from (image/png)."""
    actor = actor_of(request)
    request_id = queries.one(actor, reading_id).request_id
    place = requests.open_page(_through(actor), paper_id, number, request_id=request_id, at=datetime.now(UTC))
    return page_response(place)


@router.post("/readings/{reading_id}/ahead", response=AheadOut)
def ahead(request: HttpRequest, reading_id: int) -> Any:
    """While one reading is read: what the viewer may fetch of the next one."""
    actor, at = actor_of(request), datetime.now(UTC)
    reading = services.prepare_next(actor, reading_id, at=at)
    return {"images": queries.images_of(actor, reading) if reading else None}


@router.post("/readings/{reading_id}/prepare", response=ImagesOut)
def prepare(request: HttpRequest, reading_id: int) -> Any:
    """While a list is looked at: what the viewer may fetch of the reading chosen in it."""
    actor, at = actor_of(request), datetime.now(UTC)
    return queries.images_of(actor, services.prepare_reading(actor, reading_id, at=at))


@router.get("/readings/{reading_id}/launches", response=LaunchingOut)
def launches(request: HttpRequest, reading_id: int) -> Any:
    """Which viewers the reading's study may be opened in, and what became of one's own launches."""
    actor = actor_of(request)
    return queries.launching(actor, queries.one(actor, reading_id))


@router.post("/readings/{reading_id}/launch", response=LaunchedOut)
def launch(request: HttpRequest, reading_id: int, body: LaunchIn) -> Any:
    """Open the study on the screen in a viewer, if what stands there is what the hub holds."""
    actor, at = actor_of(request), datetime.now(UTC)
    screen = imaging.Context(body.patient_id, body.study_instance_uid, body.accession_number)
    try:
        made = services.launch_viewer(actor, reading_id, body.viewer_id, screen=screen, at=at)
    except ContextDiffers as error:
        reading, differs = queries.one(actor, reading_id), error.fields["differs"]
        about: dict[str, Any] = {
            "study_ids": queries.study_ids(reading),
            "reason": queries.launch_reason(reading),
        }
        after_refusal(
            request,
            lambda: archive.note_launch_refused(actor, body.viewer_id, differs=differs, at=at, **about),
        )
        raise
    return {"url": made.url, "launch": imaging.launch_out(made.launch)}


@router.get("/readings/{reading_id}/ask-backs", response=AskBacksOut)
def ask_backs(request: HttpRequest, reading_id: int) -> Any:
    """What was asked about the reading's request, and what may be."""
    actor = actor_of(request)
    return queries.ask_backs_of(actor, queries.one(actor, reading_id))


@router.post("/readings/{reading_id}/ask-backs", response=AskBacksOut)
def ask_back(request: HttpRequest, reading_id: int, body: QuestionIn) -> Any:
    """Ask the facility about the request of one's reading."""
    actor = actor_of(request)
    services.ask_back(actor, reading_id, body.question(), at=datetime.now(UTC))
    return queries.ask_backs_of(actor, queries.one(actor, reading_id))


@router.post("/readings/{reading_id}/ask-backs/{ask_back_id}/withdraw", response=AskBacksOut)
def withdraw_ask_back(request: HttpRequest, reading_id: int, ask_back_id: int, body: WithdrawIn) -> Any:
    """Take back a question about one's reading."""
    actor = actor_of(request)
    services.withdraw_ask_back(actor, reading_id, ask_back_id, reason=body.reason, at=datetime.now(UTC))
    return queries.ask_backs_of(actor, queries.one(actor, reading_id))


def _opened(actor: Actor, reading_id: int, at: datetime) -> dict[str, Any]:
    """The whole case; that it was looked at is written down."""
    reading = services.view_reading(actor, reading_id, at=at)
    return {
        **_row(actor, reading, at),
        "request": request_out(_through(actor), reading.request_id, at=at),
        "history": queries.history(reading),
        "turnaround": queries.turnaround(reading, at),
    }


def _row(actor: Actor, reading: Reading, at: datetime) -> dict[str, Any]:
    fresh = Reading.objects.select_related("facility", "patient", "reader", "request").get(pk=reading.pk)
    return queries.rows_out(actor, [fresh], at)[0]


def _through(actor: Actor) -> Actor:
    """Whoever may see a reading may read its request."""
    from dataclasses import replace

    return replace(actor, permissions=actor.permissions | {Permission.REQUEST_READ})
