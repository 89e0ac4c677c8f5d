"""A reader at home opens a CT: ``python -m bench.homeline [--lines 30/20,100/20,10/40]``, as root.

A whole installation with TLS, HTTP/2 and access checks on one end of a simulated line, a client on the other. The
study is 300 real slices, packed. Seconds count from the first SYN; the manifest is taken to be there, as it is when the
viewer begins to fetch. Orthanc serves the same study raw, and told to transcode to JPEG-LS when it comes, over HTTP/1.1
without TLS, the way it is found; of Orthanc only some slices are fetched and the time is scaled.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import pydicom

from bench.ground import a_ct, orthanc, workplace
from bench.home import asked, at_far_end, hospital
from bench.line import SERVER, Line, joined
from dokuei.dicom.codec.htj2k import size_at
from tests.server import Secure

LOOK = 128
FRAME = "image/jphc; transfer-syntax=1.2.840.10008.1.2.4.202"
ANY = 'multipart/related; type="application/octet-stream"; transfer-syntax=*'
JPEG_LS = "1.2.840.10008.1.2.4.80"
Found = Mapping[str, float]


def main() -> None:
    said, lines = asked(__doc__, slices=300, orthanc_slices=60)
    with workplace() as folder:
        files = a_ct(folder / "ct", said.slices, said.series)
        heads = [pydicom.dcmread(one, stop_before_pixels=True) for one in files]
        middle = said.slices // 2
        outwards = sorted(heads, key=lambda ds: abs(int(ds.InstanceNumber) - 1 - middle))
        tails = [
            f"/studies/{ds.StudyInstanceUID}/series/{ds.SeriesInstanceUID}/instances/{ds.SOPInstanceUID}/frames/1"
            for ds in outwards
        ]
        ours = measure_ours(folder, tails, str(heads[0].StudyInstanceUID), lines)
        some = tails[: said.orthanc_slices]
        raw = measure_orthanc(folder / "raw", files, some, lines)
        coded = measure_orthanc(folder / "coded", files, some, lines, IngestTranscoding=JPEG_LS)
    scale = said.slices / len(some)
    for line in lines:
        show(line, ours[line], {"Orthanc raw": raw[line], "Orthanc JPEG-LS": coded[line]}, scale)


def measure_ours(folder: Path, tails: Sequence[str], study: str, lines: Sequence[Line]) -> dict[Line, Found]:
    found: dict[Line, Found] = {}
    with hospital(folder, folder / "ct") as (place, token):
        told: dict[str, Any] = {
            "address": f"{SERVER}:{place.port}",
            "authority": str(place.folder / "tls" / "ca.pem"),
            "headers": {"authorization": f"Bearer {token}", "accept": FRAME},
            "paths": [f"/dicomweb/bench{one}" for one in tails],
        }
        for line in lines:
            with joined(line) as far:
                told["prefixes"] = prefixes(place, token, study, tails)
                found[line] = at_far_end("line_client", folder, far, told)
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
    found: dict[Line, Found] = {}
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
                found[line] = at_far_end("line_client", folder, far, told)
    return found


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
