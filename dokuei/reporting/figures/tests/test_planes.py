"""Key images and marks of reformatted planes through the HTTP door: the hub cuts them again from what it received."""

import io
from typing import Any

import numpy as np
import pydicom
import pytest

from dokuei.imaging import services as imaging
from dokuei.imaging.planes import queries as planes
from dokuei.imaging.planes.stack import digest_of
from dokuei.reporting.figures.tests.a_case import Case, a_mark, a_recipe, ask
from dokuei.reporting.figures.tests.test_pictures import by_pixels, picture, windowed
from tests.builders import NOW, TEST, at_large, ct_instance

pytestmark = pytest.mark.django_db(transaction=True)

UID = "1.2.826.0.1.3680043.10.7"
SERIES = f"{UID}.1.1"
COUNT, SIZE = 12, 16
"""Slices 2 mm apart of 16 x 16 pixels of 1 mm."""


def a_volume(count: int = COUNT, **change: Any) -> tuple[list[bytes], np.ndarray[Any, Any]]:
    """Slices no two parts of which are alike, and their stored numbers."""
    z, y, x = np.mgrid[:count, :SIZE, :SIZE]
    stored = (x * 40 - y * 23 + z * 31 + (x > 9) * z * 17 - 150).astype(np.int16)
    return [a_slice(n, stored[n], **change) for n in range(count)], stored


def a_slice(number: int, stored: np.ndarray[Any, Any], **change: Any) -> bytes:
    content = ct_instance(sop_uid=f"{UID}.2.{number + 1}", study_uid=f"{UID}.1", number=number + 1)
    ds = pydicom.dcmread(io.BytesIO(content))
    ds.SeriesInstanceUID, ds.FrameOfReferenceUID = SERIES, f"{UID}.3"
    ds.ImagePositionPatient = [0, 0, 2 * number]
    ds.RescaleSlope, ds.RescaleIntercept = 1.5, -20
    ds.PixelData = stored.tobytes()
    for name, value in change.items():
        setattr(ds, name, value)
    out = io.BytesIO()
    ds.save_as(out, enforce_file_format=True)
    return out.getvalue()


def a_plane(**change: Any) -> dict[str, Any]:
    """The coronal plane half way between two rows, one pixel a millimetre."""
    return {
        "series_instance_uid": SERIES,
        "stack_sha256": digest_of([(f"{UID}.2.{n + 1}", 1) for n in range(COUNT)]),
        "orientation": "coronal",
        "is_turned": False,
        "is_agreed": False,
        "origin": [0, 7.5, 22],
        "row": [1, 0, 0],
        "column": [0, 0, -1],
        "between_columns": 1,
        "between_rows": 1,
        "columns": SIZE,
        "rows": 23,
        "slab": {"mode": "single", "mm": 0},
        **change,
    }


def on_plane(**change: Any) -> dict[str, Any]:
    recipe = a_recipe(area={"left": 0, "top": 0, "right": SIZE, "bottom": 23})
    return {**recipe, "sop_instance_uid": None, "frame_number": None, "plane": a_plane(**change)}


