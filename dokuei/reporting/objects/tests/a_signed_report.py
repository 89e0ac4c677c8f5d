"""A signed report with marks and key images, and the objects it became."""

import io
from typing import Any

import pydicom
from pydicom import Dataset

from dokuei.imaging.models import Instance
from dokuei.kit import store
from dokuei.reporting.figures.tests.a_case import Case, ask
from dokuei.reporting.objects.models import Export, ExportedObject
from tests.builders import at_large, run_due, run_jobs


def sign(case: Case, marks: list[dict[str, Any]], text: str = "結節。") -> None:
    """Save the marks and sign what is there, without writing anything out yet."""
    if marks:
        body = {"revision": 0, "marks": marks, "links": []}
        answer = ask(case.client, "PUT", case.marks, body)
        assert answer.status_code == 200, answer.content
    reasons = [{"code": one, "reason": "確認済み"} for one in case.write(text)]
    figures = case.client.get(case.figures).json()["revision"]
    signed = case.sign(
        revision=1, figures_revision=figures, marks_revision=1 if marks else 0, overrides=reasons
    )
    assert signed.status_code == 200, signed.content


def written() -> list[Dataset]:
    """Let the worker do what is queued; the objects that are listed, as other software reads them."""
    run_jobs()
    run_due()
    run_jobs()
    return objects()


def objects() -> list[Dataset]:
    with at_large():
        uids = list(ExportedObject.objects.order_by("pk").values_list("sop_instance_uid", flat=True))
        rows = {one.sop_instance_uid: one for one in Instance.objects.filter(sop_instance_uid__in=uids)}
    return [pydicom.dcmread(io.BytesIO(content_of(rows[uid]))) for uid in uids if uid in rows]


def content_of(row: Instance) -> bytes:
    return store.default().get_range(row.store_key, row.store_offset, row.store_length)


def only(found: list[Dataset], modality: str) -> Dataset:
    (one,) = [ds for ds in found if modality == ds.Modality]
    return one


def export() -> Export:
    with at_large():
        return Export.objects.get()
