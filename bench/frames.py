"""Frames through the real web server, against nginx with the same bytes and Orthanc: ``python -m bench.frames``.

One `dokuei up` with access checks, row-level security and one web worker; a CT of real slices, packed. nginx has one
worker and sendfile, and knows no rights. Orthanc serves the same study as `frames/1`. Rounds alternate, ratios are of
medians.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pydicom

from bench import load
from bench.ground import Table, a_ct, cpu_of_group, deliver, dokuei, orthanc, running_nginx, timed, workplace
from tests.server import free_port

PACKED = 'multipart/related; type="image/jphc"; transfer-syntax=1.2.840.10008.1.2.4.202'
RAW = 'multipart/related; type="application/octet-stream"; transfer-syntax=1.2.840.10008.1.2.1'
OCTETS = 'multipart/related; type="application/octet-stream"'


@dataclass(frozen=True)
class Contender:
    """A server, what it is asked, and the processes that answer."""

    name: str
    address: str
    paths: Sequence[str]
    headers: Mapping[str, str]
    pids: Sequence[int]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slices", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=2)
    asked = parser.parse_args()
    with workplace() as folder, dokuei(folder, DOKUEI_WEB_WORKERS="1") as place:
        files = a_ct(folder / "ct", asked.slices)
        token = deliver(place, folder / "ct")
        heads = [pydicom.dcmread(one, stop_before_pixels=True) for one in files]
        tails = [
            f"/studies/{ds.StudyInstanceUID}/series/{ds.SeriesInstanceUID}/instances/{ds.SOPInstanceUID}/frames/1"
            for ds in heads
        ]
        ours = [f"/dicomweb/bench{one}" for one in tails]
        web = [place.parts()["web"]]
        forms = {"packed": PACKED, "raw": RAW}
        headers = {name: {"Authorization": f"Bearer {token}", "Accept": form} for name, form in forms.items()}
        with nginx(folder / "nginx") as (address, pid), orthanc(folder / "orthanc") as (_, port, orthanc_pid):
            contenders = []
            for name, said in headers.items():
                copied = copy(place.url, ours, said, folder / "nginx" / "html" / name)
                contenders.append(Contender(f"dokuei {name}", place.http, ours, said, web))
                contenders.append(
                    Contender(f"nginx {name}", address, [f"/{name}/{one}" for one in copied], {}, [pid])
                )
            for path in files:
                body = path.read_bytes()
                httpx.post(f"http://127.0.0.1:{port}/instances", content=body).raise_for_status()
            theirs = [f"/dicom-web{one}" for one in tails]
            contenders.append(
                Contender("orthanc", f"127.0.0.1:{port}", theirs, {"Accept": OCTETS}, [orthanc_pid])
            )
            compare(contenders, asked.rounds, asked.seconds)


def copy(url: str, paths: Sequence[str], headers: Mapping[str, str], folder: Path) -> list[str]:
    """The very answers of our server as files for nginx."""
    folder.mkdir(parents=True)
    with httpx.Client(base_url=url, headers=headers) as client:
        for number, path in enumerate(paths):
            (folder / str(number)).write_bytes(client.get(path).raise_for_status().content)
    return [str(number) for number in range(len(paths))]


def compare(contenders: Sequence[Contender], rounds: int, seconds: int) -> None:
    rate = Table(f"frames over {load.CONNECTIONS} connections, asked by {load.name()}", "requests/s")
    p99 = Table("waiting, 99 of 100", "ms")
    cost = Table("server's CPU", "ms a request")
    size = Table("of one answer", "KiB")
    for _ in range(rounds):
        for one in contenders:
            before = cpu_of_group(one.pids)
            found = load.load(one.address, one.paths, one.headers, seconds)
            rate.add(one.name, found.rate)
            p99.add(one.name, found.p99_ms)
            cost.add(one.name, (cpu_of_group(one.pids) - before) / found.requests * 1000)
            size.add(one.name, found.bytes / found.requests / 1024)
    for table in (rate, p99, cost, size):
        table.show()
    print("\ngoals")
    for name, other, least in (
        ("dokuei packed", "orthanc", 10.0),
        ("dokuei packed", "nginx packed", 0.5),
        ("dokuei raw", "orthanc", 5.0),
    ):
        ratio = rate.median(name) / rate.median(other)
        verdict = "reached" if ratio >= least else "MISSED"
        print(f"  {name} / {other}: {ratio:.2f} (goal {least:g}): {verdict}")


@contextmanager
def nginx(folder: Path) -> Iterator[tuple[str, int]]:
    """nginx with sendfile of a folder; yields its address and process id."""
    (folder / "html").mkdir(parents=True)
    port = free_port()
    server = f"listen 127.0.0.1:{port}; root {folder}/html;"
    with running_nginx(folder, server, "127.0.0.1", port) as pid:
        yield f"127.0.0.1:{port}", pid


if __name__ == "__main__":
    took = timed(main)
    print(f"\n{took:.0f} s in all")
