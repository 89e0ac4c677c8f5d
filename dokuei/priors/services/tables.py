"""Commands on tables of relevance."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Max

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.clock import local_date
from dokuei.base.errors import refuse
from dokuei.identity.access import Actor, Permission, require
from dokuei.priors.models import PriorTable
from dokuei.priors.rules import PriorsRefusal
from dokuei.priors.table import Relevance


@transaction.atomic
def decide_priors(
    actor: Actor, facility_id: int, table: Relevance, *, effective_from: date, reason: str, at: datetime
) -> PriorTable:
    """Let a table of relevance hold for a facility from a day on, today at the earliest."""
    require(actor, Permission.RULES_MANAGE, facility_id=facility_id)
    if effective_from < local_date(at):
        raise refuse(PriorsRefusal.PAST)
    if not reason.strip():
        raise refuse(PriorsRefusal.REASON)
    newest = PriorTable.objects.filter(facility_id=facility_id).aggregate(Max("number"))["number__max"]
    row = PriorTable.objects.create(
        facility_id=facility_id,
        number=(newest or 0) + 1,
        effective_from=effective_from,
        body=table.model_dump(mode="json"),
        reason=reason.strip()[:500],
        made_by_name=actor.name,
        made_at=at,
    )
    record(Event.PRIOR_RULES_DECIDED, by=actor, of=row, at=at, effective_from=effective_from.isoformat())
    return row
