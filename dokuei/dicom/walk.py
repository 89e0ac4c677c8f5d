"""The walk over a data set's elements.

Every length checked before it is followed, depth and number limited.
"""

import mmap
import struct
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from pydicom.datadict import dictionary_VR

from dokuei.base.errors import Invalid
from dokuei.dicom import syntax

Buffer = bytes | memoryview | mmap.mmap

DEEPEST = 64
MOST_ELEMENTS = 2_000_000
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

PIXEL_SIGN = 0x00280103
SHORT_CODES = {vr.encode(): vr for vr in SHORT_VRS}


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


_element_of = tuple.__new__


def element_start(element: Element) -> int:
    """Where the element's tag is, before its VR, length and value."""
    return element.offset - (8 if element.is_implicit or element.vr in SHORT_VRS else 12)


class Walk:
    """One pass over the elements, counting them and minding the ends."""

    def __init__(self, buffer: Buffer, encoding: syntax.Encoding, is_native: bool, notes: set[Note]) -> None:
        self.buffer = buffer
        self.is_native = is_native
        self.notes = notes
        self.is_implicit = encoding.is_implicit
        order = "<" if encoding.is_little_endian else ">"
        self.is_little_endian = encoding.is_little_endian
        self.quick_at = struct.Struct(order + "I2sH").unpack_from
        self.head_at = struct.Struct(order + "HH2sH").unpack_from
        self.tag_at = struct.Struct(order + "HH").unpack_from
        self.short_at = struct.Struct(order + "H").unpack_from
        self.long_at = struct.Struct(order + "I").unpack_from
        self.left = MOST_ELEMENTS
        self.is_signed = False

    def top(self, start: int) -> dict[int, Element]:
        """The elements of the data set itself; the common ones are read here, without a call for each."""
        found: dict[int, Element] = {}
        buffer, quick_at, is_little = self.buffer, self.quick_at, self.is_little_endian
        codes = {} if self.is_implicit else SHORT_CODES
        here, end, last = start, len(buffer), -1
        last_head = end - 8
        while here < end:
            tag, code, length = quick_at(buffer, here) if here <= last_head else (0, b"", 0)
            if not tag:
                self._only_zeros(here)
                self.notes.add(Note.TRAILING_ZEROS)
                break
            if is_little:
                tag = (tag & 0xFFFF) << 16 | tag >> 16
            if (
                code in codes
                and here + length <= last_head
                and tag < 0xFFFE0000
                and tag != PIXEL_SIGN
                and self.left > 0
            ):
                self.left -= 1
                element = _element_of(Element, (tag, codes[code], here + 8, length, None, None, False))
                here += 8 + length
            else:
                element, here = self._element(here, end, 0, self.is_implicit)
            if tag <= last:
                self.notes.add(Note.OUT_OF_ORDER)
                found.setdefault(tag, element)
            else:
                last = tag
                found[tag] = element
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
        group, number, code, length = self.head_at(self.buffer, here)
        tag = group << 16 | number
        if group == 0xFFFE:
            raise Malformed()
        if is_implicit:
            vr, size, length = self._known_vr(tag), 8, self.long_at(self.buffer, here + 4)[0]
        elif (short := SHORT_CODES.get(code)) is not None:
            vr, size = short, 8
        else:
            vr, size, length = self._explicit(here, end, tag)
        offset = here + size
        if tag == PIXEL_SIGN and length == 2 and offset + 2 <= end:
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


@lru_cache(1024)
def may_be_signed(tag: int) -> bool:
    """Whether the dictionary leaves it to Pixel Representation if a number has a sign ("US or SS")."""
    try:
        return not tag >> 16 & 1 and dictionary_VR(tag).startswith("US or SS")
    except KeyError:
        return False
