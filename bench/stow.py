"""Durable and indexed STOW-RS of 512 KiB CT: ours and Orthanc DICOMweb.

python -m bench.stow [--count 300] [--rounds 3] [--together 25]
"""

import argparse
import shutil
from pathlib import Path

import httpx

from bench.ground import Table, a_study, dokuei, orthanc, timed, workplace

HEAD = b"--B\r\nContent-Type: application/dicom\r\n\r\n"
KIND = 'multipart/related; type="application/dicom"; boundary=B'


def send(root: str, token: str, files: list[Path], together: int) -> None:
    """Post the files, some in a request, over one connection; every one must be taken."""
    headers = {"Content-Type": KIND, "Accept": "application/dicom+json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    with httpx.Client(headers=headers, timeout=120) as client:
        for start in range(0, len(files), together):
            some = [path.read_bytes() for path in files[start : start + together]]
            body = b"".join(HEAD + one + b"\r\n" for one in some) + b"--B--\r\n"
            answer = client.post(f"{root}/studies", content=body)
            if answer.status_code != 200:
                raise RuntimeError(f"{answer.status_code}: this round does not count")


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
            files = a_study(folder / f"files{number}", asked.count)
            root = f"{ours.url}/dicomweb/bench"
            seconds = timed(lambda files=files, root=root: send(root, token, files, asked.together))  # type: ignore[misc]
            rate.add("dokuei", asked.count / seconds)
            with orthanc(folder / f"orthanc{number}") as (_, port, _):
                root = f"http://127.0.0.1:{port}/dicom-web"
                seconds = timed(lambda files=files, root=root: send(root, "", files, asked.together))  # type: ignore[misc]
                rate.add("orthanc", asked.count / seconds)
            for used in ("files", "orthanc"):
                shutil.rmtree(folder / f"{used}{number}", ignore_errors=True)
    rate.show(against=["orthanc"])


if __name__ == "__main__":
    main()
