"""Request slips to hand in: honest ones and hostile ones, and what somebody writes down of one."""

import io
from typing import Any

import numpy as np
import pypdf
from PIL import Image
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from dokuei.intake.paper.fields import FIELDS, FieldAnswer, FieldEntry


def a_pdf(pages: int = 2, *, script: str = "", password: str = "") -> bytes:
    """Empty pages; each call says the same bytes for the same pages unless it is encrypted."""
    writer = pypdf.PdfWriter()
    for number in range(pages):
        writer.add_blank_page(595, 842 + number)
    if script:
        writer._root_object[NameObject("/OpenAction")] = DictionaryObject(
            {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject(script)}
        )
    if password:
        writer.encrypt(password, algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def a_scan(shade: int = 200, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.full((400, 300), shade, np.uint8)).save(out, kind)
    return out.getvalue()


def a_fax(pages: int = 3) -> bytes:
    """Group 4 pages in standard resolution: half as many lines as dots."""
    sheets = [Image.fromarray(np.arange(110 * 172).reshape(110, 172) % (7 + n) > 0) for n in range(pages)]
    out = io.BytesIO()
    sheets[0].save(out, "TIFF", compression="group4", save_all=True, append_images=sheets[1:], dpi=(204, 98))
    return out.getvalue()


def a_bomb() -> bytes:
    """A PNG that says it is 60,000 pixels wide and high."""
    data = bytearray(a_scan())
    data[16:24] = (60_000).to_bytes(4, "big") * 2
    return bytes(data)


def said(value: str, page: int = 1, **more: Any) -> FieldEntry:
    return FieldEntry(value=value, answer=FieldAnswer.SAID, page=page, **more)


def written(**change: str) -> dict[str, FieldEntry]:
    """What somebody reads on a slip; what is not named is not written."""
    values = {
        "patient.patient_id": "P1",
        "patient.name_kanji": "山田 太郎",
        "patient.birth_on": "1968-03-12",
        "patient.sex": "M",
        "exam_on": "2026-11-22",
        "exam.modality": "CT",
        "exam.description": "胸部単純CT",
        "question": "右肺結節の経過",
        "callback_phone": "内線 12",
    } | {key.replace("__", "."): value for key, value in change.items()}
    fields = {key: FieldEntry(answer=FieldAnswer.NOT_WRITTEN) for key in FIELDS}
    return fields | {key: said(value) for key, value in values.items()}


def as_json(fields: dict[str, FieldEntry]) -> dict[str, Any]:
    return {key: one.model_dump(mode="json") for key, one in fields.items()}
