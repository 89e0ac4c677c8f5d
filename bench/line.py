"""A home line in user space: a namespace of its own for the client, joined to this machine by two TUN devices.

Needs root and /dev/net/tun, but no netem. In each direction a rate, half of the round trip, and a queue of 50 ms that
drops at its tail, as a home router has; MTU 1500; TCP is the kernel's own.
"""

import fcntl
import multiprocessing
import os
import select
import struct
import subprocess
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

SPACE, SERVER, CLIENT = "dokuei-bench", "10.78.0.1", "10.78.0.2"
HERE, THERE = "dkline0", "dkline1"
MTU, QUEUE_SECONDS, BURST = 1500, 0.05, 32
TUNSETIFF, TUN_WITHOUT_HEADER = 0x400454CA, 0x1001


@dataclass(frozen=True)
class Line:
    mbit: float
    round_trip_ms: float

    @property
    def bytes_a_second(self) -> float:
        return self.mbit * 1e6 / 8

    def __str__(self) -> str:
        return f"{self.mbit:g} Mbit/s, {self.round_trip_ms:g} ms"


@dataclass
class Direction:
    """Packets on their way, each with the time it arrives."""

    source: int
    sink: int
    line: Line
    busy_until: float = 0.0
    packets: deque[tuple[float, bytes]] = field(default_factory=deque)

    def take(self) -> None:
        """Accept what was sent; what does not fit into the queue is lost."""
        for _ in range(BURST):
            try:
                packet = os.read(self.source, 2048)
            except BlockingIOError:
                return
            now = time.perf_counter()
            start = max(now, self.busy_until)
            if start - now > max(QUEUE_SECONDS, 64 * MTU / self.line.bytes_a_second):
                continue
            self.busy_until = start + len(packet) / self.line.bytes_a_second
            self.packets.append((self.busy_until + self.line.round_trip_ms / 2000, packet))

    def deliver(self) -> float:
        """Hand over what has arrived; seconds until the next one does."""
        while self.packets and self.packets[0][0] <= time.perf_counter():
            try:
                os.write(self.sink, self.packets.popleft()[1])
            except OSError:  # the receiver's queue is full: lost, as on any line
                continue
        return max(0.0, self.packets[0][0] - time.perf_counter()) if self.packets else 0.05


def carry(server: int, client: int, line: Line) -> None:
    ways = {server: Direction(server, client, line), client: Direction(client, server, line)}
    while True:
        wait = min(way.deliver() for way in ways.values())
        for ready in select.select(list(ways), [], [], wait)[0]:
            ways[ready].take()


@contextmanager
def joined(line: Line) -> Iterator[list[str]]:
    """The line, while it stands; yields the words before a command that runs at its far end."""
    server, client = _tun(HERE), _tun(THERE)
    try:
        _ip("netns", "add", SPACE)
        try:
            _ip("link", "set", THERE, "netns", SPACE)
            _up([], HERE, SERVER, CLIENT)
            _up(["-n", SPACE], THERE, CLIENT, SERVER)
            carrier = multiprocessing.get_context("fork").Process(
                target=carry, args=(server, client, line), daemon=True
            )
            carrier.start()
            yield ["ip", "netns", "exec", SPACE]
            carrier.terminate()
            carrier.join()
        finally:
            _ip("netns", "del", SPACE)
    finally:
        os.close(server)
        os.close(client)


def _tun(name: str) -> int:
    file = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(file, TUNSETIFF, struct.pack("16sH", name.encode(), TUN_WITHOUT_HEADER))
    return file


def _up(space: list[str], name: str, own: str, peer: str) -> None:
    _ip(*space, "addr", "add", own, "peer", peer, "dev", name)
    _ip(*space, "link", "set", name, "mtu", str(MTU), "txqueuelen", "5000", "up")


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)
