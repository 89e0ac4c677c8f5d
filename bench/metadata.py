"""Stored metadata through the real web server: one `dokuei up`, a study of 500 instances, keep-alive clients.

Access checks and row-level security are on; the token is a machine's. When Debian's ``orthanc`` and
``orthanc-dicomweb`` are installed the same study goes into Orthanc and the ratio is printed.
"""

import argparse
import http.client
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from pydicom.uid import generate_uid

from bench import load
from dokuei.dicom.tests.builders import an_instance, as_file
from tests.server import Installation, free_port, until

ORTHANC_PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instances", type=int, default=500)
    parser.add_argument("--seconds", type=int, default=5)
    options = parser.parse_args()
    files, uid = a_study(options.instances)
    with tempfile.TemporaryDirectory(prefix="dokuei-bench-") as folder:
        ours = of_dokuei(Path(folder) / "data", files, uid, options.seconds)
    show("Dokuei", ours)
    if shutil.which("Orthanc") and ORTHANC_PLUGIN.exists():
        with tempfile.TemporaryDirectory(prefix="orthanc-bench-") as folder:
            theirs = of_orthanc(Path(folder), files, uid, options.seconds)
        show("Orthanc", theirs)
        print(
            f"ratio: {ours[0] / theirs[0]:.0f} times the requests/s, p50 {theirs[1] / ours[1]:.0f} times shorter"
        )
    else:
        print("Orthanc is not installed, so there is no ratio: apt-get install orthanc orthanc-dicomweb")


def a_study(count: int) -> tuple[list[bytes], str]:
    """A CT of many slices, each with its own place and number."""
    study, series = generate_uid(), generate_uid()
    files = []
    for n in range(count):
        ds = an_instance(StudyInstanceUID=study, SeriesInstanceUID=series, InstanceNumber=n + 1)
        ds.ImagePositionPatient, ds.ImageOrientationPatient = [0, 0, n * 1.25], [1, 0, 0, 0, 1, 0]
        ds.PixelSpacing, ds.SliceLocation, ds.KVP, ds.Exposure = [0.5, 0.5], n * 1.25, 120, 100 + n % 40
        files.append(as_file(ds))
    return files, str(study)


def of_dokuei(folder: Path, files: list[bytes], uid: str, seconds: int) -> tuple[float, float, int]:
    folder.mkdir()
    folder.parent.chmod(0o755)
    there = Installation(folder)
    there.start()
    try:
        there.run("admin", "facility", "aoba", "青葉病院")
        token = there.token("aoba", "dicom:store", "dicom:read", "study:read").split()[-1]
        headers = {"authorization": f"Bearer {token}", "accept-encoding": "gzip"}
        stow(f"{there.url}/dicomweb/aoba/studies", files, headers)
        address = f"/dicomweb/aoba/studies/{uid}/metadata"
        until(lambda: is_settled(there.url, headers), 60)
        return measured(there.http, address, headers, seconds)
    finally:
        there.stop()


def is_settled(url: str, headers: dict[str, str]) -> bool:
    items = httpx.get(f"{url}/api/v1/studies", headers=headers).json()["items"]
    return bool(items) and items[0]["receipt"] == "settled"


def of_orthanc(folder: Path, files: list[bytes], uid: str, seconds: int) -> tuple[float, float, int]:
    with orthanc(folder) as address:
        for one in files:
            httpx.post(f"http://{address}/instances", content=one).raise_for_status()
        return measured(
            address, f"/dicom-web/studies/{uid}/metadata", {"accept": "application/dicom+json"}, seconds
        )


@contextmanager
def orthanc(folder: Path) -> Iterator[str]:
    port = free_port()
    settings = folder / "orthanc.json"
    settings.write_text(
        f'{{"StorageDirectory": "{folder}", "IndexDirectory": "{folder}", "HttpPort": {port}, "DicomServerEnabled": false,'
        f' "RemoteAccessAllowed": false, "KeepAlive": true, "Plugins": ["{ORTHANC_PLUGIN}"]}}'
    )
    process = subprocess.Popen(
        [shutil.which("Orthanc") or "", str(settings)],
        env={**os.environ, "TCP_NODELAY": "1"},
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: answers(f"http://127.0.0.1:{port}/system"))
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)


def answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


def stow(url: str, files: list[bytes], headers: dict[str, str]) -> None:
    head = b"--B\r\nContent-Type: application/dicom\r\n\r\n"
    body = b"".join(head + one + b"\r\n" for one in files) + b"--B--\r\n"
    kind = 'multipart/related; type="application/dicom"; boundary=B'
    httpx.post(url, content=body, headers={**headers, "content-type": kind}, timeout=300).raise_for_status()


def measured(host: str, path: str, headers: dict[str, str], seconds: int) -> tuple[float, float, int]:
    """Requests a second over several connections, milliseconds at the middle over one, bytes of the answer."""
    size = len(ask(http.client.HTTPConnection(host), path, headers))
    alone = loop(host, path, headers, seconds / 2)
    return load.load(host, [path], headers, seconds).rate, statistics.median(alone) * 1000, size


def loop(host: str, path: str, headers: dict[str, str], seconds: float) -> list[float]:
    connection = http.client.HTTPConnection(host)
    ask(connection, path, headers)
    times: list[float] = []
    end = time.perf_counter() + seconds
    while (began := time.perf_counter()) < end:
        ask(connection, path, headers)
        times.append(time.perf_counter() - began)
    return times


def ask(connection: http.client.HTTPConnection, path: str, headers: dict[str, str]) -> bytes:
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200, answer.status
    return body


def show(name: str, found: tuple[float, float, int]) -> None:
    print(
        f"{name}: {found[0]:.0f} requests/s over {load.CONNECTIONS} connections asked by {load.name()}, p50 {found[1]:.2f} ms over one, {found[2]:,} bytes"
    )


if __name__ == "__main__":
    main()
