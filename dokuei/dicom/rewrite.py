"""A data set written in another transfer syntax, element by element (PS3.5 7, A.4); its pixels come from the caller.

Values keep their bytes; only what big-endian words, sequences and VRs demand is written anew. What is large and stays
as it is becomes a `Span` of the source, so that nobody holds it in memory. Group lengths are left out.
"""

import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from dokuei.dicom.pixels import EXTENDED_LENGTHS, EXTENDED_OFFSETS, little_endian
from dokuei.dicom.read import DataSet
from dokuei.dicom.walk import (
    ITEM,
    ITEM_END,
    PIXEL_DATA,
    PIXEL_SIGN,
    SEQUENCE_END,
    UNDEFINED,
    Element,
    may_be_signed,
)
from dokuei.dicom.write import WORDS, ZERO_PADDED, head, tagged

LENGTH_TO_END = 0x00080001
LEFT_OUT = {LENGTH_TO_END, EXTENDED_OFFSETS, EXTENDED_LENGTHS}
"""Elements that speak of the old encoding; wrong in any other."""
LARGE = 64 * 1024
LONGEST_TABLE = 0xFFFFFFFF


@dataclass(frozen=True)
class Span:
    """Bytes of the source's buffer, unchanged."""

    offset: int
    length: int


Part = bytes | Span
Changes = Mapping[int, tuple[str, bytes]]
"""Elements with another value than in the source: tag to VR and value, little endian."""
Inner = Callable[[Mapping[int, Element], Element], tuple[Changes, str, bytes]]
"""Decodes encapsulated pixel data inside an item (an icon): what changes beside it, its VR, its native value."""


@dataclass(frozen=True)
class Writer:
    """Writes elements of one source in the encoding of the target, explicit or implicit, always little endian."""

    ds: DataSet
    is_implicit: bool
    inner: Inner
    base: int = 0
    """Where the source's buffer begins in what spans are counted from."""
    changes: Changes = field(default_factory=dict)
    is_signed: bool = False
    """Pixel Representation of the data set or of the item that is being written."""

    def element(self, element: Element) -> Iterator[Part]:
        """One element of the data set itself, or inside an item."""
        changed = self.changes.get(element.tag)
        if changed is not None:
            yield head(element.tag, changed[0], len(changed[1]), is_implicit=self.is_implicit) + changed[1]
        elif element.items is not None:
            yield from self._sequence(element)
        elif element.fragments is not None:
            yield from self._fragments(element, element.fragments)
        else:
            yield from self._value(element)

    def _value(self, element: Element) -> Iterator[Part]:
        offset, length, vr = element.offset, element.length, self._vr(element)
        padding = (b"\0" if vr in ZERO_PADDED else b" ") * (length % 2)
        start = head(element.tag, vr, length + len(padding), is_implicit=self.is_implicit)
        word = self._word(element)
        if length > LARGE and word == 1:
            yield start
            yield Span(self.base + offset, length)
            yield padding
            return
        raw = bytes(self.ds.buffer[offset : offset + length])
        yield start + little_endian(raw, word) + padding

    def _vr(self, element: Element) -> str:
        """Where the source tells no VR and two are possible, Pixel Representation decides, even if it comes later."""
        if not element.is_implicit or element.vr not in {"US", "SS"} or not may_be_signed(element.tag):
            return element.vr
        return "SS" if self.is_signed else "US"

    def _word(self, element: Element) -> int:
        """1 where nothing must be turned round; unknown values are little endian everywhere (PS3.5 6.2.2)."""
        if (
            self.ds.encoding.is_little_endian
            or bytes(self.ds.buffer[element.offset - 8 : element.offset - 6]) == b"UN"
        ):
            return 1
        return WORDS.get(element.vr, 1)

    def _sequence(self, element: Element) -> Iterator[Part]:
        yield head(element.tag, "SQ", UNDEFINED, is_implicit=self.is_implicit)
        for item in element.items or ():
            yield tagged(ITEM, UNDEFINED)
            yield from self._item(item)
            yield tagged(ITEM_END, 0)
        yield tagged(SEQUENCE_END, 0)

    def _item(self, item: Mapping[int, Element]) -> Iterator[Part]:
        pixels = item.get(PIXEL_DATA)
        changes: dict[int, tuple[str, bytes]] = {}
        if pixels is not None and pixels.fragments is not None:
            also, vr, value = self.inner(item, pixels)
            changes = {**also, PIXEL_DATA: (vr, value + b"\0" * (len(value) % 2))}
        is_signed = self.is_signed
        if PIXEL_SIGN in item:
            is_signed = replace(self.ds, elements=item).number(PIXEL_SIGN) == 1
        inside = replace(self, changes=changes, is_signed=is_signed)
        for tag in sorted(item.keys() | changes.keys()):
            if is_kept(tag):
                yield from inside.element(item.get(tag, _absent(tag)))

    def _fragments(self, element: Element, fragments: Sequence[tuple[int, int]]) -> Iterator[Part]:
        """Fragments of something else than pixels, as they are."""
        yield head(element.tag, element.vr, UNDEFINED, is_implicit=self.is_implicit)
        for offset, length in fragments:
            yield tagged(ITEM, length)
            yield Span(self.base + offset, length)
        yield tagged(SEQUENCE_END, 0)


def _absent(tag: int) -> Element:
    """Stands for an element that only the changes have."""
    return Element(tag, "UN", 0, 0)


def is_kept(tag: int) -> bool:
    """Whether an element is written at all."""
    return bool(tag & 0xFFFF) and tag not in LEFT_OUT


def write(sources: Sequence[Writer], pixels: tuple[int, Iterable[Part]] | None = None) -> Iterator[Part]:
    """The elements of all sources by tag, of two of one tag the first; `pixels` (tag and whole element) among them."""
    found: dict[int, tuple[Writer, Element]] = {}
    for source in sources:
        for tag, element in source.ds.elements.items():
            found.setdefault(tag, (source, element))
    for tag in sources[0].changes:
        found.setdefault(tag, (sources[0], _absent(tag)))
    waiting = pixels
    for tag in sorted(found):
        if waiting is not None and tag >= waiting[0]:
            yield from waiting[1]
            waiting = None
        if is_kept(tag) and (pixels is None or tag != pixels[0]):
            writer, element = found[tag]
            yield from writer.element(element)
    if waiting is not None:
        yield from waiting[1]


def joined(parts: Iterable[Part]) -> Iterator[Part]:
    """The same with neighbouring bytes made one."""
    held = bytearray()
    for part in parts:
        if isinstance(part, bytes):
            held += part
            continue
        if held:
            yield bytes(held)
            held = bytearray()
        yield part
    if held:
        yield bytes(held)


def fragments_head(lengths: Sequence[int]) -> bytes:
    """The beginning of encapsulated pixel data, with a Basic Offset Table where it is of use and can be (A.4)."""
    offsets, here = [], 0
    for length in lengths:
        offsets.append(here)
        here += 8 + length + length % 2
    table = struct.pack(f"<{len(offsets)}I", *offsets) if len(lengths) > 1 and here <= LONGEST_TABLE else b""
    return head(PIXEL_DATA, "OB", UNDEFINED, is_implicit=False) + tagged(ITEM, len(table)) + table


def fragment_head(length: int) -> bytes:
    """The beginning of one frame's only fragment; a frame of odd length is followed by a zero."""
    return tagged(ITEM, length + length % 2)


FRAGMENTS_END = struct.pack("<HHI", SEQUENCE_END >> 16, SEQUENCE_END & 0xFFFF, 0)
