"""Opening a CT in this viewer and in prebuilt OHIF: ``python -m bench.viewer [--lines 30/20,100/20,10/40]``, as root.

The same Chromium at the far end of a simulated line opens the same packed study from the same server, over TLS and HTTP/2,
access checks on: in our viewer, and in OHIF as its npm package comes, which nginx serves and whose DICOMweb requests it passes
on with a token. Times count from the navigation. "fresh" has nothing of the application in the browser's cache; "again" has it,
as on every day but the first. Pictures are judged from outside, by what stands on the largest canvas, in both the same way.
"""

import argparse
import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pydicom
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bench.ground import ROOT, SERIES, a_ct, deliver, workplace
from bench.line import SERVER, Line, joined
from tests.server import Secure, free_port, until

OHIF = "@ohif/app@3.13.2"
NGINX = """
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error;
events {{ worker_connections 256; }}
http {{
  access_log off; include /etc/nginx/mime.types; gzip_static on; sendfile on;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  types {{ application/wasm wasm; }}
  server {{
    listen {address} ssl http2; ssl_certificate {tls}/web-cert.pem; ssl_certificate_key {tls}/web-key.pem;
    root {dist};
    location /assets/ {{ expires 1d; }}
    location ~ \\.(js|css|wasm)$ {{ expires 1d; }}
    location /dicomweb/ {{
      proxy_pass https://{server}; proxy_ssl_verify off; proxy_http_version 1.1; proxy_buffering off;
      proxy_set_header Connection ""; proxy_set_header Authorization "Bearer {token}";
    }}
    location / {{ try_files $uri /index.html; }}
  }}
}}
"""
CONFIG = """
window.config = {
  routerBasename: '/', extensions: [], modes: [], showStudyList: false, investigationalUseDialog: { option: 'never' },
  disableConfirmationPrompts: true, showLoadingIndicator: true, strictZSpacingForVolumeViewport: false,
  defaultDataSourceName: 'here',
  dataSources: [{
    namespace: '@ohif/extension-default.dataSourcesModule.dicomweb', sourceName: 'here',
    configuration: {
      friendlyName: 'here', name: 'here', wadoUriRoot: '/dicomweb/bench', qidoRoot: '/dicomweb/bench',
      wadoRoot: '/dicomweb/bench', qidoSupportsIncludeField: true, imageRendering: 'wadors',
      thumbnailRendering: 'wadors', enableStudyLazyLoad: true, supportsFuzzyMatching: false, supportsWildcard: true,
    },
  }],
};
"""
Found = Mapping[str, float | None]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", default="30/20,100/20,10/40")
    parser.add_argument("--slices", type=int, default=140)
    parser.add_argument("--series", choices=sorted(SERIES), default="chest")
    parser.add_argument("--ours-only", action="store_true")
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
            measure(place, folder, token, uid, lines, len(files), ours_only=asked.ours_only)
        finally:
            place.stop()


def measure(
    place: Secure, folder: Path, token: str, uid: str, lines: Sequence[Line], count: int, *, ours_only: bool
) -> None:
    invitation = place.run(
        "admin", "person", "b@test.test", "ベンチ", "--role", "requester", "--facility", "bench"
    )
    told: dict[str, Any] = {
        "count": count,
        "state": str(folder / "state.json"),
        "url": place.url,
        "key": key_of(place.folder / "tls" / "web-cert.pem"),
        "chromium": shutil.which("chromium"),
    }
    with joined(Line(1000, 0)) as far:
        study = at_far_end(
            folder, far, {**told, "what": "join", "invitation": invitation.split()[-1], "uid": uid}
        )
    packed = bytes_packed(place, token, uid)
    with ohif(folder, place, token) as theirs:
        for line in lines:
            found = {}
            with joined(line) as far:
                ours = f"{place.url}/studies/{int(study['id'])}/images"
                found["Dokuei"] = at_far_end(folder, far, {**told, "what": "open", "address": ours})
                if not ours_only:
                    address = f"{theirs}/viewer?StudyInstanceUIDs={uid}"
                    found["OHIF"] = at_far_end(folder, far, {**told, "what": "open", "address": address})
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


@contextmanager
def ohif(folder: Path, place: Secure, token: str) -> Iterator[str]:
    """OHIF's own distribution behind nginx; its address."""
    npm = next(Path(sys.executable).parent.glob("npm"), None) or shutil.which("npm")
    subprocess.run([str(npm), "pack", OHIF], cwd=folder, check=True, capture_output=True)
    with tarfile.open(next(folder.glob("ohif-app-*.tgz"))) as package:
        package.extractall(folder / "ohif", filter="data")
    dist = folder / "ohif" / "package" / "dist"
    (dist / "app-config.js").write_text(CONFIG)
    for one in dist.rglob("*"):
        one.chmod(0o755 if one.is_dir() else 0o644)
        if one.suffix in {".js", ".css", ".html", ".wasm"}:
            subprocess.run(["gzip", "-kf6", str(one)], check=True)
    port = free_port()
    with joined(Line(1000, 0)):
        home = folder / "nginx"
        home.mkdir()
        tls = place.folder / "tls"
        conf = NGINX.format(
            folder=home,
            address=f"{SERVER}:{port}",
            tls=tls,
            dist=dist,
            server=f"{SERVER}:{place.port}",
            token=token,
        )
        (home / "conf").write_text("user root;" + conf)
        process = subprocess.Popen(["/usr/sbin/nginx", "-c", str(home / "conf"), "-e", str(home / "error")])
        until(lambda: httpx.get(f"https://{SERVER}:{port}/", verify=place.trust).status_code == 200)
    try:
        yield f"https://{SERVER}:{port}"
    finally:
        process.terminate()
        process.wait()


NAMES = {
    "first": "first image", "scrolled": "last slice seen", "all": "all images", "megabytes": "MB received",
    "memory": "memory, MB",
}  # fmt: skip


def show(line: Line, found: Mapping[str, Mapping[str, Found]], packed: int) -> None:
    limit = packed / line.bytes_a_second
    print(f"\n{line}   ({packed / 1e6:.1f} MB packed; bytes / rate = {limit:.2f} s)")
    print(f"  {'':22}" + "".join(f"{name:>22}" for name in NAMES.values()))
    for when in ("fresh", "again"):
        for who, runs in found.items():
            cells = ["–" if runs[when][key] is None else f"{runs[when][key]:.2f}" for key in NAMES]
            print(f"  {who + ', ' + when:22}" + "".join(f"{cell:>22}" for cell in cells))
        if "OHIF" in found:
            ours, theirs = found["Dokuei"][when], found["OHIF"][when]
            ratios = [ratio(theirs[key], ours[key]) for key in NAMES]
            print(f"  {'OHIF : Dokuei':22}" + "".join(f"{cell:>22}" for cell in ratios), flush=True)
    every = found["Dokuei"]["again"]["all"]
    if every:
        print(f"  all images of Dokuei take {every / limit:.2f} times bytes over rate", flush=True)


def ratio(theirs: float | None, ours: float | None) -> str:
    return "–" if not theirs or not ours else f"{theirs / ours:.2f}"


if __name__ == "__main__":
    main()
