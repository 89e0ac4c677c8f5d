"""A signed report about real images of one patient with a Japanese name, and the objects it became."""

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

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
    found = []
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
