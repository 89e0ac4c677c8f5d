"""A request that was sent is changed: as its next version, seen by its reader, never over somebody else."""

from typing import Any

import pytest

from dokuei.audit.models import Entry
from dokuei.identity.access import Role
from dokuei.intake import services
from dokuei.intake.errors import DraftConflict
from dokuei.intake.models import Request, RequestVersion
from dokuei.kit.db import scope
from dokuei.reporting.models import ReportVersion
from dokuei.worklist.models import Reading
from tests.builders import NOW, a_person, actor, at_large, content, run_jobs, signed_in
from tests.journeys.test_askback_doors import JSON, Ward, ward
from tests.journeys.test_races import together

__all__ = ["ward"]
pytestmark = pytest.mark.django_db(transaction=True)


def change(ward: Ward, who: str = "requester", revision: int = 0, **said: Any) -> Any:
    body = {**content(**said).model_dump(mode="json"), "revision": revision}
    return ward.windows[who].post(f"/api/v1/requests/{ward.request_id}/change", body, content_type=JSON)


def held(ward: Ward) -> dict[str, Any]:
    return dict(ward.get("requester", f"/requests/{ward.request_id}").json())


def test_what_changed_is_kept_beside_what_was_said_and_shown_to_the_reader(ward: Ward) -> None:
    before = held(ward)
    assert "change" in before["acts"]

    answer = change(ward, revision=before["revision"], question="肺塞栓の有無", urgency="emergency")
    run_jobs()

    assert answer.status_code == 200, answer.content
    after = answer.json()
    assert (after["version"], after["state"], after["revision"]) == (2, "accepted", before["revision"] + 1)
    (told,) = after["changes"]
    assert {one["label"]: (one["before"], one["after"]) for one in told["lines"]} == {
        "緊急度": ("至急", "緊急"),
        "検査目的": ("右肺結節の経過観察をお願いします。", "肺塞栓の有無"),
    }
    shown = ward.get("reader", f"/readings/{ward.reading_id}").json()
    assert shown["request"]["changes"] == after["changes"]
    with at_large():
        first, second = RequestVersion.objects.order_by("number")
        assert first.content["question"] == "右肺結節の経過観察をお願いします。"
        assert first.completeness == before["completeness"] | {"rule": first.completeness["rule"]}
        assert second.sent_by_name == ward.people["requester"].name
        assert Reading.objects.get().urgency == "emergency"
        assert Entry.objects.filter(event="request.changed").count() == 1


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({}, "request.same"),
        ({"question": ""}, "request.incomplete"),
        ({"exam": {"modality": "MR", "description": "頭部MRI"}}, "request.modality_mismatch"),
    ],
)
def test_what_cannot_be_sent_cannot_be_said_afterwards_either(
    ward: Ward, said: dict[str, Any], code: str
) -> None:
    answer = change(ward, revision=held(ward)["revision"], **said)

    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert held(ward)["version"] == 1


@pytest.mark.parametrize(
    ("who", "status"),
    [("technologist", 200), ("support", 200), ("reader", 403), ("administrator", 403), ("stranger", 404)],
)
def test_who_may_write_requests_may_change_them(ward: Ward, who: str, status: int) -> None:
    assert change(ward, who, revision=held(ward)["revision"], question="別の目的").status_code == status


def test_a_draft_is_edited_and_a_final_one_stays(ward: Ward) -> None:
    assert ward.sign(0).status_code == 200

    final = change(ward, revision=held(ward)["revision"], question="別の目的")

    assert (final.status_code, final.json()["code"]) == (409, "request.final")
    assert "change" not in held(ward)["acts"]


def test_of_two_who_change_it_at_once_one_is_told_what_the_other_wrote(ward: Ward) -> None:
    seen = held(ward)["revision"]
    people = [actor(ward.people["requester"]), actor(ward.people["technologist"])]

    def write(number: int) -> str:
        with scope({ward.facility.pk}):
            try:
                services.change_request(
                    people[number],
                    ward.request_id,
                    content=content(question=f"目的{number}"),
                    revision=seen,
                    at=NOW,
                )
            except DraftConflict as conflict:
                return str(conflict.fields["theirs"]["content"]["question"])
            return "written"

    first, second = together(lambda: write(0), lambda: write(1))

    assert "written" in {first, second}
    with at_large():
        stands = Request.objects.get(pk=ward.request_id).content["question"]
        assert stands in {first, second}
        assert RequestVersion.objects.count() == 2


def test_what_was_changed_since_the_reader_looked_is_not_signed_unseen(ward: Ward) -> None:
    change(ward, revision=held(ward)["revision"], question="肺塞栓の有無")
    run_jobs()

    unseen = ward.sign(0)
    report = ward.get("reader", f"/readings/{ward.reading_id}/report").json()
    seen = ward.post("reader", f"/reports/{report['id']}/sign", {"revision": 1, "request_version": 2})

    assert (unseen.status_code, unseen.json()["code"]) == (409, "request.changed_meanwhile")
    assert seen.status_code == 200, seen.content
    with at_large():
        assert ReportVersion.objects.get().body["request"]["question"] == "肺塞栓の有無"


def test_a_person_of_another_facility_sees_nothing_of_it(ward: Ward) -> None:
    other = signed_in(a_person(Role.REQUESTER, email="nobody@test.test"))

    answer = other.post(
        f"/api/v1/requests/{ward.request_id}/change",
        {**content(question="x").model_dump(mode="json"), "revision": 0},
        content_type=JSON,
    )

    assert answer.status_code in {403, 404}
    assert held(ward)["version"] == 1
