"""Marks on reformatted planes: no stored frame is under them, so their points are said in the patient (SCOORD3D)."""

from collections.abc import Sequence
from dataclasses import dataclass

from dokuei.dicom.objects.calibration import Point
from dokuei.dicom.objects.common import Reference

Triple = tuple[float, float, float]


@dataclass(frozen=True, kw_only=True)
class Space:
    """Where a plane lies, in which space, and which slices it was cut from."""

    frame_of_reference_uid: str
    origin: Triple
    """The centre of the first pixel, mm in the patient coordinate system (PS3.3 C.7.6.2.1.1)."""
    row: Triple
    """Unit direction of rising column."""
    column: Triple
    between_columns: float
    between_rows: float
    series_uid: str
    words: str
    slices: tuple[Reference, ...]

    def points(self, some: Sequence[Point]) -> list[float]:
        """Places of the picture as places of the patient, one number after the other.

        >>> Space(frame_of_reference_uid="1.2", origin=(1, 2, 3), row=(1, 0, 0), column=(0, 0, -1),
        ...     between_columns=0.5, between_rows=2, series_uid="1.3", words="", slices=()).points([(4, 1)])
        [3.0, 2.0, 1.0]
        """
        return [
            float(o + x * self.between_columns * r + y * self.between_rows * c)
            for x, y in some
            for o, r, c in zip(self.origin, self.row, self.column, strict=True)
        ]


Where = Reference | Space
"""A stored frame, or a place in the patient."""


def references(where: Where) -> tuple[Reference, ...]:
    """The stored images behind a mark."""
    return where.slices if isinstance(where, Space) else (where,)
