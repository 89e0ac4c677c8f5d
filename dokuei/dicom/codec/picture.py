"""From stored pixels to what people see (PS3.3 C.11.1, C.11.2, C.7.6.3.1.2; PS3.4 N.2). In the sandbox only."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import imagecodecs
import numpy as np

from dokuei.dicom.codec import decode
from dokuei.dicom.codec.errors import Undecodable
from dokuei.dicom.codec.form import Form, Pixels


@dataclass(frozen=True)
class Table:
    """A lookup table: entries as 16-bit little endian, the input value of the first, and bits an entry."""

    first: int
    bits: int
    entries: bytes = b""
    count: int = 0
    is_segmented: bool = False

    @cached_property
    def values(self) -> Pixels:
        words = np.frombuffer(self.entries[: len(self.entries) // 2 * 2], "<u2")
        return unsegmented(words.tolist(), self.count) if self.is_segmented else words

    def apply(self, pixels: Pixels) -> Pixels:
        """Values before the first entry take the first, those behind the last the last (PS3.3 C.11.1.1)."""
        if not self.values.size:
            raise Undecodable()
        index = np.clip(np.rint(pixels).astype(np.int64) - self.first, 0, self.values.size - 1)
        return self.values[index]


@dataclass(frozen=True)
class Look:
    """How a frame is shown. `window` is center, width and LINEAR, LINEAR_EXACT or SIGMOID."""

    kind: str = "image/jpeg"
    quality: int = 90
    viewport: tuple[int, int] | None = None
    source: tuple[float, float, float, float] | None = None
    slope: float = 1.0
    intercept: float = 0.0
    window: tuple[float, float, str] | None = None
    is_inverse: bool = False
    """Grey only: low values are white."""
    modality: Table | None = None
    voi: Table | None = None
    palette: tuple[Table, ...] = field(default=())

    @classmethod
    def from_told(cls, told: dict[str, Any], tables: Sequence[bytes]) -> "Look":
        """The look as `told` describes it, its tables' entries in the order modality, VOI, palette."""
        left = list(tables)

        def table(one: dict[str, Any] | None) -> Table | None:
            return Table(entries=left.pop(0), **one) if one else None

        modality, voi = table(told.pop("modality")), table(told.pop("voi"))
        palette = tuple(found for one in told.pop("palette") if (found := table(one)))
        for name in ("viewport", "source", "window"):
            told[name] = tuple(told[name]) if told[name] else None
        return cls(**told, modality=modality, voi=voi, palette=palette)


def unsegmented(words: Sequence[int], count: int) -> Pixels:
    """A table from its segments: discrete, linear, and repeated ones (PS3.3 C.7.9.2).

    >>> unsegmented([0, 2, 5, 7, 1, 3, 10], 5).tolist()
    [5, 7, 8, 9, 10]
    """
    out: list[int] = []
    _expand(words, 0, len(words), out, count, may_repeat=True)
    return np.array(out[:count], "<u2")


def _expand(
    words: Sequence[int], at: int, steps: int, out: list[int], count: int, *, may_repeat: bool
) -> None:
    """Append what `steps` segments from `at` hold, until the table is full."""
    while steps > 0 and at + 2 < len(words) and len(out) < count:
        kind, length = words[at], words[at + 1]
        if kind == 0:
            out.extend(words[at + 2 : at + 2 + length])
            at += 2 + length
        elif kind == 1 and out:
            start, step = out[-1], (words[at + 2] - out[-1]) / max(length, 1)
            out.extend(round(start + step * n) for n in range(1, length + 1))
            at += 3
        elif kind == 2 and may_repeat and at + 3 < len(words):
            _expand(words, words[at + 2] | words[at + 3] << 16, length, out, count, may_repeat=False)
            at += 4
        else:
            raise Undecodable()
        steps -= 1


def draw(frame: bytes, form: Form, look: Look, skip: int = 0) -> bytes:
    """Decode, map to 8 bits, cut and scale, and encode; `skip` if `frame` is a prefix of a packed one."""
    return _encoded(scaled(shown(frame, form, look, skip), look), look)


def shown(frame: bytes, form: Form, look: Look, skip: int = 0) -> Pixels:
    """Decode and map to 8 bits: rows, columns, and red, green and blue where there is colour."""
    decoded = decode.decode_prefix(frame, form, skip) if skip else decode.decode(frame, form)
    pixels = decode.stored_values(decoded, form)
    if form.samples == 1 and form.photometric == "PALETTE COLOR":
        return _palette(pixels, look)
    if form.samples == 1:
        return _grey(pixels, look, is_inverse=look.is_inverse)
    return _colour(pixels, decoded.photometric, form)


def _palette(pixels: Pixels, look: Look) -> Pixels:
    if len(look.palette) != 3:
        raise Undecodable()
    planes = [_eight_bits(one.apply(pixels), one) for one in look.palette]
    return np.stack(planes, axis=-1)


def _eight_bits(values: Pixels, table: Table) -> Pixels:
    """8-bit entries are sometimes declared as 16 bits wide: what is in them decides."""
    is_wide = table.bits > 8 and bool((table.values > 255).any())
    return (values >> 8 if is_wide else values).astype(np.uint8)


