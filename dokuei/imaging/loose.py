"""What the archive holds of a facility that still waits for somebody. In a scope that holds the facility."""

from datetime import datetime
from typing import Any

from django.db.models import Count, F, QuerySet

from dokuei.imaging.made import telling
from dokuei.imaging.models import Instance, Quarantined, Study
from dokuei.imaging.queries.sentences import sentence
from dokuei.imaging.rules import Receipt
from dokuei.imaging.unlisted.models import Unlisted
from dokuei.imaging.unlisted.rules import sentence as why_unlisted
from dokuei.kit.loose import LooseEnd


def loose_study(row: Study, since: datetime, detail: str = "") -> LooseEnd:
    """A study of a row with its patient, and with `request_id` if it was annotated."""
    day = row.study_on.strftime("%Y/%m/%d") if row.study_on else "検査日不明"
    words = [" ".join(row.modalities) or "種別不明", row.description or row.body_part, day]
    return LooseEnd(
        object="study",
        object_id=row.pk,
        since=since,
        what="　".join(word for word in words if word),
        patient_id=row.patient.patient_id,
        detail=detail,
        study_id=row.pk,
        request_id=getattr(row, "request_id", None),
    )


def held_studies(facility_id: int) -> list[LooseEnd]:
    """Studies that contradict themselves or their patient, and wait for a person."""
    rows = _studies(facility_id).filter(receipt=Receipt.HELD)
    return [
        loose_study(row, row.last_received_at, "、".join(sentence(code) for code in row.held_for))
        for row in rows
    ]


def studies_counted_differently(facility_id: int, before: datetime) -> list[LooseEnd]:
    """Studies that have been quiet since `before` and hold another number of instances than was declared."""
    rows = list(
        _studies(facility_id)
        .filter(expected_count__isnull=False, last_received_at__lt=before)
        .exclude(receipt__in=[Receipt.COMPLETE, Receipt.WITHDRAWN])
        .annotate(stored=Count("instances"))
    )
    own = telling.counted([row.pk for row in rows])
    found = [(row, row.stored - own.get(row.pk, 0)) for row in rows]
    return [
        loose_study(row, row.last_received_at, f"申告 {row.expected_count} 枚、受信 {stored} 枚")
        for row, stored in found
        if stored != row.expected_count
    ]


def quarantined_objects(facility_id: int) -> list[LooseEnd]:
    """Instances kept aside because they contradict one that is held."""
    rows = Quarantined.objects.filter(facility_id=facility_id).select_related("study__patient")
    return [
        LooseEnd(
            "quarantined",
            row.pk,
            row.at,
            f"SOP Instance UID {row.sop_instance_uid}",
            row.study.patient.patient_id,
            sentence(row.reason),
            study_id=row.study_id,
        )
        for row in rows.order_by("pk")
    ]


def unlisted_objects(facility_id: int) -> list[LooseEnd]:
    """Acknowledged instances that are kept and could not be listed."""
    rows = Unlisted.objects.filter(facility_id=facility_id, listed_at=None).order_by("pk")
    return [
        LooseEnd(
            "unlisted",
            row.pk,
            row.kept_at,
            f"SOP Instance UID {row.sop_instance_uid}",
            detail=why_unlisted(row.code),
        )
        for row in rows
    ]


def arrived(facility_id: int, since: datetime, until: datetime) -> dict[str, int]:
    """How much was received in this time: studies that were new, and instances."""
    came = Instance.objects.filter(facility_id=facility_id, study__last_received_at__gte=since)
    return {
        "studies": Study.objects.filter(
            facility_id=facility_id, received_at__gte=since, received_at__lt=until
        ).count(),
        "instances": came.filter(received_at__gte=since, received_at__lt=until).count(),
    }


def _studies(facility_id: int) -> QuerySet[Any]:
    rows = Study.objects.filter(facility_id=facility_id).select_related("patient")
    return rows.annotate(request_id=F("asked_by__request_id")).order_by("last_received_at", "pk")
