"""That pictures are for reference stands everywhere, unless the settings say where diagnosis is made."""

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from pypdf import PdfReader

from dokuei.audit.models import Entry
from dokuei.hub.label import note_label
from dokuei.kit.config import ConfigError, load_config
from dokuei.reporting.figures import drawing
from dokuei.reporting.figures.tests.a_case import Case
from tests.builders import at_large, run_due, run_jobs

pytestmark = pytest.mark.django_db(transaction=True)
WHERE = "読影規程 4.2: 診断は院内の承認済端末で行う"


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = settings.DOKUEI.model_copy(update={"certified_display_elsewhere": WHERE})
    monkeypatch.setattr(settings, "DOKUEI", changed)


@pytest.fixture
def notes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What stood in the margin of the key images that were drawn."""
    told: list[str] = []
    real = drawing._notes

    def heard(*arguments: Any) -> list[str]:
        found = real(*arguments)
        told.extend(found)
        return found

    monkeypatch.setattr(drawing, "_notes", heard)
    return told


def signed_text(case: Case) -> str:
    """The words of the document of a signed report with a key image."""
    case.add()
    case.write("右肺に結節を認めます（図1）。")
    overrides = [
        {"code": code, "reason": "確認済み"} for code in case.write("右肺に結節を認めます（図1）。", 1)
    ]
    body = {"revision": 2, "figures_revision": 1, "overrides": overrides}
    answer = case.sign(**body)
    assert answer.status_code == 200, answer.content
    run_jobs()
    run_due()
    pdf = case.client.get(f"/api/v1/reports/{case.report}/versions/1/pdf")
    pages = PdfReader(io.BytesIO(pdf.content)).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


def test_screen_key_image_and_document_say_that_they_are_for_reference(notes: list[str]) -> None:
    case = Case()

    text = signed_text(case)

    assert case.client.get("/api/v1/me").json()["display_label"] == "reference"
    assert "参照用画像" in notes
    assert "参照用画像" in text


@pytest.mark.usefixtures("elsewhere")
def test_none_says_so_where_the_settings_say_where_diagnosis_is_made(notes: list[str]) -> None:
    case = Case()

    text = signed_text(case)

    assert case.client.get("/api/v1/me").json()["display_label"] == "none"
    assert "参照用画像" not in notes
    assert "参照用画像" not in text


@pytest.mark.usefixtures("elsewhere")
def test_every_start_without_the_label_is_written_down_with_where_the_duty_is_met() -> None:
    note_label(datetime.now(UTC))

    with at_large():
        (entry,) = Entry.objects.filter(event="display_label.off")
    assert WHERE in entry.body
    assert entry.by == "system:start"


def test_a_start_with_the_label_is_not_worth_a_line() -> None:
    note_label(datetime.now(UTC))

    with at_large():
        assert not Entry.objects.filter(event="display_label.off").exists()


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({"DOKUEI_CERTIFIED_DISPLAY_ELSEWHERE": "1"}, id="a switch and no sentence"),
        pytest.param({"DOKUEI_CERTIFIED_DISPLAY_ELSEWHERE": "true"}, id="a word and no sentence"),
        pytest.param({"DOKUEI_CERTIFIED_DISPLAY_ELSEWHERE": "x" * 201}, id="too long"),
        pytest.param({"DOKUEI_VIEWER_SCHEMES": "weasis,javascript"}, id="a script for a viewer"),
        pytest.param({"DOKUEI_VIEWER_SCHEMES": "wea sis"}, id="no scheme"),
    ],
)
def test_a_setting_that_says_too_little_stops_the_start(value: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        load_config({"DOKUEI_DATA": str(tmp_path), **value})


def test_settings_that_say_enough_are_taken(tmp_path: Path) -> None:
    config = load_config(
        {
            "DOKUEI_DATA": str(tmp_path),
            "DOKUEI_CERTIFIED_DISPLAY_ELSEWHERE": WHERE,
            "DOKUEI_VIEWER_SCHEMES": "weasis, http",
        }
    )

    assert not config.is_for_reference
    assert config.viewer_scheme_list == {"weasis", "http"}


def test_who_has_not_signed_in_is_told_of_the_label_too() -> None:
    assert Client().get("/api/v1/me").json()["display_label"] == "reference"
