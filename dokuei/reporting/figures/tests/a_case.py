"""A claimed reading about one picture, for the tests of marks and key images."""

import io
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pydicom
from django.test import Client

from dokuei.identity.access import Role
from dokuei.imaging import services as imaging
from dokuei.imaging.models import Study
from tests.builders import (
    NOW,
    TEST,
    a_facility,
    a_person,
    a_sent_request,
    at_large,
    ct_instance,
    run_jobs,
    signed_in,
)

ROWS, COLUMNS = 40, 60
UID = "1.2.826.0.1.3680043.10.1"


def a_picture(**change: Any) -> tuple[bytes, np.ndarray[Any, Any]]:
    """A CT slice no two parts of which are alike, and its values."""
    ds = pydicom.dcmread(io.BytesIO(ct_instance(sop_uid=f"{UID}.9", study_uid=f"{UID}.1")))
    rows, columns = np.mgrid[:ROWS, :COLUMNS]
    values = (columns * 15 - rows * 7 + (columns > 40) * rows * 9 - 300).astype(np.int16)
    ds.Rows, ds.Columns, ds.PixelData = ROWS, COLUMNS, values.tobytes()
    for name, value in change.items():
        setattr(ds, name, value)
    out = io.BytesIO()
    ds.save_as(out, enforce_file_format=True)
    return out.getvalue(), values


class Case:
    """A claimed reading about one picture, its report begun."""

    def __init__(self, slices: Sequence[bytes] = (), **change: Any) -> None:
        self.facility = a_facility()
        self.requester, self.reader = (
            a_person(role, self.facility) for role in (Role.REQUESTER, Role.READER)
        )
        content, self.values = a_picture(**change)
        with at_large():
            for one in slices or [content]:
                stored = imaging.store_instance(TEST, facility_id=self.facility.pk, content=one, at=NOW)
            imaging.settle_study(TEST, stored.study_id, at=NOW)
            study = Study.objects.get(pk=stored.study_id)
        a_sent_request(self.requester, study)
        run_jobs()
        self.client = signed_in(self.reader)
        self.reading = ask(self.client, "POST", "/api/v1/readings/next").json()["id"]
        self.report = self.client.get(f"/api/v1/readings/{self.reading}/report").json()["id"]
        self.marks = f"/api/v1/readings/{self.reading}/marks"
        self.figures = f"/api/v1/reports/{self.report}/figures"

    def add(self, key: str = "a", **change: Any) -> dict[str, Any]:
        answer = ask(self.client, "POST", self.figures, {"key": key, "recipe": a_recipe(**change)})
        assert answer.status_code == 200, answer.content
        found: dict[str, Any] = answer.json()
        return found

    def write(self, findings: str, revision: int = 0) -> list[str]:
        body = {"findings": findings, "impression": "右肺結節。", "revision": revision}
        saved = ask(self.client, "PUT", f"/api/v1/reports/{self.report}/draft", body).json()
        return [one["code"] for one in saved["checks"]]

    def sign(self, **body: Any) -> Any:
        return ask(self.client, "POST", f"/api/v1/reports/{self.report}/sign", body)


def ask(client: Client, method: str, path: str, body: Any = None) -> Any:
    return client.generic(method, path, json.dumps(body or {}), content_type="application/json")


def a_recipe(**change: Any) -> dict[str, Any]:
    return {
        "sop_instance_uid": f"{UID}.9",
        "frame_number": 1,
        "window": {"center": 100, "width": 600, "function": "LINEAR"},
        "is_low_white": False,
        "rotation_deg": 0,
        "is_mirrored": False,
        "area": {"left": -3.5, "top": 0, "right": COLUMNS + 3.5, "bottom": ROWS},
        "marks": [],
        **change,
    }


def a_mark(**change: Any) -> dict[str, Any]:
    return {
        "id": "m1",
        "kind": "length",
        "sop_instance_uid": f"{UID}.9",
        "frame_number": 1,
        "plane": None,
        "points": [[3.25, 4.5], [30.0, 20.125]],
        "is_closed": False,
        "text": "",
        "lines": ["31.0 mm"],
        **change,
    }


def kept(case: Case, revision: int = 0, links: Any = (), **change: Any) -> Any:
    body = {"revision": revision, "marks": [a_mark(**change)], "links": list(links)}
    return ask(case.client, "PUT", case.marks, body)
