"""A question across the line: the reader asks by keys, the facility answers by one tap, the report keeps both."""

import io
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from pypdf import PdfReader

from tests.browser import Visitor, ask
from tests.journeys.cases import Case, hospital, joined
from tests.server import Installation, until

QUESTION = "検査部位に関わる手術歴（術式と時期）を教えてください。"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with hospital(tmp_path_factory.mktemp("askbacks")) as made:
        yield made


@pytest.fixture(scope="module")
def case(place: Installation, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Case:
    return Case(place, browser, tmp_path_factory.mktemp("arrivals"))


@pytest.fixture(scope="module")
def technologist(place: Installation, browser: Browser) -> Visitor:
    return joined(place, browser, "kato@test.test", "加藤 健", "technologist")


def keep(visitor: Visitor, name: str) -> None:
    visitor.page.screenshot(path=visitor.place.folder.with_name(f"{name}.png"))


def asked_section(page: Page) -> Locator:
    return page.get_by_role("region", name="照会", exact=True)


def ask_by_keys(page: Page, number: str) -> None:
    """Q, a number, a look at the sentence, Enter."""
    page.locator("body").press("q")
    dialog = page.get_by_role("dialog", name="施設に照会する")
    expect(dialog).to_be_visible()
    page.keyboard.press(number)
    expect(dialog.get_by_label("照会の文章")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()


def test_a_question_is_asked_by_key_answered_by_one_tap_and_stands_in_the_report(
    case: Case, technologist: Visitor
) -> None:
    reader, page, desk = case.reader, case.open_room(), technologist.page
    expect(asked_section(page)).to_contain_text("この依頼への照会はありません")

    # the reader asks: one key, a number, Enter
    page.locator("body").press("q")
    dialog = page.get_by_role("dialog", name="施設に照会する")
    expect(dialog).to_contain_text("白浜総合病院")
    page.keyboard.press("2")
    expect(dialog.get_by_label("照会の文章")).to_have_value(QUESTION)
    reader.look()
    keep(reader, "ask-dialog")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(asked_section(page)).to_contain_text("回答待ち")
    expect(asked_section(page)).to_contain_text("残り")

    # it comes to the facility by itself, with its count in the menu
    desk.get_by_role("link", name="照会").click()
    card = desk.get_by_role("listitem").filter(has_text=QUESTION)
    expect(card).to_contain_text("山田")
    expect(card).to_contain_text("田中 美咲 が照会")
    expect(card).to_contain_text("残り")
    expect(desk.get_by_role("link", name="照会 1")).to_be_visible()
    technologist.look()
    keep(technologist, "ask-list")

    # one tap answers, and the reader sees it without doing anything
    card.get_by_role("button", name="手術歴なし").click()
    expect(desk.get_by_text("回答を待っている照会はありません")).to_be_visible()
    answered = asked_section(page)
    expect(answered).to_contain_text("回答あり")
    expect(answered).to_contain_text("手術歴なし")
    expect(answered).to_contain_text("白浜総合病院 加藤 健 今日")
    expect(page.locator(".missing-sentence")).to_contain_text("臨床情報不足")
    expect(page.locator(".missing-sentence")).not_to_contain_text("手術歴")
    reader.look()
    keep(reader, "ask-answered")

    # a second question stays without an answer; the reader goes on and signs
    ask_by_keys(page, "4")
    expect(asked_section(page)).to_contain_text("検査値（eGFR等）")
    page.get_by_label("所見").fill("肺野に異常を認めません。")
    page.get_by_label("診断").fill("異常所見なし。")
    expect(page.get_by_text("保存済").first).to_be_visible()
    page.get_by_role("button", name="署名する").first.click()
    signing = page.get_by_role("dialog")
    expect(signing).to_contain_text("未回答の照会が 1件あります")
    reader.look()
    keep(reader, "ask-signing")
    signing.get_by_role("button", name="この患者・この検査・この文章で署名する").click()
    expect(page.get_by_text("署名しました").first).to_be_visible()

    # the paper and the screen of the facility say both, and an answer that comes later changes neither
    answer_is_too_late_for_the_report(case, technologist)
    assert (reader.faults, technologist.faults) == ([], [])
    assert (reader.barriers, technologist.barriers) == ([], [])


def answer_is_too_late_for_the_report(case: Case, technologist: Visitor) -> None:
    desk = technologist.page
    page = case.requester.page

    def delivered() -> int | None:
        rows = ask(page, "GET", "/api/v1/deliveries?box=all")["items"]
        return next((int(row["report_id"]) for row in rows if row["delivered_at"]), None)

    report = until(delivered)
    card = desk.get_by_role("listitem").filter(has_text="eGFR")
    expect(card).to_contain_text("確定した報告には入りません")
    card.get_by_label("文章で回答").fill("eGFR 62（11/20）")
    card.get_by_role("button", name="回答を送る").click()
    expect(desk.get_by_text("回答を待っている照会はありません")).to_be_visible()

    page.goto(f"{case.place.url}/reports/{report}")
    said = page.get_by_role("region", name="照会と回答")
    expect(said).to_contain_text("手術歴なし")
    expect(said).to_contain_text("白浜総合病院 加藤 健")
    expect(said).to_contain_text("照会中（未回答）")
    expect(said).not_to_contain_text("eGFR 62")
    case.requester.look()
    keep(case.requester, "ask-report")
    paper = page.request.get(f"{case.place.url}/api/v1/reports/{report}/versions/1/pdf")
    keep_paper = case.place.folder.with_name("ask-report.pdf")
    keep_paper.write_bytes(paper.body())
    pages = PdfReader(io.BytesIO(paper.body())).pages
    text = "".join("".join(one.extract_text().split()) for one in pages)
    assert "回答:手術歴なし（白浜総合病院、加藤健、" in text
    assert "照会中（未回答）" in text
    assert "eGFR62" not in text
    assert case.requester.faults == []


def test_an_answer_while_signing_is_looked_at_first(case: Case, technologist: Visitor) -> None:
    page, desk = case.open_room(), technologist.page
    ask_by_keys(page, "6")
    expect(asked_section(page)).to_contain_text("回答待ち")
    page.get_by_label("所見").fill("右肺に結節を認めます。")
    page.get_by_label("診断").fill("右肺結節。")
    expect(page.get_by_text("保存済").first).to_be_visible()
    page.get_by_role("button", name="署名する").first.click()
    signing = page.get_by_role("dialog")
    expect(signing).to_contain_text("未回答の照会が 1件あります")

    desk.goto(f"{case.place.url}/ask-backs")
    desk.get_by_role("button", name="左", exact=True).click()

    expect(signing).to_contain_text("照会の状況が変わりました")
    expect(signing.get_by_role("button", name="この患者・この検査・この文章で署名する")).to_be_disabled()
    signing.get_by_role("button", name="やめる").click()
    expect(asked_section(page)).to_contain_text("加藤 健")


def test_what_is_written_stays_and_the_asker_takes_a_question_back(case: Case, technologist: Visitor) -> None:
    page, desk = case.open_room(), technologist.page
    desk.goto(f"{case.place.url}/ask-backs")
    page.locator("body").press("q")
    dialog = page.get_by_role("dialog", name="施設に照会する")
    page.keyboard.press("8")
    sentence = dialog.get_by_label("照会の文章")
    expect(dialog.get_by_role("button", name="照会を送る")).to_be_disabled()
    sentence.fill("ペースメーカーは入っていますか。")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()

    page.locator("body").press("q")
    expect(sentence).to_have_value("ペースメーカーは入っていますか。")
    sentence.press("Enter")
    expect(desk.get_by_text("ペースメーカーは入っていますか。")).to_be_visible()
    asked_section(page).get_by_role("button", name="取り下げる").click()
    confirming = page.get_by_role("dialog", name="照会を取り下げますか")
    confirming.get_by_role("textbox").fill("画像で確認できたため")
    confirming.get_by_role("button", name="取り下げる").click()

    expect(desk.get_by_text("ペースメーカーは入っていますか。")).to_be_hidden()
    expect(asked_section(page)).to_contain_text("取下げ")


def test_support_asks_from_the_request_and_a_telephone_answers(
    case: Case, place: Installation, browser: Browser, technologist: Visitor
) -> None:
    support, desk = joined(place, browser, "sato@test.test", "佐藤 緑", "support"), technologist.page
    request = case.draft()
    ask(case.requester.page, "POST", f"/api/v1/requests/{request}/send")
    page = support.page
    page.goto(f"{place.url}/requests/{request}")
    asked = page.get_by_role("region", name="この依頼への照会")
    asked.get_by_role("button", name="照会する").click()
    page.keyboard.press("1")
    page.get_by_role("dialog", name="施設に照会する").get_by_label("照会の文章").press("Enter")
    expect(asked).to_contain_text("佐藤 緑 が照会")
    support.look()
    keep(support, "ask-request")

    desk.set_viewport_size({"width": 390, "height": 844})
    desk.goto(f"{place.url}/requests/{request}")
    here = desk.get_by_role("region", name="この依頼への照会")
    expect(here.get_by_role("button", name="造影なし")).to_be_visible()
    technologist.look()
    keep(technologist, "ask-telephone")
    here.get_by_role("button", name="造影なし").click()

    expect(asked).to_contain_text("白浜総合病院 加藤 健")
    assert (support.faults, support.barriers, technologist.barriers) == ([], [], [])
