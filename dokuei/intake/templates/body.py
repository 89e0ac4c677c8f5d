"""What a template may hold: nothing that is one patient's. No database, no clock, no network."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from dokuei.base.errors import Refusal
from dokuei.intake.content import Known, Line, Prose, Urgency

MOST = 100
"""Templates of one facility; more would be found by nobody."""


class TemplateRefusal(Refusal):
    NAME = "template.name", "定型の名前を入力してください。"
    EMPTY = "template.empty", "定型に入れる内容を1つ以上入力してください。"
    TAKEN = "template.taken", "同じ名前の定型があります。別の名前にするか、その定型を編集してください。"
    MANY = "template.many", f"定型は1施設{MOST}件までです。使わない定型を削除してください。"
    MEANWHILE = "template.meanwhile", "別の人が先に変更しました。最新の内容を確認してください。"


class TemplateContrast(BaseModel):
    """造影 as it is planned for this kind of exam; what was given, and how much, is each patient's own."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    planned: Known = Known.UNKNOWN
    agent: Line = ""
    concentration: Line = ""
    phases: Line = ""


class TemplateBody(BaseModel):
    """Fields of a request by their own names; an empty one is not in the template.

    History, course, laboratory values, risks and comparison are a patient's and have no place here, nor has an
    urgency that needs a reason of its own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    modality: Annotated[str, Field(max_length=16)] = ""
    """Of which exams it is offered; empty for all."""
    body_part: Line = ""
    description: Line = ""
    urgency: Literal["", Urgency.SAME_DAY, Urgency.NEXT_CLINICAL_DAY, Urgency.CHECKUP] = ""
    question: Prose = ""
    contrast: TemplateContrast = TemplateContrast()
    requester_name: Line = ""
    requester_department: Line = ""
    callback_phone: Annotated[str, Field(max_length=40)] = ""


def why_not_keep(name: str, body: TemplateBody) -> Refusal | None:
    """Return why this is no template, or None. A modality alone fills nothing."""
    if not name.strip():
        return TemplateRefusal.NAME
    if body.model_copy(update={"modality": ""}) == TemplateBody():
        return TemplateRefusal.EMPTY
    return None
