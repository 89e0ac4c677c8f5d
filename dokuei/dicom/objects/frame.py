"""What one frame's header says that matters for measuring on it, whichever generation of object it is."""

import struct
from dataclasses import dataclass, replace

from dokuei.dicom import pixels
from dokuei.dicom.groups import (
    FRAME_VOI,
    PIXEL_MEASURES,
    PIXEL_VALUE,
    PLANE_ORIENTATION,
    PLANE_POSITION,
    frame_group,
)
from dokuei.dicom.objects.suv import Suv, suv_of
from dokuei.dicom.read import DataSet

Spacing = tuple[float, float]
"""Between rows, between columns: vertical first, as DICOM writes it."""
MODALITY_LUT, VOI_LUT = 0x00283000, 0x00283010
FUNCTIONS = {"LINEAR", "LINEAR_EXACT", "SIGMOID"}
ALWAYS_LOSSY = {"1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51"}
LARGEST_TABLE = 4 * 65536


@dataclass(frozen=True, kw_only=True)
class Region:
    """An area of an ultrasound picture with physical units of its own (PS3.3 C.8.5.5). Both corners belong to it."""

    left: int
    top: int
    right: int
    bottom: int
    format: int
    unit_x: int
    unit_y: int
    delta_x: float
    delta_y: float


