"""An instance on its way from being durable to being listed, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dokuei.dicom.describe import Description
from dokuei.identity.access import Actor
from dokuei.kit.segment import Place


class Outcome(StrEnum):
    STORED = "stored"
    REPEATED = "repeated"
    QUARANTINED = "quarantined"


@dataclass(frozen=True)
class Stored:
    """What became of an instance, for the door to answer."""

    outcome: Outcome
    sop_class_uid: str
    sop_instance_uid: str
    study_instance_uid: str
    study_id: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Arrival:
    """An instance whose bytes are durable and which may not be listed yet; no place if it was there before."""

    actor: Actor
    facility_id: int
    description: Description
    sha256: str
    place: Place | None
    data_set_offset: int
    size_bytes: int
    notes: tuple[str, ...]
    at: datetime

    @property
    def uid(self) -> str:
        return self.description.sop_instance_uid
