"""How a data set wants its pixels shown: rescale, window, lookup tables, palette (PS3.3 C.11.1, C.11.2, C.7.9)."""

import struct
from dataclasses import replace
from typing import Any

from dokuei.dicom.groups import FRAME_VOI, PIXEL_VALUE, frame_group
from dokuei.dicom.pixels import little_endian
from dokuei.dicom.read import DataSet
from dokuei.dicom.walk import Element

MODALITY_LUT, VOI_LUT = 0x00283000, 0x00283010
LARGEST_TABLE = 4 * 65536
FUNCTIONS = {"LINEAR", "LINEAR_EXACT", "SIGMOID"}


def look_of(ds: DataSet, number: int) -> tuple[dict[str, Any], list[bytes]]:
    """What `codec.picture.Look` takes, and the tables' entries in the order modality, VOI, palette."""
    rescale, window = frame_group(ds, PIXEL_VALUE, number), frame_group(ds, FRAME_VOI, number)
    tables: list[bytes] = []
    modality = _table(_first(ds, MODALITY_LUT), 0x00283002, 0x00283006, tables)
    voi = _table(_first(ds, VOI_LUT), 0x00283002, 0x00283006, tables)
    palette = [_palette(ds, colour, tables) for colour in range(3)] if 0x00281101 in ds.elements else []
    told = {
        "slope": _one(rescale, 0x00281053, 1.0),
        "intercept": _one(rescale, 0x00281052, 0.0),
        "window": _window(window) if voi is None else None,
        "is_inverse": is_low_white(ds),
        "modality": modality,
        "voi": voi,
        "palette": palette,
    }
    return told, tables


def is_low_white(ds: DataSet) -> bool:
    """MONOCHROME1 means it and Presentation LUT Shape INVERSE says it: both together say it once (PS3.3 C.11.6)."""
    return ds.text(0x00280004) == "MONOCHROME1" or ds.text(0x20500020) == "INVERSE"


def _first(ds: DataSet, tag: int) -> DataSet | None:
    element = ds.elements.get(tag)
    return replace(ds, elements=element.items[0]) if element is not None and element.items else None


def _one(ds: DataSet, tag: int, otherwise: float) -> float:
    return next(iter(ds.decimals(tag)), otherwise)


def _window(ds: DataSet) -> tuple[float, float, str] | None:
    centers, widths = ds.decimals(0x00281050), ds.decimals(0x00281051)
    if not centers or not widths or widths[0] <= 0:
        return None
    function = ds.text(0x00281056)
    return centers[0], widths[0], function if function in FUNCTIONS else "LINEAR"


def _palette(ds: DataSet, colour: int, tables: list[bytes]) -> dict[str, Any] | None:
    segmented = 0x00281221 + colour
    if segmented in ds.elements:
        return _table(ds, 0x00281101 + colour, segmented, tables, is_segmented=True)
    return _table(ds, 0x00281101 + colour, 0x00281201 + colour, tables)


def _table(
    ds: DataSet | None, descriptor: int, data: int, tables: list[bytes], *, is_segmented: bool = False
) -> dict[str, Any] | None:
    """One lookup table; None if it is not there or makes no sense."""
    if ds is None or not {descriptor, data} <= ds.elements.keys():
        return None
    shape = _descriptor(ds, ds.elements[descriptor])
    if shape is None:
        return None
    count, first, bits = shape
    raw = ds.raw(ds.elements[data], LARGEST_TABLE)
    if not ds.encoding.is_little_endian and ds.elements[data].vr != "OB":
        raw = little_endian(raw, 2)
    if not is_segmented:
        raw = _words(raw, count)
    tables.append(raw)
    return {"first": first, "bits": bits, "count": count, "is_segmented": is_segmented}


def _descriptor(ds: DataSet, element: Element) -> tuple[int, int, int] | None:
    raw = ds.raw(element, 6)
    if len(raw) != 6:
        return None
    order = "<" if ds.encoding.is_little_endian else ">"
    count, first, bits = struct.unpack(f"{order}H{'h' if element.vr == 'SS' else 'H'}H", raw)
    return (count or 65536, first, bits) if 1 <= bits <= 16 else None


def _words(raw: bytes, count: int) -> bytes:
    """Entries as 16-bit words; some tables hold a byte an entry."""
    if len(raw) < 2 * count and len(raw) >= count:
        wide = bytearray(2 * count)
        wide[0::2] = raw[:count]
        return bytes(wide)
    return raw[: 2 * count]
