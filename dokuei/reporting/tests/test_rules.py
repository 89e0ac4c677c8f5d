"""What may be signed, and what is asked about first."""

import pytest

from dokuei.reporting import rules
from dokuei.reporting.rules import Draft, ReportRefusal, State


def codes(**change: object) -> list[str]:
    draft = {
        "findings": "右肺上葉に結節を認めます。",
        "impression": "右肺上葉結節。",
        "asked": "胸部CT 右肺結節の精査",
        **change,
    }
    return [check.code for check in rules.checks(Draft(**draft))]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({}, [], id="nothing to ask"),
        pytest.param({"impression": "　"}, ["empty"], id="no impression"),
        pytest.param({"findings": ""}, ["empty"], id="no findings"),
        pytest.param(
            {"findings": "左肺上葉に結節。", "impression": "左肺結節。"},
            ["side.request"],
            id="the other side than asked",
        ),
        pytest.param(
            {"impression": "左肺上葉結節。"}, ["side.impression"], id="findings right, impression left"
        ),
        pytest.param(
            {"findings": "両側肺に結節。", "impression": "両側肺結節。"},
            [],
            id="both sides include the one asked",
        ),
        pytest.param({"findings": "肺野に異常なし。", "impression": "異常なし。"}, [], id="no side named"),
        pytest.param(
            {"findings": "右葉は造影早期相で濃染。", "contrast_given": "no"},
            ["contrast"],
            id="contrast never given",
        ),
        pytest.param(
            {"findings": "右肺、非造影のため評価困難。", "contrast_given": "yes"},
            ["contrast"],
            id="contrast was given",
        ),
        pytest.param(
            {"findings": "前回と比較して右肺結節は増大。"}, ["comparison"], id="compared with nothing"
        ),
        pytest.param(
            {"findings": "前回と比較して右肺結節は増大。", "has_priors": True}, [], id="compared with a prior"
        ),
        pytest.param({"images_shown": 138, "images_expected": 140}, ["images"], id="two images missing"),
        pytest.param({"images_shown": 140, "images_expected": 140}, [], id="all images"),
        pytest.param({"images_shown": 140, "images_expected": None}, [], id="nobody said how many"),
    ],
)
def test_checks(change: dict[str, object], expected: list[str]) -> None:
    assert codes(**change) == expected


def test_a_warning_is_passed_with_a_reason_and_a_stop_never() -> None:
    warned = Draft(findings="左に結節", impression="左結節", asked="右肺")
    empty = Draft(findings="", impression="", asked="")

    assert [one.code for one in rules.why_not_sign(warned, frozenset())] == ["side.request"]
    assert rules.why_not_sign(warned, frozenset({"side.request"})) == []
    assert [one.code for one in rules.why_not_sign(empty, frozenset({"empty"}))] == ["empty"]


@pytest.mark.parametrize(
    ("state", "reader", "actor", "refusal"),
    [
        pytest.param(State.DRAFT, 7, 7, None, id="its reader"),
        pytest.param(State.DRAFT, 7, 8, ReportRefusal.NOT_YOURS, id="another reader"),
        pytest.param(State.DRAFT, None, 7, ReportRefusal.NOT_YOURS, id="given back meanwhile"),
        pytest.param(State.DRAFT, None, None, ReportRefusal.NOT_YOURS, id="a machine"),
        pytest.param(State.FINAL, 7, 7, ReportRefusal.FINAL, id="already final"),
    ],
)
def test_why_not_write(
    state: State, reader: int | None, actor: int | None, refusal: ReportRefusal | None
) -> None:
    assert rules.why_not_write(state, reader, actor) == refusal


def test_a_report_says_by_itself_what_it_was_not_told() -> None:
    assert rules.missing_sentence(("主訴・症状", "手術歴")) == "臨床情報不足: 主訴・症状、手術歴"
    assert rules.missing_sentence(()) == ""
