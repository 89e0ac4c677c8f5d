"""The decoding process: ``python -I -m dokuei.dicom.codec.child``, started by `sandbox` and by nobody else.

One message in (what to do, as JSON), one message out. The bytes travel through a shared memory file: read before the
work, written after it. A refusal is an answer; everything else ends the process, and the parent starts another.
"""

import importlib
import json
import os
import socket
import sys
from contextlib import suppress
from typing import Any

from dokuei.dicom.codec import walls
from dokuei.dicom.codec.errors import PixelsRefused, PixelsTooLarge, Undecodable

LONGEST_MESSAGE = 128 * 1024


def main(arguments: str) -> None:
    """Set the limits, load the libraries, close the walls, then work until the parent hangs up."""
    told = json.loads(arguments)
    control, area = socket.socket(fileno=told["control"]), int(told["area"])
    _step_back(told["niceness"])
    walls.give_up(told["memory_bytes"], told["largest_bytes"], told["parent"])
    jobs = importlib.import_module(told["jobs"])
    jobs.warm()
    control.send(json.dumps({"ready": True, "sealed": walls.seal()}).encode())
    while message := control.recv(LONGEST_MESSAGE):
        asked = json.loads(message)
        walls.limit_cpu(asked["seconds"])
        control.send(json.dumps(_answer(jobs, asked, area)).encode())


def _step_back(niceness: int) -> None:
    """Let others go first: with any niceness at all only what would else be idle is used, where that may be chosen."""
    os.nice(niceness)
    if niceness and hasattr(os, "SCHED_IDLE"):
        with suppress(PermissionError):  # some containers forbid it; then niceness must do
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def _answer(jobs: Any, asked: dict[str, Any], area: int) -> dict[str, Any]:
    """Do one job; its result is left in the shared memory and described in the answer."""
    here, blobs = 0, []
    for length in asked["lengths"]:
        blobs.append(os.pread(area, length, here))
        here += length
    try:
        said, data = jobs.JOBS[asked["job"]](asked["told"], *blobs)
        _write(area, data)
    except PixelsRefused as error:
        return {"refused": error.error_code}
    except (MemoryError, OSError):
        return {"refused": PixelsTooLarge.code}
    except (ValueError, TypeError, LookupError, ArithmeticError, RuntimeError, AttributeError, EOFError):
        return {"refused": Undecodable.code}  # foreign bytes led a library astray
    return {"said": said, "length": len(data)}


def _write(area: int, data: bytes) -> None:
    view, here = memoryview(data), 0
    while here < len(view):
        here += os.pwrite(area, view[here:], here)


if __name__ == "__main__":
    main(sys.argv[1])
