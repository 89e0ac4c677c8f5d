"""Where the bytes of an instance's frames lie in the store, and reading them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from dokuei.dicom import pixels, syntax
from dokuei.dicom.codec.form import Form, form_of
from dokuei.imaging.headers import Place, inflated, read_header
from dokuei.imaging.spool import Spooled
from dokuei.kit import store

CHUNK = 1 << 20
Read = Callable[[int, int], bytes]
"""Bytes of an (inflated) data set, by offset and length."""
Ranges = Sequence[Sequence[Sequence[int]]]


class Located(Place, Protocol):
    """Where an instance and its frames lie: a row of `Instance`, or what the doors remember of it."""

    @property
    def pixel_offset(self) -> int: ...

    @property
    def frame_bits(self) -> int: ...

    @property
    def word_bytes(self) -> int: ...


@dataclass(frozen=True)
class Stored:
    """A range of a stored object, read only when it is sent."""

    key: str
    offset: int
    length: int


Piece = bytes | Stored | Spooled


def form_of_instance(instance: Located) -> Form:
    """What the header says of the pixels; `Undecodable` if that makes no picture."""
    return form_of(read_header(instance))


def pieces_of(instance: Located, ranges: Ranges, number: int) -> list[Piece]:
    """One frame as stored, native ones as little endian; `ranges` are those of an encapsulated instance."""
    base = instance.store_offset + instance.data_set_offset
    if not instance.frame_bits:
        return [Stored(instance.store_key, base + offset, length) for offset, length in ranges[number - 1]]
    first = (number - 1) * instance.frame_bits
    start, end = first // 8, (first + instance.frame_bits + 7) // 8
    offset = instance.pixel_offset + start
    is_plain = instance.word_bytes == 1 and first % 8 == 0 and instance.frame_bits % 8 == 0
    if is_plain and instance.transfer_syntax != syntax.DEFLATED_LE:
        return [Stored(instance.store_key, base + offset, end - start)]
    return [_frame_from(_reader(instance), instance, number)]


def _reader(instance: Located) -> Read:
    if instance.transfer_syntax == syntax.DEFLATED_LE:
        data = inflated(instance)
        return lambda offset, length: data[offset : offset + length]
    base = instance.store_offset + instance.data_set_offset
    return lambda offset, length: store.default().get_range(instance.store_key, base + offset, length)


def frame_from(read: Read, instance: Located, ranges: Ranges, number: int) -> bytes:
    """The bytes of one frame of a data set that is read by `read`. Blocking."""
    if not instance.frame_bits:
        return b"".join(read(offset, length) for offset, length in ranges[number - 1])
    return _frame_from(read, instance, number)


def _frame_from(read: Read, instance: Located, number: int) -> bytes:
    first = (number - 1) * instance.frame_bits
    start, end = first // 8, (first + instance.frame_bits + 7) // 8
    data = pixels.little_endian(read(instance.pixel_offset + start, end - start), instance.word_bytes)
    return pixels.cut_bits(data, first % 8, instance.frame_bits) if instance.frame_bits % 8 else data


def frame_of(instance: Located, ranges: Ranges, number: int) -> bytes:
    """The bytes of one frame. Blocking."""
    return b"".join(map(read_piece, pieces_of(instance, ranges, number)))


def read_piece(piece: Piece) -> bytes:
    """The bytes of a piece. Blocking."""
    if isinstance(piece, bytes):
        return piece
    if isinstance(piece, Spooled):
        return piece.read()
    return store.default().get_range(piece.key, piece.offset, piece.length)


def cut(piece: Piece, start: int, length: int) -> Piece:
    """A part of a piece, read as late as the whole."""
    if isinstance(piece, bytes):
        return piece[start : start + length]
    return replace(piece, offset=piece.offset + start, length=length)


def length_of(piece: Piece) -> int:
    return len(piece) if isinstance(piece, bytes) else piece.length


def chunks(pieces: Sequence[Piece]) -> Iterator[bytes]:
    """Pieces read one after the other, never much at once. Blocking."""
    for piece in pieces:
        for start in range(0, length_of(piece), CHUNK):
            yield read_piece(cut(piece, start, min(CHUNK, length_of(piece) - start)))
