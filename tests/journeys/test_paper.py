"""A request on paper in real Chromium: handed in, transcribed with a rectangle, checked, read beside its original."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import Visitor, ask
from tests.journeys.cases import hospital, joined
from tests.journeys.slips import a_fax
from tests.server import Installation, until


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with hospital(tmp_path_factory.mktemp("paper")) as made:
        yield made


def keep(visitor: Visitor, name: str) -> None:
    visitor.page.screenshot(path=visitor.place.folder.with_name(f"{name}.png"), full_page=True)
    visitor.look()


def hand_in(page: Page, slip: Path) -> None:
    page.get_by_role("link", name="紙の依頼").click()
    page.get_by_role("button", name="依頼票を送る").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("input[type=file]").set_input_files(slip)
    dialog.get_by_role("button", name="依頼票を送る").click()
    expect(dialog.get_by_role("status")).to_contain_text("受け付けました")
    page.keyboard.press("Escape")


def transcribe(page: Page) -> None:
    """The fields of the slip, and where its question stands."""
    page.get_by_role("link", name="紙の依頼 #1").click()
    page.get_by_role("button", name="転記を始める").click()
    form = page.get_by_role("region", name="転記")
    for label, text in (
        ("患者ID", "P1"),
        ("氏名（漢字）", "山田 太郎"),
        ("検査名", "胸部単純CT"),
        ("今つながる電話番号", "内線 12"),
    ):
        form.get_by_label(label, exact=True).fill(text)
    form.get_by_label("検査種別", exact=True).select_option("CT")
    form.get_by_label("検査日（予定日）", exact=True).fill("2026-11-22")
    page.get_by_role("button", name="次のページ").click()
    form.get_by_label("検査目的・知りたいこと", exact=True).fill("右肺結節の経過")
    sheet = page.get_by_test_id("paper-draw").bounding_box()
    assert sheet is not None
    page.mouse.move(sheet["x"] + 60, sheet["y"] + 40)
    page.mouse.down()
    page.mouse.move(sheet["x"] + 300, sheet["y"] + 120, steps=5)
    page.mouse.up()
    form.get_by_role("button", name="依頼医 判読不能").click()
    form.get_by_role("button", name="答えのない項目をすべて「記載なし」にする").click()
    expect(page.locator(".paper-box")).to_have_count(1)


def check(page: Page) -> None:
    """Another person goes through the fields, and corrects one."""
    page.get_by_role("link", name="紙の依頼 #1").click()
    page.get_by_role("button", name="確認を始める").click()
    form = page.get_by_role("region", name="転記")
    form.get_by_role("button", name="「記載なし」をまとめて確認").click()
    for label in ("患者ID", "氏名（漢字）", "検査日（予定日）", "検査種別", "検査名", "今つながる電話番号"):
        form.get_by_label(label, exact=True).press("Enter")
    form.get_by_role("button", name="依頼医 確認").click()
    form.get_by_label("検査目的・知りたいこと", exact=True).fill("左肺結節の経過")
    expect(page.locator(".paper-box.chosen")).to_have_count(1)


def test_a_slip_is_handed_in_transcribed_checked_and_read(
    place: Installation, browser: Browser, tmp_path: Path
) -> None:
    slip = tmp_path / "fax.tif"
    slip.write_bytes(a_fax())
    ward = joined(place, browser, "kato@test.test", "加藤 健", "technologist")
    hand_in(ward.page, slip)
    keep(ward, "paper-facility")

    first = joined(place, browser, "sato@test.test", "佐藤 緑", "support")
    first.page.get_by_role("link", name="紙の依頼").click()
    transcribe(first.page)
    expect(first.page.get_by_test_id("paper-saved")).to_have_attribute("data-state", "saved")
    keep(first, "paper-transcribing")
    first.page.get_by_role("button", name="確認に回す").click()
    expect(first.page.get_by_text("別の担当者の確認を待っています")).to_be_visible()

    second = joined(place, browser, "abe@test.test", "阿部 学", "support")
    second.page.get_by_role("link", name="紙の依頼").click()
    check(second.page)
    keep(second, "paper-checking")
    second.page.get_by_role("button", name="確認を終えて依頼にする").click()
    expect(second.page.get_by_role("link", name="依頼 #1")).to_be_visible()
    keep(second, "paper-done")

    reader = joined(place, browser, "tanaka@test.test", "田中 美咲", "reader")
    rows = until(lambda: ask(reader.page, "GET", "/api/v1/readings?box=open")["items"])
    assert (
        ask(reader.page, "GET", f"/api/v1/readings/{rows[0]['id']}")["request"]["question"]
        == "左肺結節の経過"
    )
    reader.page.goto(f"{place.url}/reading/{rows[0]['id']}")
    reader.page.get_by_role("button", name="「検査目的・知りたいこと」の原本 2ページを開く").click()
    dialog = reader.page.get_by_role("dialog")
    expect(dialog.get_by_role("img", name="2 / 3 ページ")).to_be_visible()
    expect(dialog.locator(".paper-box.chosen")).to_have_count(1)
    keep(reader, "paper-reader")
    ward.page.goto(f"{place.url}/requests/1")
    expect(ward.page.get_by_role("button", name="原本 紙の依頼 #1")).to_be_visible()
    expect(ward.page.get_by_role("button", name="「今つながる電話番号」の原本 1ページを開く")).to_be_visible()
    keep(ward, "paper-request")
