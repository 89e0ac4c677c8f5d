"""One association: who calls, what is agreed, then message after message until somebody ends it."""

import logging
import socket
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.db import connections, transaction

from dokuei.audit.services import record_denial
from dokuei.dicom.alike import Alike
from dokuei.dicom.describe import Description
from dokuei.dicom.net import command, pdu
from dokuei.dicom.net.command import Act
from dokuei.dicom.net.connection import BeyondLimit, Connection, Limits, Message, PeerGone, PeerTooSlow
from dokuei.dicom.net.pdu import BrokenPdu
from dokuei.identity.access import Actor
from dokuei.imaging import queries
from dokuei.imaging.archive.known import known_hashes
from dokuei.imaging.dimse import negotiation
from dokuei.imaging.dimse.status import CLASS_NOT_SUPPORTED, PROCESSING_FAILURE, UNRECOGNIZED
from dokuei.kit.db import scope
from dokuei.kit.http import DATABASE_GONE

if TYPE_CHECKING:
    from dokuei.imaging.dimse.server import Listener

log = logging.getLogger("dokuei.dimse")

OUR_PDU = 128 * 1024
OPENING_SECONDS = 15.0
"""The time for a TLS handshake, and for a whole A-ASSOCIATE-RQ (ARTIM, PS3.8 9.1.5)."""
MOST_STUDIES = 16

Handler = Callable[["Association", Message], None]


@dataclass(frozen=True)
class Service:
    """What answers a kind of request, and in presentation contexts of which abstract syntaxes."""

    handle: Handler
    is_for: Callable[[str], bool]


class Unknown:
    """A peer nobody knows, in the trail."""

    label = "machine:unknown-ae"


@dataclass(frozen=True)
class Peer:
    """A device that was let in."""

    actor: Actor
    facility_id: int
    title: str
    may_query: bool
    device_id: int
    listens: bool


