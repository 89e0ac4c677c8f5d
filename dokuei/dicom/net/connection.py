"""One association on a blocking socket: messages in and out, within limits of size, time and rate.

A message's data set goes from the socket straight into one buffer; a large one goes on in a nameless temporary
file. What is sent leaves in as few writes as possible, so that no packet waits for the peer's acknowledgement.
"""

import errno
import hashlib
import select
import socket
import ssl
import struct
import tempfile
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from dokuei.base.errors import Invalid
from dokuei.dicom.net import command, pdu

LONGEST_PDU = 1024 * 1024
"""Of any kind; an A-ASSOCIATE-RQ with 128 contexts and every syntax is about 200 KiB."""
FIRST_BUFFER = 1024 * 1024
IN_MEMORY = 32 * 1024 * 1024
"""A longer data set is written to a nameless file while it arrives."""
SEND_AT_ONCE = 512 * 1024

Data = memoryview | Path


class PeerGone(Exception):
    """The connection ended, or broke; nobody is there to be answered."""


class PeerTooSlow(Exception):
    """The peer let a time limit pass."""


class PeerAborted(PeerGone):
    """The peer sent A-ABORT."""


class PeerRejected(PeerGone):
    """The peer answered with A-ASSOCIATE-RJ."""


class BeyondLimit(Invalid):
    """データが大きすぎるため受け付けられません。"""

    code = "dicom.beyond_limit"


@dataclass(frozen=True)
class Limits:
    """What a peer may take of us."""

    largest: int = 2 * 1024**3
    """Bytes of one data set."""
    idle_seconds: float = 120.0
    """Between messages."""
    stall_seconds: float = 30.0
    """Within a message, without a byte; also for what we send."""
    slowest: int = 2048
    """Bytes a second over a whole message, after the first minute."""


class Message(NamedTuple):
    """One DIMSE message; `data` is valid until the next is read."""

    context: int
    command: dict[int, command.Value]
    data: Data | None
    sha256: str = ""
    """Of the data set, taken while it arrived, if the connection `hashes`."""


