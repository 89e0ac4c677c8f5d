"""From a stack to a volume, or the reason why it is none: the rules of `web/src/viewer/model/volume.ts`. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dokuei.base.errors import Refusal
from dokuei.dicom.objects.calibration import PROJECTION
from dokuei.imaging.planes.plane import Vector
from dokuei.imaging.planes.stack import Slice, angle_between

LEAST_SLICES = 5
SAME_PLACE_MM = 1e-3
SAME_DIRECTION_DEG = 0.1
SAME_SPACING = 1e-4
LARGEST_STEP = 1.5
LEAN_DEG = 1.0
UNPLACED = {"US", "IVUS", "ES", "XC", "SC", "OT", "ECG"}


class NoVolume(Refusal):
    PROJECTION = "plane.projection", "投影像や位置決め画像、超音波からは断面を作れません。"
    COLOUR = "plane.colour", "カラー画像からは断面を作れません。"
    VALUES = "plane.values", "画素値の換算表（Modality LUT）に対応していないため、断面を作れません。"
    TOO_FEW = "plane.too_few", "スライスが5枚に満たないため、断面を作れません。"
    UNORDERED = "plane.unordered", "画像に位置の情報がないため、断面を作れません。"
    NO_SPACING = "plane.no_spacing", "画素の大きさ（Pixel Spacing）がないため、断面を作れません。"
    MIXED = "plane.mixed", "画素の大きさが途中で変わるため、断面を作れません。"
    ORIENTATION = "plane.orientation", "スライスの向きがそろっていないため、断面を作れません。"
    FRAME_OF_REFERENCE = (
        "plane.frame_of_reference",
        "同じ座標系（Frame of Reference）の画像と確かめられないため、断面を作れません。",
    )
    DUPLICATED = "plane.duplicated", "同じ位置の画像が重なっているため、断面を作れません。"
    NOT_AGREED = (
        "plane.not_agreed",
        "傾斜または不均一な間隔の補正を確認していない断面です。断面を開き直してください。",
    )


@dataclass(frozen=True, kw_only=True)
class Volume:
    """Slices along their normal, by their true places in mm."""

    rows: int
    columns: int
    row: Vector
    column: Vector
    normal: Vector
    between_columns: float
    between_rows: float
    at: Vector
    """Place of each slice along the normal, rising."""
    left: Vector
    """Place of each slice's first pixel along `row`; they differ where the gantry leans."""
    top: Vector
    """The same along `column`."""
    order: tuple[int, ...]
    """Which slice of the stack each is."""
    is_bridged: NDArray[np.bool_]
    """Whether values may be interpolated between a slice and the next: not where slices are missing."""
    step_mm: float
    missing: int
    lean_deg: float
    """0 unless the gantry leans."""
    uneven_mm: tuple[float, float] | None
    """Least and most distance of slices where it is not even."""

    @property
    def is_unusual(self) -> bool:
        """Planes of it are true only because they were corrected: the reader has to have agreed."""
        return bool(self.lean_deg) or self.uneven_mm is not None


def why_no_volume(slices: Sequence[Slice]) -> NoVolume | None:
    """The first reason against a stack, in the viewer's order."""
    first = slices[0]
    is_shadow = any(one.frame.modality in PROJECTION | UNPLACED or one.is_localizer for one in slices)
    is_placed = all(one.position is not None and one.normal is not None for one in slices)
    is_spread = is_placed and len(slices) > 1 and _span(slices) > SAME_PLACE_MM
    reasons = (
        (is_shadow, NoVolume.PROJECTION),
        (any(one.frame.is_colour for one in slices), NoVolume.COLOUR),
        (any(one.frame.table is not None for one in slices), NoVolume.VALUES),
        (len(slices) < LEAST_SLICES, NoVolume.TOO_FEW),
        (not is_spread, NoVolume.UNORDERED),
        (any(one.frame.pixel_spacing is None for one in slices), NoVolume.NO_SPACING),
        (not all(_is_same_grid(first, one) for one in slices), NoVolume.MIXED),
        (not all(_is_same_direction(first, one) for one in slices), NoVolume.ORIENTATION),
        (
            len({one.frame_of_reference_uid for one in slices}) > 1 or not first.frame_of_reference_uid,
            NoVolume.FRAME_OF_REFERENCE,
        ),
    )
    return next((why for is_so, why in reasons if is_so), None)


