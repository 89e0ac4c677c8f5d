"""Opening a CT over a home line, in this viewer and in OHIF: ``python -m bench.viewer [--lines 30/20,100/20,10/40]``, as root.

A whole installation with TLS, HTTP/2 and access checks; a real Chromium at the far end of a simulated line opens a packed
study, by turns in our viewer and in OHIF's own build at the same server. Times count from the navigation. "fresh" has
nothing of the application in the browser's cache; "again" has it, as on every day but the first. "listed" is the case that
stands chosen in a reader's worklist, looked at for two seconds and then opened, as for every case of a shift: ours is being fetched
meanwhile. "clicked" is the same with nothing fetched before. OHIF's list knows one way only, and both are held against it. Pictures are judged from outside, by what
stands on the largest canvas; coarse ones count as seen, and are told apart by when all is here.
"""

import base64
import hashlib
import shutil
import statistics
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pydicom
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bench.ground import a_ct, workplace
from bench.home import asked, at_far_end, hospital
from bench.line import Line, joined
from bench.ohif import ohif
from tests.server import Secure

Found = Mapping[str, float | None]
CLIENT = "viewer_client"
HERE = "window.__dokuei.fidelity()[0].isDone"
FETCHED = """new Set(performance.getEntriesByType('resource')
  .filter((one) => /frames.1$/.test(one.name) && one.responseStatus === 200 && one.responseEnd > 0)
  .map((one) => one.name)).size >= {}"""


def main() -> None:
    said, lines = asked(__doc__, slices=140, rounds=3, ohif=1)
    with workplace() as folder, ExitStack() as stack:
        files = a_ct(folder / "ct", said.slices, said.series)
        uid = str(pydicom.dcmread(files[0], stop_before_pixels=True).StudyInstanceUID)
        place, token = stack.enter_context(hospital(folder, folder / "ct"))
        packed = bytes_packed(place, token, uid)
        contenders = {"dokuei": ours(place, folder)}
        if said.ohif:
            with joined(Line(1000, 0)):
                address = stack.enter_context(ohif(folder / "ohif", place, token))
            contenders["OHIF"] = contenders["dokuei"] | {
                "state": None,
                "worklist": None,
                "address": f"{address}/viewer?StudyInstanceUIDs={uid}",
                "list": address,
                "clicks": ["text=Chest", "text=Basic"],
                "whole": FETCHED.format(said.slices),
            }
        for line in lines:
            show(line, measure(folder, contenders, line, said.rounds), packed)


def ours(place: Secure, folder: Path) -> dict[str, Any]:
    """Enrol a person who may look at the study; how a browser opens it."""
    words = ("admin", "person", "b@test.test", "ベンチ", "--role", "requester", "--facility", "bench")
    reader = ("admin", "person", "r@test.test", "ベンチ 読影", "--role", "reader", "--facility", "bench")
    told = {
        "state": str(folder / "state.json"),
        "reader": str(folder / "reader.json"),
        "key": key_of(place.folder / "tls" / "web-cert.pem"),
        "chromium": shutil.which("chromium"),
    }
    with joined(Line(1000, 0)) as far:
        joining = {
            "what": "join",
            "invitation": place.run(*words).split()[-1],
            "readers": place.run(*reader).split()[-1],
        }
        study = at_far_end(CLIENT, folder, far, told | joining)["id"]
    return {
        **told,
        "what": "open",
        "address": f"{place.url}/studies/{int(study)}/images",
        "worklist": f"{place.url}/worklist",
        "whole": HERE,
    }


def measure(
    folder: Path, contenders: Mapping[str, Mapping[str, Any]], line: Line, rounds: int
) -> dict[tuple[str, str], Found]:
    """Medians of each contender, fresh and again."""
    found: dict[tuple[str, str], list[Found]] = {}
    with joined(line) as far:
        for _ in range(rounds):
            for name, told in contenders.items():
                for when, one in at_far_end(CLIENT, folder, far, told).items():
                    found.setdefault((when, name), []).append(one)
    return {
        key: {name: median(one[name] for one in all_rounds) for name in NAMES}
        for key, all_rounds in found.items()
    }


def median(values: Any) -> float | None:
    there = [one for one in values if one is not None]
    return statistics.median(there) if there else None


def key_of(certificate: Path) -> str:
    """What the browser is told to trust: the certificate's public key, as it wants to hear it."""
    key = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(spki).digest()).decode()


def bytes_packed(place: Secure, token: str, uid: str) -> int:
    with (
        joined(Line(1000, 0)),
        httpx.Client(verify=place.trust, headers={"authorization": f"Bearer {token}"}) as client,
    ):
        (series,) = client.get(f"{place.url}/dicomweb/bench/studies/{uid}/manifest").json()["series"]
    return sum(ends[-1] for ends in series["packed"]["frames"])


WAYS = ("fresh", "again", "clicked", "listed")
NAMES = {
    "first": "first image", "scrolled": "last slice seen", "all": "all images", "megabytes": "MB received",
    "memory": "memory, MB",
}  # fmt: skip


def show(line: Line, found: Mapping[tuple[str, str], Found], packed: int) -> None:
    limit = packed / line.bytes_a_second
    print(f"\n{line}   ({packed / 1e6:.1f} MB packed; bytes / rate = {limit:.2f} s)")
    print(f"  {'':16}" + "".join(f"{name:>18}" for name in NAMES.values()))
    found = {**found, ("clicked", "OHIF"): found["listed", "OHIF"]} if ("listed", "OHIF") in found else found
    for when in WAYS:
        rows = {name: seen for (at, name), seen in found.items() if at == when}
        for name, seen in rows.items():
            print(f"  {when + ' ' + name:16}" + cells([seen[key] for key in NAMES]), flush=True)
        if len(rows) > 1:
            pairs = [(rows["OHIF"][key], rows["dokuei"][key]) for key in NAMES]
            print(f"  {'OHIF / dokuei':16}" + cells([a / b if a and b else None for a, b in pairs]))
    again = found["again", "dokuei"]
    if again["all"]:
        verdict(
            f"all images {again['all'] / limit:.2f} times bytes over rate (goal 1.15)",
            again["all"] / limit <= 1.15,
        )
    for when in WAYS:
        theirs = found.get((when, "OHIF"), {}).get("first")
        own = found[when, "dokuei"]["first"]
        if theirs and own:
            verdict(
                f"first image {theirs / own:.1f} times sooner than OHIF, {when} (goal 5)", theirs / own >= 5
            )


def cells(values: Sequence[float | None]) -> str:
    return "".join(f"{'–' if one is None else f'{one:.2f}':>18}" for one in values)


def verdict(text: str, is_reached: bool) -> None:
    print(f"  {text}: {'reached' if is_reached else 'MISSED'}", flush=True)


if __name__ == "__main__":
    main()