def _colour(pixels: Pixels, photometric: str, form: Form) -> Pixels:
    eight = (
        pixels.astype(np.float32) * (255 / ((1 << form.bits_stored) - 1)) if form.bits_stored != 8 else pixels
    )
    if photometric.startswith("YBR_FULL"):
        eight = ybr_to_rgb(eight.astype(np.float32))
    elif photometric == "YBR_PARTIAL_422":
        eight = ybr_to_rgb(
            (eight.astype(np.float32) - (16, 128, 128)) * (255 / 219, 255 / 224, 255 / 224) + (0, 128, 128)
        )
    return np.clip(np.rint(eight), 0, 255).astype(np.uint8)


def ybr_to_rgb(ybr: Pixels) -> Pixels:
    """The inverse of PS3.3 C.7.6.3.1.2, full range."""
    y, cb, cr = ybr[..., 0], ybr[..., 1] - 128, ybr[..., 2] - 128
    return np.stack((y + 1.402 * cr, y - 0.344136 * cb - 0.714136 * cr, y + 1.772 * cb), axis=-1)


def _grey(pixels: Pixels, look: Look, *, is_inverse: bool) -> Pixels:
    values = look.modality.apply(pixels) if look.modality else pixels * look.slope + look.intercept
    if look.voi is not None:
        top = float((1 << look.voi.bits) - 1)
        share = look.voi.apply(values) / max(top, 1.0)
    else:
        center, width, function = look.window or _whole_range(values)
        share = windowed(np.asarray(values, np.float64), center, width, function)
    eight = np.rint(np.clip(np.nan_to_num(share), 0, 1) * 255).astype(np.uint8)
    return 255 - eight if is_inverse else eight


def _whole_range(values: Pixels) -> tuple[float, float, str]:
    """Without any window: from the least to the greatest value there is."""
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    return (low + high) / 2, max(high - low, 1e-9), "LINEAR_EXACT"


def windowed(values: Pixels, center: float, width: float, function: str) -> Pixels:
    """The share of full brightness each value gets (PS3.3 C.11.2.1.2, C.11.2.1.3).

    >>> windowed(np.array([0.0, 49.5, 99.0]), 50, 100, "LINEAR").tolist()
    [0.0, 0.5, 1.0]
    """
    if function == "SIGMOID":
        return 1 / (1 + np.exp(np.clip(-4 * (values - center) / max(width, 1e-9), -700, 700)))
    if function == "LINEAR_EXACT":
        return np.clip((values - center) / max(width, 1e-9) + 0.5, 0, 1)
    if width <= 1:
        return (values > center - 0.5).astype(np.float64)
    return np.clip((values - (center - 0.5)) / (width - 1) + 0.5, 0, 1)


def scaled(shown: Pixels, look: Look) -> Pixels:
    """The wanted part of the picture, as large as it fits the viewport, its shape kept (PS3.18 8.3.5.1.3)."""
    if look.source:
        left, top, width, height = look.source
        shown = shown[_part(top, height, shown.shape[0]), _part(left, width, shown.shape[1])]
        shown = shown[:, ::-1] if width < 0 else shown
        shown = shown[::-1] if height < 0 else shown
    if not shown.size:
        raise Undecodable()
    if look.viewport is None:
        return shown
    width, height = look.viewport
    factor = min(width / shown.shape[1], height / shown.shape[0])
    rows, columns = (max(round(one * factor), 1) for one in shown.shape[:2])
    return resized(resized(shown, rows, 0), columns, 1)


def _part(start: float, length: float, limit: int) -> slice:
    low = min(max(int(start), 0), limit)
    return slice(low, min(max(int(start + abs(length)), low), limit))


def resized(shown: Pixels, size: int, axis: int) -> Pixels:
    """One axis to another size: the mean of what a new pixel covers, or linear in between when it grows."""
    old = shown.shape[axis]
    if size == old:
        return shown
    lines = np.moveaxis(shown, axis, 0).astype(np.float32)
    if size < old:
        edges = np.arange(size + 1) * old // size
        sums = np.add.reduceat(lines, edges[:-1], axis=0)
        out = sums / np.diff(edges).reshape(-1, *[1] * (lines.ndim - 1))
    else:
        at = np.clip((np.arange(size) + 0.5) * old / size - 0.5, 0, old - 1)
        low = at.astype(np.int64)
        high = np.minimum(low + 1, old - 1)
        share = (at - low).reshape(-1, *[1] * (lines.ndim - 1)).astype(np.float32)
        out = lines[low] * (1 - share) + lines[high] * share
    return np.moveaxis(np.rint(out).astype(np.uint8), 0, axis)


def _encoded(shown: Pixels, look: Look) -> bytes:
    shown = np.ascontiguousarray(shown)
    if look.kind == "image/png":
        return bytes(imagecodecs.png_encode(shown, level=4))
    if max(shown.shape[:2]) > 65500:
        raise Undecodable()
    return bytes(imagecodecs.jpeg8_encode(shown, level=look.quality))
