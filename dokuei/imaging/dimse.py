"""The DICOM listener: C-STORE and C-ECHO. Bytes are kept as received; success means synced and committed.

Every storage class, private ones too, and every transfer syntax is accepted. A peer must be known by its
calling AE title (and address, if one is registered); the title says whose images it sends. A data set is
spooled to disk while it arrives, so memory does not grow with its size, and whatever a hostile peer sends
costs it its own association only.
"""

import functools
import logging
import signal
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.db import connections, transaction
from pydicom import Dataset
from pynetdicom import AE, _config, dimse_messages, evt
from pynetdicom.pdu import A_ABORT_RQ
from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]
from pynetdicom.transport import AssociationSocket, RequestHandler, ThreadedAssociationServer

from dokuei.audit.services import record_denial
from dokuei.base.errors import DokueiError
from dokuei.dicom.network import close_sockets_always
from dokuei.dicom.uid import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from dokuei.identity.access import Actor
from dokuei.imaging import queries, services
from dokuei.imaging.dimse_status import (
    CLASS_NOT_SUPPORTED,
    OUT_OF_RESOURCES,
    PROCESSING_FAILURE,
    SUCCESS,
    status_of,
)
from dokuei.kit import due
from dokuei.kit.config import Config
from dokuei.kit.db import scope
from dokuei.kit.http import DATABASE_GONE

log = logging.getLogger("dokuei.dimse")

PDU_BYTES = 128 * 1024
LONGEST_PDU = 1024 * 1024
"""Of any kind; an A-ASSOCIATE-RQ with 128 contexts and every syntax is about 200 KiB."""
LONGEST_COMMAND = 64 * 1024
MOST_ASSOCIATIONS = 32
MOST_CONNECTIONS = 64
IDLE_SECONDS = 120
BEAT_SECONDS = 5.0
DRAIN_SECONDS = 20.0

REJECTED_PERMANENT, REJECTED_TRANSIENT = 0x01, 0x02
BY_USER, BY_PRESENTATION = 0x01, 0x03
CALLING_UNKNOWN, CALLED_UNKNOWN, CONGESTED = 0x03, 0x07, 0x01


class Unknown:
    """A peer nobody knows, in the trail."""

    label = "machine:unknown-ae"


class BoundedSocket(AssociationSocket):
    """Reads a PDU in one buffer, and none that is longer than it may be (PS3.8 9.3.1 gives it 32 bits)."""

    def recv(self, nr_bytes: int) -> bytearray:
        self._mind_the_limits(nr_bytes)
        peer: Any = self.socket
        buffer = bytearray(nr_bytes)
        view, got = memoryview(buffer), 0
        while got < nr_bytes:
            count = peer.recv_into(view[got:], nr_bytes - got)
            if not count:
                break
            got += count
        view.release()
        return buffer if got == nr_bytes else buffer[:got]

    def _mind_the_limits(self, nr_bytes: int) -> None:
        peer: Any = self.socket
        ae: Any = self.assoc.ae
        message = self.assoc.dimse.message
        spool = getattr(message, "_data_set_file", None)
        largest = ae.dokuei.config.max_instance_bytes
        too_long = nr_bytes > LONGEST_PDU
        too_large = spool is not None and not spool.closed and spool.tell() > largest
        command = getattr(message, "encoded_command_set", None)
        too_wordy = command is not None and command.tell() > LONGEST_COMMAND
        if too_long or too_large or too_wordy:
            log.warning("a peer went beyond a limit", extra={"pdu": too_long, "instance": too_large})
            abort = A_ABORT_RQ()
            abort.source, abort.reason_diagnostic = 0x02, 0x06
            with suppress(OSError):
                peer.sendall(abort.encode())
            peer.close()
            self.socket, self._is_connected = None, False
            raise OSError("the peer went beyond a limit")


class Handler(RequestHandler):
    def _create_association(self) -> Any:
        assoc = super()._create_association()
        assoc.dul.socket.__class__ = BoundedSocket
        return assoc


