"""Instances on their way out by C-STORE: the transfer syntax each goes in, its bytes, and the destination of C-MOVE."""

import logging
import ssl
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from dokuei.base.errors import DokueiError, Invalid
from dokuei.dicom import syntax
from dokuei.dicom.net.connection import PeerGone, PeerTooSlow
from dokuei.dicom.net.pdu import MOST_CONTEXTS
from dokuei.dicom.net.requestor import Address, Origin, Requestor
from dokuei.identity.access import Actor
from dokuei.imaging import transcode
from dokuei.imaging.dimse.negotiation import LIKED
from dokuei.imaging.errors import NotWritable
from dokuei.imaging.frames import Piece, Stored, chunks
from dokuei.imaging.models import Instance
from dokuei.imaging.spool import Spool
from dokuei.kit.db import scope

log = logging.getLogger("dokuei.dimse")
NATIVE = (syntax.EXPLICIT_LE, syntax.IMPLICIT_LE)
"""Proposed to every destination beside what an instance is kept in."""
NO_SYNTAX = "dimse.no_transfer_syntax"
Accepted = Mapping[tuple[str, str], int]
"""Presentation contexts by SOP class and transfer syntax."""
Proposal = tuple[str, tuple[str, ...]]


class Unreadable(Exception):
    """What is kept of an instance cannot be sent now, or not in a syntax the peer takes; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Wanted:
    """One instance to be sent."""

    pk: int
    study_id: int
    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax: str
    key: str
    offset: int
    length: int

    def data_set(self, target: str, actor: Actor) -> Iterator[bytes]:
        """Its bytes in a transfer syntax, all made before the first is given; `Unreadable` if they cannot be had."""
        try:
            parts = self._read(self._pieces(target, actor))
        except NotWritable:
            raise
        except DokueiError as error:
            raise self._unreadable(error) from error
        return chain([next(parts, b"")], parts)

    def _pieces(self, target: str, actor: Actor) -> Sequence[Piece]:
        if target == self.transfer_syntax:
            return [Stored(self.key, self.offset, self.length)]
        with scope(actor.facilities):
            row = Instance.objects.filter(pk=self.pk).first()
        if row is None:
            raise Unreadable("instance.gone")
        return transcode.as_data_set(row, target, row.frame_ranges or [], Spool())

    def _read(self, pieces: Sequence[Piece]) -> Iterator[bytes]:
        try:
            yield from chunks(pieces)
        except DokueiError as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: DokueiError) -> Unreadable:
        log.warning("an instance cannot be sent", extra={"instance": self.pk, "code": error.error_code})
        return Unreadable(error.error_code)


def prepared(one: Wanted, accepted: Accepted, actor: Actor) -> tuple[int, Iterator[bytes]]:
    """The context an instance goes in and its bytes: as kept where that is accepted, else in what we like best."""
    for uid in dict.fromkeys((one.transfer_syntax, *LIKED)):
        context = accepted.get((one.sop_class_uid, uid))
        if context is None:
            continue
        try:
            return context, one.data_set(uid, actor)
        except NotWritable:
            continue
    raise Unreadable(NO_SYNTAX)


@dataclass(frozen=True)
class Caller:
    """Who calls a destination, and with which rights the images are read."""

    title: str
    actor: Actor
    tls: ssl.SSLContext | None


class Outgoing:
    """Associations to a C-MOVE destination: as many as the needed presentation contexts take, one at a time."""

    def __init__(self, caller: Caller, to: Address, origin: Origin, wanted: Sequence[Wanted]) -> None:
        self.caller, self.to, self.origin = caller, to, origin
        self._batches = batches({(one.sop_class_uid, one.transfer_syntax) for one in wanted})
        self._open: Requestor | None = None
        self._batch: list[Proposal] = []

    def __enter__(self) -> "Outgoing":
        return self

    def __exit__(self, *_: object) -> None:
        if self._open is not None:
            self._open.close()

    def send(self, one: Wanted) -> int:
        """The destination's status; `Unreadable` for what cannot be read or does not reach it: it fails alone."""
        try:
            association = self._association((one.sop_class_uid, (one.transfer_syntax,)))
            context, data = prepared(one, association.contexts, self.caller.actor)
        except (PeerGone, PeerTooSlow, Invalid) as error:
            raise self._lost(error) from error
        try:
            return association.store(
                context, one.sop_class_uid, one.sop_instance_uid, data, origin=self.origin
            )
        except (PeerGone, PeerTooSlow, Invalid, Unreadable) as error:
            raise self._lost(error) from error

    def _lost(self, error: Exception) -> Unreadable:
        """The association is of no use any more; the next instance gets another."""
        why = type(error).__name__
        log.warning("an instance did not reach its destination", extra={"title": self.to.title, "why": why})
        if self._open is not None:
            self._open.connection.close()
            self._open = None
        return error if isinstance(error, Unreadable) else Unreadable("dimse.destination_lost")

    def _association(self, proposal: Proposal) -> Requestor:
        if self._open is None or proposal not in self._batch:
            if self._open is not None:
                self._open.close()
                self._open = None
            self._batch = next(one for one in self._batches if proposal in one)
            self._open = Requestor.open(self.to, self.caller.title, self._batch, tls=self.caller.tls)
        return self._open


def batches(pairs: set[tuple[str, str]]) -> list[list[Proposal]]:
    """What is proposed, an association's worth at a time: each pair alone, and for each class the native syntaxes.

    >>> batches({("1.2", "1.2.840.10008.1.2.5")})
    [[('1.2', ('1.2.840.10008.1.2.5',)), ('1.2', ('1.2.840.10008.1.2.1', '1.2.840.10008.1.2'))]]
    """
    found: list[list[Proposal]] = [[]]
    for abstract in sorted({one for one, _ in pairs}):
        own = sorted(transfer for one, transfer in pairs if one == abstract)
        for at in range(0, len(own), MOST_CONTEXTS - 1):
            some: list[Proposal] = [(abstract, (uid,)) for uid in own[at : at + MOST_CONTEXTS - 1]]
            if len(found[-1]) + len(some) + 1 > MOST_CONTEXTS:
                found.append([])
            found[-1] += [*some, (abstract, NATIVE)]
    return found
