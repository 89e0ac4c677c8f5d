"""The web server itself speaks TLS and HTTP/2."""

import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.browser import Visitor
from tests.builders import ct_instance
from tests.server import Secure, until

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS, HEADERS = 0x04, 0x01


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secure]:
    folder = tmp_path_factory.mktemp("tls")
    made = Secure(folder / "d")
    made.run("admin", "certificate", "web")
    made.start()
    yield made

    assert made.stop() == 0


def frames(wire: Any) -> Iterator[tuple[int, int, bytes]]:
    """Kind, flags and content of each HTTP/2 frame (RFC 9113 4.1)."""
    while True:
        head = exactly(wire, 9)
        length = int.from_bytes(head[:3], "big")
        yield head[3], head[4], exactly(wire, length)


def exactly(wire: Any, size: int) -> bytes:
    got = b""
    while len(got) < size:
        more = wire.recv(size - len(got))
        assert more, "the connection ended"
        got += more
    return got


def test_the_server_chooses_http_2_and_answers_in_it(place: Secure) -> None:
    context = place.trust
    context.set_alpn_protocols(["h2", "http/1.1"])
    request = (
        bytes([0x82, 0x87, 0x04]) + bytes([len(b"/healthz")]) + b"/healthz"
    )  # GET, https, :path (RFC 7541)
    authority = f"127.0.0.1:{place.port}".encode()
    request += bytes([0x01, len(authority)]) + authority

    with (
        socket.create_connection(("127.0.0.1", place.port), timeout=20) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as wire,
    ):
        assert wire.selected_alpn_protocol() == "h2"
        assert wire.version() in {"TLSv1.2", "TLSv1.3"}
        wire.sendall(PREFACE + b"\0\0\0\x04\0\0\0\0\0")
        wire.sendall(struct.pack(">I", len(request))[1:] + b"\x01\x05\0\0\0\x01" + request)
        kind, _, content = next(one for one in frames(wire) if one[0] == HEADERS)

    assert kind == HEADERS
    assert content[0] == 0x88  # :status 200, indexed


def test_http_1_1_is_served_with_strict_transport_security(place: Secure) -> None:
    answer = until(lambda: httpx.get(f"{place.url}/healthz", verify=place.trust))

    assert answer.status_code == 200
    assert "max-age" in answer.headers["strict-transport-security"]


def test_a_client_that_does_not_trust_the_authority_gets_nothing(place: Secure) -> None:
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{place.url}/healthz")


def test_a_person_signs_in_and_sees_pictures_in_a_browser_that_speaks_http_2(
    place: Secure, browser: Browser, tmp_path: Path
) -> None:
    """Browsers send each cookie as a header of its own over HTTP/2; clients in other tests do not."""
    (tmp_path / "1.dcm").write_bytes(ct_instance())
    place.run("admin", "facility", "shirahama", "白浜総合病院")
    place.run("admin", "ae", "CT1", "--facility", "shirahama")
    place.run("send", str(tmp_path), "--to", place.dicom, "--from", "CT1")
    visitor = Visitor(browser, place)
    about = ("ito@test.test", "伊藤 恵", "--role", "requester", "--facility", "shirahama")
    visitor.join(place.run("admin", "person", *about))
    page = visitor.page
    expect(page.get_by_role("button", name="メニュー: 伊藤 恵")).to_be_visible()
    page.get_by_role("button", name="画像を確認する").click()

    until(lambda: (panes := visitor.probe("panes()")) and panes[0]["sop"])

    spoken = page.evaluate(
        "performance.getEntriesByType('resource').map(({ name, nextHopProtocol }) => [name, nextHopProtocol])"
    )
    assert {protocol for name, protocol in spoken if "/api/" in name or "/dicomweb/" in name} == {"h2"}
    assert visitor.faults == []
