"""Protocol data units of the upper layer (PS3.8 9.3): to bytes and back, every length checked."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from dokuei.base.errors import Invalid
from dokuei.dicom.uid import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME

APPLICATION_CONTEXT = "1.2.840.10008.3.1.1.1"

ASSOCIATE_RQ, ASSOCIATE_AC, ASSOCIATE_RJ = 0x01, 0x02, 0x03
P_DATA, RELEASE_RQ, RELEASE_RP, ABORT = 0x04, 0x05, 0x06, 0x07

ACCEPTED, NO_REASON, ABSTRACT_UNKNOWN, TRANSFER_UNKNOWN = 0x00, 0x02, 0x03, 0x04
"""Result of a proposed presentation context (table 9-18)."""

REJECTED_PERMANENT, REJECTED_TRANSIENT = 0x01, 0x02
BY_USER, BY_ACSE, BY_PRESENTATION = 0x01, 0x02, 0x03
CALLING_UNKNOWN, CALLED_UNKNOWN, APPLICATION_UNKNOWN = 0x03, 0x07, 0x02
CONGESTED, LIMIT_EXCEEDED = 0x01, 0x02

ABORT_BY_USER, ABORT_BY_PROVIDER = 0x00, 0x02
UNEXPECTED_PDU, INVALID_PARAMETER = 0x02, 0x06

ITEM_APPLICATION, ITEM_CONTEXT_RQ, ITEM_CONTEXT_AC = 0x10, 0x20, 0x21
ITEM_ABSTRACT, ITEM_TRANSFER, ITEM_USER = 0x30, 0x40, 0x50
USER_LENGTH, USER_CLASS, USER_WINDOW, USER_ROLE, USER_VERSION = 0x51, 0x52, 0x53, 0x54, 0x55
USER_IDENTITY_RQ, USER_IDENTITY_AC = 0x58, 0x59

MOST_CONTEXTS = 128
"""Presentation context ids are the odd numbers from 1 to 255 (9.3.2.2)."""
MOST_SYNTAXES = 128


class BrokenPdu(Invalid):
    """DICOM通信の形式が不正です。"""

    code = "dicom.pdu"


@dataclass(frozen=True)
class Proposed:
    """One presentation context as proposed."""

    id: int
    abstract: str
    transfer: tuple[str, ...]


@dataclass(frozen=True)
class Context:
    """One presentation context as answered; `transfer` is empty when it was not accepted."""

    id: int
    result: int
    transfer: str = ""


@dataclass(frozen=True)
class Role:
    """SCP/SCU role selection of one SOP class (PS3.7 D.3.3.4)."""

    abstract: str
    is_scu: bool
    is_scp: bool


@dataclass(frozen=True)
class AssociateRequest:
    """A-ASSOCIATE-RQ (9.3.2)."""

    called: str
    calling: str
    contexts: tuple[Proposed, ...]
    max_pdu: int = 16384
    roles: tuple[Role, ...] = ()
    implementation_uid: str = IMPLEMENTATION_CLASS_UID
    version_name: str = IMPLEMENTATION_VERSION_NAME
    wants_identity_answer: bool = False

    def encode(self) -> bytes:
        contexts = (
            _item(
                ITEM_CONTEXT_RQ,
                bytes((one.id, 0, 0, 0))
                + _item(ITEM_ABSTRACT, one.abstract.encode())
                + b"".join(_item(ITEM_TRANSFER, uid.encode()) for uid in one.transfer),
            )
            for one in self.contexts
        )
        return _associate(ASSOCIATE_RQ, self.called, self.calling, contexts, self.max_pdu, self.roles)

    @classmethod
    def decode(cls, body: bytes) -> "AssociateRequest":
        """Read the body behind the six bytes of the PDU header; raise `BrokenPdu`."""
        called, calling, items = _opened(body)
        contexts: list[Proposed] = []
        user = _User()
        for kind, content in items:
            if kind == ITEM_CONTEXT_RQ:
                contexts.append(_proposed(content))
            elif kind == ITEM_USER:
                user = _user(content)
        ids = {one.id for one in contexts}
        if not contexts or len(contexts) > MOST_CONTEXTS or len(ids) != len(contexts):
            raise BrokenPdu()
        return cls(
            called,
            calling,
            tuple(contexts),
            user.max_pdu,
            tuple(user.roles),
            user.implementation_uid,
            user.version_name,
            user.wants_identity_answer,
        )


@dataclass(frozen=True)
class AssociateAccept:
    """A-ASSOCIATE-AC (9.3.3)."""

    called: str
    calling: str
    contexts: tuple[Context, ...]
    max_pdu: int
    roles: tuple[Role, ...] = ()
    answers_identity: bool = False

    def encode(self) -> bytes:
        contexts = (
            _item(
                ITEM_CONTEXT_AC,
                bytes((one.id, 0, one.result, 0)) + _item(ITEM_TRANSFER, one.transfer.encode()),
            )
            for one in self.contexts
        )
        more = _item(USER_IDENTITY_AC, b"\0\0") if self.answers_identity else b""
        return _associate(ASSOCIATE_AC, self.called, self.calling, contexts, self.max_pdu, self.roles, more)

    @classmethod
    def decode(cls, body: bytes) -> "AssociateAccept":
        called, calling, items = _opened(body)
        contexts = []
        user = _User()
        for kind, content in items:
            if kind == ITEM_CONTEXT_AC:
                if len(content) < 4:
                    raise BrokenPdu()
                transfer = next((c for k, c in _items(content[4:]) if k == ITEM_TRANSFER), b"")
                contexts.append(Context(content[0], content[2], _uid(transfer)))
            elif kind == ITEM_USER:
                user = _user(content)
        return cls(called, calling, tuple(contexts), user.max_pdu, tuple(user.roles))


def reject(result: int, source: int, reason: int) -> bytes:
    """A-ASSOCIATE-RJ (9.3.4)."""
    return struct.pack(">BxIxBBB", ASSOCIATE_RJ, 4, result, source, reason)


def release_request() -> bytes:
    return struct.pack(">BxII", RELEASE_RQ, 4, 0)


def release_reply() -> bytes:
    return struct.pack(">BxII", RELEASE_RP, 4, 0)


def abort(source: int, reason: int = 0) -> bytes:
    """A-ABORT (9.3.8)."""
    return struct.pack(">BxIxxBB", ABORT, 4, source, reason)


@dataclass
class _User:
    max_pdu: int = 0
    implementation_uid: str = ""
    version_name: str = ""
    roles: list[Role] = field(default_factory=list)
    wants_identity_answer: bool = False


def _associate(
    kind: int,
    called: str,
    calling: str,
    contexts: Iterator[bytes],
    max_pdu: int,
    roles: Sequence[Role],
    more: bytes = b"",
) -> bytes:
    user = (
        _item(USER_LENGTH, struct.pack(">I", max_pdu))
        + _item(USER_CLASS, IMPLEMENTATION_CLASS_UID.encode())
        + b"".join(_role(one) for one in roles)
        + _item(USER_VERSION, IMPLEMENTATION_VERSION_NAME.encode())
        + more
    )
    body = (
        struct.pack(">Hxx16s16s32x", 1, _title(called), _title(calling))
        + _item(ITEM_APPLICATION, APPLICATION_CONTEXT.encode())
        + b"".join(contexts)
        + _item(ITEM_USER, user)
    )
    return struct.pack(">BxI", kind, len(body)) + body


def _title(text: str) -> bytes:
    return text.encode("ascii", "replace")[:16].ljust(16)


def _item(kind: int, content: bytes) -> bytes:
    return struct.pack(">BxH", kind, len(content)) + content


def _role(one: Role) -> bytes:
    uid = one.abstract.encode()
    return _item(USER_ROLE, struct.pack(">H", len(uid)) + uid + bytes((one.is_scu, one.is_scp)))


def _opened(body: bytes) -> tuple[str, str, Iterator[tuple[int, bytes]]]:
    if len(body) < 68:
        raise BrokenPdu()
    (version,) = struct.unpack_from(">H", body)
    if not version & 1:
        raise BrokenPdu(code="dicom.pdu_version")
    called, calling = (body[at : at + 16].decode("latin-1").strip(" \0") for at in (4, 20))
    return called, calling, _items(body[68:])


def _items(content: bytes) -> Iterator[tuple[int, bytes]]:
    here = 0
    while here < len(content):
        if len(content) - here < 4:
            raise BrokenPdu()
        kind, length = struct.unpack_from(">BxH", content, here)
        here += 4
        if length > len(content) - here:
            raise BrokenPdu()
        yield kind, content[here : here + length]
        here += length


def _proposed(content: bytes) -> Proposed:
    if len(content) < 4 or content[0] % 2 == 0:
        raise BrokenPdu()
    abstract = ""
    transfer: list[str] = []
    for kind, value in _items(content[4:]):
        if kind == ITEM_ABSTRACT:
            abstract = _uid(value)
        elif kind == ITEM_TRANSFER and len(transfer) < MOST_SYNTAXES:
            transfer.append(_uid(value))
    return Proposed(content[0], abstract, tuple(transfer))


def _user(content: bytes) -> _User:
    found = _User()
    for kind, value in _items(content):
        if kind == USER_LENGTH and len(value) == 4:
            (found.max_pdu,) = struct.unpack(">I", value)
        elif kind == USER_CLASS:
            found.implementation_uid = _uid(value)
        elif kind == USER_VERSION:
            found.version_name = value[:16].decode("ascii", "replace").strip()
        elif kind == USER_ROLE and len(value) >= 4:
            (length,) = struct.unpack_from(">H", value)
            if length + 4 != len(value):
                raise BrokenPdu()
            found.roles.append(Role(_uid(value[2:-2]), value[-2] == 1, value[-1] == 1))
        elif kind == USER_IDENTITY_RQ and len(value) >= 2:
            found.wants_identity_answer = value[1] == 1
    return found


def _uid(value: bytes) -> str:
    return value[:64].decode("latin-1").strip(" \0")
