"""Web, worker and listener apart, each with an empty folder of its own: PostgreSQL and S3 hold every state."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pydicom
import pytest

from tests.builders import ct_instance
from tests.harness import another_database
from tests.server import ROOT, free_port, until

KEYS = {"AWS_ACCESS_KEY_ID": "dokuei", "AWS_SECRET_ACCESS_KEY": "only for a test", "AWS_REGION": "us-east-1"}


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A real S3 server on loopback with one bucket; yields the settings that reach it."""
    folder = tmp_path_factory.mktemp("weed")
    identities = folder / "identities.json"
    credentials = [{"accessKey": KEYS["AWS_ACCESS_KEY_ID"], "secretKey": KEYS["AWS_SECRET_ACCESS_KEY"]}]
    actions = ["Admin", "Read", "Write", "List"]
    identities.write_text(
        json.dumps({"identities": [{"name": "test", "credentials": credentials, "actions": actions}]})
    )
    ports = {name: free_port() for name in ("master", "volume", "filer", "s3")}
    grpc = {name: free_port() for name in ("master", "volume", "filer", "s3")}
    command = [
        str(Path(sys.executable).parent / "weed"), "server", "-s3", f"-dir={folder}", "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1", f"-s3.config={identities}", "-volume.max=20", "-master.volumeSizeLimitMB=64",
        "-metricsPort=0", "-master.telemetry=false", "-s3.port.iceberg=0", "-s3.port.lance=0",
        *[f"-{name}.port={port}" for name, port in ports.items()],
        *[f"-{name}.port.grpc={port}" for name, port in grpc.items()],
    ]  # fmt: skip
    log = (folder / "weed.log").open("wb")
    server = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)

    def made() -> bool:
        assert server.poll() is None, (folder / "weed.log").read_text()[-2000:]
        try:
            answer = httpx.post(f"http://127.0.0.1:{ports['filer']}/buckets/dokuei/")
            alive = httpx.get(f"http://127.0.0.1:{ports['s3']}/").status_code < 500
        except httpx.HTTPError:
            return False
        return alive and answer.status_code in {200, 201, 409}

    try:
        until(made, 60)
        yield {
            **KEYS,
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{ports['s3']}",
            "DOKUEI_STORAGE": "s3://dokuei/test",
        }
    finally:
        server.terminate()
        server.wait(timeout=30)
        log.close()


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
def fleet(tmp_path: Path, bucket: dict[str, str]) -> Iterator[Fleet]:
    settings = another_database(f"apart_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}")
    made = Fleet(tmp_path, {**settings, **bucket, "AWS_EC2_METADATA_DISABLED": "true"})
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
