"""The shapes of viewers elsewhere at the administrator's door."""

from datetime import datetime
from typing import Annotated

from ninja import Schema
from pydantic import Field

from dokuei.imaging.shapes import FacilityRef
from dokuei.imaging.viewers.rules import TEMPLATE_MOST, Encoding


class ViewerIn(Schema):
    name: Annotated[str, Field(min_length=1, max_length=80)]
    facility_id: int | None = None
    template: Annotated[str, Field(min_length=1, max_length=TEMPLATE_MOST)]
    encoding: Encoding = Encoding.PERCENT
    may_name_patient: bool = False


class ViewerChange(ViewerIn):
    revision: int


class ViewerOut(Schema):
    id: int
    facility: FacilityRef | None
    name: str
    template: str
    encoding: Encoding
    may_name_patient: bool
    tells: bool
    revision: int
    saved_at: datetime
    author: str


class ViewersOut(Schema):
    items: list[ViewerOut]


class Removed(Schema):
    done: bool = True


Uid = Annotated[str, Field(max_length=64)]


class ShownIn(Schema):
    """What a viewer shows; both empty where it shows nothing any more."""

    study_instance_uid: Uid | None = None
    patient_id: Annotated[str, Field(max_length=64)] | None = None
    accession_number: Annotated[str, Field(max_length=64)] = ""


class ContextOut(Schema):
    """Whose study the viewer was opened for, and the secret of its next word."""

    study_instance_uid: str
    patient_id: str
    issuer: str
    accession_number: str
    facility: str
    opened_at: datetime
    next: str
    next_until: datetime


class HeardOut(Schema):
    """That it was heard; what follows from it is no affair of the viewer's."""

    next: str
    next_until: datetime
