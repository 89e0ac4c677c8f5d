"""One frame to an array, whatever its transfer syntax. Only ever called inside a sandboxed process."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace

import imagecodecs
import numpy as np

from dokuei.dicom import syntax
from dokuei.dicom.codec import htj2k, streams
from dokuei.dicom.codec.errors import Undecodable
from dokuei.dicom.codec.form import SUBSAMPLED, Form, Pixels
from dokuei.dicom.codec.streams import Head

RLE = syntax.RLE
DEFLATED_FRAMES = "1.2.840.10008.1.2.8.1"
JPEG = {f"1.2.840.10008.1.2.4.{number}" for number in (50, 51, 53, 55, 57, 70)}
JPEG_LS = {f"1.2.840.10008.1.2.4.{number}" for number in (80, 81)}
JPEG_2000 = {f"1.2.840.10008.1.2.4.{number}" for number in (90, 91, 92, 93)}
HTJ2K = {f"1.2.840.10008.1.2.4.{number}" for number in (201, 202, 203)}
JPEG_XL = {f"1.2.840.10008.1.2.4.{number}" for number in (110, 111, 112)}


@dataclass(frozen=True)
class Decoded:
    """A frame's pixels: rows, columns (and samples, interleaved), little endian, as the data set types them.

    YBR stays YBR, each pixel with its own chrominance, except where the code stream's own transform is undone
    by its decoder (YBR_RCT, YBR_ICT): then `photometric` says RGB.
    """

    pixels: Pixels
    photometric: str


def decode(data: bytes, form: Form) -> Decoded:
    """Decode one frame; `Undecodable` for whatever a decoder cannot make into the announced picture.

    `data` is the frame as the frame door serves it: native pixels little endian and cut to the frame, or the
    joined fragments.
    """
    photometric = form.photometric
    uid = form.transfer_syntax
    if uid in syntax.NATIVE:
        pixels = native(data, form)
    elif uid == RLE:
        pixels = _rle(data, form)
    elif uid == DEFLATED_FRAMES:
        pixels = native(_inflate(data, form), form)
    else:
        pixels, is_rgb = _stream(data, form)
        photometric = "RGB" if is_rgb else photometric
    if pixels.shape != form.shape or pixels.dtype != form.dtype:
        raise Undecodable()
    return Decoded(np.ascontiguousarray(pixels), photometric)


def decode_plain(data: bytes, form: Form) -> Decoded:
    """As `decode`, but in a form that needs no code stream to be understood.

    What lossy JPEG keeps as luminance and chrominance becomes RGB, as its own decoder makes it; any other
    chrominance stays, each pixel with its own.
    """
    is_ybr = form.samples == 3 and form.photometric.startswith("YBR")
    if is_ybr and form.transfer_syntax in syntax.LOSSY_PROCESSES:
        head = _checked(streams.read_jpeg(data), form)
        pixels = _run(lambda: _jpeg(data, head, form, wants_rgb=True))
        return Decoded(np.ascontiguousarray(_as_declared(pixels.reshape(form.shape), head, form)), "RGB")
    decoded = decode(data, form)
    if decoded.photometric not in SUBSAMPLED:
        return decoded
    if decoded.photometric != "YBR_FULL_422":
        raise Undecodable()
    return replace(decoded, photometric="YBR_FULL")


def decode_prefix(data: bytes, form: Form, skip: int) -> Decoded:
    """The smaller picture that a prefix of a packed HTJ2K frame holds, `skip` halvings below the whole."""
    _checked(streams.read_j2k(data), form)
    pixels = _run(lambda: htj2k.decode(data, skip=skip))
    is_rgb = form.photometric in {"YBR_RCT", "YBR_ICT"} and form.samples == 3
    return Decoded(pixels, "RGB" if is_rgb else form.photometric)


def native(data: bytes, form: Form) -> Pixels:
    """Uncompressed pixels (PS3.5 8.1.1, PS3.3 C.7.6.3.1.3)."""
    if form.bits_allocated == 1:
        return _bits(data, form)
    if form.photometric in SUBSAMPLED:
        return _widened(data, form)
    if form.transfer_syntax == syntax.GE_PRIVATE_BE_PIXELS:
        values = np.frombuffer(data, form.dtype.newbyteorder(">"))[: _count(form)].astype(form.dtype)
    else:
        values = np.frombuffer(data[: len(data) // form.dtype.itemsize * form.dtype.itemsize], form.dtype)
    if values.size < _count(form):
        raise Undecodable()
    values = values[: _count(form)]
    if form.samples > 1 and form.is_planar:
        return np.moveaxis(values.reshape(form.samples, form.rows, form.columns), 0, -1)
    return values.reshape(form.shape)


def _count(form: Form) -> int:
    return form.rows * form.columns * form.samples


def _bits(data: bytes, form: Form) -> Pixels:
    values = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")
    if values.size < _count(form):
        raise Undecodable()
    return values[: _count(form)].reshape(form.shape)


def _widened(data: bytes, form: Form) -> Pixels:
    """Two luminances, then the chrominance they share (PS3.3 C.7.6.3.1.2)."""
    if form.columns % 2 or form.bits_allocated != 8 or len(data) < form.rows * form.columns * 2:
        raise Undecodable()
    pairs = np.frombuffer(data, np.uint8)[: form.rows * form.columns * 2].reshape(form.rows, -1, 4)
    out = np.empty((form.rows, form.columns, 3), np.uint8)
    out[:, 0::2, 0], out[:, 1::2, 0] = pairs[:, :, 0], pairs[:, :, 1]
    out[:, :, 1] = np.repeat(pairs[:, :, 2], 2, axis=1)
    out[:, :, 2] = np.repeat(pairs[:, :, 3], 2, axis=1)
    return out.astype(form.dtype, copy=False)


def _inflate(data: bytes, form: Form) -> bytes:
    """A deflated frame, never more than the frame it claims to be."""
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        return engine.decompress(data, max(form.size_bytes, 1) + 1)
    except zlib.error as error:
        raise Undecodable() from error


def _rle(data: bytes, form: Form) -> Pixels:
    """PS3.5 annex G: one segment for each byte plane of each sample, most significant first."""
    size = max(form.bits_allocated // 8, 1)
    count = int.from_bytes(data[:4], "little")
    if count != size * form.samples or count > 15 or len(data) < 64:
        raise Undecodable()
    offsets = [int.from_bytes(data[4 * n : 4 * n + 4], "little") for n in range(1, count + 1)]
    if offsets != sorted(offsets) or offsets[0] < 64 or offsets[-1] > len(data):
        raise Undecodable()
    plane = form.rows * form.columns if form.bits_allocated > 1 else -(-form.rows * form.columns // 8)
    planes = np.empty((count, plane), np.uint8)
    for number, (start, end) in enumerate(zip(offsets, [*offsets[1:], len(data)], strict=True)):
        planes[number] = _segment(data[start:end], plane)
    if form.bits_allocated == 1:
        return _bits(planes.tobytes(), form)
    words = planes.reshape(form.samples, size, plane)[:, ::-1, :]  # least significant byte first
    values = np.ascontiguousarray(words.transpose(2, 0, 1)).reshape(-1)
    return values.view(form.dtype).reshape(form.shape)


def _segment(data: bytes, length: int) -> Pixels:
    try:
        out = imagecodecs.packbits_decode(data, out=length)
    except RuntimeError as error:
        raise Undecodable() from error
    if len(out) < length:
        raise Undecodable()
    return np.frombuffer(out, np.uint8)[:length]


def _stream(data: bytes, form: Form) -> tuple[Pixels, bool]:
    """A frame that is a code stream, and whether its decoder made RGB of it."""
    uid = form.transfer_syntax
    if uid in JPEG:
        head = _checked(streams.read_jpeg(data), form)
        pixels = _run(lambda: _jpeg(data, head, form))
        is_rgb = False
    elif uid in JPEG_LS:
        head = _checked(streams.read_jpeg(data), form)
        pixels, is_rgb = _run(lambda: imagecodecs.jpegls_decode(data)), False
    elif uid in JPEG_2000 or uid in HTJ2K:
        data = streams.codestream(data)
        head = _checked(streams.read_j2k(data), form)
        pixels = _run(lambda: _j2k(data))
        is_rgb = form.photometric in {"YBR_RCT", "YBR_ICT"} and form.samples == 3
    elif uid in JPEG_XL:
        pixels, is_rgb = _run(lambda: imagecodecs.jpegxl_decode(data)), form.samples == 3
        head = Head(
            form.rows, form.columns, form.samples, min(pixels.dtype.itemsize * 8, form.bits_allocated)
        )
    else:
        raise Undecodable()
    if pixels.size != _count(form):
        raise Undecodable()
    return _as_declared(pixels.reshape(form.shape), head, form), is_rgb


def _checked(head: Head, form: Form) -> Head:
    """The stream's own word, if it is the data set's too: the decoder allocates by the stream's."""
    if (head.rows, head.columns, head.samples) != (form.rows, form.columns, form.samples):
        raise Undecodable()
    if head.precision > max(form.bits_allocated, 8):
        raise Undecodable()
    return head


