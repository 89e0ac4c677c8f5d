"""HTTP door of what FHIR senders sent and we refused, for support."""

from datetime import UTC, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from dokuei.identity.access import actor_of
from dokuei.imaging.shapes import FacilityRef
from dokuei.intake.fhir import queries, services
from dokuei.intake.fhir.rules import State

router = Router(tags=["fhir"])


class FhirSubmissionOut(Schema):
    """A body that was not taken, without what it says."""

    id: int
    facility: FacilityRef
    sender: str
    act: str
    state: State
    code: str
    sentence: str
    received_at: datetime


class FhirSubmissionsOut(Schema):
    items: list[FhirSubmissionOut]


class FhirTextOut(Schema):
    id: int
    text: str


class FhirDismissIn(Schema):
    reason: Annotated[str, Field(max_length=500)]


@router.get("/fhir/submissions", response=FhirSubmissionsOut)
def submissions(request: HttpRequest) -> Any:
    """What was refused and not sent again since, newest first."""
    return {"items": queries.refused(actor_of(request))}


@router.get("/fhir/submissions/{submission_id}/text", response=FhirTextOut)
def text(request: HttpRequest, submission_id: int) -> Any:
    """What was sent."""
    row = services.open_submission(actor_of(request), submission_id, at=datetime.now(UTC))
    return {"id": row.pk, "text": queries.text_of(row)}


@router.post("/fhir/submissions/{submission_id}/dismiss", response=FhirSubmissionOut)
def dismiss(request: HttpRequest, submission_id: int, body: FhirDismissIn) -> Any:
    """End what was refused, with a reason."""
    row = services.dismiss_submission(
        actor_of(request), submission_id, reason=body.reason, at=datetime.now(UTC)
    )
    return queries.submission_out(row)
