"""Rendered images and thumbnails (PS3.18 10.4.1.1.3, 10.4.1.1.4, 8.3.5): drawn in the sandbox, as JPEG or PNG.

A study or series is shown by its middle image, a multi-frame instance by its middle frame. `annotation` is ignored:
nothing is burned in, so a rendered image never carries a patient's name. Pages of an encapsulated PDF are its frames.
"""

import hashlib
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dokuei.base.errors import Invalid
from dokuei.dicom.codec import pages, sandbox
from dokuei.dicom.codec.form import form_of
from dokuei.dicom.codec.htj2k import resolutions, size_at
from dokuei.imaging.dicomweb import accept, access
from dokuei.imaging.dicomweb.access import Packed, Placed, View
from dokuei.imaging.dicomweb.answer import Answer
from dokuei.imaging.dicomweb.look import look_of
from dokuei.imaging.dicomweb.media import NotAcceptable
from dokuei.imaging.errors import FrameMissing
from dokuei.imaging.frames import frame_of
from dokuei.imaging.headers import read_header
from dokuei.kit import store

KINDS = ("image/jpeg", "image/png")
THUMBNAIL = (128, 128)
LARGEST_VIEWPORT = 8192
ENCAPSULATED_PDF = "1.2.840.10008.5.1.4.1.1.104.1"
ENCAPSULATED_DOCUMENT = 0x00420011
FUNCTIONS = {"linear": "LINEAR", "linear-exact": "LINEAR_EXACT", "sigmoid": "SIGMOID"}


@dataclass(frozen=True)
class Wish:
    """How a rendered image is wanted."""

    kind: str
    quality: int
    viewport: tuple[int, int] | None
    source: tuple[float, float, float, float] | None
    window: tuple[float, float, str] | None


def parse(params: Mapping[str, str], accept_header: str, *, is_thumbnail: bool) -> Wish:
    """The parameters of PS3.18 8.3.5.1; `Invalid` if one makes no sense."""
    try:
        viewport, source = _viewport(params.get("viewport", ""))
        return Wish(
            kind=_kind(params.get("accept") or accept_header),
            quality=_quality(params.get("quality", "90")),
            viewport=viewport or (THUMBNAIL if is_thumbnail else None),
            source=source,
            window=_window(params.get("window", "")),
        )
    except (ValueError, KeyError) as error:
        raise Invalid(code="rendered.parameter") from error


def _kind(header: str) -> str:
    for one in accept.parse(header):
        for kind in KINDS:
            if one.kind in {kind, "image/*", "*/*"}:
                return kind
    raise NotAcceptable()


def _quality(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 100:
        raise ValueError(text)
    return value


def _viewport(text: str) -> tuple[tuple[int, int] | None, tuple[float, float, float, float] | None]:
    if not text:
        return None, None
    parts = [_finite(one or "0") for one in text.split(",")]
    if len(parts) not in {2, 6} or not all(1 <= one <= LARGEST_VIEWPORT for one in parts[:2]):
        raise ValueError(text)
    size = (int(parts[0]), int(parts[1]))
    return size, (parts[2], parts[3], parts[4], parts[5]) if len(parts) == 6 else None


def _window(text: str) -> tuple[float, float, str] | None:
    if not text:
        return None
    center, width, *function = text.split(",")
    if len(function) > 1 or _finite(width) <= 0:
        raise ValueError(text)
    name = FUNCTIONS[function[0].strip().lower().replace("_", "-")] if function else "LINEAR"
    return _finite(center), _finite(width), name


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value) or abs(value) > 1e12:
        raise ValueError(text)
    return value


def rendered(view: View, uids: Sequence[str], number: int | None, wish: Wish) -> Answer:
    """The picture of a study, series, instance or frame. Blocking."""
    instance = representative(view, *uids)
    if instance.sop_class_uid == ENCAPSULATED_PDF:
        return _page(instance, number or 1, wish)
    if number is None:
        number = (instance.frames + 1) // 2
    if not 1 <= number <= instance.frames:
        raise FrameMissing()
    packed = access.packed(view, instance)
    tag = hashlib.sha256(repr((instance.sha256, number, wish)).encode()).hexdigest()[:32]
    picture = _draw(view, instance, packed, number, wish)
    headers = ((b"etag", f'"{tag}"'.encode()), (b"vary", b"accept"))
    return Answer(200, wish.kind, (picture,), headers)


def _page(instance: Placed, number: int, wish: Wish) -> Answer:
    """A page of an encapsulated PDF: only its picture leaves the house, never the document with what may act in it."""
    ds = read_header(instance)
    element = ds.elements.get(ENCAPSULATED_DOCUMENT)
    if element is None or wish.kind != "image/png":
        raise FrameMissing()
    page = pages.draw_page(ds.raw(element, element.length), number)
    if not page.png:
        raise FrameMissing()
    tag = hashlib.sha256(f"{instance.sha256} page {number}".encode()).hexdigest()[:32]
    headers = (
        (b"etag", f'"{tag}"'.encode()),
        (b"vary", b"accept"),
        (b"dokuei-pages", str(page.pages).encode()),
    )
    return Answer(200, wish.kind, (page.png,), headers)


def representative(view: View, series_uid: str, sop_uid: str) -> Placed:
    """The instance that stands for what the path names: in the middle of the largest series with pictures."""
    if sop_uid:
        return access.instance_of(view, series_uid, sop_uid)
    found = [one for one in access.load_index(view).by_uid.values() if one.frames]
    if not series_uid and found:
        ((series_uid, _),) = Counter(one.series_instance_uid for one in found).most_common(1)
    shown = [one for one in found if one.series_instance_uid == series_uid]
    if not shown:
        raise FrameMissing()
    return shown[len(shown) // 2]


def _draw(view: View, instance: Placed, packed: Packed | None, number: int, wish: Wish) -> bytes:
    ds = read_header(instance)
    form = form_of(ds)
    told, tables = look_of(ds, number)
    look: dict[str, Any] = {**told, "kind": wish.kind, "quality": wish.quality}
    look |= {"viewport": wish.viewport, "source": wish.source}
    if wish.window:
        kept = [one for name in ("modality", "voi", "palette") for one in _tables(told, name)]
        tables = [data for data, name in zip(tables, kept, strict=True) if name != "voi"]
        look |= {"window": wish.window, "voi": None}
    skip = _skip(form.rows, form.columns, wish) if packed else 0
    if packed is not None and skip:
        offset, *ends = packed.frames[number - 1]
        frame = store.default().get_range(packed.key, offset, ends[-1 - skip])
    else:
        ranges = access.frame_ranges(view, instance) if not instance.frame_bits else ()
        frame = frame_of(instance, ranges, number)
    asked = {"form": form.as_dict(), "look": look, "skip": skip}
    return sandbox.default().run("to_picture", asked, [frame, *tables]).data


def _tables(told: Mapping[str, Any], name: str) -> list[str]:
    """A name for each table of this kind, in the order their entries travel."""
    one = told[name]
    return [name] * (len(one) if isinstance(one, list) else bool(one))


def _skip(rows: int, columns: int, wish: Wish) -> int:
    """How many resolutions of a packed frame are more than the viewport shows."""
    if wish.viewport is None or wish.source is not None:
        return 0
    factor = min(wish.viewport[0] / columns, wish.viewport[1] / rows)
    levels = resolutions(rows, columns)
    for resolution in range(levels):
        if max(size_at(rows, columns, resolution)) >= max(rows, columns) * factor:
            return levels - resolution
    return 0