def _span(slices: Sequence[Slice]) -> float:
    """How far the stack reaches along the normal of its first slice."""
    normal = slices[0].normal
    at = [float(np.dot(one.position, normal)) for one in slices if one.position is not None]  # type: ignore[arg-type]
    return max(at) - min(at)


def _is_same_grid(first: Slice, one: Slice) -> bool:
    a, b = first.frame, one.frame
    if (a.rows, a.columns) != (b.rows, b.columns):
        return False
    pairs = zip(a.pixel_spacing or (0, 0), b.pixel_spacing or (0, 0), strict=True)
    return all(abs(x - y) <= SAME_SPACING * x for x, y in pairs)


def _is_same_direction(first: Slice, one: Slice) -> bool:
    if first.row is None or first.column is None or one.row is None or one.column is None:
        return False
    turns = (
        angle_between(first.row, one.row),
        angle_between(first.column, one.column),
        abs(angle_between(first.row, first.column) - 90),
    )
    return max(turns) <= SAME_DIRECTION_DEG


def volume_of(slices: Sequence[Slice]) -> Volume | NoVolume:
    """A volume, or the first reason why the stack is none."""
    refused = why_no_volume(slices)
    if refused is not None:
        return refused
    # the viewer takes its directions from the first slice it shows: the one acquired first of the two ends
    ends = _ends(slices)
    normal, row, spacing = ends[0].normal, ends[0].row, ends[0].frame.pixel_spacing
    assert normal is not None
    assert row is not None
    assert spacing is not None
    column = np.cross(normal, row)
    places = np.array([one.position for one in slices])
    order = np.argsort(places @ normal, kind="stable")
    at = (places @ normal)[order]
    gaps = np.diff(at)
    if bool((gaps <= SAME_PLACE_MM).any()):
        return NoVolume.DUPLICATED
    step = float(np.sort(gaps)[len(gaps) // 2])
    kept = gaps[gaps <= LARGEST_STEP * step]
    return Volume(
        rows=slices[0].frame.rows,
        columns=slices[0].frame.columns,
        row=row,
        column=column,
        normal=normal,
        between_rows=spacing[0],
        between_columns=spacing[1],
        at=at,
        left=(places @ row)[order],
        top=(places @ column)[order],
        order=tuple(int(one) for one in order),
        is_bridged=gaps <= LARGEST_STEP * step,
        step_mm=step,
        missing=sum(max(1, round(gap / step) - 1) for gap in gaps if gap > LARGEST_STEP * step),
        lean_deg=_lean(ends, normal),
        uneven_mm=_uneven(kept, step),
    )


def _ends(slices: Sequence[Slice]) -> tuple[Slice, Slice]:
    """The outermost slices, the one acquired first before the other."""
    normal = slices[0].normal
    ranked = sorted(slices, key=lambda one: float(np.dot(one.position, normal)))  # type: ignore[arg-type]
    a, b = ranked[0], ranked[-1]
    return (b, a) if a.order > b.order else (a, b)


def _lean(ends: tuple[Slice, Slice], normal: Vector) -> float:
    assert ends[0].position is not None
    assert ends[1].position is not None
    lean = angle_between(ends[1].position - ends[0].position, normal)
    lean = min(lean, 180 - lean)
    return lean if lean > LEAN_DEG else 0.0


def _uneven(kept: Vector, step: float) -> tuple[float, float] | None:
    least, most = float(kept.min()), float(kept.max())
    allowed = max(0.05, step * 0.02)
    return (least, most) if most - step > allowed or step - least > allowed else None
