"""What a request must hold, what it lacks, and its lifecycle. No database, no clock, no network."""

from collections.abc import Callable, Set
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from dokuei.base.errors import Refusal


class State(StrEnum):
    DRAFT = "draft"
    SENT = "sent"
    ACCEPTED = "accepted"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"
    REFUSED = "refused"


class Act(StrEnum):
    EDIT = "edit"
    SEND = "send"
    ACCEPT = "accept"
    FULFIL = "fulfil"
    CANCEL = "cancel"
    REFUSE = "refuse"


LIFECYCLE = {
    (State.DRAFT, Act.EDIT): State.DRAFT,
    (State.DRAFT, Act.SEND): State.SENT,
    (State.DRAFT, Act.CANCEL): State.CANCELLED,
    (State.SENT, Act.ACCEPT): State.ACCEPTED,
    (State.SENT, Act.CANCEL): State.CANCELLED,
    (State.SENT, Act.REFUSE): State.REFUSED,
    (State.ACCEPTED, Act.CANCEL): State.CANCELLED,
    (State.ACCEPTED, Act.FULFIL): State.FULFILLED,
}
LIVE = {State.DRAFT, State.SENT, State.ACCEPTED, State.FULFILLED}
"""States in which a request holds its studies: another request may not take them."""


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
    model_config = ConfigDict(frozen=True, extra="forbid")
    planned: Known = Known.UNKNOWN
    given: Known = Known.UNKNOWN
    agent: Line = ""
    note: Prose = ""


class ComparisonState(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    state: Comparison = Comparison.NOT_ASKED
    where_when: Line = ""


class Content(BaseModel):
    """Everything the facility says in a request; a sent version is this, frozen."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    exam: Exam = Exam()
    urgency: Urgency = Urgency.NEXT_CLINICAL_DAY
    urgency_reason: Line = ""
    question: Prose = ""
    complaint: Prose = ""
    history: Prose = ""
    surgery: Prose = ""
    labs: Prose = ""
    contrast: Contrast = Contrast()
    comparison: ComparisonState = ComparisonState()
    requester_name: Line = ""
    requester_department: Line = ""
    callback_phone: Annotated[str, Field(max_length=40)] = ""


class IntakeRefusal(Refusal):
    WRONG_STATE = "request.wrong_state", "この依頼は現在の状態ではその操作ができません。"
    FINAL = "request.final", "報告が確定しているため取り消せません。サポートに連絡してください。"
    STALE = "request.stale", "別の画面で先に保存されています。最新の内容を読み込んでください。"
    STUDY_TAKEN = "request.study_taken", "選んだ検査には既に別の読影依頼があります。"
    TWO_PATIENTS = "request.two_patients", "選んだ検査は別々の患者のものです。患者ごとに依頼してください。"
    NO_STUDY = "request.no_study", "検査を選んでください。画像が届いていない場合は先に送信してください。"
    HELD = "request.study_held", "検査は保留中です。サポートが確認しています。"
    INCOMPLETE = "request.incomplete", "送信に必要な項目が入力されていません。"
    MODALITY = (
        "request.modality_mismatch",
        "依頼の検査種別と届いた画像の種別が一致しません。検査の選択と検査種別を確認してください。",
    )
    REASON = "request.reason", "理由を入力してください。"


@dataclass(frozen=True)
class Missing:
    field: str
    label: str


@dataclass(frozen=True)
class Completeness:
    """`score` is 0 to 100; `missing` are the items an informed reading would want."""

    score: int
    missing: tuple[Missing, ...]
    rule: str = "default-1"
    """Name and version of the rule table, kept with the score so that later rules never change it."""


@dataclass(frozen=True)
class Item:
    field: str
    label: str
    weight: int
    is_given: Callable[[Content], bool]
    modalities: frozenset[str] = frozenset()
    """Modalities this item matters for; empty means all."""


ITEMS = (
    Item("question", "検査目的", 25, lambda c: bool(c.question.strip())),
    Item("complaint", "主訴・症状", 12, lambda c: bool(c.complaint.strip())),
    Item("history", "現病歴・既往歴", 12, lambda c: bool(c.history.strip())),
    Item("surgery", "手術歴（なしを含む）", 10, lambda c: bool(c.surgery.strip())),
    Item("labs", "検査値", 6, lambda c: bool(c.labs.strip())),
    Item(
        "comparison",
        "比較検査の所在",
        15,
        lambda c: (
            c.comparison.state in {Comparison.RECEIVED, Comparison.NONE}
            or (c.comparison.state == Comparison.ELSEWHERE and bool(c.comparison.where_when.strip()))
        ),
    ),
    Item(
        "contrast.given",
        "造影の有無",
        12,
        lambda c: c.contrast.given != Known.UNKNOWN,
        frozenset({"CT", "MR", "XA", "RF"}),
    ),
    Item(
        "contrast.agent",
        "造影剤",
        4,
        lambda c: c.contrast.given != Known.YES or bool(c.contrast.agent.strip()),
        frozenset({"CT", "MR", "XA", "RF"}),
    ),
    Item("callback_phone", "連絡先電話番号", 8, lambda c: bool(c.callback_phone.strip())),
)

REQUIRED = (
    Missing("exam.modality", "検査種別"),
    Missing("exam.description", "検査内容"),
    Missing("question", "検査目的"),
    Missing("callback_phone", "連絡先電話番号"),
)


def completeness(content: Content) -> Completeness:
    """Score what the request says against what a reading of this modality wants (product 1)."""
    items = [i for i in ITEMS if not i.modalities or content.exam.modality in i.modalities]
    given = sum(item.weight for item in items if item.is_given(content))
    missing = tuple(Missing(i.field, i.label) for i in items if not i.is_given(content))
    return Completeness(round(100 * given / sum(item.weight for item in items)), missing)


def missing_to_send(content: Content) -> tuple[Missing, ...]:
    """The few items without which nothing can be sent; an emergency needs them too."""
    values = {
        "exam.modality": content.exam.modality,
        "exam.description": content.exam.description,
        "question": content.question,
        "callback_phone": content.callback_phone,
    }
    return tuple(item for item in REQUIRED if not values[item.field].strip())


def why_not(state: State, act: Act) -> Refusal | None:
    """Return why this act is refused in this state, or None."""
    if (state, act) in LIFECYCLE:
        return None
    if act == Act.CANCEL and state == State.FULFILLED:
        return IntakeRefusal.FINAL
    return IntakeRefusal.WRONG_STATE


def why_not_send(content: Content, modalities: Set[str]) -> Refusal | None:
    """Return why this content cannot be sent for studies of these modalities, or None."""
    if missing_to_send(content):
        return IntakeRefusal.INCOMPLETE
    if modalities and content.exam.modality not in modalities:
        return IntakeRefusal.MODALITY
    return None


def open_acts(state: State) -> list[Act]:
    """The acts a person may try in this state, for the screen."""
    human = {Act.EDIT, Act.SEND, Act.CANCEL}
    return [act for (where, act) in LIFECYCLE if where == state and act in human]
