"""Priors of other facilities through their doors: off by default, two identifiers, one way, gone when revoked."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from dokuei.audit.models import Entry
from dokuei.base.errors import NotFound
from dokuei.identity.access import Role
from dokuei.identity.models import Facility, Person
from dokuei.imaging.dicomweb import access
from dokuei.imaging.models import Study, StudyGrant
from dokuei.kit.db import scope
from dokuei.patients.models import Patient
from dokuei.priors.models import PatientLink
from dokuei.reporting import services as reporting
from dokuei.worklist import services as readings
from dokuei.worklist.models import Reading
from tests.builders import (
    NOW,
    a_facility,
    a_person,
    a_sent_request,
    a_study,
    actor,
    at_large,
    run_jobs,
    signed_in,
)
from tests.journeys.test_patient_doors import roles
from tests.journeys.test_races import together

pytestmark = pytest.mark.django_db(transaction=True)
JSON = "application/json"
WHY = "前医の画像と比較するため"
CONSENT = {
    "name": "山田 太郎",
    "birth_on": "1968-03-12",
    "basis": "consent",
    "consented_on": "2026-11-01",
    "consent_by": "加藤 健",
    "reason": WHY,
}


@dataclass
class Two:
    """Two facilities, one person at both, and a reading at the first whose reader knows nothing of the second."""

    here: Facility
    there: Facility
    windows: dict[str, Client]
    exam: Study
    earlier: Study
    reading: int

    def post(self, who: str, path: str, **body: Any) -> Any:
        return self.windows[who].post(f"/api/v1{path}", body, content_type=JSON)

    def switch(self, facility: Facility, *, is_on: bool = True) -> Any:
        return self.post(
            "administrator", f"/facilities/{facility.pk}/sharing", is_on=is_on, reason="契約による"
        )

    def seek(self, who: str = "support") -> Any:
        return self.post(who, f"/patients/{self.exam.patient_id}/elsewhere/seek")

    def confirm(self, who: str = "support", **change: Any) -> Any:
        body = {"other_id": self.earlier.patient_id, **CONSENT, **change}
        return self.post(who, f"/patients/{self.exam.patient_id}/elsewhere", **body)

    def claim(self) -> None:
        answer = self.post("reader", f"/readings/{self.reading}/claim")
        assert answer.status_code == 200

    def shown(self) -> list[str]:
        run_jobs()
        return roles(self.windows["reader"], self.reading)

    def may_see_pixels(self) -> bool:
        """What the door of pictures decides for the reader's own cookie, asked as it asks."""
        cookie = "; ".join(f"{key}={one.value}" for key, one in self.windows["reader"].cookies.items())
        try:
            access.view_of({"cookie": cookie}, self.there.code, self.earlier.study_instance_uid)
        except NotFound:
            return False
        return True


@pytest.fixture
def two() -> Two:
    here, there = a_facility(), a_facility("midori")
    roles_here = (Role.REQUESTER, Role.READER, Role.TECHNOLOGIST)
    people = {role.value: a_person(role, here) for role in roles_here}
    people |= {role.value: a_person(role) for role in (Role.SUPPORT, Role.LEAD, Role.ADMINISTRATOR)}
    earlier = a_study(there, patient_id="M9")
    exam = a_study(here)
    a_sent_request(people["requester"], exam)
    run_jobs()
    with at_large():
        reading = Reading.objects.get().pk
    windows = {name: signed_in(one) for name, one in people.items()}
    return Two(here, there, windows, exam, earlier, reading)


def both_on(two: Two) -> Two:
    for facility in (two.here, two.there):
        assert two.switch(facility).status_code == 200
    return two


def test_nothing_is_told_until_both_facilities_are_switched_on(two: Two) -> None:
    off = two.seek().json()["code"]
    two.switch(two.here)
    half = two.seek().json()["items"]
    refused = two.confirm().json()["code"]
    two.switch(two.there)

    assert (off, half, refused) == ("elsewhere.own_off", [], "elsewhere.other_off")
    found = two.seek().json()["items"]
    assert [(one["facility_name"], one["confidence"], one["study_count"]) for one in found] == [
        ("midori 病院", "high", 1)
    ]
    assert set(found[0]) == {"patient_id", "facility_name", "confidence", "reasons", "study_count"}


