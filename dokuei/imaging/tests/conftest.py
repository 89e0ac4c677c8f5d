"""What every test of a door needs."""

import pytest

from dokuei.imaging.dicomweb import access
from dokuei.imaging.tests.builders import a_facility, a_token


@pytest.fixture(autouse=True)
def _fresh() -> None:
    """Rights are remembered for seconds; no test meets those of another."""
    access.forget()


@pytest.fixture
def token() -> str:
    return a_token(a_facility())
