"""Opening a study in a certified viewer, through the HTTP doors: who may, what is refused, what is believed."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from dokuei.audit.models import Entry
from dokuei.identity.access import Role
from dokuei.identity.models import Facility
from dokuei.imaging.models import Study, StudyGrant
from dokuei.imaging.viewers.models import Viewer, ViewerLaunch
from dokuei.kit.db import scope
from tests.builders import a_facility, a_person, a_study, at_large, signed_in
from tests.journeys.test_rooms import TEXT, House, post, put

pytestmark = pytest.mark.django_db(transaction=True)
CONTEXT = "https://viewer.test/open?study={study_instance_uid}&ctx={context}"
PLAIN = "https://viewer.test/open?study={study_instance_uid}"


class Case(House):
    """A claimed reading, and an administrator who named a viewer."""

    def __init__(self) -> None:
        super().__init__()
        self.office = signed_in(a_person(Role.ADMINISTRATOR))
        self.reading = self.claimed()["reading"]["id"]
        self.viewer = self.named(CONTEXT)

    def named(self, template: str, **change: Any) -> int:
        body = {"name": "認証ビューア", "template": template, **change}
        answer = post(self.office, "/api/v1/viewers", body)
        assert answer.status_code == 200, answer.content
        return int(answer.json()["id"])

    def screen(self, **change: Any) -> dict[str, Any]:
        return {
            "viewer_id": self.viewer,
            "patient_id": "P1",
            "study_instance_uid": self.study.study_instance_uid,
            "accession_number": "A1",
            **change,
        }

    def launch(self, **change: Any) -> Any:
        return post(self.reader_side, f"/api/v1/readings/{self.reading}/launch", self.screen(**change))

    def token(self) -> str:
        url = self.launch().json()["url"]
        return str(url.rpartition("ctx=")[2])

    def launches(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.reader_side.get(
            f"/api/v1/readings/{self.reading}/launches"
        ).json()["launches"]
        return found

    def sign(self) -> Any:
        report = self.reader_side.get(f"/api/v1/readings/{self.reading}/report").json()
        revision = report["revision"]
        if not report["impression"]:
            saved = put(
                self.reader_side, f"/api/v1/reports/{report['id']}/draft", {**TEXT, "revision": revision}
            )
            revision = saved.json()["revision"]
        return post(self.reader_side, f"/api/v1/reports/{report['id']}/sign", {"revision": revision})


def say(
    token: str, patient: str | None = "P1", study: str | None = None, client: Client | None = None
) -> Any:
    body = {"patient_id": patient, "study_instance_uid": study}
    return post(client or Client(), f"/api/v1/viewer-context/{token}", body)


def trail(event: str) -> list[Entry]:
    with at_large():
        return list(Entry.objects.filter(event=event).order_by("at"))


@pytest.fixture
def case() -> Case:
    cache.clear()
    return Case()


def test_the_hub_builds_the_address_and_writes_down_who_opened_what_where(case: Case) -> None:
    answer = case.launch()

    assert answer.status_code == 200, answer.content
    told = answer.json()
    uid = case.study.study_instance_uid
    assert told["url"].startswith(f"https://viewer.test/open?study={uid}&ctx=")
    assert (told["launch"]["patient_name"], told["launch"]["accession_number"]) == ("山田 太郎", "A1")
    (entry,) = trail("launch.opened")
    assert f'"study_id":{case.study.pk}' in entry.body
    assert f'"viewer":{case.viewer}' in entry.body
    assert entry.by == f"person:{case.reader.pk}"
    assert [one.event for one in trail("reading.launched")] == ["reading.launched"]


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        ({"patient_id": "P2"}, ["patient"]),
        ({"study_instance_uid": "1.2.3"}, ["study"]),
        ({"accession_number": ""}, ["accession"]),
    ],
)
def test_a_screen_that_shows_something_else_opens_nothing(
    case: Case, change: dict[str, str], differs: list[str]
) -> None:
    refused = case.launch(**change)

    assert refused.status_code == 409
    assert (refused.json()["code"], refused.json()["differs"]) == ("launch.context_differs", differs)
    assert "url" not in refused.json()
    assert case.launches() == []
    (entry,) = trail("launch.refused")
    assert f'"differs":["{differs[0]}"]' in entry.body
    assert "P2" not in entry.body


def test_who_may_not_see_the_images_opens_nothing(case: Case) -> None:
    stranger = signed_in(a_person(Role.READER, a_facility("midori")))
    colleague = signed_in(a_person(Role.READER, case.facility, email="other@test.test"))
    path = f"/api/v1/readings/{case.reading}/launch"

    assert post(stranger, path, case.screen()).status_code == 404
    assert post(colleague, path, case.screen()).status_code == 404
    assert post(case.office, path, case.screen()).status_code == 403
    assert post(Client(), path, case.screen()).status_code == 401
    with at_large():
        StudyGrant.objects.update(ended_at="2030-01-01T00:00:00Z")
    assert case.launch().status_code == 404
    assert trail("launch.opened") == []


def test_a_facility_opens_its_own_study_and_no_other_facilitys(case: Case) -> None:
    path = f"/api/v1/studies/{case.study.pk}/launch"
    stranger = signed_in(a_person(Role.REQUESTER, a_facility("midori")))

    opened = post(case.facility_side, path, case.screen())
    assert opened.status_code == 200, opened.content
    assert post(case.facility_side, path, case.screen(patient_id="P9")).status_code == 409
    assert post(stranger, path, case.screen()).status_code == 404
    assert post(case.reader_side, path, case.screen()).status_code == 403
    listed = case.facility_side.get(f"/api/v1/studies/{case.study.pk}/launches").json()
    assert [one["state"] for one in listed["launches"]] == ["opened"]
    assert case.launches() == []  # one sees one's own


def test_a_viewer_of_one_facility_is_not_there_for_another(case: Case) -> None:
    other = a_facility("midori")
    foreign = case.named(PLAIN, facility_id=other.pk)
    own = case.named(PLAIN, facility_id=case.facility.pk)

    listed = case.reader_side.get(f"/api/v1/readings/{case.reading}/launches").json()["viewers"]
    assert {one["id"] for one in listed} == {case.viewer, own}
    assert case.launch(viewer_id=foreign).status_code == 404
    with scope([case.facility.pk]):  # the database's own wall
        assert set(Viewer.objects.values_list("pk", flat=True)) == {case.viewer, own}


def test_only_an_administrator_names_viewers_and_a_hostile_one_is_refused(case: Case) -> None:
    body = {"name": "x", "template": PLAIN}
    for client in (case.reader_side, case.facility_side):
        assert post(client, "/api/v1/viewers", body).status_code == 403
        assert client.get("/api/v1/viewers").status_code == 403
    hostile = post(case.office, "/api/v1/viewers", {"name": "x", "template": "javascript:x({context})"})
    assert (hostile.status_code, hostile.json()["code"]) == (422, "viewer.scheme")
    naming = {"name": "x", "template": "https://v.test/{patient_id}?s={study_instance_uid}"}
    assert post(case.office, "/api/v1/viewers", naming).json()["code"] == "viewer.names_patient"
    assert post(case.office, "/api/v1/viewers", {**naming, "may_name_patient": True}).status_code == 200


def test_a_viewer_is_changed_against_its_revision_and_leaves_a_trace(case: Case) -> None:
    path, body = f"/api/v1/viewers/{case.viewer}", {"name": "x", "template": PLAIN, "revision": 1}
    assert put(case.office, path, body).json()["revision"] == 2
    assert put(case.office, path, body).json()["code"] == "viewer.conflict"
    assert case.office.delete(f"{path}?revision=1").status_code == 409
    assert case.office.delete(f"{path}?revision=2").status_code == 200
    assert case.launch().status_code == 404
    assert "open?study" in trail("viewer.changed")[0].body
    assert len(trail("viewer.removed")) == 1


def test_a_viewer_learns_once_whose_study_it_was_opened_for(case: Case) -> None:
    token = case.token()

    asked = Client().get(f"/api/v1/viewer-context/{token}")
    assert asked.status_code == 200, asked.content
    told = asked.json()
    uid = case.study.study_instance_uid
    assert (told["patient_id"], told["study_instance_uid"], told["accession_number"]) == ("P1", uid, "A1")
    assert Client().get(f"/api/v1/viewer-context/{token}").status_code == 404
    assert say(token, "P1", uid).status_code == 404

    heard = say(told["next"], "P1", uid)
    assert heard.status_code == 200, heard.content
    assert set(heard.json()) == {"next", "next_until"}  # no verdict
    assert say(told["next"], "P1", uid).status_code == 404
    assert [one["state"] for one in case.launches()] == ["confirmed"]
    with at_large():
        kept = ViewerLaunch.objects.get()
    assert token not in str(vars(kept))
    assert all(token not in one.body for one in trail("launch.opened"))


def test_another_patient_there_stops_the_signature_until_somebody_has_looked(case: Case) -> None:
    uid = case.study.study_instance_uid
    token = say(case.token(), "P1", uid).json()["next"]

    token = say(token, "P777", "9.9.9").json()["next"]
    (shown,) = case.launches()
    assert (shown["state"], shown["shown_patient_id"], shown["patient_id"]) == ("differs", "P777", "P1")
    assert "P777" not in trail("launch.differs")[0].body
    refused = case.sign()
    assert (refused.status_code, refused.json()["code"]) == (409, "report.another_patient_open")

    # that it is right again does not undo that it was wrong
    token = say(token, "P1", uid).json()["next"]
    assert case.launches()[0]["state"] == "differs"
    assert case.sign().status_code == 409

    path = f"/api/v1/launches/{shown['id']}/clear"
    other = signed_in(a_person(Role.READER, case.facility, email="other@test.test"))
    assert post(other, f"{path}?revision={shown['revision']}").status_code == 404
    assert post(case.reader_side, f"{path}?revision=1").json()["code"] == "launch.changed"
    assert post(case.reader_side, f"{path}?revision={shown['revision']}").status_code == 200
    assert len(trail("launch.cleared")) == 1

    # said to be closed, and yet it speaks
    token = say(token, "P777", "9.9.9").json()["next"]
    (again,) = case.launches()
    assert again["state"] == "differs"
    assert post(case.reader_side, f"{path}?revision={again['revision']}").status_code == 200
    say(token, None, None)
    assert case.sign().status_code == 200


def test_an_earlier_study_of_the_same_patient_is_a_comparison(case: Case) -> None:
    prior = a_study(case.facility)

    say(case.token(), "P1", prior.study_instance_uid)

    assert case.launches()[0]["state"] == "confirmed"


def test_another_study_in_the_same_viewer_ends_what_was_opened_before(case: Case) -> None:
    old = case.token()
    new = case.token()

    assert say(old, "P1", case.study.study_instance_uid).status_code == 404
    assert say(new, "P1", case.study.study_instance_uid).status_code == 200
    assert len(case.launches()) == 1


def test_what_has_to_be_looked_at_is_not_replaced(case: Case) -> None:
    say(case.token(), "P2", "9")

    case.launch()

    assert [one["state"] for one in case.launches()] == ["opened", "differs"]
    assert case.sign().status_code == 409


def test_a_secret_is_over_after_its_time(case: Case) -> None:
    token = case.token()
    with at_large():
        launch = ViewerLaunch.objects.get()
        until = launch.token_until
        assert until is not None
        assert until - launch.opened_at == timedelta(minutes=5)
        ViewerLaunch.objects.update(token_until=launch.opened_at - timedelta(seconds=1))

    assert Client().get(f"/api/v1/viewer-context/{token}").status_code == 404


def test_every_wrong_secret_has_one_answer_and_guesses_are_throttled(case: Case) -> None:
    token = case.token()
    say(token, "P1", case.study.study_instance_uid)  # spent
    word, _, mark = token.partition(".")
    wrong = [token, f"{word[:-1]}A.{mark}", f"{word}.{mark[:-1]}A", word, "x", "a" * 500, f"{word}.é"]

    answers = [Client().get(f"/api/v1/viewer-context/{one}") for one in wrong]
    assert {(one.status_code, one.content) for one in answers} == {(404, answers[0].content)}

    for _ in range(20 - len(wrong)):
        assert Client().get("/api/v1/viewer-context/guess").status_code == 404
    assert Client().get("/api/v1/viewer-context/guess").status_code == 429
    good = case.token()
    assert say(good, "P1", case.study.study_instance_uid).status_code == 429


def test_the_database_keeps_launches_of_other_facilities_away(case: Case) -> None:
    case.launch()
    other = a_facility("midori")

    for ids, count in (([case.facility.pk], 1), ([other.pk], 0)):
        with scope(ids), connection.cursor() as cursor:
            cursor.execute("select count(*) from imaging_viewerlaunch")
            assert cursor.fetchone()[0] == count


def test_a_study_without_the_number_the_address_needs_is_not_opened(case: Case) -> None:
    needs = case.named("https://v.test/?a={accession_number}", may_name_patient=True)
    with at_large():
        Study.objects.filter(pk=case.study.pk).update(accession_number="")

    refused = case.launch(viewer_id=needs, accession_number="")

    assert (refused.status_code, refused.json()["code"]) == (409, "launch.empty")


def test_no_patient_stands_in_an_address_unless_allowed(case: Case) -> None:
    url = case.launch(viewer_id=case.named(PLAIN)).json()["url"]

    assert url == PLAIN.replace("{study_instance_uid}", case.study.study_instance_uid)
    assert Facility.objects.filter(pk=case.facility.pk).exists()
