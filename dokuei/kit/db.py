"""Who the database believes we are: facility scope for forced row-level security.

Every table with patient data has a policy that lets a row through only if its facility is in the setting
``app.facilities``, or a named system scope is set. Both last for one transaction, so nothing leaks to the next
user of a pooled connection. The policy is the net; queries filter explicitly as well.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import orjson
from django.db import InterfaceError, OperationalError, connection, migrations, models, transaction
from psycopg_pool import PoolTimeout

AWAY = {"08", "40", "53", "57", "58"}
"""SQLSTATE classes: connection, rolled back for others' sake, resources, intervention, the server's system."""
AWAY_STATES = {"25006", "55P03"}
"""A server that only reads, since another took over; a lock that was not had in time."""
OBJECTS_LOCK = 0x444F4B55
"""Held by a backup while it copies, so that no object a row of its dump names is deleted before it was copied."""


def sqlstate_of(error: BaseException) -> str:
    """The SQLSTATE PostgreSQL gave for an error; empty if it did not come from there."""
    seen: BaseException | None = error
    while seen is not None:
        state = getattr(seen, "sqlstate", None)
        if state:
            return str(state)
        seen = seen.__cause__
    return ""


def is_database_away(error: BaseException) -> bool:
    """Whether the database cannot serve anybody now, so that the same may succeed later.

    Decided by SQLSTATE, since Django calls many an error operational that lies in what was asked; without one the
    connection was lost or never made.
    """
    if state := sqlstate_of(error):
        return state[:2] in AWAY or state in AWAY_STATES
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, (OperationalError, InterfaceError, PoolTimeout)):
            return True
        seen = seen.__cause__
    return False


def may_delete_objects() -> bool:
    """Whether no backup is being made; it waits for the caller's transaction before it begins one."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock_shared(%s)", [OBJECTS_LOCK])
        return bool(cursor.fetchone()[0])


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


@contextmanager
def seeing_all(name: str) -> Iterator[None]:
    """Within a transaction of somebody's scope, see every facility for one named question, and no longer.

    For questions that have decided by themselves which rows of other facilities may be told. What is written inside
    may be any facility's too. A block that fails is rolled back, and the scope with it.
    """
    if not name:
        raise ValueError("who sees everything needs a name")
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select coalesce(current_setting('app.system', true), '')")
            before = cursor.fetchone()[0]
        _set("app.system", name)
        yield
        _set("app.system", before)


def _set(setting: str, value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select set_config(%s, %s, true)", [setting, value])


def insert_new(
    model: type[models.Model], rows: Sequence[dict[str, Any]], *, unique: tuple[str, ...]
) -> dict[Any, int]:
    """Insert rows whose `unique` columns are free, in one statement; map those columns' values to the new ids.

    Every row has the same keys, column names; what another transaction is inserting under the same values is waited
    for.
    """
    if not rows:
        return {}
    names = list(rows[0])
    fields = {field.column: field for field in model._meta.concrete_fields}
    columns = ", ".join(f'"{name}"' for name in names)
    typed = ", ".join(f'"{name}" {_type_of(fields[name])}' for name in names)
    key = ", ".join(f'"{name}"' for name in unique)
    statement = (
        f'insert into "{model._meta.db_table}" ({columns}) select {columns} from jsonb_to_recordset(%s::jsonb) '  # noqa: S608
        f"as given({typed}) on conflict ({key}) do nothing returning {key}, id"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [orjson.dumps(rows).decode()])
        return {tuple(row[:-1]): row[-1] for row in cursor.fetchall()}


def _type_of(field: Any) -> str:
    kind = field.rel_db_type(connection) if field.is_relation else field.db_type(connection)
    return str(kind)


def in_scope(column: str) -> str:
    """The rule of a policy. What is asked of the settings is asked once a statement, not once a row."""
    return f"(select dokuei_is_system()) or {column} = any ((select dokuei_facilities())::bigint[])"


def facility_isolation(table: str, column: str = "facility_id") -> migrations.RunSQL:
    """A migration step: rows of `table` are visible and writable only inside their facility's scope."""
    rule = in_scope(column)
    return migrations.RunSQL(
        f"""
        alter table {table} enable row level security;
        alter table {table} force row level security;
        create policy facility_isolation on {table} using ({rule}) with check ({rule});
        """,
        f"drop policy facility_isolation on {table}; alter table {table} disable row level security",
    )
