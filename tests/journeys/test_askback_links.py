"""Mails that an ask-back waits, and the link in each: no patient data, two identifiers, one answer."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pydantic import SecretStr

from dokuei.audit.models import Entry
from dokuei.identity.access import Role
from dokuei.identity.models import Facility, Person
from dokuei.identity.rules import PersonAct
from dokuei.identity.services import move_person
from dokuei.intake.askbacks.links.models import AskBackLink
from dokuei.intake.askbacks.models import AskBack
from dokuei.kit.mail import MailUnavailable
from tests.builders import (
    NOW,
    TEST,
    a_facility,
    a_person,
    a_sent_request,
    a_study,
    at_large,
    run_due,
    run_jobs,
    signed_in,
)
from tests.journeys.test_races import together
from tests.smtp import MailServer

pytestmark = pytest.mark.django_db(transaction=True)
JSON = "application/json"
WHO = {"patient_id": "P1", "birth_on": "1968-03-12"}
PATIENT_WORDS = ("山田", "ヤマダ", "やまだ", "Yamada", "P1", "1968", "手術歴", "胸部")


@pytest.fixture
def mails(settings: Any) -> Iterator[MailServer]:
    server = MailServer()
    settings.DOKUEI = settings.DOKUEI.model_copy(
        update={"smtp_url": SecretStr(server.url), "support_phone": "03-0000-0000"}
    )
    yield server
    server.shutdown()
    server.server_close()


class Ward:
    """A facility with people, a sent request, and support who asks."""

    def __init__(self) -> None:
        self.facility: Facility = a_facility()
        self.technologist: Person = a_person(Role.TECHNOLOGIST, self.facility)
        self.doctor: Person = a_person(Role.REQUESTER, self.facility)
        self.support = signed_in(a_person(Role.SUPPORT))
        self.request = a_sent_request(self.doctor, a_study(self.facility))
        run_jobs()

    def ask(self, addressee: str = "technologist") -> int:
        said = {
            "kind": "surgery",
            "sentence": "手術歴を教えてください。",
            "options": ["手術歴なし", "不明"],
            "addressee": addressee,
        }
        path = f"/api/v1/requests/{self.request.pk}/ask-backs"
        answer = self.support.post(path, said, content_type=JSON)
        assert answer.status_code == 200, answer.content
        run_jobs()
        return int(answer.json()["id"])


@pytest.fixture
def ward() -> Ward:
    return Ward()


def secret_in(server: MailServer, person: Person) -> str:
    text = server.to(person.email)[-1].get_content()
    found = re.search(r"/answer#(\S+)", text)
    assert found is not None, text
    return found[1]


def post(path: str, secret: str, **said: Any) -> Any:
    return Client().post(f"/api/v1/answer{path}", {"secret": secret, **said}, content_type=JSON)


def states() -> list[str]:
    with at_large():
        return list(AskBackLink.objects.order_by("pk").values_list("state", flat=True))


def test_a_mail_tells_the_right_person_and_nothing_about_the_patient(mails: MailServer, ward: Ward) -> None:
    ward.ask()

    assert [to for to, _ in mails.kept] == [ward.technologist.email]
    (message,) = mails.to(ward.technologist.email)
    text = str(message["Subject"]) + message.get_content()
    assert not [word for word in PATIENT_WORDS if word in text]
    assert ward.facility.name in text
    assert "03-0000-0000" in text
    assert states() == ["sent"]


def test_the_link_asks_for_two_identifiers_before_it_shows_anything(mails: MailServer, ward: Ward) -> None:
    ward.ask()
    secret = secret_in(mails, ward.technologist)

    opened = post("/open", secret)
    wrong = post("/question", secret, patient_id="P1", birth_on="1968-03-13")
    right = post("/question", secret, patient_id=" p1 ", birth_on="1968-03-12")

    assert (opened.status_code, opened.json()["accession_number"], opened.json()["modality"]) == (
        200,
        "A1",
        "CT",
    )
    assert not [word for word in PATIENT_WORDS if word in opened.content.decode()]
    assert (wrong.status_code, wrong.json()["code"]) == (409, "link.different")
    assert (right.json()["sentence"], right.json()["options"]) == (
        "手術歴を教えてください。",
        ["手術歴なし", "不明"],
    )


def test_an_answer_by_link_is_the_persons_own_and_the_only_one(mails: MailServer, ward: Ward) -> None:
    asked = ward.ask()
    secret = secret_in(mails, ward.technologist)

    unnamed = post("", secret, option="不明", patient_id="P2", birth_on="1968-03-12")
    answers = together(
        lambda: post("", secret, option="手術歴なし", **WHO).status_code,
        lambda: post("", secret, option="不明", **WHO).status_code,
    )
    after = post("/open", secret)

    assert unnamed.status_code == 409
    assert sorted(answers) == [200, 409]
    assert (after.status_code, after.json()["code"]) == (409, "link.used")
    with at_large():
        row = AskBack.objects.get(pk=asked)
        events = list(Entry.objects.filter(event__startswith="ask_back.").values_list("event", flat=True))
    assert (row.state, row.ended_by_id, row.ended_by_name) == (
        "answered",
        ward.technologist.pk,
        "technologist 太郎",
    )
    assert events.count("ask_back.answered") == 1
    assert "ask_back.link_refused" in events


def test_a_link_that_guesses_is_locked(mails: MailServer, ward: Ward) -> None:
    ward.ask()
    secret = secret_in(mails, ward.technologist)

    for day in range(1, 6):
        post("/question", secret, patient_id="P1", birth_on=f"1970-01-0{day}")
    answer = post("/question", secret, **WHO)

    assert (answer.status_code, answer.json()["code"]) == (409, "link.locked")
    assert states() == ["locked"]


@pytest.mark.parametrize("way", ["withdrawn", "expired", "answered", "left", "forged"])
def test_a_link_to_what_is_over_opens_nothing(mails: MailServer, ward: Ward, way: str) -> None:
    asked = ward.ask()
    secret = secret_in(mails, ward.technologist)
    if way == "withdrawn":
        ward.support.post(f"/api/v1/ask-backs/{asked}/withdraw", {"reason": "済"}, content_type=JSON)
    elif way == "expired":
        run_due(NOW + timedelta(days=9))
    elif way == "answered":
        signed_in(ward.doctor).post(
            f"/api/v1/ask-backs/{asked}/answer", {"option": "不明"}, content_type=JSON
        )
    elif way == "left":
        with at_large():
            move_person(TEST, ward.technologist.pk, PersonAct.SUSPEND, at=NOW)
    else:
        secret = secret[:-2] + ("AA" if not secret.endswith("AA") else "BB")

    answer = post("", secret, option="手術歴なし", **WHO)

    codes = {"withdrawn": "link.ended", "expired": "link.ended", "answered": "link.answered"}
    assert (answer.status_code, answer.json()["code"]) == (409, codes.get(way, "link.unknown"))


def test_a_reminder_is_another_mail_with_its_own_link(mails: MailServer, ward: Ward) -> None:
    asked = ward.ask()
    with at_large():
        at = AskBack.objects.get(pk=asked).remind_at
    assert at is not None
    run_due(at)
    run_jobs()

    first, second = mails.to(ward.technologist.email)
    assert "再通知" in str(second["Subject"])
    assert first["Message-ID"] != second["Message-ID"]
    row = ward.support.get("/api/v1/ask-backs").json()["items"][0]
    assert (row["mails"]["told"], row["mails"]["failed"]) == (1, 0)


def test_a_mail_that_is_refused_is_told_and_one_that_cannot_leave_yet_waits(
    mails: MailServer, ward: Ward
) -> None:
    mails.refused = {ward.doctor.email: 550, ward.technologist.email: 451}

    with pytest.raises(MailUnavailable):
        ward.ask("office")

    assert sorted(states()) == ["failed", "planned"]
    row = ward.support.get("/api/v1/ask-backs").json()["items"][0]
    assert (row["mails"]["told"], row["mails"]["failed"]) == (0, 1)


def test_without_a_mail_server_nothing_is_planned(ward: Ward) -> None:
    ward.ask()

    assert states() == []


def test_a_patient_nobody_can_name_gets_a_mail_without_a_link(mails: MailServer, ward: Ward) -> None:
    with at_large():
        ward.request.patient.__class__.objects.update(birth_date=None)  # type: ignore[union-attr]

    ward.ask()

    text = mails.to(ward.technologist.email)[0].get_content()
    assert "/answer#" not in text
    assert "/ask-backs" in text
