"""An acknowledged instance the database will not take: the others go on, support sees it, and it is not lost."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connections
from django.test import Client
from psycopg import sql

from dokuei.dicom.read import read_meta
from dokuei.gateway.c_store import send_dimse
from dokuei.gateway.items import Item
from dokuei.hub import health
from dokuei.hub.metrics import REGISTRY
from dokuei.identity.access import Actor, Permission, Role
from dokuei.imaging.archive import recovery
from dokuei.imaging.archive.keeping import keep_instance, segments
from dokuei.imaging.dimse import Listener
from dokuei.imaging.models import Segment
from dokuei.imaging.tests.builders import a_facility, a_token, an_instance, as_file, as_multipart, ask
from dokuei.imaging.unlisted.again import retry_open
from dokuei.imaging.unlisted.models import Unlisted
from dokuei.kit import store
from dokuei.kit.db import system_scope
from tests.builders import a_person, signed_in
from tests.conformance.conftest import a_device, address, wait_until, with_dicom
from tests.conformance.sending import a_file, everything_kept_is_whole, listed, send
from tests.conformance.test_disk_full import full_database
from tests.server import free_port

pytestmark = pytest.mark.django_db(transaction=True)
POISONOUS = pytest.mark.parametrize(
    "state", ["54000", "22003", "23514", "P0001", "XX000"], ids=lambda one: f"SQLSTATE {one}"
)


@contextmanager
def refused(uid: str, state: str = "54000") -> Iterator[None]:
    """PostgreSQL answers this one image with an error."""
    with psycopg.connect(os.environ["DOKUEI_TEST_SUPERUSER"], autocommit=True) as connection:
        connection.execute(
            sql.SQL(
                "create function test_refused() returns trigger language plpgsql as $$ begin"
                " if new.sop_instance_uid = {} then raise exception 'refused' using errcode = {}; end if;"
                " return new; end $$"
            ).format(uid, state)
        )
        connection.execute(
            "create trigger test_refused before insert on imaging_instance"
            " for each row execute function test_refused()"
        )
        try:
            yield
        finally:
            connection.execute("drop function test_refused cascade")


def send_together(listener: Listener, items: list[Item]) -> set[str]:
    """All over one association; the codes that were answered."""
    codes: set[str] = set()
    send_dimse(items, address(listener), "MODALITY", lambda one: codes.add(one.code))
    return codes


def rows() -> list[Unlisted]:
    with system_scope("test"):
        return list(Unlisted.objects.order_by("pk"))


def events_of(row: Unlisted) -> list[str]:
    from dokuei.audit.models import Entry

    with system_scope("test"):
        found = Entry.objects.filter(object=f"unlisted:{row.pk}").order_by("link__seq")
        return list(found.values_list("event", flat=True))


def support() -> Client:
    return signed_in(a_person(Role.SUPPORT))


def metric(name: str) -> float | None:
    return REGISTRY.get_sample_value(name)


@POISONOUS
def test_one_image_the_database_refuses_is_handed_to_support_and_the_others_are_listed(
    listener: Listener, tmp_path: Path, state: str
) -> None:
    a_device("MODALITY")
    items = [a_file(tmp_path, f"{number}.dcm", StudyInstanceUID="2.25.9") for number in range(5)]
    poison = items[2].sop_instance_uid

    with refused(poison, state):
        assert send_together(listener, items) == {""}
        wait_until(listener.lister.is_idle)
        after = send(listener, [a_file(tmp_path, "after.dcm")])

    (row,) = rows()
    assert after == {"after.dcm": ""}
    assert {*listed(), poison} >= {one.sop_instance_uid for one in items}
    assert len(listed()) == 5
    assert (row.sop_instance_uid, row.code, row.listed_at) == (poison, f"sql.{state}", None)
    assert events_of(row) == ["instance.unlisted"]


def test_a_refused_image_behind_a_full_database_does_not_leave_the_listener_turning_all_away(
    listener: Listener, tmp_path: Path
) -> None:
    a_device("MODALITY")
    poison = a_file(tmp_path, "poison.dcm")
    with refused(poison.sop_instance_uid):
        with full_database():
            sent = send_together(listener, [poison])
            wait_until(lambda: listener.lister._is_without_database)
        wait_until(listener.lister.is_idle)

        assert sent == {""}
        assert send(listener, [a_file(tmp_path, "after.dcm")]) == {"after.dcm": ""}


def test_support_sees_it_and_has_it_listed_by_hand(listener: Listener, tmp_path: Path) -> None:
    a_device("MODALITY")
    poison = a_file(tmp_path, "poison.dcm")
    desk = support()
    with refused(poison.sop_instance_uid, "22003"):
        send(listener, [poison])
        (shown,) = desk.get("/api/v1/unlisted").json()["items"]
        again = desk.post(f"/api/v1/unlisted/{shown['id']}/retry").json()
        seen = {one.name: one for one in health.checks(datetime.now(UTC))}["unlisted"]
        counted = metric("dokuei_unlisted_instances")

    assert shown["sop_instance_uid"] == poison.sop_instance_uid
    assert "22003" in shown["sentence"]
    assert (again["listed_at"], again["tries"]) == (None, 2)
    assert (seen.ok, seen.is_vital, counted) == (False, False, 1.0)
    assert "1件" in seen.sentence
    done = desk.post(f"/api/v1/unlisted/{shown['id']}/retry").json()
    assert done["listed_at"] is not None
    assert set(listed()) == {poison.sop_instance_uid}
    assert desk.get("/api/v1/unlisted").json()["items"] == []
    assert metric("dokuei_unlisted_instances") == 0.0
    assert events_of(rows()[0]) == [
        "instance.unlisted",
        "listing.retried",
        "instance.listed",
        "listing.retried",
    ]
    assert everything_kept_is_whole() == 1


@pytest.mark.parametrize("role", [Role.REQUESTER, Role.TECHNOLOGIST, Role.READER, Role.ADMINISTRATOR])
def test_others_neither_see_nor_retry(role: Role) -> None:
    client = signed_in(a_person(role))

    assert client.get("/api/v1/unlisted").status_code == 403
    assert client.post("/api/v1/unlisted/1/retry").status_code == 403


def test_at_the_next_start_it_is_tried_again(tmp_path: Path) -> None:
    a_device("MODALITY")
    poison = a_file(tmp_path, "poison.dcm")
    first = Listener(with_dicom(free_port()))
    first.start()
    with refused(poison.sop_instance_uid):
        send(first, [poison])
        wait_until(lambda: len(rows()) == 1)
        first.stop()
    second = Listener(with_dicom(free_port()))

    second.start()

    wait_until(lambda: rows()[0].listed_at is not None)
    second.stop()
    assert set(listed()) == {poison.sop_instance_uid}


def test_sent_again_it_is_listed_and_its_row_ends(listener: Listener, tmp_path: Path) -> None:
    a_device("MODALITY")
    poison = a_file(tmp_path, "poison.dcm")
    with refused(poison.sop_instance_uid):
        send(listener, [poison])
        send(listener, [poison])
    (row,) = rows()
    assert (row.tries, row.listed_at) == (2, None)

    send(listener, [poison])

    (row,) = rows()
    assert row.listed_at is not None
    assert events_of(row) == ["instance.unlisted", "instance.listed"]


def a_sender(facility_id: int) -> Actor:
    return Actor(
        kind="machine",
        name="ae:MODALITY",
        permissions=frozenset({Permission.DICOM_STORE}),
        facilities=frozenset({facility_id}),
    )


def kept(facility_id: int, item: Item) -> Any:
    """As a listener leaves an image that is killed before it listed it."""
    content = item.path.read_bytes()
    body = memoryview(content)[read_meta(content).data_set_offset :]
    at = datetime.now(UTC)
    return keep_instance(
        a_sender(facility_id),
        facility_id=facility_id,
        content=body.tobytes(),
        at=at,
        transfer_syntax=item.transfer_syntax,
    )


def test_after_a_crash_what_cannot_be_listed_is_handed_to_support_and_does_not_hold_up_the_rest(
    tmp_path: Path,
) -> None:
    facility_id = a_device("MODALITY")
    items = [a_file(tmp_path, f"{number}.dcm") for number in range(3)]
    for one in items:
        kept(facility_id, one)
    segments().close()
    with refused(items[1].sop_instance_uid):
        found = recovery.look_through(store.default())
        again = recovery.look_through(store.default())
        retry_open(datetime.now(UTC), every=True)

    (row,) = rows()
    assert (found.listed, found.unlisted, found.failed, again.segments) == (2, 1, 0, 0)
    assert (row.sop_instance_uid, row.tries) == (items[1].sop_instance_uid, 2)
    with system_scope("test"):
        assert Segment.objects.count() == 1
    retry_open(datetime.now(UTC), every=False)
    assert rows()[0].listed_at is None, "it rests first"
    retry_open(datetime.now(UTC), every=True)
    assert set(listed()) == {one.sop_instance_uid for one in items}


def test_a_kept_image_that_is_damaged_before_it_is_listed_is_handed_to_support(
    listener: Listener, tmp_path: Path
) -> None:
    facility_id = a_device("MODALITY")
    item = a_file(tmp_path, "one.dcm")
    arrival = kept(facility_id, item)
    segments().close()
    place = store.default()
    assert isinstance(place, store.FileStore)
    path = place.path_of(arrival.place.key)
    data = bytearray(path.read_bytes())
    data[-9] ^= 1
    path.write_bytes(data)
    place.forget(arrival.place.key)

    found = recovery.look_through(place)
    retry_open(datetime.now(UTC), every=True)

    (row,) = rows()
    assert (found.damaged, found.listed) == (1, 0)
    assert row.code == "segment.differs"
    send(listener, [item])
    assert rows()[0].listed_at is not None
    assert everything_kept_is_whole() == 1


def test_two_who_retry_at_once_list_it_once(listener: Listener, tmp_path: Path) -> None:
    a_device("MODALITY")
    poison = a_file(tmp_path, "poison.dcm")
    with refused(poison.sop_instance_uid):
        send(listener, [poison])
    (row,) = rows()
    person = a_person(Role.SUPPORT)
    answers: list[int] = []

    def press(desk: Client) -> None:
        answers.append(desk.post(f"/api/v1/unlisted/{row.pk}/retry").status_code)
        connections.close_all()

    hands = [threading.Thread(target=press, args=(signed_in(person),)) for _ in range(4)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()

    assert set(answers) == {200}
    assert len(listed()) == 1
    assert events_of(row).count("instance.listed") == 1


@POISONOUS
def test_stow_answers_for_the_image_the_database_refuses_and_takes_the_others(state: str) -> None:
    token = a_token(a_facility())
    good, bad, other = (an_instance() for _ in range(3))
    body, kind = as_multipart(*map(as_file, (good, bad, other)))

    with refused(str(bad.SOPInstanceUID), state):
        reply = ask("/dicomweb/aoba/studies", token, method="POST", body=body, content_type=kind)

    assert reply.status == 202
    taken = [one["00081155"]["Value"][0] for one in reply.json["00081199"]["Value"]]
    assert taken == [good.SOPInstanceUID, other.SOPInstanceUID]
    (failed,) = reply.json["00081198"]["Value"]
    assert failed["00000902"]["Value"][0].startswith("instance.not_listed")
