"""When nights come, which are missing, and what may be explained."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dokuei.base.clock import JST
from dokuei.base.errors import Refusal
from dokuei.reconciliation.rules import (
    ENTRIES,
    NIGHT,
    Kind,
    ReconciliationRefusal,
    next_night,
    nights_missed,
    why_not_explain,
)


def jst(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=JST).astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "night"),
    [
        pytest.param("2026-11-22T02:00", "2026-11-22T03:30", id="before it"),
        pytest.param("2026-11-22T03:30", "2026-11-23T03:30", id="at the moment itself"),
        pytest.param("2026-11-22T23:59", "2026-11-23T03:30", id="in the evening"),
        pytest.param("2026-12-31T12:00", "2027-01-01T03:30", id="over the year's end"),
    ],
)
def test_next_night(at: str, night: str) -> None:
    assert next_night(jst(at)) == jst(night)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_night_is_always_ahead_and_within_a_day(at: datetime) -> None:
    night = next_night(at)

    assert at < night <= at + timedelta(days=1)
    assert night.astimezone(JST).time() == NIGHT


@pytest.mark.parametrize(
    ("made", "at", "missed"),
    [
        pytest.param([], "2026-11-20T03:00", [], id="its first night is still to come"),
        pytest.param([], "2026-11-20T12:00", ["2026-11-20"], id="the first one was missed"),
        pytest.param(["2026-11-20", "2026-11-21"], "2026-11-21T12:00", [], id="all there"),
        pytest.param(
            ["2026-11-20", "2026-11-23"],
            "2026-11-23T04:00",
            ["2026-11-22", "2026-11-21"],
            id="two nights away, newest first",
        ),
        pytest.param(["2026-11-20"], "2026-11-21T03:29", [], id="tonight's is not due yet"),
    ],
)
def test_nights_missed(made: list[str], at: str, missed: list[str]) -> None:
    days = [date.fromisoformat(one) for one in made]

    found = nights_missed(days, date(2026, 11, 20), jst(at))

    assert found == [date.fromisoformat(one) for one in missed]


EXPLAINED = {Kind.STUDY_WITHOUT_REQUEST, Kind.QUARANTINED, Kind.COUNT_DIFFERS}


@pytest.mark.parametrize("kind", list(Kind))
def test_only_what_may_rightly_stay_is_explained_and_never_without_a_reason(kind: Kind) -> None:
    may: Refusal | None = None if kind in EXPLAINED else ReconciliationRefusal.NOT_EXPLAINED

    assert why_not_explain(kind, "比較用に送付") == may
    assert why_not_explain(kind, "　 ") is not None


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_says_what_it_is_whose_it_is_and_how_it_is_cured(kind: Kind) -> None:
    entry = ENTRIES[kind]

    assert entry.label
    assert entry.owner in {"施設", "サポート", "システム"}
    assert entry.cure.endswith("。")
