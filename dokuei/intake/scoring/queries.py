"""Which table holds for a facility on a day, and what a request comes to by it."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from dokuei.base.clock import local_date
from dokuei.identity.access import Actor, Permission, require
from dokuei.intake.content import Content
from dokuei.intake.models import Request, RequestVersion
from dokuei.intake.scoring import rules
from dokuei.intake.scoring.items import ITEMS, Subject
from dokuei.intake.scoring.models import RuleTable
from dokuei.intake.scoring.rules import Completeness
from dokuei.intake.scoring.table import ASKABLE, DEFAULT, DEFAULT_NAME, Table
from dokuei.patients.models import Patient
from dokuei.patients.queries import age_on

PREVIEWED = 300
"""Sent requests a change is tried on."""
SHOWN = 30


def tables_on(facilities: Iterable[int], on: date) -> Mapping[int, tuple[Table, str]]:
    """The table each of these facilities goes by on a day, with its name; facilities without one are left out."""
    rows = RuleTable.objects.filter(facility_id__in=set(facilities), effective_from__lte=on)
    newest = rows.order_by("facility_id", "-effective_from", "-number").distinct("facility_id")
    return {row.facility_id: (Table.model_validate(row.body), name_of(row)) for row in newest}


def name_of(row: RuleTable) -> str:
    return f"facility-{row.facility_id}-{row.number}"


def _named(facility_id: int, name: str) -> RuleTable | None:
    """The table of this name; the one in the code has none here."""
    prefix, _, number = name.rpartition("-")
    if prefix != f"facility-{facility_id}":
        return None
    return RuleTable.objects.filter(facility_id=facility_id, number=int(number)).first()


def subject_of(patient: Patient | None, on: date) -> Subject:
    return Subject(patient.sex, age_on(patient, on)) if patient else Subject()


def scores_now(requests: Iterable[Request], at: datetime) -> Mapping[int, Completeness]:
    """What these requests come to by the tables of today, as long as they are being written."""
    rows, on = list(requests), local_date(at)
    tables = tables_on((row.facility_id for row in rows), on)
    return {
        row.pk: _score(
            Content.model_validate(row.content),
            on,
            row.patient,
            tables.get(row.facility_id, (DEFAULT, DEFAULT_NAME)),
        )
        for row in rows
    }


def score_for(content: Content, *, facility_id: int, patient: Patient | None, at: datetime) -> Completeness:
    """What a content comes to in a facility today."""
    on = local_date(at)
    table = tables_on([facility_id], on).get(facility_id, (DEFAULT, DEFAULT_NAME))
    return _score(content, on, patient, table)


def _score(content: Content, on: date, patient: Patient | None, table: tuple[Table, str]) -> Completeness:
    return rules.completeness(content, on=on, subject=subject_of(patient, on), table=table[0], name=table[1])


def visible_to(actor: Actor) -> QuerySet[RuleTable]:
    """The tables of the actor's facilities."""
    rows = RuleTable.objects.all()
    return rows if actor.kind == "system" else rows.filter(facility_id__in=actor.facilities)


def tables_out(actor: Actor, facility_id: int, *, at: datetime) -> dict[str, Any]:
    """What holds now, what was decided and what is planned, newest first, with the items there are."""
    require(actor, Permission.RULES_READ, facility_id=facility_id)
    rows = list(visible_to(actor).filter(facility_id=facility_id).order_by("-effective_from", "-number"))
    on = local_date(at)
    now = next((row for row in rows if row.effective_from <= on), None)
    return {
        "table": Table.model_validate(now.body) if now else DEFAULT,
        "default": DEFAULT,
        "items": [
            {
                "field": i.field,
                "label": i.label,
                "modalities": sorted(i.modalities),
                "is_always": i.is_always,
                "is_askable": i.field in ASKABLE,
            }
            for i in ITEMS
        ],
        "history": [_row_out(row, is_now=row is now) for row in rows],
    }


def _row_out(row: RuleTable, *, is_now: bool) -> dict[str, Any]:
    return {
        "number": row.number,
        "effective_from": row.effective_from,
        "is_now": is_now,
        "reason": row.reason,
        "made_by": row.made_by_name,
        "made_at": row.made_at,
        "table": Table.model_validate(row.body),
    }


def preview(actor: Actor, facility_id: int, table: Table) -> dict[str, Any]:
    """What a table would have said of the newest sent requests, each by the day it was sent; nothing is kept.

    Tells exams, scores and items, and no patient: who looks after rules need not see whom they were about.
    """
    require(actor, Permission.RULES_MANAGE, facility_id=facility_id)
    versions = list(
        RequestVersion.objects.filter(facility_id=facility_id)
        .select_related("request__patient")
        .order_by("-sent_at", "-pk")[:PREVIEWED]
    )
    tried = [_tried(one, table) for one in versions]
    changed = [one for one in tried if one["before"] != one["after"] or one["more"] or one["fewer"]]
    changed.sort(key=lambda one: -abs(one["after"] - one["before"]))
    return {
        "tried": len(tried),
        "changed": len(changed),
        "mean_before": _mean([one["before"] for one in tried]),
        "mean_after": _mean([one["after"] for one in tried]),
        "asked": sum(one.pop("asked") for one in tried),
        "items": changed[:SHOWN],
    }


def _tried(version: RequestVersion, table: Table) -> dict[str, Any]:
    content = Content.model_validate(version.content)
    on = local_date(version.sent_at)
    after = _score(content, on, version.request.patient, (table, ""))
    before = version.completeness
    said = {one["label"] for one in before["missing"]} | _cautions(before)
    says = {one.label for one in after.missing} | {one.sentence for one in after.cautions}
    return {
        "request_id": version.request_id,
        "exam": f"{content.exam.modality} {content.exam.description}".strip(),
        "sent_at": version.sent_at,
        "before": before["score"],
        "after": after.score,
        "more": sorted(says - said),
        "fewer": sorted(said - says),
        "asked": len({one.field for one in after.missing} & set(table.ask)),
    }


def _cautions(completeness: dict[str, Any]) -> set[str]:
    return {one["sentence"] for one in completeness.get("cautions", [])}


def _mean(scores: list[int]) -> int | None:
    return round(sum(scores) / len(scores)) if scores else None


def kinds_to_ask(version: RequestVersion) -> list[str]:
    """Which kinds of question the table it was scored by asks by itself about what a sent request lacks."""
    row = _named(version.facility_id, version.completeness.get("rule", ""))
    if row is None:
        return []
    lacks = {one["field"] for one in version.completeness["missing"]}
    return [ASKABLE[field] for field in Table.model_validate(row.body).ask if field in lacks]


def score_out(score: Completeness) -> dict[str, Any]:
    return asdict(score)
