"""A bounded walk over untrusted bytes. Nothing is decoded, copied or allocated by a claimed length.

Every length is checked against what is really there before it is followed; depth and number of elements
have a limit. The result is a frozen index of where each value lies, and text and numbers are read from it
on demand. Works on bytes and on a memory-mapped file alike, so a two-gigabyte object costs no memory.
"""

import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from dokuei.dicom import charset, syntax
from dokuei.dicom.charset import Charset, Remark, harmless
from dokuei.dicom.walk import (
    LONG_VRS,
    SHORT_VRS,
    Buffer,
    Element,
    Malformed,
    NotDicom,
    Note,
    TooLarge,
    Truncated,
    Walk,
)

LONGEST_TEXT = 64 * 1024
INFLATED_FLOOR = 16 * 1024**2
INFLATED_RATIO = 100
INFLATED_CEILING = 512 * 1024**2
TEXT_VRS = {"LO", "LT", "PN", "SH", "ST", "UC", "UT"}
"""VRs that Specific Character Set applies to (PS3.5 6.1.2.3)."""


@dataclass(frozen=True)
class FileMeta:
    """File Meta Information (PS3.10 7.1) as found; empty strings where it says nothing."""

    transfer_syntax: str = ""
    sop_class_uid: str = ""
    sop_instance_uid: str = ""
    data_set_offset: int = 0
    is_present: bool = False


@dataclass(frozen=True)
class DataSet:
    """An index of a data set.

    Offsets count from the beginning of `buffer` (inflated, if it came deflated).
    """

    buffer: Buffer
    transfer_syntax: str
    encoding: syntax.Encoding
    elements: Mapping[int, Element]
    notes: frozenset[Note] = frozenset()
    start: int = 0
    """Where the data set begins in `buffer`."""

    @cached_property
    def charset(self) -> Charset:
        """How this data set's text is read."""
        return charset_of(self, self.elements)

    def raw(self, element: Element, limit: int = LONGEST_TEXT) -> bytes:
        """The bytes of a value, at most `limit` of them."""
        return bytes(self.buffer[element.offset : element.offset + min(element.length, limit)])

    def texts(self, tag: int, *, limit: int = 64) -> tuple[str, ...]:
        """Values of a text or string element, decoded, stripped and made harmless; empty if absent."""
        element = self.elements.get(tag)
        if element is None or element.items is not None or element.fragments is not None:
            return ()
        text = text_of(self, element, self.charset)[0]
        return tuple(harmless(one.strip(" \0")) for one in text.split("\\")[:limit])

    def text(self, tag: int) -> str:
        """The first value of a text element, or an empty string."""
        return next(iter(self.texts(tag, limit=1)), "")

    def number(self, tag: int) -> int | None:
        """The first value of US, SS, UL, SL, or of an integer string; None if absent or not a number."""
        element = self.elements.get(tag)
        if element is None or element.items is not None:
            return None
        kind = {"US": "H", "SS": "h", "UL": "I", "SL": "i"}.get(element.vr)
        if kind:
            order = "<" if self.encoding.is_little_endian else ">"
            size = struct.calcsize(kind)
            raw = self.raw(element, size)
            return int(struct.unpack(order + kind, raw)[0]) if len(raw) == size else None
        text = self.raw(element, 32).split(b"\\")[0].strip(b" \0")
        return int(text) if re.fullmatch(rb"[+-]?[0-9]{1,18}", text) else None

    def decimals(self, tag: int) -> tuple[float, ...]:
        """Values of a decimal string that are finite numbers; empty if any is not."""
        found = []
        for text in self.texts(tag):
            if not re.fullmatch(r"[+-]?[0-9]*\.?[0-9]*([eE][+-]?[0-9]{1,3})?", text) or not text.strip(
                "+-.eE"
            ):
                return ()
            found.append(float(text))
        return tuple(found) if all(abs(one) < 1e300 for one in found) else ()


def text_of(ds: DataSet, element: Element, reading: Charset) -> tuple[str, frozenset[Remark]]:
    """A value as text: by the data set's character sets where they apply, else ASCII."""
    raw = ds.raw(element)
    if element.vr in TEXT_VRS or element.vr == "UN":
        return reading.decode(raw)
    return raw.decode("ascii", "replace"), frozenset()


def charset_of(ds: DataSet, elements: Mapping[int, Element]) -> Charset:
    """Decide how the text of `elements` is read, from its declaration and its values."""
    declared = elements.get(0x00080005)
    terms = ds.raw(declared, 256).decode("ascii", "replace").split("\\") if declared else [""]
    return charset.choose(terms, list(_samples(ds, elements, [200])))


def _samples(ds: DataSet, elements: Mapping[int, Element], left: list[int]) -> Iterator[bytes]:
    for element in elements.values():
        _, vr, offset, length, items, _, _ = element
        if items is not None:
            for item in items:
                if 0x00080005 not in item:
                    yield from _samples(ds, item, left)
        elif vr in TEXT_VRS and length:
            raw = bytes(ds.buffer[offset : offset + min(length, 4096)])
            if not raw.isascii():
                if left[0] <= 0:
                    return
                left[0] -= 1
                yield raw.rstrip(b" \0")


