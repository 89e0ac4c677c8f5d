"""What leaves a signed report that speaks of reformatted planes: judged by other software, measured again here."""

import re
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from pydicom import Dataset
from pydicom.uid import generate_uid

from dokuei.imaging import services as imaging
from dokuei.imaging.planes.stack import digest_of
from dokuei.reporting.objects.models import ExportedObject
from tests.builders import NOW, TEST, at_large
from tests.conformance.signed import Signed, a_source, a_window, as_bytes, write_out
from tests.conformance.test_objects import JUSTIFIED, in_evidence, kept_in, said_by, spoken_of, values, walked
from tests.volumes import Volume, points_of

pytestmark = pytest.mark.django_db(transaction=True)
CHEST = "studies/ct-chest-lungdx-a0001/s2-5mm-implicit-le"
SIDE = {"columns": 300, "rows": 60}


class Cut(Signed):
    """A reading of ten real slices, with marks and key images on a frame and on planes of them."""

    def __init__(self, real_dicom: Path, folder: Path) -> None:
        uid = str(generate_uid())
        paths = sorted((real_dicom / CHEST).glob("*.dcm"))[30:40]
        sources = [a_source(path, uid, day="20261122") for path in paths]
        for number, ds in enumerate(sources):
            ds.save_as(folder / f"source-{number}.dcm")
        self.volume = Volume(sorted(folder.glob("source-*.dcm")))
        super().__init__(sources)
        first = self.volume.slices[0]
        place = self.volume.origins[0]
        self.plane = {
            "series_instance_uid": str(first.SeriesInstanceUID),
            "stack_sha256": digest_of([(str(ds.SOPInstanceUID), 1) for ds in sources]),
            "orientation": "coronal",
            "is_turned": False,
            "is_agreed": False,
            "origin": [place[0] + 60.0, place[1] + 170.0, float(self.volume.at[-1]) - 1],
            "row": [1, 0, 0],
            "column": [0, 0, -1],
            "between_columns": 0.7,
            "between_rows": 0.7,
            **SIDE,
            "slab": {"mode": "single", "mm": 0},
        }

    def on_plane(
        self, kind: str, points: Any, plane: dict[str, Any] | None = None, **more: Any
    ) -> dict[str, Any]:
        mark = self.draw(self.current[0], kind, points, **more)
        self.marks[-1] |= {"sop_instance_uid": None, "frame_number": None, "plane": plane or self.plane}
        return mark

    def key_of_plane(self, *marks: dict[str, Any], **slab: Any) -> dict[str, Any]:
        plane = {**self.plane, "slab": slab or self.plane["slab"]}
        area = {"left": 0, "top": 0, "right": SIDE["columns"], "bottom": SIDE["rows"]}
        return self.key(
            self.current[0], *marks, sop_instance_uid=None, frame_number=None, plane=plane, area=area,
            window=a_window(-600, 1600),
        )  # fmt: skip


@pytest.fixture
def signed(real_dicom: Path, tmp_path: Path) -> Cut:
    case = Cut(real_dicom, tmp_path)
    flat = case.current[4]
    case.key(flat, case.draw(flat, "length", [(100, 100), (200, 180)]), window=a_window(40, 400))
    length = case.on_plane("length", [(40.5, 10.25), (220, 50)])
    case.on_plane("ellipse", [(150, 40), (150, 20), (130, 30), (170, 30)])
    case.on_plane("rectangle", [(60, 10), (90, 10), (60, 40), (90, 40)])
    case.on_plane("freehand", [(200, 10), (230, 12), (225, 40)], is_closed=True)
    case.on_plane("angle", [(20, 10), (60, 40), (90, 12)])
    case.on_plane("probe", [(151, 31)])
    case.on_plane("arrow", [(100, 20), (130, 40)], text="結節", lines=["結節"])
    case.key_of_plane(length)
    case.key_of_plane(mode="mip", mm=10)
    return case


def made_by(signed: Cut) -> dict[str, list[Dataset]]:
    signed.sign()
    found: dict[str, list[Dataset]] = {}
    for ds in write_out():
        found.setdefault(str(ds.Modality), []).append(ds)
    return found


def test_other_software_finds_no_error_in_what_speaks_of_planes(signed: Cut, tmp_path: Path) -> None:
    signed.sign()

    saved = kept_in(tmp_path, write_out())

    assert sorted(one.name for one in saved) == [
        "KO-9901-1.dcm", "OT-9905-2.dcm", "OT-9905-3.dcm", "PR-9902-1.dcm", "SR-9904-1.dcm",
    ]  # fmt: skip
    for path in saved:
        lines = said_by("dciodvfy", "-new", str(path)).splitlines()[1:]
        open_ = [one for one in lines if one and not any(re.search(known, one) for known in JUSTIFIED)]
        assert open_ == [], path.name
        if path.name[:2] in {"KO", "SR"}:
            assert "\nE: " not in said_by("dsrdump", str(path))


