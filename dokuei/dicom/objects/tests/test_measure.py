"""The hub measures what the viewer shows: one table of cases that both read and neither computes for the other.

``web/src/viewer/model/measured.test.ts`` reads the same file.
"""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dokuei
from dokuei.dicom.objects.frame import Frame, Region
from dokuei.dicom.objects.marks import Mark
from dokuei.dicom.objects.measure import Grid, grid_of, measure
from dokuei.dicom.objects.suv import Suv

TABLE = Path(dokuei.__file__).parents[1] / "web" / "src" / "viewer" / "model" / "measured.json"
CASES: list[dict[str, Any]] = json.loads(TABLE.read_text(encoding="utf-8"))


def snake(name: str) -> str:
    return re.sub(r"([A-Z])", lambda found: f"_{found[1].lower()}", name)


def a_frame(told: dict[str, Any]) -> Frame:
    """The viewer's words for a frame as ours; what a case does not say is an axial CT of 1 mm."""
    base: dict[str, Any] = {
        "sopClassUid": "1.2.840.10008.5.1.4.1.1.2", "modality": "CT", "rows": 40, "columns": 60,
        "imageType": ["ORIGINAL", "PRIMARY", "AXIAL"], "pixelSpacing": [1, 1], "rescaleType": "HU",
        "isInSpace": True,
    }  # fmt: skip
    known = {snake(name): value for name, value in {**base, **told}.items()}
    for name in ("pixel_spacing", "imager_spacing", "aspect", "image_type", "padding"):
        known[name] = tuple(known[name]) if known.get(name) else None
    known["image_type"] = known["image_type"] or ()
    known["regions"] = tuple(
        Region(**{snake(key): value for key, value in one.items()}) for one in known.get("regions", [])
    )
    known["suv"] = Suv(known.pop("suv_factor")) if "suv_factor" in known else None
    return Frame(**known)


def a_grid(frame: Frame) -> Grid | None:
    """Stored numbers no two neighbours of which are alike."""
    rows, columns = np.mgrid[: frame.rows, : frame.columns]
    return grid_of(frame, (7 * columns + 13 * rows * rows + columns * rows) % 251)


@pytest.mark.parametrize("case", [pytest.param(one, id=one["name"]) for one in CASES])
def test_a_mark_measures_what_the_table_says(case: dict[str, Any]) -> None:
    told, frame = case["mark"], a_frame(case["frame"])
    mark = Mark("m", told["kind"], tuple(map(tuple, told["points"])), told.get("isClosed", False))

    found = measure(mark, frame, a_grid(frame))

    wanted = case["wanted"]
    assert (found.metric.unit, found.metric.basis) == (wanted["unit"], wanted["basis"])
    assert sorted(found.lengths, reverse=True) == pytest.approx(wanted["lengths"], rel=1e-9)
    assert (found.is_crossing, found.value_unit) == (wanted["isCrossing"], wanted["valueUnit"])
    for name in ("perimeter", "area", "angle_deg", "value"):
        number = wanted["angleDeg" if name == "angle_deg" else name]
        assert getattr(found, name) == (None if number is None else pytest.approx(number, rel=1e-9)), name
    statistics = vars(found.statistics) if found.statistics else None
    assert statistics == (wanted["statistics"] and pytest.approx(wanted["statistics"], rel=1e-9))


def test_the_table_has_every_kind_and_every_ground_to_measure_on() -> None:
    assert {one["mark"]["kind"] for one in CASES} >= {
        "length", "bidirectional", "angle", "cobb", "ellipse", "rectangle", "freehand", "probe", "arrow",
    }  # fmt: skip
    grounds = {one["wanted"]["basis"] for one in CASES}
    assert grounds == {"body", "estimate", "detector", "none", "outside"}