@pytest.mark.parametrize("who", ["lead", "administrator", "requester", "technologist", "reader"])
def test_only_support_looks_and_confirms(two: Two, who: str) -> None:
    both_on(two)

    assert (two.seek(who).status_code, two.confirm(who).status_code) == (403, 403)
    assert two.post(who, "/patient-links/1/revoke", reason=WHY).status_code == 403


def test_only_an_administrator_switches_a_facility_on(two: Two) -> None:
    for who in ("support", "lead", "requester", "reader"):
        answer = two.post(who, f"/facilities/{two.here.pk}/sharing", is_on=True, reason=WHY)
        assert answer.status_code == 403


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": "山田"}, "elsewhere.identifiers"),
        ({"birth_on": "1968-03-13"}, "elsewhere.identifiers"),
        ({"consent_by": ""}, "elsewhere.consent"),
        ({"basis": "emergency"}, "elsewhere.request"),
        ({"reason": " "}, "elsewhere.reason"),
    ],
)
def test_a_link_needs_two_identifiers_and_a_whole_legal_basis(
    two: Two, change: dict[str, str], code: str
) -> None:
    both_on(two)

    assert two.confirm(**change).json()["code"] == code
    with at_large():
        assert PatientLink.objects.count() == 0


def test_the_reader_sees_the_other_facilitys_study_until_it_is_revoked(two: Two) -> None:
    both_on(two)
    two.claim()
    assert (two.shown(), two.may_see_pixels()) == (["current"], False)

    link = two.confirm().json()["links"][0]

    assert (two.shown(), two.may_see_pixels()) == (["current", "prior"], True)
    items = two.windows["reader"].get(f"/api/v1/readings/{two.reading}/priors").json()["items"]
    assert [(one["elsewhere"], one["study_id"]) for one in items] == [("midori 病院", two.earlier.pk)]

    ended = two.post("support", f"/patient-links/{link['id']}/revoke", reason="同意の撤回")

    assert (ended.status_code, two.may_see_pixels()) == (200, False)
    assert two.shown() == ["current"]
    assert two.windows["reader"].get(f"/api/v1/readings/{two.reading}/priors").json()["items"] == []
    assert (
        two.post("support", f"/patient-links/{link['id']}/revoke", reason=WHY).json()["code"]
        == "elsewhere.ended"
    )


def test_the_other_facilitys_report_is_read_by_who_holds_the_reading_while_the_link_stands(two: Two) -> None:
    both_on(two)
    sign_elsewhere(two)
    link = two.confirm().json()["links"][0]["id"]
    assert reports(two) == []

    two.claim()
    told = reports(two)
    two.post("support", f"/patient-links/{link}/revoke", reason=WHY)

    assert [(one["elsewhere"], one["impression"]) for one in told] == [("midori 病院", "異常なし")]
    assert reports(two) == []


def sign_elsewhere(two: Two) -> None:
    """The earlier study was read and reported at its own facility, by a reader of that facility."""
    a_sent_request(a_person(Role.REQUESTER, two.there), two.earlier)
    run_jobs()
    reader = actor(a_person(Role.READER, two.there))
    with scope([two.there.pk]):
        reading = readings.claim_next(reader, at=NOW)
        report = reporting.report_of_reading(reader, reading.pk, at=NOW)
        reporting.save_draft(
            reader, report.pk, findings="異常なし", impression="異常なし", revision=0, at=NOW
        )
        reporting.sign_report(reader, report.pk, revision=1, overrides={}, at=NOW)


def reports(two: Two) -> list[dict[str, Any]]:
    return list(two.windows["reader"].get(f"/api/v1/readings/{two.reading}/prior-reports").json())


def test_what_a_link_shows_is_seen_only_by_who_holds_the_reading(two: Two) -> None:
    both_on(two)
    two.confirm()
    assert not two.may_see_pixels()

    two.claim()
    assert two.may_see_pixels()

    two.post("reader", f"/readings/{two.reading}/release", reason="交代")
    assert not two.may_see_pixels()