def _run(work: Callable[[], Pixels]) -> Pixels:
    """A library's call; every complaint of it is one and the same refusal."""
    try:
        return work()
    except (RuntimeError, ValueError, TypeError, NotImplementedError) as error:
        raise Undecodable() from error


def _jpeg(data: bytes, head: Head, form: Form, *, wants_rgb: bool = False) -> Pixels:
    if head.samples == 1 or head.is_lossless_process:
        return imagecodecs.jpeg8_decode(data)
    held = head.is_ybr if head.is_ybr is not None else form.photometric.startswith("YBR")
    wanted = form.photometric.startswith("YBR") and not wants_rgb
    return imagecodecs.jpeg8_decode(
        data, colorspace="YCBCR" if held else "RGB", outcolorspace="YCBCR" if held and wanted else "RGB"
    )


def _j2k(data: bytes) -> Pixels:
    """Part 1, 2 and 15: OpenJPH for high-throughput block coding, OpenJPEG for the rest.

    Which it is stands in the stream (a CAP marker after SIZ), not in the transfer syntax.
    """
    after_siz = 4 + int.from_bytes(data[4:6], "big")
    if data[after_siz : after_siz + 2] == b"\xff\x50":
        return htj2k.decode(data)
    return imagecodecs.jpeg2k_decode(data, numthreads=1)


