"""Which errors lie in the instance and which in a database that is away; when to try again."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from psycopg import errors
from psycopg_pool import PoolTimeout

from dokuei.base.errors import NotFound
from dokuei.imaging.unlisted.rules import code_of, rest, sentence
from dokuei.kit.db import is_database_away, sqlstate_of


def wrapped(kind: type[Exception], cause: Exception | None) -> Exception:
    """As Django hands on what psycopg raised."""
    error = kind("refused")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "is_away"),
    [
        pytest.param(wrapped(OperationalError, psycopg.OperationalError("closed")), True, id="no SQLSTATE"),
        pytest.param(wrapped(InterfaceError, psycopg.InterfaceError("closed")), True, id="closed"),
        pytest.param(PoolTimeout("no connection"), True, id="no connection to be had"),
        pytest.param(wrapped(RuntimeError, OperationalError("closed")), True, id="behind another error"),
        pytest.param(wrapped(OperationalError, errors.ConnectionFailure()), True, id="08006"),
        pytest.param(wrapped(OperationalError, errors.DiskFull()), True, id="53100"),
        pytest.param(wrapped(OperationalError, errors.AdminShutdown()), True, id="57P01"),
        pytest.param(wrapped(OperationalError, errors.DeadlockDetected()), True, id="40P01"),
        pytest.param(wrapped(OperationalError, errors.LockNotAvailable()), True, id="55P03"),
        pytest.param(wrapped(OperationalError, errors.ProgramLimitExceeded()), False, id="54000"),
        pytest.param(wrapped(OperationalError, errors.StatementTooComplex()), False, id="54001"),
        pytest.param(wrapped(DataError, errors.NumericValueOutOfRange()), False, id="22003"),
        pytest.param(wrapped(IntegrityError, errors.CheckViolation()), False, id="23514"),
        pytest.param(ValueError("no"), False, id="our own mistake"),
    ],
)
def test_a_database_that_is_away_is_told_by_sqlstate(error: Exception, is_away: bool) -> None:
    assert is_database_away(error) is is_away


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (wrapped(DataError, errors.NumericValueOutOfRange()), "sql.22003"),
        (NotFound(code="store.missing"), "store.missing"),
        (KeyError("x"), "unexpected.KeyError"),
    ],
)
def test_the_code_says_what_stood_against_it(error: Any, code: str) -> None:
    assert code_of(error, sqlstate_of(error)) == code
    assert sentence(code)


def test_rests_grow_to_a_day() -> None:
    assert [rest(tries) for tries in (1, 2, 3)] == [timedelta(minutes=one) for one in (1, 2, 4)]
    assert rest(12) == rest(100_000) == timedelta(days=1)
