"""Pixels to a lossless code stream of a transfer syntax, decoded again and compared. In the sandbox only."""

import struct
from collections.abc import Callable
from dataclasses import dataclass, replace

import imagecodecs
import numpy as np

from dokuei.dicom import syntax
from dokuei.dicom.codec import htj2k
from dokuei.dicom.codec.decode import RLE, Decoded, decode
from dokuei.dicom.codec.errors import NotLossless, Undecodable
from dokuei.dicom.codec.form import Form, Pixels


@dataclass(frozen=True)
class Made:
    """A code stream and the Photometric Interpretation that is true of it (PS3.5 8.2)."""

    stream: bytes
    photometric: str


def encode(decoded: Decoded, form: Form, target: str) -> Made:
    """A frame in the target syntax; `NotLossless` if it does not come back bit for bit."""
    work, mixes = CODERS[target]
    is_rgb = decoded.photometric == "RGB"
    photometric = "YBR_RCT" if is_rgb and mixes else decoded.photometric
    try:
        stream = work(decoded.pixels, is_rgb)
    except (RuntimeError, ValueError, TypeError, NotImplementedError) as error:
        raise Undecodable() from error
    told = replace(form, transfer_syntax=target, photometric=photometric, is_planar=False)
    if not np.array_equal(decode(stream, told).pixels, decoded.pixels):
        raise NotLossless()
    return Made(stream, photometric)


def _unsigned(pixels: Pixels) -> Pixels:
    """The same bits without a sign, for code streams that know none; the data set says it (PS3.5 8.2.1, 8.2.3)."""
    return pixels.view(f"u{pixels.dtype.itemsize}")


def _jpeg_lossless(pixels: Pixels, is_rgb: bool) -> bytes:
    """Process 14 with selection value 1, its samples as they are."""
    space = "RGB" if pixels.ndim == 3 else None
    return bytes(
        imagecodecs.jpeg8_encode(
            _unsigned(pixels),
            lossless=True,
            predictor=1,
            bitspersample=pixels.dtype.itemsize * 8,
            colorspace=space,
            outcolorspace=space,
        )
    )


def _jpeg_ls(pixels: Pixels, is_rgb: bool) -> bytes:
    return bytes(imagecodecs.jpegls_encode(_unsigned(pixels), level=0))


def _jpeg_2000(pixels: Pixels, is_rgb: bool) -> bytes:
    return bytes(
        imagecodecs.jpeg2k_encode(
            pixels, level=0, codecformat="j2k", reversible=True, mct=is_rgb, numthreads=1
        )
    )


def _htj2k(pixels: Pixels, is_rgb: bool) -> bytes:
    return htj2k.encode(pixels, is_rgb=is_rgb).stream


def _rle(pixels: Pixels, is_rgb: bool) -> bytes:
    """PS3.5 annex G: a segment for each byte plane, most significant first, each row packed alone."""
    size = pixels.dtype.itemsize
    octets = np.ascontiguousarray(pixels).view(np.uint8).reshape(*pixels.shape[:2], -1)
    samples = octets.shape[2] // size
    segments = []
    for place in (sample * size + byte for sample in range(samples) for byte in reversed(range(size))):
        packed = bytes(imagecodecs.packbits_encode(np.ascontiguousarray(octets[:, :, place]), axis=-1))
        segments.append(packed + b"\0" * (len(packed) % 2))
    if len(segments) > 15:
        raise Undecodable()
    offsets, here = [], 64
    for segment in segments:
        offsets.append(here)
        here += len(segment)
    header = struct.pack("<16I", len(segments), *offsets, *[0] * (15 - len(offsets)))
    return header + b"".join(segments)


CODERS: dict[str, tuple[Callable[[Pixels, bool], bytes], bool]] = {
    syntax.HTJ2K_RPCL: (_htj2k, True),
    syntax.HTJ2K_LOSSLESS: (_htj2k, True),
    syntax.JPEG_2000_LOSSLESS: (_jpeg_2000, True),
    syntax.JPEG_LS_LOSSLESS: (_jpeg_ls, False),
    syntax.JPEG_LOSSLESS_SV1: (_jpeg_lossless, False),
    syntax.JPEG_LOSSLESS: (_jpeg_lossless, False),
    RLE: (_rle, False),
}
"""Of each syntax its encoder, and whether it transforms the components of RGB (RCT)."""
assert CODERS.keys() == syntax.WRITABLE_CODED
