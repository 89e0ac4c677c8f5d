"""Stacks of the archive, and planes cut out of them. Blocking: headers and slices are read from the store."""

import math
import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dokuei.base.errors import refuse
from dokuei.dicom import syntax
from dokuei.dicom.codec import sandbox
from dokuei.dicom.codec.form import Form
from dokuei.dicom.objects.frame import Frame
from dokuei.imaging.drawing import DRAW_SECONDS, FrameFacts, FrameView
from dokuei.imaging.headers import read_header
from dokuei.imaging.measuring import stored_numbers
from dokuei.imaging.models import Instance
from dokuei.imaging.planes import cutting
from dokuei.imaging.planes.errors import PlaneEmpty, PlanesBusy, PlaneTooLarge, StackUnknown
from dokuei.imaging.planes.plane import Plane, plane_of
from dokuei.imaging.planes.stack import Slice, digest, slice_of, stacks_of
from dokuei.imaging.planes.volume import NoVolume, Volume, volume_of

MOST_SLICES = 4096
CUTTERS = threading.BoundedSemaphore(1)
"""One plane at a time in a process: what is held of slices is bounded, and the rest of the hub keeps its cores."""
PATIENCE_SECONDS = 20.0
CUT_SECONDS = 90.0
"""While somebody waits for the picture; what is written out later may take longer."""
NOTHING_BELOW = 4.0
"""Widths of the whole range under the lowest value: black in every window that is not inverted."""


@dataclass(frozen=True)
class Stack:
    """The slices of a stack, each with its row of the archive."""

    sha256: str
    slices: tuple[Slice, ...]
    rows: Mapping[str, Instance]
    """By SOP Instance UID."""

    @property
    def first_row(self) -> Instance:
        return self.rows[self.slices[0].sop_uid]

    @property
    def frame_of_reference_uid(self) -> str:
        return self.slices[0].frame_of_reference_uid


@dataclass(frozen=True)
class CutPlane:
    """A plane's values, and what the slices say that it is made of."""

    plane: Plane
    values: NDArray[np.float32]
    frame: Frame
    """As a frame to measure on: its values need no rescale, and lie in the patient."""
    volume: Volume

    @property
    def notes(self) -> list[str]:
        """What has to stand under its picture: corrections, and what is missing."""
        found = self.volume
        said = {
            f"ガントリ傾斜 {found.lean_deg:.1f}°を補正": bool(found.lean_deg),
            "不均一な間隔を補正": found.uneven_mm is not None,
            f"{found.missing}枚欠落": found.missing > 0,
        }
        return [text for text, is_so in said.items() if is_so]


def series_seen(study_ids: Collection[int], series_uids: Collection[str]) -> set[str]:
    """Which of these series lie in one of these studies. Whoever calls has decided who may see them."""
    rows = Instance.objects.filter(study_id__in=study_ids, series__series_instance_uid__in=set(series_uids))
    return set(rows.values_list("series__series_instance_uid", flat=True).distinct())


def find_stack(study_ids: Collection[int], series_uid: str, sha256: str) -> Stack | None:
    """The stack of this name in a series of these studies; None if the series holds it no more, or not yet."""
    found = Instance.objects.select_related("study", "series").filter(
        study_id__in=study_ids, series__series_instance_uid=series_uid, frames__gt=0
    )
    rows = {one.sop_instance_uid: one for one in found.order_by("pk")[: MOST_SLICES + 1]}
    if not rows or sum(one.frames for one in rows.values()) > MOST_SLICES:
        return None
    slices = [one for row in rows.values() for one in _slices_of(row)]
    for group in stacks_of(slices):
        if digest(group) == sha256:
            return Stack(sha256, tuple(group), rows)
    return None


def _slices_of(row: Instance) -> Iterator[Slice]:
    ds = read_header(row)
    for number in range(1, row.frames + 1):
        yield replace(slice_of(ds, number), sop_uid=row.sop_instance_uid)


def cut_plane(study_ids: Collection[int], told: Mapping[str, Any]) -> tuple[Stack, CutPlane]:
    """Cut the plane a checked recipe tells of, or say why not: unknown stack, no volume, not agreed, too large."""
    stack = find_stack(study_ids, told["series_instance_uid"], told["stack_sha256"])
    if stack is None:
        raise StackUnknown()
    return stack, cut_out(stack, told, until=time.monotonic() + CUT_SECONDS)


def cut_out(stack: Stack, told: Mapping[str, Any], *, until: float = math.inf) -> CutPlane:
    """Cut a plane out of a stack that is known; too large if it takes longer than until then (`time.monotonic`)."""
    volume, plane = volume_of(stack.slices), plane_of(told)
    if isinstance(volume, NoVolume):
        raise refuse(volume)
    if volume.is_unusual and not told["is_agreed"]:
        raise refuse(NoVolume.NOT_AGREED)
    if cutting.how_many(volume, plane) > cutting.MOST_SAMPLES:
        raise PlaneTooLarge()
    with _one_at_a_time():
        values = cutting.cut(volume, plane, _loader(stack, volume, until))
    if bool(np.isnan(values).all()):
        raise PlaneEmpty()
    return CutPlane(plane, values, frame_on(stack.slices, plane), volume)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    if not CUTTERS.acquire(timeout=PATIENCE_SECONDS):
        raise PlanesBusy()
    try:
        yield
    finally:
        CUTTERS.release()


