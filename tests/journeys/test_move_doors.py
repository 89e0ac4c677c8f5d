"""Studies that were sent under another patient's ID: who may move them, what follows, what comes back."""

from typing import Any

import pytest

from dokuei.audit.models import Entry
from dokuei.imaging.models import Study
from dokuei.imaging.moves.models import StudyMove
from dokuei.imaging.services import confirm_move, move_study
from dokuei.kit.db import scope
from tests.builders import NOW, a_sent_request, a_study, actor, at_large, run_jobs
from tests.journeys.test_patient_doors import (
    JIRO,
    JSON,
    MENDERS,
    ROLES,
    WHY,
    Office,
    a_patient,
    office,
    receipt,
    the,
)
from tests.journeys.test_races import together

__all__ = ["office"]
pytestmark = pytest.mark.django_db(transaction=True)


def move(office: Office, study: Study, target: int, who: str = "support", **said: str) -> Any:
    body = {"target_id": target, "typed": the(target).patient_id, "reason": WHY, **said}
    return office.windows[who].post(f"/api/v1/studies/{study.pk}/moves", body, content_type=JSON)


def act(office: Office, key: int, what: str, who: str = "support", **said: str) -> Any:
    body = {"reason": WHY, **said}
    return office.windows[who].post(f"/api/v1/study-moves/{key}/{what}", body, content_type=JSON)


def whose(study: Study) -> int:
    with at_large():
        return Study.objects.get(pk=study.pk).patient_id


def studies_of(office: Office, patient: int) -> list[int]:
    return [one["id"] for one in office.get("support", f"/patients/{patient}/studies").json()["items"]]


@pytest.mark.parametrize("who", ROLES)
def test_only_support_and_the_lead_move_studies(office: Office, who: str) -> None:
    study, target = a_study(office.facility, patient_id="P1"), a_patient(office, "P2")
    expected = 200 if who in MENDERS else 403

    seen = office.get(who, f"/studies/{study.pk}/beside/{target}")
    made = move(office, study, target, who)

    assert (seen.status_code, made.status_code) == (expected, expected)
    assert (whose(study) == target) == (who in MENDERS)


def test_a_move_without_contradiction_is_made_and_comes_back(office: Office) -> None:
    study, target = a_study(office.facility, patient_id="P1"), a_patient(office, "P2")
    origin = study.patient_id
    before = receipt(study)

    beside = office.get("support", f"/studies/{study.pk}/beside/{target}").json()
    made = move(office, study, target).json()

    assert (beside["needs_second"], beside["refusal"], beside["typed"]) == (False, "", "P2")
    assert (made["state"], made["acts"]) == ("made", ["undo"])
    assert (made["origin"]["id"], made["target"]["id"]) == (origin, target)
    assert studies_of(office, origin) == []
    assert study.pk in studies_of(office, target)
    assert receipt(study) == before
    back = act(office, made["id"], "undo").json()
    assert (back["state"], back["acts"], whose(study)) == ("undone", [], origin)
    assert receipt(study) == before
    with at_large():
        kinds = Entry.objects.filter(event__startswith="move.").values_list("event", "object")
        assert sorted(kinds) == sorted(
            (event, subject)
            for event in ("move.made", "move.undone")
            for subject in (f"study:{study.pk}", f"patient:{origin}", f"patient:{target}")
        )


def test_where_the_two_contradict_a_second_person_makes_it(office: Office) -> None:
    study, target = a_study(office.facility, patient_id="P1"), a_patient(office, "P2", name=JIRO)
    asked = move(office, study, target).json()
    assert (asked["state"], asked["needs_second"], "make" in asked["acts"]) == ("proposed", True, False)
    assert whose(study) == study.patient_id

    own = act(office, asked["id"], "confirm", typed="P2")
    wrong = act(office, asked["id"], "confirm", "support2", typed="P1")
    other = act(office, asked["id"], "confirm", "support2", typed="P2")

    assert [one.json().get("code") for one in (own, wrong)] == ["move.second_person", "move.typed"]
    assert (other.status_code, whose(study)) == (200, target)
    assert receipt(study) != "held"


def test_a_move_that_was_declined_may_be_asked_for_again(office: Office) -> None:
    study, target = a_study(office.facility, patient_id="P1"), a_patient(office, "P2", name=JIRO)
    asked = move(office, study, target).json()
    assert move(office, study, target).json()["code"] == "move.waiting"
    waiting = office.get("support", "/study-moves").json()["items"]
    assert [one["id"] for one in waiting] == [asked["id"]]

    assert act(office, asked["id"], "decline").json()["state"] == "declined"

    assert office.get("support", "/study-moves").json()["items"] == []
    assert move(office, study, target).status_code == 200


