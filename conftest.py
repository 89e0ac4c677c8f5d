"""Fixtures every room's tests share."""

from pathlib import Path

import pytest
from django.test import TransactionTestCase

from tests import harness

pytest_plugins = ["tests.s3"]
DICOM = Path(__file__).resolve().parent.parent / "shared" / "data" / "dicom"


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """The harness made the database; Django has nothing to create."""


def _wipe(self: TransactionTestCase) -> None:
    harness.wipe()


TransactionTestCase._fixture_teardown = _wipe  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def real_dicom() -> Path:
    """The folder of real DICOM data; tests that need it say loudly when it is absent."""
    if not DICOM.exists():
        pytest.skip(f"REAL DICOM DATA ABSENT: {DICOM} (only pydicom's own files are tested)")
    return DICOM


@pytest.fixture(scope="session")
def real_dicom_or_none() -> Path | None:
    """The same folder where there is one; a test that gets None says so and uses pydicom's own files."""
    if not DICOM.exists():
        print("REAL DICOM DATA ABSENT: using pydicom's own test file instead")
        return None
    return DICOM
