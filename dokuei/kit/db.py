"""Who the database believes we are: facility scope for forced row-level security.

Every table with patient data has a policy that lets a row through only if its facility is in the setting
``app.facilities``, or a named system scope is set. Both last for one transaction, so nothing leaks to the next
user of a pooled connection. The policy is the net; queries filter explicitly as well.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import connection, migrations, transaction


@contextmanager
def scope(facility_ids: Iterable[int]) -> Iterator[None]:
    """Run a transaction that sees and writes only these facilities' rows."""
    literal = "{" + ",".join(str(int(one)) for one in sorted(facility_ids)) + "}"
    with transaction.atomic():
        _set("app.facilities", literal)
        yield


@contextmanager
def system_scope(name: str) -> Iterator[None]:
    """Run a transaction as the named part of the system (a job, the due loop), which sees every facility."""
    if not name:
        raise ValueError("a system scope needs a name")
    with transaction.atomic():
        _set("app.system", name)
        yield


def _set(setting: str, value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select set_config(%s, %s, true)", [setting, value])


def facility_isolation(table: str, column: str = "facility_id") -> migrations.RunSQL:
    """A migration step: rows of `table` are visible and writable only inside their facility's scope."""
    return migrations.RunSQL(
        f"""
        alter table {table} enable row level security;
        alter table {table} force row level security;
        create policy facility_isolation on {table}
            using (dokuei_in_scope({column})) with check (dokuei_in_scope({column}));
        """,
        f"drop policy facility_isolation on {table}; alter table {table} disable row level security",
    )
