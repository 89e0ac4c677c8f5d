"""What is transcribed from a paper: each field of a request with its answer and where it stands on the page."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from dokuei.intake.content import Content
from dokuei.intake.ordering.order import Stated

STATED = (
    "patient.patient_id",
    "patient.name_kanji",
    "patient.name_kana",
    "patient.birth_on",
    "patient.sex",
    "exam_on",
    "numbers.accession_number",
)
SAID = (
    "exam.modality",
    "exam.body_part",
    "exam.description",
    "urgency",
    "urgency_reason",
    "question",
    "complaint",
    "history",
    "course",
    "surgery",
    "surgery_when",
    "malignancy",
    "malignancy_note",
    "labs",
    "renal.egfr",
    "renal.creatinine",
    "renal.measured_on",
    "risk.allergy",
    "risk.allergy_note",
    "risk.asthma",
    "risk.metformin",
    "risk.pregnancy",
    "mr_safety.pacemaker",
    "mr_safety.aneurysm_clip",
    "mr_safety.cochlear_implant",
    "mr_safety.other_metal",
    "mr_safety.claustrophobia",
    "mr_safety.note",
    "contrast.planned",
    "contrast.given",
    "contrast.agent",
    "contrast.concentration",
    "contrast.dose_ml",
    "contrast.rate_ml_s",
    "contrast.phases",
    "contrast.reaction",
    "contrast.reaction_note",
    "contrast.note",
    "comparison.state",
    "comparison.where_when",
    "comparison.report_text",
    "requester_name",
    "requester_department",
    "callback_phone",
)
FIELDS = (*STATED, *SAID)
"""In the order of the form; a dot leads into a part."""
NEEDED_TO_PLACE = (("patient.patient_id",), ("exam.description", "exam.modality"))
UNREADABLE_URGENCY = "紙の緊急度欄が判読不能のため至急として扱う"


class FieldAnswer(StrEnum):
    NONE = ""
    SAID = "said"
    """It stands on the paper."""
    UNREADABLE = "unreadable"
    NOT_WRITTEN = "not_written"
    TOLD = "told"
    """It does not stand there, and the facility said it by telephone; `note` says who."""


Share = Annotated[float, Field(ge=0, le=1)]


class PageBox(BaseModel):
    """A rectangle on a page as shares of its width and height, from its upper left corner, unturned."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    x: Share
    y: Share
    w: Share
    h: Share


class FieldEntry(BaseModel):
    """One field as somebody wrote it down; half-typed values are allowed until it leaves their hands."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    value: Annotated[str, Field(max_length=4000)] = ""
    answer: FieldAnswer = FieldAnswer.NONE
    page: Annotated[int, Field(ge=1, le=1000)] | None = None
    box: PageBox | None = None
    note: Annotated[str, Field(max_length=200)] = ""

    @model_validator(mode="after")
    def _has_no_value_without_one(self) -> "FieldEntry":
        if self.answer in {FieldAnswer.UNREADABLE, FieldAnswer.NOT_WRITTEN} and self.value.strip():
            raise ValueError("what is unreadable or not written has no value")
        return self

    @property
    def text(self) -> str:
        return self.value.strip()

    @property
    def is_answered(self) -> bool:
        """Whether it is said what stands there and where; of what is not written there is no place."""
        match self.answer:
            case FieldAnswer.SAID:
                return bool(self.text) and self.page is not None
            case FieldAnswer.TOLD:
                return bool(self.text) and bool(self.note.strip())
            case FieldAnswer.UNREADABLE:
                return self.page is not None
            case FieldAnswer.NOT_WRITTEN:
                return True
        return False


Fields = Mapping[str, FieldEntry]


class WrongValues(ValueError):
    """Fields whose text is no value of their kind."""

    def __init__(self, keys: list[str]) -> None:
        super().__init__(", ".join(keys))
        self.keys = keys


def read_fields(kept: Mapping[str, Any]) -> dict[str, FieldEntry]:
    return {key: FieldEntry.model_validate(kept[key]) for key in FIELDS if key in kept}


def write_fields(fields: Fields) -> dict[str, Any]:
    """As kept: fields in their order, those nothing was said of left out."""
    return {key: fields[key].model_dump(mode="json") for key in FIELDS if key in fields}


def request_of(fields: Fields, study_instance_uid: str = "") -> tuple[Stated, Content]:
    """The request these fields say; `WrongValues` names those that make no sense.

    An urgency that cannot be read is never taken for routine (H105).
    """
    stated, content = _nested(fields, STATED), _nested(fields, SAID)
    stated.setdefault("patient", {})
    if study_instance_uid:
        stated.setdefault("numbers", {})["study_instance_uid"] = study_instance_uid
    if fields.get("urgency", FieldEntry()).answer == FieldAnswer.UNREADABLE:
        content |= {
            "urgency": "urgent",
            "urgency_reason": content.get("urgency_reason") or UNREADABLE_URGENCY,
        }
    wrong: list[str] = []
    made: list[Any] = []
    for shape, values in ((Stated, stated), (Content, content)):
        try:
            made.append(shape.model_validate(values))
        except ValidationError as error:
            wrong += [".".join(str(part) for part in one["loc"]) for one in error.errors()]
    if wrong:
        raise WrongValues(wrong)
    return made[0], made[1]


def _nested(fields: Fields, keys: tuple[str, ...]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key in keys:
        text = fields[key].text if key in fields else ""
        if not text:
            continue
        place, *rest = key.split(".")
        if rest:
            made.setdefault(place, {})[rest[0]] = text
        else:
            made[place] = text
    return made
