"""What a request must hold before it is sent, and its lifecycle. No database, no clock, no network."""

from collections.abc import Set
from dataclasses import dataclass
from enum import StrEnum

from dokuei.base.errors import Refusal
from dokuei.intake.content import Content
from dokuei.intake.ordering.order import Stated


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
    CHANGE = "change"
    FULFIL = "fulfil"
    CANCEL = "cancel"
    REFUSE = "refuse"


LIFECYCLE = {
    (State.DRAFT, Act.EDIT): State.DRAFT,
    (State.DRAFT, Act.SEND): State.SENT,
    (State.DRAFT, Act.CANCEL): State.CANCELLED,
    (State.SENT, Act.ACCEPT): State.ACCEPTED,
    (State.SENT, Act.CHANGE): State.SENT,
    (State.SENT, Act.CANCEL): State.CANCELLED,
    (State.SENT, Act.REFUSE): State.REFUSED,
    (State.ACCEPTED, Act.CHANGE): State.ACCEPTED,
    (State.ACCEPTED, Act.CANCEL): State.CANCELLED,
    (State.ACCEPTED, Act.FULFIL): State.FULFILLED,
}
LIVE = {State.DRAFT, State.SENT, State.ACCEPTED, State.FULFILLED}
"""States in which a request holds its studies: another request may not take them."""


class IntakeRefusal(Refusal):
    WRONG_STATE = "request.wrong_state", "この依頼は現在の状態ではその操作ができません。"
    FINAL = "request.final", "報告が確定しているため変更・取消しができません。サポートに連絡してください。"
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
    CHANGED = (
        "request.changed_meanwhile",
        "依頼の内容が変更されました。最新の依頼を確認してから、もう一度署名してください。",
    )
    SAME = "request.same", "変更された項目がありません。"


@dataclass(frozen=True)
class Missing:
    field: str
    label: str


REQUIRED = (
    Missing("exam.modality", "検査種別"),
    Missing("exam.description", "検査内容"),
    Missing("question", "検査目的"),
    Missing("callback_phone", "連絡先電話番号"),
)


NO_PATIENT_ID = Missing("patient_id", "患者ID")
NO_NAME = Missing("name_kanji", "患者氏名（漢字またはカナ）")
NO_EXAM = Missing("exam.description", "検査内容")


def missing_to_send(content: Content, stated: Stated | None = None) -> tuple[Missing, ...]:
    """The few items without which nothing can be sent; an emergency needs them too.

    A request that states its patient itself says who it is.
    """
    said: list[Missing] = []
    if stated is not None:
        patient = stated.patient
        said += [] if patient.patient_id.strip() else [NO_PATIENT_ID]
        named = patient.name_kanji.strip() or patient.name_kana.strip() or patient.name_romaji.strip()
        said += [] if named else [NO_NAME]
    values = {
        "exam.modality": content.exam.modality,
        "exam.description": content.exam.description,
        "question": content.question,
        "callback_phone": content.callback_phone,
    }
    return (*said, *(item for item in REQUIRED if not values[item.field].strip()))


def missing_to_place(patient_id: str, content: Content) -> tuple[Missing, ...]:
    """What a machine's order must say at least: whose exam, and some word of which."""
    exam = content.exam
    is_told = any(one and one.strip() for one in (exam.modality, exam.description, exam.jj1017))
    lacks = [] if patient_id.strip() else [NO_PATIENT_ID]
    return (*lacks, *([] if is_told else [NO_EXAM]))


def why_not(state: State, act: Act) -> Refusal | None:
    """Return why this act is refused in this state, or None."""
    if (state, act) in LIFECYCLE:
        return None
    if act in {Act.CANCEL, Act.CHANGE} and state == State.FULFILLED:
        return IntakeRefusal.FINAL
    return IntakeRefusal.WRONG_STATE


def why_not_send(content: Content, modalities: Set[str], stated: Stated | None = None) -> Refusal | None:
    """Return why this content cannot be sent for studies of these modalities, or None."""
    if missing_to_send(content, stated):
        return IntakeRefusal.INCOMPLETE
    if modalities and content.exam.modality not in modalities:
        return IntakeRefusal.MODALITY
    return None


def open_acts(state: State) -> list[Act]:
    """The acts a person may try in this state, for the screen."""
    human = {Act.EDIT, Act.SEND, Act.CHANGE, Act.CANCEL}
    return [act for (where, act) in LIFECYCLE if where == state and act in human]