@pytest.mark.parametrize(
    ("said", "code"), [({"reason": " "}, "move.reason"), ({"typed": "P1"}, "move.typed")]
)
def test_who_has_not_looked_moves_nothing(office: Office, said: dict[str, str], code: str) -> None:
    study, target = a_study(office.facility, patient_id="P1"), a_patient(office, "P2")

    assert move(office, study, target, **said).json()["code"] == code
    assert whose(study) == study.patient_id


def test_a_study_is_moved_once_and_not_to_itself_or_elsewhere(office: Office) -> None:
    study, target = a_study(office.facility, patient_id="P1"), a_patient(office, "P2")
    third, gone = a_patient(office, "P3"), a_patient(office, "P4")
    stranger = a_study(office.elsewhere, patient_id="P9").patient_id
    assert office.merge(third, gone).status_code == 200

    assert move(office, study, study.patient_id).json()["code"] == "move.same"
    assert move(office, study, stranger).json()["code"] == "move.other_facility"
    assert move(office, study, gone).json()["code"] == "move.into_merged"
    assert move(office, study, target).status_code == 200
    assert move(office, study, third).json()["code"] == "move.already"
    assert act(office, StudyMoves.last(), "decline").json()["code"] == "move.wrong_state"


class StudyMoves:
    @staticmethod
    def last() -> int:
        with at_large():
            return StudyMove.objects.latest("pk").pk


def test_what_somebody_asked_about_is_parted_first(office: Office) -> None:
    study, target = a_study(office.facility, patient_id="P1"), a_patient(office, "P2")
    a_sent_request(office.people["requester"], study)

    refused = move(office, study, target)

    assert (refused.status_code, refused.json()["code"]) == (409, "move.asked")
    assert whose(study) == study.patient_id


def test_late_images_belong_to_it_as_they_say_and_as_it_stands(office: Office) -> None:
    study, target = a_study(office.facility, patient_id="P1"), a_patient(office, "P2", name=JIRO)
    asked = move(office, study, target).json()
    assert act(office, asked["id"], "confirm", "support2", typed="P2").status_code == 200

    a_study(office.facility, patient_id="P1", study_uid=study.study_instance_uid, count=1)
    assert receipt(study) != "held"
    a_study(office.facility, patient_id="P2", name=JIRO, study_uid=study.study_instance_uid, count=1)
    assert receipt(study) != "held"
    a_study(office.facility, patient_id="P7", study_uid=study.study_instance_uid, count=1)
    assert receipt(study) == "held"
    assert whose(study) == target


def test_two_who_move_it_at_once_move_it_once(office: Office) -> None:
    study = a_study(office.facility, patient_id="P1")
    targets = [a_patient(office, "P2"), a_patient(office, "P3")]
    people = [actor(office.people["support"]), actor(office.people["support2"])]

    def go(number: int) -> str:
        with scope([office.facility.pk]):
            move_study(
                people[number],
                study.pk,
                targets[number],
                typed=f"P{number + 2}",
                reason=WHY,
                at=NOW,
            )
        return "moved"

    assert sorted(together(lambda: go(0), lambda: go(1))) == ["move.already", "moved"]


def test_two_who_confirm_it_at_once_make_it_once(office: Office) -> None:
    study, target = a_study(office.facility, patient_id="P1"), a_patient(office, "P2", name=JIRO)
    key = move(office, study, target).json()["id"]
    second, lead = actor(office.people["support2"]), actor(office.people["lead"])

    def go(who: Any) -> str:
        with scope([office.facility.pk]):
            confirm_move(who, key, typed="P2", reason=WHY, at=NOW)
        return "made"

    assert sorted(together(lambda: go(second), lambda: go(lead))) == ["made", "move.wrong_state"]
    run_jobs()


def test_an_image_that_comes_while_its_study_is_moved_is_listed_in_it(office: Office) -> None:
    study, target = a_study(office.facility, patient_id="P1"), a_patient(office, "P2")
    who = actor(office.people["support"])

    def go() -> str:
        with scope([office.facility.pk]):
            move_study(who, study.pk, target, typed="P2", reason=WHY, at=NOW)
        return "moved"

    def late() -> str:
        a_study(office.facility, patient_id="P1", study_uid=study.study_instance_uid, count=1, settled=False)
        return "listed"

    outcomes = together(go, late)

    assert outcomes in (["moved", "listed"], ["move.receiving", "listed"])
    with at_large():
        mine = Study.objects.get(study_instance_uid=study.study_instance_uid)
        assert mine.instances.count() == 3
        assert mine.patient_id == (target if outcomes[0] == "moved" else study.patient_id)


def test_another_facility_sees_nothing_of_it(office: Office) -> None:
    study, target = a_study(office.facility, patient_id="P1"), a_patient(office, "P2")
    move(office, study, target)

    with scope([office.elsewhere.pk]):
        assert StudyMove.objects.count() == 0
