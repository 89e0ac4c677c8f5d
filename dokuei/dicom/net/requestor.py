"""The other side of an association: we ask, a peer answers. For senders, C-MOVE destinations and reports."""

import ssl
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dokuei.dicom import syntax, write
from dokuei.dicom.net import command, pdu
from dokuei.dicom.net.command import Act
from dokuei.dicom.net.connection import Connection, Limits, Message, PeerGone, open_to, release

OUR_PDU = 128 * 1024
MODEL_SYNTAXES = (syntax.EXPLICIT_LE, syntax.IMPLICIT_LE)
"""What is proposed for identifiers, reports and steps: data sets of our own making."""


@dataclass(frozen=True)
class Address:
    """Where a peer listens and as whom it is called."""

    title: str
    host: str
    port: int


@dataclass(frozen=True)
class Origin:
    """The C-MOVE that a C-STORE belongs to (PS3.7 9.3.1.1)."""

    title: str
    message_id: int


class Requestor:
    """An association that we asked for. Not for two threads at once."""

    def __init__(
        self, connection: Connection, accept: pdu.AssociateAccept, asked: Sequence[pdu.Proposed]
    ) -> None:
        self.connection = connection
        proposed = {one.id: one.abstract for one in asked}
        self.contexts = {
            (proposed[one.id], one.transfer): one.id
            for one in accept.contexts
            if one.result == pdu.ACCEPTED and one.id in proposed
        }
        self._message_id = 0

    @classmethod
    def open(
        cls,
        to: Address,
        calling: str,
        wanted: Iterable[tuple[str, tuple[str, ...]]],
        *,
        roles: tuple[pdu.Role, ...] = (),
        tls: ssl.SSLContext | None = None,
        limits: Limits | None = None,
        seconds: float = 15.0,
    ) -> "Requestor":
        """Associate for these pairs of abstract syntax and transfer syntaxes, at most 128.

        `seconds` each for the connection and for the peer's answer. Raises `PeerGone`, or its kind `PeerRejected`.
        """
        asked = tuple(
            pdu.Proposed(2 * number + 1, abstract, transfer)
            for number, (abstract, transfer) in enumerate(wanted)
        )
        request = pdu.AssociateRequest(to.title, calling, asked, OUR_PDU, roles)
        connection, accept = open_to(to.host, to.port, request, tls=tls, limits=limits, seconds=seconds)
        return cls(connection, accept, asked)

    def context_of(self, abstract: str, transfer: str) -> int | None:
        """The presentation context that was agreed for a pair."""
        return self.contexts.get((abstract, transfer))

    def ask(self, context: int, request: command.Command, data: Iterable[bytes] = ()) -> Message:
        """Send a request and wait for its response; anything else the peer says meanwhile is passed over."""
        self.send_request(context, request, data)
        return self.response()

    def send_request(self, context: int, request: command.Command, data: Iterable[bytes] = ()) -> None:
        """Send a request; `response` reads what comes back."""
        self._message_id = self._message_id % 65535 + 1
        words = {**request, command.MESSAGE: self._message_id}
        self.connection.send_message(context, command.encode(words), data)

    def response(self) -> Message:
        """The next response to the request sent last."""
        while True:
            message = self.connection.read_message()
            if message is None:
                raise PeerGone()
            is_response = command.number(message.command, command.FIELD) & command.RESPONSE
            if is_response and command.number(message.command, command.RESPONDED) == self._message_id:
                return message

    def ask_about(self, abstract: str, request: command.Command, model: write.Model) -> Message | None:
        """Send a request with a data set of our own making; None if the peer does not take its class."""
        agreed = self.model_context(abstract)
        if agreed is None:
            return None
        context, transfer = agreed
        return self.ask(context, request, [write.encode(model, is_implicit=transfer == syntax.IMPLICIT_LE)])

    def model_context(self, abstract: str) -> tuple[int, str] | None:
        """The context that was agreed for data sets of our own making, and its transfer syntax."""
        for transfer in MODEL_SYNTAXES:
            context = self.context_of(abstract, transfer)
            if context is not None:
                return context, transfer
        return None

    def store(
        self, context: int, sop_class: str, uid: str, data: Iterable[bytes], *, origin: Origin | None = None
    ) -> int:
        """C-STORE of a data set already encoded in the context's transfer syntax; the status."""
        words: dict[int, command.Value] = {
            command.CLASS: sop_class,
            command.FIELD: Act.C_STORE,
            command.PRIORITY: 0,
            command.DATA_SET: 0,
            command.INSTANCE: uid,
        }
        if origin is not None:
            words[command.ORIGINATOR] = origin.title
            words[command.ORIGINATOR_MESSAGE] = origin.message_id
        return command.number(self.ask(context, words, data).command, command.STATUS, 0xC000)

    def close(self) -> None:
        """Release politely."""
        release(self.connection)

    def abort(self) -> None:
        self.connection.abort(pdu.ABORT_BY_USER)
        self.connection.close()
