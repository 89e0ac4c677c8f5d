"""What of a facility's patients waits for somebody. In a scope that holds the facility."""

from datetime import datetime

from dokuei.kit.loose import LooseEnd
from dokuei.patients.merging.rules import MergeState
from dokuei.patients.models import PatientMerge


def merges_waiting(facility_id: int, before: datetime) -> list[LooseEnd]:
    """Merges asked for before `before` that need a second person, and nobody looked at them yet."""
    rows = PatientMerge.objects.filter(
        facility_id=facility_id, state=MergeState.PROPOSED, asked_at__lt=before
    )
    return [
        LooseEnd(
            "merge",
            row.survivor_id,
            row.asked_at,
            f"患者ID {row.merged.patient_id} を {row.survivor.patient_id} へ統合",
            patient_id=row.survivor.patient_id,
            detail=f"申請 {row.asked_by_name}",
        )
        for row in rows.select_related("survivor", "merged").order_by("pk")
    ]
