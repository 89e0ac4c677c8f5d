"""The far end of a line: fetches a stack of frames and says when what was there, counted from the first SYN.

    python -m bench.line_client TOLD

TOLD is a JSON file: address, headers, paths in the order wanted, and for packed frames the end of the 128-pixel prefix
of each. HTTP/2 by hand, since a general client's own time would be measured too: one connection, at most twelve
streams; a stream's data is counted and thrown away. HTTP/1.1 is six kept connections, as browsers have.
"""

import http.client
import json
import select
import socket
import ssl
import struct
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STREAMS, CONNECTIONS = 12, 6
WINDOW = 2**31 - 1
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RESET, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
OK, PARTIAL = b"\x88", b"\x8a"
"""`:status` 200 and 206 of the static table (RFC 7541 A)."""


@dataclass
class Stream:
    purpose: str
    prefix: int = 0
    got: int = 0


class Http2:
    """One connection; `wanted` is what to ask for, in order, with extra headers."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.host, _, port = str(told["address"]).partition(":")
        self.told, self.began = told, time.perf_counter()
        plain = socket.create_connection((self.host, int(port)), timeout=60)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        context = ssl.create_default_context(cafile=told["authority"])
        context.set_alpn_protocols(["h2"])
        self.wire = context.wrap_socket(plain, server_hostname=self.host)
        if self.wire.selected_alpn_protocol() != "h2":
            raise RuntimeError("the server does not speak HTTP/2")
        initial = struct.pack(">HI", 4, WINDOW)
        hello = PREFACE + frame(SETTINGS, 0, 0, initial)
        self.wire.sendall(hello + frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", WINDOW - 65535)))
        self.next_stream, self.buffer, self.bytes = 1, bytearray(), 0
        self.open: dict[int, Stream] = {}

    def seconds(self) -> float:
        return time.perf_counter() - self.began

    def ask(self, path: str, purpose: str, prefix: int = 0, **extra: str) -> None:
        block = bytearray(b"\x82\x87")  # GET, https
        for name, value in {
            ":path": path,
            ":authority": self.told["address"],
            **self.told["headers"],
            **extra,
        }.items():
            block += b"\x00" + text(name.lower()) + text(value)  # literal, never indexed
        self.wire.sendall(frame(HEADERS, 0x05, self.next_stream, bytes(block)))
        self.open[self.next_stream] = Stream(purpose, prefix)
        self.next_stream += 2

    def run(self, wanted: list[dict[str, Any]], seen: Callable[[Stream, bool], None]) -> None:
        """Fetch everything, reporting each stream when its prefix is there and when it has ended."""
        waiting = list(reversed(wanted))
        while waiting or self.open:
            while waiting and len(self.open) < STREAMS:
                self.ask(**waiting.pop())
            self.fill()
            for kind, flags, number, content in self.frames():
                if kind in {RESET, GOAWAY}:
                    raise RuntimeError(f"the server ended stream {number}")
                if kind in {SETTINGS, PING} and not flags & 1:
                    self.wire.sendall(frame(kind, 1, 0, content if kind == PING else b""))
                stream = self.open.get(number)
                if stream is None:
                    continue
                if kind == HEADERS and content[:1] not in {OK, PARTIAL}:
                    raise RuntimeError(f"stream {number} was refused")
                if kind == DATA:
                    before, stream.got = stream.got, stream.got + len(content)
                    self.bytes += len(content)
                    if before < stream.prefix <= stream.got:
                        seen(stream, False)
                if flags & 1 and kind in {DATA, HEADERS}:
                    seen(self.open.pop(number), True)

    def fill(self) -> None:
        if not self.wire.pending():
            select.select([self.wire], [], [], 60)
        more = self.wire.recv(1 << 18)
        if not more:
            raise RuntimeError("the connection ended")
        self.buffer += more

    def frames(self) -> list[tuple[int, int, int, bytes]]:
        found, here = [], 0
        while len(self.buffer) - here >= 9:
            length = int.from_bytes(self.buffer[here : here + 3], "big")
            if len(self.buffer) - here < 9 + length:
                break
            kind, flags, number = struct.unpack_from(">BBI", self.buffer, here + 3)
            found.append((kind, flags, number, bytes(self.buffer[here + 9 : here + 9 + length])))
            here += 9 + length
        del self.buffer[:here]
        return found


def frame(kind: int, flags: int, stream: int, content: bytes) -> bytes:
    return struct.pack(">I", len(content))[1:] + struct.pack(">BBI", kind, flags, stream) + content


def text(value: str) -> bytes:
    """A string of HPACK without Huffman (RFC 7541 5.2)."""
    raw = value.encode()
    length = bytes([len(raw)]) if len(raw) < 127 else b"\x7f" + varint(len(raw) - 127)
    return length + raw


def varint(value: int) -> bytes:
    out = bytearray()
    while value >= 128:
        out.append(value % 128 | 128)
        value //= 128
    out.append(value)
    return bytes(out)


def packed(told: dict[str, Any]) -> dict[str, float]:
    """The slice on screen whole, the prefixes of all from it outwards, then what is left of each."""
    client, times = Http2(told), dict[str, float]()
    left = {"prefix": len(told["paths"]) - 1, "rest": len(told["paths"]) - 1}

    def seen(stream: Stream, is_over: bool) -> None:
        if stream.purpose == "first":
            times["first lossless" if is_over else "first look"] = client.seconds()
        elif is_over:
            left[stream.purpose] -= 1
            if not left[stream.purpose]:
                times["browsable" if stream.purpose == "prefix" else "all"] = client.seconds()

    (first, end), *others = zip(told["paths"], told["prefixes"], strict=True)
    wanted: list[dict[str, Any]] = [{"path": first, "purpose": "first", "prefix": end}]
    wanted += [{"path": path, "purpose": "prefix", "range": f"bytes=0-{end - 1}"} for path, end in others]
    wanted += [{"path": path, "purpose": "rest", "range": f"bytes={end}-"} for path, end in others]
    client.run(wanted, seen)
    return {**times, "bytes": client.bytes}


def whole(told: dict[str, Any]) -> dict[str, float]:
    """Whole frames in their order over six connections of HTTP/1.1."""
    waiting, lock = list(reversed(told["paths"])), threading.Lock()
    began, times, sizes = time.perf_counter(), list[float](), list[int]()

    def work() -> None:
        connection = http.client.HTTPConnection(told["address"], timeout=300)
        while True:
            with lock:
                if not waiting:
                    return
                path = waiting.pop()
            for attempt in (1, 2):  # Orthanc closes kept connections under its clients
                try:
                    connection.request("GET", path, headers=told["headers"])
                    answer = connection.getresponse()
                    body = answer.read()
                    break
                except (ConnectionError, http.client.HTTPException):
                    connection.close()
                    if attempt == 2:
                        raise
            if answer.status != 200:
                raise RuntimeError(f"{path}: {answer.status}")
            with lock:
                times.append(time.perf_counter() - began)
                sizes.append(len(body))

    workers = [threading.Thread(target=work) for _ in range(CONNECTIONS)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    if len(sizes) != len(told["paths"]):
        raise RuntimeError("frames are missing: this round does not count")
    return {"first lossless": times[0], "all": times[-1], "bytes": sum(sizes)}


if __name__ == "__main__":
    given = json.loads(Path(sys.argv[1]).read_text())
    print(json.dumps(packed(given) if "prefixes" in given else whole(given)))
