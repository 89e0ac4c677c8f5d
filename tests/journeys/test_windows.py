"""One case in several windows of one reader, in real Chromium: together, apart, and never of two patients."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

import pytest
from playwright._impl._api_structures import SetCookieParam
from playwright.sync_api import Browser, Route, expect

from tests.browser import Visitor
from tests.journeys.key_images import (
    House,
    ask,
    figures,
    invited,
    reading_of,
    saved,
)
from tests.journeys.several import (
    covered,
    enter,
    has_left,
    has_pictures,
    images_window,
    look_at,
    opened,
    report_window,
    seen,
    two_patients,
)
from tests.journeys.test_measure import Picture
from tests.server import until

DRAFT = re.compile("/api/v1/reports/.*/draft$")


def _lose_the_answer(route: Route) -> None:
    route.fetch()
    route.abort()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, browser: Browser, real_dicom: Path) -> Iterator[House]:
    """A facility that asked for two readings of two patients, and their reader."""
    with two_patients(tmp_path_factory.mktemp("windows"), browser, real_dicom) as found:
        yield found


@pytest.fixture
def reader(house: House, browser: Browser) -> Iterator[Visitor]:
    """The reader at a browser of their own, with no other window."""
    visitor = Visitor(browser, house.place)
    visitor.context.add_cookies(cast("Sequence[SetCookieParam]", house.reader.context.cookies()))
    yield visitor
    visitor.context.close()


def test_an_image_window_is_of_the_same_case_and_what_is_made_there_is_kept(
    house: House, reader: Visitor
) -> None:
    reading = enter(house, "CT", reader)
    main = Picture(reader, house.files["CT"])
    second = images_window(reader)

    banner = second.page.get_by_role("region", name="患者").or_(second.page.locator(".patient-banner")).first
    expect(banner).to_contain_text("山田 太郎")
    expect(banner).to_contain_text("00123CT")
    expect(banner).to_contain_text("画像ウィンドウ 1")
    for page in (reader.page, second.page):
        expect(page.locator(".patient-banner")).to_contain_text("ACC-CT")
    expect(reader.page.get_by_test_id("windows-menu")).to_contain_text("2")

    # drawn there, kept by the main window, which shows it too
    other = Picture(second, house.files["CT"])
    other.drag("m", (150, 300), (290, 195))
    until(lambda: len(main.marks) == 1)
    saved(reader.page)
    expect(second.page.get_by_test_id("marks-state")).to_have_attribute("data-state", "kept")
    main.drag("e", (200, 200), (260, 240))
    until(lambda: len(other.marks) == 2)
    saved(reader.page)
    kept = ask(reader.page, "GET", f"/api/v1/readings/{reading}/marks")[1]["marks"]
    assert sorted(one["kind"] for one in kept) == ["ellipse", "length"]

    # a key image there stands in the report here
    second.page.keyboard.press("k")
    expect(reader.page.get_by_role("img", name="図1")).to_be_visible()
    assert len(figures(reader.page, reading)) == 1
    look_at(second, "windows-images")
    look_at(reader, "windows-main")

    # a measurement there goes into the text here
    second.page.keyboard.press("w")
    second.page.keyboard.press("Shift+X")
    expect(reader.page.get_by_label("所見")).to_have_value(re.compile("mm"))
    reader.page.keyboard.press("Shift+Delete")
    until(lambda: not other.marks)
    saved(reader.page)
    reader.look()
    second.look()
    assert (reader.faults, reader.barriers) == ([], [])


def test_the_report_goes_to_its_own_window_and_comes_back_with_every_word(
    house: House, reader: Visitor
) -> None:
    reading = enter(house, "CT", reader)
    page = reader.page
    page.get_by_label("所見").fill("右肺に")
    page.keyboard.press("Escape")  # out of the text, where keys are letters
    report = report_window(reader)

    text = report.page.get_by_label("所見")
    expect(text).to_have_value("右肺に")
    expect(page.get_by_label("所見")).to_have_count(0)
    expect(page.get_by_text("報告: 別ウィンドウ")).to_be_visible()
    text.fill("右肺に結節を認めます（）。")
    text.evaluate("one => one.setSelectionRange(11, 11)")
    report.page.keyboard.press("ArrowRight")
    report.page.keyboard.press("ArrowLeft")

    # a figure number from the main window, and back to its slice by a click in the report
    if not figures(page, reading):
        page.keyboard.press("k")
    until(lambda: len(figures(page, reading)) == 1)
    page.keyboard.press("End")
    first = figures(page, reading)[0]["sop_instance_uid"]
    until(lambda: (found := reader.probe("panes()")[0]["sop"]) and found != first)
    page.keyboard.press("Shift+K")
    expect(text).to_have_value("右肺に結節を認めます（図1）。")
    report.page.get_by_role("button", name="図1 の画像を表示する").click()
    until(lambda: reader.probe("panes()")[0]["sop"] == first)
    look_at(report, "windows-report")
    look_at(reader, "windows-report-away")
    report.look()
    reader.look()

    # the line is away, and the window is closed with words nobody saved
    reader.context.route(DRAFT, lambda route: route.abort())
    text.fill("右肺に結節を認めます（図1）。増大しています。")
    expect(report.page.get_by_text("保存できませんでした").first).to_be_visible()
    # leaving the text tries once more: closed with the focus in its text, a window may save while it closes
    with report.page.expect_event("requestfailed", lambda request: bool(DRAFT.search(request.url))):
        report.page.keyboard.press("Escape")
    expect(report.page.get_by_text("保存できませんでした").first).to_be_visible()
    # here the words arrive and the answer is lost: what the hub holds then is the reader's own text
    reader.context.unroute(DRAFT)
    reader.context.route(DRAFT, _lose_the_answer)
    report.page.close()
    expect(page.get_by_label("所見")).to_have_value("右肺に結節を認めます（図1）。増大しています。")
    expect(page.get_by_text("保存できませんでした").first).to_be_visible()
    reader.context.unroute(DRAFT)
    page.get_by_label("診断").fill("結節の増大。")
    expect(page.get_by_test_id("save-state")).to_have_attribute("data-state", "saved")
    kept = ask(page, "GET", f"/api/v1/readings/{reading}/report")[1]
    assert kept["findings"] == "右肺に結節を認めます（図1）。増大しています。"
    reader.faults.clear()  # the browser notes the saves we cut off
    assert reader.barriers == []


def test_a_reload_of_any_window_joins_again_and_no_text_is_lost(house: House, reader: Visitor) -> None:
    enter(house, "CT", reader)
    report = report_window(reader)
    second = images_window(reader)

    report.page.get_by_label("診断").fill("右肺結節。")
    reader.page.reload()
    until(lambda: has_pictures(reader))
    expect(reader.page.get_by_text("報告: 別ウィンドウ")).to_be_visible()
    until(lambda: has_pictures(second))
    expect(report.page.get_by_label("診断")).to_have_value("右肺結節。")
    report.page.reload()
    expect(report.page.get_by_label("診断")).to_have_value("右肺結節。")
    second.page.reload()
    until(lambda: has_pictures(second))
    expect(reader.page.get_by_test_id("windows-menu")).to_contain_text("3")

    reader.page.keyboard.press("Shift+T")  # brings it back
    expect(reader.page.get_by_label("診断")).to_have_value("右肺結節。")
    until(lambda: has_left(report, reader.page))
    assert reader.faults == []


def test_a_word_of_another_patient_blanks_every_window(house: House, reader: Visitor) -> None:
    reading = enter(house, "CT", reader)
    second = images_window(reader)

    second.page.evaluate(
        """([reading]) => {
          const channel = new BroadcastChannel(`dokuei.case.${reading}`);
          const identity = {reading, study: '1.2.3', patient: '9 other', accession: '', person: 1};
          channel.postMessage({v: 1, identity, from: 'x', role: 'images-2', say: {kind: 'hello', page: 'x'}});
          channel.close();
        }""",
        [reading],
    )

    for window in (reader, second):
        covered(window, "確認してください")
        expect(window.page.get_by_role("alert").filter(has_text="患者・検査")).to_be_visible()
    look_at(reader, "windows-mismatch")
    reader.look()
    for key in ("ArrowDown", "k", "Escape"):  # no key does anything behind a cover
        reader.page.keyboard.press(key)
    covered(reader, "確認してください")
    for window in (reader, second):
        window.page.get_by_role("button", name="読み込み直す").click()
        until(lambda one=window: has_pictures(one))  # type: ignore[misc]
    assert (reader.faults, reader.barriers) == ([], [])


def test_what_is_not_well_formed_changes_nothing(house: House, reader: Visitor) -> None:
    reading = enter(house, "CT", reader)
    second = images_window(reader)
    for window in (reader, second):
        window.page.evaluate(
            """([reading]) => {
              const channel = new BroadcastChannel(`dokuei.case.${reading}`);
              for (const word of [null, 1, 'blank', {v: 1}, {v: 1, say: {kind: 'constructor'}}, []])
                channel.postMessage(word);
              channel.close();
            }""",
            [reading],
        )
    assert has_pictures(reader)
    assert has_pictures(second)


def test_another_case_in_the_main_window_clears_the_others_before_they_follow(
    house: House, reader: Visitor
) -> None:
    enter(house, "CT", reader)
    second = images_window(reader)
    other = reading_of(house, "CR")

    reader.page.get_by_role("button", name="読影リストへ戻る").click()
    covered(second, "症例が閉じられました")
    look_at(second, "windows-closed")
    reader.page.get_by_text("自分の担当").click()
    reader.page.get_by_role("row").filter(has_text="胸部X線").dblclick()
    until(lambda: reader.page.url.endswith(f"/reading/{other}"))

    expect(second.page).to_have_url(re.compile(f"/reading/{other}/images/1$"))
    until(lambda: has_pictures(second))
    expect(second.page.locator(".patient-banner")).to_contain_text("00123CR")
    assert second.probe("panes()")[0]["series"] == reader.probe("panes()")[0]["series"]
    assert reader.faults == []


def test_a_window_without_its_main_one_shows_nothing(house: House, reader: Visitor) -> None:
    reading = enter(house, "CT", reader)
    second = images_window(reader)
    first = reader.page
    first.close()

    covered(second, "読影ウィンドウが閉じられました")
    again = opened(second, lambda: second.page.get_by_role("button", name="読影ウィンドウを開く").click())
    until(lambda: has_pictures(again))
    assert again.page.url.endswith(f"/reading/{reading}")
    until(lambda: has_pictures(second))


def test_a_second_main_window_of_the_same_case_shows_nothing_until_it_takes_over(
    house: House, reader: Visitor
) -> None:
    reading = enter(house, "CT", reader)
    twin = opened(reader, lambda: reader.page.evaluate(f"void window.open('/reading/{reading}')"))

    covered(twin, "この症例は別のウィンドウで開いています")
    assert has_pictures(reader)
    twin.page.get_by_role("button", name="このウィンドウで開く").click()
    until(lambda: has_pictures(twin))
    covered(reader, "この症例は別のウィンドウで開いています")


def test_signing_in_the_report_window_ends_the_case_everywhere(house: House, reader: Visitor) -> None:
    reading = enter(house, "CR", reader)
    second = images_window(reader)
    Picture(second, house.files["CR"]).drag("m", (100, 150), (300, 250))
    report = report_window(reader)
    report.page.get_by_label("所見").fill("心拡大や肺野の異常を認めません。")
    report.page.get_by_label("診断").fill("異常なし。")

    reader.page.keyboard.press("Control+Enter")  # the window that has no text signs nothing
    expect(reader.page.get_by_role("dialog")).to_have_count(0)
    report.page.get_by_role("button", name="署名する").click()
    dialog = report.page.get_by_role("dialog")
    expect(dialog).to_contain_text("山田 太郎")
    expect(dialog).to_contain_text("異常なし。")
    look_at(report, "windows-sign")
    for reason in dialog.get_by_placeholder("このまま署名する理由").all():
        reason.fill("確認済み")
    dialog.get_by_role("button", name="この患者・この検査・この文章で署名する").click()

    covered(second, "署名されました")
    expect(reader.page.get_by_role("button", name="次の症例へ")).to_be_visible()
    expect(report.page.get_by_text("田中 美咲 が署名しました").first).to_be_visible()
    kept = ask(reader.page, "GET", f"/api/v1/readings/{reading}/report")[1]
    assert [one["signed_by"] for one in kept["versions"]] == ["田中 美咲"]
    assert len(ask(reader.page, "GET", f"/api/v1/readings/{reading}/marks")[1]["marks"]) == 1
    assert reader.faults == []


def test_nobody_there_empties_every_window_and_who_comes_back_is_asked(house: House, reader: Visitor) -> None:
    reader.page.clock.install()
    enter(house, "CT", reader)
    second = images_window(reader)
    page = reader.page
    page.get_by_label("所見").fill("書きかけの文章")
    page.keyboard.press("Escape")
    before = reader.probe("panes()")[0]["voi"]
    page.keyboard.press("3")
    window = {"center": 35, "width": 40}
    until(lambda: reader.probe("panes()")[0]["voi"] == window)
    assert before != window

    page.clock.fast_forward("09:40")
    for one in (reader, second):
        expect(one.page.get_by_text("秒で画面を隠します")).to_be_visible()
    look_at(reader, "windows-idle-warning")
    second.page.keyboard.press("ArrowDown")  # input in one counts for both
    for one in (reader, second):
        expect(one.page.get_by_text("秒で画面を隠します")).to_have_count(0)

    page.clock.fast_forward("10:05")
    for one in (reader, second):
        covered(one, "操作がないため画面を隠しました")
    expect(page.get_by_text("書きかけの内容は保存されています")).to_be_visible()
    look_at(reader, "windows-idle")
    reader.look()

    # the second factor was not shown lately: it is asked for
    stale = re.compile("/api/v1/me$")

    def as_if_long_ago(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "elevated_until": None})

    reader.context.route(stale, as_if_long_ago)
    page.get_by_role("button", name="続ける").click()
    expect(page.get_by_label("認証コード")).to_be_visible()
    assert seen(reader) == []
    reader.context.unroute(stale)
    page.get_by_label("認証コード").fill(house.reader.fresh_code())
    page.get_by_role("button", name="確認して続ける").click()

    for one in (reader, second):
        expect(one.page.get_by_role("alertdialog")).to_have_count(0)
        until(lambda one=one: has_pictures(one))  # type: ignore[misc]
    expect(page.get_by_label("所見")).to_have_value("書きかけの文章")
    until(lambda: reader.probe("panes()")[0]["voi"] == window)
    assert (reader.faults, reader.barriers) == ([], [])


def test_the_end_of_the_session_empties_every_window_and_keeps_what_is_unsaved(
    house: House, browser: Browser
) -> None:
    """With a reader of their own, who is signed out in the end."""
    person = invited(house.place, browser, "sato@test.test", "佐藤 葵", "reader")
    reading = reading_of(House(house.place, house.reader, house.requester, house.files), "CT")
    ask(house.reader.page, "POST", f"/api/v1/readings/{reading}/release", {"reason": "交代します"})
    ask(person.page, "POST", f"/api/v1/readings/{reading}/claim")
    person.page.goto(f"{house.place.url}/reading/{reading}")
    until(lambda: has_pictures(person))
    second = images_window(person)
    person.context.route(DRAFT, lambda route: route.abort())
    person.page.get_by_label("所見").fill("まだ保存されていない文章")
    expect(person.page.get_by_text("保存できませんでした").first).to_be_visible()

    person.context.unroute(DRAFT)
    person.context.clear_cookies(name="sessionid")
    person.page.get_by_role("button", name="再試行").first.click()

    covered(person, "サインインの有効期間が終わりました")
    until(lambda: has_left(second, person.page))
    look_at(person, "windows-ended")
    person.page.get_by_role("button", name="続ける").click()  # a click alone opens nothing
    covered(person, "サインインの有効期間が終わりました")
    desk = opened(person, lambda: person.page.get_by_role("button", name="別のタブでサインインする").click())
    desk.sign_in("sato@test.test")
    expect(desk.page.get_by_role("heading", name="読影リスト")).to_be_visible()
    person.page.get_by_role("button", name="続ける").click()
    expect(person.page.get_by_label("所見")).to_have_value("まだ保存されていない文章")
    expect(person.page.get_by_test_id("save-state")).to_have_attribute("data-state", "saved")

    # signing out in one window leaves no picture in any
    third = images_window(person)
    desk.page.get_by_role("button", name="メニュー: 佐藤 葵").click()
    desk.page.get_by_role("menuitem", name="サインアウトする").click()
    for one in (person, third):
        until(lambda one=one: has_left(one, desk.page))  # type: ignore[misc]
    assert not person.page.query_selector("canvas")
