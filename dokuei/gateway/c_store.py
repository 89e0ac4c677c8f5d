"""Sending by C-STORE (PS3.4 annex B): the data set's bytes as they are in the file."""

import ssl
from collections.abc import Iterator, Sequence

from dokuei.base.errors import Invalid
from dokuei.dicom.net import pdu
from dokuei.dicom.net.connection import Limits, PeerGone, PeerRejected, PeerTooSlow
from dokuei.dicom.net.requestor import Address, Requestor
from dokuei.gateway.items import TRY_AGAIN, Item, Report, Result

CHUNK = 1 << 20
LIMITS = Limits(idle_seconds=300.0, stall_seconds=300.0)


def send_dimse(
    items: Sequence[Item], to: str, calling: str, report: Report, *, tls: ssl.SSLContext | None = None
) -> None:
    """Send by C-STORE over as few associations as the needed presentation contexts allow."""
    peer = address_of(to)
    for batch in by_contexts(items):
        _send_batch(batch, peer, calling, report, tls)


def address_of(to: str) -> Address:
    """AE@host:port."""
    title, _, address = to.rpartition("@")
    host, _, port = address.rpartition(":")
    return Address(title, host.strip("[]"), int(port))


def by_contexts(items: Sequence[Item]) -> Iterator[list[Item]]:
    """Split into batches that need at most 128 presentation contexts each (PS3.8 7.1.1.13)."""
    batch: list[Item] = []
    needed: set[tuple[str, str]] = set()
    for item in items:
        pair = (item.sop_class_uid, item.transfer_syntax)
        if pair not in needed and len(needed) == pdu.MOST_CONTEXTS:
            yield batch
            batch, needed = [], set()
        needed.add(pair)
        batch.append(item)
    if batch:
        yield batch


def _send_batch(
    batch: Sequence[Item], peer: Address, calling: str, report: Report, tls: ssl.SSLContext | None
) -> None:
    pairs = sorted({(item.sop_class_uid, item.transfer_syntax) for item in batch})
    wanted = [(abstract, (transfer,)) for abstract, transfer in pairs]
    try:
        association = Requestor.open(peer, calling, wanted, tls=tls, limits=LIMITS)
    except (PeerGone, PeerTooSlow, Invalid) as error:
        is_rejected = isinstance(error, PeerRejected)
        code = "association.rejected" if is_rejected else "association.failed"
        for item in batch:
            report(Result(item.path, code, may_retry=not is_rejected))
        return
    try:
        for item in batch:
            report(_store(association, item))
    except (PeerGone, PeerTooSlow, Invalid):  # the rest is not answered, and is tried again
        report(Result(item.path, "association.lost", may_retry=True))
        association.connection.close()
    else:
        association.close()


def _store(association: Requestor, item: Item) -> Result:
    context = association.context_of(item.sop_class_uid, item.transfer_syntax)
    if context is None:
        return Result(item.path, "context.refused")
    status = association.store(context, item.sop_class_uid, item.sop_instance_uid, _data_set(item))
    if status == 0 or status & 0xF000 == 0xB000:
        return Result(item.path)
    return Result(item.path, f"status.{status:04X}", may_retry=status in TRY_AGAIN)


def _data_set(item: Item) -> Iterator[bytes]:
    with item.path.open("rb") as file:
        file.seek(item.offset)
        while chunk := file.read(CHUNK):
            yield chunk
