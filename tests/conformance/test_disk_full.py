"""A full disk, under the images and under the database, each alone: nothing is lost, and it goes on by itself."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from dokuei.audit.models import Entry
from dokuei.identity.access import Role
from dokuei.imaging.dimse import Listener
from dokuei.imaging.handlers import look_at_room
from dokuei.imaging.models import Instance
from dokuei.imaging.room.rules import GIB
from dokuei.kit import store
from dokuei.kit.db import system_scope
from tests.builders import a_person, signed_in
from tests.conformance.conftest import a_device, wait_until
from tests.conformance.sending import (
    a_file,
    everything_kept_is_whole,
    send,
)

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def full_database() -> Iterator[None]:
    """PostgreSQL answers each new image with the error of a full disk (SQLSTATE 53100)."""
    with psycopg.connect(os.environ["DOKUEI_TEST_SUPERUSER"], autocommit=True) as connection:
        connection.execute(
            "create function test_disk_full() returns trigger language plpgsql as "
            "$$ begin raise exception 'No space left on device' using errcode = '53100'; end $$"
        )
        connection.execute(
            "create trigger test_disk_full before insert on imaging_instance"
            " for each row execute function test_disk_full()"
        )
        try:
            yield
        finally:
            connection.execute("drop function test_disk_full cascade")


def sent_alone(listener: Listener, folder: Path, name: str) -> str:
    """The answer to one image, without waiting until it is listed."""
    from dokuei.gateway.c_store import send_dimse

    codes: list[str] = []
    address = f"DOKUEI@127.0.0.1:{listener.port}"
    send_dimse([a_file(folder, name)], address, "MODALITY", lambda one: codes.append(one.code))
    return codes[0]


def test_while_the_databases_disk_is_full_images_are_turned_away_and_none_is_lost(
    listener: Listener, tmp_path: Path
) -> None:
    a_device("MODALITY")
    with full_database():
        first = sent_alone(listener, tmp_path, "first.dcm")
        wait_until(lambda: sent_alone(listener, tmp_path, "more.dcm") == "status.A700")
        with system_scope("test"):
            assert not Instance.objects.exists()

    assert first == ""
    wait_until(listener.lister.is_idle)
    assert set(send(listener, [a_file(tmp_path, "after.dcm")]).values()) == {""}
    with system_scope("test"):
        assert Instance.objects.count() >= 2
    assert everything_kept_is_whole() >= 2


def test_while_the_images_disk_is_full_images_are_turned_away_and_then_it_goes_on(
    listener: Listener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_device("MODALITY")
    kept = a_file(tmp_path, "kept.dcm")
    assert send(listener, [kept]) == {"kept.dcm": ""}
    real = os.pwritev

    def full(file: int, parts: list[memoryview], at: int) -> int:
        if sum(map(len, parts)) > 1000:
            real(file, [one[: len(one) // 3] for one in parts], at)
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(file, parts, at)

    with monkeypatch.context() as disk:
        disk.setattr("os.pwritev", full)
        refused = send(listener, [a_file(tmp_path, "refused.dcm")])

    assert refused == {"refused.dcm": "status.A700"}
    assert send(listener, [a_file(tmp_path, "after.dcm")]) == {"after.dcm": ""}
    assert everything_kept_is_whole() == 2


def test_below_the_watermark_images_are_turned_away_support_is_told_once_and_then_it_goes_on(
    listener: Listener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_device("MODALITY")
    desk, start = signed_in(a_person(Role.SUPPORT)), datetime.now(UTC)
    free = {"bytes": 50 * GIB}
    monkeypatch.setattr(store.FileStore, "free_bytes", lambda _: free["bytes"])

    def alarms(seconds: int) -> list[str]:
        look_at_room(start + timedelta(seconds=seconds))
        return [one["code"] for one in desk.get("/api/v1/alarms").json()["items"]]

    assert alarms(0) == []
    free["bytes"] = 5 * GIB
    assert alarms(10) == ["store.low"]
    assert send(listener, [a_file(tmp_path, "low.dcm")]) == {"low.dcm": ""}
    free["bytes"] = GIB - 1
    refused = send(listener, [a_file(tmp_path, f"{number}.dcm") for number in range(5)])
    assert set(refused.values()) == {"status.A700"}
    assert alarms(20) == alarms(30) == ["store.refusing"]
    free["bytes"] = 50 * GIB
    assert send(listener, [a_file(tmp_path, "after.dcm")]) == {"after.dcm": ""}
    assert alarms(40) == []

    with system_scope("test"):
        told = Entry.objects.filter(event__startswith="store.").order_by("link__seq")
        assert list(told.values_list("event", flat=True)) == [
            "store.ran_low",
            "store.refusing",
            "store.room_back",
        ]
    assert everything_kept_is_whole() == 2
