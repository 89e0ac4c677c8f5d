"""What every listener of ours shares: mutual TLS, and serving until somebody says stop."""

import logging
import signal
import ssl
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from django.db import connections

from dokuei.kit import due
from dokuei.kit.http import DATABASE_GONE

log = logging.getLogger("dokuei.serving")
BEAT_SECONDS = 5.0


class Listener(Protocol):
    """`start` returns when it listens, `stop` when what was being done is done."""

    def start(self) -> None: ...

    def stop(self) -> None: ...


def serve_until_told(name: str, listener: Listener) -> None:
    """Listen until SIGTERM or SIGINT, giving a sign of life under this name every few seconds."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    listener.start()
    while True:
        try:
            due.beat(name, datetime.now(UTC))
        except DATABASE_GONE:
            log.warning("database unavailable, no sign of life left")
        finally:
            connections.close_all()
        if ended.wait(BEAT_SECONDS):
            break
    listener.stop()
    log.info("stopped")


def tls_context(folder: Path) -> ssl.SSLContext:
    """Mutual TLS (PS3.15 B.9): the listener's certificate, and the authority that signs its peers'."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    context.load_verify_locations(folder / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def outgoing_context(folder: Path) -> ssl.SSLContext:
    """The same certificate when we are the one who calls; the peer must show one of the same authority."""
    context = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False  # a device's certificate carries its AE title, not its address
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context
