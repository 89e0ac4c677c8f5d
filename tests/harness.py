"""The ground under every test: one embedded PostgreSQL a run, one database a worker, the real application role.

Loaded as a plugin (``-p tests.harness``) before Django reads its settings. Tests run as the role that serves in
production, so row-level security and missing grants are met here and not first in a hospital.
"""

import atexit
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from dokuei.hub.migrate import migrate_in_child
from dokuei.hub.postgres import EmbeddedPostgres, create_database
from dokuei.kit.config import Config, load_config

TEMPLATE = "dokuei_template"


def _config(root: Path) -> Config:
    return load_config({"DOKUEI_DATA": str(root)})


def _url(config: Config, role: str, database: str) -> str:
    password = config.kept_secret(f"pg-{role}")
    name = "postgres" if role == "postgres" else f"dokuei_{role}"
    return f"postgresql://{name}:{password}@{quote(str(config.data / 'run'), safe='')}/{database}"


def _start_server() -> Path:
    for name in [name for name in os.environ if name.startswith("DOKUEI_")]:
        del os.environ[name]
    root = Path(tempfile.mkdtemp(prefix="dokuei-test-"))
    root.chmod(0o755)
    config = _config(root)
    server = EmbeddedPostgres(config)
    server.prepare()
    log = (root / "postgres.log").open("ab")  # closed by atexit
    process = subprocess.Popen(
        [*server.command(), "-c", "max_connections=300"],
        preexec_fn=server.become_runner(),  # noqa: PLW1509 - no threads yet
        env=server.environment(),
        cwd="/",
        stderr=log,
        start_new_session=True,
    )

    def stop() -> None:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)
        log.close()
        shutil.rmtree(root, ignore_errors=True)

    atexit.register(stop)
    server.wait_ready()
    server.furnish(TEMPLATE)
    migrate_in_child(
        {
            "DOKUEI_DATA": str(root),
            "DATABASE_URL": _url(config, "app", TEMPLATE),
            "DATABASE_OWNER_URL": _url(config, "owner", TEMPLATE),
        }
    )
    return root


def _own_database(root: Path) -> None:
    """Clone the migrated template for this worker and point the settings at it."""
    config = _config(root)
    name = f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    with psycopg.connect(_url(config, "postgres", "postgres"), autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(7)")  # a template is cloned by one at a time
        create_database(connection, name, template=TEMPLATE)
    data = root / name
    data.mkdir(exist_ok=True)
    os.environ["DOKUEI_TEST_ROOT"] = str(root)
    os.environ["DOKUEI_DATA"] = str(data)
    os.environ["DATABASE_URL"] = _url(config, "app", name)
    os.environ["DATABASE_OWNER_URL"] = _url(config, "owner", name)
    os.environ["DOKUEI_TEST_SUPERUSER"] = _url(config, "postgres", name)
    os.environ["DJANGO_SETTINGS_MODULE"] = "dokuei.hub.settings"


def another_database(name: str) -> dict[str, str]:
    """A second migrated database beside this worker's, as the settings that name it."""
    config = _config(Path(os.environ["DOKUEI_TEST_ROOT"]))
    with psycopg.connect(_url(config, "postgres", "postgres"), autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(7)")
        create_database(connection, name, template=TEMPLATE)
    return {
        "DATABASE_URL": _url(config, "app", name),
        "DATABASE_OWNER_URL": _url(config, "owner", name),
    }


def wipe() -> None:
    """Empty every table as the superuser; the application role could not (and must not)."""
    with psycopg.connect(os.environ["DOKUEI_TEST_SUPERUSER"], autocommit=True) as connection:
        names = [
            row[0]
            for row in connection.execute(
                "select tablename from pg_tables where schemaname = 'public'"
                " and tablename not in ('django_migrations', 'django_content_type', 'auth_permission')"
            )
        ]
        tables = sql.SQL(", ").join(sql.Identifier(name) for name in names)
        connection.execute("set session_replication_role = replica")
        connection.execute(sql.SQL("truncate {} restart identity cascade").format(tables))
        connection.execute("insert into audit_head values (true, 0, repeat('0', 64))")


_own_database(
    Path(os.environ["DOKUEI_TEST_ROOT"])
    if os.environ.get("DOKUEI_TEST_ROOT") and os.environ.get("PYTEST_XDIST_WORKER")
    else _start_server()
)
