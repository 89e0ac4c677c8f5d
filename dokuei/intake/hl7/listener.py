"""The MLLP door: who connects from a known address may send; each message is answered after it was committed."""

import logging
import socket
import ssl
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime

from django.db import connections

from dokuei.audit.services import record_denial
from dokuei.hl7.answer import Code, acknowledgement
from dokuei.hl7.charset import TextEncoding, encode
from dokuei.hl7.message import Message
from dokuei.hl7.mllp import Frames, TooMuch, framed
from dokuei.identity.access import Actor
from dokuei.intake.hl7 import queries, services
from dokuei.intake.hl7.models import Hl7Connection
from dokuei.intake.hl7.rules import State
from dokuei.kit.config import Config
from dokuei.kit.db import is_database_away, scope, system_scope
from dokuei.kit.serving import serve_until_told, tls_context

log = logging.getLogger("dokuei.hl7")

MOST_CONNECTIONS = 256
BACKLOG = 64
OPENING_SECONDS = 15.0
STALL_SECONDS = 30.0
"""The longest a message may take from its first byte to its last, and an answer to be read."""
DRAIN_SECONDS = 10.0
PIECE = 64 * 1024


class Stranger:
    """A peer nobody knows, in the trail."""

    label = "machine:unknown-hl7"


class Session:
    """One connection, in a thread of its own; `end` may be called from any other."""

    def __init__(self, listener: "Listener", peer: socket.socket, host: str) -> None:
        self.listener, self.socket, self.host = listener, peer, host
        self.thread = threading.Thread(target=self._run, name=f"hl7-{host}", daemon=True)

    def end(self) -> None:
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)

    def _run(self) -> None:
        try:
            self._serve()
        except (TooMuch, TimeoutError, ssl.SSLError, OSError) as error:
            log.info("a connection ended", extra={"peer": self.host, "why": type(error).__name__})
        except Exception:
            log.exception("a connection failed")
        finally:
            self.listener.forget(self)
            connections.close_all()
            with suppress(OSError):
                self.socket.close()

    def _serve(self) -> None:
        if self.listener.tls is not None:
            self.socket.settimeout(OPENING_SECONDS)
            self.socket = self.listener.tls.wrap_socket(self.socket, server_side=True)
        with system_scope("hl7"):
            is_known = bool(queries.connections_from(self.host))
            if not is_known:
                record_denial(
                    by=Stranger(), at=datetime.now(UTC), door="hl7", code="hl7.stranger", peer=self.host
                )
        if not is_known:
            log.warning("a stranger was turned away", extra={"peer": self.host})
            return
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        frames, began = Frames(), 0.0
        while True:
            if frames.is_within and time.monotonic() - began > STALL_SECONDS:
                raise TimeoutError
            self.socket.settimeout(STALL_SECONDS if frames.is_within else None)
            received = self.socket.recv(PIECE)
            if not received:
                return
            if not frames.is_within:
                began = time.monotonic()
            for raw in frames.take(received):
                self._answer(raw)

    def _answer(self, raw: bytes) -> None:
        with self.listener.working:
            answer = answered(self.host, raw, datetime.now(UTC))
            if answer is None:
                self.end()
                return
            self.socket.settimeout(STALL_SECONDS)
            self.socket.sendall(framed(answer))


def answered(host: str, raw: bytes, at: datetime) -> bytes | None:
    """Take a message and say what became of it; None if we cannot, so that its sender sends it again."""
    try:
        with system_scope("hl7"):
            connection = queries.connection_for(queries.connections_from(host), raw)
        if connection is None or not connection.facility.is_active:
            return _turned_away(host, at)
        actor = queries.actor_of_connection(connection)
        received = _received(actor, connection, raw, at)
    except Exception as error:
        if not is_database_away(error):
            raise
        log.warning("the database is away, a message is not answered")
        return None
    return _told(
        connection, received.row.state, received.row.code, received.row.sentence, received.message, at
    )


def _received(actor: Actor, connection: Hl7Connection, raw: bytes, at: datetime) -> services.Received:
    """What became of a message. One that we fail at, by a fault of ours, is kept and does not stop the others."""
    try:
        with scope(actor.facilities):
            return services.receive_message(actor, connection, raw, at=at)
    except Exception as error:
        if is_database_away(error):
            raise
        log.exception("a message failed", extra={"connection": connection.name})
    with scope(actor.facilities):
        return services.keep_failed(actor, connection, raw, at=at)


def _turned_away(host: str, at: datetime) -> bytes:
    with system_scope("hl7"):
        record_denial(by=Stranger(), at=at, door="hl7", code="hl7.unknown_application", peer=host)
    text = acknowledgement(
        None, Code.REJECTED, text="unknown sending application (MSH-3)", number=_number(at), at=at
    )
    return text.encode("ascii")


def _told(
    connection: Hl7Connection, state: str, code: str, sentence: str, message: Message | None, at: datetime
) -> bytes:
    """Accepted if it was taken, or if a person took care of it since; else what is wrong, in the sender's encoding."""
    is_fine = State(state) is not State.QUARANTINED
    text = acknowledgement(
        message,
        Code.ACCEPTED if is_fine else Code.ERROR,
        text="" if is_fine else sentence,
        error="" if is_fine else code,
        number=_number(at),
        at=at,
    )
    return encode(text, TextEncoding(connection.encoding))


def _number(at: datetime) -> str:
    """MSH-10 of our own messages: the time to the microsecond, in 20 characters."""
    return at.strftime("%Y%m%d%H%M%S%f")


class Listener:
    """`start`, then `stop`."""

    def __init__(self, config: Config) -> None:
        self.host, self.port = config.hl7_address
        self.tls = tls_context(config.data / "tls") if config.hl7_tls else None
        self.working = _Counted()
        self._sessions: dict[Session, None] = {}
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._socket: socket.socket

    def start(self) -> None:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        self._socket = socket.create_server((self.host, self.port), family=family, backlog=BACKLOG)
        threading.Thread(target=self._accept, name="accept", daemon=True).start()
        log.info("listening", extra={"port": self.port})

    def stop(self) -> None:
        """Accept nothing new, let what is being taken be answered, then end every connection."""
        self._ended.set()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self.working.wait(DRAIN_SECONDS)
        with self._lock:
            open_ones = list(self._sessions)
        for one in open_ones:
            one.end()
        for one in open_ones:
            one.thread.join(2.0)

    def forget(self, session: Session) -> None:
        with self._lock:
            self._sessions.pop(session, None)

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                peer, address = self._socket.accept()
            except OSError:
                if self._ended.wait(0.05):
                    return
                log.exception("a connection could not be accepted")
                continue
            session = Session(self, peer, str(address[0]))
            with self._lock:
                is_full = len(self._sessions) >= MOST_CONNECTIONS
                if not is_full:
                    self._sessions[session] = None
            if is_full:
                log.warning("too many connections")
                peer.close()
            else:
                session.thread.start()


class _Counted:
    """Work that a stop waits for."""

    def __init__(self) -> None:
        self._busy = 0
        self._idle = threading.Condition()

    def __enter__(self) -> None:
        with self._idle:
            self._busy += 1

    def __exit__(self, *_: object) -> None:
        with self._idle:
            self._busy -= 1
            self._idle.notify_all()

    def wait(self, seconds: float) -> None:
        with self._idle:
            self._idle.wait_for(lambda: self._busy == 0, seconds)


def serve(config: Config) -> None:
    """Listen until told to stop."""
    serve_until_told("hl7", Listener(config))
