"""Frames for figures: what a caption must say of one, and drawing it as it was on a screen."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from dokuei.dicom.codec import sandbox
from dokuei.dicom.codec.form import form_of
from dokuei.dicom.groups import PIXEL_MEASURES, PLANE_ORIENTATION, frame_group
from dokuei.dicom.read import DataSet
from dokuei.imaging.dicomweb.look import look_of
from dokuei.imaging.frames import frame_of
from dokuei.imaging.headers import read_header
from dokuei.imaging.models import Instance

COLOUR = {"PALETTE COLOR"}
DRAW_SECONDS = 30.0


@dataclass(frozen=True)
class FrameFacts:
    """A frame as far as a figure speaks of it."""

    study_id: int
    study_instance_uid: str
    study_at: str
    study_description: str
    series_instance_uid: str
    series_number: int | None
    series_description: str
    modality: str
    instance_number: int | None
    frame_number: int
    frames: int
    rows: int
    columns: int
    is_colour: bool
    is_lossy: bool
    tallness: float
    """How much higher than wide a pixel is."""
    orientation: tuple[float, ...]
    """Six direction cosines, or none."""


@dataclass(frozen=True, kw_only=True)
class FrameView:
    """How a frame is drawn; `codec.figure.View` explains the numbers."""

    cut: tuple[int, int, int, int]
    size: tuple[int, int]
    quarters: int
    is_mirrored: bool
    is_low_white: bool
    """Low values are white, whatever the data set asks for; in colour, the negative."""
    window: tuple[float, float, str] | None
    place: tuple[int, int]


def find_instance(study_ids: Collection[int], sop_instance_uid: str, frame_number: int) -> Instance | None:
    """The instance with this frame if it lies in one of these studies. Whoever calls has decided who may see them."""
    rows = Instance.objects.select_related("study", "series")
    row = rows.filter(study_id__in=study_ids, sop_instance_uid=sop_instance_uid).first()
    return row if row is not None and 1 <= frame_number <= row.frames else None


def frames_of(study_ids: Collection[int], sop_instance_uids: Collection[str]) -> dict[str, int]:
    """How many frames each of these instances has; those of other studies are left out."""
    rows = Instance.objects.filter(study_id__in=study_ids, sop_instance_uid__in=set(sop_instance_uids))
    return dict(rows.values_list("sop_instance_uid", "frames"))


def facts_of(row: Instance, number: int) -> FrameFacts:
    """What a figure says of a frame. Reads the header. Blocking."""
    ds = read_header(row)
    form = form_of(ds)
    study, series = row.study, row.series
    oriented = frame_group(ds, PLANE_ORIENTATION, number).decimals(0x00200037)
    return FrameFacts(
        study_id=study.pk,
        study_instance_uid=study.study_instance_uid,
        study_at=study.study_at.isoformat() if study.study_at else "",
        study_description=study.description,
        series_instance_uid=series.series_instance_uid,
        series_number=series.series_number,
        series_description=series.description,
        modality=series.modality,
        instance_number=row.instance_number,
        frame_number=number,
        frames=row.frames,
        rows=form.rows,
        columns=form.columns,
        is_colour=form.samples > 1 or form.photometric in COLOUR,
        is_lossy=ds.text(0x00282110) == "01",
        tallness=_tallness(ds, number),
        orientation=oriented if len(oriented) == 6 else (),
    )


def _tallness(ds: DataSet, number: int) -> float:
    """Height over width of a pixel: of the body, else of the detector, else as the data set says it is shown."""
    measures = frame_group(ds, PIXEL_MEASURES, number)
    for place, tag in ((measures, 0x00280030), (ds, 0x00181164), (ds, 0x00280034)):
        pair = place.decimals(tag)
        if len(pair) == 2 and min(pair) > 0 and 0.05 <= pair[0] / pair[1] <= 20:
            return pair[0] / pair[1]
    return 1.0


def draw_frame(row: Instance, number: int, view: FrameView, overlay: bytes) -> bytes:
    """A frame under an overlay as PNG, decoded from the bytes that were received, behind walls. Blocking."""
    ds = read_header(row)
    form = form_of(ds)
    told, tables = look_of(ds, number)
    is_grey = form.samples == 1 and form.photometric not in COLOUR
    if is_grey and view.window:
        before = 1 if told["modality"] else 0
        tables = tables[:before] + tables[before + (1 if told["voi"] else 0) :]
        told |= {"window": view.window, "voi": None}
    told["is_inverse"] = view.is_low_white
    asked: dict[str, Any] = {
        "form": form.as_dict(),
        "look": {**told, "kind": "image/png", "quality": 90, "viewport": None, "source": None},
        "view": {
            "cut": view.cut,
            "size": view.size,
            "quarters": view.quarters,
            "is_mirrored": view.is_mirrored,
            "is_negative": view.is_low_white and not is_grey,
            "place": view.place,
        },
    }
    frame = frame_of(row, row.frame_ranges or [], number)
    run = sandbox.default().run
    return run("to_figure", asked, [frame, *tables, overlay], seconds=DRAW_SECONDS).data
