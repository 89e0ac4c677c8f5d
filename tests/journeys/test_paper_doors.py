"""Requests on paper in the hub: handed in once, transcribed by one person, checked by another, seen by whom."""

import hashlib
import os
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client

from dokuei.audit.models import Entry
from dokuei.identity.access import Role
from dokuei.intake.models import Request, RequestVersion
from dokuei.intake.ordering.models import PlacedOrder
from dokuei.intake.paper import services
from dokuei.intake.paper.files import look_at
from dokuei.intake.paper.models import Paper, PaperFile, PaperVersion
from dokuei.intake.paper.rules import LEASE
from dokuei.kit import store
from dokuei.kit.db import scope
from dokuei.worklist.models import Reading
from tests.builders import NOW, TEST, a_facility, a_person, actor, at_large, run_due, run_jobs, signed_in
from tests.journeys.slips import a_bomb, a_fax, a_pdf, a_scan, as_json, said, written
from tests.journeys.test_races import together

pytestmark = pytest.mark.django_db(transaction=True)
JSON = "application/json"


class Office:
    """A hospital and two people of support."""

    def __init__(self) -> None:
        self.facility = a_facility()
        self.ward = signed_in(a_person(Role.TECHNOLOGIST, self.facility))
        self.people = [a_person(Role.SUPPORT, email=f"s{n}@test.test") for n in range(3)]
        self.first, self.second, self.third = (signed_in(one) for one in self.people)

    def handed_in(self, *files: bytes, client: Client | None = None, **said_: Any) -> dict[str, Any]:
        given = [SimpleUploadedFile(f"slip{n}.bin", one) for n, one in enumerate(files)]
        answer = (client or self.ward).post(
            "/api/v1/papers", {"files": given, "facility_id": self.facility.pk, **said_}
        )
        assert answer.status_code == 200, answer.content
        return dict(answer.json())

    def paper(self, *files: bytes, **said_: Any) -> int:
        return int(self.handed_in(*(files or (a_pdf(),)), **said_)["papers"][0]["id"])


@pytest.fixture
def office() -> Office:
    return Office()


def post(client: Client, paper: int, act: str, **body: Any) -> Any:
    return client.post(f"/api/v1/papers/{paper}/{act}", body, content_type=JSON)


def get(client: Client, paper: int) -> dict[str, Any]:
    return dict(client.get(f"/api/v1/papers/{paper}").json())


def write(client: Client, paper: int, fields: dict[str, Any], confirmed: list[str] | None = None) -> Any:
    body = {
        "fields": as_json(fields),
        "confirmed": confirmed or [],
        "revision": get(client, paper)["revision"],
    }
    return client.put(f"/api/v1/papers/{paper}/draft", body, content_type=JSON)


def transcribed(office: Office, paper: int, act: str = "submit", **change: str) -> None:
    assert post(office.first, paper, "claim").status_code == 200
    saved = write(office.first, paper, written(**change))
    assert saved.status_code == 200, saved.content
    answer = post(office.first, paper, act, revision=saved.json()["revision"])
    assert answer.status_code == 200, answer.content


def confirm(client: Client, paper: int, fields: dict[str, Any], but: str = "", reason: str = "") -> Any:
    names = [key for key in fields if key != but]
    revision = get(client, paper)["revision"]
    return post(
        client, paper, "confirm", fields=as_json(fields), confirmed=names, revision=revision, reason=reason
    )


def requests() -> list[Request]:
    run_jobs()
    with at_large():
        return list(Request.objects.order_by("pk"))


def events(paper: int) -> list[str]:
    with at_large():
        return list(
            Entry.objects.filter(object=f"paper:{paper}")
            .order_by("link__seq")
            .values_list("event", flat=True)
        )