@dataclass(frozen=True)
class Table:
    """A Modality LUT: the stored value of its first entry, its entries, what they are in, and bits an entry."""

    first: int
    entries: tuple[int, ...]
    kind: str
    bits: int
    explanation: str = ""


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One frame as far as measuring and showing it go."""

    sop_class_uid: str
    modality: str
    rows: int
    columns: int
    frame_number: int = 1
    frames: int = 1
    image_type: tuple[str, ...] = ()
    photometric: str = "MONOCHROME2"
    is_colour: bool = False
    is_in_space: bool = False
    pixel_spacing: Spacing | None = None
    imager_spacing: Spacing | None = None
    magnification: float | None = None
    calibration_type: str = ""
    aspect: Spacing | None = None
    regions: tuple[Region, ...] = ()
    slope: float = 1.0
    intercept: float = 0.0
    has_rescale: bool = False
    rescale_type: str = ""
    table: Table | None = None
    pet_units: str = ""
    is_multi_energy: bool = False
    padding: tuple[int, int] | None = None
    """First and last stored number that is no picture."""
    is_lossy: bool = False
    suv: Suv | None = None


def frame_of(ds: DataSet, number: int) -> Frame:
    """Read what a header says of one of its frames; nothing is trusted to be there."""
    measures, values = frame_group(ds, PIXEL_MEASURES, number), frame_group(ds, PIXEL_VALUE, number)
    position = frame_group(ds, PLANE_POSITION, number).decimals(0x00200032)
    orientation = frame_group(ds, PLANE_ORIENTATION, number).decimals(0x00200037)
    table = _table(ds)
    return Frame(
        sop_class_uid=ds.text(0x00080016),
        modality=ds.text(0x00080060),
        rows=ds.number(0x00280010) or 0,
        columns=ds.number(0x00280011) or 0,
        frame_number=number,
        frames=pixels.number_of_frames(ds),
        image_type=ds.texts(0x00080008),
        photometric=ds.text(0x00280004),
        is_colour=(ds.number(0x00280002) or 1) > 1 or ds.text(0x00280004) == "PALETTE COLOR",
        is_in_space=len(position) == 3 and len(orientation) == 6,
        pixel_spacing=_spacing(measures, 0x00280030),
        imager_spacing=_spacing(ds, 0x00181164),
        magnification=next(iter(ds.decimals(0x00181114)), None),
        calibration_type=ds.text(0x00280A02),
        aspect=_spacing(ds, 0x00280034),
        regions=_regions(ds),
        slope=1.0 if table else next(iter(values.decimals(0x00281053)), 1.0),
        intercept=0.0 if table else next(iter(values.decimals(0x00281052)), 0.0),
        has_rescale=table is None and bool(values.decimals(0x00281053)),
        rescale_type=table.kind if table and table.kind else values.text(0x00281054),
        table=table,
        pet_units=ds.text(0x00541001),
        is_multi_energy=ds.text(0x00189361) == "YES",
        padding=_padding(ds),
        is_lossy=ds.text(0x00282110) == "01" or ds.transfer_syntax in ALWAYS_LOSSY,
        suv=suv_of(ds),
    )


def items(ds: DataSet, tag: int) -> list[DataSet]:
    """The items of a sequence, each read as a data set."""
    element = ds.elements.get(tag)
    return [replace(ds, elements=one) for one in element.items or ()] if element is not None else []


def _spacing(ds: DataSet, tag: int) -> Spacing | None:
    pair = ds.decimals(tag)
    return (pair[0], pair[1]) if len(pair) == 2 and min(pair) > 0 else None


def _regions(ds: DataSet) -> tuple[Region, ...]:
    return tuple(
        Region(
            left=_whole(one, 0x00186018),
            top=_whole(one, 0x0018601A),
            right=_whole(one, 0x0018601C),
            bottom=_whole(one, 0x0018601E),
            format=one.number(0x00186012) or 0,
            unit_x=one.number(0x00186024) or 0,
            unit_y=one.number(0x00186026) or 0,
            delta_x=_double(one, 0x0018602C),
            delta_y=_double(one, 0x0018602E),
        )
        for one in items(ds, 0x00186011)
    )


def _whole(ds: DataSet, tag: int) -> int:
    """A corner; one that is not there lies outside every picture, so that nothing is measured by it."""
    value = ds.number(tag)
    return -1 if value is None else value


def _double(ds: DataSet, tag: int) -> float:
    element = ds.elements.get(tag)
    raw = ds.raw(element, 8) if element is not None and element.items is None else b""
    order = "<" if ds.encoding.is_little_endian else ">"
    return float(struct.unpack(f"{order}d", raw)[0]) if len(raw) == 8 else 0.0


def _words(ds: DataSet, tag: int, most: int) -> tuple[int, ...]:
    element = ds.elements.get(tag)
    raw = ds.raw(element, most) if element is not None and element.items is None else b""
    order = "<" if ds.encoding.is_little_endian else ">"
    return struct.unpack(f"{order}{len(raw) // 2}H", raw[: len(raw) // 2 * 2])


def _padding(ds: DataSet) -> tuple[int, int] | None:
    """Pixel Padding Value (0028,0120) and its limit, whichever sign their VR was written with."""
    is_signed = ds.number(0x00280103) == 1

    def read(tag: int) -> int | None:
        words = _words(ds, tag, 2)
        return (words[0] - 0x10000 if is_signed and words[0] >= 0x8000 else words[0]) if words else None

    value = read(0x00280120)
    if value is None:
        return None
    limit = read(0x00280121)
    limit = value if limit is None else limit
    return min(value, limit), max(value, limit)


def voi_of(ds: DataSet, number: int) -> tuple[tuple[float, float, str] | None, Table | None]:
    """How a file itself wants a frame shown: its first window, or the VOI LUT that goes before it."""
    table = _table(ds, VOI_LUT)
    place = frame_group(ds, FRAME_VOI, number)
    centers, widths = place.decimals(0x00281050), place.decimals(0x00281051)
    if table is not None or not centers or not widths or widths[0] <= 0:
        return None, table
    function = place.text(0x00281056)
    return (centers[0], widths[0], function if function in FUNCTIONS else "LINEAR"), None


def _table(ds: DataSet, sequence: int = MODALITY_LUT) -> Table | None:
    """The first item of a sequence of lookup tables; None if there is none, or it makes no sense."""
    item = next(iter(items(ds, sequence)), None)
    shape = _words(item, 0x00283002, 6) if item else ()
    if item is None or len(shape) != 3 or not 1 <= shape[2] <= 16:
        return None
    count = shape[0] or 65536
    first = shape[1] - 0x10000 if ds.number(0x00280103) == 1 and shape[1] >= 0x8000 else shape[1]
    element = item.elements.get(0x00283006)
    raw = item.raw(element, LARGEST_TABLE) if element is not None and element.items is None else b""
    entries = tuple(raw[:count]) if count <= len(raw) < 2 * count else _words(item, 0x00283006, 2 * count)
    if not entries:
        return None
    return Table(first, entries[:count], item.text(0x00283004), shape[2], item.text(0x00283003))
