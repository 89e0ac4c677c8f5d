"""Row-level security asks once a statement who we are, in every policy, also in those of an older installation."""

import importlib
import os

import psycopg
import pytest
from django.db import connection

from dokuei.kit.db import scope, system_scope

pytestmark = pytest.mark.django_db(transaction=True)
migration = importlib.import_module("dokuei.kit.migrations.0003_scope_once_a_statement")
OLD = """
create table if not exists old_style (facility_id bigint);
alter table old_style enable row level security;
alter table old_style force row level security;
create policy facility_isolation on old_style
    using (dokuei_in_scope(facility_id)) with check (dokuei_in_scope(facility_id));
insert into old_style values (1), (2);
grant select, insert on old_style to public;
"""


def policies() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("select tablename, coalesce(qual, '') || coalesce(with_check, '') from pg_policies")
        return dict(cursor.fetchall())


def seen() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("select facility_id from old_style order by 1")
        return [one for (one,) in cursor.fetchall()]


def test_no_policy_asks_for_every_row() -> None:
    found = policies()

    assert len(found) > 20
    assert [table for table, rule in found.items() if "dokuei_in_scope" in rule] == []


def test_a_policy_made_before_is_carried_over_and_guards_as_it_did() -> None:
    with psycopg.connect(os.environ["DOKUEI_TEST_SUPERUSER"], autocommit=True) as superuser:
        superuser.execute(OLD)
        try:
            superuser.execute(migration.ONCE)
            rule = policies()["old_style"]
            with scope({2}):
                mine = seen()
            with scope(set()):
                nobodys = seen()
            with system_scope("test"):
                everyones = seen()
            with (
                pytest.raises(Exception, match="row-level security"),
                scope({2}),
                connection.cursor() as cursor,
            ):
                cursor.execute("insert into old_style values (1)")
        finally:
            superuser.execute("drop table old_style")

    assert "dokuei_in_scope" not in rule
    assert (mine, nobodys, everyones) == ([2], [], [1, 2])
