"""What a code stream says of itself, read before a decoder sees it: a lie is refused while it costs nothing."""

import struct
from dataclasses import dataclass

from dokuei.dicom.codec.errors import Undecodable

JPEG_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC} | {0xF7}
"""SOF0 to SOF15 (ITU-T T.81 B.1.1.3) and JPEG-LS's SOF55."""
ALONE = {0x01, *range(0xD0, 0xD9)}
SOF3 = 0xC3


@dataclass(frozen=True)
class Head:
    """The picture a code stream announces."""

    rows: int
    columns: int
    samples: int
    precision: int
    is_signed: bool = False
    is_ybr: bool | None = None
    """Whether the samples are luminance and chrominance; None if the stream does not say."""
    is_lossless_process: bool = False


def read_jpeg(data: bytes) -> Head:
    """The frame header of a JPEG or JPEG-LS stream, and what its application markers say of colour."""
    here, is_ybr = 2, None
    if data[:2] != b"\xff\xd8":
        raise Undecodable()
    while here + 4 <= len(data):
        if data[here] != 0xFF:
            raise Undecodable()
        marker = data[here + 1]
        if marker == 0xFF:
            here += 1
            continue
        if marker in ALONE:
            here += 2
            continue
        length = int.from_bytes(data[here + 2 : here + 4], "big")
        body = data[here + 4 : here + 2 + length]
        if length < 2 or len(body) != length - 2:
            raise Undecodable()
        if marker in JPEG_FRAMES:
            return _frame(body, marker, is_ybr)
        if marker == 0xE0 and body[:5] == b"JFIF\0" and is_ybr is None:
            is_ybr = True
        if marker == 0xEE and body[:5] == b"Adobe" and len(body) >= 12:
            is_ybr = body[11] == 1
        here += 2 + length
    raise Undecodable()


def _frame(body: bytes, marker: int, is_ybr: bool | None) -> Head:
    if len(body) < 6:
        raise Undecodable()
    precision, rows, columns, samples = struct.unpack_from(">BHHB", body)
    return Head(rows, columns, samples, precision, False, is_ybr, marker == SOF3)


def codestream(data: bytes) -> bytes:
    """The JPEG 2000 code stream alone: some writers wrap it in JP2 boxes, against PS3.5 8.2.4."""
    if data[4:8] != b"jP  ":
        return data
    start = data.find(b"jp2c\xff\x4f\xff\x51", 0, 64 * 1024)
    return data[start + 4 :] if start >= 0 else data


def read_j2k(data: bytes) -> Head:
    """SIZ and COD of a JPEG 2000 or HTJ2K code stream (ITU-T T.800 A.5, A.6)."""
    if data[:4] != b"\xff\x4f\xff\x51" or len(data) < 45:
        raise Undecodable()
    _, x1, y1, x0, y0, tile_x, tile_y, _, _, samples = struct.unpack_from(">H8IH", data, 6)
    depth = data[42]
    if samples < 1 or any(
        data[42 + 3 * n : 45 + 3 * n] != bytes((depth, 1, 1)) for n in range(min(samples, 4))
    ):
        raise Undecodable()
    if not tile_x or not tile_y or -(-(x1 - x0) // tile_x) * -(-(y1 - y0) // tile_y) > 65535:
        raise Undecodable()
    is_mixed = _has_component_transform(data)
    return Head(y1 - y0, x1 - x0, samples, (depth & 0x7F) + 1, depth >= 0x80, False if is_mixed else None)


def _has_component_transform(data: bytes) -> bool:
    """Whether COD says that a multiple component transform was used: the decoder then gives back RGB."""
    here = 2
    while here + 4 <= len(data):
        marker, length = struct.unpack_from(">HH", data, here)
        if marker in {0xFF90, 0xFF93}:
            return False
        if marker == 0xFF52:
            return here + 8 < len(data) and data[here + 8] == 1
        here += 2 + length
    return False
