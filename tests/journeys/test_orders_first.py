"""Requests before their images, in real Chromium: written, linked by themselves, resolved by keyboard, held."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pydicom
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import Visitor, ask
from tests.builders import ct_instance
from tests.journeys.cases import hospital, joined
from tests.server import Installation, until


class Ward:
    """One hospital, and everybody a request meets on its way."""

    def __init__(self, place: Installation, browser: Browser, folder: Path) -> None:
        self.place, self.folder = place, folder
        self.technologist = joined(place, browser, "kato@test.test", "加藤 健", "technologist")
        self.support = joined(place, browser, "sato@test.test", "佐藤 緑", "support")
        self.reader = joined(place, browser, "tanaka@test.test", "田中 美咲", "reader")

    def send(self, patient_id: str, name: str, **header: Any) -> None:
        """The scanner sends one image of a patient."""
        ds = pydicom.dcmread(io.BytesIO(ct_instance(patient_id=patient_id, name=name)))
        ds.AccessionNumber = ""
        for keyword, value in header.items():
            setattr(ds, keyword, value)
        folder = self.folder / patient_id
        folder.mkdir()
        ds.save_as(folder / "1.dcm")
        self.place.run("send", str(folder), "--to", self.place.dicom, "--from", "CT1")

    def reading(self, patient_id: str, state: str) -> dict[str, Any]:
        def found() -> dict[str, Any] | None:
            rows = ask(self.reader.page, "GET", "/api/v1/readings?box=open")["items"]
            return next(
                (row for row in rows if row["patient"]["patient_id"] == patient_id and row["state"] == state),
                None,
            )

        return until(found)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with hospital(tmp_path_factory.mktemp("orders")) as made:
        yield made


@pytest.fixture(scope="module")
def ward(place: Installation, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Ward:
    return Ward(place, browser, tmp_path_factory.mktemp("scanner"))


def keep(visitor: Visitor, name: str) -> None:
    visitor.page.screenshot(path=visitor.place.folder.with_name(f"{name}.png"), full_page=True)
    visitor.look()


def write(ward: Ward, *, urgency: str = "緊急", number: str = "", **said: str) -> Page:
    """Fill the form for a patient whose images are still to come; it is not sent yet."""
    page = ward.technologist.page
    page.goto(f"{ward.place.url}/arrivals")
    page.get_by_role("button", name="画像が届く前に依頼する").click()
    page.get_by_role("textbox", name="患者ID（施設のID）").fill(said["patient_id"])
    page.get_by_label("氏名（漢字）").fill(said["kanji"])
    page.get_by_label("氏名（カナ）").fill(said["kana"])
    page.get_by_label("生年月日").fill(said["born"])
    page.get_by_role("radiogroup", name="性別").get_by_text(said["sex"]).click()
    page.get_by_label("検査日（予定日）").fill("2026-11-22")
    page.get_by_label("受付番号").fill(number)
    page.get_by_role("radiogroup", name="緊急度").get_by_text(urgency, exact=True).click()
    page.get_by_role("combobox", name="検査種別").click()
    page.get_by_role("option", name="CT", exact=True).click()
    page.get_by_label("部位", exact=True).fill("胸部")
    page.get_by_role("textbox", name="検査名").fill("胸部単純CT")
    page.get_by_role("textbox", name="検査目的").fill("肺炎の有無")
    page.get_by_role("textbox", name="今つながる電話番号").fill("内線 1234")
    return page


def send_form(page: Page) -> None:
    page.get_by_role("button", name="依頼を送る").click()
    page.get_by_role("dialog").get_by_role("button", name="依頼を送る").click()
    expect(page.get_by_role("heading", name="依頼一覧")).to_be_visible()


def case_on(page: Page, name: str) -> Locator:
    return page.get_by_role("list", name="確認待ち").get_by_role("button").filter(has_text=name)


def test_a_request_is_sent_its_images_come_and_it_is_read(ward: Ward) -> None:
    page = write(
        ward,
        patient_id="T1",
        kanji="高橋 一郎",
        kana="タカハシ イチロウ",
        born="1950-04-01",
        sex="男性",
        number="R100",
    )
    page.get_by_role("textbox", name="患者ID（施設のID）").scroll_into_view_if_needed()
    keep(ward.technologist, "orders-form")
    send_form(page)
    waiting = ward.reading("T1", "pending")
    assert [one["label"] for one in waiting["waits_for"]] == ["画像の到着待ち"]

    ward.send(
        "T1",
        "Takahashi^Ichiro=髙橋^一郎=たかはし^いちろう",
        PatientBirthDate="19500401",
        PatientSex="M",
        AccessionNumber="R100",
    )

    reading = ward.reading("T1", "waiting")
    reader = ward.reader.page
    ask(reader, "POST", f"/api/v1/readings/{reading['id']}/claim")
    reader.goto(f"{ward.place.url}/reading/{reading['id']}")
    expect(reader.get_by_label("所見")).to_be_editable()
    expect(reader.get_by_text("高橋 一郎").first).to_be_visible()
    assert (ward.technologist.faults, ward.technologist.barriers) == ([], [])


def test_known_patients_are_offered_while_typing(ward: Ward) -> None:
    page = ward.technologist.page
    page.goto(f"{ward.place.url}/arrivals")
    page.get_by_role("button", name="画像が届く前に依頼する").click()

    page.get_by_label("氏名（カナ）").fill("ﾀｶﾊｼ")
    page.get_by_role("button", name="高橋 一郎（T1）を入力する").click()

    expect(page.get_by_role("textbox", name="患者ID（施設のID）")).to_have_value("T1")
    expect(page.get_by_label("生年月日")).to_have_value("1950-04-01")
    expect(page.get_by_test_id("save-state")).to_have_attribute("data-state", "saved")


def test_what_does_not_match_is_resolved_by_keyboard(ward: Ward) -> None:
    page = write(
        ward,
        patient_id="T2",
        kanji="鈴木 二郎",
        kana="スズキ ジロウ",
        born="1961-05-02",
        sex="男性",
        urgency="至急",
    )
    send_form(page)
    ward.reading("T2", "pending")
    # the scanner's operator typed another number for the patient
    ward.send("T20002", "Suzuki^Jiro=鈴木^二郎=すずき^じろう", PatientBirthDate="19610502", PatientSex="M")

    desk = ward.support.page
    desk.goto(f"{ward.place.url}/resolution")
    expect(case_on(desk, "鈴木 二郎")).to_be_visible()
    expect(desk.get_by_role("row", name="患者ID")).to_contain_text("T20002")
    picture = desk.get_by_role("img", name="届いた画像の縮小表示")
    expect(picture).to_be_visible()
    expect(picture).not_to_have_js_property("naturalWidth", 0)
    keep(ward.support, "orders-resolution")

    desk.locator("body").press("l")
    dialog = desk.get_by_role("dialog", name="食い違いのある画像を結び付けますか")
    dialog.get_by_label("理由").press_sequentially("撮影時の患者IDの誤入力。施設に確認済み")
    desk.keyboard.press("Tab")
    desk.keyboard.press("Tab")
    desk.keyboard.press("Enter")

    expect(desk.get_by_text("結び付けました。")).to_be_visible()
    ward.reading("T2", "waiting")
    expect(case_on(desk, "鈴木 二郎")).to_have_count(0)
    assert (ward.support.faults, ward.support.barriers) == ([], [])


def test_a_contradiction_holds_an_emergency_and_calls_support(ward: Ward) -> None:
    desk = ward.support.page
    desk.goto(f"{ward.place.url}/worklist")
    count = desk.get_by_role("navigation").get_by_role("link", name="照合").locator(".nav-count")
    expect(count).to_have_count(0)
    page = write(
        ward,
        patient_id="T3",
        kanji="佐藤 花子",
        kana="サトウ ハナコ",
        born="1972-08-19",
        sex="女性",
        number="R300",
    )
    send_form(page)
    ward.reading("T3", "pending")

    ward.send(
        "T3",
        "Sato^Taro=佐藤^太郎=さとう^たろう",
        PatientBirthDate="19720819",
        PatientSex="M",
        AccessionNumber="R300",
    )

    held = ward.reading("T3", "held")
    assert any("性別が異なります" in one["label"] for one in held["waits_for"])
    # nobody reloads: the live channel tells
    expect(count).to_contain_text("1")
    desk.get_by_role("navigation").get_by_role("link", name="照合").click()
    expect(desk.get_by_role("row", name="性別")).to_have_attribute("data-mark", "contradicts")
    expect(desk.get_by_role("row", name="氏名")).to_have_attribute("data-mark", "contradicts")
    keep(ward.support, "orders-contradiction")
    technologist = ward.technologist.page
    technologist.goto(f"{ward.place.url}/resolution")
    expect(technologist.get_by_text("矛盾のある組合せはサポートが確認します。")).to_be_visible()
    keep(ward.technologist, "orders-contradiction-facility")
    expect(technologist.get_by_role("button", name="結び付ける")).to_have_count(0)

    desk.locator("body").press("x")
    dialog = desk.get_by_role("dialog", name="別の検査と判断しますか")
    dialog.get_by_label("理由").fill("別の患者の画像。施設に連絡済み")
    dialog.get_by_role("button", name="別の検査").click()

    ward.reading("T3", "pending")
    expect(count).to_have_count(0)
    desk.get_by_text("終了", exact=True).click()
    expect(desk.get_by_role("list", name="終了")).to_contain_text("佐藤 花子")
    keep(ward.support, "orders-closed")
    for one in (ward.support, ward.technologist):
        assert (one.faults, one.barriers) == ([], [])


def test_what_the_rules_do_not_find_a_person_does(ward: Ward) -> None:
    page = write(ward, patient_id="T70", kanji="谷 一", kana="タニ ハジメ", born="1961-05-05", sex="男性")
    send_form(page)
    request = ward.reading("T70", "pending")["request_id"]
    ward.send("T700", "Tani^Hajime=谷^一=たに^はじめ", PatientBirthDate="19610505", StudyDate="20200101")
    page = ward.support.page
    page.goto(f"{ward.place.url}/requests/{request}")
    page.get_by_role("button", name="届いた検査から探す").click()
    words = page.get_by_role("searchbox", name="届いた検査を探す")
    words.fill("T70")
    found = page.get_by_role("region", name="CT 胸部単純CT")
    expect(found).to_contain_text("T700")
    found.click()
    keep(ward.support, "orders-searched")
    found.get_by_role("button", name="結び付ける").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("理由").fill("施設に確認。患者IDの入力誤り")
    dialog.get_by_role("button", name="結び付ける").click()

    expect(page.get_by_text("結び付けました。")).to_be_visible()
    expect(page.locator("[data-level='linked']")).to_contain_text("T700")
    assert ward.support.faults == []
    assert "\n".join(ward.support.barriers) == ""
