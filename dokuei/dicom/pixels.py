"""Where each frame lies, found without decoding a pixel.

All sizes are Python integers; nothing is allocated by them.
"""

import itertools
import struct
from dataclasses import dataclass, replace

from dokuei.dicom.read import DataSet
from dokuei.dicom.walk import DOUBLE_PIXELS, FLOAT_PIXELS, PIXEL_DATA, Element, Note

Range = tuple[int, int]
EXTENDED_OFFSETS, EXTENDED_LENGTHS = 0x7FE00001, 0x7FE00002
END_OF_CODESTREAM = b"\xff\xd9"
MOST_FRAMES = 1_000_000


@dataclass(frozen=True)
class FramePlan:
    """How to cut the pixel data into frames.

    Native: frame n (from 1) is `frame_bits` bits at bit ``(n - 1) * frame_bits`` from `offset`.
    Encapsulated: `ranges` holds for each frame the (offset, length) of its fragments. `frames` is 0 when no
    frame can be served; `notes` say why.
    """

    frames: int = 0
    offset: int = 0
    length: int = 0
    frame_bits: int = 0
    word_bytes: int = 1
    ranges: tuple[tuple[Range, ...], ...] = ()
    notes: frozenset[Note] = frozenset()

    def counted_from(self, start: int) -> "FramePlan":
        """The same plan with offsets counted from `start`."""
        ranges = tuple(tuple((offset - start, length) for offset, length in one) for one in self.ranges)
        return replace(self, offset=self.offset - start if self.frames else 0, ranges=ranges)

    @property
    def is_encapsulated(self) -> bool:
        return self.frame_bits == 0


def plan_frames(ds: DataSet) -> FramePlan | None:
    """The frames of a data set, or None if it has no pixel data at all."""
    for tag in (PIXEL_DATA, FLOAT_PIXELS, DOUBLE_PIXELS):
        if (element := ds.elements.get(tag)) is not None:
            return _encapsulated(ds, element) if element.fragments is not None else _native(ds, element)
    return None


def number_of_frames(ds: DataSet) -> int:
    """Number of Frames (0028,0008), 1 if absent or nonsense."""
    claimed = ds.number(0x00280008)
    return claimed if claimed is not None and claimed > 0 else 1


def frame_bits(ds: DataSet, tag: int = PIXEL_DATA) -> int:
    """Bits of one native frame by what the data set claims; 0 if the claim makes no sense (PS3.5 8.1.1)."""
    rows, columns = ds.number(0x00280010) or 0, ds.number(0x00280011) or 0
    samples = ds.number(0x00280002) or 0
    bits = {FLOAT_PIXELS: 32, DOUBLE_PIXELS: 64}.get(tag, ds.number(0x00280100) or 0)
    if bits not in {1, 8, 16, 32, 64} or samples not in {1, 3, 4}:
        return 0
    total = rows * columns * samples * bits
    photometric = ds.text(0x00280004)
    if photometric in {"YBR_FULL_422", "YBR_PARTIAL_422"}:
        total = total * 2 // 3
    elif photometric == "YBR_PARTIAL_420":
        total = total // 2
    return total


def _native(ds: DataSet, element: Element) -> FramePlan:
    from dokuei.dicom import syntax

    bits = frame_bits(ds, element.tag)
    frames = number_of_frames(ds)
    if not bits or ds.transfer_syntax not in syntax.NATIVE:
        return FramePlan(notes=frozenset({Note.NO_FRAMES}))
    if frames > MOST_FRAMES or (frames * bits + 7) // 8 > element.length:
        return FramePlan(notes=frozenset({Note.SHORT_PIXELS}))
    allocated = max(
        1, {FLOAT_PIXELS: 32, DOUBLE_PIXELS: 64}.get(element.tag, ds.number(0x00280100) or 8) // 8
    )
    word = 1
    if not ds.encoding.is_little_endian:
        word = max(allocated, 2) if element.vr == "OW" else allocated
    return FramePlan(frames, element.offset, element.length, bits, word)


def _encapsulated(ds: DataSet, element: Element) -> FramePlan:
    from dokuei.dicom import syntax

    notes: set[Note] = set()
    frames = number_of_frames(ds)
    fragments = (element.fragments or ())[1:]
    if not fragments or frames > MOST_FRAMES or ds.transfer_syntax in syntax.NATIVE:
        return FramePlan(notes=frozenset({Note.NO_FRAMES}))
    table = (element.fragments or ())[0]
    ranges = _by_table(ds, table, fragments, frames, notes)
    if ranges is None:
        ranges = _by_shape(ds, fragments, frames)
    if ranges is None:
        return FramePlan(notes=frozenset({*notes, Note.NO_FRAMES}))
    ranges = _true_lengths(ds, ranges)
    return FramePlan(len(ranges), element.offset, element.length, 0, 1, ranges, frozenset(notes))


