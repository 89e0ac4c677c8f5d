"""Tables of relevance for those who decide: what holds, what was decided, what another table would change."""

from datetime import date, datetime
from typing import Any

from dokuei.base.clock import local_date
from dokuei.identity.access import Actor, Permission, require
from dokuei.priors import queries
from dokuei.priors.models import PriorSearch, PriorTable
from dokuei.priors.queries import Case
from dokuei.priors.table import DEFAULT, Relevance

PREVIEWED = 60
SHOWN = 30
HISTORY_MOST = 50


def tables_of(actor: Actor, facility_id: int, *, at: datetime) -> dict[str, Any]:
    """What makes a prior relevant in a facility now, what was decided before, and what is decided for later."""
    require(actor, Permission.RULES_READ, facility_id=facility_id)
    today = local_date(at)
    table, name = queries.table_on(facility_id, today)
    rows = list(PriorTable.objects.filter(facility_id=facility_id).order_by("-number")[:HISTORY_MOST])
    in_force = [row for row in rows if row.effective_from <= today]
    now = max(in_force, key=lambda row: (row.effective_from, row.number), default=None)
    return {
        "name": name,
        "table": table,
        "default": DEFAULT,
        "history": [
            {
                "number": row.number,
                "effective_from": row.effective_from,
                "is_now": row is now,
                "reason": row.reason,
                "made_by": row.made_by_name,
                "made_at": row.made_at,
                "table": Relevance.model_validate(row.body),
            }
            for row in rows
        ],
    }


def preview(actor: Actor, facility_id: int, table: Relevance, *, at: datetime) -> dict[str, Any]:
    """Which priors a table would want for the newest requests, against those that the table of today wants.

    Nothing is kept and nothing is fetched. Tells exams and days, and no patient: who looks after rules need not see
    whom they were about.
    """
    require(actor, Permission.RULES_MANAGE, facility_id=facility_id)
    now, _ = queries.table_on(facility_id, local_date(at))
    rows = PriorSearch.objects.filter(facility_id=facility_id).order_by("-pk")
    wanted = {
        request_id: (patient_id, facility_id)
        for request_id, patient_id in rows.values_list("request_id", "patient_id")[:PREVIEWED]
    }
    tried = [_tried(case, now, table) for case in queries.cases(wanted).values()]
    changed = [one for one in tried if one["more"] or one["fewer"]]
    return {
        "tried": len(tried),
        "changed": len(changed),
        "wanted_before": sum(one["before"] for one in tried),
        "wanted_after": sum(one["after"] for one in tried),
        "items": changed[:SHOWN],
    }


def _tried(case: Case, now: Relevance, table: Relevance) -> dict[str, Any]:
    before, after = _wanted(case, now), _wanted(case, table)
    return {
        "request_id": case.request_id,
        "exam": " ".join([*case.content.exam.modality, case.content.exam.body_part]).strip() or "—",
        "before": len(before),
        "after": len(after),
        "more": [text for key, text in after.items() if key not in before],
        "fewer": [text for key, text in before.items() if key not in after],
    }


def _wanted(case: Case, table: Relevance) -> dict[str, str]:
    """What is wanted by study, each in a few words."""
    said = {
        row.study_instance_uid: _text(row.study_on, row.modalities, row.body_part) for row in case.candidates
    }
    said |= {
        one.study_instance_uid: _text(one.study_on, one.modalities, one.body_part) for one in case.others
    }
    return {one.key: said[one.key] for one in queries.choices(case, table) if one.is_wanted}


def _text(on: date | None, modalities: Any, part: str) -> str:
    return " ".join(filter(None, [f"{on:%Y/%m/%d}" if on else "日付なし", *modalities, part]))
