"""Commands on templates: keep, change, remove."""

from datetime import datetime

from django.db import IntegrityError, transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.errors import NotFound, refuse
from dokuei.identity.access import Actor, Permission, require
from dokuei.intake.templates.body import MOST, TemplateBody, TemplateRefusal, why_not_keep
from dokuei.intake.templates.models import RequestTemplate


@transaction.atomic
def keep_template(
    actor: Actor, *, facility_id: int, name: str, body: TemplateBody, at: datetime
) -> RequestTemplate:
    """Keep a new template under a name that no other of the facility has."""
    require(actor, Permission.REQUEST_WRITE, facility_id=facility_id)
    if refusal := why_not_keep(name, body):
        raise refuse(refusal)
    if RequestTemplate.objects.filter(facility_id=facility_id, removed_at=None).count() >= MOST:
        raise refuse(TemplateRefusal.MANY)
    row = RequestTemplate(facility_id=facility_id)
    _write(actor, row, name, body, at)
    record(Event.TEMPLATE_KEPT, by=actor, of=row, at=at, name=row.name, revision=row.revision)
    return row


@transaction.atomic
def change_template(
    actor: Actor, template_id: int, *, name: str, body: TemplateBody, revision: int, at: datetime
) -> RequestTemplate:
    """Let a template say something else; requests it was used in stay as they are."""
    row = _locked(actor, template_id, revision)
    if refusal := why_not_keep(name, body):
        raise refuse(refusal)
    row.revision += 1
    _write(actor, row, name, body, at)
    record(Event.TEMPLATE_KEPT, by=actor, of=row, at=at, name=row.name, revision=row.revision)
    return row


@transaction.atomic
def remove_template(actor: Actor, template_id: int, *, revision: int, at: datetime) -> None:
    """Offer a template no longer; its row stays, its name is free again."""
    row = _locked(actor, template_id, revision)
    row.removed_at = at
    row.save(update_fields=["removed_at"])
    record(Event.TEMPLATE_REMOVED, by=actor, of=row, at=at, name=row.name)


def _write(actor: Actor, row: RequestTemplate, name: str, body: TemplateBody, at: datetime) -> None:
    row.name = name.strip()
    row.body = body.model_dump(mode="json")
    row.saved_at, row.saved_by_name = at, actor.name
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise refuse(TemplateRefusal.TAKEN) from error


def _locked(actor: Actor, template_id: int, revision: int) -> RequestTemplate:
    require(actor, Permission.REQUEST_WRITE)
    rows = RequestTemplate.objects.select_for_update(no_key=True)
    row = rows.filter(pk=template_id, facility_id__in=actor.facilities, removed_at=None).first()
    if row is None:
        raise NotFound()
    require(actor, Permission.REQUEST_WRITE, facility_id=row.facility_id)
    if row.revision != revision:
        raise refuse(TemplateRefusal.MEANWHILE)
    return row
