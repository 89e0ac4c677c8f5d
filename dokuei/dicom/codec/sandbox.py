"""Pixel work on foreign bytes, done in processes with limits; one job at a time in each.

A job that crashes, runs too long or takes too much memory ends its process and refuses its frame, nothing else: the
next job gets a fresh process. Also a process that only refused a frame is not used again, since the library may have
left more behind than an error. Safe to use from any thread; a process that forked starts its own.
"""

import atexit
import json
import logging
import os
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from dokuei.dicom.codec.errors import (
    BY_CODE,
    DecoderAbsent,
    DecoderCrashed,
    DecodersBusy,
    DecoderTimedOut,
    PixelsTooLarge,
    Undecodable,
)

log = logging.getLogger("dokuei.pixels")
MEMORY_BYTES = 3 * 1024**3
LARGEST_BYTES = 1024**3
"""Of what goes into a job together, and of what comes out."""
KEPT_AREA = 32 * 1024**2
JOBS_EACH = 20_000
"""Jobs of one process before it makes room for a fresh one."""
START_SECONDS = 60.0
JOB_SECONDS = 20.0
LONGEST_MESSAGE = 128 * 1024
ENVIRONMENT = {
    "LC_ALL": "C.UTF-8",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
}

_spawner = ThreadPoolExecutor(1, thread_name_prefix="pixels-spawner")
"""The kernel ends a child when the thread that started it ends: this one stays as long as the process."""


@dataclass(frozen=True)
class Result:
    """What a job says and the bytes it made."""

    said: Any
    data: bytes


class Sandbox:
    """A small pool of decoding processes, started when they are first needed."""

    def __init__(
        self,
        size: int,
        *,
        jobs: str = "dokuei.dicom.codec.jobs",
        niceness: int = 0,
        memory_bytes: int = MEMORY_BYTES,
    ) -> None:
        self.size = size
        self._jobs, self._niceness, self._memory_bytes = jobs, niceness, memory_bytes
        self._free = threading.BoundedSemaphore(size)
        self._lock = threading.Lock()
        self._idle: list[_Child] = []
        self._is_closed = False

    def run(
        self, job: str, told: Mapping[str, Any], blobs: Sequence[bytes] = (), *, seconds: float = JOB_SECONDS
    ) -> Result:
        """Do one job; raise a `PixelsRefused` for what it cannot do. Blocking."""
        if sum(map(len, blobs)) > LARGEST_BYTES:
            raise PixelsTooLarge()
        if not self._free.acquire(timeout=seconds):
            raise DecodersBusy()
        try:
            child = self._take()
            try:
                result = child.work(job, told, blobs, seconds)
            except BaseException:
                child.end()
                raise
            self._give_back(child)
            return result
        finally:
            self._free.release()

    def close(self) -> None:
        """End every idle process; those at work end when they are done."""
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
        for child in idle:
            child.end()

    def idle_pids(self) -> list[int]:
        """The processes that wait for work."""
        with self._lock:
            return [child.pid for child in self._idle]

    def _take(self) -> "_Child":
        while True:
            with self._lock:
                child = self._idle.pop() if self._idle else None
            if child is None:
                return _spawner.submit(self._start).result()
            if child.is_alive():
                return child
            child.end()

    def _give_back(self, child: "_Child") -> None:
        with self._lock:
            if not self._is_closed and child.jobs < JOBS_EACH:
                self._idle.append(child)
                return
        child.end()

    def _start(self) -> "_Child":
        return _Child(self._jobs, self._niceness, self._memory_bytes)


