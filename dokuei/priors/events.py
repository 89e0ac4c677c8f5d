"""News from priors."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PriorsChanged:
    """Something about the priors of a request is different: found, arrived, failed, no longer waited for."""

    request_id: int
    facility_id: int
