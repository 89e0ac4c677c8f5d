"""A question reaches a technologist's mailbox and is answered from there, without signing in."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import Visitor, ask
from tests.journeys.cases import invitation
from tests.server import Installation, until
from tests.smtp import MailServer


@pytest.fixture
def mails() -> Iterator[MailServer]:
    server = MailServer()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def place(tmp_path: Path, mails: MailServer) -> Iterator[Installation]:
    made = Installation(tmp_path / "d", DOKUEI_SMTP_URL=mails.url)
    made.start()
    yield made
    assert made.stop() == 0


def test_a_question_is_answered_from_the_mailbox(
    place: Installation, browser: Browser, mails: MailServer
) -> None:
    place.run("admin", "facility", "shirahama", "白浜総合病院")
    technologist = Visitor(browser, place)
    technologist.join(invitation(place, "suzuki@test.test", "鈴木 技師", "technologist"))
    support = Visitor(browser, place)
    support.join(invitation(place, "sasaki@test.test", "佐々木 修", "support"))
    with place.client(place.token("shirahama", "request:write", "request:read")) as his:
        made = his.post("/api/fhir/R4/ServiceRequest", json=ORDER, headers=FHIR).json()
    question = {
        "kind": "surgery",
        "sentence": "手術歴を教えてください。",
        "options": ["手術歴なし", "不明"],
        "addressee": "technologist",
    }
    ask(support.page, "POST", f"/api/v1/requests/{made['id']}/ask-backs", question)

    mail = until(lambda: next(iter(mails.to("suzuki@test.test")), None))
    link = re.search(r"\S+/answer#\S+", mail.get_content())
    assert link is not None
    stranger = Visitor(browser, place)
    page = stranger.page
    page.goto(link[0])
    expect(page.get_by_text("ACC7")).to_be_visible()
    expect(page.get_by_text("山田")).to_have_count(0)
    assert stranger.accessibility() == []
    page.get_by_label("患者ID").fill("P1")
    page.get_by_label("生年月日").fill("1968-03-13")
    page.get_by_role("button", name="照会を表示").click()
    expect(page.get_by_text("一致しません")).to_be_visible()
    page.get_by_label("生年月日").fill("1968-03-12")
    page.get_by_role("button", name="照会を表示").click()
    expect(page.get_by_text("手術歴を教えてください。")).to_be_visible()
    assert stranger.accessibility() == []
    page.get_by_role("button", name="手術歴なし").click()
    expect(page.get_by_role("heading", name="回答しました")).to_be_visible()
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("このリンクでの回答は済んでいます")
    assert stranger.accessibility() == []

    support.page.goto(f"{place.url}/requests/{made['id']}")
    expect(support.page.get_by_text("鈴木 技師").first).to_be_visible()
    expect(support.page.get_by_text("メールで通知 1名").first).to_be_visible()


FHIR = {"Content-Type": "application/fhir+json"}
ORDER = {
    "resourceType": "ServiceRequest",
    "identifier": [
        {"type": {"coding": [{"code": "PLAC"}]}, "system": "urn:example:orders", "value": "A100"},
        {"type": {"coding": [{"code": "ACSN"}]}, "value": "ACC7"},
    ],
    "status": "active",
    "intent": "order",
    "code": {"text": "胸部単純CT"},
    "subject": {"reference": "#p"},
    "contained": [
        {
            "resourceType": "Patient",
            "id": "p",
            "identifier": [{"value": "P1"}],
            "name": [{"text": "山田 太郎"}],
            "gender": "male",
            "birthDate": "1968-03-12",
        }
    ],
    "reasonCode": [{"text": "右肺結節の経過"}],
}
