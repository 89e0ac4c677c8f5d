"""A signed report about real images of one patient with a Japanese name, and the objects it became."""

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from pydicom import Dataset
from pydicom.uid import generate_uid

from dokuei.identity.access import Role
from dokuei.imaging import services as imaging
from dokuei.imaging.models import Instance, Study
from dokuei.kit import store
from dokuei.reporting.objects.models import Export, ExportedObject
from tests.builders import (
    NOW,
    TEST,
    a_facility,
    a_person,
    a_sent_request,
    at_large,
    run_due,
    run_jobs,
    signed_in,
)

NAME = "Takahashi^Ichiro=髙橋^一郎=たかはし^いちろう"
PATIENT = "P-0042"


def a_source(path: Path, study_uid: str, *, day: str, charset: Any = "ISO_IR 192", **change: Any) -> Dataset:
    """A real image as one of this patient's study."""
    ds = pydicom.dcmread(path)
    ds.decode()
    ds.SpecificCharacterSet = charset
    ds.PatientName, ds.PatientID, ds.PatientBirthDate, ds.PatientSex = NAME, PATIENT, "19680312", "M"
    ds.StudyInstanceUID, ds.StudyDate, ds.StudyTime, ds.AccessionNumber = study_uid, day, "091500", f"A{day}"
    ds.StudyDescription, ds.ReferringPhysicianName = "胸部CT", "Ito^Megumi=伊藤^恵"
    ds.StudyID = "1"
    for name, value in change.items():
        setattr(ds, name, value)
    return ds


def as_bytes(ds: Dataset) -> bytes:
    out = io.BytesIO()
    ds.save_as(out, enforce_file_format=True)
    return out.getvalue()


class Signed:
    """A claimed reading of some real images, with a prior; drawn on, then signed."""

    def __init__(self, current: Sequence[Dataset], prior: Sequence[Dataset] = ()) -> None:
        self.current, self.prior = list(current), list(prior)
        self.facility = a_facility("aoba")
        self.requester, self.reader = (
            a_person(role, self.facility) for role in (Role.REQUESTER, Role.READER)
        )
        self.study = self._stored(self.current)
        self.prior_study = self._stored(self.prior) if self.prior else None
        a_sent_request(self.requester, self.study)
        run_jobs()
        self.client = signed_in(self.reader)
        self.reading = self._ask("POST", "/api/v1/readings/next")["id"]
        self.report = self._ask("GET", f"/api/v1/readings/{self.reading}/report")["id"]
        self.marks: list[dict[str, Any]] = []
        self.figures: list[dict[str, Any]] = []

    def _stored(self, some: Sequence[Dataset]) -> Study:
        with at_large():
            for ds in some:
                found = imaging.store_instance(
                    TEST, facility_id=self.facility.pk, content=as_bytes(ds), at=NOW
                )
            imaging.settle_study(TEST, found.study_id, at=NOW)
            return Study.objects.get(pk=found.study_id)

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.client.generic(method, path, json.dumps(body or {}), content_type="application/json")
        assert answer.status_code == 200, answer.content.decode()
        return answer.json()

    def draw(self, ds: Dataset, kind: str, points: Sequence[Sequence[float]], **more: Any) -> dict[str, Any]:
        """Draw a mark on a frame."""
        mark = {
            "id": f"m{len(self.marks) + 1}",
            "kind": kind,
            "points": [list(one) for one in points],
            "is_closed": more.get("is_closed", False),
            "text": more.get("text", ""),
            "lines": more.get("lines", ["12.3 mm"]),
        }
        place = {"sop_instance_uid": str(ds.SOPInstanceUID), "frame_number": more.get("frame", 1)}
        self.marks.append({**mark, **place})
        return mark

    def key(self, ds: Dataset, *marks: dict[str, Any], frame: int = 1, **change: Any) -> dict[str, Any]:
        """Store a key image of a frame, whole unless told otherwise."""
        recipe = {
            "sop_instance_uid": str(ds.SOPInstanceUID),
            "frame_number": frame,
            "window": None,
            "is_low_white": False,
            "rotation_deg": 0,
            "is_mirrored": False,
            "area": {"left": 0, "top": 0, "right": ds.Columns, "bottom": ds.Rows},
            "marks": list(marks),
            **change,
        }
        path = f"/api/v1/reports/{self.report}/figures"
        body = {"key": f"k{len(self.figures) + 1}", "recipe": recipe}
        self.figures = self._ask("POST", path, body)["items"]
        return self.figures[-1]

    def sign(self) -> None:
        """Caption, write and sign what is there; nothing is written out yet."""
        items = [{"id": one["id"], "caption": f"所見{one['number']}"} for one in self.figures]
        path = f"/api/v1/reports/{self.report}"
        body = {"revision": len(self.figures), "items": items}
        revision = self._ask("PUT", f"{path}/figures", body)["revision"] if items else 0
        self._ask(
            "PUT", f"/api/v1/readings/{self.reading}/marks", {"revision": 0, "marks": self.marks, "links": []}
        )
        text = {"findings": "結節を認めます。", "impression": "肺結節。", "revision": 0}
        checks = self._ask("PUT", f"{path}/draft", text)["checks"]
        self._ask(
            "POST",
            f"{path}/sign",
            {
                "revision": 1,
                "figures_revision": revision,
                "marks_revision": 1,
                "overrides": [{"code": one["code"], "reason": "確認済み"} for one in checks],
            },
        )

    def picture(self, figure: dict[str, Any]) -> bytes:
        return bytes(self.client.get(figure["image_url"]).content)


