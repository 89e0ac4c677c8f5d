"""What other rooms may hear of people and facilities."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FacilityCreated:
    """A client hospital or clinic was registered."""

    facility_id: int
