"""The receipt's table, pair by pair, and what puts a study on hold."""

from datetime import date

import pytest

from dokuei.imaging.rules import (
    BEFORE,
    LIFECYCLE,
    Act,
    HoldReason,
    Receipt,
    ReceiptRefusal,
    hold_reasons,
    why_not,
)


@pytest.mark.parametrize("state", Receipt)
@pytest.mark.parametrize("act", Act)
def test_every_pair_is_in_the_table_or_refused(state: Receipt, act: Act) -> None:
    expected = None if (state, act) in LIFECYCLE else ReceiptRefusal.WRONG_STATE

    assert why_not(state, act) is expected


@pytest.mark.parametrize("state", Receipt)
def test_an_image_is_never_refused_for_a_state(state: Receipt) -> None:
    assert (state, Act.RECEIVE) in LIFECYCLE


def test_only_a_resolved_hold_goes_back_to_where_it_was() -> None:
    assert [pair for pair, after in LIFECYCLE.items() if after is BEFORE] == [(Receipt.HELD, Act.RESOLVE)]


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        pytest.param({}, set(), id="nothing"),
        pytest.param({"is_same_patient": False}, {HoldReason.OTHER_PATIENT}, id="other patient"),
        pytest.param({"has_patient_id": False}, {HoldReason.NO_PATIENT_ID}, id="no ID"),
        pytest.param({"contradictions": {"sex"}}, {HoldReason.PATIENT_CONTRADICTION}, id="other sex"),
        pytest.param(
            {"study_on": (date(2026, 1, 1), date(2026, 1, 2))}, {HoldReason.OTHER_DATE}, id="other date"
        ),
        pytest.param({"study_on": (date(2026, 1, 1), None)}, set(), id="a missing date contradicts nothing"),
        pytest.param({"accession": ("A", "B")}, {HoldReason.OTHER_ACCESSION}, id="other accession"),
        pytest.param({"accession": ("A", "")}, set(), id="a missing accession contradicts nothing"),
    ],
)
def test_hold_reasons(changes: dict[str, object], reasons: set[HoldReason]) -> None:
    facts = {
        "is_same_patient": True,
        "has_patient_id": True,
        "contradictions": set(),
        "study_on": (None, None),
        "accession": ("", ""),
    }

    assert hold_reasons(**{**facts, **changes}) == reasons  # type: ignore[arg-type]
