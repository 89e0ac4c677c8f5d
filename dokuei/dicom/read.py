"""A bounded walk over untrusted bytes. Nothing is decoded, copied or allocated by a claimed length.

Every length is checked against what is really there before it is followed; depth and number of elements
have a limit. The result is a frozen index of where each value lies, and text and numbers are read from it
on demand. Works on bytes and on a memory-mapped file alike, so a two-gigabyte object costs no memory.
"""

import mmap
import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import NamedTuple

from pydicom.datadict import dictionary_VR

from dokuei.base.errors import Invalid
from dokuei.dicom import charset, syntax
from dokuei.dicom.charset import Charset, Remark, harmless

Buffer = bytes | mmap.mmap

DEEPEST = 64
MOST_ELEMENTS = 2_000_000
LONGEST_TEXT = 64 * 1024
INFLATED_FLOOR = 16 * 1024**2
INFLATED_RATIO = 100
INFLATED_CEILING = 512 * 1024**2
UNDEFINED = 0xFFFFFFFF

ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
PIXEL_DATA, FLOAT_PIXELS, DOUBLE_PIXELS = 0x7FE00010, 0x7FE00008, 0x7FE00009
PIXELS = {PIXEL_DATA, FLOAT_PIXELS, DOUBLE_PIXELS}
LONG_VRS = {"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"}
SHORT_VRS = {
    "AE",
    "AS",
    "AT",
    "CS",
    "DA",
    "DS",
    "DT",
    "FL",
    "FD",
    "IS",
    "LO",
    "LT",
    "PN",
    "SH",
    "SL",
    "SS",
    "ST",
    "TM",
    "UI",
    "UL",
    "US",
}
TEXT_VRS = {"LO", "LT", "PN", "SH", "ST", "UC", "UT"}
"""VRs that Specific Character Set applies to (PS3.5 6.1.2.3)."""


class Malformed(Invalid):
    """DICOMとして読み取れないデータです。送信元で正しく保存されているか確認してください。"""

    code = "dicom.malformed"


class Truncated(Malformed):
    """データが途中で切れています。送信元からもう一度送信してください。"""

    code = "dicom.truncated"


class TooComplex(Malformed):
    """データの構造が許容範囲を超えているため受け付けられません。"""

    code = "dicom.too_complex"


class TooLarge(Malformed):
    """データが大きすぎるため受け付けられません。"""

    code = "dicom.too_large"


class NotDicom(Malformed):
    """DICOMファイルではありません。"""

    code = "dicom.not_dicom"


class Note(StrEnum):
    """What was tolerated in a data set; the value is a permanent code, `sentence` what people read."""

    sentence: str

    def __new__(cls, code: str, sentence: str) -> "Note":
        member = str.__new__(cls, code)
        member._value_ = code
        member.sentence = sentence
        return member

    NO_FILE_META = "dicom.no_file_meta", "ファイルメタ情報がないため形式を推定しました"
    ENCODING_DIFFERS = "dicom.encoding_differs", "転送構文の宣言と実際の形式が異なります"
    OUT_OF_ORDER = "dicom.out_of_order", "データ要素の順序または重複が規格と異なります（先頭の値を使用）"
    TRAILING_ZEROS = "dicom.trailing_zeros", "データの末尾に余分な0があります"
    UNKNOWN_VR = "dicom.unknown_vr", "未知の値表現（VR）があります"
    META_DIFFERS = "dicom.meta_differs", "ファイルメタ情報のUIDがデータと異なります（データの値を使用）"
    ODD_UID = "dicom.odd_uid", "UIDに規格外の0が含まれています"
    UNKNOWN_SYNTAX = "dicom.unknown_syntax", "未知の転送構文のため表示できません"
    NO_FRAMES = "dicom.no_frames", "画素データを表示できません"
    SHORT_PIXELS = "dicom.short_pixels", "画素データが宣言より短いため表示できません"
    OFFSETS_IGNORED = "dicom.offsets_ignored", "フレーム位置の表が不正なため使用しませんでした"
    NAME_TRUNCATED = "dicom.name_truncated", "長すぎる氏名を切り詰めて表示します"
    BAD_DATE = "dicom.bad_date", "日付または時刻が不正です"
    NO_PATIENT_ID = "dicom.no_patient_id", "患者IDがありません"


