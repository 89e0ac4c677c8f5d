"""Ask-backs through the door: who may do what, what becomes of it, and what a signed report keeps."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from dokuei.audit.models import Entry
from dokuei.identity.access import Role
from dokuei.identity.models import Facility, Person
from dokuei.intake.askbacks.models import AskBack
from dokuei.kit.db import scope
from dokuei.reporting import queries as reporting
from dokuei.reporting.models import Report
from dokuei.worklist.models import Reading
from tests.builders import (
    NOW,
    a_facility,
    a_person,
    a_sent_request,
    a_study,
    at_large,
    run_due,
    run_jobs,
    signed_in,
)

pytestmark = pytest.mark.django_db(transaction=True)
JSON = "application/json"
SURGERY = {
    "kind": "surgery",
    "sentence": "手術歴を教えてください。",
    "options": ["手術歴なし", "不明"],
    "addressee": "technologist",
}


@dataclass
class Ward:
    """A facility, everybody who works with it, and one claimed reading."""

    facility: Facility
    people: dict[str, Person]
    windows: dict[str, Client]
    request_id: int
    reading_id: int

    def post(self, who: str, path: str, body: Any = None) -> Any:
        return self.windows[who].post(f"/api/v1{path}", body or {}, content_type=JSON)

    def get(self, who: str, path: str) -> Any:
        return self.windows[who].get(f"/api/v1{path}")

    def ask(self, who: str = "reader", **change: Any) -> Any:
        return self.post(who, f"/readings/{self.reading_id}/ask-backs", {**SURGERY, **change})

    def asked(self, **change: Any) -> int:
        answer = self.ask(**change)
        assert answer.status_code == 200, answer.content
        return int(answer.json()["items"][-1]["id"])

    def answer(self, ask_back: int, who: str = "technologist", **body: str) -> Any:
        return self.post(who, f"/ask-backs/{ask_back}/answer", body or {"option": "手術歴なし"})

    def shown(self) -> dict[str, Any]:
        return dict(self.get("reader", f"/readings/{self.reading_id}/ask-backs").json())

    def sign(self, ask_backs_revision: int) -> Any:
        report = self.get("reader", f"/readings/{self.reading_id}/report").json()
        if report["revision"] == 0:
            text = {"findings": "異常なし", "impression": "異常なし", "revision": 0}
            self.windows["reader"].put(f"/api/v1/reports/{report['id']}/draft", text, content_type=JSON)
        return self.post(
            "reader",
            f"/reports/{report['id']}/sign",
            {"revision": 1, "ask_backs_revision": ask_backs_revision},
        )


def events() -> list[str]:
    with at_large():
        rows = Entry.objects.filter(event__startswith="ask_back.").order_by("at", "id")
        return sorted(rows.values_list("event", flat=True))


@pytest.fixture
def ward() -> Ward:
    facility, elsewhere = a_facility(), a_facility("midori")
    people = {
        "requester": a_person(Role.REQUESTER, facility),
        "technologist": a_person(Role.TECHNOLOGIST, facility),
        "reader": a_person(Role.READER, facility),
        "colleague": a_person(Role.READER, facility, email="colleague@test.test"),
        "support": a_person(Role.SUPPORT),
        "lead": a_person(Role.LEAD),
        "administrator": a_person(Role.ADMINISTRATOR),
        "stranger": a_person(Role.TECHNOLOGIST, elsewhere),
        "far reader": a_person(Role.READER, elsewhere),
    }
    request = a_sent_request(people["requester"], a_study(facility))
    run_jobs()
    windows = {name: signed_in(person) for name, person in people.items()}
    with at_large():
        reading = Reading.objects.get()
    assert windows["reader"].post(f"/api/v1/readings/{reading.pk}/claim").status_code == 200
    return Ward(facility, people, windows, request.pk, reading.pk)


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("reader", 200),
        ("colleague", 409),
        ("far reader", 404),
        ("requester", 403),
        ("technologist", 403),
        ("support", 409),
        ("lead", 403),
        ("administrator", 403),
    ],
)
def test_about_a_reading_only_its_reader_asks(ward: Ward, who: str, status: int) -> None:
    assert ward.ask(who).status_code == status
    assert events() == (["ask_back.asked"] if status == 200 else [])


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("support", 200),
        ("reader", 403),
        ("requester", 403),
        ("technologist", 403),
        ("stranger", 403),
        ("lead", 403),
        ("administrator", 403),
    ],
)
def test_about_a_request_only_support_asks(ward: Ward, who: str, status: int) -> None:
    answer = ward.post(who, f"/requests/{ward.request_id}/ask-backs", SURGERY)

    assert answer.status_code == status


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("technologist", 200),
        ("requester", 200),
        ("stranger", 404),
        ("reader", 403),
        ("support", 403),
        ("lead", 403),
        ("administrator", 403),
    ],
)
def test_only_the_facility_answers(ward: Ward, who: str, status: int) -> None:
    ask_back = ward.asked()

    assert ward.answer(ask_back, who).status_code == status
    with at_large():
        assert AskBack.objects.get().state == ("answered" if status == 200 else "asked")


@pytest.mark.parametrize(
    ("who", "status"),
    [("reader", 200), ("colleague", 409), ("far reader", 404), ("technologist", 403), ("lead", 403)],
)
def test_its_reader_takes_a_question_back(ward: Ward, who: str, status: int) -> None:
    ask_back = ward.asked()

    answer = ward.post(who, f"/readings/{ward.reading_id}/ask-backs/{ask_back}/withdraw", {"reason": "不要"})

    assert answer.status_code == status
    assert ("ask_back.withdrawn" in events()) is (status == 200)


@pytest.mark.parametrize(("who", "status"), [("support", 200), ("reader", 403), ("requester", 403)])
def test_support_takes_any_question_back(ward: Ward, who: str, status: int) -> None:
    ask_back = ward.asked()

    assert ward.post(who, f"/ask-backs/{ask_back}/withdraw", {}).status_code == status


def test_a_question_is_taken_back_only_through_its_own_reading(ward: Ward) -> None:
    ask_back = ward.asked()
    a_sent_request(ward.people["requester"], a_study(ward.facility, patient_id="P2"))
    run_jobs()
    with at_large():
        other = Reading.objects.exclude(pk=ward.reading_id).get()
    ward.post("reader", f"/readings/{other.pk}/claim")

    answer = ward.post("reader", f"/readings/{other.pk}/ask-backs/{ask_back}/withdraw", {})

    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("who", "count"),
    [("technologist", 1), ("requester", 1), ("support", 1), ("stranger", 0), ("reader", None)],
)
def test_a_facility_sees_its_own_ask_backs_only(ward: Ward, who: str, count: int | None) -> None:
    ward.asked()

    answer = ward.get(who, "/ask-backs")

    if count is None:
        assert answer.status_code == 403
        return
    assert len(answer.json()["items"]) == answer.json()["counts"]["open"] == count


def test_the_rows_themselves_are_kept_apart(ward: Ward) -> None:
    ward.asked()

    with scope([ward.facility.pk]):
        assert AskBack.objects.count() == 1
    with scope([ward.facility.pk + 1]):
        assert AskBack.objects.count() == 0


def test_the_reader_sees_the_answer_with_its_source_and_time(ward: Ward) -> None:
    ask_back = ward.asked()

    ward.answer(ask_back)

    shown = ward.shown()["items"][0]
    assert (shown["state"], shown["answer"], shown["acts"]) == ("answered", "手術歴なし", [])
    assert (shown["facility"]["name"], shown["ended_by"]) == ("shirahama 病院", "technologist 太郎")
    assert shown["ended_at"] is not None


def test_the_same_answer_twice_is_one_and_another_is_refused_with_who_answered(ward: Ward) -> None:
    ask_back = ward.asked()

    answers = [ward.answer(ask_back), ward.answer(ask_back, "requester")]
    other = ward.answer(ask_back, "requester", text="胆嚢摘出")

    assert [one.status_code for one in answers] == [200, 200]
    assert (other.status_code, other.json()["code"]) == (409, "ask_back.answered")
    assert other.json()["answered_by"] == "technologist 太郎"
    assert events() == ["ask_back.answered", "ask_back.asked"]


def test_an_option_that_was_not_offered_is_no_answer(ward: Ward) -> None:
    assert ward.answer(ward.asked(), option="両側").json()["code"] == "ask_back.option"


def test_of_one_kind_one_is_open_at_a_time(ward: Ward) -> None:
    first = ward.asked()

    again = ward.ask()
    ward.answer(first)
    after = ward.ask()

    assert (again.status_code, again.json()["code"]) == (409, "ask_back.already_asked")
    assert again.json()["asked_by"] == "reader 太郎"
    assert after.status_code == 200


def test_nothing_is_asked_about_what_is_held_by_nobody(ward: Ward) -> None:
    ward.post("reader", f"/readings/{ward.reading_id}/release", {"reason": "交代"})

    assert ward.ask().json()["code"] == "reading.not_yours_to_ask"


def test_a_cancelled_request_takes_its_questions_along(ward: Ward) -> None:
    ward.asked()

    ward.post("requester", f"/requests/{ward.request_id}/cancel", {"reason": "転院"})

    with at_large():
        assert AskBack.objects.get().state == "withdrawn"
    assert "ask_back.withdrawn" in events()


# ── time ────────────────────────────────────────────────────────────────────────────────────────


def test_reminders_and_the_end_come_by_themselves_and_once(ward: Ward) -> None:
    ward.asked(due_minutes=10)
    with at_large():
        begun = AskBack.objects.get().asked_at
    at = [begun + timedelta(minutes=one) for one in (4, 6, 6, 9, 10, 11)]

    seen = []
    for moment in at:
        run_due(moment)
        with at_large():
            row = AskBack.objects.get()
            seen.append((row.state, row.reminded))

    assert seen == [("asked", 0), ("asked", 1), ("asked", 1), ("asked", 2), ("expired", 2), ("expired", 2)]
    assert events() == ["ask_back.asked", "ask_back.expired", "ask_back.reminded", "ask_back.reminded"]


def test_after_an_outage_it_is_over_without_a_burst_of_reminders(ward: Ward) -> None:
    ask_back = ward.asked(due_minutes=10)

    run_due(NOW + timedelta(days=1))

    assert events() == ["ask_back.asked", "ask_back.expired"]
    late = ward.answer(ask_back)
    assert (late.status_code, late.json()["code"]) == (409, "ask_back.expired")


def test_an_answer_ends_the_timers(ward: Ward) -> None:
    ward.answer(ward.asked(due_minutes=10))

    run_due(NOW + timedelta(days=1))

    with at_large():
        assert AskBack.objects.get().state == "answered"


def test_waiting_for_answers_is_said_in_the_list_and_taken_off_the_clock(ward: Ward) -> None:
    ask_back = ward.asked()
    assert ward.get("reader", "/readings?box=mine").json()["items"][0]["asked_now"] == 1
    ward.answer(ask_back)
    assert ward.get("reader", "/readings?box=mine").json()["items"][0]["asked_now"] == 0
    with at_large():
        row = AskBack.objects.get()

    told = ward.get("reader", f"/readings/{ward.reading_id}").json()["turnaround"]

    waited = (row.ended_at - row.asked_at).total_seconds() if row.ended_at else 0
    assert told["gross_seconds"] - told["net_seconds"] == pytest.approx(waited, abs=1)


# ── the report ──────────────────────────────────────────────────────────────────────────────────


def test_a_signed_report_says_what_was_answered_and_what_was_not(ward: Ward) -> None:
    answered, _ = ward.asked(), ward.asked(kind="labs", sentence="eGFRは？", options=[])
    ward.asked(kind="side", sentence="左右は？", options=[], due_minutes=5)
    withdrawn = ward.asked(kind="other", sentence="不要になる質問", options=[])
    ward.answer(answered)
    ward.post("reader", f"/readings/{ward.reading_id}/ask-backs/{withdrawn}/withdraw", {})
    with at_large():
        run_due(AskBack.objects.get(kind="side").due_at)

    signed = ward.sign(ward.shown()["revision"])

    assert signed.status_code == 200, signed.content
    said = signed.json()["versions"][0]["ask_backs"]
    assert [(one["label"], one["state"], one["answer"]) for one in said] == [
        ("手術歴", "answered", "手術歴なし"),
        ("検査値（eGFR等）", "asked", ""),
        ("部位・左右の確認", "expired", ""),
    ]
    assert (said[0]["facility"], said[0]["answered_by"]) == ("shirahama 病院", "technologist 太郎")


def test_what_comes_after_the_signature_changes_no_signed_version(ward: Ward) -> None:
    ask_back = ward.asked()
    before = ward.sign(1).json()["versions"][0]

    ward.answer(ask_back)

    report = ward.get("reader", f"/readings/{ward.reading_id}/report").json()
    assert report["versions"][0] == before
    assert before["ask_backs"][0]["state"] == "asked"
    assert ward.shown()["items"][0]["state"] == "answered"
    with at_large():
        assert reporting.is_unaltered(Report.objects.get())


def test_an_answer_the_reader_has_not_seen_stops_the_signature(ward: Ward) -> None:
    ask_back = ward.asked()
    seen = ward.shown()["revision"]
    ward.answer(ask_back)

    refused = ward.sign(seen)
    signed = ward.sign(ward.shown()["revision"])

    assert (refused.status_code, refused.json()["code"]) == (409, "report.ask_backs_changed")
    assert signed.json()["versions"][0]["ask_backs"][0]["answer"] == "手術歴なし"


def test_what_is_over_never_changes_in_the_database_either(ward: Ward) -> None:
    ward.answer(ward.asked())

    for change in ({"answer_option": "不明"}, {"state": "asked"}):
        with at_large(), pytest.raises(DatabaseError), transaction.atomic():
            AskBack.objects.update(**change)


@pytest.mark.parametrize(("option", "is_missing"), [("手術歴なし", False), ("不明", True)])
def test_what_was_answered_is_not_called_missing(ward: Ward, option: str, is_missing: bool) -> None:
    ward.answer(ward.asked(), option=option)

    signed = ward.sign(2).json()

    assert ("手術歴" in signed["missing_sentence"]) is is_missing