def test_what_the_other_facility_parts_is_shown_no_more(two: Two) -> None:
    both_on(two)
    another = a_study(two.there, patient_id="M10")
    support, paths = two.windows["support"], f"/patients/{two.earlier.patient_id}/merges"
    merged = two.post("support", paths, merged_id=another.patient_id, typed="M10", reason=WHY).json()
    two.claim()
    two.confirm()
    assert two.shown() == ["current", "prior", "prior"]

    two.post("support", f"/patients/merges/{merged['merges'][0]['id']}/undo", reason="別人でした")

    assert (two.shown(), support.get("/api/v1/patients").status_code) == (["current", "prior"], 200)
    with at_large():
        assert not StudyGrant.objects.filter(study=another, ended_at=None).exists()


def test_a_reader_of_both_facilities_loses_the_sight_at_once_too(two: Two) -> None:
    both_on(two)
    with at_large():
        Person.objects.get(roles=["reader"]).facilities.add(two.there)
    two.claim()
    link = two.confirm().json()["links"][0]["id"]
    run_jobs()
    assert two.may_see_pixels()

    two.post("support", f"/patient-links/{link}/revoke", reason=WHY)

    assert not two.may_see_pixels()


def test_both_facilities_find_every_act_in_their_trail(two: Two) -> None:
    both_on(two)
    two.seek()
    link = two.confirm().json()["links"][0]["id"]
    two.post("support", f"/patient-links/{link}/revoke", reason=WHY)

    with at_large():
        for facility, patient in ((two.here, two.exam.patient_id), (two.there, two.earlier.patient_id)):
            told = Entry.objects.filter(facility_id=facility.pk, patient_id=patient).order_by("at", "id")
            events = [one.event for one in told if one.event.startswith(("elsewhere", "patient_link"))]
            assert events == ["elsewhere.sought", "patient_link.confirmed", "patient_link.revoked"]


def test_a_facility_that_is_switched_off_ends_what_is_shown_at_once(two: Two) -> None:
    both_on(two)
    two.claim()
    two.confirm()
    assert two.shown() == ["current", "prior"]
    assert two.may_see_pixels()

    assert two.switch(two.there, is_on=False).status_code == 200

    assert (two.may_see_pixels(), two.shown()) == (False, ["current"])


def test_an_emergency_shows_to_its_own_request_only(two: Two) -> None:
    both_on(two)
    two.claim()
    with at_large():
        request = Reading.objects.get().request_id
    assert two.confirm(basis="emergency", request_id=request).status_code == 200
    assert two.shown() == ["current", "prior"]

    other = a_study(two.here)
    with at_large():
        asker = Person.objects.get(roles=["requester"])
    a_sent_request(asker, other)
    run_jobs()
    with at_large():
        second = Reading.objects.exclude(pk=two.reading).get().pk
    assert two.post("reader", f"/readings/{second}/claim").status_code == 200
    seen = two.windows["reader"].get(f"/api/v1/readings/{second}/images").json()["studies"]
    assert {one["study"]["facility"]["code"] for one in seen} == {"shirahama"}


def test_of_two_who_confirm_at_once_one_link_is_made(two: Two) -> None:
    both_on(two)

    codes = together(*[lambda: two.confirm().status_code] * 2)

    assert sorted(codes) == [200, 409]
    with at_large():
        assert PatientLink.objects.count() == 1


def test_a_link_is_seen_by_both_facilities_and_opens_no_row_of_the_other(two: Two) -> None:
    both_on(two)
    two.confirm()
    two.claim()

    for own, other in ((two.here, two.there), (two.there, two.here)):
        with transaction.atomic(), scope([own.pk]):
            assert PatientLink.objects.count() == 1
            assert not Patient.objects.filter(facility=other).exists()
            assert not StudyGrant.objects.filter(facility=other).exists()
    third = a_facility("third")
    with transaction.atomic(), scope([third.pk]):
        assert PatientLink.objects.count() == 0
