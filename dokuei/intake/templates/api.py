"""HTTP door of templates."""

from datetime import UTC, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from dokuei.identity.access import Permission, actor_of, require
from dokuei.intake.templates import services
from dokuei.intake.templates.body import TemplateBody
from dokuei.intake.templates.models import RequestTemplate

router = Router(tags=["request templates"])
Name = Annotated[str, Field(max_length=100)]


class TemplateIn(Schema):
    name: Name
    body: TemplateBody


class TemplateChangeIn(TemplateIn):
    revision: int


class TemplateRemovalIn(Schema):
    revision: int


class TemplateOut(Schema):
    id: int
    name: str
    body: TemplateBody
    revision: int
    saved_at: datetime
    saved_by: str


def _out(row: RequestTemplate) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "body": TemplateBody.model_validate(row.body),
        "revision": row.revision,
        "saved_at": row.saved_at,
        "saved_by": row.saved_by_name,
    }


@router.get("/facilities/{int:facility_id}/request-templates", response=list[TemplateOut])
def templates(request: HttpRequest, facility_id: int) -> Any:
    """The templates of a facility's requests, by name."""
    require(actor_of(request), Permission.REQUEST_WRITE, facility_id=facility_id)
    rows = RequestTemplate.objects.filter(facility_id=facility_id, removed_at=None)
    return [_out(row) for row in rows.order_by("name")]


@router.post("/facilities/{int:facility_id}/request-templates", response=TemplateOut)
def keep(request: HttpRequest, facility_id: int, body: TemplateIn) -> Any:
    """Keep a new template."""
    return _out(
        services.keep_template(
            actor_of(request),
            facility_id=facility_id,
            name=body.name,
            body=body.body,
            at=datetime.now(UTC),
        )
    )


@router.put("/request-templates/{int:template_id}", response=TemplateOut)
def change(request: HttpRequest, template_id: int, body: TemplateChangeIn) -> Any:
    """Change a template."""
    return _out(
        services.change_template(
            actor_of(request),
            template_id,
            name=body.name,
            body=body.body,
            revision=body.revision,
            at=datetime.now(UTC),
        )
    )


@router.post("/request-templates/{int:template_id}/remove", response={204: None})
def remove(request: HttpRequest, template_id: int, body: TemplateRemovalIn) -> Any:
    """Offer a template no longer."""
    services.remove_template(actor_of(request), template_id, revision=body.revision, at=datetime.now(UTC))
    return Status(204, None)
