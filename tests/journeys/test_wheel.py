"""The wheel carries the built web app and the report's fonts, and works outside the source tree."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.server import ROOT, Installation


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)],
        check=True,
        capture_output=True,
    )
    return next(out.glob("dokuei-*.whl"))


def test_the_wheel_holds_the_web_app_and_the_fonts(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    assert "dokuei/hub/web/index.html" in names
    assert any(name.startswith("dokuei/hub/web/assets/") and name.endswith(".wasm") for name in names)
    assert "dokuei/delivery/fonts/NotoSansJP_400Regular.ttf" in names
    assert "dokuei/delivery/report.typ" in names


def test_the_wheel_serves_outside_the_source_tree(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    dependencies = sysconfig.get_paths()["purelib"]
    place = Installation(tmp_path / "d", PYTHONPATH=f"{site}{os.pathsep}{dependencies}")

    place.start(is_first=True)
    try:
        where = subprocess.run(
            [sys.executable, "-c", "import dokuei; print(dokuei.__file__)"],
            env=place.environment,
            capture_output=True,
            text=True,
            check=True,
            cwd="/",
        ).stdout
        import httpx

        page = httpx.get(place.url).text
    finally:
        assert place.stop() == 0
    assert where.startswith(str(site))
    assert "/assets/index-" in page
