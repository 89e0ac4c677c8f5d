"""What the documents promise is there."""

import re
from pathlib import Path

import pytest

from dokuei.audit.events import Event
from dokuei.imaging.conformance import statement
from dokuei.kit.config import Config

ROOT = Path(__file__).resolve().parents[2]
SAFETY = (ROOT / "SAFETY.md").read_text()


def hazards() -> list[tuple[str, str]]:
    """Hazard and test of each row of the table in SAFETY.md."""
    rows = re.findall(r"^\| (H\d+)[^|]*\|[^|]*\|[^|]*\| `([^`]+)` \|$", SAFETY, re.M)
    return [(number, test) for number, test in rows]


def test_safety_names_hazards() -> None:
    assert len(hazards()) >= 10


@pytest.mark.parametrize(("hazard", "test"), hazards())
def test_every_hazard_names_a_test_that_exists(hazard: str, test: str) -> None:
    path, _, name = test.partition("::")

    assert f"def {name}(" in (ROOT / path).read_text()


def test_the_conformance_statement_says_what_the_code_does() -> None:
    assert (ROOT / "docs" / "conformance" / "dicom.md").read_text() == statement()


def test_event_codes_are_unique() -> None:
    codes = [event.value.code for event in Event]

    assert len(set(codes)) == len(codes)


def test_every_setting_is_described() -> None:
    assert [name for name, field in Config.model_fields.items() if not field.description] == []


def test_every_dependency_has_a_reason() -> None:
    """Each pinned runtime dependency is named in an ADR."""
    adrs = "\n".join(path.read_text() for path in (ROOT / "docs" / "adr").glob("*.md"))
    project = (ROOT / "pyproject.toml").read_text()
    block = project.split("dependencies = [", 1)[1].split("]\n", 1)[0]
    names = re.findall(r'"([a-z0-9-]+)(?:\[[a-z,]+\])?==', block)

    assert [name for name in names if name not in adrs] == []
