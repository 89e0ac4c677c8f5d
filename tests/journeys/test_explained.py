"""Loose ends that somebody explained: shown, taken back, refused, and two at once."""

from typing import Any

import pytest

from dokuei.reconciliation.models import Explanation
from tests.builders import (
    at_large,
)
from tests.journeys.houses import House, a_house, fresh_study, quiet

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def house() -> House:
    return a_house()


def test_an_explanation_is_shown_with_its_reason_and_can_be_taken_back(house: House) -> None:
    study = fresh_study(house.facility)
    quiet(study)
    given = house.explain("technologist", object_id=study.pk, reason="転院先から届いた比較用の検査")
    shown = house.get("technologist", f"/reconciliation?facility_id={house.facility.pk}").json()
    foreign = house.post("stranger", f"/reconciliation/explanations/{given.json()['id']}/end")

    ended = house.post("support", f"/reconciliation/explanations/{given.json()['id']}/end")
    twice = house.post("support", f"/reconciliation/explanations/{given.json()['id']}/end")
    after = house.get("technologist", f"/reconciliation?facility_id={house.facility.pk}").json()

    assert shown["open"] == []
    assert shown["explained"][0]["reason"] == "転院先から届いた比較用の検査"
    assert shown["explained"][0]["explained_by"] == "technologist 太郎"
    assert foreign.status_code == 404
    assert (ended.status_code, twice.status_code) == (200, 409)
    assert [one["kind"] for one in after["open"]] == ["study_without_request"]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        pytest.param({"reason": "　"}, 409, "reconciliation.reason", id="without a reason"),
        pytest.param({"object_id": 999}, 409, "reconciliation.not_listed", id="what is not listed"),
        pytest.param({"kind": "contradiction"}, 409, "reconciliation.not_explained", id="a contradiction"),
        pytest.param({"kind": "nonsense"}, 422, None, id="no kind at all"),
    ],
)
def test_what_cannot_be_explained_is_refused(
    house: House, change: dict[str, Any], status: int, code: str | None
) -> None:
    study = fresh_study(house.facility)
    quiet(study)

    answer = house.explain("technologist", **{"object_id": study.pk, **change})

    assert answer.status_code == status
    assert code is None or answer.json()["code"] == code
    with at_large():
        assert not Explanation.objects.exists()


def test_two_who_explain_the_same_leave_one_explanation(house: House) -> None:
    study = fresh_study(house.facility)
    quiet(study)

    answers = [house.explain(who, object_id=study.pk) for who in ("technologist", "support")]

    assert [one.status_code for one in answers] == [200, 409]
    assert answers[1].json()["code"] == "reconciliation.explained"
