"""What a reader drew, as points of a frame."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from dokuei.dicom.objects.calibration import Point


@dataclass(frozen=True)
class Mark:
    """One mark; `lines` are the words that stood beside it on the screen, `text` what the reader wrote."""

    id: str
    kind: str
    points: tuple[Point, ...]
    is_closed: bool = False
    text: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ellipse:
    """Centre and two half diameters, which stay valid when the picture was turned or its pixels are not square."""

    centre: Point
    u: Point
    v: Point


def ellipse_of(ends: Sequence[Point]) -> Ellipse:
    """From the ends of its two diameters: bottom, top, left, right."""
    bottom, top, left, right = ends
    return Ellipse(
        ((left[0] + right[0]) / 2, (left[1] + right[1]) / 2),
        ((right[0] - left[0]) / 2, (right[1] - left[1]) / 2),
        ((top[0] - bottom[0]) / 2, (top[1] - bottom[1]) / 2),
    )


def corners(mark: Mark) -> tuple[Point, ...]:
    """The contour of a rectangle or a freehand region in its order; rectangles come row by row."""
    p = mark.points
    return (p[0], p[1], p[3], p[2]) if mark.kind == "rectangle" else p


def outline(mark: Mark, steps: int = 72) -> tuple[Point, ...]:
    """The contour of a region; an ellipse in as many steps."""
    if mark.kind != "ellipse":
        return corners(mark)
    found = ellipse_of(mark.points)
    turns = [2 * math.pi * one / steps for one in range(steps)]
    return tuple(
        (
            found.centre[0] + found.u[0] * math.cos(t) + found.v[0] * math.sin(t),
            found.centre[1] + found.u[1] * math.cos(t) + found.v[1] * math.sin(t),
        )
        for t in turns
    )


def is_region(mark: Mark) -> bool:
    return mark.kind in {"ellipse", "rectangle"} or (mark.kind == "freehand" and mark.is_closed)


def extent(mark: Mark) -> tuple[Point, ...]:
    """The outermost points: all of them must lie in one calibrated region."""
    if mark.kind not in {"ellipse", "rectangle"}:
        return mark.points
    xs, ys = [x for x, _ in mark.points], [y for _, y in mark.points]
    return (min(xs), min(ys)), (max(xs), max(ys))
