"""Slow, silent and hostile peers cost themselves only."""

import random
import socket
import struct
from contextlib import suppress
from pathlib import Path

import pytest

from dokuei.dicom.net import command, pdu
from dokuei.dicom.net.pdu import AssociateRequest, Proposed
from dokuei.imaging.dimse import Listener, association, server
from dokuei.imaging.models import Instance
from dokuei.kit.db import system_scope
from tests.conformance.conftest import CT, a_device, wait_until, with_dicom
from tests.conformance.sending import a_file, send
from tests.server import free_port

pytestmark = pytest.mark.django_db(transaction=True)
ECHO = "1.2.840.10008.1.1"


def request(title: str = "MODALITY") -> bytes:
    contexts = (Proposed(1, ECHO, ("1.2.840.10008.1.2",)), Proposed(3, CT, ("1.2.840.10008.1.2.1",)))
    return AssociateRequest("DOKUEI", title, contexts).encode()


def connected(listener: Listener, data: bytes = b"") -> socket.socket:
    peer = socket.create_connection(("127.0.0.1", listener.port), timeout=20)
    if data:
        peer.sendall(data)
    return peer


def is_closed(peer: socket.socket) -> bool:
    """Read until the other side has ended; what it says on the way does not matter."""
    try:
        while peer.recv(4096):
            pass
    except ConnectionError:
        return True
    return True


def test_two_hundred_idle_associations_do_not_hold_up_a_good_one(listener: Listener, tmp_path: Path) -> None:
    a_device("MODALITY")
    idle = [connected(listener, request()) for _ in range(200)]
    try:
        assert all(one.recv(1) == b"\x02" for one in idle)  # each was accepted
        assert send(listener, [a_file(tmp_path)]) == {"one.dcm": ""}
    finally:
        for one in idle:
            one.close()


def test_half_open_connections_make_room_for_those_who_say_who_they_are(
    listener: Listener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_device("MODALITY")
    monkeypatch.setattr(server, "MOST_CONNECTIONS", 20)
    silent = [connected(listener) for _ in range(60)]
    try:
        assert send(listener, [a_file(tmp_path)]) == {"one.dcm": ""}
    finally:
        for one in silent:
            one.close()


def test_a_peer_that_never_says_who_it_is_is_ended(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(association, "OPENING_SECONDS", 1.0)

    with connected(listener, request()[:40]) as half:
        assert is_closed(half)


def p_data(context: int, control: int, part: bytes) -> bytes:
    return struct.pack(">BxIIBB", pdu.P_DATA, len(part) + 6, len(part) + 2, context, control) + part


STORE = command.encode(
    {
        command.CLASS: CT,
        command.FIELD: 1,
        command.MESSAGE: 1,
        command.PRIORITY: 0,
        command.DATA_SET: 0,
        command.INSTANCE: "1.2.3",
    }
)
BROKEN = {
    "a fragment longer than its PDU": struct.pack(">BxIIBB", 4, 10, 2**31, 1, 3) + b"abcd",
    "a fragment of no length": struct.pack(">BxII", 4, 4, 1),
    "an empty PDU": struct.pack(">BxI", 4, 0) + struct.pack(">BxI", 9, 0),
    "a PDU beyond the limit": struct.pack(">BxI", 4, 2**31) + bytes(4),
    "an unknown context": p_data(77, 3, STORE),
    "data without a command": p_data(3, 2, b"1234"),
    "a command that is cut": p_data(1, 3, STORE[:-5]),
    "a command without end": b"".join(p_data(1, 1, b"\0" * 8000) for _ in range(12)),
    "two commands at once": p_data(3, 3, STORE) + p_data(3, 3, STORE),
    "a second request": request(),
    "an unknown PDU": struct.pack(">BxI", 0x42, 4) + b"abcd",
    "another context in the middle": p_data(3, 3, STORE) + p_data(1, 0, b"12"),
}


@pytest.mark.parametrize("noise", BROKEN.values(), ids=BROKEN.keys())
def test_a_peer_that_breaks_the_protocol_loses_its_association_only(
    listener: Listener, tmp_path: Path, noise: bytes
) -> None:
    a_device("MODALITY")
    with connected(listener, request()) as peer:
        with suppress(ConnectionError):  # it may be cut off before it has said everything
            peer.sendall(noise)

        assert is_closed(peer)
        assert send(listener, [a_file(tmp_path)]) == {"one.dcm": ""}


@pytest.mark.parametrize("seed", range(20))
def test_noise_within_an_association_is_survived(listener: Listener, tmp_path: Path, seed: int) -> None:
    a_device("MODALITY")
    dice = random.Random(seed)
    good = p_data(3, 3, STORE) + p_data(3, 2, a_file(tmp_path, "whole.dcm").path.read_bytes()[300:])
    spoiled = bytearray(good)
    for _ in range(dice.randrange(1, 12)):
        spoiled[dice.randrange(len(spoiled[:400]))] = dice.randrange(256)
    with connected(listener, request()) as peer:
        part = bytes(spoiled[: dice.randrange(20, len(spoiled))])
        with suppress(OSError):  # it may be cut off before it has said everything
            peer.sendall(part)
            peer.shutdown(socket.SHUT_WR)
        assert is_closed(peer)

    assert send(listener, [a_file(tmp_path)]) == {"one.dcm": ""}


def test_a_large_instance_is_kept_without_growing_in_memory(tmp_path: Path) -> None:
    a_device("MODALITY")
    roomy = Listener(with_dicom(free_port()))
    roomy.start()
    try:
        large = a_file(tmp_path, "large.dcm", Rows=4096, Columns=5120, PixelData=bytes(40 * 1024**2))
        assert send(roomy, [large, a_file(tmp_path, "fine.dcm")]) == {"large.dcm": "", "fine.dcm": ""}
    finally:
        roomy.stop()
    with system_scope("test"):
        wait_until(lambda: Instance.objects.count() == 2)
    assert not list(roomy.spool.iterdir())