def coronal(stored: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """By the plain formula: half way between rows 7 and 8, every millimetre from the head down."""
    values = (stored[:, 7] + stored[:, 8]) / 2 * 1.5 - 20
    fine = [(values[n // 2] + values[(n + 1) // 2]) / 2 for n in range(22, -1, -1)]
    return np.array(fine)


def add(case: Case, **change: Any) -> Any:
    return ask(case.client, "POST", case.figures, {"key": "p", "recipe": {**on_plane(), **change}})


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("low_white", [True, False])
def test_the_picture_of_a_plane_is_what_the_slices_say(photometric: str, low_white: bool) -> None:
    slices, stored = a_volume(PhotometricInterpretation=photometric)
    case = Case(slices)

    answer = add(case, is_low_white=low_white)

    assert answer.status_code == 200, answer.content.decode()
    (figure,) = answer.json()["items"]
    wanted = windowed(coronal(stored), 100, 600)
    wanted = 255 - wanted if low_white else wanted
    assert np.abs(by_pixels(picture(case, figure), 23, SIZE) - wanted).mean() < 0.8
    assert figure["plane_name"] == "冠状断 MPR"
    assert figure["instance_number"] is None


@pytest.mark.parametrize(("mode", "reduce"), [("mip", np.max), ("minip", np.min), ("mean", np.mean)])
def test_a_slab_is_drawn_as_thick_as_it_says(mode: str, reduce: Any) -> None:
    slices, stored = a_volume()
    case = Case(slices)

    (figure,) = add(case, plane=a_plane(origin=[0, 8, 22], slab={"mode": mode, "mm": 4})).json()["items"]

    values = stored * 1.5 - 20
    weights = {"mean": [0.125, 0.25, 0.25, 0.25, 0.125]}.get(mode)
    rows = [values[:, n] for n in range(6, 11)]
    thick = np.average(rows, axis=0, weights=weights) if weights else reduce(rows, axis=0)
    fine = np.array([(thick[n // 2] + thick[(n + 1) // 2]) / 2 for n in range(22, -1, -1)])
    if mode != "mean":  # the extreme is taken first, then nothing is blended: only in the places of slices
        shown, wanted = by_pixels(picture(case, figure), 23, SIZE)[::2], windowed(fine, 100, 600)[::2]
    else:
        shown, wanted = by_pixels(picture(case, figure), 23, SIZE), windowed(fine, 100, 600)
    assert np.abs(shown - wanted).mean() < 0.8
    assert figure["plane_name"].startswith("冠状断 MPR 厚さ 4 mm")


def test_a_series_that_has_grown_is_another_stack_and_nothing_false_is_drawn() -> None:
    slices, stored = a_volume()
    case = Case(slices)
    ask(case.client, "PUT", case.marks, {"revision": 0, "marks": [a_mark_on_plane()], "links": []})

    with at_large():
        more = a_slice(COUNT, stored[0])
        imaging.store_instance(TEST, facility_id=case.facility.pk, content=more, at=NOW)
    answer = add(case)

    assert (answer.status_code, answer.json()["code"]) == (404, "plane.stack_unknown")
    # what was drawn is not lost for that
    again = {"revision": 1, "marks": [a_mark_on_plane(points=[[0, 0], [5, 5]])], "links": []}
    assert ask(case.client, "PUT", case.marks, again).status_code == 200


@pytest.mark.parametrize(
    ("change", "agreed", "code"),
    [
        pytest.param(
            {"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]}, False, "plane.projection", id="a scout"
        ),
        pytest.param({"FrameOfReferenceUID": ""}, False, "plane.frame_of_reference", id="no space"),
        pytest.param({"lean": 1}, False, "plane.not_agreed", id="leaning, nobody agreed"),
        pytest.param({"lean": 1}, True, "", id="leaning, agreed"),
        pytest.param({"step": 1}, False, "plane.not_agreed", id="uneven, nobody agreed"),
        pytest.param({"gap": 1}, False, "", id="slices are missing, which is told"),
    ],
)
def test_the_hub_refuses_what_the_viewer_refuses(change: dict[str, Any], agreed: bool, code: str) -> None:
    _, stored = a_volume()
    bent = set(change) & {"lean", "step", "gap"}

    def place(n: int) -> list[float]:
        z = 2 * n + (0.7 if "step" in bent and n == 5 else 0) + (6 if "gap" in bent and n > 5 else 0)
        return [0, 0.4 * n if "lean" in bent else 0, z]

    more = {} if bent else change
    case = Case([a_slice(n, stored[n], ImagePositionPatient=place(n), **more) for n in range(COUNT)])

    answer = add(case, plane=a_plane(is_agreed=agreed))

    if code:
        assert (answer.status_code, answer.json()["code"]) == (409, code)
    else:
        assert answer.status_code == 200, answer.content.decode()


def a_mark_on_plane(**change: Any) -> dict[str, Any]:
    return a_mark(**{"sop_instance_uid": None, "frame_number": None, "plane": a_plane(), **change})


def test_marks_on_planes_come_back_as_they_were_drawn() -> None:
    case = Case(a_volume()[0])

    saved = ask(case.client, "PUT", case.marks, {"revision": 0, "marks": [a_mark_on_plane()], "links": []})

    assert saved.status_code == 200, saved.content
    assert case.client.get(case.marks).json()["marks"] == [a_mark_on_plane()]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"row": [1, 0.1, 0]}, id="no unit vector"),
        pytest.param({"column": [0.6, 0, -0.8]}, id="not at right angles"),
        pytest.param({"row": [0, 0, 0]}, id="no direction"),
        pytest.param({"origin": [0, 1e9, 0]}, id="far away"),
        pytest.param({"origin": [0, 0]}, id="two dimensions"),
        pytest.param({"origin": [0, 0, "NaN"]}, id="no number"),
        pytest.param({"between_rows": 0}, id="no spacing"),
        pytest.param({"between_rows": 30}, id="pixels like needles"),
        pytest.param({"rows": 100_000}, id="too large"),
        pytest.param({"rows": 0}, id="empty"),
        pytest.param({"slab": {"mode": "mip", "mm": 0}}, id="a slab without thickness"),
        pytest.param({"slab": {"mode": "single", "mm": 5}}, id="a thick single plane"),
        pytest.param({"slab": {"mode": "mip", "mm": 5000}}, id="too thick"),
        pytest.param({"slab": {"mode": "sum", "mm": 5}}, id="a mode nobody knows"),
        pytest.param({"stack_sha256": "x" * 64}, id="no hash"),
        pytest.param({"series_instance_uid": "1.2.3"}, id="a series of nobody"),
        pytest.param({"surprise": 1}, id="a field nobody knows"),
    ],
)
def test_hostile_planes_are_refused(change: dict[str, Any]) -> None:
    case = Case(a_volume()[0])

    mark = a_mark_on_plane(plane=a_plane(**change))
    kept = ask(case.client, "PUT", case.marks, {"revision": 0, "marks": [mark], "links": []})
    drawn = add(case, plane=a_plane(**change))

    assert (kept.status_code, drawn.status_code) == (422, 422), drawn.content.decode()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"sop_instance_uid": "1.2.3", "frame_number": 1}, id="a frame and a plane"),
        pytest.param({"plane": None}, id="neither"),
        pytest.param({"plane": None, "sop_instance_uid": "1.2.3"}, id="half a frame"),
        pytest.param({"window": None}, id="no window"),
    ],
)
def test_a_recipe_is_of_one_thing(change: dict[str, Any]) -> None:
    case = Case(a_volume()[0])

    assert add(case, **change).status_code == 422


def test_a_plane_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case(a_volume()[0])
    monkeypatch.setattr(planes, "CUT_SECONDS", -1.0)

    answer = add(case)

    assert (answer.status_code, answer.json()["code"]) == (422, "plane.too_large")


def test_while_another_plane_is_cut_one_may_try_again(monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case(a_volume()[0])
    monkeypatch.setattr(planes, "PATIENCE_SECONDS", 0.01)

    with planes.CUTTERS:
        busy = add(case)
    after = add(case)

    assert (busy.status_code, busy.json()["code"], after.status_code) == (503, "plane.busy", 200)


def test_a_plane_beside_its_volume_and_one_too_large_are_no_key_images() -> None:
    case = Case(a_volume()[0])

    beside = add(case, plane=a_plane(origin=[0, 400, 22]))
    huge = add(
        case,
        plane=a_plane(rows=1024, columns=1024, row=[0.6, 0.8, 0], slab={"mode": "mip", "mm": 200}),
    )

    assert (beside.status_code, beside.json()["code"]) == (422, "plane.empty")
    assert (huge.status_code, huge.json()["code"]) == (422, "plane.too_large")
