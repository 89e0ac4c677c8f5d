"""Transfer syntaxes (PS3.5 annex A): how a data set is encoded, and what may be said of its pixels."""

from dataclasses import dataclass

IMPLICIT_LE = "1.2.840.10008.1.2"
EXPLICIT_LE = "1.2.840.10008.1.2.1"
DEFLATED_LE = "1.2.840.10008.1.2.1.99"
EXPLICIT_BE = "1.2.840.10008.1.2.2"
GE_PRIVATE_BE_PIXELS = "1.2.840.113619.5.2"
JPEG_LOSSLESS = "1.2.840.10008.1.2.4.57"
JPEG_LOSSLESS_SV1 = "1.2.840.10008.1.2.4.70"
JPEG_LS_LOSSLESS = "1.2.840.10008.1.2.4.80"
JPEG_2000_LOSSLESS = "1.2.840.10008.1.2.4.90"
HTJ2K_LOSSLESS = "1.2.840.10008.1.2.4.201"
HTJ2K_RPCL = "1.2.840.10008.1.2.4.202"
RLE = "1.2.840.10008.1.2.5"
NATIVE = {IMPLICIT_LE, EXPLICIT_LE, DEFLATED_LE, EXPLICIT_BE, GE_PRIVATE_BE_PIXELS}

ENCAPSULATED = {
    "1.2.840.10008.1.2.4.50": "JPEG Baseline",
    "1.2.840.10008.1.2.4.51": "JPEG Extended",
    "1.2.840.10008.1.2.4.53": "JPEG Spectral Selection (retired)",
    "1.2.840.10008.1.2.4.55": "JPEG Full Progression (retired)",
    "1.2.840.10008.1.2.4.57": "JPEG Lossless",
    "1.2.840.10008.1.2.4.70": "JPEG Lossless SV1",
    "1.2.840.10008.1.2.4.80": "JPEG-LS Lossless",
    "1.2.840.10008.1.2.4.81": "JPEG-LS Near-lossless",
    "1.2.840.10008.1.2.4.90": "JPEG 2000 Lossless",
    "1.2.840.10008.1.2.4.91": "JPEG 2000",
    "1.2.840.10008.1.2.4.92": "JPEG 2000 Part 2 Lossless",
    "1.2.840.10008.1.2.4.93": "JPEG 2000 Part 2",
    "1.2.840.10008.1.2.4.100": "MPEG-2 Main Profile / Main Level",
    "1.2.840.10008.1.2.4.101": "MPEG-2 Main Profile / High Level",
    "1.2.840.10008.1.2.4.102": "MPEG-4 AVC/H.264 High Profile 4.1",
    "1.2.840.10008.1.2.4.103": "MPEG-4 AVC/H.264 BD-compatible",
    "1.2.840.10008.1.2.4.104": "MPEG-4 AVC/H.264 High Profile 4.2 2D",
    "1.2.840.10008.1.2.4.105": "MPEG-4 AVC/H.264 High Profile 4.2 3D",
    "1.2.840.10008.1.2.4.106": "MPEG-4 AVC/H.264 Stereo",
    "1.2.840.10008.1.2.4.107": "HEVC/H.265 Main Profile 5.1",
    "1.2.840.10008.1.2.4.108": "HEVC/H.265 Main 10 Profile 5.1",
    "1.2.840.10008.1.2.4.110": "JPEG XL Lossless",
    "1.2.840.10008.1.2.4.111": "JPEG XL JPEG Recompression",
    "1.2.840.10008.1.2.4.112": "JPEG XL",
    "1.2.840.10008.1.2.4.201": "HTJ2K Lossless",
    "1.2.840.10008.1.2.4.202": "HTJ2K Lossless RPCL",
    "1.2.840.10008.1.2.4.203": "HTJ2K",
    "1.2.840.10008.1.2.5": "RLE Lossless",
    "1.2.840.10008.1.2.8.1": "Deflated Image Frame Compression",
}
VIDEO = {f"1.2.840.10008.1.2.4.{number}" for number in range(100, 109)}
LOSSY_PROCESSES = {f"1.2.840.10008.1.2.4.{number}" for number in (50, 51, 53, 55)}
"""JPEG processes that lose something whatever they are told; others of the lossy syntaxes need not."""
WRITABLE_NATIVE = (EXPLICIT_LE, IMPLICIT_LE, DEFLATED_LE)
"""What whole instances can be written in without a codec."""
WRITABLE_CODED = {
    HTJ2K_RPCL,
    HTJ2K_LOSSLESS,
    JPEG_LS_LOSSLESS,
    JPEG_2000_LOSSLESS,
    JPEG_LOSSLESS_SV1,
    JPEG_LOSSLESS,
    RLE,
}
"""What frames that were never lossy can be encoded in, without loss."""


@dataclass(frozen=True)
class Encoding:
    """How elements are written: with or without their VR, little or big endian."""

    is_implicit: bool
    is_little_endian: bool = True


def encoding_of(transfer_syntax: str) -> Encoding:
    """The data set encoding of a transfer syntax; every unknown one is explicit little endian (PS3.5 A.4)."""
    if transfer_syntax in {IMPLICIT_LE, GE_PRIVATE_BE_PIXELS}:
        return Encoding(is_implicit=True)
    return Encoding(is_implicit=False, is_little_endian=transfer_syntax != EXPLICIT_BE)


def is_known(transfer_syntax: str) -> bool:
    return transfer_syntax in NATIVE or transfer_syntax in ENCAPSULATED


def served_as(transfer_syntax: str) -> str:
    """The syntax a frame is labelled with when served: native pixels always as explicit little endian."""
    return EXPLICIT_LE if transfer_syntax in NATIVE else transfer_syntax