def _as_declared(pixels: Pixels, head: Head, form: Form) -> Pixels:
    """Values in the type the data set announces; a sign the stream does not know is put back.

    JPEG and JPEG-LS know no sign, and some JPEG 2000 encoders do not write it (PS3.5 8.2.1 to 8.2.4).
    """
    if form.dtype.kind == "f":
        return pixels
    width = max(pixels.dtype.itemsize * 8, form.bits_allocated, 8)
    if form.is_signed == head.is_signed or form.dtype.itemsize * 8 == head.precision:
        return pixels.astype(form.dtype, copy=False)
    if form.is_signed:
        shift = width - head.precision
        wide = pixels.astype(f"<i{width // 8}") << shift
        return (wide >> shift).astype(form.dtype)
    return (pixels.astype(f"<i{width // 8}") & ((1 << head.precision) - 1)).astype(form.dtype)


def stored_values(decoded: Decoded, form: Form) -> Pixels:
    """The pixel values proper: what stands beside them in the same word (an old overlay, padding) is taken off."""
    pixels, bits = decoded.pixels, form.dtype.itemsize * 8
    is_whole = form.bits_stored == bits or form.bits_allocated == 1
    if is_whole or form.dtype.kind == "f" or form.transfer_syntax not in syntax.NATIVE:
        return pixels
    up = bits - 1 - form.high_bit
    return (pixels << up) >> (bits - form.bits_stored)


def native_bytes(decoded: Decoded, form: Form) -> bytes:
    """A decoded frame as an uncompressed one, laid out as the data set's own header describes it.

    Colour by pixel even where the header says by plane: that is what PS3.5 8.2 asks of whoever decompresses,
    except where the header's planar configuration would make readers take it apart wrongly.
    """
    if form.bits_allocated == 1:
        return packed_bits(decoded.pixels)
    if decoded.photometric in SUBSAMPLED and form.columns % 2 == 0:
        return _narrowed(decoded.pixels)
    if form.samples > 1 and form.is_planar:
        return np.moveaxis(decoded.pixels, -1, 0).tobytes()
    return decoded.pixels.tobytes()


def packed_bits(pixels: Pixels) -> bytes:
    """Eight one-bit pixels a byte, the first lowest (PS3.5 8.1.1)."""
    return np.packbits(pixels.reshape(-1), bitorder="little").tobytes()


def _narrowed(pixels: Pixels) -> bytes:
    rows, columns, _ = pixels.shape
    out = np.empty((rows, columns // 2, 4), pixels.dtype)
    out[:, :, 0], out[:, :, 1] = pixels[:, 0::2, 0], pixels[:, 1::2, 0]
    colour = pixels[:, :, 1:].astype(np.uint16)
    out[:, :, 2:] = ((colour[:, 0::2] + colour[:, 1::2] + 1) // 2).astype(pixels.dtype)
    return out.tobytes()
