"""The web server: a parent and its workers, and how they end without cutting anybody off."""

import multiprocessing
import os
import signal
from contextlib import suppress
from types import FrameType

from dokuei.kit.config import Config

END_STREAMS = signal.SIGUSR1
"""Sent to each worker before it is told to stop: a live stream lasts as long as its browser, and would hold it up."""
GRACE_SECONDS = 10


def serve(config: Config) -> None:
    """Answer HTTP until told to stop; answers under way get `GRACE_SECONDS` to be finished."""
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces, Loops

    host, port = config.http_address
    tls = config.data / "tls"
    signal.signal(
        END_STREAMS, signal.SIG_IGN
    )  # workers begin with this: one that has no stream has none to end
    server = Granian(
        "dokuei.hub.asgi:application",
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        workers=config.web_workers,
        loop=Loops.uvloop,
        http=HTTPModes.auto,
        websockets=False,
        log_access=False,
        respawn_failed_workers=True,
        workers_kill_timeout=GRACE_SECONDS,
        ssl_cert=tls / "web-cert.pem" if config.web_has_tls else None,
        ssl_key=tls / "web-key.pem" if config.web_has_tls else None,
    )
    server.on_startup(_end_streams_first)
    server.serve()


def _end_streams_first() -> None:
    """Put the end of all streams before the server's own stopping, whose handlers stand when this is called."""
    for number in (signal.SIGINT, signal.SIGTERM):
        stop = signal.getsignal(number)

        def end(sent: int, frame: FrameType | None, stop: object = stop) -> None:
            for pid in [worker.pid for worker in multiprocessing.active_children() if worker.pid]:
                with suppress(ProcessLookupError):
                    os.kill(pid, END_STREAMS)
            if callable(stop):
                stop(sent, frame)

        signal.signal(number, end)
