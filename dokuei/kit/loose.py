"""A loose end: something a room holds that should have been taken up by now, as the nightly reconciliation lists it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class LooseEnd:
    """One of them. `what` and `detail` are words for the facility's own people; no name of a patient stands in them."""

    object: str
    """The kind of object: study, request, reading, report, quarantined, unlisted."""
    object_id: int
    since: datetime
    what: str
    patient_id: str = ""
    """The facility's own ID of the patient."""
    detail: str = ""
    study_id: int | None = None
    request_id: int | None = None
