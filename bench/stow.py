"""Durable and indexed STOW-RS of 512 KiB CT: ours and Orthanc DICOMweb.

python -m bench.stow [--count 300] [--rounds 3] [--together 25]
"""

import argparse
import http.client
import shutil
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from bench.ground import Table, a_study, dokuei, orthanc, timed, workplace

HEAD = b"--B\r\nContent-Type: application/dicom\r\n\r\n"
KIND = 'multipart/related; type="application/dicom"; boundary=B'


def bodies(files: list[Path], together: int) -> list[bytes]:
    """The requests' bodies, made before the clock runs."""
    made = []
    for start in range(0, len(files), together):
        parts = [HEAD + path.read_bytes() + b"\r\n" for path in files[start : start + together]]
        made.append(b"".join(parts) + b"--B--\r\n")
    return made


def send(root: str, token: str, requests: list[bytes]) -> None:
    """Post the requests over one connection; every one must be taken."""
    headers = {"Content-Type": KIND, "Accept": "application/dicom+json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    parts = urlsplit(root)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=120)
    try:
        for body in requests:
            connection.request("POST", f"{parts.path}/studies", body, headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{answer.status}: this round does not count")
    finally:
        connection.close()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=300)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--together", type=int, default=25)
    asked = options.parse_args()
    rate = Table(f"STOW-RS, {asked.together} a request, {asked.count} x 512 KiB", "instances/s")
    with workplace() as folder, dokuei(folder) as ours:
        token = ours.token("bench", "dicom:store")
        for number in range(asked.rounds):
            requests = bodies(a_study(folder / f"files{number}", asked.count), asked.together)
            seconds = timed(partial(send, f"{ours.url}/dicomweb/bench", token, requests))
            rate.add("dokuei", asked.count / seconds)
            with orthanc(folder / f"orthanc{number}") as (_, port, _):
                seconds = timed(partial(send, f"http://127.0.0.1:{port}/dicom-web", "", requests))
                rate.add("orthanc", asked.count / seconds)
            for used in ("files", "orthanc"):
                shutil.rmtree(folder / f"{used}{number}", ignore_errors=True)
    rate.show(against=["orthanc"])


if __name__ == "__main__":
    main()
