"""The listening service: accepts connections, keeps their number in bounds, drains them when it stops."""

import gc
import logging
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from dokuei.dicom.net.command import Act
from dokuei.imaging.archive import recovery
from dokuei.imaging.dimse import commitment, mpps, negotiation, query, retrieve, storing
from dokuei.imaging.dimse.association import Association, Service
from dokuei.imaging.dimse.lister import Lister
from dokuei.kit.config import Config
from dokuei.kit.serving import outgoing_context, serve_until_told, tls_context

log = logging.getLogger("dokuei.dimse")

MOST_CONNECTIONS = 1024
BACKLOG = 512
DRAIN_SECONDS = 20.0

SERVICES: dict[int, Service] = {
    Act.C_ECHO: Service(storing.echo, lambda _: True),
    Act.C_STORE: Service(storing.store, lambda abstract: abstract not in negotiation.OURS),
    Act.C_FIND: Service(query.find, negotiation.QUERIES.__contains__),
    Act.C_MOVE: Service(retrieve.move, negotiation.MOVES.__contains__),
    Act.C_GET: Service(retrieve.get, negotiation.GETS.__contains__),
    Act.N_ACTION: Service(commitment.action, {negotiation.COMMITMENT}.__contains__),
    Act.N_CREATE: Service(mpps.create, {negotiation.MPPS}.__contains__),
    Act.N_SET: Service(mpps.change, {negotiation.MPPS}.__contains__),
}


class Listener:
    """`start`, then `stop`."""

    services = SERVICES

    def __init__(self, config: Config) -> None:
        self.config = config
        self.title, self.host, self.port = config.dicom_address
        self.spool = config.data / "incoming"
        self.tls = tls_context(config.data / "tls") if config.dicom_tls else None
        self.outgoing_tls = outgoing_context(config.data / "tls") if config.dicom_tls else None
        self.lister = Lister()
        self._associations: dict[Association, None] = {}
        self._lock = threading.Lock()
        self._busy = 0
        self._idle = threading.Condition()
        self._ended = threading.Event()
        self._socket: socket.socket

    def start(self) -> None:
        """Bind and serve in the background; what the last process left unlisted is listed meanwhile."""
        self.spool.mkdir(parents=True, exist_ok=True, mode=0o700)
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        self._socket = socket.create_server((self.host, self.port), family=family, backlog=BACKLOG)
        self.lister.start()
        for name, work in (("accept", self._accept), ("segments", self._look)):
            threading.Thread(target=work, name=name, daemon=True).start()
        log.info("listening", extra={"title": self.title, "port": self.port})

    def stop(self) -> None:
        """Accept nothing new, let what is being stored be answered and listed, then end every association."""
        self._ended.set()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        with self._idle:
            self._idle.wait_for(lambda: self._busy == 0, DRAIN_SECONDS)
        with self._lock:
            open_ones = list(self._associations)
        for assoc in open_ones:
            assoc.end()
        for assoc in open_ones:
            assoc.thread.join(2.0)
        self.lister.stop(DRAIN_SECONDS)

    def forget(self, assoc: Association) -> None:
        """An association ended."""
        with self._lock:
            self._associations.pop(assoc, None)

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Work that a stop waits for."""
        with self._idle:
            self._busy += 1
        try:
            yield
        finally:
            with self._idle:
                self._busy -= 1
                self._idle.notify_all()

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                peer, address = self._socket.accept()
            except OSError:
                if self._ended.wait(0.05):
                    return
                log.exception("a connection could not be accepted")
                continue
            assoc = Association(self, peer, str(address[0]))
            if self._admit(assoc):
                try:
                    assoc.start()
                except RuntimeError:  # no thread to be had
                    log.exception("an association could not be started")
                    self.forget(assoc)
                    peer.close()
            else:
                peer.close()

    def _admit(self, assoc: Association) -> bool:
        """Take the connection; when there are too many, the oldest that has not said who it is makes room."""
        with self._lock:
            if len(self._associations) >= MOST_CONNECTIONS:
                stranger = next((one for one in self._associations if not one.is_agreed), None)
                if stranger is None:
                    log.warning("too many associations")
                    return False
                del self._associations[stranger]
                stranger.end()
            self._associations[assoc] = None
            return True

    def _look(self) -> None:
        recovery.keep_looking(self._ended)


def serve(config: Config) -> None:
    """Listen until told to stop."""
    gc.freeze()  # what is loaded now stays, and need not be looked through again and again
    gc.set_threshold(50_000, 20, 50)
    sys.setswitchinterval(0.0005)  # who has read an image from the network does not wait long for the lister
    serve_until_told("dimse", Listener(config))
