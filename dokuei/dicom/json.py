"""The DICOM JSON model (PS3.18 annex F) of a header, straight from the bounded index.

Text decoded, no pixels.
"""

import base64
import math
import re
import struct
from collections.abc import Callable, Collection, Mapping
from typing import Any

from dokuei.dicom.charset import Charset, harmless
from dokuei.dicom.person_name import LONGEST
from dokuei.dicom.read import TEXT_VRS, DataSet, charset_of
from dokuei.dicom.walk import PIXELS, Element

INLINE_LIMIT = 1024
NUMBERS = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "FL": "f", "FD": "d", "UV": "Q", "SV": "q"}
LINES = {"ST", "LT", "UT"}
BINARY = {"OB", "OD", "OF", "OL", "OV", "OW", "UN"}
NOT_SENT = {0x7FE00001, 0x7FE00002}  # offset tables describe the stored form, not what is served

BulkURI = Callable[[str], str]
"""From the path of an attribute, such as ``7FE00010`` or ``00091002/0/00091010``, to an address.

"" for none.
"""


def to_json(ds: DataSet, bulk_uri: BulkURI, *, only: Collection[int] | None = None) -> dict[str, Any]:
    """The data set, or `only` these of its attributes, as a DICOM JSON object.

    Text is UTF-8, so Specific Character Set says ISO_IR 192.
    """
    elements = ds.elements
    if only is not None:
        elements = {tag: elements[tag] for tag in only if tag in elements}
    out = _object(ds, elements, ds.charset, bulk_uri, "")
    out["00080005"] = {"vr": "CS", "Value": ["ISO_IR 192"]}
    return dict(sorted(out.items()))


def _object(
    ds: DataSet, elements: Mapping[int, Element], reading: Charset, bulk_uri: BulkURI, path: str
) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for tag, element in elements.items():
        if tag & 0xFFFF == 0 or tag in NOT_SENT or tag == 0x00080005:
            continue
        key = f"{tag:08X}"
        out[key] = _attribute(ds, element, reading, bulk_uri, path + key)
    return out


def _attribute(
    ds: DataSet, element: Element, reading: Charset, bulk_uri: BulkURI, path: str
) -> dict[str, Any]:
    vr = element.vr
    if element.items is not None:
        items = [
            _object(ds, one, charset_of(ds, one) if 0x00080005 in one else reading, bulk_uri, f"{path}/{n}/")
            for n, one in enumerate(element.items)
        ]
        return {"vr": "SQ", "Value": items} if items else {"vr": "SQ"}
    if element.fragments is not None or element.tag in PIXELS:
        uri = bulk_uri(path)
        return {"vr": vr, "BulkDataURI": uri} if uri else {"vr": vr}
    if not element.length:
        return {"vr": vr}
    if vr in BINARY:
        return _binary(ds, element, bulk_uri, path)
    values = _numbers(ds, element) if vr in NUMBERS or vr == "AT" else _strings(ds, element, reading)
    return {"vr": vr, "Value": values} if any(one is not None for one in values) else {"vr": vr}


def _binary(ds: DataSet, element: Element, bulk_uri: BulkURI, path: str) -> dict[str, Any]:
    if element.length > INLINE_LIMIT:
        uri = bulk_uri(path)
        return {"vr": element.vr, "BulkDataURI": uri} if uri else {"vr": element.vr}
    return {"vr": element.vr, "InlineBinary": base64.b64encode(ds.raw(element)).decode()}


def _numbers(ds: DataSet, element: Element) -> list[Any]:
    order = "<" if ds.encoding.is_little_endian else ">"
    if element.vr == "AT":
        raw = ds.raw(element)
        pairs = struct.iter_unpack(order + "HH", raw[: len(raw) // 4 * 4])
        return [f"{group:04X}{number:04X}" for group, number in pairs]
    kind = NUMBERS[element.vr]
    size = struct.calcsize(order + kind)
    raw = ds.raw(element, 8 * 1024**2)
    values = [one[0] for one in struct.iter_unpack(order + kind, raw[: len(raw) // size * size])]
    if kind in "fd":
        return [_finite(one) for one in values]
    return values


def _finite(value: float) -> Any:
    """JSON has no NaN and no infinity; PS3.18 F.2.3 lets them be written as strings."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "inf" if value > 0 else "-inf"


def _strings(ds: DataSet, element: Element, reading: Charset) -> list[Any]:
    raw = ds.raw(element, 1024**2)
    text = reading.decode(raw)[0] if element.vr in TEXT_VRS else raw.decode("ascii", "replace")
    vr = element.vr
    if vr in LINES or vr == "UR":
        return [harmless(text.rstrip(" \0"), lines=vr in LINES) or None]
    shape = {"PN": _name, "IS": _integer, "DS": _decimal}.get(vr, _plain)
    return [shape(one.strip(" \0")) for one in text.split("\\")]


def _plain(text: str) -> Any:
    return harmless(text) or None


def _name(text: str) -> Any:
    groups = [harmless(part)[:LONGEST].strip() for part in text.split("=", 3)[:3]]
    named = {
        key: group
        for key, group in zip(("Alphabetic", "Ideographic", "Phonetic"), groups, strict=False)
        if group
    }
    return named or None


def _integer(text: str) -> Any:
    if re.fullmatch(r"[+-]?[0-9]{1,15}", text):
        return int(text)
    return harmless(text)[:64] or None


def _decimal(text: str) -> Any:
    if re.fullmatch(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?", text):
        value = float(text)
        if math.isfinite(value):
            return value
    return harmless(text)[:64] or None
