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


@dataclass(frozen=True)
class AskBackWaits:
    """A facility is asked, or asked again."""

    ask_back_id: int
    facility_id: int
    nudge: int


@dataclass(frozen=True)
class RequestChanged:
    """The facility says something else now: another version."""

    request_id: int
    facility_id: int


@dataclass(frozen=True)
class RequestMatched:
    """What is known of a request and its images changed: linked, parted, contradicted, or looked at by a person."""

    request_id: int
    facility_id: int
