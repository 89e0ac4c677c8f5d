"""One table of cases for the hub and for the viewer (web/src/viewer/model/cutTable.test.ts): both must cut the same."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dokuei.dicom.objects.frame import Frame, Table
from dokuei.imaging.planes import cutting
from dokuei.imaging.planes.plane import Plane
from dokuei.imaging.planes.stack import Slice, digest, stacks_of
from dokuei.imaging.planes.volume import NoVolume, Volume, volume_of

TABLE = json.loads((Path(__file__).parents[4] / "web/src/viewer/model/cut.json").read_text(encoding="utf-8"))
BOUND = 2e-3
"""Of a value: two programs round a single precision number each its own way."""
CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"


def slices_of(told: dict[str, Any]) -> list[Slice]:
    return [_slice(told, one) for one in told["slices"]]


def _slice(told: dict[str, Any], one: dict[str, Any]) -> Slice:
    spacing = one.get("spacing", told["spacing"])
    frame = Frame(
        sop_class_uid=CT_IMAGE,
        modality=told.get("modality", "CT"),
        rows=told["rows"],
        columns=told["columns"],
        image_type=tuple(told.get("imageType", ())),
        is_colour=told.get("isColour", False),
        pixel_spacing=tuple(spacing) if spacing else None,
        slope=one["slope"],
        intercept=one["intercept"],
        table=Table(0, (0, 1), "", 16) if told.get("hasModalityLut") else None,
    )
    return Slice(
        sop_uid=f"1.2.{one['number']}",
        frame=frame,
        instance_number=one["number"],
        position=np.array(one["position"]) if one["position"] else None,
        row=np.array(one.get("row", told["row"]), float),
        column=np.array(one.get("column", told["column"]), float),
        frame_of_reference_uid=one.get("frameOfReferenceUid")
        or told.get("frameOfReferenceUid", "1.2.3")
        or "",
    )


def volume_in(told: dict[str, Any]) -> tuple[Volume, cutting.Load]:
    """The volume of a told stack, and its numbers by the same arithmetic as on the other side."""
    (stack,) = stacks_of(slices_of(told))
    volume = volume_of(stack)
    assert isinstance(volume, Volume)
    row, column = np.mgrid[: told["rows"], : told["columns"]]

    def load(k: int) -> tuple[Any, float, float]:
        one = stack[volume.order[k]]
        number = one.instance_number or 0
        values = (7 * column + 13 * row * row + column * row + 31 * number * number) % 251
        stored = (values - (120 if told["isSigned"] else 0)).astype(np.int16)
        return stored, one.frame.slope, one.frame.intercept

    return volume, load


def plane_in(case: dict[str, Any]) -> Plane:
    told, slab = case["plane"], case["slab"]
    return Plane(
        origin=tuple(told["origin"]),
        row=tuple(told["row"]),
        column=tuple(told["column"]),
        between_columns=told["betweenColumns"],
        between_rows=told["betweenRows"],
        columns=told["columns"],
        rows=told["rows"],
        mode=slab["mode"],
        slab_mm=0.0 if slab["mode"] == "single" else slab["mm"],
    )


@pytest.mark.parametrize(
    "held", [pytest.param(10**9, id="whole"), pytest.param(1, id="two slices at a time")]
)
@pytest.mark.parametrize("case", [pytest.param(one, id=one["name"]) for one in TABLE["planes"]])
def test_a_plane_is_what_the_viewer_cuts(
    case: dict[str, Any], held: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cutting, "HELD_BYTES", held)
    volume, load = volume_in(case["stack"])

    values = cutting.cut(volume, plane_in(case), load)

    wanted = np.array([np.nan if one is None else one for one in case["wanted"]["everySeventh"]], float)
    found = values.reshape(-1)[::7].astype(float)
    assert int(np.isnan(values).sum()) == case["wanted"]["nothing"]
    assert (np.isnan(found) == np.isnan(wanted)).all()
    assert np.nan_to_num(np.abs(found - wanted)).max() < BOUND


@pytest.mark.parametrize("case", [pytest.param(one, id=one["name"]) for one in TABLE["refused"]])
def test_what_is_no_volume_is_refused_with_the_viewers_reason(case: dict[str, Any]) -> None:
    stack = stacks_of(slices_of(case["stack"]))[0]

    found = volume_of(stack)

    assert isinstance(found, NoVolume)
    assert found.value == f"plane.{case['wanted']}"


@pytest.mark.parametrize("case", [pytest.param(one, id=one["name"]) for one in TABLE["planes"]])
def test_only_slices_the_plane_passes_are_read_each_once(case: dict[str, Any]) -> None:
    volume, load = volume_in(case["stack"])
    plane, seen = plane_in(case), []

    cutting.cut(volume, plane, lambda k: (seen.append(k), load(k))[1])  # type: ignore[func-returns-value]

    assert seen == list(cutting.slices_passed(volume, plane))
    if case["name"].startswith("axial between"):
        assert len(seen) == 2


def test_the_name_of_a_stack_is_of_its_slices_whatever_their_order() -> None:
    slices = slices_of(TABLE["planes"][0]["stack"])

    assert digest(slices[::-1]) == digest(slices)
    assert digest(slices[1:]) != digest(slices)
    assert TABLE["digest"] == digest(slices)


@pytest.mark.parametrize(
    ("change", "stacks"),
    [
        pytest.param({}, 1, id="alike"),
        pytest.param({"echo": 2}, 2, id="another echo"),
        pytest.param({"row": np.array([0.0, 1, 0]), "column": np.array([0.0, 0, -1])}, 2, id="another way"),
        pytest.param({"row": np.array([np.cos(0.03), np.sin(0.03), 0])}, 1, id="less than three degrees"),
        pytest.param({"row": None}, 2, id="without orientation"),
    ],
)
def test_a_series_falls_apart_as_in_the_viewer(change: dict[str, Any], stacks: int) -> None:
    slices = slices_of(TABLE["planes"][0]["stack"])
    slices[3] = Slice(**{**vars(slices[3]), **change})

    assert len(stacks_of(slices)) == stacks