class Element(NamedTuple):
    """Where one value lies. `items` is set for sequences, `fragments` for encapsulated pixel data."""

    tag: int
    vr: str
    offset: int
    length: int
    items: "tuple[Mapping[int, Element], ...] | None" = None
    fragments: tuple[tuple[int, int], ...] | None = None
    is_implicit: bool = False


def element_start(element: Element) -> int:
    """Where the element's tag is, before its VR, length and value."""
    return element.offset - (8 if element.is_implicit or element.vr in SHORT_VRS else 12)


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
        if left[0] <= 0:
            return
        if element.items is not None:
            for item in element.items:
                if 0x00080005 not in item:
                    yield from _samples(ds, item, left)
        elif element.vr in TEXT_VRS and element.length:
            raw = ds.raw(element, 4096)
            if not raw.isascii():
                left[0] -= 1
                yield raw[: element.length].rstrip(b" \0")


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
    walk = _Walk(buffer, encoding, transfer_syntax in syntax.NATIVE, notes)
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


class _Walk:
    """One pass over the elements, counting them and minding the ends."""

    def __init__(self, buffer: Buffer, encoding: syntax.Encoding, is_native: bool, notes: set[Note]) -> None:
        self.buffer = buffer
        self.is_native = is_native
        self.notes = notes
        self.is_implicit = encoding.is_implicit
        order = "<" if encoding.is_little_endian else ">"
        self.tag_at = struct.Struct(order + "HH").unpack_from
        self.short_at = struct.Struct(order + "H").unpack_from
        self.long_at = struct.Struct(order + "I").unpack_from
        self.left = MOST_ELEMENTS
        self.is_signed = False

    def top(self, start: int) -> dict[int, Element]:
        found: dict[int, Element] = {}
        here, end, last = start, len(self.buffer), -1
        while here < end:
            if end - here < 8 or self.tag_at(self.buffer, here) == (0, 0):
                self._only_zeros(here)
                self.notes.add(Note.TRAILING_ZEROS)
                break
            element, here = self._element(here, end, 0, self.is_implicit)
            if element.tag <= last:
                self.notes.add(Note.OUT_OF_ORDER)
            else:
                last = element.tag
            found.setdefault(element.tag, element)
        return found

    def _only_zeros(self, here: int) -> None:
        end = len(self.buffer)
        for at in range(here, end, 1 << 20):
            if bytes(self.buffer[at : min(end, at + (1 << 20))]).strip(b"\0"):
                raise Malformed()

    def _element(self, here: int, end: int, depth: int, is_implicit: bool) -> tuple[Element, int]:
        self.left -= 1
        if self.left < 0 or depth > DEEPEST:
            raise TooComplex()
        if end - here < 8:
            raise Truncated()
        group, number = self.tag_at(self.buffer, here)
        tag = group << 16 | number
        if group == 0xFFFE:
            raise Malformed()
        if is_implicit:
            vr, size, length = self._known_vr(tag), 8, self.long_at(self.buffer, here + 4)[0]
        else:
            vr, size, length = self._explicit(here, end, tag)
        offset = here + size
        if tag == 0x00280103 and length == 2 and offset + 2 <= end:
            self.is_signed = self.short_at(self.buffer, offset)[0] == 1
        if length == UNDEFINED:
            return self._undefined((tag, vr, offset), end, depth, is_implicit)
        if length > end - offset:
            raise Truncated()
        if vr == "SQ":
            items = self._items(offset, offset + length, depth + 1, is_implicit)
            return Element(tag, vr, offset, length, items, None, is_implicit), offset + length
        return Element(tag, vr, offset, length, None, None, is_implicit), offset + length

    def _explicit(self, here: int, end: int, tag: int) -> tuple[str, int, int]:
        vr = bytes(self.buffer[here + 4 : here + 6]).decode("latin-1")
        if vr in SHORT_VRS:
            return vr, 8, self.short_at(self.buffer, here + 6)[0]
        if vr not in LONG_VRS:
            if not (vr.isascii() and vr.isalpha() and vr.isupper()):
                raise Malformed()
            self.notes.add(Note.UNKNOWN_VR)
            if bytes(self.buffer[here + 6 : here + 8]) != b"\0\0":
                return "UN", 8, self.short_at(self.buffer, here + 6)[0]
            vr = "UN"
        if end - here < 12:
            raise Truncated()
        length = self.long_at(self.buffer, here + 8)[0]
        if vr == "UN" and length != UNDEFINED:
            known = self._known_vr(tag)
            vr = vr if known in {"SQ", "UN"} or tag in PIXELS else known
        return vr, 12, length

    def _undefined(
        self, head: tuple[int, str, int], end: int, depth: int, is_implicit: bool
    ) -> tuple[Element, int]:
        tag, vr, offset = head
        if tag in PIXELS or vr in {"OB", "OW"}:
            if self.is_native and depth == 0:
                raise Malformed(code="dicom.native_undefined_length")
            fragments, after = self._fragments(offset, end)
            return Element(tag, vr, offset, after - offset - 8, None, fragments, is_implicit), after
        if vr not in {"SQ", "UN"}:
            raise Malformed()
        implicit_inside = is_implicit or vr == "UN"  # PS3.5 6.2.2 Note 4
        items, after = self._open_items(offset, end, depth + 1, implicit_inside)
        return Element(tag, "SQ", offset, after - offset - 8, items, None, implicit_inside), after

    def _items(self, here: int, end: int, depth: int, is_implicit: bool) -> tuple[Mapping[int, Element], ...]:
        found = []
        while here < end:
            item, here, is_end = self._item(here, end, depth, is_implicit)
            if is_end:
                break
            found.append(item)
        return tuple(found)

    def _open_items(
        self, here: int, end: int, depth: int, is_implicit: bool
    ) -> tuple[tuple[Mapping[int, Element], ...], int]:
        found: list[Mapping[int, Element]] = []
        while True:
            item, here, is_end = self._item(here, end, depth, is_implicit)
            if is_end:
                return tuple(found), here
            found.append(item)

    def _item(
        self, here: int, end: int, depth: int, is_implicit: bool
    ) -> tuple[dict[int, Element], int, bool]:
        self.left -= 1
        if self.left < 0 or depth > DEEPEST:
            raise TooComplex()
        if end - here < 8:
            raise Truncated()
        group, number = self.tag_at(self.buffer, here)
        length = self.long_at(self.buffer, here + 4)[0]
        here += 8
        tag = group << 16 | number
        if tag == SEQUENCE_END:
            return {}, here, True
        if tag != ITEM:
            raise Malformed()
        if length != UNDEFINED:
            if length > end - here:
                raise Malformed()
            end = here + length
        found: dict[int, Element] = {}
        while here < end:
            if length == UNDEFINED and end - here >= 8 and self.tag_at(self.buffer, here) == (0xFFFE, 0xE00D):
                return found, here + 8, False
            element, here = self._element(here, end, depth, is_implicit)
            found.setdefault(element.tag, element)
        if length == UNDEFINED:
            raise Truncated()
        return found, here, False

    def _fragments(self, here: int, end: int) -> tuple[tuple[tuple[int, int], ...], int]:
        """Offsets and lengths of the items of encapsulated pixel data, the offset table first (PS3.5 A.4)."""
        found: list[tuple[int, int]] = []
        while True:
            self.left -= 1
            if self.left < 0:
                raise TooComplex()
            if end - here < 8:
                raise Truncated()
            group, number = self.tag_at(self.buffer, here)
            length = self.long_at(self.buffer, here + 4)[0]
            here += 8
            if (group, number) == (0xFFFE, 0xE0DD):
                return tuple(found), here
            if (group, number) != (0xFFFE, 0xE000):
                raise Malformed()
            if length > end - here:
                raise Truncated()
            found.append((here, length))
            here += length

    def _known_vr(self, tag: int) -> str:
        vr = known_vr(tag)
        if " " not in vr:
            return vr
        if vr.startswith("US or SS"):
            return "SS" if self.is_signed else "US"
        return "OW"


@lru_cache(8192)
def known_vr(tag: int) -> str:
    """The dictionary's VR of a tag.

    UN for private and unknown ones, LO for private creators, UL for group lengths.
    """
    group, number = tag >> 16, tag & 0xFFFF
    if number == 0:
        return "UL"
    if group & 1:
        return "LO" if 0x10 <= number <= 0xFF else "UN"
    try:
        return dictionary_VR(tag)
    except KeyError:
        return "UN"