def test_a_slip_becomes_a_request_after_another_person_checked_it(office: Office) -> None:
    paper = office.paper(a_pdf())
    transcribed(office, paper)
    assert requests() == []
    own = post(office.first, paper, "claim")
    assert post(office.second, paper, "claim").status_code == 200

    answer = confirm(office.second, paper, written(question="左肺結節の経過"), but="question")

    assert (own.status_code, own.json()["code"]) == (409, "paper.same_person")
    assert (answer.status_code, answer.json()["state"]) == (200, "done")
    (request,) = requests()
    assert (request.content["question"], request.state) == ("左肺結節の経過", "accepted")
    assert [(one["before"], one["after"]) for one in answer.json()["corrections"]] == [
        ("右肺結節の経過", "左肺結節の経過")
    ]
    with at_large():
        assert [one.by_name for one in PaperVersion.objects.order_by("number")] == ["support 太郎"] * 2
        assert PlacedOrder.objects.get().key == str(paper)
    assert events(paper) == [
        "paper.taken", "paper.claimed", "paper.written", "paper.transcribed", "paper.claimed", "paper.checked"
    ]  # fmt: skip


def test_the_reader_sees_where_each_field_stands_and_the_original(office: Office) -> None:
    paper = office.paper(a_fax())
    transcribed(office, paper)
    post(office.second, paper, "claim")
    confirm(office.second, paper, written())
    run_jobs()
    reader = signed_in(a_person(Role.READER, office.facility))
    with at_large():
        reading = Reading.objects.get()

    (mark,) = reader.get(f"/api/v1/readings/{reading.pk}").json()["request"]["papers"]
    page = reader.get(f"/api/v1/readings/{reading.pk}/papers/{paper}/pages/3")

    source = next(one for one in mark["sources"] if one["field"] == "question")
    assert (source["page"], mark["is_unchecked"], mark["checked_by"]) == (1, False, "support 太郎")
    assert (page.status_code, page["content-type"], page.content[1:4]) == (200, "image/png", b"PNG")
    assert events(paper)[-1] == "paper.opened"
    other = office.paper(a_scan())
    assert reader.get(f"/api/v1/readings/{reading.pk}/papers/{other}/pages/1").status_code == 404
    assert reader.get(f"/api/v1/papers/{paper}/pages/1").status_code == 403


def test_the_bytes_are_kept_as_they_came_and_nothing_of_them_changes(office: Office) -> None:
    data = a_pdf(script="app.alert(1)")
    office.paper(data)
    with at_large():
        file = PaperFile.objects.get()

    kept = store.default().get_range(file.store_key, 0, file.size_bytes)

    assert (kept, file.sha256, file.pages) == (data, hashlib.sha256(data).hexdigest(), 2)
    for change in (
        "update intake_paperfile set name = 'x'",
        "delete from intake_paperfile",
        "delete from intake_paper",
    ):
        with psycopg.connect(os.environ["DOKUEI_TEST_SUPERUSER"]) as direct, pytest.raises(psycopg.Error):
            direct.execute(change)


def test_the_same_file_is_taken_once_and_the_answer_says_so(office: Office) -> None:
    first = office.paper(a_pdf())

    again = office.handed_in(a_pdf(), a_scan())

    assert again["known"] == [{"name": "slip0.bin", "paper_id": first, "state": "received"}]
    assert [one["pages"] for one in again["papers"]] == [1]
    elsewhere = a_facility("elsewhere")
    other = signed_in(a_person(Role.TECHNOLOGIST, elsewhere))
    assert len(office.handed_in(a_pdf(), client=other, facility_id=elsewhere.pk)["papers"]) == 1


@pytest.mark.parametrize("attempt", range(3))
def test_of_two_who_hand_in_the_same_one_makes_the_paper(office: Office, attempt: int) -> None:
    given = look_at("slip.png", a_scan(attempt + 1))

    def take() -> bool:
        with scope([office.facility.pk]):
            made = services.take_paper(
                TEST, facility_id=office.facility.pk, files=[given], source="folder", at=NOW
            )
            return made.paper is not None

    assert sorted(together(take, take)) == [False, True]


