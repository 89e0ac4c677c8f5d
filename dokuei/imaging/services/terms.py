"""What a facility has contracted: how much it may keep, and for how long."""

from datetime import datetime
from typing import Any

from django.db import transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.errors import Invalid
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging.upkeep.models import Terms
from dokuei.imaging.upkeep.quota import gate


@transaction.atomic
def set_quota(actor: Actor, *, facility_id: int, quota_bytes: int | None, at: datetime) -> Terms:
    """Let a facility keep this many bytes; None lifts the limit. What is kept already stays."""
    require(actor, Permission.FACILITY_MANAGE, facility_id=facility_id)
    if quota_bytes is not None and not 0 <= quota_bytes < 2**62:
        raise Invalid(code="quota.illegal")
    row = _change(actor, facility_id, at, quota_bytes=quota_bytes)
    gate.forget()
    return row


@transaction.atomic
def set_retention(actor: Actor, *, facility_id: int, days: int | None, at: datetime) -> Terms:
    """Keep a facility's images this many days after the last one of a study came; None keeps them for ever."""
    require(actor, Permission.FACILITY_MANAGE, facility_id=facility_id)
    if days is not None and not 1 <= days <= 36_500:
        raise Invalid(code="retention.illegal")
    return _change(actor, facility_id, at, retention_days=days)


def _change(actor: Actor, facility_id: int, at: datetime, **changes: Any) -> Terms:
    row, _ = Terms.objects.update_or_create(facility_id=facility_id, defaults={**changes, "changed_at": at})
    record(Event.TERMS_CHANGED, by=actor, of=row, at=at, **changes)
    return row
