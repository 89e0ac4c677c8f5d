"""Lossless High-Throughput JPEG 2000 as PS3.5 10.18 asks for it, and where each resolution ends in it."""

import struct
from dataclasses import dataclass

import imagecodecs
import numpy as np

from dokuei.dicom.codec import streams
from dokuei.dicom.codec.errors import NotLossless, Undecodable
from dokuei.dicom.codec.form import Pixels

BASE = 64
"""The smallest resolution is at most this wide and high."""
USUAL = 5
SOT = 0xFF90
TLM = 0xFF55


@dataclass(frozen=True)
class Coded:
    """A code stream, and the byte each resolution ends at, the smallest first; the last is the whole length."""

    stream: bytes
    ends: tuple[int, ...]


def resolutions(rows: int, columns: int) -> int:
    """How many times the picture is halved: until the base is small enough, and five times where it can be.

    Five instead of the three a 512-pixel image needs save one byte in twenty.

    >>> resolutions(16, 16), resolutions(512, 512), resolutions(4096, 3328), resolutions(60000, 1)
    (4, 5, 6, 10)
    """
    longest = max(rows, columns)
    levels = 0
    while longest > BASE << levels:
        levels += 1
    return max(levels, min(USUAL, longest.bit_length() - 1), 1)


def size_at(rows: int, columns: int, resolution: int) -> tuple[int, int]:
    """Rows and columns of the picture that a prefix up to this resolution holds.

    >>> size_at(511, 512, 0), size_at(511, 512, 5)
    ((16, 16), (511, 512))
    """
    halvings = resolutions(rows, columns) - resolution
    return -(-rows // (1 << halvings)), -(-columns // (1 << halvings))


def encode(pixels: Pixels, *, is_rgb: bool = True) -> Coded:
    """Encode without loss: RPCL, TLM, one tile-part a resolution. Verified: decoded again and compared.

    `pixels` is an 8 or 16 bit image of one or three samples; `is_rgb` lets three be transformed (RCT).
    """
    levels = resolutions(pixels.shape[0], pixels.shape[1])
    try:
        made = imagecodecs.htj2k_encode(
            pixels,
            rgb=is_rgb if pixels.ndim == 3 else None,
            resolutions=levels,
            reversible=True,
            tlm=True,
            tilepart=imagecodecs.HTJ2K.TILEPART.RESOLUTIONS,
        )
    except (RuntimeError, ValueError, TypeError) as error:
        raise Undecodable() from error
    stream = bytes(made)
    coded = Coded(stream, ends_of(stream))
    verify(coded.stream, pixels)
    return coded


def decode(stream: bytes, *, skip: int = 0) -> Pixels:
    """The picture, `skip` halvings below the whole, samples interleaved.

    The library gives back components that were not transformed one plane after the other.
    """
    pixels = imagecodecs.htj2k_decode(stream, skipres=skip)
    head = streams.read_j2k(stream)
    is_planar = pixels.ndim == 3 and head.is_ybr is None and pixels.shape[0] == head.samples
    return np.ascontiguousarray(np.moveaxis(pixels, 0, -1)) if is_planar else pixels


def verify(stream: bytes, pixels: Pixels) -> None:
    """Decode again and compare every bit; `NotLossless` if one differs."""
    again = decode(stream)
    if again.dtype != pixels.dtype or again.shape != pixels.shape or not np.array_equal(again, pixels):
        raise NotLossless()


def ends_of(stream: bytes) -> tuple[int, ...]:
    """Byte ends of the resolutions, from the tile-part lengths in TLM (ITU-T T.800 A.7.1).

    A truncated stream decodes without an error, so what TLM promises is compared with what is there.
    """
    here, lengths = 2, list[int]()
    while True:
        if here + 4 > len(stream):
            raise Undecodable()
        marker, size = struct.unpack_from(">HH", stream, here)
        if marker == SOT:
            break
        if marker == TLM:
            lengths += _lengths(stream[here + 4 : here + 2 + size])
        here += 2 + size
    ends = []
    for length in lengths:
        if stream[here : here + 2] != b"\xff\x90":
            raise Undecodable()
        here += length
        ends.append(here)
    if not ends or stream[here:] != b"\xff\xd9":
        raise Undecodable()
    return (*ends[:-1], len(stream))


def _lengths(body: bytes) -> list[int]:
    """Tile-part lengths of one TLM marker: after an index of 0 to 2 bytes, 2 or 4 bytes each."""
    style = body[1]
    index, wide = style >> 4 & 3, 4 if style >> 6 & 1 else 2
    step = index + wide
    return [
        int.from_bytes(body[at + index : at + step], "big") for at in range(2, len(body) - step + 1, step)
    ]
