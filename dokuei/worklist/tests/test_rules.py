"""Who may take which reading, and when it is due."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dokuei.base.clock import JST
from dokuei.base.errors import Refusal
from dokuei.worklist import rules
from dokuei.worklist.rules import Act, PriorsLeft, State, StudyReceipt, WorklistRefusal


def jst(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=JST).astimezone(UTC)


@pytest.mark.parametrize(
    ("state", "refusal"),
    [
        pytest.param(State.WAITING, None, id="free to take"),
        pytest.param(State.CLAIMED, WorklistRefusal.NOT_WAITING, id="already taken"),
        pytest.param(State.PENDING, WorklistRefusal.PENDING, id="images still coming"),
        pytest.param(State.HELD, WorklistRefusal.HELD, id="contradiction open"),
        pytest.param(State.READ, WorklistRefusal.NOT_WAITING, id="already read"),
        pytest.param(State.CANCELLED, WorklistRefusal.NOT_WAITING, id="withdrawn"),
    ],
)
def test_why_not_claim(state: State, refusal: Refusal | None) -> None:
    assert rules.why_not_claim(state) == refusal


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("act", [Act.RENEW, Act.RELEASE, Act.COMPLETE])
def test_only_its_reader_acts_on_a_claimed_reading(state: State, act: Act) -> None:
    own = rules.why_not_own_act(state, act, 7, 7)
    foreign = rules.why_not_own_act(state, act, 7, 8)

    assert (own is None) == (state == State.CLAIMED)
    assert foreign is not None


@pytest.mark.parametrize(
    ("planned", "images", "start"),
    [
        pytest.param(None, None, "2026-11-20T09:00", id="nothing is known"),
        pytest.param("2026-11-20", None, "2026-11-20T09:00", id="planned for today"),
        pytest.param("2026-11-19", None, "2026-11-20T09:00", id="planned for a day that is over"),
        pytest.param("2026-11-25", None, "2026-11-25T23:59", id="planned for a day to come"),
        pytest.param("2026-11-25", "2026-11-25T10:00", "2026-11-25T10:00", id="images came"),
        pytest.param("2026-11-25", "2026-11-20T08:00", "2026-11-20T09:00", id="images were here first"),
    ],
)
def test_the_clock_starts_with_the_images(planned: str | None, images: str | None, start: str) -> None:
    day = date.fromisoformat(planned) if planned else None

    assert rules.clock_start(jst("2026-11-20T09:00"), day, jst(images) if images else None) == jst(start)


@pytest.mark.parametrize(
    ("urgency", "started", "due"),
    [
        pytest.param("emergency", "2026-11-22T02:00", "2026-11-22T02:30", id="emergency on a Sunday night"),
        pytest.param("urgent", "2026-11-20T16:50", "2026-11-20T18:50", id="urgent"),
        pytest.param("same_day", "2026-11-20T09:00", "2026-11-20T23:59", id="same day"),
        pytest.param("same_day", "2026-11-20T23:30", "2026-11-21T01:30", id="same day, late: two hours at least"),
        pytest.param("next_clinical_day", "2026-11-19T09:00", "2026-11-20T12:00", id="next day"),
        pytest.param("next_clinical_day", "2026-11-20T09:00", "2026-11-24T12:00",
                     id="over a weekend and Labour Thanksgiving Day"),
        pytest.param("next_clinical_day", "2026-12-28T18:00", "2027-01-04T12:00", id="over the year's end"),
        pytest.param("next_clinical_day", "2026-04-28T18:00", "2026-04-30T12:00", id="Showa Day"),
        pytest.param("checkup", "2026-11-16T09:00", "2026-11-24T17:00", id="five clinical days"),
    ],
)  # fmt: skip
def test_deadline(urgency: str, started: str, due: str) -> None:
    assert rules.deadline(urgency, jst(started), {}) == jst(due)


def test_a_contracted_time_wins_over_the_default() -> None:
    started = jst("2026-11-20T09:00")

    assert rules.deadline("urgent", started, {"urgent": 45}) == started + timedelta(minutes=45)


@pytest.mark.parametrize(
    ("day", "is_clinical"),
    [
        (date(2026, 11, 20), True),
        (date(2026, 11, 21), False),
        (date(2026, 11, 23), False),
        (date(2026, 12, 29), False),
        (date(2027, 1, 3), False),
        (date(2027, 1, 4), True),
    ],
)
def test_clinical_days(day: date, is_clinical: bool) -> None:
    assert rules.is_clinical_day(day) is is_clinical


def test_warnings_come_at_50_75_90_and_100_per_cent_and_then_no_more() -> None:
    started, due = jst("2026-11-20T09:00"), jst("2026-11-20T10:40")
    seen, warned = [], 0
    while (at := rules.next_warning_at(started, due, warned)) is not None:
        warned = rules.warning_level(started, due, at)
        seen.append((warned, int((at - started).total_seconds() // 60)))

    assert seen == [(50, 50), (75, 75), (90, 90), (100, 100)]


@given(st.integers(1, 10_000), st.integers(0, 20_000))
def test_the_next_warning_is_always_above_the_level_reached(total: int, passed: int) -> None:
    started = jst("2026-11-20T09:00")
    due, at = started + timedelta(minutes=total), started + timedelta(minutes=passed)
    level = rules.warning_level(started, due, at)
    upcoming = rules.next_warning_at(started, due, level)

    assert upcoming is None or upcoming > at


@pytest.mark.parametrize(
    ("studies", "urgency", "what"),
    [
        pytest.param([], "urgent", ["images"], id="nothing arrived"),
        pytest.param([StudyReceipt("receiving", 0)], "emergency", ["images"], id="not one image"),
        pytest.param([StudyReceipt("receiving", 3)], "urgent", ["images"], id="still arriving"),
        pytest.param([StudyReceipt("receiving", 1)], "emergency", [], id="an emergency needs one image"),
        pytest.param([StudyReceipt("settled", 3)], "urgent", [], id="settled"),
        pytest.param([StudyReceipt("complete", 3)], "urgent", [], id="complete"),
        pytest.param([StudyReceipt("complete", 3), StudyReceipt("receiving", 2)], "urgent", ["images"],
                     id="one of two still arriving"),
        pytest.param([StudyReceipt("held", 3)], "emergency", ["resolution"],
                     id="a contradiction holds an emergency too"),
    ],
)  # fmt: skip
def test_what_a_reading_waits_for(studies: list[StudyReceipt], urgency: str, what: list[str]) -> None:
    assert [wait.what for wait in rules.waits(studies, urgency)] == what


@pytest.mark.parametrize("urgency", ["emergency", "checkup"])
@pytest.mark.parametrize("studies", [[], [StudyReceipt("complete", 3)]], ids=["no images", "images"])
def test_a_contradiction_with_the_request_holds_whatever_there_is(
    studies: list[StudyReceipt], urgency: str
) -> None:
    found = rules.waits(studies, urgency, contradicted=["性別が異なります"], is_being_matched=True)

    assert [(one.what, one.label, one.owner) for one in found] == [
        ("resolution", "矛盾の確認待ち: 性別が異なります", "サポート")
    ]


def test_without_images_a_reading_says_that_somebody_is_looking_for_them() -> None:
    assert [one.what for one in rules.waits([], "urgent", is_being_matched=True)] == ["matching"]
    settled = [StudyReceipt("settled", 3)]
    assert rules.waits(settled, "urgent", is_being_matched=True) == []


LEFT = PriorsLeft(datetime(2026, 3, 12, 0, 10, tzinfo=UTC), 1, 3, is_asking=False)
ASKING = PriorsLeft(datetime(2026, 3, 12, 0, 10, tzinfo=UTC), 0, 0, is_asking=True)


@pytest.mark.parametrize(
    ("urgency", "left", "labels"),
    [
        pytest.param("urgent", LEFT, ["過去検査 1/3件到着"], id="under way"),
        pytest.param("urgent", ASKING, ["過去検査を照会中"], id="being asked"),
        pytest.param("urgent", None, [], id="nothing to wait for"),
        pytest.param("emergency", LEFT, [], id="an emergency never waits"),
    ],
)
def test_a_reading_waits_for_priors_with_an_owner_and_an_end(
    urgency: str, left: PriorsLeft | None, labels: list[str]
) -> None:
    found = rules.waits([StudyReceipt("complete", 3)], urgency, left)

    assert [wait.label for wait in found] == labels
    assert all(wait.owner == "システム" and wait.until.startswith("2026-03-12T00:10") for wait in found)
