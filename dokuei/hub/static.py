"""The built web app, served from a fixed list of files: nothing outside the list can be named."""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

IMMUTABLE = "public, max-age=31536000, immutable"
COMPRESSED = {".js", ".css", ".html", ".wasm", ".svg", ".json"}
TYPES = {".js": "text/javascript; charset=utf-8", ".wasm": "application/wasm", ".woff2": "font/woff2"}
MISSING = """<!doctype html><html lang="ja"><meta charset="utf-8"><title>Dokuei</title>
<body><p>画面が組み立てられていません。<code>./dev build</code> を実行してください。</p></body></html>"""


@dataclass(frozen=True)
class Asset:
    """One file as it goes over the wire; small enough to be kept whole."""

    body: bytes
    gzipped: bytes | None
    headers: tuple[tuple[bytes, bytes], ...]


class WebApp:
    """Answers GET for the files of one built folder; any other path is the app itself (client-side routes)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names = frozenset(
            path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
        )
        self._asset = lru_cache(maxsize=4096)(self._load)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        name = scope["path"].lstrip("/")
        if scope["method"] not in {"GET", "HEAD"}:
            await _answer(send, 405, b"", [(b"allow", b"GET, HEAD")], scope)
            return
        if name not in self.names:
            if "." in name.rsplit("/", 1)[-1]:
                await _answer(send, 404, b"", [], scope)
                return
            name = "index.html"
        asset = self._asset(name)
        given = dict(scope["headers"])
        headers = list(asset.headers)
        etag = dict(asset.headers)[b"etag"]
        if given.get(b"if-none-match") == etag:
            await _answer(send, 304, b"", headers, scope)
            return
        if asset.gzipped is not None and b"gzip" in given.get(b"accept-encoding", b""):
            headers.append((b"content-encoding", b"gzip"))
            await _answer(send, 200, asset.gzipped, headers, scope)
            return
        await _answer(send, 200, asset.body, headers, scope)

    def _load(self, name: str) -> Asset:
        path = self.folder / name
        body = path.read_bytes() if name in self.names else MISSING.encode()
        suffix = path.suffix
        kind = TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
        if suffix == ".html":
            kind = "text/html; charset=utf-8"
        lasting = IMMUTABLE if name.startswith("assets/") else "no-cache"
        packed = gzip.compress(body, 6, mtime=0) if suffix in COMPRESSED else None
        headers = (
            (b"content-type", kind.encode()),
            (b"cache-control", lasting.encode()),
            (b"etag", b'"' + hashlib.sha256(body).hexdigest()[:20].encode() + b'"'),
            (b"vary", b"accept-encoding"),
        )
        return Asset(body, packed if packed and len(packed) < len(body) else None, headers)


async def _answer(
    send: Any, status: int, body: bytes, headers: list[tuple[bytes, bytes]], scope: Any
) -> None:
    headers = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
