"""Marks as graphic and text objects of a presentation state, and the order in which it turns and mirrors."""

import math
from collections.abc import Sequence

from pydicom import Dataset

from dokuei.dicom.objects.calibration import Point
from dokuei.dicom.objects.common import points
from dokuei.dicom.objects.marks import Mark, corners, ellipse_of, outline

SQUARE_ENOUGH = 1e-3
LONGEST_TEXT = 1024
BARB_PIXELS, BARB_ANGLE = 8.0, 0.45


def turned(rotation_deg: int, *, is_mirrored: bool) -> tuple[int, str]:
    """Image Rotation and Image Horizontal Flip for a picture that is mirrored first and then turned to the right.

    DICOM turns first and flips then (PS3.3 C.10.6): to mirror and then turn is to turn the other way and then mirror.

    >>> turned(90, is_mirrored=False), turned(90, is_mirrored=True)
    ((90, 'N'), (270, 'Y'))
    """
    return (-rotation_deg % 360, "Y") if is_mirrored else (rotation_deg % 360, "N")


def seen(point: Point, rotation_deg: int, *, is_mirrored: bool) -> Point:
    """Where a place lies on the screen in relation to others: x to the right, y down."""
    x, y = (-point[0] if is_mirrored else point[0]), point[1]
    for _ in range(rotation_deg // 90 % 4):
        x, y = -y, x
    return x, y


def displayed_corners(
    cut: tuple[int, int, int, int], rotation_deg: int, *, is_mirrored: bool
) -> tuple[tuple[int, int], tuple[int, int]]:
    """The pixels, counted from 1, that come to lie at the top left and the bottom right (PS3.3 C.10.4).

    `cut` is the first column and row, and those behind the last, as stored.

    >>> displayed_corners((0, 0, 60, 40), 90, is_mirrored=False)
    ((1, 40), (60, 1))
    """
    left, top, right, bottom = cut
    places = [(column, row) for column in (left + 1, right) for row in (top + 1, bottom)]

    def on_screen(place: tuple[int, int]) -> float:
        return sum(seen(place, rotation_deg, is_mirrored=is_mirrored))

    return min(places, key=on_screen), max(places, key=on_screen)


def graphic_objects(mark: Mark) -> list[Dataset]:
    """What is drawn of a mark, in pixels of the frame."""
    p = mark.points
    match mark.kind:
        case "length" | "angle":
            lines = [p]
        case "bidirectional" | "cobb":
            lines = [p[:2], p[2:]]
        case "freehand" if not mark.is_closed:
            lines = [p]
        case "freehand" | "rectangle":
            return [_closed(corners(mark))]
        case "ellipse":
            axes = ellipse_axes(mark)
            return [_lines("ELLIPSE", axes, is_filled=False)] if axes else [_closed(outline(mark))]
        case "arrow":
            lines = [p, _head(p[0], p[1])]
        case _:
            return [_lines("POINT", p[:1])]
    return [_lines("POLYLINE", one) for one in lines]


def ellipse_axes(mark: Mark) -> tuple[Point, ...] | None:
    """The ends of the longer, then of the shorter axis; None where the diameters are not its axes.

    On pixels that are not square a round region is drawn by diameters that do not stand upright on each other in
    columns and rows; neither ELLIPSE could say that.
    """
    found = ellipse_of(mark.points)
    u, v = math.hypot(*found.u), math.hypot(*found.v)
    if min(u, v) <= 0 or abs(found.u[0] * found.v[0] + found.u[1] * found.v[1]) > SQUARE_ENOUGH * u * v:
        return None
    (cx, cy), (ux, uy), (vx, vy) = found.centre, found.u, found.v
    across = ((cx - ux, cy - uy), (cx + ux, cy + uy))
    upright = ((cx - vx, cy - vy), (cx + vx, cy + vy))
    return (*across, *upright) if u >= v else (*upright, *across)


def _closed(contour: Sequence[Point]) -> Dataset:
    return _lines("POLYLINE", [*contour, contour[0]], is_filled=False)


def _lines(kind: str, some: Sequence[Point], *, is_filled: bool | None = None) -> Dataset:
    ds = Dataset()
    ds.GraphicAnnotationUnits, ds.GraphicDimensions = "PIXEL", 2
    ds.NumberOfGraphicPoints, ds.GraphicData, ds.GraphicType = len(some), points(some), kind
    if is_filled is not None:
        ds.GraphicFilled = "Y" if is_filled else "N"
    return ds


def _head(tip: Point, tail: Point) -> tuple[Point, ...]:
    """The two barbs of an arrow, tip in the middle; no longer than the arrow is."""
    way = math.atan2(tail[1] - tip[1], tail[0] - tip[0])
    size = min(BARB_PIXELS, math.hypot(tail[0] - tip[0], tail[1] - tip[1]))
    barbs = [
        (tip[0] + size * math.cos(way + d), tip[1] + size * math.sin(way + d))
        for d in (BARB_ANGLE, -BARB_ANGLE)
    ]
    return barbs[0], tip, barbs[1]


def text_object(mark: Mark, rotation_deg: int, *, is_mirrored: bool) -> Dataset | None:
    """The words beside a mark as they stood on the screen, at its right end there."""
    lines = [one for one in mark.lines if one] or ([mark.text] if mark.text else [])
    if not lines:
        return None

    def rightmost(point: Point) -> Point:
        return seen(point, rotation_deg, is_mirrored=is_mirrored)

    anchor = mark.points[1] if mark.kind == "arrow" else max(mark.points, key=rightmost)
    ds = Dataset()
    ds.AnchorPointAnnotationUnits = "PIXEL"
    ds.UnformattedTextValue = "\r\n".join(lines)[:LONGEST_TEXT]
    ds.AnchorPoint, ds.AnchorPointVisibility = points([anchor]), "N"
    return ds
