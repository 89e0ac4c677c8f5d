"""What a facility's requests usually lack, and how that changes from month to month."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.db import connection

from dokuei.base.clock import local_date
from dokuei.identity.access import Actor, Permission, require
from dokuei.intake.scoring.items import ITEMS

MONTHS = 6
LABELS = {item.field: item.label for item in ITEMS}

SENT = """
select date_trunc('month', sent_at at time zone 'Asia/Tokyo')::date, count(*),
       round(avg((completeness->>'score')::int))::int
from intake_requestversion
where facility_id = %s and sent_at >= (%s::date::timestamp at time zone 'Asia/Tokyo')
group by 1
"""
LACKING = """
select date_trunc('month', sent_at at time zone 'Asia/Tokyo')::date, item->>'field', count(*)
from intake_requestversion, jsonb_array_elements(completeness->'missing') item
where facility_id = %s and sent_at >= (%s::date::timestamp at time zone 'Asia/Tokyo')
group by 1, 2
"""
ASKED = """
select field, count(*),
       round(sum(extract(epoch from coalesce(ended_at, %s) - asked_at)) / 60)::int
from intake_askback
where facility_id = %s and asked_at >= (%s::date::timestamp at time zone 'Asia/Tokyo') and field <> ''
group by 1
"""


def months_until(day: date) -> list[date]:
    """The first days of the last months, this one included, oldest first."""
    index = day.year * 12 + day.month - 1
    return [date(one // 12, one % 12 + 1, 1) for one in range(index - MONTHS + 1, index + 1)]


def coaching(actor: Actor, facility_id: int, *, at: datetime) -> dict[str, Any]:
    """By item: in how many requests of each month it was missing, as they were scored when they were sent.

    And what it cost: ask-backs about it, and the minutes they were waited for. Counts of requests; months by the
    calendar of Japan. Names no patient and nobody who wrote.
    """
    require(actor, Permission.REQUEST_READ, facility_id=facility_id)
    months = months_until(local_date(at))
    sent = {month: (count, mean) for month, count, mean in _rows(SENT, facility_id, months[0])}
    lacking: dict[str, dict[date, int]] = {}
    for month, field, count in _rows(LACKING, facility_id, months[0]):
        lacking.setdefault(field, {})[month] = count
    asked = {field: (count, minutes) for field, count, minutes in _rows(ASKED, at, facility_id, months[0])}
    items: list[dict[str, Any]] = [
        {
            "field": field,
            "label": LABELS[field],
            "missing": [lacking.get(field, {}).get(month, 0) for month in months],
            "total": sum(lacking.get(field, {}).values()),
            "asked": asked.get(field, (0, 0))[0],
            "minutes": asked.get(field, (0, 0))[1],
        }
        for field in LABELS
        if field in lacking or field in asked
    ]
    items.sort(key=lambda one: (-one["total"], one["field"]))
    return {
        "months": [
            {"month": month, "sent": sent.get(month, (0, None))[0], "mean": sent.get(month, (0, None))[1]}
            for month in months
        ],
        "items": items,
    }


def _rows(sql: str, *values: datetime | date | int) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        yield from cursor.fetchall()