@pytest.mark.parametrize(
    ("data", "pages"),
    [
        pytest.param(a_pdf(3), 3, id="pdf"),
        pytest.param(a_scan(kind="JPEG"), 1, id="photograph"),
        pytest.param(a_fax(), 3, id="fax"),
        pytest.param(a_pdf(script="app.launchURL('http://x')"), 2, id="a pdf that acts"),
        pytest.param(a_pdf(password="secret"), 0, id="encrypted"),
        pytest.param(a_pdf()[:150], 0, id="cut off"),
        pytest.param(b"%PDF-1.7\n" + os.urandom(5000), 0, id="noise"),
        pytest.param(a_scan()[:60], 0, id="half a picture"),
        pytest.param(a_bomb(), 0, id="a picture that unpacks to gigabytes"),
        pytest.param(b"II*\0\x08\0\0\0" + b"\xff" * 40, 0, id="a tiff of nonsense"),
    ],
)
def test_what_cannot_be_shown_is_kept_and_says_so(office: Office, data: bytes, pages: int) -> None:
    (row,) = office.handed_in(data)["papers"]

    assert (row["pages"], bool(row["files"][0]["problem"])) == (pages, pages == 0)
    shown = office.first.get(f"/api/v1/papers/{row['id']}/pages/1")
    assert shown.status_code == (200 if pages else 404)


@pytest.mark.parametrize("data", [b"MZ\x90\0" + b"\0" * 99, b"<html>", b"PK\x03\x04xx", b""])
def test_what_is_no_paper_is_refused_by_its_content(office: Office, data: bytes) -> None:
    answer = office.handed_in(data, a_scan())

    assert [one["code"] for one in answer["refused"]] == ["paper.empty" if not data else "paper.kind"]
    assert len(answer["papers"]) == 1


def test_an_emergency_is_sent_at_once_and_says_that_nobody_checked_it(office: Office) -> None:
    paper = office.paper(a_pdf(), is_emergency=True)
    transcribed(office, paper, "send-now", urgency="emergency")
    (request,) = requests()
    client = office.ward
    before = client.get(f"/api/v1/requests/{request.pk}").json()["papers"][0]
    run_jobs()
    (listed,) = office.second.get("/api/v1/readings").json()["items"]
    assert listed["is_unchecked"]
    assert post(office.second, paper, "return", reason="x").json()["code"] == "paper.wrong_state"
    post(office.second, paper, "claim")
    assert post(office.second, paper, "return", reason="x").json()["code"] == "paper.sent"

    confirm(office.second, paper, written(urgency="emergency", question="左肺"), but="question")

    after = client.get(f"/api/v1/requests/{request.pk}").json()
    assert (before["is_unchecked"], after["papers"][0]["is_unchecked"]) == (True, False)
    assert (after["question"], after["version"], len(requests())) == ("左肺", 2, 1)


def test_a_correction_that_comes_too_late_needs_a_word(office: Office) -> None:
    paper = office.paper(a_pdf())
    transcribed(office, paper, "send-now", urgency="emergency")
    (request,) = requests()
    office.ward.post(f"/api/v1/requests/{request.pk}/cancel", {"reason": "中止"}, content_type=JSON)
    post(office.second, paper, "claim")
    fields = written(urgency="emergency", question="左肺")

    refused = confirm(office.second, paper, fields, but="question")
    done = confirm(office.second, paper, fields, but="question", reason="施設の加藤さんに電話した")

    assert refused.json()["code"] == "paper.closed_request"
    assert (done.json()["state"], done.json()["reason"]) == ("done", "施設の加藤さんに電話した")


def test_a_paper_nobody_shows_life_for_is_free_and_keeps_what_was_written(office: Office) -> None:
    paper = office.paper(a_pdf())
    post(office.first, paper, "claim")
    write(office.first, paper, {"question": said("途中")})
    with at_large():
        until = Paper.objects.get().held_until
    assert until is not None

    run_due(until + timedelta(seconds=1))

    late = write(office.first, paper, {"question": said("遅い")})
    taken = post(office.second, paper, "claim").json()
    assert (late.json()["code"], taken["fields"]["question"]["value"]) == ("paper.lost", "途中")
    assert until - NOW >= LEASE
    assert "paper.lease_ended" in events(paper)


