"""Templates of requests: a facility's own, without patients, changed by nobody's older screen."""

from typing import Any

import pytest
from django.test import Client

from dokuei.audit.models import Entry
from dokuei.identity.access import Role
from dokuei.intake.templates import services
from dokuei.intake.templates.body import MOST, TemplateBody
from dokuei.intake.templates.models import RequestTemplate
from dokuei.kit.db import scope
from tests.builders import NOW, a_facility, a_person, actor, at_large, signed_in
from tests.journeys.test_races import together

pytestmark = pytest.mark.django_db(transaction=True)
JSON = "application/json"
CHEST = {
    "modality": "CT",
    "description": "胸部造影CT",
    "question": "肺結節の経過",
    "contrast": {"planned": "yes", "agent": "イオパミドール"},
    "requester_department": "呼吸器内科",
    "callback_phone": "内線 1234",
}


class House:
    def __init__(self) -> None:
        self.facility, self.other = a_facility(), a_facility("kushimoto")
        self.person = a_person(Role.REQUESTER, self.facility)
        self.requester = signed_in(self.person)

    def keep(self, name: str = "胸部CT", client: Client | None = None, **body: Any) -> Any:
        return (client or self.requester).post(
            f"/api/v1/facilities/{self.facility.pk}/request-templates",
            {"name": name, "body": body or CHEST},
            content_type=JSON,
        )

    def change(self, one: dict[str, Any], client: Client | None = None, **said: Any) -> Any:
        body = {"name": one["name"], "body": one["body"], "revision": one["revision"], **said}
        return (client or self.requester).put(
            f"/api/v1/request-templates/{one['id']}", body, content_type=JSON
        )

    def remove(self, one: dict[str, Any], client: Client | None = None) -> Any:
        return (client or self.requester).post(
            f"/api/v1/request-templates/{one['id']}/remove", {"revision": one["revision"]}, content_type=JSON
        )

    def names(self, client: Client | None = None) -> list[str]:
        answer = (client or self.requester).get(f"/api/v1/facilities/{self.facility.pk}/request-templates")
        assert answer.status_code == 200, answer.content
        return [one["name"] for one in answer.json()]


@pytest.fixture
def house() -> House:
    return House()


def test_one_is_kept_changed_and_removed_and_the_trail_says_by_whom(house: House) -> None:
    kept = house.keep(" 胸部CT ").json()
    assert (kept["name"], kept["revision"], kept["saved_by"]) == ("胸部CT", 1, house.person.name)
    assert kept["body"] == TemplateBody.model_validate(CHEST).model_dump(mode="json")

    changed = house.change(kept, body={"question": "肺炎の有無"}).json()
    assert changed["body"] == TemplateBody(question="肺炎の有無").model_dump(mode="json")
    assert house.names() == ["胸部CT"]
    assert house.remove(changed).status_code == 204
    assert house.names() == []
    assert house.keep().status_code == 200
    with at_large():
        assert RequestTemplate.objects.count() == 2
        events = Entry.objects.filter(event__startswith="template.").values_list("event", flat=True)
        assert sorted(events) == ["template.kept", "template.kept", "template.kept", "template.removed"]


@pytest.mark.parametrize(
    ("name", "body", "status", "code"),
    [
        (" ", CHEST, 409, "template.name"),
        ("空", {"modality": "CT"}, 409, "template.empty"),
        ("既往", {**CHEST, "history": "糖尿病"}, 422, None),
        ("投与量", {**CHEST, "contrast": {"dose_ml": 100}}, 422, None),
        ("緊急", {**CHEST, "urgency": "emergency"}, 422, None),
        ("長" * 101, CHEST, 422, None),
    ],
)
def test_what_is_no_template_is_not_kept(
    house: House, name: str, body: dict[str, Any], status: int, code: str | None
) -> None:
    answer = house.keep(name, **body)

    assert answer.status_code == status, answer.content
    assert code is None or answer.json()["code"] == code
    assert house.names() == []


def test_a_name_is_had_once_and_an_older_screen_changes_nothing(house: House) -> None:
    first, second = house.keep("胸部CT").json(), house.keep("腹部CT").json()

    assert house.keep("胸部CT").json()["code"] == "template.taken"
    assert house.change(second, name="胸部CT").json()["code"] == "template.taken"
    assert house.change(first, body={"question": "新しい"}).status_code == 200
    assert house.change(first, body={"question": "古い画面"}).json()["code"] == "template.meanwhile"
    assert house.remove(first).json()["code"] == "template.meanwhile"
    assert sorted(house.names()) == ["胸部CT", "腹部CT"]


def test_there_are_only_so_many(house: House) -> None:
    with at_large():
        RequestTemplate.objects.bulk_create(
            RequestTemplate(facility=house.facility, name=str(n), body={}, saved_at=NOW) for n in range(MOST)
        )

    assert house.keep("もう1つ").json()["code"] == "template.many"


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.REQUESTER, 200),
        (Role.TECHNOLOGIST, 200),
        (Role.SUPPORT, 200),
        (Role.READER, 403),
        (Role.ADMINISTRATOR, 403),
    ],
)
def test_who_writes_requests_writes_their_templates(house: House, role: Role, status: int) -> None:
    is_theirs = role in {Role.REQUESTER, Role.TECHNOLOGIST}
    client = signed_in(a_person(role, *([house.facility] if is_theirs else []), email="who@test.test"))

    assert house.keep(client=client).status_code == status
    listed = client.get(f"/api/v1/facilities/{house.facility.pk}/request-templates")
    assert listed.status_code == status


def test_another_facility_neither_sees_nor_changes_it(house: House) -> None:
    kept = house.keep().json()
    stranger = signed_in(a_person(Role.REQUESTER, house.other))

    assert house.keep("よそ", client=stranger).status_code in {403, 404}
    assert house.change(kept, client=stranger).status_code == 404
    assert house.remove(kept, client=stranger).status_code == 404
    listed = stranger.get(f"/api/v1/facilities/{house.facility.pk}/request-templates")
    assert listed.status_code in {403, 404}
    with scope([house.other.pk]):
        assert RequestTemplate.objects.count() == 0


def test_two_who_keep_the_same_name_at_once_make_one(house: House) -> None:
    someone = actor(house.person)

    def keep() -> str:
        with scope([house.facility.pk]):
            body = TemplateBody.model_validate(CHEST)
            services.keep_template(someone, facility_id=house.facility.pk, name="胸部CT", body=body, at=NOW)
        return "kept"

    assert sorted(together(keep, keep)) == ["kept", "template.taken"]
    with at_large():
        assert RequestTemplate.objects.count() == 1