@dataclass
class Connection:
    """A socket that speaks the upper layer. Not for two threads at once."""

    socket: socket.socket
    limits: Limits = field(default_factory=Limits)
    spool: Path | None = None
    max_pdu: int = 16384
    """The longest P-DATA body the peer takes (0: no limit of its own)."""
    hashes: bool = False
    """Take the SHA-256 of each data set while the peer is still sending it."""
    contexts: Collection[int] | None = None
    """The presentation contexts that were agreed; a message in another is against the protocol."""

    def __post_init__(self) -> None:
        self._buffer = bytearray(FIRST_BUFFER)
        self._view = memoryview(self._buffer)
        self._file: Any = None
        self._got = 0
        self._hash: Any = None
        self._words = bytearray()
        self._found: dict[int, command.Value] | None = None
        self._deadline = 0.0
        self._is_tls = isinstance(self.socket, ssl.SSLSocket)
        self._wait(self.limits.stall_seconds)

    def _wait(self, seconds: float) -> None:
        """The kernel's own time limits: no extra system call for each read."""
        span = struct.pack("ll", int(seconds), int(seconds % 1 * 1e6))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, span)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, span)

    def read_pdu(self, seconds: float) -> tuple[int, bytes]:
        """One whole PDU that must begin and end within a time: for opening and closing an association."""
        self._deadline = time.monotonic() + seconds
        self._wait(min(seconds, self.limits.stall_seconds))
        kind, length, start = self._head()
        body = start + bytes(self._exactly(length - len(start)))
        self._wait(self.limits.stall_seconds)
        return kind, body

    def read_message(self) -> Message | None:
        """The next message; None when the peer asked for release (and was answered)."""
        self._drop_file()
        self._deadline = time.monotonic() + self.limits.idle_seconds
        self._begin()
        context, began = 0, 0.0
        while True:
            kind, length, start = self._head(may_rest=not began)
            if not began:
                began = time.monotonic()
                self._deadline = began + 60.0
            if kind != pdu.P_DATA:
                self._other(kind, is_between=not self._words and self._found is None)
                return None
            left = length - len(start)
            while True:
                (size,) = struct.unpack(">I", start)
                if not 2 <= size <= left:
                    raise pdu.BrokenPdu()
                left -= size
                context, is_end = self._fragment(size - 2, context)
                self._deadline = began + 60.0 + self._got / self.limits.slowest
                if is_end or not left:
                    break
                start = bytes(self._exactly(4))
                left -= 4
            if is_end:
                if left:
                    raise pdu.BrokenPdu()
                assert self._found is not None
                sha256 = self._hash.hexdigest() if self._hash is not None else ""
                return Message(context, self._found, self._data(self._found, self._got), sha256)

    def _begin(self) -> None:
        self._got, self._words, self._found = 0, bytearray(), None
        self._hash = hashlib.sha256() if self.hashes else None

    def _fragment(self, size: int, context: int) -> tuple[int, bool]:
        """Take one PDV (PS3.8 E.2): its presentation context, and whether it ends the message."""
        tail = bytearray(2)
        if self._found is None:
            self._fill(memoryview(tail))
        else:
            self._take(tail, size)
        number, control = tail
        is_agreed = number == context if context else self.contexts is None or number in self.contexts
        if not is_agreed or bool(control & 1) != (self._found is None):
            raise pdu.BrokenPdu()
        if self._found is not None:
            return number, bool(control & 2)
        if len(self._words) + size > command.LONGEST:
            raise pdu.BrokenPdu()
        self._words += self._exactly(size)
        if not control & 2:
            return number, False
        self._found = command.decode(self._words)
        return number, command.number(self._found, command.DATA_SET) == command.NO_DATA_SET

    def _other(self, kind: int, *, is_between: bool) -> None:
        if kind == pdu.ABORT:
            raise PeerAborted()
        if kind != pdu.RELEASE_RQ or not is_between:
            raise pdu.BrokenPdu(code="dicom.pdu_unexpected")
        with suppress(PeerGone, PeerTooSlow):
            self.send(pdu.release_reply())

    def _head(self, *, may_rest: bool = False) -> tuple[int, int, bytes]:
        """Kind and length of the next PDU, and the first four bytes of its body: no PDU has fewer.

        Resting before its first byte is only limited by the deadline.
        """
        raw = self._exactly(10, may_rest=may_rest)
        kind, length = struct.unpack_from(">BxI", raw)
        if length > LONGEST_PDU:
            raise BeyondLimit()
        if length < 4:
            raise pdu.BrokenPdu()
        return kind, length, bytes(raw[6:])

    def _exactly(self, size: int, *, may_rest: bool = False) -> bytearray:
        out = bytearray(size)
        self._fill(memoryview(out), may_rest=may_rest)
        return out

    def _fill(self, view: memoryview, *, may_rest: bool = False) -> None:
        got, size = 0, len(view)
        flags = 0 if self._is_tls else socket.MSG_WAITALL
        while got < size:
            try:
                count = self.socket.recv_into(view[got:], size - got, flags)
            except (BlockingIOError, ssl.SSLWantReadError) as error:
                if may_rest and not got and time.monotonic() < self._deadline:
                    continue
                raise PeerTooSlow() from error
            except OSError as error:
                raise PeerGone() from error
            if not count:
                raise PeerGone()
            got += count
            if got < size and time.monotonic() > self._deadline:
                raise PeerTooSlow()
        if self._deadline and time.monotonic() > self._deadline and not may_rest:
            raise PeerTooSlow()

    def _take(self, tail: bytearray, size: int) -> None:
        """The two bytes that tell what a PDV is, and its part of the data set behind what was taken before."""
        got = self._got
        if got + size > self.limits.largest:
            raise BeyondLimit()
        if self._file is None and got + size > IN_MEMORY:
            self._file = tempfile.TemporaryFile(dir=self.spool, buffering=0)  # noqa: SIM115 - lives with its message
            self._write(self._view[:got])
        if self._file is None and got + size > len(self._buffer):
            self._grow(got, got + size)
        part = self._view[:size] if self._file is not None else self._view[got : got + size]
        self._fill_both(memoryview(tail), part)
        if self._hash is not None:
            self._hash.update(part)
        if self._file is not None:
            self._write(part)
        self._got = got + size

    def _fill_both(self, tail: memoryview, part: memoryview) -> None:
        """Both in one call of the kernel, where it comes at once."""
        if self._is_tls:
            self._fill(tail)
            self._fill(part)
            return
        try:
            count = self.socket.recvmsg_into([tail, part], 0, socket.MSG_WAITALL)[0]
        except BlockingIOError as error:
            raise PeerTooSlow() from error
        except OSError as error:
            raise PeerGone() from error
        if not count:
            raise PeerGone()
        if count < len(tail):
            self._fill(tail[count:])
        self._fill(part[max(count - len(tail), 0) :])

    def _grow(self, got: int, needed: int) -> None:
        larger = bytearray(min(max(needed, 2 * len(self._buffer)), IN_MEMORY))
        larger[:got] = self._view[:got]
        self._buffer, self._view = larger, memoryview(larger)

    def _write(self, part: memoryview) -> None:
        while part:
            part = part[self._file.write(part) :]

    def _data(self, found: dict[int, command.Value], got: int) -> Data | None:
        if command.number(found, command.DATA_SET) == command.NO_DATA_SET:
            return None
        if self._file is not None:
            return Path(f"/proc/self/fd/{self._file.fileno()}")
        return self._view[:got].toreadonly()

    def _drop_file(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def has_news(self) -> bool:
        """Whether the peer has sent something that was not read yet."""
        if isinstance(self.socket, ssl.SSLSocket) and self.socket.pending():
            return True
        return bool(select.select([self.socket], [], [], 0)[0])

    def send(self, data: bytes | bytearray) -> None:
        """Everything in one write, as far as the kernel takes it."""
        view = memoryview(data)
        began = time.monotonic()
        try:
            while view:
                view = view[self.socket.send(view) :]
                if view and time.monotonic() - began > 60.0 + len(data) / self.limits.slowest:
                    raise PeerTooSlow()
        except (BlockingIOError, ssl.SSLWantWriteError) as error:
            raise PeerTooSlow() from error
        except OSError as error:
            raise PeerGone() from error

    def send_message(self, context: int, words: bytes, data: Iterable[bytes] = ()) -> None:
        """A command set and, in fragments that fit, its data set."""
        longest = min(self.max_pdu or LONGEST_PDU, 128 * 1024) - 6
        if longest < 16:
            raise pdu.BrokenPdu()
        out = bytearray(_p_data(context, 3, words))
        for part, is_last in _fragments(data, longest):
            out += _p_data(context, 2 if is_last else 0, part)
            if len(out) >= SEND_AT_ONCE:
                self.send(out)
                out = bytearray()
        if out:
            self.send(out)

    def abort(self, source: int = pdu.ABORT_BY_PROVIDER, reason: int = 0) -> None:
        with suppress(PeerGone, PeerTooSlow):
            self.send(pdu.abort(source, reason))

    def close(self) -> None:
        """Close without waiting; what was sent is still delivered."""
        self._drop_file()
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError as error:
            if error.errno not in {errno.ENOTCONN, errno.EBADF, errno.EPIPE, errno.ECONNRESET}:
                raise
        finally:
            self.socket.close()


def _p_data(context: int, control: int, part: bytes | memoryview) -> bytes:
    size = len(part)
    return struct.pack(">BxIIBB", pdu.P_DATA, size + 6, size + 2, context, control) + part


def _fragments(data: Iterable[bytes], longest: int) -> Iterator[tuple[memoryview, bool]]:
    """Pieces of at most `longest` bytes, the last one marked."""
    waiting: memoryview | None = None
    for chunk in data:
        view = memoryview(chunk)
        while view:
            if waiting is not None:
                yield waiting, False
            waiting, view = view[:longest], view[longest:]
    if waiting is not None:
        yield waiting, True


def open_to(
    host: str,
    port: int,
    request: pdu.AssociateRequest,
    *,
    tls: ssl.SSLContext | None = None,
    limits: Limits | None = None,
    seconds: float = 15.0,
) -> tuple[Connection, pdu.AssociateAccept]:
    """Ask a peer for an association; raise `PeerGone` when it cannot be reached or refuses."""
    limits = limits or Limits()
    try:
        plain = socket.create_connection((host, port), timeout=seconds)
    except OSError as error:
        raise PeerGone() from error
    try:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        wrapped = tls.wrap_socket(plain, server_hostname=host) if tls else plain
        wrapped.settimeout(None)
    except OSError as error:
        plain.close()
        raise PeerGone() from error
    connection = Connection(wrapped, limits)
    try:
        answer = _agreed(connection, request, seconds)
    except BaseException:
        connection.close()
        raise
    connection.max_pdu = answer.max_pdu
    return connection, answer


def _agreed(connection: Connection, request: pdu.AssociateRequest, seconds: float) -> pdu.AssociateAccept:
    connection.send(request.encode())
    kind, body = connection.read_pdu(seconds)
    if kind == pdu.ASSOCIATE_RJ:
        raise PeerRejected()
    if kind != pdu.ASSOCIATE_AC:
        raise PeerGone()
    return pdu.AssociateAccept.decode(body)


def release(connection: Connection) -> None:
    """End an association politely; a peer that does not answer is left."""
    with suppress(PeerGone, PeerTooSlow, Invalid):
        connection.send(pdu.release_request())
        connection.read_pdu(5.0)
    connection.close()
