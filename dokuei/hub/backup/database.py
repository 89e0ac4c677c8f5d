"""The database of a backup: `pg_dump` and `pg_restore`, as a role that row-level security lets see every row."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from dokuei.hub.backup.errors import NotEmpty, ToolFailed
from dokuei.hub.postgres import EmbeddedPostgres, installed_binaries, running
from dokuei.kit.config import Config, django_database
from dokuei.kit.db import OBJECTS_LOCK


@dataclass(frozen=True)
class Reach:
    """How the tools reach a database: environment for libpq, extra words, and where the programs are."""

    environment: Mapping[str, str]
    is_superuser: bool
    binaries: Path | None = None

    def connect(self) -> psycopg.Connection[tuple[object, ...]]:
        names = {
            "PGHOST": "host",
            "PGPORT": "port",
            "PGUSER": "user",
            "PGPASSWORD": "password",
            "PGDATABASE": "dbname",
        }
        given = {names[name]: value for name, value in self.environment.items() if name in names and value}
        return psycopg.connect(**given, autocommit=True, options="-c app.system=backup")  # type: ignore[arg-type]

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs; passwords go by the environment, never by the command line."""
        path = self.binaries / program if self.binaries else shutil.which(program)
        if path is None:
            raise ToolFailed(f"{program} がありません。PostgreSQL のクライアントを導入してください。")
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        done = subprocess.run(
            [str(path), *arguments],
            env={**kept, "LC_ALL": "C.UTF-8", "PGOPTIONS": "-c app.system=backup", **self.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ToolFailed(f"{program}: {done.stderr.strip()[-600:]}")


@contextmanager
def reached(config: Config) -> Iterator[Reach]:
    """A way into this installation's database; the embedded one is started if nobody runs it."""
    if not config.is_embedded:
        yield _outside(config)
        return
    with running(config) as server:
        yield _embedded(config, server)


def _embedded(config: Config, server: EmbeddedPostgres) -> Reach:
    environment = {
        "PGHOST": str(server.socket),
        "PGUSER": "postgres",
        "PGPASSWORD": config.kept_secret("pg-postgres"),
        "PGDATABASE": "dokuei",
    }
    return Reach(environment, is_superuser=True, binaries=server.binaries / "bin")


def _outside(config: Config) -> Reach:
    found = django_database(config.database("owner"))
    environment = {
        "PGHOST": found["HOST"],
        "PGPORT": found["PORT"] or "5432",
        "PGUSER": found["USER"],
        "PGPASSWORD": found["PASSWORD"],
        "PGDATABASE": found["NAME"],
    }
    installed = installed_binaries()
    return Reach(environment, is_superuser=False, binaries=installed / "bin" if installed else None)


def dump(reach: Reach, path: Path) -> None:
    """Write the whole database, as of one instant.

    The owner is subject to its own row-level security, so it says so and sees every row as the system's backup.
    """
    extra = () if reach.is_superuser else ("--enable-row-security",)
    reach.run("pg_dump", "--format=custom", "--compress=6", *extra, f"--file={path}")


def load(reach: Reach, path: Path) -> None:
    """Fill an empty database, all or nothing."""
    with reach.connect() as connection:
        found = connection.execute("select 1 from pg_tables where schemaname = 'public' limit 1").fetchone()
    if found is not None:
        raise NotEmpty()
    extra = ("--enable-row-security",) if not reach.is_superuser else ()
    database = reach.environment["PGDATABASE"]
    reach.run(
        "pg_restore", "--exit-on-error", "--single-transaction", *extra, f"--dbname={database}", str(path)
    )


@contextmanager
def nothing_is_deleted(reach: Reach) -> Iterator[tuple[int, str]]:
    """Keep every object where it is until the block ends; gives the audit chain's head."""
    with reach.connect() as connection:
        connection.execute("select pg_advisory_lock(%s)", [OBJECTS_LOCK])
        head = connection.execute("select seq, sha256 from audit_head").fetchone()
        assert head is not None
        yield int(str(head[0])), str(head[1])
