"""Patients through their doors: who may mend them, what follows, what comes back, and two people at once."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from dokuei.audit.models import Entry
from dokuei.identity.access import Role
from dokuei.identity.models import Facility, Person
from dokuei.imaging.models import Instance, Study
from dokuei.kit.db import scope
from dokuei.patients import queries as patients
from dokuei.patients import services
from dokuei.patients.models import Correction, Patient, PatientMerge
from dokuei.reconciliation import queries as reconciliation
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
from tests.journeys.test_order_doors import an_order, place
from tests.journeys.test_races import together

pytestmark = pytest.mark.django_db(transaction=True)
JSON = "application/json"
WHY = "保険証で確認しました"
JIRO = "Yamada^Jirou=山田^次郎=やまだ^じろう"
ROLES = ("support", "lead", "technologist", "requester", "reader", "administrator")
MENDERS = {"support", "lead"}


@dataclass
class Office:
    """A facility, another one, and everybody who might touch its patients."""

    facility: Facility
    elsewhere: Facility
    people: dict[str, Person]
    windows: dict[str, Client]

    def get(self, who: str, path: str) -> Any:
        return self.windows[who].get(f"/api/v1{path}")

    def post(self, who: str, path: str, **body: Any) -> Any:
        return self.windows[who].post(f"/api/v1/patients{path}", body, content_type=JSON)

    def page(self, key: int, who: str = "support") -> dict[str, Any]:
        return dict(self.get(who, f"/patients/{key}").json())

    def correct(
        self, key: int, who: str = "support", seen: dict[str, Any] | None = None, **wanted: Any
    ) -> Any:
        held = seen or self.page(key)["held"]
        groups = {one: held[one] for one in ("name_kanji", "name_kana", "name_romaji", "birth_date", "sex")}
        return self.post(who, f"/{key}/corrections", **{"seen": held, "reason": WHY, **groups, **wanted})

    def merge(self, survivor: int, merged: int, who: str = "support", typed: str = "") -> Any:
        typed = typed or the(merged).patient_id or the(survivor).patient_id
        return self.post(who, f"/{survivor}/merges", merged_id=merged, typed=typed, reason=WHY)


@pytest.fixture
def office() -> Office:
    facility, elsewhere = a_facility(), a_facility("midori")
    people = {role: a_person(Role(role), *([] if role in MENDERS else [facility])) for role in ROLES}
    people["support2"] = a_person(Role.SUPPORT, email="support2@test.test")
    return Office(facility, elsewhere, people, {name: signed_in(one) for name, one in people.items()})


def the(key: int) -> Patient:
    with at_large():
        return Patient.objects.get(pk=key)


def family(key: int) -> list[int]:
    with at_large():
        return sorted(patients.family_of(key))


def a_patient(office: Office, patient_id: str, **header: Any) -> int:
    return a_study(office.facility, patient_id=patient_id, **header).patient_id


def receipt(study: Study) -> str:
    run_jobs()
    with at_large():
        return Study.objects.get(pk=study.pk).receipt


def a_held_study(office: Office, patient_id: str = "P1") -> Study:
    """A study that was sent after somebody stated another name for its ID."""
    place(
        office.facility, an_order(patient={"patient_id": patient_id, "name_kanji": "山田 花子", "sex": "F"})
    )
    study = a_study(office.facility, patient_id=patient_id)
    assert receipt(study) == "held"
    return study


@pytest.mark.parametrize("words", ["P1", "Ｐ１", "山田", "やまだ", "ﾔﾏﾀﾞ", "yamada"])
def test_a_patient_is_found_however_they_are_typed(office: Office, words: str) -> None:
    key = a_patient(office, "P1")

    found = office.windows["support"].get("/api/v1/patients", {"q": words}).json()["items"]

    assert [one["id"] for one in found] == [key]


@pytest.mark.parametrize("who", ROLES)
def test_only_support_and_the_lead_see_and_mend_patients(office: Office, who: str) -> None:
    key, other = a_patient(office, "P1"), a_patient(office, "P2")
    expected = 200 if who in MENDERS else 403

    answers = [
        office.get(who, "/patients"),
        office.get(who, f"/patients/{key}"),
        office.correct(key, who, name_kanji="山田 次郎"),
        office.merge(key, other, who),
    ]

    assert [one.status_code for one in answers] == [expected] * 4


def test_a_correction_is_made_once_and_comes_back_exactly(office: Office) -> None:
    key = a_patient(office, "P1")
    seen = office.page(key)["held"]

    made = office.correct(key, name_kanji="山田　次郎", name_kana="ﾔﾏﾀﾞ ｼﾞﾛｳ", birth_date="1970-03-12").json()
    late = office.correct(key, seen=seen, sex="F")

    assert (made["held"]["name_kanji"], made["held"]["name_kana"]) == ("山田 次郎", "ヤマダ ジロウ")
    assert (made["patient"]["birth_date"], late.json()["code"]) == ("1970-03-12", "correction.stale")
    act = made["corrections"][0]
    assert (act["before"], act["reason"], act["made_by_name"]) == (seen, WHY, "support 太郎")
    assert made["sightings"][0]["contradicts_now"] == ["氏名", "生年月日"]

    undone = office.post("lead", f"/corrections/{act['id']}/undo", reason="誤りでした").json()

    assert undone["held"] == seen
    assert (undone["corrections"][0]["undone_by_name"], undone["acts"]) == ("lead 太郎", ["correct", "merge"])
    told = [one["sentence"] for one in undone["history"]]
    assert told[:2] == ["患者情報の訂正を取り消しました", "患者情報を訂正しました"]


def test_corrections_are_taken_back_newest_first_and_never_without_a_reason(office: Office) -> None:
    key = a_patient(office, "P1")
    first = office.correct(key, name_kanji="山田 次郎").json()["corrections"][0]["id"]
    second = office.correct(key, sex="F").json()["corrections"][0]["id"]

    codes = [
        office.post("support", f"/corrections/{first}/undo", reason=WHY).json()["code"],
        office.post("support", f"/corrections/{second}/undo", reason=" ").json()["code"],
    ]

    assert codes == ["correction.not_last", "correction.reason"]
    assert office.post("support", f"/corrections/{second}/undo", reason=WHY).status_code == 200
    assert office.post("support", f"/corrections/{first}/undo", reason=WHY).status_code == 200
    assert (
        office.post("support", f"/corrections/{first}/undo", reason=WHY).json()["code"] == "correction.undone"
    )


def test_what_a_wrong_statement_held_goes_on_when_the_patient_is_put_right(office: Office) -> None:
    study = a_held_study(office)
    with at_large():
        bytes_before = list(Instance.objects.order_by("pk").values_list("sha256", flat=True))

    done = office.correct(study.patient_id, name_kanji="山田 太郎", name_kana="やまだ たろう", sex="M")

    assert done.status_code == 200
    assert receipt(study) == "settled"
    assert receipt(a_study(office.facility, patient_id="P1")) == "settled"
    with at_large():
        assert list(Instance.objects.order_by("pk").values_list("sha256", flat=True))[:2] == bytes_before

    act = done.json()["corrections"][0]["id"]
    assert office.post("support", f"/corrections/{act}/undo", reason=WHY).status_code == 200
    assert receipt(study) == "held"


def test_a_merge_needs_the_id_of_who_disappears_and_a_reason(office: Office) -> None:
    key, other = a_patient(office, "P1"), a_patient(office, "P2")

    wrong = office.merge(key, other, typed="P1")
    mute = office.post("support", f"/{key}/merges", merged_id=other, typed="P2", reason="")

    assert (wrong.json()["code"], mute.json()["code"]) == ("merge.typed", "merge.reason")
    assert family(key) == [key]


def test_a_merged_family_is_found_by_either_id_and_taken_back_exactly(office: Office) -> None:
    key, other = a_patient(office, "P1"), a_patient(office, "P2")

    page = office.merge(key, other).json()

    assert ([one["id"] for one in page["family"]], page["merges"][0]["state"]) == ([key, other], "made")
    assert (found(office, "P1"), found(office, "P2")) == (2, 2)
    for row in (key, other):
        assert office.get("support", f"/patients/{row}/studies").json()["total"] == 2
    late = a_study(office.facility, patient_id="P2")
    assert (late.patient_id, receipt(late), found(office, "P1")) == (other, "settled", 3)

    undone = office.post("lead", f"/merges/{page['merges'][0]['id']}/undo", reason="別人でした").json()

    assert [one["id"] for one in undone["family"]] == [key]
    assert (found(office, "P1"), found(office, "P2"), the(other).merged_into_id) == (1, 2, None)
    with at_large():
        events = [one.event for one in Entry.objects.filter(patient_id=other).order_by("at", "id")]
    assert [one for one in events if one.startswith("merge")] == ["merge.made", "merge.undone"]


def found(office: Office, patient_id: str) -> int:
    """How many studies the list of arrivals names under an ID."""
    answer = office.windows["support"].get("/api/v1/studies", {"q": patient_id}).json()
    return int(answer["total"])


def test_a_reader_sees_the_familys_studies_as_priors_until_the_merge_is_taken_back(office: Office) -> None:
    a_study(office.facility, patient_id="P2")
    with at_large():
        other = Patient.objects.get(patient_id="P2").pk
    exam = a_study(office.facility, patient_id="P1")
    a_sent_request(office.people["requester"], exam)
    run_jobs()
    with at_large():
        reading = Reading.objects.get().pk
    reader = office.windows["reader"]
    assert reader.post(f"/api/v1/readings/{reading}/claim", content_type=JSON).status_code == 200

    merge = office.merge(exam.patient_id, other).json()["merges"][0]["id"]
    run_jobs()
    with_merge = roles(reader, reading)
    office.post("support", f"/merges/{merge}/undo", reason=WHY)
    run_jobs()

    assert (with_merge, roles(reader, reading)) == (["current", "prior"], ["current"])


def roles(reader: Client, reading: int) -> list[str]:
    return [one["role"] for one in reader.get(f"/api/v1/readings/{reading}/images").json()["studies"]]


def test_what_contradicts_is_merged_by_two_people(office: Office) -> None:
    key, other = a_patient(office, "P1"), a_patient(office, "P2", name=JIRO)
    beside = office.get("support", f"/patients/{key}/beside/{other}").json()
    assert (beside["needs_second"], beside["lines"][0]["mark"], beside["typed"]) == (
        True,
        "contradicts",
        "P2",
    )

    asked = office.merge(key, other).json()["merges"][0]
    again = office.merge(key, other).json()["code"]
    own = office.post("support", f"/merges/{asked['id']}/confirm", typed="P2", reason=WHY)

    assert (asked["state"], asked["acts"], again) == ("proposed", ["decline"], "merge.waiting")
    assert (own.json()["code"], family(key)) == ("merge.second_person", [key])
    assert [one["acts"] for one in office.get("lead", "/patients/merges").json()["items"]] == [
        ["make", "decline"]
    ]

    made = office.post("lead", f"/merges/{asked['id']}/confirm", typed="P2", reason=WHY).json()

    assert (made["merges"][0]["state"], made["merges"][0]["made_by_name"]) == ("made", "lead 太郎")
    assert family(other) == sorted([key, other])


def test_a_merge_asked_for_is_declined(office: Office) -> None:
    key, other = a_patient(office, "P1"), a_patient(office, "P2", name=JIRO)
    asked = office.merge(key, other).json()["merges"][0]["id"]

    declined = office.post("support", f"/merges/{asked}/decline", reason="兄弟でした").json()

    assert declined["merges"][0]["state"] == "declined"
    assert (
        office.post("lead", f"/merges/{asked}/confirm", typed="P2", reason=WHY).json()["code"]
        == "merge.wrong_state"
    )


def test_patients_of_two_facilities_and_chains_are_refused(office: Office) -> None:
    one, two, three = (a_patient(office, name) for name in ("P1", "P2", "P3"))
    stranger = a_study(office.elsewhere, patient_id="P1").patient_id
    office.merge(one, two)

    codes = [
        office.merge(*pair).json()["code"]
        for pair in ((one, stranger), (two, three), (three, one), (three, two))
    ]

    assert codes == ["merge.other_facility", "merge.into_merged", "merge.has_family", "merge.already"]
    assert office.merge(one, three).status_code == 200
    assert family(two) == sorted([one, two, three])


def test_the_database_refuses_chains_whoever_writes_them(office: Office) -> None:
    one, two, three = (a_patient(office, name) for name in ("P1", "P2", "P3"))
    stranger = a_study(office.elsewhere, patient_id="P1").patient_id
    with at_large():
        Patient.objects.filter(pk=two).update(merged_into=one)

    for merged, survivor in ((one, three), (three, two), (three, stranger), (three, three)):
        with pytest.raises(IntegrityError), at_large():
            Patient.objects.filter(pk=merged).update(merged_into=survivor)


@pytest.mark.parametrize("attempt", range(3))
def test_of_two_merges_that_would_make_a_chain_one_is_refused(office: Office, attempt: int) -> None:
    one, two, three = (a_patient(office, name) for name in ("P1", "P2", "P3"))
    who = actor(office.people["support"])

    def merging(survivor: int, merged: int, typed: str) -> Any:
        def work() -> str:
            with scope(who.facilities):
                return services.merge_patients(who, survivor, merged, typed=typed, reason=WHY, at=NOW).state

        return work

    results = together(merging(one, two, "P2"), merging(two, three, "P3"))

    assert sorted(results) in (["made", "merge.into_merged"], ["made", "merge.has_family"])
    with at_large():
        assert PatientMerge.objects.filter(state="made").count() == 1
        assert Patient.objects.exclude(merged_into=None).count() == 1


def test_of_two_corrections_at_once_the_second_is_told(office: Office) -> None:
    key = a_patient(office, "P1")
    who, held = actor(office.people["support"]), patients.facts_of(the(key))

    def work(born: date) -> Any:
        def run() -> str:
            with scope(who.facilities):
                wanted = type(held)(**{**vars(held), "birth_date": born})
                services.correct_patient(who, key, seen=held, wanted=wanted, reason=WHY, at=NOW)
            return "made"

        return run

    assert sorted(together(work(date(1970, 1, 1)), work(date(1971, 1, 1)))) == ["correction.stale", "made"]
    with at_large():
        assert Correction.objects.count() == 1


def test_acts_on_patients_of_another_facility_are_not_seen(office: Office) -> None:
    key = a_patient(office, "P1")
    office.correct(key, sex="F")

    with transaction.atomic(), scope([office.elsewhere.pk]):
        assert (Correction.objects.count(), PatientMerge.objects.count(), Patient.objects.count()) == (
            0,
            0,
            0,
        )


def test_a_merge_that_waits_for_a_second_person_is_in_the_nightly_certificate(office: Office) -> None:
    keep, gone = a_patient(office, "P1"), a_patient(office, "P2", name=JIRO)
    assert office.merge(keep, gone).json()["merges"][0]["state"] == "proposed"

    def kinds(at: datetime) -> list[tuple[str, str, int]]:
        with at_large():
            found = reconciliation.look(office.facility.pk, at).open
        return [(one["kind"], one["object"], one["object_id"]) for one in found if one["object"] == "merge"]

    soon, later = datetime.now(UTC) + timedelta(hours=1), datetime.now(UTC) + timedelta(hours=13)
    assert (kinds(soon), kinds(later)) == ([], [("merge_waiting", "merge", keep)])
