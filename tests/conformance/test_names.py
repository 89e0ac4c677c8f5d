"""A patient's name, in whatever character set it came, stands right in the worklist, in JSON and in the PDF."""

import csv
import io
import unicodedata
from pathlib import Path

import pytest
from pypdf import PdfReader

from dokuei.delivery.document import render
from dokuei.identity.access import Role
from dokuei.imaging.services import store_instance
from dokuei.patients.models import Patient
from tests.bodies import a_signed_body
from tests.builders import NOW, TEST, a_facility, a_person, at_large, signed_in

pytestmark = pytest.mark.django_db(transaction=True)
ALTERED_BYTES = {
    "charsets/ja/bad-ir87-first-value.dcm": "its bytes say another alphabetic name",
    "charsets/ja/bad-truncated-escape.dcm": "its bytes were cut inside a character",
    "charsets/ja/ir192-only-kanji-in-first-group.dcm": "kanji stand in the alphabetic group and are taken as kanji",
}


def intended(row: dict[str, str]) -> str:
    groups = (row["intended_name"] + "==").split("=")
    return unicodedata.normalize("NFC", (groups[1] or groups[0]).replace("^", " ")).strip()


def test_every_japanese_name_is_right_in_worklist_json_and_pdf(real_dicom: Path) -> None:
    facility = a_facility()
    screen = signed_in(a_person(Role.TECHNOLOGIST, facility))
    table = (real_dicom / "charsets" / "EXPECTED-ja.tsv").read_text()
    rows = list(csv.DictReader(io.StringIO(table), delimiter="\t"))
    wrong = []
    for row in rows:
        content = (real_dicom / row["path"]).read_bytes()
        with at_large():
            stored = store_instance(TEST, facility_id=facility.pk, content=content, at=NOW)
            patient = Patient.objects.get(studies__pk=stored.study_id)
        shown = screen.get(f"/api/v1/studies/{stored.study_id}").json()["patient"]
        name = shown["name_kanji"] or shown["name_romaji"]
        body = a_signed_body(name_kanji=patient.name_kanji, name_romaji=patient.name_romaji)
        document = render(body, number=1, kind="original", signed_by="田中", sha256="0" * 64)
        text = "".join(PdfReader(io.BytesIO(document)).pages[0].extract_text().split())
        expected = intended(row)
        if row["path"] not in ALTERED_BYTES and name != expected:
            wrong.append((row["path"], "json", name, expected))
        if plain(name) not in plain(text):
            wrong.append((row["path"], "pdf", name, text[:40]))
    assert wrong == []
    assert len(rows) >= 15


def plain(text: str) -> str:
    """Without spaces and variation selectors, which a PDF's text layer need not carry."""
    return "".join(
        one
        for one in unicodedata.normalize("NFKC", text)
        if not one.isspace() and not 0xE0100 <= ord(one) <= 0xE01EF
    )
