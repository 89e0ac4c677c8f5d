"""What support is shown of the store's room: in health, in the gauges, and on screen without looking for it."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from dokuei.hub import health
from dokuei.hub.metrics import REGISTRY
from dokuei.identity.access import Role, system_actor
from dokuei.imaging import services
from dokuei.imaging.room.rules import GIB, Look
from dokuei.imaging.tests.builders import AT
from dokuei.kit import due
from tests.builders import a_person, signed_in

pytestmark = pytest.mark.django_db(transaction=True)
WATCHER = system_actor("room")
SECOND = timedelta(seconds=1)
PLENTY, LOW, NONE = Look(50 * GIB, True), Look(5 * GIB, True), Look(GIB // 2, True)


def note(*looks: Look) -> None:
    for number, look in enumerate(looks):
        services.note_room(WATCHER, look, at=AT + number * SECOND)


def check(name: str, at: datetime = AT) -> health.Check:
    return {one.name: one for one in health.checks(at)}[name]


def test_health_says_what_is_free_and_since_when_and_is_not_vital() -> None:
    before = check("room")
    note(PLENTY, NONE)
    refusing = check("room")
    later = check("room", AT + timedelta(minutes=5))

    assert "監視が止まっています" in before.sentence
    assert (refusing.ok, refusing.is_vital) == (False, False)
    assert "0.5 GiB" in refusing.sentence
    assert "2026-11-22 11:00" in refusing.sentence
    assert "監視が止まっています" in later.sentence
    note(PLENTY)
    services.note_room(WATCHER, PLENTY, at=AT + 9 * SECOND)
    assert check("room").ok


def test_the_gauges_say_what_is_free_and_whether_images_are_turned_away() -> None:
    def gauges() -> list[float | None]:
        names = ("free_bytes", "low", "refusing")
        return [REGISTRY.get_sample_value(f"dokuei_store_{name}") for name in names]

    note(LOW)
    low = gauges()
    services.note_room(WATCHER, NONE, at=AT + SECOND)

    assert low == [5.0 * GIB, 1.0, 0.0]
    assert gauges() == [GIB / 2, 1.0, 1.0]


@pytest.mark.parametrize(("name", "check_name", "word"), [("dimse", "dicom", "DICOM"), ("hl7", "hl7", "HL7")])
def test_a_listener_that_fell_silent_is_told_and_is_not_vital(
    name: str, check_name: str, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOKUEI_HL7", "127.0.0.1:2575")
    never = check(check_name)
    due.beat(name, AT)
    alive, silent = check(check_name), check(check_name, AT + timedelta(minutes=1))

    assert [one.ok for one in (never, alive, silent)] == [False, True, False]
    assert (word in silent.sentence, silent.is_vital) == (True, False)


def test_an_hl7_listener_that_is_not_wanted_is_not_missed() -> None:
    assert "hl7" not in {one.name for one in health.checks(AT)}


@pytest.mark.parametrize("role", list(Role))
def test_who_may_see_the_status_sees_the_alarm_and_nobody_else(role: Role) -> None:
    note(PLENTY, NONE)

    answer = signed_in(a_person(role)).get("/api/v1/alarms")

    if role in {Role.SUPPORT, Role.LEAD, Role.ADMINISTRATOR}:
        (alarm,) = answer.json()["items"]
        assert (alarm["code"], alarm["free_bytes"]) == ("store.refusing", GIB // 2)
        assert alarm["since"].startswith("2026-11-22T02:00:01")
    else:
        assert answer.status_code == 403


def test_without_an_alarm_there_is_nothing_to_see() -> None:
    desk = signed_in(a_person(Role.SUPPORT))
    assert desk.get("/api/v1/alarms").json() == {"items": []}

    note(PLENTY)

    assert desk.get("/api/v1/alarms").json() == {"items": []}
    assert Client().get("/api/v1/alarms").status_code == 401
