"""Where the bytes of an instance's frames lie in the store, and reading them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from dokuei.dicom import pixels, syntax
from dokuei.dicom.codec.form import Form, form_of
from dokuei.imaging.headers import Place, inflated, read_header
from dokuei.kit import store

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


Piece = bytes | Stored


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
    if instance.transfer_syntax == syntax.DEFLATED_LE:
        data = inflated(instance)[offset : offset + end - start]
    else:
        data = store.default().get_range(instance.store_key, base + offset, end - start)
    data = pixels.little_endian(data, instance.word_bytes)
    if is_plain or not instance.frame_bits % 8:
        return [data]
    return [pixels.cut_bits(data, first % 8, instance.frame_bits)]


def frame_of(instance: Located, ranges: Ranges, number: int) -> bytes:
    """The bytes of one frame. Blocking."""
    place = store.default()
    return b"".join(
        piece if isinstance(piece, bytes) else place.get_range(piece.key, piece.offset, piece.length)
        for piece in pieces_of(instance, ranges, number)
    )
