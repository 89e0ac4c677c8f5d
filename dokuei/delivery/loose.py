"""Signed reports that have not reached their facility. In a scope that holds it."""

from datetime import datetime

from django.db.models import Exists, OuterRef

from dokuei.delivery.models import Delivery
from dokuei.delivery.rules import State
from dokuei.intake.loose import loose_request
from dokuei.kit.loose import LooseEnd
from dokuei.reporting import queries as reporting


def reports_not_delivered(facility_id: int, before: datetime) -> list[LooseEnd]:
    """Signed versions older than `before` that were not delivered: failed, still queued, or never put on their way."""
    way = Delivery.objects.filter(
        report_id=OuterRef("report_id"),
        version=OuterRef("number"),
        state__in=[State.DELIVERED, State.SUPERSEDED],
    )
    rows = reporting.versions_signed(facility_id, before).filter(~Exists(way))
    return [
        loose_request(
            row.report.request,
            "report",
            row.report_id,
            row.signed_at,
            f"第{row.number}版　{_state(row.report_id, row.number)}",
        )
        for row in rows
    ]


def delivered(facility_id: int, since: datetime, until: datetime) -> dict[str, int]:
    """How many signed versions were delivered in this time."""
    rows = Delivery.objects.filter(facility_id=facility_id, delivered_at__gte=since, delivered_at__lt=until)
    return {"reports": rows.count()}


def _state(report_id: int, number: int) -> str:
    delivery = Delivery.objects.filter(report_id=report_id, version=number).first()
    words = {State.QUEUED: "配信待ち", State.FAILED: "配信に失敗"}
    return words[State(delivery.state)] if delivery else "配信が作成されていません"
