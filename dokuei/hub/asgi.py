"""Every door of the web server in one place: pixels, live updates, API, sign-in, the built web app.

Pixels and live updates do not pass through Django's middleware. Every answer of every door carries the same
security headers.
"""

import asyncio
import os
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dokuei.hub.settings")

from django.conf import settings
from django.core.asgi import get_asgi_application

django_app = get_asgi_application()

from dokuei.hub.live import LiveStream
from dokuei.hub.logs import configure_logging
from dokuei.hub.static import WebApp
from dokuei.imaging.dicomweb import application as dicomweb
from dokuei.imaging.dicomweb import heard

configure_logging(settings.DOKUEI.log_level)
web_app = WebApp(Path(__file__).parent / "web")
live = LiveStream()
live.hear(heard)

CSP = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; "
    "img-src 'self' blob: data:; style-src 'self' 'unsafe-inline'; font-src 'self'; manifest-src 'self'; "
    "frame-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
SECURITY_HEADERS = [
    (b"content-security-policy", CSP.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (
        b"permissions-policy",
        b"camera=(), microphone=(), geolocation=(), payment=(), usb=(), window-management=(self)",
    ),
]
if settings.SECURE:
    SECURITY_HEADERS.append((b"strict-transport-security", b"max-age=63072000"))
READY_SECONDS = 15.0
"""Longer than the connection pool waits, so that a database that is gone is still named by its check."""
OURS = {name for name, _ in SECURITY_HEADERS}


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Route one request to its door."""
    if scope["type"] != "http":
        return

    _join_cookies(scope)
    path = scope["path"]
    if path.startswith("/dicomweb/"):
        live.attend()
        await dicomweb(scope, receive, send, SECURITY_HEADERS)
        return

    async def guarded(message: Any) -> None:
        if message["type"] == "http.response.start":
            kept = [pair for pair in message.get("headers", []) if pair[0].lower() not in OURS]
            message = {**message, "headers": [*kept, *SECURITY_HEADERS]}
        await send(message)

    if path == "/api/v1/live":
        await live(scope, receive, guarded)
    elif path == "/readyz":
        await _ready(scope, receive, guarded)
    elif path.startswith(("/api/", "/_allauth/")) or path == "/metrics":
        await django_app(scope, receive, guarded)
    elif path == "/healthz":
        await _healthy(guarded)
    else:
        await web_app(scope, receive, guarded)


def _join_cookies(scope: Any) -> None:
    """Over HTTP/2 a browser sends each cookie as a header of its own (RFC 9113 8.2.3); inside there is one."""
    if scope["http_version"] == "1.1":
        return
    crumbs = [value for name, value in scope["headers"] if name == b"cookie"]
    if len(crumbs) > 1:
        others = [pair for pair in scope["headers"] if pair[0] != b"cookie"]
        scope["headers"] = [*others, (b"cookie", b"; ".join(crumbs))]


async def _healthy(send: Any) -> None:
    """This process answers; whether it is fit to serve is /readyz's question."""
    await _say(send, 200, b'{"alive": true}')


async def _ready(scope: Any, receive: Any, send: Any) -> None:
    """Readiness, and no for an answer when the checks hang: a database that is stuck says neither yes nor no."""
    said: list[Any] = []

    async def kept(message: Any) -> None:
        said.append(message)

    checking = asyncio.ensure_future(django_app(scope, receive, kept))
    await asyncio.wait({checking}, timeout=READY_SECONDS)
    if not checking.done():
        checking.cancel()
        await _say(send, 503, b'{"ready": false, "checks": {}}')
        return
    checking.result()
    for message in said:
        await send(message)


async def _say(send: Any, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
