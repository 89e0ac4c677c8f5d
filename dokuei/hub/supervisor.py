"""`dokuei up`: everything on one machine under one parent that repairs what dies.

Each part is its own process group. The kernel ends a part when its parent dies (PR_SET_PDEATHSIG), so a killed
supervisor leaves nothing behind; a killed part is started again, sooner at first and later if it keeps dying.
"""

import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from dokuei.hub.migrate import migrate_in_child
from dokuei.hub.postgres import EmbeddedPostgres
from dokuei.kit.config import Config

PR_SET_PDEATHSIG = 1
LONGEST_REST = 15.0
HEALTHY_AFTER = 20.0
GRACE_SECONDS = 25.0


class FolderTaken(Exception):
    """Another supervisor runs on this data folder; the message says what to do."""


@dataclass
class Part:
    """One process that must run."""

    name: str
    command: list[str]
    stop_signal: signal.Signals = signal.SIGTERM
    before_exec: Callable[[], None] | None = None
    environment: dict[str, str] | None = None
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    started: float = 0.0
    rest: float = 0.5
    start_at: float = 0.0

    def start(self, log: Path) -> None:
        libc = ctypes.CDLL(None, use_errno=True)

        def prepare() -> None:
            if self.before_exec:
                self.before_exec()
            libc.prctl(PR_SET_PDEATHSIG, self.stop_signal)

        with log.open("ab") as out:
            self.process = subprocess.Popen(
                self.command,
                preexec_fn=prepare,  # noqa: PLW1509 - the supervisor has one thread
                env=self.environment,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        self.started = time.monotonic()

    def end_group(self, sent: signal.Signals) -> None:
        """Signal the part with whatever children it has."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, sent)


class Supervisor:
    """Starts the parts in order, watches them, stops them in reverse order."""

    def __init__(self, config: Config, say: Callable[[str], None]) -> None:
        self.config = config
        self.say = say
        self.parts: list[Part] = []
        self.stopping = False
        self.logs = config.data / "logs"

    def start(self) -> None:
        """Bring everything up; returns when the parts have been started."""
        self.config.data.mkdir(parents=True, exist_ok=True)
        self.logs.mkdir(exist_ok=True)
        self._take_folder()
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        if self.config.is_embedded:
            self._start_postgres()
        migrate_in_child()
        listeners = ("dimse", "hl7") if self.config.hl7 else ("dimse",)
        for name in (*listeners, "worker", "web"):
            part = Part(name, [sys.executable, "-m", "dokuei.hub.cli", name])
            self.parts.append(part)
            part.start(self._log(part))

    def _take_folder(self) -> None:
        """One supervisor a data folder; the kernel gives the lock back however this process ends."""
        self._lock = (self.config.data / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise FolderTaken(
                f"{self.config.data} は別の dokuei up が使用中です。そちらを終了するか、"
                "DOKUEI_DATA で別のフォルダーを指定してください。"
            ) from error

    def _start_postgres(self) -> None:
        server = EmbeddedPostgres(self.config)
        server.prepare()
        part = Part(
            "postgres",
            server.command(),
            stop_signal=signal.SIGINT,
            before_exec=server.become_runner(),
            environment=server.environment(),
        )
        part.start(self._log(part))
        self.parts.append(part)
        # it ends at once while the server of a killed supervisor still holds the folder: it is started again
        server.wait_ready(meanwhile=lambda: self._mend(part, time.monotonic()))
        server.furnish()

    def watch(self) -> None:
        """Repair what dies until told to stop."""
        while not self.stopping:
            now = time.monotonic()
            for part in self.parts:
                self._mend(part, now)
            time.sleep(0.2)

    def _mend(self, part: Part, now: float) -> None:
        if part.process is None:
            if now >= part.start_at:
                part.start(self._log(part))
                self.say(f"{part.name}: 再起動しました")
            return
        code = part.process.poll()
        if code is None:
            if now - part.started > HEALTHY_AFTER:
                part.rest = 0.5
            return
        part.end_group(signal.SIGKILL)
        part.process, part.start_at = None, now + part.rest
        self.say(f"{part.name}: 停止しました（{code}）。{part.rest:g} 秒後に再起動します")
        part.rest = min(part.rest * 2, LONGEST_REST)

    def stop(self) -> None:
        """End every part in reverse order, politely first."""
        for part in reversed(self.parts):
            if part.process is None or part.process.poll() is not None:
                continue
            part.process.send_signal(part.stop_signal)
            try:
                part.process.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                self.say(f"{part.name}: 応答がないため強制終了します")
            part.end_group(signal.SIGKILL)
            part.process.wait()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _log(self, part: Part) -> Path:
        return self.logs / f"{part.name}.log"