@pytest.mark.parametrize("attempt", range(3))
def test_of_two_who_take_it_in_hand_one_gets_it(office: Office, attempt: int) -> None:
    def claims(paper: int, *people: Any) -> list[Any]:
        def one(person: Any) -> Any:
            def claim() -> str:
                with scope([office.facility.pk]):
                    return services.claim_paper(actor(person), paper, at=NOW).state

            return claim

        return sorted(together(*(one(person) for person in people)))

    paper = office.paper(a_scan(attempt + 9))
    assert claims(paper, *office.people[1:]) == ["paper.held", "transcribing"]
    for client in (office.second, office.third):
        post(client, paper, "release")
    transcribed(office, paper)
    assert claims(paper, *office.people[1:]) == ["checking", "paper.held"]


def test_the_database_refuses_a_check_by_the_same_person(office: Office) -> None:
    paper = office.paper(a_pdf())
    transcribed(office, paper)

    with (
        pytest.raises(DatabaseError, match="nobody_checks_what_they_transcribed"),
        at_large(),
        transaction.atomic(),
    ):
        Paper.objects.filter(pk=paper).update(checked_by=office.people[0])


def test_the_same_order_that_came_by_machine_is_found_and_chosen_by_a_person(office: Office) -> None:
    earlier = office.paper(a_scan(1))
    transcribed(office, earlier)
    post(office.second, earlier, "claim")
    confirm(office.second, earlier, written())
    (request,) = requests()
    paper = office.paper(a_scan(2))
    post(office.first, paper, "claim")
    write(office.first, paper, written())

    (found,) = get(office.first, paper)["candidates"]
    joined = post(office.first, paper, "join", request_id=found["request_id"], reason="同じ依頼のFAX").json()

    assert (found["request_id"], joined["state"]) == (request.pk, "duplicate")
    marks = office.ward.get(f"/api/v1/requests/{request.pk}").json()["papers"]
    assert [one["is_joined"] for one in marks] == [False, True]
    with at_large():
        assert RequestVersion.objects.count() == 1


def test_what_is_sent_back_says_why_and_comes_back(office: Office) -> None:
    paper = office.paper(a_pdf())
    post(office.first, paper, "claim")
    without = post(office.first, paper, "return", reason=" ")

    post(office.first, paper, "return", reason="患者IDが読めません")

    shown = get(office.ward, paper)
    assert (without.json()["code"], shown["state"], shown["owner"]) == ("paper.reason", "returned", "施設")
    assert shown["reason"] == "患者IDが読めません"
    assert post(office.first, paper, "reopen", reason="電話で確認").json()["state"] == "received"


def test_papers_are_their_facilitys_and_writing_is_supports(office: Office) -> None:
    paper = office.paper(a_pdf())
    stranger = signed_in(a_person(Role.TECHNOLOGIST, a_facility("elsewhere")))
    reader = signed_in(a_person(Role.READER, office.facility))

    assert stranger.get(f"/api/v1/papers/{paper}").status_code == 404
    assert stranger.get(f"/api/v1/papers/{paper}/pages/1").status_code == 404
    assert stranger.get("/api/v1/papers").json()["items"] == []
    assert post(stranger, paper, "claim").status_code == 404
    assert post(office.ward, paper, "claim").status_code == 403
    assert reader.get("/api/v1/papers").status_code == 403
    with scope([]):
        assert not Paper.objects.exists()
        assert not PaperFile.objects.exists()


def test_two_windows_of_one_person_do_not_overwrite_each_other(office: Office) -> None:
    paper = office.paper(a_pdf())
    revision = post(office.first, paper, "claim").json()["revision"]
    write(office.first, paper, written())
    body = {"fields": {}, "revision": revision}

    stale = office.first.put(f"/api/v1/papers/{paper}/draft", body, content_type=JSON)

    assert (stale.status_code, stale.json()["code"]) == (409, "paper.stale")


def test_a_page_beyond_the_original_is_no_source(office: Office) -> None:
    paper = office.paper(a_pdf(2))
    post(office.first, paper, "claim")

    assert write(office.first, paper, {"question": said("x", page=3)}).status_code == 422