def test_the_picture_of_a_plane_is_filed_and_selected(signed: Cut) -> None:
    made = made_by(signed)

    (selection,) = made["KO"]
    captures = {str(ds.SOPInstanceUID): ds for ds in made["OT"]}
    images = [one.ReferencedSOPSequence[0] for one in walked(selection) if one.get("ValueType") == "IMAGE"]
    assert [str(one.ReferencedSOPInstanceUID) in captures for one in images] == [False, True, True]
    assert spoken_of(selection) == in_evidence(selection)
    (said,) = [one.TextValue for one in walked(selection) if one.get("RelationshipType") == "CONTAINS"
               and "TextValue" in one]  # fmt: skip
    assert "再構成 冠状断 MPR 厚さ 10 mm MIP" in said
    for figure, ds in zip(signed.figures[1:], made["OT"], strict=True):
        page = imagecodecs.png_decode(signed.picture(figure))
        assert np.array_equal(ds.pixel_array, page)
        assert (ds.BurnedInAnnotation, ds.StudyInstanceUID) == ("YES", signed.study.study_instance_uid)
    # an own picture is no image that was received
    listed = signed._ask("GET", f"/api/v1/readings/{signed.reading}/images")
    assert "9905" not in str(listed)


def test_every_number_on_a_plane_is_what_the_files_say(signed: Cut) -> None:
    (report,) = made_by(signed)["SR"]

    assert report.SOPClassUID == "1.2.840.10008.5.1.4.1.1.88.34"
    assert spoken_of(report) == in_evidence(report)
    assert {str(ds.SOPInstanceUID) for ds in signed.current} <= in_evidence(report)
    plane = {**signed.plane, "betweenColumns": 0.7, "betweenRows": 0.7}
    ends = points_of(plane, np.array([(40.5, 10.25), (220, 50)]))
    assert values(report, "計測2 長さ")["Length"] == pytest.approx(
        np.linalg.norm(ends[1] - ends[0]), abs=1e-6
    )
    rows, columns = np.mgrid[: SIDE["rows"], : SIDE["columns"]]
    grid = signed.volume.at_points(points_of(plane, np.column_stack([columns.ravel(), rows.ravel()])))
    inside = (((columns - 150) / 20) ** 2 + ((rows - 30) / 10) ** 2 <= 1).ravel()
    oval = values(report, "計測3 楕円ROI")
    assert oval["Mean"] == pytest.approx(grid[inside].mean(), abs=0.01)
    assert oval["Standard Deviation"] == pytest.approx(grid[inside].std(), abs=0.01)
    assert oval["Area"] == pytest.approx(np.pi * 20 * 10 * 0.49, rel=1e-6)
    assert values(report, "計測4 矩形ROI")["Area"] == pytest.approx(30 * 30 * 0.49, rel=1e-6)
    probe = values(report, "計測7 点の値")
    assert next(iter(probe.values())) == pytest.approx(grid.reshape(rows.shape)[31, 151], abs=0.01)


def test_points_on_a_plane_are_said_in_the_patient(signed: Cut) -> None:
    (report,) = made_by(signed)["SR"]

    space = [one for one in walked(report) if one.get("ValueType") == "SCOORD3D"]
    flat = [one for one in walked(report) if one.get("ValueType") == "SCOORD"]
    assert len(flat) == 1
    assert {str(one.ReferencedFrameOfReferenceUID) for one in space} == {
        str(signed.current[0].FrameOfReferenceUID)
    }
    plane = {**signed.plane, "betweenColumns": 0.7, "betweenRows": 0.7}
    line = next(one for one in space if one.GraphicType == "POLYLINE")
    wanted = points_of(plane, np.array([(40.5, 10.25), (220, 50)]))
    assert np.array(line.GraphicData).reshape(-1, 3) == pytest.approx(wanted, abs=1e-3)
    kinds = sorted(one.GraphicType for one in space)
    assert kinds == ["ELLIPSE", "POINT", "POINT", "POLYGON", "POLYGON", "POLYLINE", "POLYLINE"]
    series = {str(one.UID) for one in walked(report) if one.get("ValueType") == "UIDREF"}
    assert signed.plane["series_instance_uid"] in series


def test_a_mark_whose_stack_has_changed_is_told_without_a_number(signed: Cut) -> None:
    gone = {**signed.plane, "stack_sha256": "0" * 64}
    signed.on_plane("length", [(0, 0), (10, 10)], plane=gone, lines=["9.9 mm"])

    (report,) = made_by(signed)["SR"]

    assert values(report, "計測9 長さ") == {}
    told = [one.TextValue for one in walked(report) if "TextValue" in one]
    assert any("計算し直していません。画面の表示: 9.9 mm" in one for one in told)


def test_a_series_that_grew_after_signing_still_leaves_its_pictures(signed: Cut) -> None:
    signed.sign()
    more = signed.current[0].copy()
    more.SOPInstanceUID = more.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    with at_large():
        imaging.store_instance(TEST, facility_id=signed.facility.pk, content=as_bytes(more), at=NOW)

    made = write_out()

    assert [ds.Modality for ds in made].count("OT") == 2
    with at_large():
        assert ExportedObject.objects.filter(kind="capture").count() == 2
