"""News from intake."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RequestAccepted:
    request_id: int
    facility_id: int


@dataclass(frozen=True)
class RequestCancelled:
    request_id: int
    facility_id: int
