"""What a mark measures, computed from the original pixels and the header: never taken from a browser."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dokuei.dicom.objects.calibration import Metric, Point, metric_for
from dokuei.dicom.objects.frame import Frame, Spacing
from dokuei.dicom.objects.marks import Ellipse, Mark, corners, ellipse_of, extent, is_region

Grid = NDArray[np.float64]
CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"
Span = tuple[int, int]
"""Columns of one row, first and last."""


@dataclass(frozen=True)
class Statistics:
    """Over the pixels of a region; the deviation is of the pixels themselves."""

    mean: float
    sd: float
    min: float
    max: float
    count: int


@dataclass(frozen=True)
class Measured:
    """Everything a mark says; None where it says nothing."""

    metric: Metric
    lengths: tuple[float, ...] = ()
    """In the metric's unit, in the order of the mark's lines."""
    perimeter: float | None = None
    area: float | None = None
    angle_deg: float | None = None
    is_crossing: bool = False
    statistics: Statistics | None = None
    value: float | None = None
    value_unit: str = ""


def measure(mark: Mark, frame: Frame, grid: Grid | None) -> Measured:
    """Measure a mark on a frame; `grid` holds its values, or None if it has none."""
    metric = metric_for(frame, extent(mark))
    shape = _shape(mark, metric)
    has_values = grid is not None and not shape.get("is_crossing", False)
    return Measured(
        metric,
        **shape,
        statistics=_statistics(mark, grid) if has_values and grid is not None and is_region(mark) else None,
        value=value_at(grid, mark.points[0]) if grid is not None and mark.kind == "probe" else None,
        value_unit=value_unit(frame),
    )


def _shape(mark: Mark, metric: Metric) -> dict[str, Any]:
    p, spacing = mark.points, metric.spacing
    match mark.kind:
        case "length":
            return {"lengths": (length_of(p[0], p[1], spacing),)}
        case "bidirectional":
            return {"lengths": (length_of(p[0], p[1], spacing), length_of(p[2], p[3], spacing))}
        case "angle" | "cobb":
            return {"angle_deg": _angle_of(mark, metric.shape)}
        case "ellipse":
            found = ellipse_of(p)
            return {"area": math.pi * abs(_cross(found.u, found.v)) * spacing[0] * spacing[1]}
        case "rectangle":
            return {"area": polygon_area(corners(mark), spacing)}
        case _:
            return _freehand(mark, spacing) if mark.kind == "freehand" else {}


def _angle_of(mark: Mark, shape: Spacing | None) -> float | None:
    if shape is None:
        return None
    a, b, c, *rest = mark.points
    return cobb_angle(a, b, c, rest[0], shape) if mark.kind == "cobb" else angle_at(a, b, c, shape)


def _freehand(mark: Mark, spacing: Spacing) -> dict[str, Any]:
    length = path_length(mark.points, spacing, is_closed=mark.is_closed)
    if not mark.is_closed:
        return {"lengths": (length,)}
    crossed = is_crossing(mark.points)
    area = None if crossed else polygon_area(mark.points, spacing)
    return {"perimeter": length, "is_crossing": crossed, "area": area}


def _way(a: Point, b: Point, spacing: Spacing) -> Point:
    return (b[0] - a[0]) * spacing[1], (b[1] - a[1]) * spacing[0]


def _cross(a: Point, b: Point) -> float:
    return a[0] * b[1] - a[1] * b[0]


def length_of(a: Point, b: Point, spacing: Spacing) -> float:
    """The distance between two places; spacing is vertical first.

    >>> length_of((0, 0), (10, 0), (2.0, 0.5))
    5.0
    """
    return math.hypot(*_way(a, b, spacing))


def path_length(points: Sequence[Point], spacing: Spacing, *, is_closed: bool) -> float:
    """The way along the points; back to the first when closed."""
    ends = [*points[1:], points[0]] if is_closed else points[1:]
    return sum(length_of(a, b, spacing) for a, b in zip(points, ends, strict=False))


def polygon_area(points: Sequence[Point], spacing: Spacing) -> float:
    """Of a polygon that does not cross itself (shoelace)."""
    twice = sum(_cross(a, b) for a, b in zip(points, [*points[1:], points[0]], strict=True))
    return abs(twice) / 2 * spacing[0] * spacing[1]


def angle_at(a: Point, vertex: Point, b: Point, shape: Spacing) -> float | None:
    """At the middle point, 0 to 180 degrees.

    >>> round(angle_at((1, 0), (0, 0), (0, 1), (1.0, 1.0)))
    90
    """
    return _angle(_way(vertex, a, shape), _way(vertex, b, shape))


def cobb_angle(a: Point, b: Point, c: Point, d: Point, shape: Spacing) -> float | None:
    """Between two lines whichever way they were drawn, 0 to 90 degrees."""
    angle = _angle(_way(a, b, shape), _way(c, d, shape))
    return None if angle is None else min(angle, 180 - angle)


def _angle(a: Point, b: Point) -> float | None:
    size = math.hypot(*a) * math.hypot(*b)
    if not size > 0:
        return None
    return math.degrees(math.acos(min(1.0, max(-1.0, (a[0] * b[0] + a[1] * b[1]) / size))))


def is_crossing(points: Sequence[Point]) -> bool:
    """Whether two sides of the closed contour cross: then it has no area one could name."""
    a = np.asarray(points, np.float64)
    b = np.roll(a, -1, axis=0)
    for one in range(len(a)):
        c, d = a[one + 1 :], b[one + 1 :]
        here = _turns(a[one], b[one], c) * _turns(a[one], b[one], d) < 0
        there = _turns(c, d, a[one]) * _turns(c, d, b[one]) < 0
        if bool(np.any(here & there)):
            return True
    return False


def _turns(a: Grid, b: Grid, c: Grid) -> Grid:
    found: Grid = (b[..., 0] - a[..., 0]) * (c[..., 1] - a[..., 1]) - (b[..., 1] - a[..., 1]) * (
        c[..., 0] - a[..., 0]
    )
    return found


def value_unit(frame: Frame) -> str:
    """What the values are in; CT Image Storage may leave Rescale Type out only when it is HU (PS3.3 C.8.2.1)."""
    if frame.suv is not None and frame.suv.factor is not None:
        return "SUVbw"
    pet = frame.pet_units if frame.modality == "PT" and frame.pet_units != "NONE" else ""
    if frame.rescale_type:
        return "" if frame.rescale_type == "US" else pet or frame.rescale_type
    if frame.modality == "PT":
        return pet
    is_plain = not frame.is_multi_energy and "LOCALIZER" not in frame.image_type
    return "HU" if frame.modality == "CT" and frame.sop_class_uid == CT_IMAGE and is_plain else ""


def grid_of(frame: Frame, stored: NDArray[Any] | None) -> Grid | None:
    """Values of a whole frame from its stored numbers: rescaled, padding taken out, told as SUV where it can be."""
    if stored is None or frame.is_colour or stored.shape != (frame.rows, frame.columns):
        return None
    numbers = stored.astype(np.float64)
    if frame.table is not None:
        entries = np.asarray(frame.table.entries, np.float64)
        index = np.clip(np.rint(numbers).astype(np.int64) - frame.table.first, 0, entries.size - 1)
        return np.asarray(entries[index], np.float64)
    values = numbers * frame.slope + frame.intercept
    if frame.suv is not None and frame.suv.factor is not None:
        values *= frame.suv.factor
    if frame.padding is not None:
        low, high = frame.padding
        values[(numbers >= low) & (numbers <= high)] = np.nan
    return values


def value_at(grid: Grid, point: Point) -> float | None:
    """The value of the pixel the point lies in; None outside the picture."""
    column, row = math.floor(point[0] + 0.5), math.floor(point[1] + 0.5)
    if not (0 <= row < grid.shape[0] and 0 <= column < grid.shape[1]):
        return None
    value = float(grid[row, column])
    return None if math.isnan(value) else value


def _statistics(mark: Mark, grid: Grid) -> Statistics | None:
    """Over the pixels whose middle lies in the region; None when there is none."""
    parts = [
        grid[row, max(0, first) : last + 1] for row, first, last in _spans(mark, grid.shape[0]) if last >= 0
    ]
    values = np.concatenate(parts) if parts else np.empty(0)
    values = values[~np.isnan(values)]
    if not values.size:
        return None
    return Statistics(
        float(values.mean()), float(values.std()), float(values.min()), float(values.max()), int(values.size)
    )


def _spans(mark: Mark, rows: int) -> Iterator[tuple[int, int, int]]:
    found = ellipse_of(mark.points) if mark.kind == "ellipse" else None
    points = np.asarray(corners(mark), np.float64)
    for row in range(rows):
        if found is None and not points[:, 1].min() <= row <= points[:, 1].max():
            continue
        for first, last in ellipse_span(found, row) if found else polygon_spans(points, row):
            yield row, first, last


def ellipse_span(ellipse: Ellipse, row: int) -> list[Span]:
    """Columns whose pixel's middle is inside the ellipse or on it."""
    (cx, cy), u, v = ellipse.centre, ellipse.u, ellipse.v
    size = _cross(u, v)
    if abs(size) < 1e-9:
        return []
    y = row - cy  # with s and t along the half diameters: s² + t² ≤ 1, a quadratic in the column
    s1, s0, t1, t0 = v[1] / size, -y * v[0] / size, -u[1] / size, y * u[0] / size
    a, b = s1 * s1 + t1 * t1, s1 * s0 + t1 * t0
    root = b * b - a * (s0 * s0 + t0 * t0 - 1)
    if root < -1e-12:
        return []
    reach, middle = math.sqrt(max(0.0, root)) / a, cx - b / a
    return [(math.ceil(middle - reach - 1e-9), math.floor(middle + reach + 1e-9))]


def polygon_spans(points: Grid, row: int) -> list[Span]:
    """Columns whose pixel's middle is inside; left and top edges count, right and bottom ones do not."""
    ends = np.roll(points, -1, axis=0)
    is_cut = (points[:, 1] <= row) != (ends[:, 1] <= row)
    a, b = points[is_cut], ends[is_cut]
    crossings = np.sort(a[:, 0] + (row - a[:, 1]) / (b[:, 1] - a[:, 1]) * (b[:, 0] - a[:, 0]))
    pairs = zip(crossings[::2], crossings[1::2], strict=True)
    return [(math.ceil(first), math.ceil(last) - 1) for first, last in pairs]
