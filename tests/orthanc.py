"""A real second PACS: Orthanc of Debian in a folder of its own, as a facility's archive."""

import json
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.server import free_port, until

PROGRAM = "/usr/sbin/Orthanc"


class Orthanc:
    """Started with what it holds; knows Dokuei as a destination if it is told where that listens."""

    def __init__(self, folder: Path, *, title: str = "PACS", dokuei: str = "") -> None:
        if not Path(PROGRAM).exists():
            pytest.skip("ORTHANC ABSENT: no real second PACS was tried as a facility's archive")
        self.folder, self.title = folder, title
        self.port, self.web = free_port(), free_port()
        name, _, address = dokuei.partition("@")
        host, _, port = address.rpartition(":")
        self.settings = {
            "Name": title,
            "StorageDirectory": str(folder / "storage"),
            "IndexDirectory": str(folder / "storage"),
            "Plugins": [],
            "DicomAet": title,
            "DicomPort": self.port,
            "HttpPort": self.web,
            "RemoteAccessAllowed": False,
            "AuthenticationEnabled": False,
            "DicomAlwaysAllowFind": True,
            "DicomAlwaysAllowMove": True,
            "DicomAlwaysAllowGet": True,
            "DicomModalities": {"dokuei": [name, host, int(port)]} if dokuei else {},
        }
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.web}"

    def start(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        path = self.folder / "orthanc.json"
        path.write_text(json.dumps(self.settings))
        with (self.folder / "orthanc.log").open("wb") as log:
            self.process = subprocess.Popen([PROGRAM, str(path)], stdout=log, stderr=log)
        until(self._answers)

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "orthanc.log").read_text()[-2000:]
        try:
            return httpx.get(f"{self.url}/system", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def holds(self, files: Iterable[Path | bytes]) -> None:
        for one in files:
            content = one if isinstance(one, bytes) else one.read_bytes()
            httpx.post(f"{self.url}/instances", content=content, timeout=30).raise_for_status()

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=30)
            self.process = None


@contextmanager
def orthanc(folder: Path, *, dokuei: str = "") -> Iterator[Orthanc]:
    one = Orthanc(folder, dokuei=dokuei)
    one.start()
    try:
        yield one
    finally:
        one.stop()
