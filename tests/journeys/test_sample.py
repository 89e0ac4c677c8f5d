"""The sample work of a first start, brought in through the real doors."""

import subprocess
import sys
from pathlib import Path

from tests.server import Installation


def test_the_sample_work_is_loaded_once_and_says_who_may_sign_in(tmp_path: Path) -> None:
    place = Installation(tmp_path / "d")
    place.start()
    try:
        first, second = (
            subprocess.run(
                [sys.executable, "-m", "dokuei.hub.sample"],
                env=place.environment,
                capture_output=True,
                text=True,
                check=False,
            )
            for _ in range(2)
        )
        studies = place.json("/api/v1/studies", place.token("shirahama", "study:read"))
    finally:
        assert place.stop() == 0

    assert first.returncode == 0, first.stderr
    assert second.returncode == 0, second.stderr
    assert "@" in first.stdout
    assert "C-STORE" not in second.stdout
    assert studies["total"] >= 3
