"""What a request must hold before it is sent, and what may be done with it."""

from datetime import date

import pytest

from dokuei.intake import rules
from dokuei.intake.content import Content
from dokuei.intake.rules import Act, IntakeRefusal, State
from dokuei.intake.scoring.rules import completeness

FULL = Content.model_validate(
    {
        "exam": {"modality": "CT", "body_part": "胸部", "description": "胸部単純CT"},
        "urgency": "urgent",
        "question": "結節の経過観察",
        "complaint": "咳",
        "history": "高血圧",
        "surgery": "なし",
        "labs": "CRP 0.3 mg/dL",
        "contrast": {"planned": "no", "given": "no"},
        "comparison": {"state": "received"},
        "callback_phone": "内線 1234",
    }
)


@pytest.mark.parametrize("field", ["exam.modality", "exam.description", "question", "callback_phone"])
def test_nothing_is_sent_without_exam_question_and_contact(field: str) -> None:
    data = FULL.model_dump()
    if field.startswith("exam."):
        data["exam"][field.partition(".")[2]] = " "
    else:
        data[field] = " "
    content = Content.model_validate(data)

    assert [one.field for one in rules.missing_to_send(content)] == [field]
    assert rules.why_not_send(content, {"CT"}) == IntakeRefusal.INCOMPLETE


def test_an_emergency_is_not_stopped_by_what_else_is_missing() -> None:
    bare = Content.model_validate(
        {
            "exam": {"modality": "CT", "description": "頭部単純CT"},
            "urgency": "emergency",
            "question": "出血の有無",
            "callback_phone": "090-0000-0000",
        }
    )

    assert rules.why_not_send(bare, {"CT"}) is None
    assert completeness(bare, on=date(2026, 11, 23)).score < 50


def test_a_request_for_another_modality_than_the_images_is_refused() -> None:
    assert rules.why_not_send(FULL, {"MR"}) == IntakeRefusal.MODALITY


@pytest.mark.parametrize("state", list(State))
def test_a_final_report_can_no_longer_be_withdrawn(state: State) -> None:
    refusal = rules.why_not(state, Act.CANCEL)

    assert (refusal == IntakeRefusal.FINAL) == (state == State.FULFILLED)
