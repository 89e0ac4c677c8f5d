"""The resolution screen through its door: who may do what, what becomes of it, and two people at once."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.test import Client

from dokuei.audit.models import Entry
from dokuei.identity.access import Role
from dokuei.identity.models import Facility, Person
from dokuei.imaging.models import Study
from dokuei.intake import services as intake
from dokuei.intake.linking import services
from dokuei.intake.linking.models import LinkCase, PairDecision
from dokuei.intake.models import RequestStudy
from dokuei.intake.services import Numbers
from dokuei.kit.db import scope
from dokuei.worklist.models import Reading
from tests.builders import NOW, a_facility, a_person, a_study, actor, at_large, content, run_jobs, signed_in
from tests.journeys.test_order_doors import an_order, place
from tests.journeys.test_races import together

pytestmark = pytest.mark.django_db(transaction=True)
JSON = "application/json"
POSSIBLE: dict[str, Any] = {"numbers": Numbers(), "exam_on": None}
"""Nothing contradicts, and nothing proves it."""
CONTRADICTING: dict[str, Any] = {"patient": {"birth_on": date(1971, 8, 2)}}


@dataclass
class Desk:
    """A facility with one case, and everybody who may look at it."""

    facility: Facility
    people: dict[str, Person]
    windows: dict[str, Client]
    study: Study

    def post(self, who: str, act: str, **body: Any) -> Any:
        sent = {"revision": self.case().revision, **body}
        return self.windows[who].post(f"/api/v1/resolution/{self.case().pk}/{act}", sent, content_type=JSON)

    def get(self, who: str, path: str = "") -> Any:
        return self.windows[who].get(f"/api/v1/resolution{path}")

    def shown(self) -> dict[str, Any]:
        return dict(self.get("support", f"/{self.case().pk}").json())

    def act(self, who: str, act: str, reason: str = "確認しました") -> Any:
        body: dict[str, Any] = {"reason": reason}
        if act in {"link", "part"}:
            body["study_id"] = self.study.pk
        return self.post(who, act, **body)

    def case(self) -> LinkCase:
        with at_large():
            return LinkCase.objects.get()

    def reading(self) -> Reading:
        run_jobs()
        with at_large():
            return Reading.objects.get()

    def links(self) -> list[tuple[int, str]]:
        with at_large():
            return list(RequestStudy.objects.values_list("study_id", "method"))


def a_desk(**order: Any) -> Desk:
    facility, elsewhere = a_facility(), a_facility("midori")
    people = {
        "requester": a_person(Role.REQUESTER, facility),
        "technologist": a_person(Role.TECHNOLOGIST, facility),
        "reader": a_person(Role.READER, facility),
        "support": a_person(Role.SUPPORT),
        "other support": a_person(Role.SUPPORT, email="support2@test.test"),
        "lead": a_person(Role.LEAD),
        "administrator": a_person(Role.ADMINISTRATOR),
        "stranger": a_person(Role.TECHNOLOGIST, elsewhere),
    }
    place(facility, an_order(**order))
    study = a_study(facility)
    run_jobs()
    return Desk(facility, people, {name: signed_in(one) for name, one in people.items()}, study)


@pytest.mark.parametrize(
    ("who", "count"),
    [("support", 1), ("lead", 1), ("technologist", 1), ("requester", 1), ("stranger", 0), ("reader", None),
     ("administrator", None)],
)  # fmt: skip
def test_everybody_sees_the_cases_of_their_own_facilities(who: str, count: int | None) -> None:
    desk = a_desk(**POSSIBLE)

    answer = desk.get(who)

    if count is None:
        assert answer.status_code == 403
        return
    assert (len(answer.json()["items"]), answer.json()["counts"]["open"]) == (count, count)
    assert desk.get(who, f"/{desk.case().pk}").status_code == (200 if count else 404)


ROLES = ("support", "technologist", "requester", "stranger", "reader", "lead", "administrator")


@pytest.mark.parametrize("who", ROLES)
@pytest.mark.parametrize("act", ["link", "dismiss"])
def test_what_does_not_contradict_the_facility_may_judge_itself(who: str, act: str) -> None:
    desk = a_desk(**POSSIBLE)
    allowed = {"support": 200, "technologist": 200, "requester": 200, "stranger": 404}

    assert desk.act(who, act).status_code == allowed.get(who, 403)


@pytest.mark.parametrize("who", ROLES)
@pytest.mark.parametrize("act", ["link", "dismiss"])
def test_what_contradicts_only_support_judges(who: str, act: str) -> None:
    desk = a_desk(**CONTRADICTING)
    allowed = {"support": 200, "technologist": 409, "requester": 409, "stranger": 404}

    answer = desk.act(who, act)

    assert answer.status_code == allowed.get(who, 403)
    if answer.status_code == 409:
        assert answer.json()["code"] == "resolution.grave"
        assert desk.reading().state == "held"


@pytest.mark.parametrize("who", ROLES)
def test_a_link_is_undone_by_those_who_may_make_it(who: str) -> None:
    desk = a_desk()
    allowed = {"support": 200, "technologist": 200, "requester": 200, "stranger": 404}

    assert desk.act(who, "part").status_code == allowed.get(who, 403)


@pytest.mark.parametrize("who", ROLES)
def test_only_support_releases_a_hold(who: str) -> None:
    desk = a_desk(**CONTRADICTING)
    assert desk.act("support", "link").status_code == 200
    # linked and accepted: nothing is left to release, and who may not is told that first
    allowed = {"support": 409}

    assert desk.act(who, "release").status_code == allowed.get(who, 403)


def test_a_person_links_what_the_rules_could_not_decide_and_it_is_read() -> None:
    desk = a_desk(**POSSIBLE)
    assert desk.reading().waits_for[0]["what"] == "matching"

    answer = desk.act("technologist", "link", reason="")

    assert (answer.status_code, answer.json()["state"]) == (200, "closed")
    assert desk.links() == [(desk.study.pk, "person")]
    assert desk.reading().state == "waiting"
    with at_large():
        entry = Entry.objects.get(event="request.linked")
        assert Entry.objects.filter(event="linkcase.decided").count() == 1
    assert entry.by == f"person:{desk.people['technologist'].pk}"


def test_both_sides_are_shown_with_what_differs() -> None:
    desk = a_desk(**CONTRADICTING)

    pair = next(one for one in desk.shown()["pairs"] if one["study_id"] == desk.study.pk)

    lines = {one["label"]: one for one in pair["lines"]}
    assert (lines["生年月日"]["ours"], lines["生年月日"]["theirs"]) == ("1971-08-02", "1968-03-12")
    assert (lines["生年月日"]["mark"], lines["生年月日"]["sentence"]) == (
        "contradicts",
        "生年月日が異なります",
    )
    assert {lines[one]["mark"] for one in ("氏名", "患者ID", "受付番号", "検査種別")} == {"agree"}
    assert (pair["acts"], pair["needs_reason"]) == (["link", "other"], True)


def test_what_contradicts_is_linked_only_with_a_reason_and_then_everything_goes_on() -> None:
    desk = a_desk(**CONTRADICTING)
    assert desk.reading().state == "held"

    refused = desk.act("support", "link", reason=" ")
    linked = desk.act("support", "link", reason="依頼の誤記。施設に電話で確認")

    assert (refused.status_code, refused.json()["code"]) == (409, "resolution.reason")
    assert (linked.status_code, linked.json()["is_held"]) == (200, False)
    assert desk.reading().state == "waiting"
    with at_large():
        assert Study.objects.get().receipt == "settled"
        decision = PairDecision.objects.get()
    assert (decision.ruling, "birth_date.differs" in decision.codes) == ("accepted", True)


def test_another_exam_ends_the_hold_and_is_not_offered_again() -> None:
    desk = a_desk(**CONTRADICTING)

    answer = desk.act("support", "dismiss")

    with at_large():
        services.look_at_study(desk.study.pk, at=NOW)
    assert answer.json()["state"] == desk.case().state == "closed"
    assert desk.reading().waits_for[0]["what"] == "images"
    aside = desk.shown()["pairs"]
    assert [(one["level"], one["acts"]) for one in aside] == [("aside", ["link"])]


def test_what_was_put_aside_can_be_linked_after_all() -> None:
    desk = a_desk(**POSSIBLE)
    desk.act("support", "dismiss")

    assert desk.act("support", "link").status_code == 200
    assert desk.reading().state == "waiting"
    with at_large():
        assert PairDecision.objects.get().undone_at is not None


def test_a_link_the_rules_made_is_undone_and_not_made_again() -> None:
    desk = a_desk()
    assert desk.reading().state == "waiting"
    reader = desk.windows["reader"]
    assert reader.post(f"/api/v1/readings/{desk.reading().pk}/claim").status_code == 200

    nameless = desk.act("support", "part", reason="")
    parted = desk.act("support", "part", reason="別の検査でした")
    with at_large():
        services.look_at_study(desk.study.pk, at=NOW)

    reading = desk.reading()
    assert (nameless.status_code, nameless.json()["code"]) == (409, "resolution.reason")
    assert parted.status_code == 200
    assert (desk.links(), reading.state, reading.reader_id) == ([], "pending", None)
    assert reading.waits_for[0]["what"] == "images"
    study = reader.get(f"/api/v1/studies/{desk.study.pk}")
    assert study.status_code in {403, 404}


def test_when_the_report_is_final_nothing_is_parted() -> None:
    desk = a_desk()
    reader, reading = desk.windows["reader"], desk.reading()
    reader.post(f"/api/v1/readings/{reading.pk}/claim")
    report = reader.get(f"/api/v1/readings/{reading.pk}/report").json()
    text = {"findings": "異常なし", "impression": "異常なし", "revision": 0}
    reader.put(f"/api/v1/reports/{report['id']}/draft", text, content_type=JSON)
    sign = {"revision": 1, "ask_backs_revision": 0}
    signed = reader.post(f"/api/v1/reports/{report['id']}/sign", sign, content_type=JSON)
    assert signed.status_code == 200, signed.content

    assert desk.act("support", "part").json()["code"] == "resolution.final"
    assert desk.links() == [(desk.study.pk, "rules")]


def test_a_study_of_another_request_is_not_taken() -> None:
    desk = a_desk(**POSSIBLE)
    case = desk.case()
    other = a_study(desk.facility, patient_id="P2")
    requester = actor(desk.people["requester"])
    with at_large():
        intake.draft_request(
            requester, facility_id=desk.facility.pk, study_ids=[other.pk], content=content(), at=NOW
        )

    body = {"study_id": other.pk, "reason": "確認", "revision": case.revision}
    answer = desk.windows["support"].post(f"/api/v1/resolution/{case.pk}/link", body, content_type=JSON)

    assert (answer.status_code, answer.json()["code"]) == (409, "resolution.study_taken")


def test_a_study_of_another_facility_is_not_there() -> None:
    desk = a_desk(**POSSIBLE)
    with at_large():
        elsewhere = Facility.objects.get(code="midori")

    far = a_study(elsewhere)

    assert desk.post("support", "link", study_id=far.pk, reason="確認").status_code == 404


def test_who_acts_on_what_has_changed_is_told() -> None:
    desk = a_desk(**POSSIBLE)
    seen = desk.case().revision
    desk.act("support", "dismiss")

    answer = desk.post("other support", "link", study_id=desk.study.pk, revision=seen, reason="確認")

    assert (answer.status_code, answer.json()["code"]) == (409, "resolution.stale")
    assert desk.links() == []


@pytest.mark.parametrize("attempt", range(3))
def test_of_two_support_people_at_once_one_acts_and_the_other_is_told(attempt: int) -> None:
    desk = a_desk(**POSSIBLE)
    case = desk.case()

    def work(who: str, act: Any) -> Any:
        def run() -> str:
            with scope([desk.facility.pk]):
                act(actor(desk.people[who]))
            return "done"

        return run

    def link(by: Any) -> None:
        services.link_study(by, case.pk, desk.study.pk, reason="", revision=case.revision, at=NOW)

    def dismiss(by: Any) -> None:
        services.dismiss_studies(by, case.pk, [], reason="", revision=case.revision, at=NOW)

    told = together(work("support", link), work("other support", dismiss))

    assert sorted(told) == ["done", "resolution.stale"]
    assert len(desk.links()) == (1 if told[0] == "done" else 0)


@pytest.mark.parametrize("attempt", range(3))
def test_two_workers_never_link_one_study_doubly(attempt: int) -> None:
    facility = a_facility()
    place(facility, an_order())
    place(facility, an_order(key="2", patient={"patient_id": "P2", "name_kanji": "鈴木 花子", "sex": "F"}))
    study = a_study(facility)

    def look() -> str:
        with scope([facility.pk]):
            services.look_at_study(study.pk, at=NOW)
        return "looked"

    assert together(look, look, look) == ["looked"] * 3

    with at_large():
        assert RequestStudy.objects.filter(study=study).count() == 1
        assert Entry.objects.filter(event="request.linked").count() == 1


def test_the_decisions_are_kept_apart() -> None:
    desk = a_desk(**POSSIBLE)
    desk.act("support", "dismiss")

    with scope([desk.facility.pk]):
        assert PairDecision.objects.count() == 1
    with scope([desk.facility.pk + 1]):
        assert PairDecision.objects.count() == 0
