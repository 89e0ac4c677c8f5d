"""One-time codes: which moments they are good for, and that each is good once."""

from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.db import connection

from dokuei.identity.access import Role
from dokuei.identity.models import Person
from tests.builders import a_person, at_large

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
PERIOD = 30


@pytest.fixture
def factor(monkeypatch: pytest.MonkeyPatch) -> TOTP:
    monkeypatch.setattr(auth, "time", SimpleNamespace(time=lambda: 1_000_000_015.0))
    with at_large():
        person = Person.objects.get(pk=a_person(Role.READER).pk)
        Authenticator.objects.filter(user=person).delete()
        return TOTP.activate(person, SECRET)


def code(steps: int) -> str:
    return str(format_hotp_value(hotp_value(SECRET, 1_000_000_015 // PERIOD + steps)))


@pytest.mark.parametrize(("steps", "is_good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_is_good_one_step_early_and_late_and_no_further(
    factor: TOTP, steps: int, is_good: bool
) -> None:
    assert factor.validate_code(code(steps)) is is_good


def test_a_code_is_good_once_for_as_long_as_it_would_hold(factor: TOTP) -> None:
    assert [factor.validate_code(code(1)), factor.validate_code(code(1))] == [True, False]

    with connection.cursor() as cursor:
        cursor.execute(
            "select extract(epoch from expires - now()) from kit_cache where cache_key like '%%totp.used%%'"
        )
        (remembered,) = cursor.fetchone()
    assert remembered > 2 * PERIOD
