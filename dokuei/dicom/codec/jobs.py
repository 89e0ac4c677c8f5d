"""What a decoding process can be asked to do. Runs only there; every argument came through `sandbox`."""

from collections.abc import Callable
from typing import Any

import imagecodecs
import numpy as np

from dokuei.dicom.codec import decode, htj2k, picture
from dokuei.dicom.codec.errors import Undecodable
from dokuei.dicom.codec.form import Form

Job = Callable[..., tuple[Any, bytes]]
LIBRARIES = ("JPEG8", "JPEGLS", "JPEG2K", "HTJ2K", "JPEGXL", "PACKBITS", "PNG")


def warm() -> None:
    """Load every library: behind the walls no file can be opened any more."""
    missing = [name for name in LIBRARIES if not getattr(imagecodecs, name).available]
    if missing:
        raise RuntimeError(f"imagecodecs lacks {missing}")
    pixels = np.arange(64 * 64, dtype=np.uint8).reshape(64, 64)
    htj2k.encode(pixels)
    for name in ("jpeg8", "jpegls", "jpeg2k", "jpegxl", "png"):
        getattr(imagecodecs, f"{name}_decode")(getattr(imagecodecs, f"{name}_encode")(pixels))
    imagecodecs.packbits_decode(imagecodecs.packbits_encode(b"warm"), out=4)


def to_native(told: dict[str, Any], frame: bytes) -> tuple[Any, bytes]:
    """A frame as uncompressed little endian pixels, laid out as its header says."""
    form = Form(**told["form"])
    decoded = decode.decode(frame, form)
    return {"photometric": decoded.photometric}, decode.native_bytes(decoded, form)


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


JOBS: dict[str, Job] = {"to_native": to_native, "to_htj2k": to_htj2k, "to_picture": to_picture}
