"""What other rooms may hear of the archive."""

from dataclasses import dataclass


@dataclass(frozen=True)
class StudyArrived:
    """The first instance of a study is stored."""

    study_id: int
    facility_id: int


@dataclass(frozen=True)
class InstancesArrived:
    """A study has images it did not have: its first, or late ones after it had settled."""

    study_id: int
    facility_id: int


@dataclass(frozen=True)
class StudySettled:
    """Nothing came for the set time."""

    study_id: int
    facility_id: int


@dataclass(frozen=True)
class StudyCompleted:
    """Every instance the sender announced is stored."""

    study_id: int
    facility_id: int


@dataclass(frozen=True)
class StudyHeld:
    """Something contradicts; `reason` is a code of `rules.HoldReason` or a person's own words' code."""

    study_id: int
    facility_id: int
    reason: str


@dataclass(frozen=True)
class StudyResolved:
    """A person looked at what was held and let it go on."""

    study_id: int
    facility_id: int


@dataclass(frozen=True)
class StudyMoved:
    """A study stands under another patient than before, or again under its first."""

    study_id: int
    patient_ids: list[int]
    """Every row of both families."""
    facility_id: int


@dataclass(frozen=True)
class LateImageArrived:
    """An image came after the study had settled or was complete."""

    study_id: int
    facility_id: int


@dataclass(frozen=True)
class InstanceRepaired:
    """An original that was damaged is whole again; what was made from it is to be made anew."""

    study_id: int
    facility_id: int
