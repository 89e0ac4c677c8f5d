"""The nightly reconciliation through its doors: what it finds, who may do what, and that it cannot be changed."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from dokuei.audit.models import Entry
from dokuei.imaging import services as imaging
from dokuei.imaging.models import Study
from dokuei.intake import services as intake
from dokuei.intake.services import Order, StatedPatient
from dokuei.kit.db import scope
from dokuei.reconciliation import queries, services
from dokuei.reconciliation.models import Certificate, Night
from tests.builders import (
    NOW,
    a_sent_request,
    actor,
    at_large,
    content,
    ct_instance,
    run_due,
    run_jobs,
)
from tests.journeys.houses import LATER, SYSTEM, House, a_house, fresh_study, quiet

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def house() -> House:
    return a_house()


# ── what is found ───────────────────────────────────────────────────────────────────────────────


def test_a_house_in_order_has_an_empty_list(house: House) -> None:
    a_sent_request(house.people["requester"], fresh_study(house.facility))
    run_jobs()

    assert house.kinds(NOW + timedelta(minutes=40)) == []


def test_a_study_nobody_asks_about_is_listed_after_its_grace_and_an_earlier_one_is_not(house: House) -> None:
    study = fresh_study(house.facility)
    with at_large():
        old = fresh_study(house.facility, patient_id="P2")
        Study.objects.filter(pk=old.pk).update(study_on="2024-03-01")

    assert house.kinds(NOW + timedelta(hours=11)) == []
    (found,) = house.look().open
    assert (found["kind"], found["object_id"], found["owner"]) == ("study_without_request", study.pk, "施設")
    assert found["patient_id"] == "P1"
    assert "山田" not in str(found)
    with at_large():
        assert queries.totals(house.facility.pk, NOW, LATER)["earlier_studies"] == 1


def test_a_draft_hides_no_study(house: House) -> None:
    study = fresh_study(house.facility)
    with at_large():
        intake.draft_request(
            actor(house.people["requester"]),
            facility_id=house.facility.pk,
            study_ids=[study.pk],
            content=content(),
            at=NOW,
        )

    assert house.kinds() == ["draft_left"]


def test_a_request_whose_images_never_came_is_listed_and_one_for_a_day_to_come_is_not(house: House) -> None:
    with at_large():
        for number, planned in (("1", NOW.date()), ("2", NOW.date() + timedelta(days=9))):
            order = Order(
                patient=StatedPatient(patient_id=f"Q{number}"),
                content=content(),
                exam_on=planned,
                source="ris",
                key=number,
            )
            intake.place_order(SYSTEM, facility_id=house.facility.pk, order=order, at=NOW)
    run_jobs()

    found = [
        one for one in house.look(NOW + timedelta(days=3)).open if one["kind"] == "request_without_study"
    ]

    assert [one["patient_id"] for one in found] == ["Q1"]


def test_a_reading_nobody_took_in_time_is_without_an_owner(house: House) -> None:
    a_sent_request(house.people["requester"], fresh_study(house.facility))
    run_jobs()

    (found,) = house.look().open

    assert (found["kind"], found["owner"]) == ("reading_without_owner", "サポート")
    assert "担当者なし" in found["detail"]


def test_a_request_whose_reading_was_never_opened_is_found(house: House) -> None:
    a_sent_request(house.people["requester"], fresh_study(house.facility))  # its job is not run

    assert house.kinds(NOW + timedelta(minutes=11)) == ["request_without_reading"]


def test_a_held_study_is_a_contradiction_once_and_leaves_when_it_is_resolved(house: House) -> None:
    study = fresh_study(house.facility)
    a_sent_request(house.people["requester"], study)
    run_jobs()
    with at_large():
        imaging.store_instance(
            SYSTEM,
            facility_id=house.facility.pk,
            content=ct_instance(study_uid=study.study_instance_uid, patient_id="P9", number=7),
            at=NOW,
        )
    run_jobs()
    soon = NOW + timedelta(minutes=20)

    (found,) = house.look(soon).open
    resolved = house.post("support", f"/studies/{study.pk}/resolve", {"reason": "施設に確認。技師の入力誤り"})
    run_jobs()

    assert (found["kind"], found["study_id"]) == ("contradiction", study.pk)
    assert resolved.status_code == 200
    assert house.kinds(soon) == []


def test_another_content_under_the_same_uid_stays_listed_until_somebody_says_which_is_right(
    house: House,
) -> None:
    study = fresh_study(house.facility, count=1)
    a_sent_request(house.people["requester"], study)
    run_jobs()
    with at_large():
        uid = study.instances.get().sop_instance_uid
        again = ct_instance(study_uid=study.study_instance_uid, sop_uid=uid, value=400)
        imaging.store_instance(SYSTEM, facility_id=house.facility.pk, content=again, at=NOW)
    run_jobs()
    (found,) = [one for one in house.look(NOW).open if one["kind"] == "quarantined"]

    given = house.explain(
        "support", kind="quarantined", object_id=found["object_id"], reason="先の画像が正しい"
    )

    assert given.status_code == 200, given.content
    assert "quarantined" not in house.kinds(NOW)
    assert house.look(NOW).explained[0]["reason"] == "先の画像が正しい"


def test_a_count_that_differs_is_explained_only_as_long_as_it_stays_the_same(house: House) -> None:
    study = fresh_study(house.facility, count=2)
    a_sent_request(house.people["requester"], study)
    run_jobs()
    with at_large():
        Study.objects.filter(pk=study.pk).update(expected_count=5, expected_from="manifest", expected_at=NOW)
    quiet(study)
    (found,) = [one for one in house.look().open if one["kind"] == "count_differs"]
    assert found["detail"] == "申告 5 枚、受信 2 枚"

    house.explain("technologist", kind="count_differs", object_id=study.pk, reason="3枚は撮り直しで削除")
    explained = house.kinds()
    with at_large():
        Study.objects.filter(pk=study.pk).update(expected_count=6)

    assert "count_differs" not in explained
    assert "count_differs" in house.kinds()


def test_a_neighbours_loose_ends_are_never_in_ones_own_list(house: House) -> None:
    fresh_study(house.elsewhere)

    assert house.kinds() == []


# ── certificates ────────────────────────────────────────────────────────────────────────────────


def test_each_night_makes_one_certificate_a_facility_and_a_new_facility_begins_by_itself(
    house: House,
) -> None:
    fresh_study(house.facility)
    with at_large():
        nights = dict(Night.objects.values_list("facility_id", "next_at"))
    assert set(nights) == {house.facility.pk, house.elsewhere.pk}
    tonight = max(nights.values()) + timedelta(days=1)

    run_due(tonight)
    run_due(tonight)

    with at_large():
        made = dict(Certificate.objects.values_list("facility_id", "loose_count"))
        assert made == {house.facility.pk: 1, house.elsewhere.pk: 0}
        assert all(night.next_at > tonight for night in Night.objects.all())


def test_certificates_are_chained_and_neither_they_nor_the_chain_can_be_changed(house: House) -> None:
    fresh_study(house.facility)
    first, second = house.make(), house.make(LATER + timedelta(days=1))

    assert second.previous == first.sha256
    assert house.make(LATER + timedelta(days=1)).pk == second.pk
    with at_large():
        assert queries.is_unaltered(house.facility.pk)
    with pytest.raises(DatabaseError, match="never changes"), at_large(), transaction.atomic():
        Certificate.objects.filter(pk=first.pk).update(loose_count=0)
    with pytest.raises(DatabaseError, match="none is deleted"), at_large(), transaction.atomic():
        Certificate.objects.filter(pk=first.pk).delete()


def test_a_facility_sees_a_certificate_when_it_was_sent_and_takes_it_once(house: House) -> None:
    certificate = house.make()
    path = f"/certificates/{certificate.pk}"
    unseen = house.get("technologist", f"{path}/document")

    sent = house.post("support", f"{path}/send")
    again = house.post("lead", f"{path}/send")
    page = house.get("technologist", f"{path}/document")
    taken = house.post("technologist", f"{path}/take")
    twice = house.post("requester", f"{path}/take")

    assert unseen.status_code == 404
    assert sent.status_code == 200
    assert again.status_code == 409
    assert page.status_code == 200
    assert page.content.startswith(b"%PDF")
    assert taken.json()["taken_by"] == "technologist 太郎"
    assert twice.status_code == 409
    with at_large():
        events = Entry.objects.filter(event__startswith="certificate.").values_list("event", flat=True)
        assert sorted(events) == [
            "certificate.made",
            "certificate.opened",
            "certificate.sent",
            "certificate.taken",
        ]


@pytest.mark.parametrize(
    ("who", "look", "send", "take", "explain"),
    [
        ("requester", 200, 403, 200, 200),
        ("technologist", 200, 403, 200, 200),
        ("support", 200, 409, 403, 200),
        ("lead", 200, 409, 403, 200),
        ("reader", 403, 403, 403, 403),
        ("administrator", 403, 403, 403, 403),
        ("stranger", 404, 403, 404, 404),
    ],
)
def test_who_may_do_what(house: House, who: str, look: int, send: int, take: int, explain: int) -> None:
    study = fresh_study(house.facility)
    quiet(study)
    certificate = house.make()
    assert house.post("support", f"/certificates/{certificate.pk}/send").status_code == 200

    answers = [
        house.get(who, f"/reconciliation?facility_id={house.facility.pk}"),
        house.post(who, f"/certificates/{certificate.pk}/send"),
        house.post(who, f"/certificates/{certificate.pk}/take"),
        house.explain(who, object_id=study.pk),
    ]

    assert [one.status_code for one in answers] == [look, send, take, explain]


@pytest.mark.parametrize(("who", "status"), [("support", 200), ("lead", 200), ("technologist", 403)])
def test_the_newest_certificate_of_every_facility_is_for_the_service(
    house: House, who: str, status: int
) -> None:
    fresh_study(house.facility)
    house.make()
    with at_large():
        services.make_certificate(SYSTEM, house.elsewhere.pk, at=LATER)

    answer = house.get(who, "/reconciliation/newest")

    assert answer.status_code == status
    if status == 200:
        assert [one["loose_count"] for one in answer.json()["items"]] == [1, 0]


def test_the_database_itself_shows_no_certificate_of_a_neighbour(house: House) -> None:
    house.make()

    with scope([house.elsewhere.pk]):
        assert not Certificate.objects.exists()
        assert set(Night.objects.values_list("facility_id", flat=True)) == {house.elsewhere.pk}
    with scope([house.facility.pk]):
        assert Certificate.objects.count() == 1
