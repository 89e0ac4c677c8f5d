"""Commands on rule tables."""

from collections.abc import Collection
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Max

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.clock import local_date
from dokuei.base.errors import Refusal, refuse
from dokuei.identity.access import Actor, Permission, require
from dokuei.intake.scoring.models import RuleTable
from dokuei.intake.scoring.table import Table


class TableRefusal(Refusal):
    PAST = "rules.past", "適用開始日は今日以降にしてください。過去の充足度は変わりません。"
    REASON = "rules.reason", "変更の理由を入力してください。"
    NOBODY = "rules.no_facility", "施設を選んでください。"
    MEANWHILE = "rules.meanwhile", "別の人が先に変更しました。最新の内容を確認してください。"


@transaction.atomic
def decide_table(
    actor: Actor,
    *,
    facility_ids: Collection[int],
    table: Table,
    effective_from: date,
    reason: str,
    at: datetime,
) -> list[RuleTable]:
    """Let a table hold for these facilities from a day on, today at the earliest. All of them, or none."""
    require(actor, Permission.RULES_MANAGE)
    if not facility_ids:
        raise refuse(TableRefusal.NOBODY)
    if effective_from < local_date(at):
        raise refuse(TableRefusal.PAST)
    if not reason.strip():
        raise refuse(TableRefusal.REASON)
    return [_decide(actor, one, table, effective_from, reason, at) for one in sorted(set(facility_ids))]


def _decide(
    actor: Actor, facility_id: int, table: Table, effective_from: date, reason: str, at: datetime
) -> RuleTable:
    require(actor, Permission.RULES_MANAGE, facility_id=facility_id)
    newest = RuleTable.objects.filter(facility_id=facility_id).aggregate(Max("number"))["number__max"]
    row = RuleTable(
        facility_id=facility_id,
        number=(newest or 0) + 1,
        effective_from=effective_from,
        body=table.model_dump(mode="json"),
        reason=reason.strip()[:500],
        made_by_id=actor.person_id,
        made_by_name=actor.name,
        made_at=at,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise refuse(TableRefusal.MEANWHILE) from error
    record(Event.RULES_DECIDED, by=actor, of=row, at=at, effective_from=effective_from.isoformat())
    return row
