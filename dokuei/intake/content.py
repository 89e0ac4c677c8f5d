"""What a facility says in a request. Everything may be missing; what that costs is scored elsewhere."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Urgency(StrEnum):
    EMERGENCY = "emergency"
    URGENT = "urgent"
    SAME_DAY = "same_day"
    NEXT_CLINICAL_DAY = "next_clinical_day"
    CHECKUP = "checkup"


class Known(StrEnum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Comparison(StrEnum):
    """Where the comparison study is (product 5); never a guess."""

    RECEIVED = "received"
    ELSEWHERE = "elsewhere"
    NONE = "none"
    NOT_ASKED = "not_asked"


Line = Annotated[str, Field(max_length=200)]
Prose = Annotated[str, Field(max_length=4000)]


class Exam(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    modality: Annotated[str, Field(max_length=16)] = ""
    body_part: Line = ""
    description: Line = ""
    jj1017: Annotated[str, Field(max_length=64)] | None = None
    """JJ1017 code exactly as the facility sent it."""


class Contrast(BaseModel):
    """造影: what was planned, and what was given and how."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    planned: Known = Known.UNKNOWN
    given: Known = Known.UNKNOWN
    agent: Line = ""
    concentration: Line = ""
    """As on the bottle, with its unit: 300 mgI/mL, 0.5 mmol/mL."""
    dose_ml: Annotated[float, Field(gt=0, le=500)] | None = None
    rate_ml_s: Annotated[float, Field(gt=0, le=20)] | None = None
    phases: Line = ""
    reaction: Known = Known.UNKNOWN
    """Whether the patient reacted to this or to an earlier contrast medium."""
    reaction_note: Line = ""
    note: Prose = ""


class Renal(BaseModel):
    """腎機能: eGFR in mL/min/1.73 m², creatinine in mg/dL, and the day of the blood test."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    egfr: Annotated[float, Field(ge=0, le=250)] | None = None
    creatinine: Annotated[float, Field(ge=0, le=40)] | None = None
    measured_on: date | None = None


class Risk(BaseModel):
    """What speaks against contrast media or radiation."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    allergy: Known = Known.UNKNOWN
    allergy_note: Line = ""
    asthma: Known = Known.UNKNOWN
    metformin: Known = Known.UNKNOWN
    pregnancy: Known = Known.UNKNOWN


class MrSafety(BaseModel):
    """MR安全確認."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    pacemaker: Known = Known.UNKNOWN
    aneurysm_clip: Known = Known.UNKNOWN
    cochlear_implant: Known = Known.UNKNOWN
    other_metal: Known = Known.UNKNOWN
    claustrophobia: Known = Known.UNKNOWN
    note: Line = ""


class ComparisonState(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    state: Comparison = Comparison.NOT_ASKED
    where_when: Line = ""
    report_text: Prose = ""
    """What an earlier report said, pasted by the facility."""


class Content(BaseModel):
    """Everything the facility says in a request; a sent version is this, frozen."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    exam: Exam = Exam()
    urgency: Urgency = Urgency.NEXT_CLINICAL_DAY
    urgency_reason: Line = ""
    question: Prose = ""
    complaint: Prose = ""
    history: Prose = ""
    course: Prose = ""
    surgery: Prose = ""
    surgery_when: Line = ""
    malignancy: Known = Known.UNKNOWN
    malignancy_note: Line = ""
    labs: Prose = ""
    renal: Renal = Renal()
    risk: Risk = Risk()
    mr_safety: MrSafety = MrSafety()
    contrast: Contrast = Contrast()
    comparison: ComparisonState = ComparisonState()
    requester_name: Line = ""
    requester_department: Line = ""
    callback_phone: Annotated[str, Field(max_length=40)] = ""
