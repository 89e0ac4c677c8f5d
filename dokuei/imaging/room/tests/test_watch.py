"""Each crossing of a level is told once, whoever sees it; support sees it without looking for it."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connections

from dokuei.audit.models import Entry
from dokuei.identity.access import system_actor
from dokuei.imaging import services
from dokuei.imaging.room import watch
from dokuei.imaging.room.models import StoreRoom
from dokuei.imaging.room.rules import GIB, Look
from dokuei.imaging.tests.builders import AT, everywhere
from dokuei.kit import store
from dokuei.kit.config import ConfigError, load_config

pytestmark = pytest.mark.django_db(transaction=True)
WATCHER = system_actor("room")
SECOND = timedelta(seconds=1)
PLENTY, LOW, NONE = Look(50 * GIB, True), Look(5 * GIB, True), Look(GIB // 2, True)


def told() -> list[str]:
    with everywhere():
        rows = Entry.objects.filter(object="storeroom:1").order_by("link__seq")
        return list(rows.values_list("event", flat=True))


def note(*looks: Look) -> None:
    for number, look in enumerate(looks):
        services.note_room(WATCHER, look, at=AT + number * SECOND)


def test_each_crossing_is_told_once_and_so_is_the_way_back() -> None:
    note(PLENTY, LOW, LOW, NONE, NONE, NONE, LOW, LOW, PLENTY, PLENTY)

    assert told() == ["store.ran_low", "store.refusing", "store.room_back", "store.room_back"]


def test_many_processes_that_see_the_same_tell_it_once() -> None:
    note(PLENTY)

    def see(number: int) -> None:
        services.note_room(WATCHER, NONE, at=AT + SECOND + timedelta(milliseconds=number))
        connections.close_all()

    seers = [threading.Thread(target=see, args=(number,)) for number in range(8)]
    for one in seers:
        one.start()
    for one in seers:
        one.join()

    assert told() == ["store.refusing"]


def test_what_was_seen_before_the_last_look_is_too_late_to_count() -> None:
    note(PLENTY, PLENTY)

    services.note_room(WATCHER, NONE, at=AT + SECOND / 2)

    assert told() == []


def test_one_look_in_a_few_seconds_is_enough_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store.FileStore, "free_bytes", lambda _: 5 * GIB)

    looked = [watch.look_if_due(AT + number * SECOND) for number in range(7)]

    assert looked == [True, False, False, False, False, True, False]
    assert told() == ["store.ran_low"]


def test_a_bucket_that_takes_nothing_is_an_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store.FileStore, "free_bytes", lambda _: None)
    monkeypatch.setattr(store.FileStore, "is_writable", lambda _: False)

    watch.look_if_due(AT)

    assert told() == ["store.refusing"]
    found = watch.room()
    assert found is not None
    assert "書き込めない" in found.sentence


def test_the_warning_is_always_above_where_images_are_turned_away(tmp_path: Any) -> None:
    def config(**values: int) -> Any:
        given = {f"DOKUEI_{name.upper()}": str(value) for name, value in values.items()}
        return load_config({"DOKUEI_DATA": str(tmp_path), **given})

    assert settings.DOKUEI.warn_below_bytes == 10 * GIB
    assert config(disk_low_bytes=20 * GIB).warn_below_bytes == 200 * GIB
    assert config(disk_warn_bytes=2 * GIB).warn_below_bytes == 2 * GIB
    with pytest.raises(ConfigError, match=r"disk_warn_bytes: .*larger than disk_low_bytes"):
        config(disk_warn_bytes=GIB, disk_low_bytes=GIB)


def test_there_is_one_row() -> None:
    note(PLENTY, NONE)

    assert StoreRoom.objects.count() == 1
