"""A real S3 server on loopback (SeaweedFS) for every test that wants one, and this process keeping its images there."""

import json
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.server import free_port, until

BINARY = Path(sys.executable).parent / "weed"
KEYS = {"AWS_ACCESS_KEY_ID": "dokuei", "AWS_SECRET_ACCESS_KEY": "only for a test", "AWS_REGION": "us-east-1"}


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """One server with the bucket `dokuei` for the whole run; yields the settings that reach it."""
    if not BINARY.exists():
        pytest.skip(f"S3 SERVER ABSENT: {BINARY} (nothing was tried against S3)")
    folder = tmp_path_factory.mktemp("weed")
    ports = {name: free_port() for name in ("master", "volume", "filer", "s3")}
    log = (folder / "weed.log").open("wb")
    server = subprocess.Popen(_command(folder, ports), stdout=log, stderr=log, start_new_session=True)

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
            "AWS_EC2_METADATA_DISABLED": "true",
        }
    finally:
        server.terminate()
        server.wait(timeout=30)
        log.close()


def _command(folder: Path, ports: dict[str, int]) -> list[str]:
    identities = folder / "identities.json"
    credentials = [{"accessKey": KEYS["AWS_ACCESS_KEY_ID"], "secretKey": KEYS["AWS_SECRET_ACCESS_KEY"]}]
    actions = ["Admin", "Read", "Write", "List"]
    identities.write_text(
        json.dumps({"identities": [{"name": "test", "credentials": credentials, "actions": actions}]})
    )
    return [
        str(BINARY), "server", "-s3", f"-dir={folder}", "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1", f"-s3.config={identities}", "-volume.max=20", "-master.volumeSizeLimitMB=64",
        "-metricsPort=0", "-master.telemetry=false", "-s3.port.iceberg=0", "-s3.port.lance=0",
        *[f"-{name}.port={port}" for name, port in ports.items()],
        *[f"-{name}.port.grpc={free_port()}" for name in ports],
    ]  # fmt: skip


@pytest.fixture
def bucket(s3: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty place in the bucket, which this process can reach."""
    for name, value in s3.items():
        monkeypatch.setenv(name, value)
    return f"s3://dokuei/{secrets.token_hex(6)}"


@pytest.fixture
def images_on_s3(bucket: str) -> Iterator[str]:
    """This process, and those it starts, keep their images there."""
    from django.conf import settings

    from dokuei.imaging.archive.keeping import segments
    from dokuei.kit import store

    def forget() -> None:
        store.default.cache_clear()
        segments.cache_clear()

    segments().close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "DOKUEI", settings.DOKUEI.model_copy(update={"storage": bucket}))
        patch.setenv("DOKUEI_STORAGE", bucket)
        forget()
        yield bucket
    forget()