def _by_table(
    ds: DataSet, table: Range, fragments: tuple[Range, ...], frames: int, notes: set[Note]
) -> tuple[tuple[Range, ...], ...] | None:
    """Frames by the basic or extended offset table, if every entry points at the start of a fragment."""
    offsets = _offsets(ds, EXTENDED_OFFSETS, "Q") or _basic_offsets(ds, table)
    if not offsets:
        return None
    first = fragments[0][0] - 8
    where = {fragment[0] - 8 - first: number for number, fragment in enumerate(fragments)}
    if len(offsets) != frames or any(one not in where for one in offsets) or offsets[0] != 0:
        notes.add(Note.OFFSETS_IGNORED)
        return None
    starts = [where[one] for one in offsets]
    if any(later <= earlier for earlier, later in itertools.pairwise(starts)):
        notes.add(Note.OFFSETS_IGNORED)
        return None
    ends = [*starts[1:], len(fragments)]
    return tuple(fragments[start:end] for start, end in zip(starts, ends, strict=True))


def _by_shape(ds: DataSet, fragments: tuple[Range, ...], frames: int) -> tuple[tuple[Range, ...], ...] | None:
    """Frames without a table: all fragments are one frame, or each is one, or codestreams end with FFD9."""
    from dokuei.dicom import syntax

    if frames == 1 or ds.transfer_syntax in syntax.VIDEO:
        return (fragments,)
    if len(fragments) == frames:
        return tuple((one,) for one in fragments)
    found: list[tuple[Range, ...]] = []
    open_frame: list[Range] = []
    for offset, length in fragments:
        open_frame.append((offset, length))
        tail = bytes(ds.buffer[max(offset, offset + length - 10) : offset + length])
        if END_OF_CODESTREAM in tail:
            found.append(tuple(open_frame))
            open_frame = []
    return tuple(found) if len(found) == frames and not open_frame else None


def _true_lengths(ds: DataSet, ranges: tuple[tuple[Range, ...], ...]) -> tuple[tuple[Range, ...], ...]:
    """Frame lengths without the padding byte, where Extended Offset Table Lengths (7FE0,0002) give them."""
    lengths = _offsets(ds, EXTENDED_LENGTHS, "Q")
    if len(lengths) != len(ranges):
        return ranges
    cut = []
    for parts, length in zip(ranges, lengths, strict=True):
        held = sum(part[1] for part in parts)
        if len(parts) != 1 or not held - 1 <= length <= held:
            return ranges
        cut.append(((parts[0][0], length),))
    return tuple(cut)


def _basic_offsets(ds: DataSet, table: Range) -> list[int]:
    offset, length = table
    if length % 4 or length > MOST_FRAMES * 4:
        return [-1] if length else []
    raw = bytes(ds.buffer[offset : offset + length])
    return list(struct.unpack(f"<{length // 4}I", raw))


def _offsets(ds: DataSet, tag: int, kind: str) -> list[int]:
    element = ds.elements.get(tag)
    size = struct.calcsize(kind)
    if element is None or element.length % size or not 0 < element.length <= MOST_FRAMES * size:
        return []
    return list(struct.unpack(f"<{element.length // size}{kind}", ds.raw(element, element.length)))


def little_endian(frame: bytes, word_bytes: int) -> bytes:
    """Big-endian pixel words as little endian.

    >>> little_endian(b"\\x01\\x02\\x03\\x04", 2)
    b'\\x02\\x01\\x04\\x03'
    """
    if word_bytes == 1:
        return frame
    whole = len(frame) // word_bytes * word_bytes
    out = bytearray(frame)
    for place in range(word_bytes):
        out[place:whole:word_bytes] = frame[word_bytes - 1 - place : whole : word_bytes]
    return bytes(out)


def cut_bits(data: bytes, first_bit: int, bits: int) -> bytes:
    """`bits` bits from `first_bit` of `data`, low bit first (PS3.5 8.1.1), for 1-bit frames that share bytes.

    >>> cut_bits(b"\\xf0\\x0f", 4, 8)
    b'\\xff'
    """
    value = int.from_bytes(data, "little") >> first_bit & ((1 << bits) - 1)
    return value.to_bytes((bits + 7) // 8, "little")
