"""What a request must hold and what it lacks."""

import pytest

from dokuei.intake import rules
from dokuei.intake.rules import Act, Comparison, Content, IntakeRefusal, State

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


def but(**change: object) -> Content:
    return Content.model_validate({**FULL.model_dump(), **change})


def test_a_full_request_scores_100() -> None:
    assert rules.completeness(FULL) == rules.Completeness(100, ())


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"complaint": ""}, ["complaint"]),
        ({"complaint": "　 "}, ["complaint"]),
        ({"surgery": ""}, ["surgery"]),
        ({"comparison": {"state": "not_asked"}}, ["comparison"]),
        ({"comparison": {"state": "elsewhere"}}, ["comparison"]),
        ({"comparison": {"state": Comparison.ELSEWHERE, "where_when": "県立病院 2025/3"}}, []),
        ({"comparison": {"state": "none"}}, []),
        ({"contrast": {"given": "unknown"}}, ["contrast.given"]),
        ({"contrast": {"given": "yes"}}, ["contrast.agent"]),
        ({"contrast": {"given": "yes", "agent": "イオパミドール"}}, []),
    ],
)
def test_what_is_missing_is_named_and_costs_points(change: dict[str, object], missing: list[str]) -> None:
    score = rules.completeness(but(**change))

    assert [one.field for one in score.missing] == missing
    assert (score.score < 100) == bool(missing)


def test_contrast_is_not_asked_of_an_x_ray() -> None:
    chest = but(exam={"modality": "DX", "description": "胸部正面"}, contrast={"given": "unknown"})

    assert rules.completeness(chest).score == 100


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
    assert rules.completeness(bare).score < 50


def test_a_request_for_another_modality_than_the_images_is_refused() -> None:
    assert rules.why_not_send(FULL, {"MR"}) == IntakeRefusal.MODALITY


@pytest.mark.parametrize("state", list(State))
def test_a_final_report_can_no_longer_be_withdrawn(state: State) -> None:
    refusal = rules.why_not(state, Act.CANCEL)

    assert (refusal == IntakeRefusal.FINAL) == (state == State.FULFILLED)
