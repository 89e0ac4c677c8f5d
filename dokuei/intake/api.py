"""HTTP door of intake: requests drafted, scored, sent and withdrawn."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from dokuei.base.clock import local_date
from dokuei.base.errors import Invalid
from dokuei.identity.access import Permission, actor_of, require
from dokuei.intake import services
from dokuei.intake.askbacks.api import router as askbacks
from dokuei.intake.askbacks.links.api import router as links
from dokuei.intake.content import Content
from dokuei.intake.fhir.api import router as fhir
from dokuei.intake.hl7.api import router as hl7
from dokuei.intake.linking.api import router as resolution
from dokuei.intake.ordering.order import Stated
from dokuei.intake.paper.api import router as papers
from dokuei.intake.scoring.api import router as scoring
from dokuei.intake.scoring.queries import score_for
from dokuei.intake.shapes import (
    CompletenessOut,
    EarlierOut,
    RequestOut,
    RequestsOut,
    earlier_out,
    request_out,
    requests_out,
)
from dokuei.intake.templates.api import router as templates
from dokuei.patients.queries import known_like, patient_out
from dokuei.patients.shapes import PatientOut

router = Router(tags=["requests"])
router.add_router("", scoring)
router.add_router("", templates)
router.add_router("", askbacks)
router.add_router("", links)
router.add_router("", hl7)
router.add_router("", fhir)
router.add_router("", papers)
router.add_router("", resolution)


class RequestIn(Content):
    """A request's content with the studies it asks about."""

    study_ids: Annotated[list[int], Field(max_length=50)] = []
    facility_id: int | None = None
    revision: int | None = None
    stated: Stated | None = None
    """Before its images: whose exam it is, said by the request itself."""

    def content(self) -> Content:
        beside = {"study_ids", "facility_id", "revision", "stated"}
        return Content.model_validate(self.model_dump(exclude=beside))


Words = Annotated[str, Field(max_length=100)]


class ReasonIn(Schema):
    reason: Annotated[str, Field(max_length=500)] = ""


class RequestFilter(Schema):
    state: str = ""
    q: Annotated[str, Field(max_length=100)] = ""
    patient_id: int | None = None
    """A patient of ours, under whichever of their IDs the request was written."""
    limit: Annotated[int, Field(ge=1, le=200)] = 100
    offset: Annotated[int, Field(ge=0)] = 0


@router.get("/requests", response=RequestsOut)
def list_requests(request: HttpRequest, filters: Query[RequestFilter]) -> Any:
    """The requests of my facilities, newest first."""
    return requests_out(actor_of(request), **filters.dict(), at=datetime.now(UTC))


@router.post("/requests", response=RequestOut)
def draft(request: HttpRequest, body: RequestIn) -> Any:
    """Begin a request as a draft."""
    actor, at = actor_of(request), datetime.now(UTC)
    facility_id = body.facility_id or next(iter(sorted(actor.facilities)), None)
    if facility_id is None or (body.facility_id is None and len(actor.facilities) > 1):
        raise Invalid("施設を指定してください。", code="request.facility")
    made = services.draft_request(
        actor,
        facility_id=facility_id,
        study_ids=body.study_ids,
        content=body.content(),
        stated=body.stated,
        at=at,
    )
    return request_out(actor, made.pk, at=at)


@router.post("/requests/completeness", response=CompletenessOut)
def completeness(request: HttpRequest, body: RequestIn) -> Any:
    """Score a request while it is being written; nothing is kept."""
    actor = actor_of(request)
    facility_id = body.facility_id or next(iter(sorted(actor.facilities)), None)
    if facility_id is None:
        raise Invalid("施設を指定してください。", code="request.facility")
    require(actor, Permission.REQUEST_WRITE, facility_id=facility_id)
    score = score_for(body.content(), facility_id=facility_id, patient=None, at=datetime.now(UTC))
    return asdict(score)


@router.get("/patients/known", response=list[PatientOut])
def known_patients(request: HttpRequest, facility_id: int, q: Words) -> Any:
    """Patients of a facility whose ID or name begins so, in whatever script or form it is typed."""
    today = local_date(datetime.now(UTC))
    return [patient_out(one, today) for one in known_like(actor_of(request), facility_id, q)]


@router.get("/requests/{request_id}", response=RequestOut)
def one(request: HttpRequest, request_id: int) -> Any:
    """One request with its history."""
    return request_out(actor_of(request), request_id, at=datetime.now(UTC))


@router.get("/requests/{request_id}/earlier", response=EarlierOut)
def earlier(request: HttpRequest, request_id: int) -> Any:
    """What earlier requests said that may be offered again; nothing is copied by itself."""
    return earlier_out(actor_of(request), request_id)


@router.put("/requests/{request_id}", response=RequestOut)
def edit(request: HttpRequest, request_id: int, body: RequestIn) -> Any:
    """Save a draft."""
    actor, at = actor_of(request), datetime.now(UTC)
    if body.revision is None:
        raise Invalid("revision を指定してください。", code="request.revision")
    services.edit_request(
        actor,
        request_id,
        study_ids=body.study_ids,
        content=body.content(),
        stated=body.stated,
        revision=body.revision,
        at=at,
    )
    return request_out(actor, request_id, at=at)


@router.post("/requests/{request_id}/send", response=RequestOut)
def send(request: HttpRequest, request_id: int) -> Any:
    """Send a draft to the reading service."""
    actor, at = actor_of(request), datetime.now(UTC)
    services.send_request(actor, request_id, at=at)
    return request_out(actor, request_id, at=at)


@router.post("/requests/{request_id}/change", response=RequestOut)
def change(request: HttpRequest, request_id: int, body: RequestIn) -> Any:
    """Say something else in a request that was sent; patient and studies stay."""
    actor, at = actor_of(request), datetime.now(UTC)
    if body.revision is None:
        raise Invalid("revision を指定してください。", code="request.revision")
    services.change_request(actor, request_id, content=body.content(), revision=body.revision, at=at)
    return request_out(actor, request_id, at=at)


@router.post("/requests/{request_id}/cancel", response=RequestOut)
def cancel(request: HttpRequest, request_id: int, body: ReasonIn) -> Any:
    """Withdraw a request with a reason."""
    actor, at = actor_of(request), datetime.now(UTC)
    services.cancel_request(actor, request_id, reason=body.reason, at=at)
    return request_out(actor, request_id, at=at)
