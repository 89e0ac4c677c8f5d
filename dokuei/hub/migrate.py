"""Bringing the database up to date: the owner role migrates, then the application role is given its rights."""

import os
import subprocess
import sys

GRANTS = """
grant usage on schema public to dokuei_app;
grant select, insert, update, delete on all tables in schema public to dokuei_app;
grant usage, select on all sequences in schema public to dokuei_app;
grant execute on all functions in schema public to dokuei_app;
revoke update, delete, truncate on audit_entry, audit_link from dokuei_app;
revoke insert, update, delete, truncate on audit_link, audit_head from dokuei_app;
revoke insert, update, delete on django_migrations from dokuei_app;
"""


def migrate_in_child(environ: dict[str, str] | None = None) -> None:
    """Run `dokuei migrate` as its own process, since one process has one role."""
    env = {**os.environ, **(environ or {}), "DOKUEI_ROLE": "owner"}
    subprocess.run([sys.executable, "-m", "dokuei.hub.cli", "migrate"], env=env, check=True)


def migrate() -> None:
    """Migrate with the owner role (this process must have DOKUEI_ROLE=owner) and grant."""
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0, interactive=False)
    with connection.cursor() as cursor:
        cursor.execute(GRANTS)
