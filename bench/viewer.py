"""Opening a CT in the viewer over a home line: ``python -m bench.viewer [--lines 30/20,100/20,10/40]``, as root.

A whole installation with TLS, HTTP/2 and access checks; a real Chromium at the far end of a simulated line opens a packed
study. Times count from the navigation. "fresh" has nothing of the application in the browser's cache; "again" has it, as on
every day but the first. Pictures are judged from outside, by what stands on the largest canvas; coarse ones count as seen.
"""

import argparse
import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import pydicom
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bench.ground import ROOT, SERIES, a_ct, deliver, workplace
from bench.line import SERVER, Line, joined
from tests.server import Secure

Found = Mapping[str, float | None]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", default="30/20,100/20,10/40")
    parser.add_argument("--slices", type=int, default=140)
    parser.add_argument("--series", choices=sorted(SERIES), default="chest")
    asked = parser.parse_args()
    if os.geteuid():
        sys.exit("This bench makes network devices: run it as root.")
    lines = [Line(*map(float, one.split("/"))) for one in asked.lines.split(",")]
    with workplace() as folder:
        files = a_ct(folder / "ct", asked.slices, asked.series)
        uid = str(pydicom.dcmread(files[0], stop_before_pixels=True).StudyInstanceUID)
        with joined(Line(1000, 0)):
            place = Secure(folder / "dokuei", SERVER)
            place.run("admin", "certificate", "web")
            place.start()
            place.run("admin", "facility", "bench", "ベンチ病院")
            place.run("admin", "ae", "STORESCU", "--facility", "bench")
            token = deliver(place, folder / "ct")
        try:
            measure(place, folder, token, uid, lines)
        finally:
            place.stop()


def measure(place: Secure, folder: Path, token: str, uid: str, lines: Sequence[Line]) -> None:
    invitation = place.run(
        "admin", "person", "b@test.test", "ベンチ", "--role", "requester", "--facility", "bench"
    )
    told: dict[str, Any] = {
        "state": str(folder / "state.json"),
        "url": place.url,
        "key": key_of(place.folder / "tls" / "web-cert.pem"),
        "chromium": shutil.which("chromium"),
    }
    with joined(Line(1000, 0)) as far:
        asked = {**told, "what": "join", "invitation": invitation.split()[-1], "uid": uid}
        study = at_far_end(folder, far, asked)
        packed = bytes_packed(place, token, uid)
    for line in lines:
        with joined(line) as far:
            address = f"{place.url}/studies/{int(study['id'])}/images"
            found = at_far_end(folder, far, {**told, "what": "open", "address": address})
        show(line, found, packed)


def key_of(certificate: Path) -> str:
    """What the browser is told to trust: the certificate's public key, as it wants to hear it."""
    key = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(spki).digest()).decode()


def at_far_end(folder: Path, far: Sequence[str], told: Mapping[str, Any]) -> dict[str, Any]:
    """What the browser at the far end of the line says."""
    paper = folder / "told.json"
    paper.write_text(json.dumps(told))
    command = [*far, sys.executable, "-m", "bench.viewer_client", str(paper)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)
    if done.returncode:
        sys.exit(done.stderr)
    return dict(json.loads(done.stdout))


def bytes_packed(place: Secure, token: str, uid: str) -> int:
    with httpx.Client(verify=place.trust, headers={"authorization": f"Bearer {token}"}) as client:
        (series,) = client.get(f"{place.url}/dicomweb/bench/studies/{uid}/manifest").json()["series"]
    return sum(ends[-1] for ends in series["packed"]["frames"])


NAMES = {
    "first": "first image", "scrolled": "last slice seen", "all": "all images", "megabytes": "MB received",
    "memory": "memory, MB",
}  # fmt: skip


def show(line: Line, found: Mapping[str, Found], packed: int) -> None:
    limit = packed / line.bytes_a_second
    print(f"\n{line}   ({packed / 1e6:.1f} MB packed; bytes / rate = {limit:.2f} s)")
    print(f"  {'':8}" + "".join(f"{name:>22}" for name in NAMES.values()))
    for when, seen in found.items():
        cells = ["–" if seen[key] is None else f"{seen[key]:.2f}" for key in NAMES]
        print(f"  {when:8}" + "".join(f"{cell:>22}" for cell in cells), flush=True)
    if every := found["again"]["all"]:
        print(f"  all images take {every / limit:.2f} times bytes over rate", flush=True)


if __name__ == "__main__":
    main()