class Server(ThreadedAssociationServer):
    """Accepts connections without ever waiting for a peer, and only so many."""

    request_queue_size = 64

    def get_request(self) -> tuple[socket.socket, Any]:
        listening: Any = self.socket
        client, address = listening.accept()
        client.settimeout(IDLE_SECONDS)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.ssl_context:  # the handshake happens with the first read, in the association's own thread
            client = self.ssl_context.wrap_socket(client, server_side=True, do_handshake_on_connect=False)
        return client, address

    def verify_request(self, request: Any, client_address: Any) -> bool:
        return len(self.active_associations) < MOST_CONNECTIONS

    def handle_error(self, request: Any, client_address: Any) -> None:
        log.warning("a connection failed", exc_info=True)


class Listener:
    """The listening service; `start`, then `stop`."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.title, self.host, self.port = config.dicom_address
        self.spool = config.data / "incoming"
        self._server: Any = None
        self._busy = 0
        self._idle = threading.Condition()

    def start(self) -> None:
        """Bind and serve in the background."""
        close_sockets_always()
        self.spool.mkdir(parents=True, exist_ok=True, mode=0o700)
        for left in self.spool.glob("tmp*.dcm"):  # half-received when the last process ended: never answered
            left.unlink(missing_ok=True)
        spooled = functools.partial(NamedTemporaryFile, dir=self.spool)
        setattr(dimse_messages, "NamedTemporaryFile", spooled)  # noqa: B010  # its only way to say where
        _config.UNRESTRICTED_STORAGE_SERVICE = True
        _config.STORE_RECV_CHUNKED_DATASET = True
        _config.LOG_HANDLER_LEVEL = "none"
        ae: Any = AE(ae_title=self.title)
        ae.dokuei = self
        ae.implementation_class_uid = IMPLEMENTATION_CLASS_UID
        ae.implementation_version_name = IMPLEMENTATION_VERSION_NAME
        ae.maximum_pdu_size = PDU_BYTES
        ae.maximum_associations = MOST_ASSOCIATIONS
        ae.acse_timeout, ae.dimse_timeout, ae.network_timeout = 15, 60, IDLE_SECONDS
        ae.add_supported_context(Verification)
        handlers: list[Any] = [
            (evt.EVT_REQUESTED, self._on_requested),
            (evt.EVT_C_STORE, self._on_store),
            (evt.EVT_CONN_CLOSE, self._on_close),
        ]
        self._server = ae.make_server(
            (self.host, self.port),
            ae_title=self.title,
            ssl_context=tls_context(self.config) if self.config.dicom_tls else None,
            evt_handlers=handlers,
            server_class=Server,
            request_handler=Handler,
        )
        ae._servers.append(self._server)
        threading.Thread(target=self._server.serve_forever, args=(0.2,), daemon=True).start()
        log.info("listening", extra={"title": self.title, "port": self.port})

    def stop(self) -> None:
        """Accept nothing new, let what is being stored be answered, then end every association."""
        self._server.shutdown()
        with self._idle:
            self._idle.wait_for(lambda: self._busy == 0, DRAIN_SECONDS)
        for assoc in self._server.active_associations:
            assoc.abort()

    def _on_requested(self, event: Any) -> None:
        """Who is calling? An unknown title or address is rejected, and written down."""
        assoc = event.assoc
        request = assoc.requestor.primitive
        calling, called = request.calling_ae_title.strip(), request.called_ae_title.strip()
        peer = str(assoc.requestor.address)
        try:
            if called != self.title:
                self._reject(assoc, CALLED_UNKNOWN, "ae.called_unknown", calling, peer)
                return
            if self.config.dicom_tls and common_name(assoc) != calling:
                self._reject(assoc, CALLING_UNKNOWN, "ae.certificate", calling, peer)
                return
            known = queries.actor_of_ae(calling, peer)
            if known is None:
                self._reject(assoc, CALLING_UNKNOWN, "ae.calling_unknown", calling, peer)
                return
            assoc.dokuei_sender = known
        except DATABASE_GONE:
            log.warning("database unavailable, an association is turned away")
            assoc.acse.send_reject(REJECTED_TRANSIENT, BY_PRESENTATION, CONGESTED)
            assoc.kill()
        finally:
            connections.close_all()

    def _reject(self, assoc: Any, why: int, code: str, calling: str, peer: str) -> None:
        assoc.acse.send_reject(REJECTED_PERMANENT, BY_USER, why)
        assoc.kill()
        with transaction.atomic():
            record_denial(
                by=Unknown(),
                at=datetime.now(UTC),
                door="dimse",
                code=code,
                title="".join(one if one.isprintable() else "?" for one in calling[:16]),
                peer=peer,
            )

    def _on_store(self, event: Any) -> Dataset:
        """Take one instance; whatever happens, answer a status."""
        actor, facility_id = event.assoc.dokuei_sender
        uid = str(event.request.AffectedSOPInstanceUID)
        with self._counted():
            try:
                if event.request.AffectedSOPClassUID != event.context.abstract_syntax:
                    return _status(CLASS_NOT_SUPPORTED, "class.not_negotiated")
                return self._take(actor, facility_id, Path(event.dataset_path), uid)
            except DATABASE_GONE:
                log.warning("database unavailable, an image was not taken")
                return _status(OUT_OF_RESOURCES, "database.unavailable")
            except Exception:
                log.exception("an image could not be taken")
                return _status(PROCESSING_FAILURE, "unexpected")
            finally:
                connections.close_all()

    def _take(self, actor: Actor, facility_id: int, path: Path, uid: str) -> Dataset:
        at = datetime.now(UTC)
        try:
            with scope(actor.facilities):
                services.store_instance(actor, facility_id=facility_id, content=path, at=at)
        except DokueiError as error:
            status = status_of(error)
            if status != OUT_OF_RESOURCES:
                with scope(actor.facilities):
                    services.note_refusal(
                        actor,
                        facility_id=facility_id,
                        code=error.error_code,
                        door="dimse",
                        sop_instance_uid=uid,
                        at=at,
                    )
            return _status(status, error.error_code)
        return _status(SUCCESS, "")

    def _on_close(self, event: Any) -> None:
        """Remove what a broken association left half received."""
        message = event.assoc.dimse.message
        spool = getattr(message, "_data_set_file", None)
        if spool is not None:
            with suppress(OSError):
                spool.close()
            Path(spool.name).unlink(missing_ok=True)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._idle:
            self._busy += 1
        try:
            yield
        finally:
            with self._idle:
                self._busy -= 1
                self._idle.notify_all()


def _status(status: int, comment: str) -> Dataset:
    """The status with our code as Error Comment (0000,0902), for the log of the sending device."""
    ds = Dataset()
    ds.Status = status
    if comment:
        ds.ErrorComment = comment[:64]
    return ds


def common_name(assoc: Any) -> str:
    """The common name of the peer's certificate: the one AE title it may call itself."""
    certificate = assoc.dul.socket.socket.getpeercert() or {}
    names = [value for part in certificate.get("subject", ()) for key, value in part if key == "commonName"]
    return names[0] if len(names) == 1 else ""


def tls_context(config: Config) -> ssl.SSLContext:
    """Mutual TLS (PS3.15 B.9): the listener's certificate, and the authority that signs its peers'."""
    folder = config.data / "tls"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    context.load_verify_locations(folder / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def serve(config: Config) -> None:
    """Listen until SIGTERM or SIGINT, giving a sign of life every few seconds."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    listener = Listener(config)
    listener.start()
    while True:
        try:
            due.beat("dimse", datetime.now(UTC))
        except DATABASE_GONE:
            log.warning("database unavailable, no sign of life left")
        finally:
            connections.close_all()
        if ended.wait(BEAT_SECONDS):
            break
    listener.stop()
    log.info("stopped")