def write_out() -> list[Dataset]:
    """Do what is queued as the worker would; the objects as other software gets them."""
    run_jobs()
    run_due()
    run_jobs()
    return objects()


def objects() -> list[Dataset]:
    """Every planned object that is listed, read back from the archive."""
    with at_large():
        uids = list(ExportedObject.objects.order_by("pk").values_list("sop_instance_uid", flat=True))
        rows = {one.sop_instance_uid: one for one in Instance.objects.filter(sop_instance_uid__in=uids)}
    found: list[Dataset] = []
    for uid in uids:
        if (row := rows.get(uid)) is not None:
            data = store.default().get_range(row.store_key, row.store_offset, row.store_length)
            found.append(pydicom.dcmread(io.BytesIO(data)))
    return found


def export() -> Export:
    with at_large():
        return Export.objects.get()


def two_studies() -> tuple[str, str]:
    return str(generate_uid()), str(generate_uid())


SQUARE = [(5, 5), (45, 5), (5, 35), (45, 35)]
OVAL = [(160, 150), (160, 110), (120, 130), (200, 130)]


def a_night(real_dicom: Path) -> Signed:
    """Every kind of mark, on every kind of picture, some turned, in two studies."""
    now, before = two_studies()
    ct = real_dicom / "studies/ct-chest-lungdx-a0001/s2-5mm-implicit-le"
    places = sorted(ct.glob("*.dcm"))
    kinds = real_dicom / "modalities"
    names = {
        "cr": "cr-chest-monochrome1.dcm",
        "us": "us-sonosite-30f-ybr-jpeg.dcm",
        "mr": "enhanced-mr-philips-8f.dcm",
        "palette": "us-philips-palette.dcm",
        "voi": "ot-voi-lut.dcm",
        "mlut": "ot-modality-lut.dcm",
        "nm": "nm-heart-13f.dcm",
        "pt": "pt-acrin-flt-breast.dcm",
    }
    sources = {"ct": a_source(places[30], now, day="20261122")}
    sources |= {key: a_source(kinds / name, now, day="20261122") for key, name in names.items()}
    old = a_source(
        places[20],
        before,
        day="20260522",
        charset=["", "ISO 2022 IR 87"],
        PatientName="TAKAHASHI^ICHIRO=高橋^一郎=たかはし^いちろう",
        SOPInstanceUID="2.25.77",
        SeriesInstanceUID="2.25.78",
    )
    case = Signed(list(sources.values()), [old])
    ct_marks = all_kinds(case, sources["ct"])
    case.key(sources["ct"], *ct_marks, window=a_window(40, 400), rotation_deg=90, is_mirrored=True)
    case.key(sources["ct"], window=a_window(-600, 1500), area=an_area(100, 120, 300, 260), rotation_deg=270)
    case.key(sources["cr"], case.draw(sources["cr"], "length", [(20, 20), (300, 400)]), is_low_white=True,
             window=a_window(*whole(sources["cr"])))  # fmt: skip
    case.key(sources["us"], case.draw(sources["us"], "ellipse", OVAL, frame=7), frame=7)
    case.key(sources["mr"], case.draw(sources["mr"], "rectangle", SQUARE, frame=3), frame=3,
             window=a_window(600, 1200, "SIGMOID"))  # fmt: skip
    case.key(sources["mr"], frame=6, window=a_window(600, 1200), rotation_deg=180)
    case.key(sources["palette"])
    case.key(sources["voi"])
    case.key(sources["mlut"], window=a_window(*whole(sources["mlut"])))
    case.key(old, case.draw(old, "bidirectional", [(200, 200), (260, 240), (240, 200), (230, 250)]),
             window=a_window(40, 400))  # fmt: skip
    case.draw(sources["nm"], "probe", [(30, 30)], frame=4)
    case.draw(sources["pt"], "ellipse", [(80, 90), (80, 70), (70, 80), (90, 80)])
    return case


def a_window(center: float, width: float, function: str = "LINEAR") -> dict[str, Any]:
    return {"center": center, "width": width, "function": function}


def an_area(left: int, top: int, right: int, bottom: int) -> dict[str, Any]:
    return {"left": left, "top": top, "right": right, "bottom": bottom}


def whole(ds: Dataset) -> tuple[float, float]:
    values = ds.pixel_array
    return (float(values.min()) + float(values.max())) / 2, max(2.0, float(np.ptp(values)))


def all_kinds(case: Signed, ds: Dataset) -> list[dict[str, Any]]:
    return [
        case.draw(ds, "length", [(100, 100), (160, 180)]),
        case.draw(ds, "bidirectional", [(200, 200), (260, 240), (240, 200), (230, 250)]),
        case.draw(ds, "angle", [(10, 10), (50, 60), (90, 20)]),
        case.draw(ds, "cobb", [(10, 10), (90, 30), (20, 200), (80, 140)]),
        case.draw(ds, "ellipse", [(300, 330), (300, 290), (280, 310), (320, 310)]),
        case.draw(ds, "rectangle", [(350, 350), (380, 350), (350, 370), (380, 370)]),
        case.draw(ds, "freehand", [(5, 5), (65, 5), (67, 52), (8, 54)], is_closed=True),
        case.draw(ds, "freehand", [(5, 5), (65, 5), (67, 52), (8, 54)]),
        case.draw(ds, "freehand", [(0, 0), (60, 60), (60, 0), (0, 60)], is_closed=True),
        case.draw(ds, "probe", [(256, 256)]),
        case.draw(ds, "arrow", [(300, 200), (340, 240)], text="結節", lines=[]),
    ]
