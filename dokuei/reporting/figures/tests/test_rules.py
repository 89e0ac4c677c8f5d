"""Where everything of a key image lies, and what a text says of it."""

import pytest

from dokuei.reporting import rules as report
from dokuei.reporting.figures.rules import LinkedText, Sheet, edge_letters, figures_named, meaning_lost, sheet
from dokuei.reporting.rules import Draft

WHOLE = (0.0, 0.0, 4.0, 2.0)


def laid(
    area: tuple[float, float, float, float] = WHOLE, turn: int = 0, *, mirrored: bool = False
) -> Sheet | None:
    return sheet(area, rows=2, columns=4, tallness=1.0, rotation_deg=turn, is_mirrored=mirrored)


@pytest.mark.parametrize(
    ("turn", "mirrored", "corner"),
    [
        pytest.param(0, False, (0, 0), id="as stored"),
        pytest.param(90, False, (1, 0), id="to the right: the first pixel at the top right"),
        pytest.param(180, False, (1, 1), id="upside down"),
        pytest.param(270, False, (0, 1), id="to the left: at the bottom left"),
        pytest.param(0, True, (1, 0), id="mirrored"),
        pytest.param(90, True, (1, 1), id="mirrored, then to the right"),
        pytest.param(180, True, (0, 1), id="mirrored top to bottom"),
        pytest.param(270, True, (0, 0), id="rows and columns exchanged"),
    ],
)
def test_the_outer_corner_of_the_first_pixel(turn: int, mirrored: bool, corner: tuple[int, int]) -> None:
    found = laid(turn=turn, mirrored=mirrored)

    assert found is not None
    left, top, width, height = found.box
    x, y = found.at(-0.5, -0.5)
    assert ((x - left) / width, (y - top) / height) == pytest.approx(corner)
    assert (width > height) == (turn % 180 == 0)


@pytest.mark.parametrize(
    ("area", "cut"),
    [
        pytest.param((-100, -50, 100, 50), (0, 0, 4, 2), id="more than the picture is cut off"),
        pytest.param((1.2, 0.4, 2.9, 1.1), (1, 0, 3, 2), id="parts of pixels become whole ones"),
        pytest.param((1.0, 0.0, 3.0, 1.0), (1, 0, 3, 1), id="whole pixels stay"),
        pytest.param((5.0, 0.0, 9.0, 2.0), None, id="nothing of the picture"),
    ],
)
def test_the_part_that_is_cut(
    area: tuple[float, float, float, float], cut: tuple[int, int, int, int] | None
) -> None:
    found = laid(area)

    assert (found.cut if found else None) == cut


def test_every_pixel_has_at_least_one_and_oblong_ones_are_drawn_oblong() -> None:
    large = sheet(
        (0, 0, 3062, 2394), rows=2394, columns=3062, tallness=1.0, rotation_deg=0, is_mirrored=False
    )
    oblong = sheet((0, 0, 512, 256), rows=256, columns=512, tallness=2.0, rotation_deg=90, is_mirrored=False)

    assert large is not None
    assert large.size == (3062, 2394)
    assert oblong is not None
    assert oblong.size == (1024, 1024)


@pytest.mark.parametrize(
    ("turn", "mirrored", "letters"),
    [
        pytest.param(0, False, "RLAP", id="axial as usual"),
        pytest.param(0, True, "LRAP", id="mirrored"),
        pytest.param(90, False, "PARL", id="to the right"),
        pytest.param(180, False, "LRPA", id="upside down"),
        pytest.param(90, True, "PALR", id="mirrored, then to the right"),
    ],
)
def test_letters_at_left_right_top_bottom(turn: int, mirrored: bool, letters: str) -> None:
    found = edge_letters((1, 0, 0, 0, 1, 0), turn, is_mirrored=mirrored)

    assert found is not None
    assert "".join(found[side] for side in ("left", "right", "top", "bottom")) == letters
    assert edge_letters((), turn, is_mirrored=mirrored) is None


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("結節を認めます（図1）。", [1]),
        ("図１、図 2を参照", [1, 2]),
        ("図1-3 に示します", [1, 3]),
        ("図1・2", [1, 2]),
        ("図1、12mm大の結節", [1]),
        ("図2 - 12 mm", [2]),
        ("心電図12誘導、聴力図3", []),
        ("図表のとおり", []),
    ],
)
def test_figures_a_text_names(text: str, numbers: list[int]) -> None:
    assert figures_named(text) == numbers


def test_a_number_that_now_stands_for_another_picture_is_told() -> None:
    meant = {1: 10, 2: 20, 3: 30}

    assert meaning_lost([1, 2], meant, [10, 20]) == []
    assert meaning_lost([1, 2, 2], meant, [10, 30]) == [2]
    assert meaning_lost([1, 2], meant, [20, 10, 30]) == [1, 2]
    assert meaning_lost([3], meant, [10, 20]) == []  # an absent one has a check of its own


def a_draft(text: str, **more: object) -> Draft:
    return Draft(findings=text, impression="異常なし。", asked="胸部CT", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("draft", "found"),
    [
        pytest.param(a_draft("図1。", figure_count=1), [], id="named and there"),
        pytest.param(
            a_draft("図3。", figure_count=2),
            [("figure.absent", "warn"), ("figure.unnamed", "hint")],
            id="names a third of two",
        ),
        pytest.param(a_draft("図1。"), [("figure.absent", "warn")], id="names one of none"),
        pytest.param(a_draft("なし。", figure_count=1), [("figure.unnamed", "hint")], id="nobody names it"),
        pytest.param(
            a_draft("図2。", figure_count=2, figures_moved=(2,)),
            [("figure.moved", "warn"), ("figure.unnamed", "hint")],
            id="another picture by now",
        ),
        pytest.param(
            a_draft("結節 12.3 mm。", measured=(LinkedText("12.3 mm", "moved", "15.0 mm"),)),
            [("measure", "warn")],
            id="the mark was moved",
        ),
    ],
)
def test_checks_about_figures(draft: Draft, found: list[tuple[str, str]]) -> None:
    assert [(one.code, one.severity.value) for one in report.checks(draft)] == found


def test_a_hint_stands_in_nobodys_way_and_a_warning_names_the_sentence() -> None:
    hint = a_draft("なし。", figure_count=1)
    moved = a_draft("胸水なし。右肺に 12.3 mm の結節。", measured=(LinkedText("12.3 mm", "gone"),))

    assert report.why_not_sign(hint, frozenset()) == []
    (check,) = report.why_not_sign(moved, frozenset())
    assert "右肺に 12.3 mm の結節。" in check.sentence
    assert report.why_not_sign(moved, frozenset({"measure"})) == []
