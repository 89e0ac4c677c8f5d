"""HL7 messages in the hub: taken once, kept when they cannot be taken, tried again, ended, and seen by whom."""

import os
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from dokuei.audit.models import Entry
from dokuei.hl7.charset import TextEncoding
from dokuei.hl7.message import parse
from dokuei.identity.access import Role
from dokuei.identity.models import Facility, Person
from dokuei.intake.hl7 import connecting, queries
from dokuei.intake.hl7.listener import answered
from dokuei.intake.hl7.models import Hl7Connection, Hl7Message
from dokuei.intake.models import Request
from dokuei.kit.db import scope
from dokuei.worklist.models import Reading
from tests.builders import NOW, TEST, a_facility, a_person, at_large, run_jobs, signed_in

pytestmark = pytest.mark.django_db(transaction=True)
HOST = "192.0.2.7"
JSON = "application/json"


def connection(facility: Facility, **change: Any) -> Hl7Connection:
    said = {"name": "ris", "peer_host": HOST, "encoding": TextEncoding.SHIFT_JIS, **change}
    with at_large():
        return connecting.connect(TEST, facility_id=facility.pk, at=NOW, **said)


def order(
    number: str = "A100",
    *,
    control: str = "NW",
    text: str = "胸部CT",
    said: str = "20261122091000",
    pid: str = "77",
) -> str:
    return "\r".join(
        [
            f"MSH|^~\\&|RIS|H1|DOKUEI|D|{said}||ORM^O01|{number}{control}{said}|P|2.3",
            f"PID|||{pid}||山田^ソポタミ^^^^^L^I~ヤマダ^タロウ^^^^^L^P||19680312|M",
            f"ORC|{control}|{number}||||||||||||^^^^^0739^1111",
            f"OBR|1|{number}||X^{text}^99H||||||||||||||||||||CT|||||||^右肺結節の経過",
        ]
    )


def send(text: str, codec: str = "cp932", host: str = HOST) -> Any:
    """What the listener would answer, as a message."""
    told = answered(host, text.encode(codec), NOW)
    assert told is not None
    return parse(told.decode(codec))


def code_of(answer: Any) -> str:
    return str(answer.first("MSA").field(1))


@pytest.fixture
def facility() -> Facility:
    made = a_facility()
    connection(made)
    run_jobs()
    return made


def requests() -> list[tuple[str, int, str]]:
    with at_large():
        return [
            (one.state, one.version, one.content["exam"]["description"])
            for one in Request.objects.order_by("pk")
        ]


def test_an_order_becomes_a_request_with_its_reading_and_is_answered(facility: Facility) -> None:
    answer = send(order())
    run_jobs()

    assert (code_of(answer), answer.first("MSA").field(2)) == ("AA", "A100NW20261122091000")
    assert requests() == [("accepted", 1, "胸部CT")]
    with at_large():
        reading = Reading.objects.get()
        assert reading.state == "pending"
        assert reading.patient.name_kanji == "山田 ソポタミ"
        assert Hl7Message.objects.get().state == "taken"


def test_the_very_same_message_again_gets_the_same_answer_and_changes_nothing(facility: Facility) -> None:
    first, second = send(order()), send(order())

    assert [code_of(first), code_of(second)] == ["AA", "AA"]
    assert requests() == [("accepted", 1, "胸部CT")]
    with at_large():
        assert Hl7Message.objects.get().repeats == 1


def test_a_change_makes_the_next_version_and_a_late_one_nothing(facility: Facility) -> None:
    send(order())

    changed = send(order(control="XO", text="胸腹部CT", said="20261122093000"))
    late = send(order(control="XO", text="胸部CT", said="20261122092000"))

    assert [code_of(changed), code_of(late)] == ["AA", "AA"]
    assert requests() == [("accepted", 2, "胸腹部CT")]


def test_a_cancellation_ends_the_request_and_its_reading(facility: Facility) -> None:
    send(order())
    run_jobs()

    answer = send(order(control="CA", said="20261122100000"))
    run_jobs()

    assert code_of(answer) == "AA"
    assert requests()[0][0] == "cancelled"
    with at_large():
        assert Reading.objects.get().state == "cancelled"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("not hl7 at all", "hl7.message", id="no message"),
        pytest.param(order().replace("ORM^O01", "ADT^A08"), "hl7.kind", id="another kind"),
        pytest.param(order(pid=""), "order.incomplete", id="no patient"),
        pytest.param(order(control="CA"), "hl7.unknown_order", id="a cancellation of nothing"),
    ],
)
def test_what_cannot_be_taken_is_kept_where_support_sees_it(facility: Facility, text: str, code: str) -> None:
    answer = send(text)

    assert code_of(answer) == "AE"
    assert answer.first("ERR").first(5).part(1) == code
    assert requests() == []
    window = signed_in(a_person(Role.SUPPORT))
    (shown,) = window.get("/api/v1/hl7/messages").json()["items"]
    assert shown["code"] == code
    assert "山田" not in str(shown)
    with at_large():
        assert bytes(Hl7Message.objects.get().raw) == text.encode("cp932")


