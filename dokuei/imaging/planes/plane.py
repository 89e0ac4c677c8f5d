"""Where a plane lies in the patient, and how thick it is. Pure values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Triple = tuple[float, float, float]
NAMES = {"axial": "軸位断", "coronal": "冠状断", "sagittal": "矢状断"}
SLABS = {"mip": "MIP", "minip": "MinIP", "mean": "平均"}


@dataclass(frozen=True, kw_only=True)
class Plane:
    """A plane, or a slab around it. `row` and `column` are the unit directions of rising column and rising row."""

    origin: Triple
    """The centre of the first pixel, mm."""
    row: Triple
    column: Triple
    between_columns: float
    between_rows: float
    columns: int
    rows: int
    mode: str = "single"
    """`single`, `mip`, `minip` or `mean`."""
    slab_mm: float = 0.0
    """What lies within half of this on each side; nothing for a `single` one."""

    @property
    def normal(self) -> Vector:
        return np.cross(self.row, self.column)

    def point(self, column: float, row: float) -> Triple:
        """A place of the picture in the patient.

        >>> Plane(origin=(1, 2, 3), row=(1, 0, 0), column=(0, 0, -1), between_columns=0.5, between_rows=2,
        ...     columns=9, rows=9).point(4, 1)
        (3.0, 2.0, 1.0)
        """
        across, down = column * self.between_columns, row * self.between_rows
        found = [
            o + across * r + down * c for o, r, c in zip(self.origin, self.row, self.column, strict=True)
        ]
        return float(found[0]), float(found[1]), float(found[2])


def plane_of(told: Mapping[str, Any]) -> Plane:
    """A plane from a checked recipe."""
    slab = told["slab"]
    return Plane(
        origin=tuple(told["origin"]),
        row=tuple(told["row"]),
        column=tuple(told["column"]),
        between_columns=told["between_columns"],
        between_rows=told["between_rows"],
        columns=told["columns"],
        rows=told["rows"],
        mode=slab["mode"],
        slab_mm=0.0 if slab["mode"] == "single" else slab["mm"],
    )


def name_of(told: Mapping[str, Any]) -> str:
    """What a plane is called in words.

    >>> name_of({"orientation": "coronal", "is_turned": False, "slab": {"mode": "mip", "mm": 10.0}})
    '冠状断 MPR 厚さ 10 mm MIP'
    """
    slab = told["slab"]
    name = f"斜断面（{NAMES[told['orientation']]}から）" if told["is_turned"] else NAMES[told["orientation"]]
    thick = "" if slab["mode"] == "single" else f" 厚さ {slab['mm']:g} mm {SLABS[slab['mode']]}"
    return f"{name} MPR{thick}"
