"""OHIF as a peer: its own build as npm gives it, at the same server, as a careful administrator would set it up.

nginx (HTTP/2, TLS, files compressed beforehand) serves the application and passes DICOMweb on to us with a token. Frames
are asked for as packed HTJ2K, the introduction and the dialogs are off.
"""

import gzip
import json
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.ground import running_nginx
from bench.line import SERVER
from tests.server import Secure, free_port

VERSION = "3.13.2"
PACKED = "multipart/related; type=image/jphc; transfer-syntax=1.2.840.10008.1.2.4.202"
PREFETCH = {"enabled": True, "displaySetsCount": 1, "maxNumPrefetchRequests": 10, "order": "closest"}


@contextmanager
def ohif(folder: Path, place: Secure, token: str) -> Iterator[str]:
    """The address of a running OHIF whose only data source is the bench facility of `place`."""
    folder.mkdir(parents=True)
    build = fetched(folder)
    port = free_port()
    address = f"https://{SERVER}:{port}"
    (build / "app-config.js").write_text(f"window.config = {json.dumps(config(address))};")
    for one in build.rglob("*"):
        if one.suffix in {".js", ".css", ".wasm", ".html", ".json", ".svg"}:
            one.with_name(f"{one.name}.gz").write_bytes(gzip.compress(one.read_bytes(), 9))
    tls = place.folder / "tls"
    server = f"""
      listen {SERVER}:{port} ssl http2; root {build}; gzip_static on;
      ssl_certificate {tls}/web-cert.pem; ssl_certificate_key {tls}/web-key.pem;
      location /dicomweb/ {{
        proxy_pass {place.url}; proxy_http_version 1.1; proxy_set_header Connection "";
        proxy_set_header Authorization "Bearer {token}"; proxy_buffering off; proxy_ssl_protocols TLSv1.3;
      }}
      location / {{
        try_files $uri /index.html; expires 1h;
        add_header Cross-Origin-Opener-Policy same-origin; add_header Cross-Origin-Embedder-Policy require-corp;
      }}"""
    with running_nginx(folder / "nginx", server, SERVER, port):
        yield address


def config(address: str) -> dict[str, object]:
    root = f"{address}/dicomweb/bench"
    source = {
        "friendlyName": "bench",
        "name": "bench",
        "wadoUriRoot": root,
        "qidoRoot": root,
        "wadoRoot": root,
        "qidoSupportsIncludeField": True,
        "imageRendering": "wadors",
        "thumbnailRendering": "wadors",
        "enableStudyLazyLoad": True,
        "supportsFuzzyMatching": False,
        "supportsWildcard": True,
        "omitQuotationForMultipartRequest": True,
        "acceptHeader": [PACKED],
    }
    return {
        "name": "bench",
        "routerBasename": None,
        "extensions": [],
        "modes": [],
        "showStudyList": True,
        "investigationalUseDialog": {"option": "never"},
        "maxNumberOfWebWorkers": 2,
        "studyPrefetcher": PREFETCH,
        "defaultDataSourceName": "dicomweb",
        "dataSources": [
            {
                "namespace": "@ohif/extension-default.dataSourcesModule.dicomweb",
                "sourceName": "dicomweb",
                "configuration": source,
            }
        ],
    }


def fetched(folder: Path) -> Path:
    """The build inside the npm package."""
    npm = shutil.which("npm")
    if npm is None:
        raise FileNotFoundError("npm is missing: OHIF comes as an npm package")
    command = [npm, "pack", "--silent", f"@ohif/app@{VERSION}"]
    name = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.split()[-1]
    with tarfile.open(folder / name) as package:
        package.extractall(folder, filter="data")
    (folder / name).unlink()
    return folder / "package" / "dist"