def _loader(stack: Stack, volume: Volume, until: float) -> cutting.Load:
    """Slices decoded behind walls, from the bytes that were received."""

    def load(k: int) -> tuple[NDArray[Any], float, float]:
        if time.monotonic() > until:
            raise PlaneTooLarge()
        one = stack.slices[volume.order[k]]
        numbers = stored_numbers(stack.rows[one.sop_uid], one.frame.frame_number)
        if numbers is None or numbers.shape != (volume.rows, volume.columns):
            raise refuse(NoVolume.VALUES)
        return numbers, one.frame.slope, one.frame.intercept

    return load


def plane_frame(stack: Stack, told: Mapping[str, Any]) -> Frame:
    """A plane as a frame to measure on, without its values. Refused like cutting it would be."""
    volume = volume_of(stack.slices)
    if isinstance(volume, NoVolume):
        raise refuse(volume)
    if volume.is_unusual and not told["is_agreed"]:
        raise refuse(NoVolume.NOT_AGREED)
    return frame_on(stack.slices, plane_of(told))


def frame_on(slices: Sequence[Slice], plane: Plane) -> Frame:
    """A plane as a frame to measure on: nothing of its slices is claimed that no longer holds."""
    first = slices[0].frame
    factors = [one.frame.suv.factor if one.frame.suv else None for one in slices]
    is_even = all(one is not None and one == factors[0] for one in factors)
    suv = first.suv if first.suv is None or is_even else replace(first.suv, factor=None)
    return replace(
        first,
        rows=plane.rows,
        columns=plane.columns,
        frame_number=1,
        frames=1,
        image_type=("DERIVED", "SECONDARY", "REFORMATTED"),
        is_in_space=True,
        pixel_spacing=(plane.between_rows, plane.between_columns),
        imager_spacing=None,
        magnification=None,
        calibration_type="",
        aspect=None,
        regions=(),
        slope=1.0,
        intercept=0.0,
        padding=None,
        is_lossy=any(one.frame.is_lossy for one in slices),
        suv=suv,
    )


def plane_facts(stack: Stack, made: CutPlane) -> FrameFacts:
    """What a figure says of a plane: the series it is cut from, and no instance's number."""
    row = stack.first_row
    study, series = row.study, row.series
    return FrameFacts(
        study_id=study.pk,
        study_instance_uid=study.study_instance_uid,
        study_at=study.study_at.isoformat() if study.study_at else "",
        study_description=study.description,
        series_instance_uid=series.series_instance_uid,
        series_number=series.series_number,
        series_description=series.description,
        modality=series.modality,
        instance_number=None,
        frame_number=1,
        frames=1,
        rows=made.plane.rows,
        columns=made.plane.columns,
        is_colour=False,
        is_lossy=made.frame.is_lossy,
        tallness=made.plane.between_rows / made.plane.between_columns,
        orientation=(*made.plane.row, *made.plane.column),
    )


def draw_plane(made: CutPlane, view: FrameView, overlay: bytes) -> bytes:
    """A plane under an overlay as PNG. What has no value is black, or white like the lowest values."""
    low, high = float(np.nanmin(made.values)), float(np.nanmax(made.values))
    center, width, _ = view.window or ((low + high) / 2, high - low, "")
    floor = min(low, center - width) - NOTHING_BELOW * max(high - low, width, 1.0)
    pixels = np.nan_to_num(made.values, nan=floor).astype("<f4")
    form = Form(
        transfer_syntax=syntax.EXPLICIT_LE,
        rows=made.plane.rows,
        columns=made.plane.columns,
        samples=1,
        bits_allocated=32,
        bits_stored=32,
        high_bit=31,
        is_signed=False,
        is_planar=False,
        photometric="MONOCHROME2",
        kind="<f4",
    )
    look: dict[str, Any] = {
        "slope": 1.0, "intercept": 0.0, "window": view.window, "is_inverse": view.is_low_white,
        "modality": None, "voi": None, "palette": [],
        "kind": "image/png", "quality": 90, "viewport": None, "source": None,
    }  # fmt: skip
    asked: dict[str, Any] = {
        "form": form.as_dict(),
        "look": look,
        "view": {
            "cut": view.cut,
            "size": view.size,
            "quarters": view.quarters,
            "is_mirrored": view.is_mirrored,
            "is_negative": False,
            "place": view.place,
        },
    }
    run = sandbox.default().run
    return run("to_figure", asked, [pixels.tobytes(), overlay], seconds=DRAW_SECONDS).data