class _Child:
    """One decoding process and the two ends that lead to it."""

    def __init__(self, jobs: str, niceness: int, memory_bytes: int) -> None:
        self.jobs = 0
        self._area = os.memfd_create("pixels", os.MFD_CLOEXEC)
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        told = {
            "control": theirs.fileno(),
            "area": self._area,
            "jobs": jobs,
            "niceness": niceness,
            "memory_bytes": memory_bytes,
            "largest_bytes": LARGEST_BYTES,
            "parent": os.getpid(),
        }
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-m", "dokuei.dicom.codec.child", json.dumps(told)],
                pass_fds=(theirs.fileno(), self._area),
                env=ENVIRONMENT,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        self._control.settimeout(START_SECONDS)
        self._greet()

    def _greet(self) -> None:
        """Wait until the process has loaded its libraries and closed its walls."""
        try:
            hello = json.loads(self._control.recv(LONGEST_MESSAGE) or b"{}")
        except (OSError, ValueError):
            hello = {}
        if not hello.get("ready"):
            self.end()
            log.error("a decoding process did not start", extra={"exit": self._process.returncode})
            raise DecoderAbsent()
        if not hello.get("sealed"):
            log.warning("decoding processes run without a system call filter on this machine")

    @property
    def pid(self) -> int:
        return self._process.pid

    def is_alive(self) -> bool:
        """Whether it waits for work: it has neither ended nor said anything unasked."""
        readable, _, _ = select.select([self._control], [], [], 0)
        return not readable and self._process.poll() is None

    def work(self, job: str, told: Mapping[str, Any], blobs: Sequence[bytes], seconds: float) -> Result:
        self.jobs += 1
        here = 0
        for blob in blobs:
            here = self._write(blob, here)
        lengths = [len(blob) for blob in blobs]
        asked = {"job": job, "told": told, "lengths": lengths, "seconds": seconds}
        answer = self._ask(json.dumps(asked).encode(), seconds)
        if "refused" in answer:
            raise BY_CODE.get(answer["refused"], Undecodable)()
        data = self._read(int(answer["length"]))
        if max(here, len(data)) > KEPT_AREA:
            os.ftruncate(self._area, 0)
        return Result(answer["said"], data)

    def _ask(self, message: bytes, seconds: float) -> dict[str, Any]:
        self._control.settimeout(seconds)
        begun = time.monotonic()
        try:
            self._control.send(message)
            answer = json.loads(self._control.recv(LONGEST_MESSAGE) or b"null")
        except TimeoutError as error:
            raise DecoderTimedOut() from error
        except (OSError, ValueError) as error:
            raise DecoderCrashed() from error
        if not isinstance(answer, dict):  # it hung up
            raise DecoderTimedOut() if time.monotonic() - begun > seconds else DecoderCrashed()
        return answer

    def _write(self, blob: bytes, here: int) -> int:
        view = memoryview(blob)
        while view:
            written = os.pwrite(self._area, view, here)
            view, here = view[written:], here + written
        return here

    def _read(self, length: int) -> bytes:
        """Read, never mapped: a process that shortens the file meanwhile must not end ours."""
        if not 0 <= length <= LARGEST_BYTES:
            raise DecoderCrashed()
        data = os.pread(self._area, length, 0)
        if len(data) != length:
            raise DecoderCrashed()
        return data

    def end(self) -> None:
        """Kill the process, whatever it is doing, and free what led to it. Safe to repeat."""
        self._control.close()
        self._process.kill()
        self._process.wait()
        if self._area >= 0:
            os.close(self._area)
            self._area = -1


@lru_cache(1)
def default() -> Sandbox:
    """The processes of this program for what a person waits for: one a core, at most four."""
    return _kept(Sandbox(min(max(os.cpu_count() or 1, 1), 4)))


@lru_cache(1)
def background() -> Sandbox:
    """The processes for what nobody waits for, at low priority: one a core."""
    return _kept(Sandbox(max(os.cpu_count() or 1, 1), niceness=10))


def _kept(sandbox: Sandbox) -> Sandbox:
    atexit.register(sandbox.close)
    return sandbox


def _forked() -> None:
    """A forked process must not talk to its parent's children."""
    global _spawner  # noqa: PLW0603  # threads do not survive a fork
    default.cache_clear()
    background.cache_clear()
    _spawner = ThreadPoolExecutor(1, thread_name_prefix="pixels-spawner")


os.register_at_fork(after_in_child=_forked)
