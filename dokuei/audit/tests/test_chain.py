"""The trail is whole, and a tamperer is named."""

import os
from datetime import UTC, datetime

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from dokuei.audit import queries
from dokuei.audit.events import Event
from dokuei.audit.models import Entry, Link
from dokuei.audit.services import record
from dokuei.kit.db import system_scope

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


class Job:
    label = "system:test"


JOB = Job()

pytestmark = pytest.mark.django_db(transaction=True)


def three_acts() -> None:
    for number in range(3):
        with transaction.atomic():
            record(Event.STUDY_QUERIED, by=JOB, at=AT, number=number)


def tamper(statement: str) -> None:
    """Change rows behind the program's back, as only a database superuser can."""
    with psycopg.connect(os.environ["DOKUEI_TEST_SUPERUSER"], autocommit=True) as superuser:
        superuser.execute("set session_replication_role = replica")
        superuser.execute(statement)


def proof() -> queries.Proof:
    with system_scope("verify"):
        return queries.verify()


def test_every_committed_act_has_a_link_and_the_chain_is_whole() -> None:
    three_acts()

    assert list(Link.objects.order_by("seq").values_list("seq", flat=True)) == [1, 2, 3]
    assert proof().is_whole
    assert proof().checked == 3


def test_an_act_rolled_back_leaves_no_entry_and_no_gap() -> None:
    three_acts()
    with transaction.atomic():
        record(Event.STUDY_QUERIED, by=JOB, at=AT)
        transaction.set_rollback(True)
    three_acts()

    assert Entry.objects.count() == 6
    assert proof().is_whole


@pytest.mark.parametrize(
    ("statement", "seq", "reason"),
    [
        pytest.param(
            "update audit_entry set body = replace(body, '\"number\":1', '\"number\":9')",
            2, "its entry was changed", id="a body changed",
        ),
        pytest.param(
            "update audit_entry set by = 'person:7' where id = (select entry_id from audit_link where seq = 3)",
            3, "its columns differ from its body", id="a column changed",
        ),
        pytest.param(
            "delete from audit_entry where id = (select entry_id from audit_link where seq = 2)",
            2, "its entry is missing", id="an entry removed",
        ),
        pytest.param("delete from audit_link where seq = 2", 2, "link 2 is missing", id="a link removed"),
        pytest.param(
            "delete from audit_link where seq = 3; delete from audit_entry where body like '%\"number\":2%'",
            3, "the chain ends at 2, its head says 3", id="the tail cut off",
        ),
    ],
)  # fmt: skip
def test_verify_names_the_first_broken_link(statement: str, seq: int, reason: str) -> None:
    three_acts()

    tamper(statement)

    assert (proof().broken_seq, proof().reason) == (seq, reason)


@pytest.mark.parametrize(
    "statement",
    [
        "update audit_entry set by = 'nobody'",
        "delete from audit_entry",
        "truncate audit_entry cascade",
        "insert into audit_link values (99, gen_random_uuid(), 'a', 'b')",
        "update audit_head set seq = 0",
        "delete from audit_link",
    ],
)
def test_the_application_role_cannot_change_the_trail(statement: str) -> None:
    three_acts()

    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute(statement)

    assert proof().is_whole
