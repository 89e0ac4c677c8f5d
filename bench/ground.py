"""What benchmarks share: real slices under fresh UIDs, a whole installation, peers, CPU time, tables."""

import json
import os
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np
import pydicom
from pydicom.data import get_testdata_file
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from dokuei.dicom.codec.decode import decode
from dokuei.dicom.codec.tests.frames import frames_of
from tests.server import Installation, free_port, until

ROOT = Path(__file__).resolve().parent.parent
REAL = ROOT.parent / "shared" / "data" / "dicom"
TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def workplace() -> Iterator[Path]:
    """A folder that every process of the benchmark may enter."""
    folder = Path(tempfile.mkdtemp(prefix="dokuei-bench-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def a_slice() -> pydicom.Dataset:
    """pydicom's real CT slice, tiled to 512 x 512 of 16 bit: 512 KiB."""
    ds = pydicom.dcmread(str(get_testdata_file("CT_small.dcm")))
    pixels = np.tile(ds.pixel_array, (4, 4))
    ds.Rows, ds.Columns = pixels.shape
    ds.PixelData = pixels.astype("<i2").tobytes()
    ds["PixelData"].VR = "OW"
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return ds


def a_study(folder: Path, count: int) -> list[Path]:
    """`count` files of one study under fresh UIDs."""
    folder.mkdir(parents=True)
    ds = a_slice()
    ds.StudyInstanceUID, ds.SeriesInstanceUID = generate_uid(), generate_uid()
    paths = []
    for number in range(count):
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        ds.InstanceNumber = number + 1
        path = folder / f"{number:05}.dcm"
        ds.save_as(path)
        paths.append(path)
    return paths


def uncompressed(path: Path) -> pydicom.Dataset:
    """A real slice with its pixels decoded."""
    form, frames = frames_of(path.read_bytes())
    ds = pydicom.dcmread(path)
    ds.PixelData = decode(frames[0], form).pixels.tobytes()
    ds["PixelData"].is_undefined_length = False
    return ds


SERIES = {
    "chest": "ct-chest-lungdx-a0001/s3-5mm-jpegls",
    "head": "ct-head-phantom-philips-s21570/s201-5mm-jpeg-lossless",
}
"""Real CTs: a human chest, and a phantom of a head, which packs better."""


def a_ct(folder: Path, count: int, series: str = "chest") -> list[Path]:
    """A CT of `count` real slices, uncompressed, one series under fresh UIDs, where the data is here."""
    folder.mkdir(parents=True)
    real = sorted((REAL / "studies" / SERIES[series]).glob("*.dcm"))
    sources = [uncompressed(one) for one in real] or [a_slice()]
    study, series, frame = generate_uid(), generate_uid(), generate_uid()
    paths = []
    for number in range(count):
        ds = sources[number % len(sources)]
        ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        ds["PixelData"].VR = "OW"
        ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.FrameOfReferenceUID = study, series, frame
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        ds.InstanceNumber, ds.ImagePositionPatient = number + 1, [-158.1, -179.0, 1.25 * number]
        path = folder / f"{number:05}.dcm"
        ds.save_as(path)
        paths.append(path)
    return paths


def deliver(place: Installation, folder: Path) -> str:
    """Send a study of facility ``bench``, wait until all of it is packed; a machine's token to look at it."""
    place.run("send", str(folder), "--to", place.dicom, "--from", "STORESCU")
    token = place.token("bench", "dicom:read", "study:read").split()[-1]
    ds = pydicom.dcmread(next(folder.iterdir()), stop_before_pixels=True)
    count = len(list(folder.iterdir()))
    headers = {"authorization": f"Bearer {token}"}
    address = f"{place.url}/dicomweb/bench/studies/{ds.StudyInstanceUID}/manifest"

    def is_packed() -> bool:
        answer = httpx.get(address, headers=headers, verify=place.trust)
        series = answer.json()["series"] if answer.status_code == 200 else []
        return [
            bool(one["packed"]) and len(list(filter(None, one["packed"]["frames"]))) for one in series
        ] == [count]

    until(is_packed, 300)
    return token


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and what it has waited for."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(one) for one in fields[11:15]) / TICKS


def cpu_of_group(pids: Sequence[int]) -> float:
    """CPU time of processes and everything below them."""
    wanted, total = set(pids), 0.0
    rows = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            rows[int(entry.name)] = (int(fields[1]), sum(int(one) for one in fields[11:13]) / TICKS)
    grew = True
    while grew:
        more = {pid for pid, (parent, _) in rows.items() if parent in wanted} - wanted
        wanted |= more
        grew = bool(more)
    for pid in wanted:
        total += rows.get(pid, (0, 0.0))[1]
    return total


@dataclass
class Table:
    """Rounds of contenders; medians and ratios at the end."""

    title: str
    unit: str
    rounds: dict[str, list[float]] = field(default_factory=dict)

    def add(self, name: str, value: float) -> None:
        self.rounds.setdefault(name, []).append(value)

    def median(self, name: str) -> float:
        return statistics.median(self.rounds[name])

    def show(self, against: Sequence[str] = ()) -> None:
        print(f"\n{self.title}  ({self.unit}; median of {max(map(len, self.rounds.values()))} rounds)")
        width = max(map(len, self.rounds))
        for name, values in self.rounds.items():
            ratios = "  ".join(
                f"{self.median(name) / self.median(other):6.2f} x {other}"
                for other in against
                if other in self.rounds and other != name
            )
            spread = f"{min(values):.4g}..{max(values):.4g}"
            print(f"  {name:<{width}}  {self.median(name):10.4g}  [{spread}]  {ratios}", flush=True)


@contextmanager
def dokuei(folder: Path, **settings: str) -> Iterator[Installation]:
    """A whole installation with a facility and a device STORESCU."""
    place = Installation(folder / "dokuei", **settings)
    place.start()
    try:
        place.run("admin", "facility", "bench", "ベンチ病院")
        place.run("admin", "ae", "STORESCU", "--facility", "bench")
        yield place
    finally:
        place.stop()


@contextmanager
def orthanc(folder: Path, **changes: object) -> Iterator[tuple[int, int, int]]:
    """Debian's Orthanc, durable, with TCP_NODELAY; yields its DICOM port, HTTP port and process id."""
    program = shutil.which("Orthanc")
    if program is None:
        raise FileNotFoundError("Orthanc is missing: apt-get install orthanc orthanc-dicomweb")
    folder.mkdir(parents=True)
    dicom, http = free_port(), free_port()
    config = {
        "StorageDirectory": str(folder / "db"),
        "IndexDirectory": str(folder / "db"),
        "DicomPort": dicom,
        "HttpPort": http,
        "RemoteAccessAllowed": True,
        "AuthenticationEnabled": False,
        "SyncStorageArea": True,
        "DicomAlwaysAllowStore": True,
        "StorageCompression": False,
        "Plugins": [str(one) for one in Path("/usr/share/orthanc/plugins").glob("libOrthancDicomWeb.so*")],
        "DicomWeb": {"Enable": True},
        **changes,
    }
    (folder / "orthanc.json").write_text(json.dumps(config))
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [program, str(folder / "orthanc.json")],
            env={**os.environ, "TCP_NODELAY": "1"},
            stdout=log,
            stderr=log,
        )
    try:
        until(lambda: answers(dicom) and answers(http))
        yield dicom, http, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


@contextmanager
def storescp(folder: Path) -> Iterator[tuple[int, int]]:
    """DCMTK's storescp, forking, with TCP_NODELAY: it parses and writes, but neither syncs nor indexes."""
    folder.mkdir(parents=True)
    port = free_port()
    process = subprocess.Popen(
        ["/usr/bin/storescp", "-B", "--fork", "-od", str(folder), "-pdu", "131072", str(port)],
        env={**os.environ, "TCP_NODELAY": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: answers(port))
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


@contextmanager
def running_nginx(folder: Path, server: str, host: str, port: int) -> Iterator[int]:
    """nginx with one worker, sendfile and no log; `server` is what its server block says. Yields its process id."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        raise FileNotFoundError("nginx is missing: apt-get install nginx-light")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "nginx.conf").write_text(
        f"daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/log; "
        f"events {{ worker_connections 256; }} http {{ include /etc/nginx/mime.types; sendfile on; tcp_nopush on; "
        f"access_log off; keepalive_requests 100000000; open_file_cache max=2000; server {{ {server} }} }}"
        + ("\nuser root;\n" if os.geteuid() == 0 else "")
    )
    process = subprocess.Popen([program, "-p", str(folder), "-c", str(folder / "nginx.conf")])
    try:
        until(lambda: answers(port, host))
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def answers(port: int, host: str = "127.0.0.1") -> bool:
    import socket

    with socket.socket() as probe:
        return probe.connect_ex((host, port)) == 0


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
