"""What other rooms may hear of patients."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PatientCorrected:
    """What is held of a patient was put right, or that was taken back: what contradicted is judged again."""

    patient_id: int
    facility_id: int


@dataclass(frozen=True)
class FamilyChanged:
    """Rows of a facility are one person now, or no longer."""

    patient_ids: list[int]
    """Every row of the families concerned."""
    facility_id: int