def read_meta(buffer: Buffer) -> FileMeta:
    """Read preamble and file meta of a DICOM file; without them the data set is taken to begin at once.

    (0002,0000) is not believed: group 2 ends where another group begins.
    """
    if len(buffer) < 8:
        raise NotDicom()
    here = 132 if bytes(buffer[128:132]) == b"DICM" else 0
    if here == 132 and len(buffer) == here:
        raise Truncated()
    start, found = here, {}
    while bytes(buffer[here : here + 2]) == b"\x02\x00":
        head = bytes(buffer[here : here + 12])
        if len(head) < 8 or here - start > 64 * 1024:
            raise Truncated()
        vr = head[4:6].decode("latin-1")
        if vr in LONG_VRS:
            if len(head) < 12:
                raise Truncated()
            size, length = 12, int.from_bytes(head[8:12], "little")
        elif vr in SHORT_VRS:
            size, length = 8, int.from_bytes(head[6:8], "little")
        else:  # file meta written implicit, against PS3.10 7.1
            size, length = 8, int.from_bytes(head[4:8], "little")
        if here + size + length > len(buffer):
            raise Truncated()
        element = int.from_bytes(head[2:4], "little")
        found[element] = bytes(buffer[here + size : here + size + min(length, 128)])
        here += size + length
    if here == len(buffer):
        raise Truncated()
    text = {key: value.strip(b" \0").decode("ascii", "replace") for key, value in found.items()}
    return FileMeta(text.get(0x10, ""), text.get(0x02, ""), text.get(0x03, ""), here, bool(found))


def read_data_set(buffer: Buffer, transfer_syntax: str = "", start: int = 0) -> DataSet:
    """Index the data set that begins at `start`; raise `Malformed` or one of its kinds.

    An empty `transfer_syntax` means that none was declared: the encoding is taken from the bytes.
    """
    notes: set[Note] = set()
    if transfer_syntax == syntax.DEFLATED_LE:
        buffer, start = inflate(buffer, start), 0
    encoding = _sniffed(buffer, start, transfer_syntax, notes)
    if not transfer_syntax:
        little = syntax.IMPLICIT_LE if encoding.is_implicit else syntax.EXPLICIT_LE
        transfer_syntax = little if encoding.is_little_endian else syntax.EXPLICIT_BE
        notes.add(Note.NO_FILE_META)
    walk = Walk(buffer, encoding, transfer_syntax in syntax.NATIVE, notes)
    elements = walk.top(start)
    if not elements:
        raise NotDicom()
    if not syntax.is_known(transfer_syntax):
        notes.add(Note.UNKNOWN_SYNTAX)
    return DataSet(buffer, transfer_syntax, encoding, elements, frozenset(notes), start)


def inflate(buffer: Buffer, start: int = 0) -> bytes:
    """The deflated part of a data set (PS3.5 A.5), refused when it grows beyond reason."""
    packed = len(buffer) - start
    limit = min(max(INFLATED_FLOOR, packed * INFLATED_RATIO), INFLATED_CEILING)
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    out = bytearray()
    try:
        for here in range(start, len(buffer), 1 << 20):
            out += engine.decompress(bytes(buffer[here : here + (1 << 20)]), limit + 1 - len(out))
            if len(out) > limit:
                raise TooLarge()
            if engine.eof:
                break
    except zlib.error as error:
        raise Malformed() from error
    if not engine.eof:
        raise Truncated()
    return bytes(out)


def _sniffed(buffer: Buffer, start: int, declared: str, notes: set[Note]) -> syntax.Encoding:
    """The encoding the first element really has; what is declared is believed only if it can be true."""
    head = bytes(buffer[start : start + 8])
    if len(head) < 8:
        raise Truncated() if declared else NotDicom()
    claimed = syntax.encoding_of(declared)
    vr = head[4:6].decode("latin-1")
    is_explicit = vr in LONG_VRS or vr in SHORT_VRS
    group_le, group_be = int.from_bytes(head[:2], "little"), int.from_bytes(head[:2], "big")
    if not declared:
        if min(group_le, group_be) > 0x0010:
            raise NotDicom()
        return syntax.Encoding(not is_explicit, group_le <= group_be or group_be == 0)
    if claimed.is_implicit and is_explicit:
        notes.add(Note.ENCODING_DIFFERS)
        return syntax.Encoding(is_implicit=False)
    if not claimed.is_implicit and not is_explicit and claimed.is_little_endian:
        length = int.from_bytes(head[4:8], "little")
        if length <= len(buffer) - start - 8 and group_le <= 0x0010 and not vr.isalpha():
            notes.add(Note.ENCODING_DIFFERS)
            return syntax.Encoding(is_implicit=True)
    return claimed
