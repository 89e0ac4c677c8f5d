"""Marks, turns and corners as a presentation state says them."""

import math

import numpy as np
import pytest

from dokuei.dicom.objects.graphics import (
    displayed_corners,
    ellipse_axes,
    graphic_objects,
    seen,
    text_object,
    turned,
)
from dokuei.dicom.objects.marks import Mark

TURNS = [(deg, mirrored) for deg in (0, 90, 180, 270) for mirrored in (False, True)]


@pytest.mark.parametrize(("rotation", "mirrored"), TURNS)
def test_the_standards_order_shows_the_same_picture(rotation: int, mirrored: bool) -> None:
    """We mirror and then turn; PS3.3 C.10.6 turns and then flips."""
    stored = np.arange(12).reshape(3, 4)
    ours = np.rot90(stored[:, ::-1] if mirrored else stored, -rotation // 90)

    degrees, flip = turned(rotation, is_mirrored=mirrored)

    theirs = np.rot90(stored, -degrees // 90)
    assert np.array_equal(ours, theirs[:, ::-1] if flip == "Y" else theirs)


@pytest.mark.parametrize(("rotation", "mirrored"), TURNS)
def test_the_corners_are_the_pixels_that_lie_there_on_the_screen(rotation: int, mirrored: bool) -> None:
    rows, columns = np.mgrid[1:41, 1:61]

    first, last = displayed_corners((10, 5, 30, 25), rotation, is_mirrored=mirrored)

    part = [grid[5:25, 10:30] for grid in (columns, rows)]
    on_screen = [np.rot90(one[:, ::-1] if mirrored else one, -rotation // 90) for one in part]
    assert first == tuple(one[0, 0] for one in on_screen)
    assert last == tuple(one[-1, -1] for one in on_screen)


@pytest.mark.parametrize(
    ("rotation", "mirrored", "where"),
    [
        (0, False, (3, 1)),
        (90, False, (-1, 3)),
        (0, True, (-3, 1)),
        (90, True, (-1, -3)),
        (180, False, (-3, -1)),
    ],
)
def test_where_a_place_is_seen(rotation: int, mirrored: bool, where: tuple[float, float]) -> None:
    assert seen((3, 1), rotation, is_mirrored=mirrored) == where


P = ((1.0, 2.0), (5.0, 2.0), (1.0, 6.0), (5.0, 6.0))


@pytest.mark.parametrize(
    ("mark", "wanted"),
    [
        pytest.param(Mark("a", "length", P[:2]), [("POLYLINE", 2)], id="length"),
        pytest.param(Mark("a", "bidirectional", P), [("POLYLINE", 2)] * 2, id="bidirectional"),
        pytest.param(Mark("a", "angle", P[:3]), [("POLYLINE", 3)], id="angle"),
        pytest.param(Mark("a", "cobb", P), [("POLYLINE", 2)] * 2, id="cobb"),
        pytest.param(Mark("a", "rectangle", P), [("POLYLINE", 5)], id="rectangle"),
        pytest.param(Mark("a", "freehand", P), [("POLYLINE", 4)], id="open"),
        pytest.param(Mark("a", "freehand", P, is_closed=True), [("POLYLINE", 5)], id="closed"),
        pytest.param(Mark("a", "probe", P[:1]), [("POINT", 1)], id="probe"),
        pytest.param(Mark("a", "arrow", P[:2]), [("POLYLINE", 2), ("POLYLINE", 3)], id="arrow"),
    ],
)
def test_each_kind_is_drawn(mark: Mark, wanted: list[tuple[str, int]]) -> None:
    made = graphic_objects(mark)

    assert [(one.GraphicType, one.NumberOfGraphicPoints) for one in made] == wanted
    assert all(len(one.GraphicData) == 2 * one.NumberOfGraphicPoints for one in made)
    assert list(made[0].GraphicData[:2]) == [1.5, 2.5]  # half a pixel from the corner
    is_contour = made[0].NumberOfGraphicPoints == 5
    assert ("GraphicFilled" in made[0]) == is_contour


def test_a_rectangle_goes_round_and_not_across() -> None:
    (made,) = graphic_objects(Mark("a", "rectangle", P))

    assert list(made.GraphicData) == [1.5, 2.5, 5.5, 2.5, 5.5, 6.5, 1.5, 6.5, 1.5, 2.5]


def test_an_ellipse_names_its_longer_axis_first() -> None:
    wide = Mark("a", "ellipse", ((10, 14), (10, 6), (2, 10), (18, 10)))
    high = Mark("a", "ellipse", ((10, 18), (10, 2), (6, 10), (14, 10)))

    assert ellipse_axes(wide) == ((2, 10), (18, 10), (10, 14), (10, 6))
    assert ellipse_axes(high) == ((10, 18), (10, 2), (6, 10), (14, 10))
    assert graphic_objects(wide)[0].GraphicType == "ELLIPSE"


def test_an_ellipse_whose_diameters_are_not_its_axes_is_drawn_by_its_outline() -> None:
    aslant = Mark("a", "ellipse", ((12, 18), (8, 2), (2, 10), (18, 10)))

    (made,) = graphic_objects(aslant)

    assert (made.GraphicType, made.NumberOfGraphicPoints) == ("POLYLINE", 73)


@pytest.mark.parametrize(
    ("rotation", "mirrored", "anchor"), [(0, False, (9, 5)), (0, True, (1, 2)), (180, False, (1, 2))]
)
def test_words_stand_at_the_right_end_as_it_is_seen(
    rotation: int, mirrored: bool, anchor: tuple[float, float]
) -> None:
    mark = Mark("a", "length", ((1, 2), (9, 5)), lines=("長さ", "8.5 mm"))

    made = text_object(mark, rotation, is_mirrored=mirrored)

    assert made is not None
    assert made.UnformattedTextValue == "長さ\r\n8.5 mm"
    assert list(made.AnchorPoint) == [one + 0.5 for one in anchor]


def test_a_mark_without_words_has_none() -> None:
    assert text_object(Mark("a", "probe", ((1, 1),)), 0, is_mirrored=False) is None


def test_the_barbs_of_a_short_arrow_are_no_longer_than_it() -> None:
    _, head = graphic_objects(Mark("a", "arrow", ((0, 0), (3, 0))))
    x, y, *_ = head.GraphicData

    assert math.hypot(x - 0.5, y - 0.5) == pytest.approx(3)
