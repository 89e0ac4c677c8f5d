"""A case is opened in a certified viewer elsewhere, in real Chromium, and that viewer says what it shows."""

import re
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright._impl._api_structures import SetCookieParam
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser import Visitor
from tests.journeys.cases import invitation
from tests.journeys.key_images import House, ask
from tests.journeys.several import (
    enter,
    has_pictures,
    images_window,
    look_at,
    report_window,
    seen,
    two_patients,
)
from tests.server import until

IMAGES = re.compile("/api/v1/readings/.*/images$")
ME = re.compile("/api/v1/me$")


class CertifiedViewer:
    """What a vendor's viewer does: a page that opens by address, and a server beside it that speaks to the hub."""

    def __init__(self, hub: str) -> None:
        self.hub = hub
        self.asked: list[tuple[dict[str, list[str]], dict[str, str]]] = []
        self.token = ""
        viewer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                query = parse_qs(urlsplit(self.path).query)
                if "study" in query:
                    viewer.asked.append((query, {k.lower(): v for k, v in self.headers.items()}))
                    viewer.token = query["ctx"][0]
                body = (
                    "<!doctype html><meta charset=utf-8><title>viewer</title><p>診断用ビューア</p>".encode()
                )
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.template = (
            f"http://localhost:{self.server.server_port}/open?study={{study_instance_uid}}&ctx={{context}}"
        )

    def learn(self) -> dict[str, Any]:
        """Ask whose study it was opened for."""
        return self._speak(None)

    def say(self, patient: str | None, study: str | None) -> None:
        self._speak({"patient_id": patient, "study_instance_uid": study})

    def _speak(self, said: dict[str, Any] | None) -> dict[str, Any]:
        path = f"{self.hub}/api/v1/viewer-context/{self.token}"
        answer = httpx.get(path) if said is None else httpx.post(path, json=said)
        found: dict[str, Any] = answer.raise_for_status().json()
        self.token = found["next"]
        return found

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, browser: Browser, real_dicom: Path) -> Iterator[House]:
    with two_patients(tmp_path_factory.mktemp("launch"), browser, real_dicom) as found:
        yield found


@pytest.fixture(scope="module")
def viewer(house: House, browser: Browser) -> Iterator[CertifiedViewer]:
    """A viewer that an administrator named on the screen of the facilities."""
    made = CertifiedViewer(house.place.url)
    name_it(house, browser, made.template)
    yield made
    made.close()


def name_it(house: House, browser: Browser, template: str) -> None:
    office = Visitor(browser, house.place)
    office.join(invitation(house.place, "kanri@test.test", "管理 一郎", "administrator"))
    page = office.page
    expect(page.get_by_role("button", name="メニュー: 管理 一郎")).to_be_visible()
    page.goto(f"{house.place.url}/admin/facilities")
    page.get_by_role("button", name="ビューアを追加する").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("名称").fill("認証ビューアA")
    dialog.get_by_label("URL テンプレート").fill("javascript:alert({context})")
    dialog.get_by_role("button", name="保存する").click()
    expect(page.get_by_text("このURLの種類は使えません")).to_be_visible()
    dialog.get_by_label("URL テンプレート").fill(template.replace("localhost", "127.0.0.1"))
    dialog.get_by_role("button", name="保存する").click()
    expect(page.get_by_text("読影システムと同じホスト名は使えません")).to_be_visible()
    dialog.get_by_label("URL テンプレート").fill(template)
    look_at(office, "launch-admin-dialog")
    dialog.get_by_role("button", name="保存する").click()
    expect(page.get_by_role("row").filter(has_text="認証ビューアA")).to_contain_text("患者照合あり")
    look_at(office, "launch-admin")
    assert office.accessibility() == []
    assert office.faults == []
    office.context.close()


@pytest.fixture
def reader(house: House, browser: Browser) -> Iterator[Visitor]:
    visitor = Visitor(browser, house.place)
    visitor.context.add_cookies(cast("Sequence[SetCookieParam]", house.reader.context.cookies()))
    yield visitor
    visitor.context.close()


def launched(main: Visitor, viewer: CertifiedViewer, patient: str, accession: str) -> Page:
    """The window that opens after what will open there was shown."""
    before = len(viewer.asked)
    main.page.keyboard.press("Shift+D")
    dialog = main.page.get_by_role("dialog")
    for text in ("山田 太郎", patient, accession, "URLに患者IDや氏名は入りません"):
        expect(dialog).to_contain_text(text)
    look_at(main, f"launch-dialog-{accession}")
    with main.context.expect_page() as popup:
        dialog.get_by_role("button", name="この患者・この検査を開く").click()
    expect(popup.value.get_by_text("診断用ビューア")).to_be_visible()
    until(lambda: len(viewer.asked) == before + 1)
    return popup.value


def line(visitor: Visitor) -> Any:
    return visitor.page.get_by_test_id("launch-line")


def red(visitor: Visitor, *texts: str) -> None:
    cover = visitor.page.get_by_role("alertdialog", name="別の患者が開かれています")
    expect(cover).to_be_visible()
    for text in texts:
        expect(cover).to_contain_text(text)
    assert not (left := seen(visitor)), left


