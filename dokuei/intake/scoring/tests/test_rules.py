"""What a request lacks and what speaks against it, by tables that are data."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from dokuei.intake import telling
from dokuei.intake.content import Comparison, Content, Known
from dokuei.intake.scoring.items import ITEMS, MODALITIES, Subject
from dokuei.intake.scoring.rules import cautions, completeness
from dokuei.intake.scoring.table import DEFAULT, Limits, Table

ON = date(2026, 11, 23)
FULL = Content.model_validate(
    {
        "exam": {"modality": "CT", "body_part": "胸部", "description": "胸部単純CT"},
        "urgency": "urgent",
        "question": "結節の経過観察",
        "complaint": "咳",
        "history": "高血圧",
        "surgery": "なし",
        "malignancy": "no",
        "labs": "CRP 0.3 mg/dL",
        "contrast": {"planned": "no", "given": "no"},
        "risk": {"pregnancy": "no"},
        "comparison": {"state": "received"},
        "callback_phone": "内線 1234",
    }
)
CONTRAST: dict[str, dict[str, Any]] = {
    "contrast": {"given": "yes", "agent": "イオパミドール"},
    "renal": {"egfr": 72, "measured_on": "2026-11-20"},
    "risk": {"allergy": "no", "asthma": "no", "metformin": "no", "pregnancy": "no"},
}


def but(**change: Any) -> Content:
    return Content.model_validate({**FULL.model_dump(), **change})


def enhanced(**change: dict[str, Any]) -> Content:
    """With contrast, everything said, parts changed as told."""
    parts = {name: {**part, **change.get(name, {})} for name, part in CONTRAST.items()}
    return but(**parts, **{name: part for name, part in change.items() if name not in parts})


def test_a_full_request_scores_100() -> None:
    score = completeness(FULL, on=ON)

    assert (score.score, score.missing, score.cautions, score.rule) == (100, (), (), "default-2")


@pytest.mark.parametrize(
    ("content", "missing"),
    [
        (but(complaint=""), ["complaint"]),
        (but(complaint="　 "), ["complaint"]),
        (but(surgery=""), ["surgery"]),
        (but(malignancy="unknown"), ["malignancy"]),
        (but(labs="", renal={"creatinine": 0.8, "measured_on": "2026-11-01"}), []),
        (but(labs="", renal={"creatinine": 0.8}), ["labs"]),
        (but(comparison={"state": "not_asked"}), ["comparison"]),
        (but(comparison={"state": "elsewhere"}), ["comparison"]),
        (but(comparison={"state": Comparison.ELSEWHERE, "where_when": "県立病院 2025/3"}), []),
        (but(comparison={"state": "none"}), []),
        (but(contrast={"given": "unknown"}), ["contrast.given"]),
        (enhanced(), []),
        (enhanced(contrast={"agent": " "}), ["contrast.agent"]),
        (enhanced(renal={"measured_on": None}), ["renal"]),
        (enhanced(renal={"egfr": None}), ["renal"]),
        (enhanced(risk={"allergy": "unknown", "asthma": "unknown"}), ["risk.allergy", "risk.asthma"]),
        (
            enhanced(contrast={"given": "unknown", "planned": "yes"}, renal={"egfr": None}),
            ["contrast.given", "renal"],
        ),
        (enhanced(contrast={"given": "no", "planned": "yes"}, renal={"egfr": None}), []),
        (but(risk={"pregnancy": "unknown"}), ["risk.pregnancy"]),
    ],
)
def test_what_is_missing_is_named_and_costs_points(content: Content, missing: list[str]) -> None:
    score = completeness(content, on=ON)

    assert [one.field for one in score.missing] == missing
    assert (score.score < 100) == bool(missing)


@pytest.mark.parametrize(
    ("sex", "age", "is_asked"),
    [("F", 30, True), ("F", 12, True), ("F", 11, False), ("F", 55, True), ("F", 56, False), ("M", 30, False),
     ("", None, True), ("O", 30, True), ("", 70, False)],
)  # fmt: skip
def test_pregnancy_is_asked_unless_sex_or_age_rule_it_out(sex: str, age: int | None, is_asked: bool) -> None:
    score = completeness(but(risk={"pregnancy": "unknown"}), on=ON, subject=Subject(sex, age))

    assert [one.field for one in score.missing] == (["risk.pregnancy"] if is_asked else [])


def test_what_is_asked_follows_the_modality() -> None:
    chest = but(exam={"modality": "DX", "description": "胸部正面"}, contrast={"given": "unknown"})
    head = but(exam={"modality": "MR", "description": "頭部MR"})

    assert completeness(chest, on=ON).missing == ()
    assert [one.field for one in completeness(head, on=ON).missing] == ["mr_safety"]


@pytest.mark.parametrize(
    ("content", "sentences"),
    [
        (enhanced(), []),
        (enhanced(renal={"egfr": 30}), []),
        (enhanced(renal={"egfr": 29.9}), ["eGFR 29.9 はヨード造影の基準 30 未満です"]),
        (
            enhanced(renal={"egfr": 45}, risk={"metformin": "yes"}),
            ["メトホルミン内服中で eGFR 45 は基準 60 未満です"],
        ),
        (enhanced(renal={"measured_on": "2026-08-25"}), []),
        (enhanced(renal={"measured_on": "2026-08-24"}), ["腎機能は91日前の値です（基準 90日以内）"]),
        (enhanced(renal={"measured_on": "2026-11-24"}), ["腎機能の検査日が未来の日付です"]),
        (enhanced(risk={"asthma": "yes"}), ["喘息があります"]),
        (
            enhanced(risk={"allergy": "yes", "allergy_note": "エビ"}),
            ["アレルギー・副作用歴があります（エビ）"],
        ),
        (
            enhanced(contrast={"reaction": "yes", "reaction_note": "蕁麻疹"}),
            ["造影剤の副作用があります（蕁麻疹）"],
        ),
        (enhanced(risk={"pregnancy": "yes"}), ["妊娠または妊娠の可能性があります"]),
        (but(renal={"egfr": 12, "measured_on": "2026-11-20"}), []),  # no contrast: the kidneys are no caution
        (
            but(exam={"modality": "MR"}, mr_safety={"pacemaker": "yes", "note": "MR対応機種"}),
            ["ペースメーカー・植込み型除細動器があります（MR対応機種）"],
        ),
        (
            but(
                exam={"modality": "MR"},
                contrast={"given": "yes", "agent": "ガドブトロール"},
                renal={"egfr": 20, "measured_on": "2026-11-20"},
                risk={"metformin": "yes"},
            ),
            ["eGFR 20 はガドリニウム造影の基準 30 未満です"],
        ),
    ],
)
def test_what_a_limit_speaks_against_is_said(content: Content, sentences: list[str]) -> None:
    assert [one.sentence for one in cautions(content, Limits(), on=ON)] == sentences


def test_limits_are_data() -> None:
    content = enhanced(renal={"egfr": 40, "measured_on": "2026-11-01"})
    strict = Table(weights=DEFAULT.weights, limits=Limits(iodine_egfr=45, renal_valid_days=7))

    score = completeness(content, on=ON, table=strict, name="facility-1-3")

    assert [one.sentence for one in score.cautions] == [
        "腎機能は22日前の値です（基準 7日以内）",
        "eGFR 40 はヨード造影の基準 45 未満です",
    ]
    assert score.rule == "facility-1-3"


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ({"weights": {"shoe_size": 5}}, "知らない項目です: shoe_size"),
        ({"weights": {"renal": 100}}, "CT で配点のある項目がありません。"),
        ({"weights": {}}, "CT で配点のある項目がありません。"),
        ({"weights": {"question": 1}, "ask": ["renal"]}, "自動では照会できない項目です: renal"),
        (
            {"weights": {"question": 1}, "limits": {"pregnancy_from": 60, "pregnancy_to": 20}},
            "妊娠を確認する年齢の下限が上限を超えています。",
        ),
    ],
)
def test_a_table_that_makes_no_sense_is_refused(table: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        Table.model_validate(table)


KNOWN = st.sampled_from(list(Known))
CONTENTS = st.builds(
    lambda modality, question, given, egfr, allergy, clip: Content.model_validate(
        {
            "exam": {"modality": modality},
            "question": question,
            "contrast": {"given": given},
            "renal": {"egfr": egfr, "measured_on": "2026-11-20"},
            "risk": {"allergy": allergy},
            "mr_safety": {"aneurysm_clip": clip},
        }
    ),
    st.sampled_from([*MODALITIES, "OT", ""]),
    st.sampled_from(["", "結節"]),
    KNOWN,
    st.none() | st.floats(0, 250),
    KNOWN,
    KNOWN,
)
TABLES = st.dictionaries(st.sampled_from([item.field for item in ITEMS]), st.integers(0, 100)).map(
    lambda weights: Table(weights={**weights, "question": max(1, weights.get("question", 1))})
)


@given(CONTENTS, TABLES)
def test_a_score_is_a_share_and_saying_more_never_costs_points(content: Content, table: Table) -> None:
    score = completeness(content, on=ON, table=table)
    more = completeness(content.model_copy(update={"complaint": "咳", "surgery": "なし"}), on=ON, table=table)

    assert 0 <= score.score <= more.score <= 100
    assert score.missing or score.score == 100
    assert all(table.weights[one.field] for one in score.missing)


def test_what_was_said_is_told_with_units_and_nothing_else() -> None:
    told = dict(
        telling.lines(enhanced(contrast={"dose_ml": 100, "rate_ml_s": 2.5, "phases": "動脈相・平衡相"}))
    )

    assert told["造影条件"] == "100 mL　2.5 mL/s　動脈相・平衡相"
    assert told["腎機能"] == "eGFR 72 mL/min/1.73m²（2026-11-20）"
    assert told["リスク"] == "アレルギー・副作用歴なし、喘息なし、メトホルミンなし、妊娠の可能性なし"
    assert telling.renal(but(renal={"creatinine": 1.05})) == "Cr 1.05 mg/dL（検査日不明）"
    assert telling.lines(Content()) == []
