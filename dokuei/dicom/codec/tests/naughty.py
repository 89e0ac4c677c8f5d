"""What a decoder that was taken over might do. Loaded only into sandboxes of the tests."""

import ctypes
import os
import signal
import socket
import subprocess
from pathlib import Path
from typing import Any

from dokuei.dicom.codec.errors import Undecodable


def warm() -> None:
    """Nothing to load."""


def echo(told: dict[str, Any], *blobs: bytes) -> tuple[Any, bytes]:
    return {"told": told, "pid": os.getpid()}, b"".join(blobs)


def refuse(told: dict[str, Any]) -> tuple[Any, bytes]:
    raise Undecodable()


def allocate(told: dict[str, Any]) -> tuple[Any, bytes]:
    return None, bytes(bytearray(told["bytes"]))[:1]


def loop(told: dict[str, Any]) -> tuple[Any, bytes]:
    while True:
        pass


def segfault(told: dict[str, Any]) -> tuple[Any, bytes]:
    ctypes.string_at(8)
    raise AssertionError("still alive")


def leave(told: dict[str, Any]) -> tuple[Any, bytes]:
    os._exit(0)


def flood(told: dict[str, Any]) -> tuple[Any, bytes]:
    return None, bytes(told["bytes"])


def lie(told: dict[str, Any]) -> tuple[Any, bytes]:
    """Announce bytes that are not there."""

    class Long(bytes):
        def __len__(self) -> int:
            return int(told["bytes"])

    return None, Long()


def escape(told: dict[str, Any]) -> tuple[Any, bytes]:
    """Try every way out; say which were open."""

    def is_open(way: Any) -> bool:
        try:
            way()
        except OSError:
            return False
        return True

    ways = {
        "read a file": lambda: Path("/etc/passwd").read_bytes(),
        "write a file": lambda: Path("/tmp/dokuei-escape").write_bytes(b"x"),  # noqa: S108
        "list a folder": lambda: os.listdir("/"),  # noqa: PTH208
        "open a socket": lambda: socket.socket().close(),
        "run a program": lambda: subprocess.run(["true"], check=False),
        "fork": os.fork,
        "signal the parent": lambda: os.kill(os.getppid(), signal.SIGCONT),
    }
    return sorted(name for name, way in ways.items() if is_open(way)), b""


JOBS = {one.__name__: one for one in (echo, refuse, allocate, loop, segfault, leave, flood, lie, escape)}