def test_a_case_is_opened_in_a_certified_viewer_that_says_it_shows_the_same_patient(
    house: House, reader: Visitor, viewer: CertifiedViewer
) -> None:
    reading = enter(house, "CT", reader)
    second = images_window(reader)
    study = ask(reader.page, "GET", f"/api/v1/readings/{reading}/images")[1]["studies"][0]["study"]

    window = launched(reader, viewer, "00123CT", "ACC-CT")
    query, headers = viewer.asked[-1]
    assert query["study"] == [study["study_instance_uid"]]
    assert "referer" not in headers
    assert "cookie" not in headers
    assert window.evaluate("window.opener") is None
    assert "00123CT" not in window.url
    for one in (reader, second):
        expect(line(one)).to_contain_text("認証ビューアA 起動")
        expect(line(one)).to_contain_text("山田 太郎 · 照合待ち")

    told = viewer.learn()
    assert (told["patient_id"], told["accession_number"]) == ("00123CT", "ACC-CT")
    viewer.say(told["patient_id"], told["study_instance_uid"])
    for one in (reader, second):
        expect(line(one)).to_contain_text("照合済")
    look_at(reader, "launch-confirmed")
    viewer.say(None, None)
    expect(line(reader)).to_contain_text("閉じました")
    window.close()
    reader.look()
    assert (reader.faults, reader.barriers) == ([], [])


def test_another_patient_in_the_viewer_reddens_every_window_and_nothing_is_signed(
    house: House, reader: Visitor, viewer: CertifiedViewer
) -> None:
    reading = enter(house, "CT", reader)
    reader.page.get_by_label("所見").fill("右肺に結節を認めます。")
    reader.page.get_by_label("診断").fill("右肺結節。")
    reader.page.keyboard.press("Escape")
    second = images_window(reader)
    window = launched(reader, viewer, "00123CT", "ACC-CT")
    report = report_window(reader)

    viewer.say("99999", "1.2.3.4")

    for one in (reader, second, report):
        red(one, "山田 太郎", "00123CT", "99999", "1.2.3.4", "認証ビューアA")
    look_at(reader, "launch-another")
    reader.look()
    viewer.say("00123CT", viewer.asked[-1][0]["study"][0])  # right again: it was wrong all the same
    red(reader, "99999")
    for key in ("Control+Enter", "Escape", "k"):
        reader.page.keyboard.press(key)
    red(reader, "99999")
    kept = ask(reader.page, "GET", f"/api/v1/readings/{reading}/report")[1]
    body = {"revision": kept["revision"], "figures_revision": kept["figures_revision"]}
    status, refused = ask(reader.page, "POST", f"/api/v1/reports/{kept['id']}/sign", body)
    assert (status, refused["code"]) == (409, "report.another_patient_open")

    window.close()
    reader.page.get_by_role("button", name="認証ビューアA を閉じたことを確認した").click()
    for one in (reader, second):
        until(lambda one=one: has_pictures(one))  # type: ignore[misc]
        expect(line(one)).to_contain_text("閉じました")
    expect(report.page.get_by_label("所見")).to_have_value("右肺に結節を認めます。")
    assert (reader.faults, reader.barriers) == ([], [])


def test_a_screen_that_differs_from_the_hub_opens_nothing_and_empties_every_window(
    house: House, reader: Visitor, viewer: CertifiedViewer
) -> None:
    def as_it_was(route: Route) -> None:
        answer = route.fetch()
        images = answer.json()
        images["studies"][0]["study"]["accession_number"] = "OLD-1"
        route.fulfill(response=answer, json=images)

    reader.context.route(IMAGES, as_it_was)
    enter(house, "CR", reader)
    second = images_window(reader)
    before = len(viewer.asked)

    reader.page.keyboard.press("Shift+D")
    expect(reader.page.get_by_role("dialog")).to_contain_text("OLD-1")
    reader.page.get_by_role("button", name="この患者・この検査を開く").click()

    for one in (reader, second):
        cover = one.page.get_by_role("alertdialog", name="確認してください")
        expect(cover).to_be_visible()
        expect(cover.get_by_role("alert")).to_have_text("受付番号")
        assert not (left := seen(one)), left
    assert len(viewer.asked) == before
    assert len(reader.context.pages) == 2
    reader.context.unroute(IMAGES)
    reader.page.get_by_role("button", name="読み込み直す").click()
    until(lambda: has_pictures(reader))


def test_every_window_says_that_it_is_for_reference_unless_the_settings_say_where_diagnosis_is_made(
    house: House, reader: Visitor
) -> None:
    reading = enter(house, "CT", reader)
    windows = [reader, images_window(reader), report_window(reader)]
    for one in windows:
        expect(one.page.get_by_test_id("reference-use")).to_have_text("参照・確認用")
    study = ask(reader.page, "GET", f"/api/v1/readings/{reading}/images")[1]["studies"][0]["study"]["id"]
    house.requester.page.goto(f"{house.place.url}/studies/{study}/images")
    until(lambda: has_pictures(house.requester))
    expect(house.requester.page.get_by_test_id("reference-use")).to_be_visible()

    def elsewhere(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "display_label": "none"})

    reader.context.route(ME, elsewhere)
    reader.page.reload()
    until(lambda: has_pictures(reader))
    expect(reader.page.get_by_test_id("reference-use")).to_have_count(0)


def test_a_facility_opens_its_own_study_in_the_viewer(house: House, viewer: CertifiedViewer) -> None:
    person = house.requester
    study = ask(person.page, "GET", "/api/v1/studies")[1]["items"][0]
    person.page.goto(f"{house.place.url}/studies/{study['id']}/images")
    until(lambda: has_pictures(person))

    window = launched(person, viewer, study["patient"]["patient_id"], study["accession_number"])
    viewer.say("99999", "9.9")

    red(person, study["patient"]["patient_id"], "99999")
    person.page.get_by_role("button", name="を閉じたことを確認した").click()
    until(lambda: has_pictures(person))
    window.close()
    assert person.faults == []
