"""Looking for the images of a request by hand: what is found by which words, by whom, and what may be done with it."""

from datetime import date
from typing import Any

import pytest

from dokuei.audit.models import Entry
from dokuei.identity.access import Role
from dokuei.imaging.models import Study
from dokuei.intake.linking.models import LinkCase
from dokuei.intake.models import Request
from dokuei.patients.models import Patient
from tests.builders import a_facility, a_person, a_study, at_large, run_jobs, signed_in
from tests.journeys.test_order_doors import an_order, place
from tests.journeys.test_resolution_doors import CONTRADICTING, POSSIBLE, Desk, a_desk

pytestmark = pytest.mark.django_db(transaction=True)


def search(desk: Desk, who: str, words: str) -> Any:
    return desk.get(who, f"/{desk.case().pk}/studies?q={words}")


@pytest.mark.parametrize(
    "words",
    ["P1", "山田", "ヤマダ", "やまだ たろう", "ﾔﾏﾀﾞ", "A1", "2026-11-22", "2026/11/22", "20261122"],
)
def test_a_person_finds_a_study_by_whatever_is_known_of_it(words: str) -> None:
    desk = a_desk(**POSSIBLE)

    (found,) = search(desk, "support", words).json()["items"]

    assert (found["study_id"], "link" in found["acts"]) == (desk.study.pk, True)
    assert found["study"]["study_instance_uid"] == desk.study.study_instance_uid


@pytest.mark.parametrize("words", ["P43", "佐藤", "2026-11-23", "2026-13-45", "%", "_"])
def test_what_says_none_of_the_words_is_not_found(words: str) -> None:
    assert search(a_desk(**POSSIBLE), "support", words).json()["items"] == []


def test_what_was_found_is_linked_under_the_rules_of_every_link() -> None:
    desk = a_desk(**CONTRADICTING)
    (found,) = search(desk, "support", "P1").json()["items"]

    refused = desk.act("support", "link", reason=" ")

    assert (found["holds"], found["needs_reason"]) == (True, True)
    assert (refused.status_code, refused.json()["code"]) == (409, "resolution.reason")
    assert search(desk, "technologist", "P1").json()["items"][0]["acts"] == []
    assert desk.act("support", "link").status_code == 200
    assert search(desk, "support", "P1").json()["items"] == []  # it has its request now


@pytest.mark.parametrize(("who", "status"), [("reader", 403), ("administrator", 403), ("stranger", 404)])
def test_nobody_searches_another_facilitys_studies(who: str, status: int) -> None:
    desk = a_desk(**POSSIBLE)
    a_study(desk.facility, patient_id="P77")

    assert search(desk, who, "P77").status_code == status


def test_a_request_the_rules_are_silent_about_gets_its_case_when_a_person_wants_to_look() -> None:
    facility = a_facility()
    support = signed_in(a_person(Role.SUPPORT))
    place(facility, an_order(**POSSIBLE))
    with at_large():
        request = Request.objects.get().pk
        assert not LinkCase.objects.exists()
    study = a_study(facility, patient_id="P900", name="Mori^Hanako=森^花子=もり^はなこ")
    with at_large():
        Study.objects.filter(pk=study.pk).update(study_on=date(2020, 1, 1))
        Patient.objects.filter(pk=study.patient_id).update(birth_date=date(1980, 1, 1))
    run_jobs()

    begun = support.post(f"/api/v1/requests/{request}/resolution").json()
    again = support.post(f"/api/v1/requests/{request}/resolution").json()
    (found,) = support.get(f"/api/v1/resolution/{begun['id']}/studies?q=森").json()["items"]

    assert (begun["state"], begun["id"], begun["pairs"]) == ("closed", again["id"], [])
    assert found["study_id"] == study.pk
    with at_large():
        assert Entry.objects.filter(event="linkcase.begun").count() == 1
