"""What hangs where, what goes together, and what follows the reader: real chests and heads in real Chromium."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

import pytest
from playwright._impl._api_structures import SetCookieParam
from playwright.sync_api import Browser, Route, expect

from tests.browser import Visitor, ask
from tests.builders import content
from tests.journeys.cases import joined
from tests.journeys.hung import (
    LUNG_WINDOW,
    NOW_LUNG,
    NOW_SOFT,
    OLD_LUNG,
    OLD_SOFT,
    SOFT_WINDOW,
    WIDTH,
    House,
    Room,
    another_machine,
    brain,
    breasts,
    everybodys,
    kept_with,
    study_id,
    whole,
    with_prior,
)
from tests.server import Installation, until


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, browser: Browser, real_dicom: Path) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("hanging")
    sent = folder / "sent"
    series = {**with_prior(real_dicom, sent), **brain(real_dicom, sent), **breasts(real_dicom, sent)}
    place = Installation(folder / "d")
    place.start()
    try:
        place.run("admin", "facility", "shirahama", "白浜総合病院")
        place.run("admin", "ae", "CT1", "--facility", "shirahama")
        place.run("send", str(sent), "--to", place.dicom, "--from", "CT1")
        requester = joined(place, browser, "ito@test.test", "伊藤 恵", "requester")
        reader = joined(place, browser, "tanaka@test.test", "田中 美咲", "reader")
        chest = until(lambda: study_id(requester.page, "CT", 2))
        head = until(lambda: study_id(requester.page, "MR", 1))
        mammograms = until(lambda: study_id(requester.page, "MG", 1))
        request = ask(
            requester.page,
            "POST",
            "/api/v1/requests",
            {**content().model_dump(mode="json"), "study_ids": [chest]},
        )["id"]
        ask(requester.page, "POST", f"/api/v1/requests/{request}/send")

        def waiting() -> int | None:
            rows = ask(reader.page, "GET", "/api/v1/readings?box=open")["items"]
            return next((int(row["id"]) for row in rows if row["state"] == "waiting"), None)

        reading = until(waiting)
        ask(reader.page, "POST", f"/api/v1/readings/{reading}/claim")
        yield House(place, requester, reader, reading, head, mammograms, series)
    finally:
        stopped = place.stop()
    assert stopped == 0


def test_studies_hang_as_their_protocols_say(house: House) -> None:
    room = Room(house, house.reader)

    room.hangs(NOW_LUNG, OLD_LUNG)
    room.windows(LUNG_WINDOW, LUNG_WINDOW)
    assert room.hanging["id"] == "default.chest-ct-prior"
    assert room.hanging["reasons"] == ["selector", "selector"]
    reason = room.page.locator(".why-here").first
    expect(reason).to_have_attribute("title", "ここに表示した理由: 軸位断、骨・肺野関数、厚 2.5 mm 以上")
    room.keep("hanging-chest-prior")

    room.page.keyboard.press("h")
    room.hangs(NOW_LUNG, NOW_SOFT)
    room.windows(LUNG_WINDOW, SOFT_WINDOW)
    room.page.keyboard.press("h")
    room.hangs(NOW_LUNG, NOW_SOFT, OLD_LUNG, OLD_SOFT)
    room.windows(LUNG_WINDOW, SOFT_WINDOW, LUNG_WINDOW, SOFT_WINDOW)
    room.keep("hanging-chest-both")
    room.page.keyboard.press("h")
    room.hangs(NOW_LUNG, OLD_LUNG)

    page = house.requester.page
    page.goto(f"{house.place.url}/studies/{house.brain}/images")
    wanted = ["DWI_4scan_trace_tra_TRACEW", "DWI_4scan_trace_tra_ADC", "", "t2_tse_tra_5mm"]
    until(
        lambda: (
            [one["series"] or "" for one in house.requester.probe("panes()") or []]
            == [house.series.get(name, "") for name in wanted]
        )
    )
    expect(page.locator(".pane").nth(2)).to_contain_text("該当するシリーズなし: FLAIR")
    page.screenshot(path=house.place.folder.with_name("hanging-brain.png"))
    assert house.reader.faults + house.requester.faults == []


def test_breasts_hang_right_beside_left_with_their_chest_walls_together(house: House) -> None:
    page = house.requester.page
    page.goto(f"{house.place.url}/studies/{house.breasts}/images")
    wanted = [house.series[name] for name in ("R-CC", "L-CC", "R-MLO", "L-MLO")]
    until(lambda: [one["sop"] for one in house.requester.probe("panes()") or []] == wanted)
    expect(page.get_by_test_id("hang-menu")).to_contain_text("マンモグラフィ 1/3")

    def edges() -> list[float]:
        found = []
        for pane in range(4):
            box = page.locator(".pane").nth(pane).bounding_box()
            x = house.requester.probe(f"canvas({pane}, [{WIDTH - 0.5 if pane % 2 == 0 else -0.5}, 100])")
            assert box is not None
            found.append(abs(x[0] - (box["width"] if pane % 2 == 0 else 0)))
        return found

    until(lambda: max(edges()) < 3)
    for pane, name in enumerate(("R CC", "L CC", "R MLO", "L MLO")):
        expect(page.locator(".pane").nth(pane).get_by_text(name, exact=True)).to_be_visible()
    page.screenshot(path=house.place.folder.with_name("hanging-breasts.png"))
    page.keyboard.press("h")
    until(lambda: [one["sop"] for one in house.requester.probe("panes()") or []] == wanted[:2])
    assert house.requester.faults == []


def test_no_key_of_the_reading_room_means_two_things(house: House) -> None:
    """Escape gives up what is being drawn, and only otherwise leaves the room."""
    room = Room(house, house.reader)
    room.hangs(NOW_LUNG, OLD_LUNG)
    room.page.keyboard.press("?")
    keys = room.page.get_by_role("dialog", name="キー操作の一覧").locator("kbd").all_inner_texts()
    room.page.keyboard.press("Escape")

    assert len(keys) > 60
    assert {key for key in keys if keys.count(key) > 1} <= {"Esc"}


def test_a_saved_protocol_a_key_and_a_tool_follow_the_reader_to_another_machine(
    house: House, browser: Browser
) -> None:
    room = Room(house, house.reader)
    page = room.page
    room.hangs(NOW_LUNG, OLD_LUNG)
    page.keyboard.press("Shift+F7")
    page.locator(".study.current .series-card").nth(1).drag_to(page.locator(".pane").nth(0))
    room.hangs(NOW_SOFT, OLD_LUNG)
    page.keyboard.press("3")

    page.get_by_test_id("hang-menu").click()
    page.get_by_role("menuitem", name="今の並びをプロトコルとして保存する").click()
    dialog = page.get_by_role("dialog", name="今の並びをプロトコルとして保存する")
    expect(dialog.get_by_role("radiogroup", name="誰が使うか")).to_have_count(0)
    dialog.get_by_label("名前").fill("縦隔を上に")
    page.screenshot(path=house.place.folder.with_name("hanging-save.png"))
    house.reader.look()
    dialog.get_by_role("button", name="保存する").click()
    expect(dialog).to_be_hidden()
    page.keyboard.press("z")

    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="キー操作の一覧")
    keys.get_by_role("button", name="キーを変更する: 白黒反転").click()
    page.keyboard.press("F5")
    expect(keys.get_by_text("F5 はブラウザーが使うキー")).to_be_visible()
    page.keyboard.press("r")
    expect(keys.get_by_role("alert")).to_contain_text("R は「")
    page.screenshot(path=house.place.folder.with_name("hanging-keys.png"))
    house.reader.look()
    keys.get_by_role("button", name="そのままにする").click()
    keys.get_by_role("button", name="キーを変更する: 白黒反転").click()
    page.keyboard.press("=")
    expect(keys.locator(".key-row").filter(has_text="白黒反転")).to_contain_text("=")
    page.keyboard.press("Escape")
    until(lambda: ask(page, "GET", "/api/v1/me/preferences")["document"]["keys"] == {"viewer.invert": ["="]})

    other = another_machine(house, browser)
    there = Room(house, other)
    there.hangs(NOW_SOFT, OLD_LUNG)
    assert there.hanging["id"] == "mine.0"
    assert (there.hanging["layout"], there.hanging["tool"]) == ("2x1", "zoom")
    expect(other.page.get_by_test_id("hang-menu")).to_contain_text("縦隔を上に")
    other.page.keyboard.press("i")
    other.page.keyboard.press("=")
    until(lambda: there.panes[0]["isInverted"])
    method = other.page.context.new_cdp_session(other.page)
    for kind in ("rawKeyDown", "keyUp"):
        pressed = {"type": kind, "key": "=", "windowsVirtualKeyCode": 229}
        method.send("Input.dispatchKeyEvent", pressed)
    assert there.panes[0]["isInverted"]
    expect(other.page.get_by_role("button", name="表示条件 ▾")).to_be_visible()
    assert house.reader.faults + other.faults == []
    assert "\n".join(house.reader.barriers) == ""
    assert other.storage_is_clean("Lung_Dx")


def test_protocols_are_changed_and_removed_and_standard_ones_not_used(house: House, browser: Browser) -> None:
    visitor = another_machine(house, browser)
    page = visitor.page
    Room(house, visitor)
    ask(page, "PUT", "/api/v1/me/preferences", kept_with(page, []))
    page.goto(f"{house.place.url}/me/hanging")
    expect(page.get_by_role("heading", name="表示プロトコル")).to_be_visible()
    page.get_by_role("button", name="使わない: 胸部CT 比較", exact=True).click()
    expect(page.get_by_role("row").filter(has_text="胸部CT 比較").first).to_contain_text("不使用")
    page.screenshot(path=house.place.folder.with_name("hanging-manage.png"))
    visitor.look()
    until(
        lambda: (
            ask(page, "GET", "/api/v1/me/preferences")["document"]["hanging"]["hidden"]
            == ["default.chest-ct-prior"]
        )
    )

    page.goto(f"{house.place.url}/reading/{house.reading}")
    until(lambda: len(visitor.probe("panes()") or []) == 2 and visitor.probe("panes()")[1]["sop"])
    assert visitor.probe("hanging()")["id"] is None  # nothing else fits with a prior: what comes first hangs

    page.goto(f"{house.place.url}/me/hanging")
    page.get_by_role("button", name="使う: 胸部CT 比較").click()
    until(lambda: ask(page, "GET", "/api/v1/me/preferences")["document"]["hanging"]["hidden"] == [])

    office = joined(house.place, browser, "kanri@test.test", "管 理子", "administrator")
    shared = ask(office.page, "POST", "/api/v1/hanging-protocols", {"protocol": everybodys()})
    again = Room(house, visitor)
    again.hangs(NOW_SOFT)
    assert again.hanging["id"] == f"shared.{shared['id']}"
    ask(office.page, "DELETE", f"/api/v1/hanging-protocols/{shared['id']}")
    Room(house, visitor).hangs(NOW_LUNG, OLD_LUNG)
    assert visitor.faults + office.faults == []
    assert "\n".join(visitor.barriers) == ""


def test_an_alignment_made_by_hand_survives_another_series(house: House, browser: Browser) -> None:
    visitor = another_machine(house, browser)
    room = Room(house, visitor)
    page = room.page
    start = room.hangs(NOW_LUNG, OLD_LUNG)
    assert start[0]["index"] == start[1]["index"]

    page.keyboard.press("l")
    page.locator(".pane").nth(1).locator(".canvas").click(position={"x": 200, "y": 200})
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    until(lambda: room.panes[1]["index"] == start[1]["index"] + 3)
    assert room.panes[0]["index"] == start[0]["index"]
    page.keyboard.press("Shift+L")
    expect(page.get_by_text("表示中のスライスを同じ位置として合わせました")).to_be_visible()
    assert room.hanging["links"]["slice"]

    page.keyboard.press("ArrowDown")
    until(lambda: [one["index"] for one in room.panes] == [start[0]["index"] + 1, start[1]["index"] + 4])
    page.keyboard.press("ArrowRight")
    room.hangs(NOW_LUNG, OLD_SOFT)
    page.keyboard.press("ArrowUp")
    until(lambda: [one["index"] for one in room.panes] == [start[0]["index"], start[1]["index"] + 3])
    page.locator(".pane").nth(0).locator(".canvas").click(position={"x": 200, "y": 200})
    page.keyboard.press("ArrowRight")
    room.hangs(NOW_SOFT, OLD_SOFT)
    page.keyboard.press("ArrowUp")
    until(lambda: [one["index"] for one in room.panes] == [start[0]["index"] - 1, start[1]["index"] + 2])
    expect(page.locator(".pane").nth(1)).to_contain_text("手動で位置合わせ")
    room.keep("hanging-aligned")
    assert visitor.faults == []


def test_window_and_zoom_go_together_between_panes_of_like_kind(house: House, browser: Browser) -> None:
    visitor = another_machine(house, browser)
    room = Room(house, visitor)
    page = room.page
    room.hangs(NOW_LUNG, OLD_LUNG)
    page.keyboard.press("h")
    page.keyboard.press("h")
    room.hangs(NOW_LUNG, NOW_SOFT, OLD_LUNG, OLD_SOFT)
    room.windows(LUNG_WINDOW, SOFT_WINDOW, LUNG_WINDOW, SOFT_WINDOW)

    page.keyboard.press("4")
    room.windows((500, 2500), SOFT_WINDOW, LUNG_WINDOW, SOFT_WINDOW)
    page.keyboard.press("5")
    page.keyboard.press("Shift+W")
    page.keyboard.press("4")
    room.windows((500, 2500), SOFT_WINDOW, (500, 2500), SOFT_WINDOW)

    before = [room.scale(pane) for pane in range(4)]
    page.keyboard.press("Shift+Z")
    page.keyboard.press("z")
    box = page.locator(".pane").nth(0).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    room.drag((x, y), (x, y + 60))
    until(lambda: room.scale(0) != pytest.approx(before[0], rel=0.05))
    until(lambda: all(room.scale(pane) == pytest.approx(room.scale(0), rel=0.01) for pane in range(4)))
    assert room.hanging["links"] == {"slice": True, "window": True, "zoom": True}

    page.locator(".pane").nth(2).locator(".canvas").dblclick(position={"x": 200, "y": 200})
    room.hangs(OLD_LUNG)
    page.locator(".pane").nth(0).locator(".canvas").dblclick(position={"x": 200, "y": 200})
    room.hangs(NOW_LUNG, NOW_SOFT, OLD_LUNG, OLD_SOFT)
    page.keyboard.press("Shift+W")
    page.keyboard.press("Shift+Z")
    until(
        lambda: (
            ask(page, "GET", "/api/v1/me/preferences")["document"]["viewer"]["links"]
            == {"slice": True, "window": False, "zoom": False}
        )
    )
    assert visitor.faults == []


def test_an_answer_that_comes_late_hangs_nothing_in_another_case(house: House, browser: Browser) -> None:
    visitor = Visitor(browser, house.place)
    visitor.context.add_cookies(cast("Sequence[SetCookieParam]", house.requester.context.cookies()))
    page = visitor.page
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/v1/hanging-protocols", hold)
    page.goto(f"{house.place.url}/studies/{house.brain}/images")
    until(lambda: visitor.probe("panes()") and held)
    assert visitor.probe("panes()")[0]["series"] is None
    page.get_by_role("button", name="戻る").click()
    row = page.get_by_role("row").filter(has=page.locator("b", has_text=re.compile("^CT$"))).first
    row.get_by_role("button", name="画像を確認する").click()
    expect(page.locator(".series-card").first).to_contain_text("CT")
    answer = {"id": 7, "protocol": whole(everybodys()), "revision": 1, "author": ""}
    held[0].fulfill(json={"items": [{**answer, "saved_at": "2026-11-23T00:00:00Z"}]})
    until(lambda: (visitor.probe("hanging()") or {}).get("isHung"))

    assert visitor.probe("hanging()")["id"] == "shared.7"
    until(lambda: visitor.probe("panes()")[0]["sop"])
    panes = visitor.probe("panes()")
    assert [one["series"] in {house.series[NOW_SOFT], house.series[OLD_SOFT]} for one in panes] == [True]
    assert visitor.faults == []
