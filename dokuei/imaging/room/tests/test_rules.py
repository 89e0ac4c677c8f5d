"""When room is low, when images are turned away, and when it is told that there is room again."""

from datetime import UTC, datetime

import pytest

from dokuei.imaging.room.rules import GIB, Level, Limits, Look, is_refused, level_of, sentence

LIMITS = Limits(warn_bytes=10 * GIB, low_bytes=GIB)
NIGHT = datetime(2026, 11, 22, 17, 5, tzinfo=UTC)
ENOUGH, LOW, REFUSING = Level


@pytest.mark.parametrize(
    ("free", "is_writable", "before", "after"),
    [
        pytest.param(50 * GIB, True, ENOUGH, ENOUGH, id="plenty"),
        pytest.param(10 * GIB, True, ENOUGH, ENOUGH, id="just enough"),
        pytest.param(10 * GIB - 1, True, ENOUGH, LOW, id="below the warning"),
        pytest.param(GIB, True, LOW, LOW, id="the last byte above"),
        pytest.param(GIB - 1, True, LOW, REFUSING, id="below"),
        pytest.param(GIB - 1, True, ENOUGH, REFUSING, id="at once"),
        pytest.param(GIB + 1, True, REFUSING, REFUSING, id="a breath above is not back"),
        pytest.param(2 * GIB, True, REFUSING, LOW, id="taken again, still low"),
        pytest.param(10 * GIB + 1, True, LOW, LOW, id="a breath above the warning"),
        pytest.param(11 * GIB, True, LOW, ENOUGH, id="back"),
        pytest.param(50 * GIB, True, REFUSING, ENOUGH, id="all back"),
        pytest.param(50 * GIB, False, ENOUGH, REFUSING, id="room, but no write"),
        pytest.param(None, True, ENOUGH, ENOUGH, id="a bucket"),
        pytest.param(None, False, ENOUGH, REFUSING, id="a bucket that takes nothing"),
        pytest.param(None, True, REFUSING, ENOUGH, id="a bucket that takes again"),
    ],
)
def test_level_of(free: int | None, is_writable: bool, before: Level, after: Level) -> None:
    assert level_of(Look(free, is_writable), LIMITS, before) is after


@pytest.mark.parametrize(
    ("free", "size", "is_away"),
    [
        (None, GIB, False),
        (GIB, 1000, False),
        (GIB - 1, 1, True),
        (GIB - 1, 0, True),
        (3 * GIB, 3 * GIB - GIB // 2, False),
        (3 * GIB, 3 * GIB - GIB // 2 + 1, True),
    ],
)
def test_what_is_turned_away(free: int | None, size: int, is_away: bool) -> None:
    assert is_refused(free, size, GIB) is is_away


def test_images_are_turned_away_exactly_while_the_level_says_so() -> None:
    for free in (GIB // 2, GIB - 1, GIB, GIB + 1):
        assert is_refused(free, 512 * 1024, GIB) is (level_of(Look(free, True), LIMITS, LOW) is REFUSING)


def test_the_sentence_says_what_is_free_and_since_when() -> None:
    refusing = sentence(REFUSING, Look(GIB // 2, True), LIMITS, NIGHT)
    low = sentence(LOW, Look(5 * GIB, True), LIMITS, NIGHT)

    assert "0.5 GiB" in refusing
    assert "2026-11-23 02:05" in refusing
    assert "5.0 GiB" in low
    assert "1.0 GiB 未満" in low
    assert "書き込めない" in sentence(REFUSING, Look(None, False), LIMITS, NIGHT)
    assert sentence(ENOUGH, Look(None, True), LIMITS, NIGHT) == ""