@pytest.fixture
def refusing_database() -> Iterator[None]:
    """The database takes every request but one, as if we had a fault there."""
    with psycopg.connect(os.environ["DOKUEI_TEST_SUPERUSER"], autocommit=True) as connection:
        connection.execute(
            "create function test_refused() returns trigger language plpgsql as $$ begin"
            " if new.content->'exam'->>'description' = 'BROKEN' then raise exception 'refused' using errcode = '54000';"
            " end if; return new; end $$"
        )
        connection.execute(
            "create trigger test_refused before insert on intake_request for each row execute function test_refused()"
        )
        yield
        connection.execute("drop function test_refused cascade")


def test_a_message_we_fail_at_is_kept_and_does_not_stop_the_next_one(
    facility: Facility, refusing_database: None
) -> None:
    failed, again, good = send(order(text="BROKEN")), send(order(text="BROKEN")), send(order(number="B2"))

    assert [code_of(one) for one in (failed, again, good)] == ["AE", "AE", "AA"]
    assert failed.first("ERR").first(5).part(1) == "hl7.failed"
    assert requests() == [("accepted", 1, "胸部CT")]
    with at_large():
        kept = Hl7Message.objects.get(state="quarantined")
        assert (kept.code, kept.repeats) == ("hl7.failed", 1)


def test_what_no_database_keeps_is_quarantined_like_anything_unreadable(facility: Facility) -> None:
    answer = send(order(text="胸部\0CT"))

    assert code_of(answer) == "AE"
    assert code_of(send(order(number="C3") + "\r\0\0")) == "AA"
    assert len(requests()) == 1


def test_one_bad_order_of_a_message_leaves_none_of_it_done(facility: Facility) -> None:
    text = order() + "\rORC|CA|UNKNOWN\rOBR|1|UNKNOWN||X^CT"

    assert code_of(send(text)) == "AE"
    assert requests() == []


def test_a_message_in_another_encoding_is_quarantined_and_taken_when_the_connection_is_set_right(
    facility: Facility,
) -> None:
    raw = order().encode("euc_jp")
    told = answered(HOST, raw, NOW)
    support = a_person(Role.SUPPORT)
    window = signed_in(support)
    (kept,) = window.get("/api/v1/hl7/messages").json()["items"]

    connection(facility, encoding=TextEncoding.EUC_JP)
    again = window.post(f"/api/v1/hl7/messages/{kept['id']}/retry")
    twice = window.post(f"/api/v1/hl7/messages/{kept['id']}/retry")
    resent = answered(HOST, raw, NOW)

    assert told is not None
    assert b"|AE|" in told
    assert kept["code"] == "hl7.text"
    assert again.json()["state"] == "taken"
    assert twice.status_code == 409
    assert resent is not None
    assert b"|AA|" in resent
    assert requests() == [("accepted", 1, "胸部CT")]


def test_what_was_done_otherwise_is_ended_with_a_reason(facility: Facility) -> None:
    send("garbage")
    window = signed_in(a_person(Role.SUPPORT))
    (kept,) = window.get("/api/v1/hl7/messages").json()["items"]
    path = f"/api/v1/hl7/messages/{kept['id']}/dismiss"

    without = window.post(path, {"reason": " "}, content_type=JSON)
    ended = window.post(path, {"reason": "接続試験の電文"}, content_type=JSON)

    assert without.status_code == 409
    assert ended.json()["state"] == "dismissed"
    assert window.get("/api/v1/hl7/messages").json()["items"] == []
    assert code_of(send("garbage")) == "AA"


def test_whoever_looks_at_a_message_leaves_a_trace(facility: Facility) -> None:
    send(order(pid=""))
    window = signed_in(a_person(Role.SUPPORT))
    (kept,) = window.get("/api/v1/hl7/messages").json()["items"]

    text = window.get(f"/api/v1/hl7/messages/{kept['id']}/text").json()["text"]

    assert "山田^ソポタミ" in text
    with at_large():
        assert Entry.objects.filter(event="hl7.opened").count() == 1


@pytest.mark.parametrize("role", [Role.TECHNOLOGIST, Role.REQUESTER, Role.READER, Role.ADMINISTRATOR])
def test_messages_are_for_support(facility: Facility, role: Role) -> None:
    send("garbage")
    window: Client = signed_in(person_of(role, facility))
    with at_large():
        row = Hl7Message.objects.get()

    answers = [
        window.get("/api/v1/hl7/messages"),
        window.get(f"/api/v1/hl7/messages/{row.pk}/text"),
        window.post(f"/api/v1/hl7/messages/{row.pk}/retry"),
        window.post(f"/api/v1/hl7/messages/{row.pk}/dismiss", {"reason": "x"}, content_type=JSON),
    ]

    assert [one.status_code for one in answers] == [403] * 4


def person_of(role: Role, facility: Facility) -> Person:
    return a_person(role) if role is Role.ADMINISTRATOR else a_person(role, facility)


