"""What a distance between pixels means: in the body, at the detector, or nothing but pixels. The viewer's rules."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from dokuei.dicom.objects.frame import Frame, Region, Spacing

Point = tuple[float, float]
"""Column and row; the middle of the first pixel is (0, 0)."""
PROJECTION = {"CR", "DX", "MG", "XA", "RF", "IO", "PX", "RG"}
CENTIMETRES, TWO_DIMENSIONAL, MM_PER_CM = 3, 1, 10
SAME_SPACING = 1e-4
ONE: Spacing = (1.0, 1.0)


@dataclass(frozen=True)
class Metric:
    """How to measure between certain points. `shape` is None where angles mean nothing."""

    unit: str
    """``mm`` or ``px``."""
    basis: str
    """``body``, ``estimate``, ``detector``, ``none`` or ``outside``."""
    spacing: Spacing
    shape: Spacing | None


def metric_for(frame: Frame, points: Sequence[Point]) -> Metric:
    """How to measure between these points of the frame."""
    if frame.regions:
        return _in_regions(frame, points)
    basis, spacing = _calibration(frame)
    if spacing is None:
        return Metric("px", "none", ONE, _or_square(frame.aspect))
    return Metric("mm", basis, spacing, spacing)


def _calibration(frame: Frame) -> tuple[str, Spacing | None]:
    """Pixel Spacing is a distance in the body for slices that have a place in it (PS3.3 C.7.6.2, 10.7.1.1)."""
    if frame.modality in PROJECTION:
        return _projection(frame)
    if not _is_spacing(frame.pixel_spacing):
        return "none", None
    if frame.modality == "CT" and "LOCALIZER" in frame.image_type:
        return "estimate", frame.pixel_spacing
    if frame.is_in_space or frame.modality == "NM" or _is_calibrated(frame):
        return "body", frame.pixel_spacing
    return "none", None


def _projection(frame: Frame) -> tuple[str, Spacing | None]:
    """A shadow is larger than what threw it: the body's only when somebody calibrated it (PS3.3 10.7.1.3)."""
    pixel, imager = frame.pixel_spacing, frame.imager_spacing
    has_pixel, has_imager = _is_spacing(pixel), _is_spacing(imager)
    if pixel and has_pixel:
        is_different = bool(imager and has_imager and not _is_same(pixel, imager))
        if _is_calibrated(frame) or is_different:
            return "body", pixel
    at_detector = imager if has_imager else pixel
    if at_detector is None or not _is_spacing(at_detector):
        return "none", None
    factor = frame.magnification
    if not has_imager or factor is None or not factor >= 1:
        return "detector", at_detector
    return "estimate", (at_detector[0] / factor, at_detector[1] / factor)


def _is_calibrated(frame: Frame) -> bool:
    return frame.calibration_type in {"GEOMETRY", "FIDUCIAL"}


def _is_spacing(spacing: Spacing | None) -> bool:
    return spacing is not None and all(math.isfinite(one) and one > 0 for one in spacing)


def _is_same(a: Spacing, b: Spacing) -> bool:
    return all(abs(x - y) <= SAME_SPACING * x for x, y in zip(a, b, strict=True))


def _or_square(aspect: Spacing | None) -> Spacing:
    return aspect if aspect is not None and _is_spacing(aspect) else ONE


def _in_regions(frame: Frame, points: Sequence[Point]) -> Metric:
    """One region must hold all points, and no other may contradict it. Those without a spatial format say nothing."""
    touched = [one for one in frame.regions if one.format and any(_holds(one, point) for point in points)]
    spacings = [
        _region_spacing(one, frame) if all(_holds(one, point) for point in points) else None
        for one in touched
    ]
    first = spacings[0] if spacings else None
    if first is None or not all(one is not None and _is_same(one, first) for one in spacings):
        return Metric("px", "outside", ONE, None)
    return Metric("mm", "body", first, first)


def _holds(region: Region, point: Point) -> bool:
    return (
        region.left - 0.5 <= point[0] <= region.right + 0.5
        and region.top - 0.5 <= point[1] <= region.bottom + 0.5
    )


def _region_spacing(region: Region, frame: Frame) -> Spacing | None:
    """Millimetres a pixel; a region beyond the picture was written for another size of it, so its deltas are too."""
    is_inside = (
        min(region.left, region.top) >= 0 and region.right <= frame.columns and region.bottom <= frame.rows
    )
    is_physical = (region.format, region.unit_x, region.unit_y) == (
        TWO_DIMENSIONAL,
        CENTIMETRES,
        CENTIMETRES,
    )
    spacing = (abs(region.delta_y) * MM_PER_CM, abs(region.delta_x) * MM_PER_CM)
    return spacing if is_inside and is_physical and _is_spacing(spacing) else None