class Association:
    """Runs in its own thread; `end` may be called from any other."""

    def __init__(self, listener: "Listener", peer: socket.socket, address: str) -> None:
        self.listener = listener
        self.socket = peer
        self.address = address
        self.peer: Peer | None = None
        self.contexts: Mapping[int, tuple[str, str]] = {}
        self.connection: Connection
        self.alike = Alike()
        self._roles: tuple[pdu.Role, ...] = ()
        self._message_id = 0
        self._cancelled: set[int] = set()
        self._known: OrderedDict[str, dict[str, str]] = OrderedDict()
        self.thread = threading.Thread(target=self._run, name=f"association-{address}", daemon=True)

    @property
    def is_agreed(self) -> bool:
        return self.peer is not None

    def start(self) -> None:
        self.thread.start()

    def end(self) -> None:
        """Break the connection; whatever waits for the peer stops waiting."""
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)

    def _run(self) -> None:
        try:
            if self._open():
                self._serve()
        except (PeerGone, PeerTooSlow) as error:
            log.info("an association ended", extra={"peer": self.address, "why": type(error).__name__})
        except (BrokenPdu, BeyondLimit) as error:
            log.warning("a peer broke the protocol", extra={"peer": self.address, "code": error.error_code})
            self.connection.abort(pdu.ABORT_BY_PROVIDER, pdu.INVALID_PARAMETER)
        except Exception:
            log.exception("an association failed")
            with suppress(AttributeError):
                self.connection.abort()
        finally:
            self._close()

    def _close(self) -> None:
        connections.close_all()
        if hasattr(self, "connection"):
            with suppress(OSError):
                self.connection.close()
        with suppress(OSError):
            self.socket.close()
        self.listener.forget(self)

    def _open(self) -> bool:
        """Handshake and negotiation; False when the peer was turned away."""
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.settimeout(OPENING_SECONDS)
        if self.listener.tls is not None:
            try:
                self.socket = self.listener.tls.wrap_socket(self.socket, server_side=True)
            except OSError as error:
                raise PeerGone() from error
        self.socket.settimeout(None)
        limits = Limits(largest=self.listener.config.max_instance_bytes)
        self.connection = Connection(self.socket, limits, self.listener.spool, hashes=True)
        kind, body = self.connection.read_pdu(OPENING_SECONDS)
        if kind != pdu.ASSOCIATE_RQ:
            self.connection.abort(pdu.ABORT_BY_PROVIDER, pdu.UNEXPECTED_PDU)
            return False
        request = pdu.AssociateRequest.decode(body)
        try:
            known = self._who(request)
        except DATABASE_GONE:
            log.warning("database unavailable, an association is turned away")
            self._reject(pdu.REJECTED_TRANSIENT, pdu.BY_PRESENTATION, pdu.CONGESTED)
            return False
        finally:
            connections.close_all()
        if known is None:
            return False
        self._agree(request, known)
        return True

    def _who(self, request: pdu.AssociateRequest) -> Peer | None:
        """The device behind the calling title; an unknown one is rejected, and written down."""
        listener = self.listener
        if request.called != listener.title:
            self._turn_away(pdu.CALLED_UNKNOWN, "ae.called_unknown", request.calling)
            return None
        if listener.tls is not None and common_name(self.socket) != request.calling:
            self._turn_away(pdu.CALLING_UNKNOWN, "ae.certificate", request.calling)
            return None
        known = queries.device_of_ae(request.calling, self.address)
        if known is None:
            self._turn_away(pdu.CALLING_UNKNOWN, "ae.calling_unknown", request.calling)
            return None
        return Peer(
            known.actor,
            known.facility_id,
            request.calling,
            may_query=known.may_query,
            device_id=known.id,
            listens=known.listens,
        )

    def _turn_away(self, why: int, code: str, calling: str) -> None:
        self._reject(pdu.REJECTED_PERMANENT, pdu.BY_USER, why)
        with transaction.atomic():
            record_denial(
                by=Unknown(),
                at=datetime.now(UTC),
                door="dimse",
                code=code,
                title="".join(one if one.isprintable() else "?" for one in calling[:16]),
                peer=self.address,
            )

    def _reject(self, result: int, source: int, reason: int) -> None:
        with suppress(PeerGone, PeerTooSlow):
            self.connection.send(pdu.reject(result, source, reason))

    def _agree(self, request: pdu.AssociateRequest, known: Peer) -> None:
        answered = negotiation.answer(request.contexts, may_query=known.may_query)
        roles = negotiation.roles(request.roles, may_query=known.may_query)
        proposed = {one.id: one.abstract for one in request.contexts}
        self.contexts = {one.id: (proposed[one.id], one.transfer) for one in answered if one.transfer}
        self._roles = roles
        self.connection.max_pdu, self.connection.contexts = request.max_pdu, set(self.contexts)
        self.peer = known
        accept = pdu.AssociateAccept(
            request.called, request.calling, answered, OUR_PDU, roles, request.wants_identity_answer
        )
        self.connection.send(accept.encode())

    def _serve(self) -> None:
        while True:
            message = self.connection.read_message()
            if message is None:
                return
            self._cancelled.clear()
            field = command.number(message.command, command.FIELD)
            if not field & command.RESPONSE and field != Act.C_CANCEL:
                self._dispatch(message, field)

    def _dispatch(self, message: Message, field: int) -> None:
        """Have a request answered by its service, if it came in a context of that service."""
        service = self.listener.services.get(field)
        if service is None:
            self.reply(message, UNRECOGNIZED)
        elif not service.is_for(self.contexts[message.context][0]):
            self.reply(message, CLASS_NOT_SUPPORTED, comment="class.not_negotiated")
        else:
            with self.listener.counted():
                self._handle(service.handle, message)

    def _handle(self, handler: Handler, message: Message) -> None:
        try:
            handler(self, message)
        except (PeerGone, PeerTooSlow, BrokenPdu, BeyondLimit):
            raise
        except Exception:
            log.exception("a request could not be answered")
            self.reply(message, PROCESSING_FAILURE, comment="unexpected")
        finally:
            connections.close_all()

    def reply(
        self, message: Message, status: int, more: command.Command | None = None, *, comment: str = ""
    ) -> None:
        """Answer without a data set."""
        words = command.response(message.command, status, more, comment=comment)
        self.connection.send_message(message.context, words)

    @property
    def peer_is_scp_of(self) -> set[str]:
        """Storage classes the peer takes over this association (role selection)."""
        return {one.abstract for one in self._roles if one.is_scp}

    def ask(self, context: int, words: command.Command, data: Iterable[bytes] = ()) -> Message:
        """Send a request of ours on this association and wait for its response."""
        self._message_id = self._message_id % 65535 + 1
        request = command.encode({**words, command.MESSAGE: self._message_id})
        self.connection.send_message(context, request, data)
        while True:
            news = self._next()
            is_response = command.number(news.command, command.FIELD) & command.RESPONSE
            if is_response and command.number(news.command, command.RESPONDED) == self._message_id:
                return news
            if not is_response:
                self._meanwhile(news)

    def is_cancelled(self, message: Message) -> bool:
        """Whether the peer has asked us to stop answering this request (C-CANCEL, PS3.7 9.3.2.3)."""
        while self.connection.has_news():
            self._meanwhile(self._next())
        return command.number(message.command, command.MESSAGE) in self._cancelled

    def _next(self) -> Message:
        news = self.connection.read_message()
        if news is None:
            raise PeerGone()
        return news

    def _meanwhile(self, news: Message) -> None:
        """What a peer may send while something is going on: a cancellation, and images, which never wait."""
        field = command.number(news.command, command.FIELD)
        if field == Act.C_CANCEL:
            self._cancelled.add(command.number(news.command, command.RESPONDED))
        elif field in {Act.C_STORE, Act.C_ECHO}:
            self._dispatch(news, field)
        else:
            raise BrokenPdu(code="dicom.pdu_unexpected")

    def known_before(self, found: Description) -> dict[str, str]:
        """What is listed of the study an instance belongs to: asked once an association, then kept up by us."""
        uid = found.study_instance_uid
        known = self._known.get(uid)
        if known is None:
            assert self.peer is not None
            with scope({self.peer.facility_id}):
                known = known_hashes(self.peer.facility_id, uid)
            self._known[uid] = known
            while len(self._known) > MOST_STUDIES:
                self._known.popitem(last=False)
        return known


def common_name(peer: Any) -> str:
    """The common name of the peer's certificate: the one AE title it may call itself."""
    certificate = peer.getpeercert() or {}
    names = [value for part in certificate.get("subject", ()) for key, value in part if key == "commonName"]
    return names[0] if len(names) == 1 else ""
