"""A reader at home opens a CT: ``python -m bench.homeline [--lines 30/20,100/10,10/40]``, as root.

A whole installation with TLS, HTTP/2 and access checks on one end of a simulated line, a client on the other. The
study is 300 real slices, packed. Seconds count from the first SYN; the manifest is taken to be there, as it is when the
viewer begins to fetch. Orthanc serves the same study raw, and told to transcode to JPEG-LS when it comes, over HTTP/1.1
without TLS, the way it is found; of Orthanc only some slices are fetched and the time is scaled.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import pydicom

from bench.ground import SERIES, a_ct, deliver, orthanc, workplace
from bench.line import SERVER, Line, joined
from dokuei.dicom.codec.htj2k import size_at
from tests.server import Secure

LOOK = 128
FRAME = "image/jphc; transfer-syntax=1.2.840.10008.1.2.4.202"
ANY = 'multipart/related; type="application/octet-stream"; transfer-syntax=*'
JPEG_LS = "1.2.840.10008.1.2.4.80"
Found = Mapping[str, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", default="30/20,100/10,10/40")
    parser.add_argument("--slices", type=int, default=300)
    parser.add_argument("--orthanc-slices", type=int, default=60)
    parser.add_argument("--series", choices=sorted(SERIES), default="chest")
    asked = parser.parse_args()
    if os.geteuid():
        sys.exit("This bench makes network devices: run it as root.")
    lines = [Line(*map(float, one.split("/"))) for one in asked.lines.split(",")]
    with workplace() as folder:
        files = a_ct(folder / "ct", asked.slices, asked.series)
        heads = [pydicom.dcmread(one, stop_before_pixels=True) for one in files]
        middle = asked.slices // 2
        outwards = sorted(heads, key=lambda ds: abs(int(ds.InstanceNumber) - 1 - middle))
        tails = [
            f"/studies/{ds.StudyInstanceUID}/series/{ds.SeriesInstanceUID}/instances/{ds.SOPInstanceUID}/frames/1"
            for ds in outwards
        ]
        ours = measure_ours(folder, tails, str(heads[0].StudyInstanceUID), lines)
        some = tails[: asked.orthanc_slices]
        raw = measure_orthanc(folder / "raw", files, some, lines)
        coded = measure_orthanc(folder / "coded", files, some, lines, IngestTranscoding=JPEG_LS)
    scale = asked.slices / len(some)
    for line in lines:
        show(line, ours[line], {"Orthanc raw": raw[line], "Orthanc JPEG-LS": coded[line]}, scale)


def measure_ours(folder: Path, tails: Sequence[str], study: str, lines: Sequence[Line]) -> dict[Line, Found]:
    found = {}
    with joined(Line(1000, 0)):
        place = Secure(folder / "dokuei", SERVER)
        place.run("admin", "certificate", "web")
        place.start()
        place.run("admin", "facility", "bench", "ベンチ病院")
        place.run("admin", "ae", "STORESCU", "--facility", "bench")
        token = deliver(place, folder / "ct")
    try:
        told = {
            "address": f"{SERVER}:{place.port}",
            "authority": str(place.folder / "tls" / "ca.pem"),
            "headers": {"authorization": f"Bearer {token}", "accept": FRAME},
            "paths": [f"/dicomweb/bench{one}" for one in tails],
        }
        for line in lines:
            with joined(line) as far:
                told["prefixes"] = prefixes(place, token, study, tails)
                found[line] = fetch(folder, far, told)
    finally:
        place.stop()
    return found


def prefixes(place: Secure, token: str, study: str, tails: Sequence[str]) -> list[int]:
    """Of each frame the bytes that hold its 128-pixel resolution, from the manifest."""
    with httpx.Client(verify=place.trust, headers={"authorization": f"Bearer {token}"}) as client:
        (series,) = client.get(f"{place.url}/dicomweb/bench/studies/{study}/manifest").json()["series"]
    ends = {}
    for one, known in zip(series["instances"], series["packed"]["frames"], strict=True):
        shape = series["shapes"][one["shape"]]
        sizes = [max(size_at(shape["rows"], shape["columns"], level)) for level in range(len(known))]
        level = next((n for n, size in enumerate(sizes) if size >= LOOK), len(known) - 1)
        ends[one["sop_instance_uid"]] = known[level]
    return [ends[path.split("/")[-3]] for path in tails]


def measure_orthanc(
    folder: Path, files: Sequence[Path], tails: Sequence[str], lines: Sequence[Line], **changes: Any
) -> dict[Line, Found]:
    found = {}
    with orthanc(folder, KeepAlive=True, **changes) as (_, port, _):
        for path in files:
            httpx.post(f"http://127.0.0.1:{port}/instances", content=path.read_bytes()).raise_for_status()
        told = {
            "address": f"{SERVER}:{port}",
            "headers": {"accept": ANY},
            "paths": [f"/dicom-web{one}" for one in tails],
        }
        for line in lines:
            with joined(line) as far:
                found[line] = fetch(folder, far, told)
    return found


def fetch(folder: Path, far: Sequence[str], told: Mapping[str, Any]) -> Found:
    """What the client at the far end of the line says."""
    paper = folder / "told.json"
    paper.write_text(json.dumps(told))
    command = [*far, sys.executable, "-m", "bench.line_client", str(paper)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return dict(json.loads(said))


def show(line: Line, ours: Found, theirs: Mapping[str, Found], scale: float) -> None:
    limit = ours["bytes"] / line.bytes_a_second
    print(f"\n{line}   ({ours['bytes'] / 1e6:.1f} MB packed; limit = bytes / rate = {limit:.2f} s)")
    print(f"  {'':18} {'first look':>11} {'first lossless':>15} {'browsable':>10} {'all':>8}   of the limit")
    names = ("first look", "first lossless", "browsable", "all")
    row = "".join(f"{ours[name]:>{width}.2f}" for name, width in zip(names, (12, 16, 11, 9), strict=True))
    print(f"  {'Dokuei':18}{row}   {limit / ours['all']:.1%}")
    for name, found in theirs.items():
        every = found["all"] * scale
        print(
            f"  {name:18}{'-':>12}{found['first lossless']:>16.2f}{'-':>11}{every:>9.1f}   {every / ours['all']:.2f} x ours"
        )
    if (line.mbit, line.round_trip_ms) == (30, 20):
        goals = {"first look": 0.15, "first lossless": 0.2, "browsable": 1.5, "all": limit / 0.93}
        for name, most in goals.items():
            print(
                f"    {name} {ours[name]:.2f} (goal {most:.2f}): {'reached' if ours[name] <= most else 'MISSED'}"
            )
        ratio = theirs["Orthanc raw"]["all"] * scale / ours["all"]
        print(f"    against Orthanc raw {ratio:.2f} x (goal 4): {'reached' if ratio >= 4 else 'MISSED'}")


if __name__ == "__main__":
    main()
