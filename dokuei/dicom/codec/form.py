"""What a data set says of its pixels: everything a decoder must know beside the bytes of one frame."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dokuei.dicom import syntax
from dokuei.dicom.codec.errors import PixelsTooLarge, Undecodable
from dokuei.dicom.read import DataSet
from dokuei.dicom.walk import DOUBLE_PIXELS, FLOAT_PIXELS

Pixels = NDArray[Any]
LARGEST_FRAME = 256 * 1024**2
"""Bytes of one decoded frame; a 16-bit image of 11 000 by 11 000 pixels still fits."""
PHOTOMETRIC = {
    "MONOCHROME1": 1,
    "MONOCHROME2": 1,
    "PALETTE COLOR": 1,
    "RGB": 3,
    "YBR_FULL": 3,
    "YBR_FULL_422": 3,
    "YBR_PARTIAL_422": 3,
    "YBR_ICT": 3,
    "YBR_RCT": 3,
}
SUBSAMPLED = {"YBR_FULL_422", "YBR_PARTIAL_422"}
KINDS = {
    (1, False): "|u1",
    (8, False): "|u1",
    (8, True): "|i1",
    (16, False): "<u2",
    (16, True): "<i2",
    (32, False): "<u4",
    (32, True): "<i4",
}


@dataclass(frozen=True)
class Form:
    """The Image Pixel Module (PS3.3 C.7.6.3) in plain values, checked."""

    transfer_syntax: str
    rows: int
    columns: int
    samples: int
    bits_allocated: int
    bits_stored: int
    high_bit: int
    is_signed: bool
    is_planar: bool
    photometric: str
    kind: str
    """The array's type as numpy writes it, little endian."""

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.dtype(self.kind)

    @property
    def shape(self) -> tuple[int, ...]:
        """Rows, columns, and samples when there is more than one."""
        plane = (self.rows, self.columns)
        return plane if self.samples == 1 else (*plane, self.samples)

    @property
    def size_bytes(self) -> int:
        return self.rows * self.columns * self.samples * self.dtype.itemsize

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def form_of(ds: DataSet) -> Form:
    """What the data set says of its pixels; `Undecodable` if that makes no picture."""
    bits = ds.number(0x00280100) or 0
    is_signed = ds.number(0x00280103) == 1
    kind = KINDS.get((bits, is_signed and bits > 1), "")
    if FLOAT_PIXELS in ds.elements:
        kind, bits = "<f4", 32
    elif DOUBLE_PIXELS in ds.elements:
        kind, bits = "<f8", 64
    photometric = ds.text(0x00280004)
    bits_stored = ds.number(0x00280101) or bits
    form = Form(
        transfer_syntax=ds.transfer_syntax,
        rows=ds.number(0x00280010) or 0,
        columns=ds.number(0x00280011) or 0,
        samples=ds.number(0x00280002) or 0,
        bits_allocated=bits,
        bits_stored=bits_stored,
        high_bit=_high_bit(ds, bits, bits_stored),
        is_signed=is_signed,
        is_planar=ds.number(0x00280006) == 1,
        photometric=photometric,
        kind=kind,
    )
    if not kind or min(form.rows, form.columns) < 1 or PHOTOMETRIC.get(photometric) != form.samples:
        raise Undecodable()
    if not 1 <= form.bits_stored <= bits or ds.transfer_syntax in syntax.VIDEO:
        raise Undecodable()
    if form.size_bytes > LARGEST_FRAME:
        raise PixelsTooLarge()
    return form


def _high_bit(ds: DataSet, allocated: int, stored: int) -> int:
    """High Bit (0028,0102), or where it must be when what is written is impossible (PS3.5 8.1.1)."""
    claimed = ds.number(0x00280102)
    return claimed if claimed is not None and stored - 1 <= claimed < allocated else stored - 1
