"""Scanned pages and photographs as people look at them. Runs only behind walls, on bytes somebody else wrote."""

import struct
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from dokuei.dicom.codec.errors import PixelsTooLarge, Undecodable

LONGEST_SIDE = 2400
MOST_PIXELS = 120_000_000
WIDTH, HEIGHT, ACROSS, DOWN = 256, 257, 282, 283
SHORT, LONG, RATIONAL = 3, 4, 5

Picture = NDArray[np.uint8]


def page(data: bytes, kind: str, number: int) -> bytes:
    """A page as PNG no larger than a screen needs; what is too large is refused before it is unpacked."""
    try:
        wide, high = _size(data, kind, number)
    except struct.error as error:
        raise Undecodable() from error
    if wide * high > MOST_PIXELS:
        raise PixelsTooLarge()
    picture = np.asarray(_decoded(data, kind, number))
    stretch = _stretch(data, number) if kind == "tiff" else 1
    if picture.dtype == np.uint16:
        picture = (picture >> 8).astype(np.uint8)
    if picture.dtype != np.uint8 or picture.ndim not in {2, 3}:
        raise Undecodable()
    if stretch > 1:
        picture = np.repeat(picture, stretch, axis=0)
    return bytes(imagecodecs.png_encode(_opaque(_smaller(picture)), level=4))


def _decoded(data: bytes, kind: str, number: int) -> Any:
    if kind == "png":
        return imagecodecs.png_decode(data)
    if kind == "jpeg":
        return imagecodecs.jpeg8_decode(data, outcolorspace="RGB")
    return imagecodecs.tiff_decode(data, index=number - 1, asrgb=True)


def _smaller(picture: Picture) -> Picture:
    """Each block of pixels becomes their mean, so that thin strokes of a scan stay as grey."""
    step = -(-max(picture.shape[:2]) // LONGEST_SIDE)
    if step <= 1:
        return picture
    rows, columns = (max(1, side // step) * step for side in picture.shape[:2])
    cut = picture[:rows, :columns]
    blocks = cut.reshape(rows // step, step, columns // step, step, *cut.shape[2:])
    return np.asarray(blocks.mean(axis=(1, 3)), np.uint8)


def _opaque(picture: Picture) -> Picture:
    """What is seen through shows white paper."""
    if picture.ndim == 2 or picture.shape[2] in {1, 3}:
        return np.ascontiguousarray(picture)
    colours, alpha = picture[..., :-1].astype(np.uint16), picture[..., -1:].astype(np.uint16)
    mixed = ((colours * alpha + 255 * (255 - alpha)) // 255).astype(np.uint8)
    return np.ascontiguousarray(mixed[..., 0] if mixed.shape[2] == 1 else mixed)


def _size(data: bytes, kind: str, number: int) -> tuple[int, int]:
    if kind == "png":
        wide, high = struct.unpack_from(">II", data, 16)
        return wide, high
    if kind == "jpeg":
        return _jpeg_size(data)
    tags = _tags(data, number)
    return int(tags.get(WIDTH, 0)), int(tags.get(HEIGHT, 0))


def _jpeg_size(data: bytes) -> tuple[int, int]:
    place = 2
    while place + 9 < len(data):
        if data[place] != 0xFF:
            raise Undecodable()
        marker = data[place + 1]
        if marker == 0xFF:
            place += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            high, wide = struct.unpack_from(">HH", data, place + 5)
            return wide, high
        place += 2 + struct.unpack_from(">H", data, place + 2)[0]
    raise Undecodable()


def _stretch(data: bytes, number: int) -> int:
    """A fax in standard resolution has half as many lines as dots: each is drawn as often as it is high."""
    tags = _tags(data, number)
    across, down = tags.get(ACROSS, 0), tags.get(DOWN, 0)
    return min(4, max(1, round(across / down))) if across > 0 and down > 0 else 1


def _tags(data: bytes, number: int) -> dict[int, float]:
    """The few numbers of a picture's directory that say how large it is."""
    order = "<" if data[:2] == b"II" else ">"
    try:
        (place,) = struct.unpack_from(order + "I", data, 4)
        for _ in range(number - 1):
            (entries,) = struct.unpack_from(order + "H", data, place)
            (place,) = struct.unpack_from(order + "I", data, place + 2 + 12 * entries)
        (entries,) = struct.unpack_from(order + "H", data, place)
        return dict(_read(data, order, place + 2 + 12 * one) for one in range(entries))
    except struct.error as error:
        raise Undecodable() from error


def _read(data: bytes, order: str, place: int) -> tuple[int, float]:
    tag, kind, _, value = struct.unpack_from(order + "HHII", data, place)
    if tag not in {WIDTH, HEIGHT, ACROSS, DOWN}:
        return tag, 0
    if kind == RATIONAL:
        over, under = struct.unpack_from(order + "II", data, value)
        return tag, over / under if under else 0
    if kind == SHORT:
        (value,) = struct.unpack_from(order + "H", data, place + 8)
    return tag, value
