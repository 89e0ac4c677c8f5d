"""When an archive is asked, and what of several counts counts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dokuei.imaging.counts.rules import MOST_TRIES, Plan, Situation, plan
from dokuei.imaging.rules import Announced, Receipt, Source, expected

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
SETTLE = timedelta(seconds=60)


def after(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def a_situation(**changes: Any) -> Situation:
    """A study whose last image came at `AT`; it is not whole."""
    values: dict[str, Any] = {
        "receipt": Receipt.RECEIVING,
        "expected_from": "",
        "expected_count": 0,
        "stored": 412,
        "last_received_at": AT,
        "settle_due_at": AT + SETTLE,
        "answered_at": None,
        "tries": 0,
    }
    return Situation(**{**values, **changes})


SHORT: dict[str, Any] = {"expected_from": "c_find", "expected_count": 600}


@pytest.mark.parametrize(
    ("now", "seconds", "is_asked", "look"),
    [
        pytest.param(a_situation(), 0, True, 5, id="never asked"),
        pytest.param(a_situation(tries=2), 0, True, 20, id="a longer rest after each try"),
        pytest.param(a_situation(tries=7), 0, True, 600, id="at most ten minutes"),
        pytest.param(a_situation(tries=MOST_TRIES), 0, False, None, id="given up"),
        pytest.param(a_situation(expected_from="manifest"), 0, False, None, id="announced"),
        pytest.param(a_situation(expected_from="mpps"), 0, False, None, id="a step said it"),
        pytest.param(a_situation(receipt=Receipt.COMPLETE), 0, False, None, id="complete"),
        pytest.param(a_situation(receipt=Receipt.SETTLED), 0, True, 5, id="settled, nobody answered yet"),
        pytest.param(
            a_situation(receipt=Receipt.SETTLED, answered_at=AT, **SHORT), 90, False, None, id="settled short"
        ),
        pytest.param(a_situation(answered_at=after(-1), **SHORT), 1, False, 10, id="not quiet yet"),
        pytest.param(a_situation(answered_at=after(-1), **SHORT), 10, True, 15, id="quiet"),
        pytest.param(a_situation(answered_at=after(10), **SHORT), 20, False, 50, id="asked in the quiet"),
        pytest.param(a_situation(answered_at=after(10), **SHORT), 50, True, 55, id="before it settles"),
        pytest.param(a_situation(answered_at=after(50), **SHORT), 55, False, 65, id="nothing more to ask"),
        pytest.param(
            a_situation(answered_at=after(-1), expected_from="c_find", expected_count=300),
            1,
            True,
            6,
            id="more is here than it had",
        ),
    ],
)
def test_when_an_archive_is_asked(now: Situation, seconds: float, is_asked: bool, look: float | None) -> None:
    wanted = Plan(is_asked=is_asked, look_at=None if look is None else after(look))

    assert plan(now, at=after(seconds), settle=SETTLE) == wanted


def said(source: Source, count: int, seconds: float = 0, *, is_over: bool = True) -> Announced:
    return Announced(source, count, source.value, after(seconds), is_over)


@pytest.mark.parametrize(
    ("announced", "counts"),
    [
        pytest.param([], None, id="nothing"),
        pytest.param([said(Source.MPPS, 0)], None, id="a step that made nothing"),
        pytest.param(
            [said(Source.MPPS, 0, is_over=False), said(Source.C_FIND, 9)], None, id="a step goes on"
        ),
        pytest.param(
            [said(Source.MPPS, 4), said(Source.MPPS, 5, 60), said(Source.C_FIND, 8)],
            said(Source.MPPS, 9, 60),
            id="steps are added",
        ),
        pytest.param(
            [said(Source.MANIFEST, 4), said(Source.C_FIND, 5)], said(Source.C_FIND, 5), id="the largest"
        ),
        pytest.param(
            [said(Source.C_FIND, 5), said(Source.MANIFEST, 5)],
            said(Source.MANIFEST, 5),
            id="the sender's own word before the archive's",
        ),
    ],
)
def test_what_of_several_counts_counts(announced: list[Announced], counts: Announced | None) -> None:
    assert expected(announced) == counts
