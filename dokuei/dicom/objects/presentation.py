"""Grayscale and Color Softcopy Presentation States (PS3.3 A.33.1, A.33.2): how a key image was on the screen."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pydicom import Dataset

from dokuei.dicom.objects.common import Making, Reference, Subject, begin, decimal, moment, person, sop
from dokuei.dicom.objects.frame import Frame, Table
from dokuei.dicom.objects.graphics import displayed_corners, graphic_objects, text_object, turned
from dokuei.dicom.objects.icc import srgb
from dokuei.dicom.objects.marks import Mark

GRAYSCALE = "1.2.840.10008.5.1.4.1.1.11.1"
COLOUR = "1.2.840.10008.5.1.4.1.1.11.2"
LAYER = "MARKS"
FINEST_RATIO = 1000


@dataclass(frozen=True)
class Window:
    """Center, width and ``LINEAR``, ``LINEAR_EXACT`` or ``SIGMOID``."""

    center: float
    width: float
    function: str = "LINEAR"


@dataclass(frozen=True, kw_only=True)
class Shown:
    """How one frame was on the screen."""

    image: Reference
    frame: Frame
    cut: tuple[int, int, int, int]
    """First column and row of the part that was shown, and those behind its last."""
    rotation_deg: int
    """To the right, after mirroring."""
    is_mirrored: bool
    is_low_white: bool
    window: Window | None
    """None where the picture was shown by its own lookup table, or is a colour one."""
    voi_table: Table | None = None
    """The image's own VOI LUT, where it was shown by that."""
    marks: tuple[Mark, ...] = ()
    label: str = "KEY_IMAGE"
    description: str = ""


def sop_class_of(frame: Frame) -> str:
    """Which presentation state a frame needs."""
    return COLOUR if frame.is_colour else GRAYSCALE


def presentation_state(subject: Subject, making: Making, shown: Shown) -> Dataset:
    """The presentation state of one frame."""
    sop_class = sop_class_of(shown.frame)
    ds = begin(subject, making, sop_class=sop_class, modality="PR", description="キー画像 表示状態")
    ds.Laterality = ""
    ds.PresentationCreationDate, ds.PresentationCreationTime = moment(subject, making.at)
    ds.ContentLabel, ds.ContentDescription = shown.label, shown.description[:64]
    ds.ContentCreatorName = person(making.author)
    series = Dataset()
    series.SeriesInstanceUID = shown.image.series_uid
    series.ReferencedImageSequence = [sop(shown.image)]
    ds.ReferencedSeriesSequence = [series]
    _area(ds, shown)
    _annotations(ds, shown)
    ds.ImageRotation, ds.ImageHorizontalFlip = turned(shown.rotation_deg, is_mirrored=shown.is_mirrored)
    if sop_class == COLOUR:
        ds.ICCProfile = srgb()
        return ds
    _modality(ds, shown.frame)
    _voi(ds, shown)
    ds.PresentationLUTShape = (
        "INVERSE" if shown.is_low_white else "IDENTITY"
    )  # MONOCHROME1 counts for nothing here
    return ds


def _area(ds: Dataset, shown: Shown) -> None:
    """The part that was shown, named by the pixels that came to lie in its corners (PS3.3 C.10.4)."""
    first, last = displayed_corners(shown.cut, shown.rotation_deg, is_mirrored=shown.is_mirrored)
    area = Dataset()
    area.ReferencedImageSequence = [sop(shown.image)]
    area.DisplayedAreaTopLeftHandCorner, area.DisplayedAreaBottomRightHandCorner = list(first), list(last)
    area.PresentationSizeMode = "SCALE TO FIT"
    spacing = shown.frame.pixel_spacing
    if spacing:
        area.PresentationPixelSpacing = [decimal(one) for one in spacing]
    else:
        area.PresentationPixelAspectRatio = ratio(shown.frame)
    ds.DisplayedAreaSelectionSequence = [area]


def ratio(frame: Frame) -> list[int]:
    """Height and width of a pixel as whole numbers: of the detector, else as the data set says it is shown."""
    pair = frame.imager_spacing or frame.aspect or (1.0, 1.0)
    high, wide = (round(one / min(pair) * FINEST_RATIO) for one in pair)
    common = math.gcd(high, wide)
    return [high // common, wide // common]


def _annotations(ds: Dataset, shown: Shown) -> None:
    graphics = [one for mark in shown.marks for one in graphic_objects(mark)]
    texts = [
        one
        for mark in shown.marks
        if (one := text_object(mark, shown.rotation_deg, is_mirrored=shown.is_mirrored)) is not None
    ]
    if not graphics:
        return
    item = Dataset()
    item.ReferencedImageSequence = [sop(shown.image)]
    item.GraphicLayer = LAYER
    item.GraphicObjectSequence = graphics
    if texts:
        item.TextObjectSequence = texts
    ds.GraphicAnnotationSequence = [item]
    layer = Dataset()
    layer.GraphicLayer, layer.GraphicLayerOrder = LAYER, 1
    layer.GraphicLayerDescription = "計測・注釈"
    ds.GraphicLayerSequence = [layer]


def _modality(ds: Dataset, frame: Frame) -> None:
    """The image's own rescale: a presentation state replaces it whole (PS3.3 C.11.6)."""
    if frame.table is not None:
        ds.ModalityLUTSequence = [_table(frame.table, kind=frame.table.kind or "US")]
    elif frame.has_rescale:
        is_hu = frame.modality == "CT" and "LOCALIZER" not in frame.image_type
        ds.RescaleIntercept, ds.RescaleSlope = decimal(frame.intercept), decimal(frame.slope)
        ds.RescaleType = frame.rescale_type or ("HU" if is_hu else "US")


def _voi(ds: Dataset, shown: Shown) -> None:
    item = Dataset()
    if shown.window is not None:
        is_linear = shown.window.function == "LINEAR"
        width = max(1.0, shown.window.width) if is_linear else shown.window.width
        item.WindowCenter, item.WindowWidth = decimal(shown.window.center), decimal(width)
        if not is_linear:
            item.VOILUTFunction = shown.window.function
    elif shown.voi_table is not None:
        item.VOILUTSequence = [_table(shown.voi_table)]
    else:
        return
    item.ReferencedImageSequence = [sop(shown.image)]
    ds.SoftcopyVOILUTSequence = [item]


def _table(table: Table, kind: str = "") -> Dataset:
    ds = Dataset()
    vr = "SS" if table.first < 0 else "US"
    ds.add_new(0x00283002, vr, [len(table.entries) % 65536, table.first, table.bits])
    if table.explanation:
        ds.LUTExplanation = table.explanation[:64]
    if kind:
        ds.ModalityLUTType = kind
    ds.add_new(0x00283006, "OW", _words(table.entries))
    return ds


def _words(entries: Sequence[int]) -> bytes:
    return b"".join(one.to_bytes(2, "little") for one in entries)
