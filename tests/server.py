"""A whole installation for tests: `dokuei up` in its own folder on free ports, driven as people and machines do."""

import fcntl
import os
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx

T = TypeVar("T")
ROOT = Path(__file__).resolve().parent.parent


_given: set[int] = set()


def free_port() -> int:
    """A port nobody listens on, never the same twice."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if port not in _given:
            _given.add(port)
            return port


def until(
    what: Callable[[], T | None],
    seconds: float = 120.0,
    told: Callable[[], object] = lambda: "no more is known",
) -> T:
    """Wait for a condition and return what made it true; `told` says how things stood when it never came."""
    deadline = time.monotonic() + seconds
    while True:
        found = what()
        if found:
            return found
        assert time.monotonic() < deadline, f"{what} did not come true within {seconds} s: {told()}"
        time.sleep(0.05)


def open_to_postgres(folder: Path) -> None:
    """Let the user that PostgreSQL runs as pass through our folders above this one; root may not run it itself."""
    below = [one for one in folder.parents if Path(tempfile.gettempdir()) in one.parents]
    for parent in below:
        if parent.exists() and parent.stat().st_uid == os.getuid():
            parent.chmod(parent.stat().st_mode | 0o055)


def _begin_with_database(folder: Path) -> None:
    """Copy the cluster and secrets of an installation that nobody has used; what is there already stays."""
    root = os.environ.get("DOKUEI_TEST_ROOT")
    if root is None or (folder / "secrets").exists() or (folder / "pg").exists():
        return
    made = Path(root) / "installation" / "d"
    with (Path(root) / "installation.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (made.parent / "whole").exists():
            made.parent.mkdir()
            one = Installation(made)
            one.start(is_first=True)
            assert one.stop() == 0
            (made.parent / "whole").touch()
    if (made / "pg").exists():  # else it lies where the database's own user can reach it
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-a", made / "pg", made / "secrets", folder], check=True)


class Installation:
    """One `dokuei up` with its data folder."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        open_to_postgres(folder)
        self.http = f"127.0.0.1:{free_port()}"
        self.dicom = f"DOKUEI@127.0.0.1:{free_port()}"
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("DOKUEI_", "DATABASE_", "DJANGO_"))}
        self.environment = {
            **kept,
            "PYTHONPATH": str(ROOT),
            "DOKUEI_DATA": str(folder),
            "DOKUEI_HTTP": self.http,
            "DOKUEI_DICOM": self.dicom,
            "DOKUEI_SETTLE_SECONDS": "2",
            "DOKUEI_SUPPORT_PHONE": "03-0000-0000",
            **settings,
        }
        self.url = f"http://{self.http}"
        self.process: subprocess.Popen[str] | None = None

    def start(self, *, is_first: bool = False) -> None:
        """Start and wait; with a database that was made once a run, unless the making is what is tested."""
        if not is_first:
            _begin_with_database(self.folder)
        self.launch()
        until(self.is_ready, 120)

    def launch(self) -> None:
        """Start it and do not wait."""
        with self.folder.with_name(self.folder.name + ".out").open("a") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "dokuei.hub.cli", "up"],
                env=self.environment,
                stdout=said,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=60)

    def is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, "the installation ended"
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5, verify=self.trust).status_code == 200
        except httpx.HTTPError:
            return False

    @property
    def trust(self) -> ssl.SSLContext:
        """Whose certificates a client believes."""
        return ssl.create_default_context()

    def run(self, *arguments: str, check: bool = True) -> str:
        """One `dokuei` command in this installation; its output."""
        done = subprocess.run(
            [sys.executable, "-m", "dokuei.hub.cli", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if check:
            assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout.strip()

    def parts(self) -> dict[str, int]:
        """The process ids of the supervisor's children by name."""
        assert self.process is not None
        found = {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                status = (entry / "stat").read_text().rpartition(")")[2].split()
                words = (entry / "cmdline").read_bytes().decode().split("\0")
            except (OSError, ProcessLookupError):
                continue
            if int(status[1]) == self.process.pid:
                name = "postgres" if "postgres" in words[0] else words[3] if len(words) > 3 else words[0]
                found[name] = int(entry.name)
        return found

    def client(self, token: str) -> httpx.Client:
        return httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {token}"}, timeout=30)

    def token(self, facility: str, *permissions: str) -> str:
        flags = [part for one in permissions for part in ("--permission", one)]
        return self.run("token", "test", "--facility", facility, *flags)

    def json(self, path: str, token: str) -> Any:
        with self.client(token) as client:
            return client.get(path).raise_for_status().json()


class Secure(Installation):
    """An installation that is reached over https on its own certificate."""

    def __init__(self, folder: Path, host: str = "127.0.0.1", **settings: str) -> None:
        self.port = free_port()
        address = f"{host}:{self.port}"
        super().__init__(folder, DOKUEI_HTTP=address, DOKUEI_PUBLIC_URL=f"https://{address}", **settings)
        self.url = f"https://{address}"

    @property
    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.folder / "tls" / "ca.pem"))
