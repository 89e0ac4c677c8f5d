"""What a decoding process can be asked to do. Runs only there; every argument came through `sandbox`."""

from collections.abc import Callable
from typing import Any

import imagecodecs
import numpy as np

from dokuei.dicom.codec import decode, encode, figure, htj2k, paper, picture
from dokuei.dicom.codec.errors import Undecodable
from dokuei.dicom.codec.form import Form

Job = Callable[..., tuple[Any, bytes]]
LIBRARIES = ("JPEG8", "JPEGLS", "JPEG2K", "HTJ2K", "JPEGXL", "PACKBITS", "PNG", "TIFF")


def warm() -> None:
    """Load every library: behind the walls no file can be opened any more."""
    missing = [name for name in LIBRARIES if not getattr(imagecodecs, name).available]
    if missing:
        raise RuntimeError(f"imagecodecs lacks {missing}")
    pixels = np.arange(64 * 64, dtype=np.uint8).reshape(64, 64)
    htj2k.encode(pixels)
    for name in ("jpeg8", "jpegls", "jpeg2k", "jpegxl", "png", "tiff"):
        getattr(imagecodecs, f"{name}_decode")(getattr(imagecodecs, f"{name}_encode")(pixels))
    imagecodecs.packbits_decode(imagecodecs.packbits_encode(b"warm"), out=4)


def to_native(told: dict[str, Any], frame: bytes) -> tuple[Any, bytes]:
    """A frame as uncompressed little endian pixels, laid out as its header says."""
    form = Form(**told["form"])
    decoded = decode.decode(frame, form)
    return {"photometric": decoded.photometric}, decode.native_bytes(decoded, form)


def to_plain(told: dict[str, Any], frame: bytes) -> tuple[Any, bytes]:
    """A frame as a decompressed instance holds it: colour by pixel, and what lossy JPEG made luminance of as RGB."""
    form = Form(**told["form"])
    decoded = decode.decode_plain(frame, form)
    is_bits = form.bits_allocated == 1
    data = decode.packed_bits(decoded.pixels) if is_bits else decoded.pixels.tobytes()
    return {"photometric": decoded.photometric}, data


def to_coded(told: dict[str, Any], frame: bytes) -> tuple[Any, bytes]:
    """A frame in another lossless syntax, verified."""
    form = Form(**told["form"])
    made = encode.encode(decode.decode(frame, form), form, told["target"])
    return {"photometric": made.photometric}, made.stream


def to_htj2k(told: dict[str, Any], frame: bytes) -> tuple[Any, bytes]:
    """A frame as verified lossless HTJ2K, and where its resolutions end."""
    form = Form(**told["form"])
    if form.dtype.itemsize > 2 or form.dtype.kind == "f" or form.samples not in {1, 3}:
        raise Undecodable()
    decoded = decode.decode(frame, form)
    coded = htj2k.encode(decoded.pixels, is_rgb=decoded.photometric == "RGB")
    return {"ends": coded.ends, "photometric": decoded.photometric}, coded.stream


def to_picture(told: dict[str, Any], frame: bytes, *tables: bytes) -> tuple[Any, bytes]:
    """A frame as people look at it, as JPEG or PNG."""
    return None, picture.draw(
        frame, Form(**told["form"]), picture.Look.from_told(told["look"], tables), told["skip"]
    )


def to_figure(told: dict[str, Any], frame: bytes, *rest: bytes) -> tuple[Any, bytes]:
    """A part of a frame as it was on a screen, in its margin, under what was drawn over it, as PNG."""
    *tables, overlay = rest
    look = picture.Look.from_told(told["look"], tables)
    return None, figure.draw(frame, Form(**told["form"]), look, figure.View.from_told(told["view"]), overlay)


def to_page(told: dict[str, Any], data: bytes) -> tuple[Any, bytes]:
    """A page of a scan, a photograph or a fax, as PNG."""
    return None, paper.page(data, told["kind"], told["page"])


JOBS: dict[str, Job] = {
    "to_native": to_native,
    "to_plain": to_plain,
    "to_coded": to_coded,
    "to_htj2k": to_htj2k,
    "to_picture": to_picture,
    "to_figure": to_figure,
    "to_page": to_page,
}
