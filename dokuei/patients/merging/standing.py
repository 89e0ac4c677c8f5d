"""How a row stands before a merge, from what is kept."""

from dokuei.patients.merging.rules import MergeState, Standing
from dokuei.patients.models import Patient, PatientMerge

OPEN = (MergeState.PROPOSED, MergeState.MADE)


def standing(patient: Patient, *, besides: int = 0) -> Standing:
    """What the rule asks of one of the two; `besides` is the merge that is being made."""
    asked = PatientMerge.objects.filter(merged=patient, state__in=OPEN).exclude(pk=besides)
    return Standing(
        id=patient.pk,
        facility_id=patient.facility_id,
        merged_into=patient.merged_into_id,
        has_merged=Patient.objects.filter(merged_into=patient).exists(),
        is_asked=asked.exists(),
    )
