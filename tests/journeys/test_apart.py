"""Web, worker and listener apart, each with an empty folder of its own: PostgreSQL and S3 hold every state."""

import io
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pydicom
import pytest

from dokuei.hub.postgres import create_database
from tests.builders import ct_instance
from tests.harness import another_database
from tests.server import ROOT, free_port, until


class Fleet:
    """Processes that share nothing but the database and the bucket."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("DOKUEI_", "DATABASE_", "DJANGO_"))}
        self.folder = folder
        self.settings = {
            **kept,
            **settings,
            "PYTHONPATH": str(ROOT),
            "DOKUEI_SECRET_KEY": "the same on every machine",
            "DOKUEI_HTTP": f"127.0.0.1:{free_port()}",
            "DOKUEI_DICOM": f"DOKUEI@127.0.0.1:{free_port()}",
        }
        self.url = f"http://{self.settings['DOKUEI_HTTP']}"
        self.running: list[subprocess.Popen[bytes]] = []

    def environment(self, name: str) -> dict[str, str]:
        return {**self.settings, "DOKUEI_DATA": str(self.folder / name)}

    def start(self, name: str) -> None:
        log = (self.folder / f"{name}.log").open("wb")
        self.running.append(
            subprocess.Popen(
                [sys.executable, "-m", "dokuei.hub.cli", name],
                env=self.environment(name),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        )
        log.close()

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "dokuei.hub.cli", *arguments],
            env=self.environment("shell"),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def stop(self) -> None:
        for process in self.running:
            process.terminate()
        for process in self.running:
            process.wait(timeout=40)


@pytest.fixture
def fleet(tmp_path: Path, s3: dict[str, str]) -> Iterator[Fleet]:
    name = f"apart_{secrets.token_hex(4)}"
    settings = another_database(name)
    made = Fleet(tmp_path, {**settings, **s3, "DOKUEI_STORAGE": f"s3://dokuei/{name}"})
    made.run("migrate")
    for name in ("web", "worker", "dimse"):
        made.start(name)
    try:
        until(made.ready, 60)
        yield made
    finally:
        made.stop()


def test_processes_apart_share_only_the_database_and_the_bucket(fleet: Fleet, tmp_path: Path) -> None:
    fleet.run("admin", "facility", "shirahama", "白浜総合病院")
    fleet.run("admin", "ae", "CT1", "--facility", "shirahama")
    content = ct_instance(study_uid="1.2.3.4", sop_uid="1.2.3.4.5")
    (tmp_path / "one.dcm").write_bytes(content)
    fleet.run("send", str(tmp_path / "one.dcm"), "--to", fleet.settings["DOKUEI_DICOM"], "--from", "CT1")
    token = fleet.run(
        "token", "t", "--facility", "shirahama", "--permission", "dicom:read", "--permission", "study:read"
    )
    path = f"{fleet.url}/dicomweb/shirahama/studies/1.2.3.4/series/1.2.3.4.1/instances/1.2.3.4.5/frames/1"

    answer = httpx.get(path, headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 200
    pixels = pydicom.dcmread(io.BytesIO(content)).PixelData
    assert pixels in answer.content
    assert "transfer-syntax=1.2.840.10008.1.2.1" in answer.text[:400]
    left = [p for name in ("web", "worker", "dimse") for p in (tmp_path / name).rglob("*") if p.is_file()]
    assert left == []


def test_a_backup_is_taken_from_s3_proven_and_brought_back_into_an_empty_bucket(
    fleet: Fleet, s3: dict[str, str], tmp_path: Path
) -> None:
    fleet.run("admin", "facility", "shirahama", "白浜総合病院")
    fleet.run("admin", "ae", "CT1", "--facility", "shirahama")
    for number in range(3):
        (tmp_path / f"{number}.dcm").write_bytes(
            ct_instance(study_uid="1.2.3.5", sop_uid=f"1.2.3.5.{number + 1}", number=number + 1)
        )
        fleet.run(
            "send", str(tmp_path / f"{number}.dcm"), "--to", fleet.settings["DOKUEI_DICOM"], "--from", "CT1"
        )
    backup = tmp_path / "backup"

    taken = fleet.run("backup", str(backup))
    proof = fleet.run("backup", "verify", str(backup))
    name = f"restored_{secrets.token_hex(4)}"
    empty = empty_database(name)
    other = Fleet(tmp_path / "other", {**empty, **s3, "DOKUEI_STORAGE": f"s3://dokuei/{name}"})
    restored = other.run("restore", str(backup))

    objects = taken.split()[0]
    assert proof.startswith(f"{objects} objects, 3 instances"), proof
    assert proof.endswith("whole")
    assert restored.startswith(f"{objects} objects"), restored
    again = other.run("backup", str(tmp_path / "again"))
    assert again.split()[0] == objects
    proof = other.run("backup", "verify", str(tmp_path / "again"))
    assert proof.startswith(f"{objects} objects, 3 instances"), proof
    assert proof.endswith("whole")


def empty_database(name: str) -> dict[str, str]:
    """A database without tables beside this worker's, as the settings that name it."""
    with psycopg.connect(os.environ["DOKUEI_TEST_SUPERUSER"], autocommit=True) as connection:
        create_database(connection, name)
    return {
        setting: os.environ[setting].rpartition("/")[0] + f"/{name}"
        for setting in ("DATABASE_URL", "DATABASE_OWNER_URL")
    }
