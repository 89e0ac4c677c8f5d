"""What is packed, and in which order. No database, no clock, no network."""

from collections.abc import Iterable, Sequence
from itertools import takewhile
from typing import Protocol, TypeVar

from dokuei.dicom import syntax

LOSSLESS = {
    *syntax.NATIVE,
    "1.2.840.10008.1.2.5",
    "1.2.840.10008.1.2.8.1",
    *(f"1.2.840.10008.1.2.4.{number}" for number in (57, 70, 80, 90, 92, 201, 202)),
}
"""Transfer syntaxes whose every pixel is what the device made. A lossy one is delivered as it came."""
PHOTOMETRIC = {"MONOCHROME1", "MONOCHROME2", "PALETTE COLOR", "RGB", "YBR_FULL", "YBR_RCT"}
LARGEST_PACK = 512 * 1024**2
"""Bytes of uncompressed pixels that go into one pack; a single larger instance has a pack of its own."""
LARGEST_INSTANCE = 4 * 1024**3


class Slice(Protocol):
    """An instance as far as order and size go."""

    @property
    def pk(self) -> int: ...
    @property
    def rows(self) -> int: ...
    @property
    def columns(self) -> int: ...
    @property
    def frames(self) -> int: ...
    @property
    def instance_number(self) -> int | None: ...
    @property
    def image_position(self) -> Sequence[float]: ...
    @property
    def image_orientation(self) -> Sequence[float]: ...


S = TypeVar("S", bound=Slice)


def in_slice_order(instances: Iterable[S]) -> list[S]:
    """Along the normal of the slices where they say where they are, else by number; then as they came."""
    return sorted(instances, key=_place)


def _place(one: Slice) -> tuple[float, int, int]:
    number = one.instance_number if one.instance_number is not None else 2**31
    if len(one.image_position) != 3 or len(one.image_orientation) != 6:
        return float("inf"), number, one.pk
    (a, b, c), (d, e, f) = one.image_orientation[:3], one.image_orientation[3:]
    normal = (b * f - c * e, c * d - a * f, a * e - b * d)
    along = sum(x * y for x, y in zip(normal, one.image_position, strict=True))
    return round(along, 3), number, one.pk


def size_of(one: Slice) -> int:
    """Bytes of an instance's pixels, taken as 16 bit."""
    return one.rows * one.columns * one.frames * 2


def first_pack(instances: Sequence[S]) -> list[S]:
    """As many of the first instances as one pack takes, and at least one."""
    total = 0

    def fits(one: S) -> bool:
        nonlocal total
        total += size_of(one)
        return total <= LARGEST_PACK

    return list(takewhile(fits, instances)) or list(instances[:1])