def test_strangers_and_unknown_applications_are_turned_away_and_noted(facility: Facility) -> None:
    connection(facility, application="RIS2")

    stranger = send(order(), host="192.0.2.99")
    other = send(order().replace("|RIS|", "|ELSE|"))

    assert [code_of(stranger), code_of(other)] == ["AR", "AR"]
    assert requests() == []
    with at_large():
        assert Entry.objects.filter(event="act.denied").count() == 2


def test_two_systems_behind_one_address_are_told_by_what_they_name(facility: Facility) -> None:
    elsewhere = a_facility("midori")
    connection(elsewhere, name="midori", application="RIS2")

    send(order())
    send(order(number="B1").replace("|RIS|", "|RIS2|"))

    with at_large():
        assert sorted(Request.objects.values_list("facility_id", flat=True)) == sorted(
            [facility.pk, elsewhere.pk]
        )


def test_what_was_received_never_changes_and_a_neighbour_never_sees_it(facility: Facility) -> None:
    send(order())
    elsewhere = a_facility("midori")

    with pytest.raises(DatabaseError, match="never changes"), at_large(), transaction.atomic():
        Hl7Message.objects.update(raw=b"x")
    with pytest.raises(DatabaseError, match="deleted"), at_large(), transaction.atomic():
        Hl7Message.objects.all().delete()
    with scope([elsewhere.pk]):
        assert not Hl7Message.objects.exists()
        assert not Hl7Connection.objects.exists()


def test_a_message_whose_database_is_away_is_not_answered(
    facility: Facility, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import OperationalError

    def away(*_: Any, **__: Any) -> Any:
        raise OperationalError("the connection is lost")

    with monkeypatch.context() as patch:
        patch.setattr(queries, "connections_from", away)
        assert answered(HOST, order().encode("cp932"), NOW) is None

    assert code_of(send(order())) == "AA"


def test_an_administrator_sets_up_connections_and_sees_what_came_over_them(facility: Facility) -> None:
    admin = signed_in(a_person(Role.ADMINISTRATOR))
    path = f"/api/v1/facilities/{facility.pk}/hl7-connections"
    said = {"name": "ris", "peer_host": HOST, "encoding": "shift_jis", "accession": "placer"}

    made = admin.post(path, said, content_type=JSON).json()
    send(order(text="胸部CT"))
    send("MSH|broken")
    heard = admin.get(path).json()
    changed = admin.post(path, {**said, "application": "RIS", "encoding": "utf-8"}, content_type=JSON).json()

    assert (made[0]["name"], made[0]["last_at"], made[0]["waiting"]) == ("ris", None, 0)
    assert (heard[0]["last_at"] is not None, heard[0]["waiting"]) == (True, 1)
    assert [(one["id"], one["application"], one["encoding"]) for one in changed] == [
        (made[0]["id"], "RIS", "utf-8")
    ]
    assert admin.delete(f"{path}/{made[0]['id']}").status_code == 204
    assert admin.get(path).json() == []
    assert answered(HOST, order(number="Z9").encode(), NOW) is not None
    assert requests() == [("accepted", 1, "胸部CT")]  # what came after it was removed was turned away
    assert admin.delete(f"{path}/{made[0]['id']}").status_code == 404


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"name": "other"}, 409, "hl7.address_taken"),
        ({"peer_host": "ris.example"}, 422, "hl7.bad_connection"),
        ({"name": "名前"}, 422, "hl7.bad_connection"),
        ({"encoding": "latin-1"}, 422, None),
    ],
)
def test_what_no_connection_can_be_is_refused(
    facility: Facility, change: dict[str, str], status: int, code: str | None
) -> None:
    admin = signed_in(a_person(Role.ADMINISTRATOR))
    path = f"/api/v1/facilities/{facility.pk}/hl7-connections"
    said = {"name": "ris", "peer_host": HOST, "encoding": "shift_jis"}
    assert admin.post(path, said, content_type=JSON).status_code == 200

    refused = admin.post(path, {**said, **change}, content_type=JSON)

    assert refused.status_code == status
    assert code is None or refused.json()["code"] == code
    assert len(admin.get(path).json()) == 1


def test_a_connection_never_goes_over_to_another_facility(facility: Facility) -> None:
    admin = signed_in(a_person(Role.ADMINISTRATOR))
    said = {"name": "ris", "peer_host": HOST, "encoding": "shift_jis"}
    assert (
        admin.post(f"/api/v1/facilities/{facility.pk}/hl7-connections", said, content_type=JSON).status_code
        == 200
    )
    other = a_facility("midori")

    refused = admin.post(
        f"/api/v1/facilities/{other.pk}/hl7-connections",
        {**said, "peer_host": "192.0.2.8"},
        content_type=JSON,
    )
    stranger = signed_in(a_person(Role.SUPPORT)).post(
        f"/api/v1/facilities/{facility.pk}/hl7-connections", said, content_type=JSON
    )

    assert (refused.status_code, refused.json()["code"]) == (409, "hl7.name_taken")
    assert stranger.status_code == 403
    with at_large():
        assert Hl7Connection.objects.get().facility_id == facility.pk
