"""What is logged of an error holds no patient data."""

import psycopg
import pytest
from django.db import connection

from dokuei.hub.logs import without_rows


def test_what_postgresql_quotes_of_a_refused_row_is_not_logged() -> None:
    told = (
        "Traceback (most recent call last):\n"
        "psycopg.errors.CheckViolation: new row violates check constraint\n"
        "DETAIL:  Failing row contains (1, 山田\n太郎, 0012345).\n"
        "\n"
        "The above exception was the direct cause of the following exception:\n"
        "django.db.utils.IntegrityError: new row violates check constraint\n"
        "DETAIL:  Failing row contains (1, 山田\n太郎, 0012345).\n"
        "CONTEXT:  PL/pgSQL function test()"
    )

    seen = str(without_rows(None, "", {"exception": told})["exception"])

    assert "太郎" not in seen
    assert "0012345" not in seen
    assert seen.count("left out") == 2
    assert "The above exception" in seen
    assert "PL/pgSQL function test()" in seen


@pytest.mark.django_db(transaction=True)
def test_so_it_is_with_a_real_error() -> None:
    with connection.cursor() as cursor:
        cursor.execute("create temporary table seen (name text, age int check (age > 0))")
        with pytest.raises(Exception, match="太郎") as refused:
            cursor.execute("insert into seen values ('山田 太郎', -1)")

    assert isinstance(refused.value.__cause__, psycopg.errors.CheckViolation)
    assert "太郎" not in str(without_rows(None, "", {"exception": str(refused.value)})["exception"])
