"""One case over two and three screens: hung together, scrolled together, saved together, in real Chromium."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import ask
from tests.builders import content
from tests.journeys.cases import joined
from tests.journeys.hung import (
    NOW_LUNG,
    NOW_SOFT,
    OLD_LUNG,
    OLD_SOFT,
    SOFT,
    House,
    Room,
    another_machine,
    kept_with,
    study_id,
    with_prior,
)
from tests.journeys.several import images_window
from tests.server import Installation, until

ALONE, TWO = "default.chest-ct-prior", "default.chest-ct-prior-2"
SAVE = "今の並びをプロトコルとして保存する"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, browser: Browser, real_dicom: Path) -> Iterator[House]:
    """A chest with its prior; of the soft tissue series of today one slice is missing."""
    folder = tmp_path_factory.mktemp("screens")
    sent = folder / "sent"
    series = with_prior(real_dicom, sent)
    sorted((sent / f"now-{SOFT}").glob("*.dcm"))[12].unlink()
    place = Installation(folder / "d")
    place.start()
    try:
        place.run("admin", "facility", "shirahama", "白浜総合病院")
        place.run("admin", "ae", "CT1", "--facility", "shirahama")
        place.run("send", str(sent), "--to", place.dicom, "--from", "CT1")
        requester = joined(place, browser, "ito@test.test", "伊藤 恵", "requester")
        reader = joined(place, browser, "tanaka@test.test", "田中 美咲", "reader")
        chest = until(lambda: study_id(requester.page, "CT", 2))
        body = {**content().model_dump(mode="json"), "study_ids": [chest]}
        request = ask(requester.page, "POST", "/api/v1/requests", body)["id"]
        ask(requester.page, "POST", f"/api/v1/requests/{request}/send")

        def waiting() -> int | None:
            rows = ask(reader.page, "GET", "/api/v1/readings?box=open")["items"]
            return next((int(row["id"]) for row in rows if row["state"] == "waiting"), None)

        reading = until(waiting)
        ask(reader.page, "POST", f"/api/v1/readings/{reading}/claim")
        yield House(place, requester, reader, reading, 0, 0, series)
    finally:
        stopped = place.stop()
    assert stopped == 0


@pytest.fixture
def main(house: House, browser: Browser) -> Iterator[Room]:
    """The main window of the case, alone, of a reader without protocols of their own."""
    visitor = another_machine(house, browser)
    visitor.page.goto(f"{house.place.url}/worklist")
    kept = kept_with(visitor.page, [])
    kept["document"]["viewer"]["links"]["slice"] = True
    ask(visitor.page, "PUT", "/api/v1/me/preferences", kept)
    room = Room(house, visitor)
    room.hangs(NOW_LUNG, OLD_LUNG)
    assert room.hanging["id"] == ALONE
    yield room
    assert visitor.faults == []
    visitor.context.close()


def second_to(main: Room) -> Room:
    """A window of images beside the main one."""
    return Room(main.house, images_window(main.visitor), is_open=True)


def agree(*rooms: Room, scene: int, protocol: str = TWO) -> None:
    """All windows stand at the same scene of the same protocol, each on its own screen."""
    for place, room in enumerate(rooms):
        found = room.hanging
        assert (found["id"], found["scene"]) == (protocol, scene)
        assert found["hungFor"] == {"screens": len(rooms), "place": place}


def indices(*rooms: Room) -> list[int]:
    return [room.panes[0]["index"] for room in rooms]


def test_what_hangs_stays_until_it_is_hung_anew_for_the_screens_there_are(main: Room) -> None:
    second = second_to(main)

    # the new window hangs its share; nothing moves under the reader's eyes
    second.hangs(OLD_LUNG)
    main.hangs(NOW_LUNG, OLD_LUNG)
    assert main.hanging["id"] == ALONE
    again = main.page.get_by_test_id("hang-again")
    expect(again).to_have_text("2画面に掛け直す")
    expect(main.page.get_by_text("画像を表示する画面が2つになりました")).to_be_visible()
    main.keep("screens-opened")
    main.visitor.look()

    again.click()
    main.hangs(NOW_LUNG)
    second.hangs(OLD_LUNG)
    agree(main, second, scene=0)
    expect(again).to_have_count(0)

    # a stage asked for in either window moves both
    second.page.keyboard.press("h")
    main.hangs(NOW_LUNG, NOW_SOFT)
    second.hangs(OLD_LUNG, OLD_SOFT)
    agree(main, second, scene=1)
    main.keep("screens-main")
    second.keep("screens-images")
    main.page.keyboard.press("h")
    main.hangs(NOW_LUNG)
    second.hangs(OLD_LUNG)

    # a third: nothing is asked of it, and nothing moves in the others
    third = second_to(main)
    until(lambda: main.hanging["screens"] == 3)
    main.hangs(NOW_LUNG)
    second.hangs(OLD_LUNG)
    third.page.close()
    until(lambda: main.hanging["screens"] == 2)

    # a window that goes leaves the main one as it is; the stage key hangs for what is left
    second.page.close()
    expect(again).to_have_text("1画面に掛け直す")
    main.hangs(NOW_LUNG)
    main.page.keyboard.press("h")
    main.hangs(NOW_LUNG, OLD_LUNG)
    assert main.hanging["id"] == ALONE
    assert second.visitor.faults == []


def test_current_and_prior_scroll_together_across_windows_as_they_were_aligned(main: Room) -> None:
    second = second_to(main)
    main.page.keyboard.press("Shift+G")
    main.hangs(NOW_LUNG)
    second.hangs(OLD_LUNG)
    start = indices(main, second)
    assert start[0] == start[1]

    for _ in range(3):
        main.page.keyboard.press("ArrowDown")
    until(lambda: indices(main, second) == [one + 3 for one in start])
    expect(second.page.locator(".pane").first).to_contain_text("別の画面と連動 ずれ 300.0 mm")
    second.page.keyboard.press("ArrowUp")
    until(lambda: indices(main, second) == [one + 2 for one in start])

    # unlinked in one, it is in both; aligned by hand in one, it holds in both
    main.page.keyboard.press("l")
    until(lambda: not second.hanging["links"]["slice"])
    second.page.keyboard.press("ArrowDown")
    until(lambda: indices(main, second) == [start[0] + 2, start[1] + 3])
    second.page.keyboard.press("Shift+L")
    until(lambda: main.hanging["links"]["slice"])
    main.page.keyboard.press("ArrowUp")
    until(lambda: indices(main, second) == [start[0] + 1, start[1] + 2])
    expect(second.page.locator(".pane").first).to_contain_text("手動で位置合わせ 295.0 mm")
    second.keep("screens-aligned")

    # also in a window that comes later
    second.page.close()
    until(lambda: main.hanging["screens"] == 1)
    later = second_to(main)
    later.hangs(OLD_LUNG)
    until(lambda: later.hanging["aligned"])
    main.page.keyboard.press("ArrowDown")
    until(lambda: indices(main, later) == [start[0] + 2, start[1] + 3])


def test_the_arrangement_of_all_windows_is_saved_and_hangs_again(main: Room) -> None:
    page = main.page
    second = second_to(main)
    page.keyboard.press("Shift+G")
    main.hangs(NOW_LUNG)
    second.hangs(OLD_LUNG)
    second.page.keyboard.press("ArrowRight")
    second.hangs(OLD_SOFT)
    second.page.keyboard.press("3")
    page.keyboard.press("Shift+C")
    page.keyboard.press("Shift+M")
    until(lambda: (main.panes[0]["plane"] or {}).get("slab", {}).get("mode") == "mip")

    page.get_by_test_id("hang-menu").click()
    page.get_by_role("menuitem", name=SAVE).click()
    dialog = page.get_by_role("dialog", name=SAVE)
    expect(dialog).to_contain_text("2画面のプロトコルになります")
    expect(dialog.get_by_role("group", name="画面 1")).to_contain_text("枠 1")
    expect(dialog.get_by_role("group", name="画面 2")).to_be_visible()
    dialog.get_by_label("名前").fill("冠状断と過去")
    page.screenshot(path=main.house.place.folder.with_name("screens-save.png"), full_page=True)
    main.visitor.look()
    dialog.get_by_role("button", name="保存する").click()
    expect(dialog).to_be_hidden()

    def kept() -> list[Any]:
        found = ask(page, "GET", "/api/v1/me/preferences")["document"]["hanging"]["protocols"]
        return cast("list[Any]", found)

    until(kept)
    [saved] = kept()
    assert saved["when"]["screens_least"] == 2
    assert len(saved["stages"][0]["further"]) == 1

    # the main window is loaded again: it counts its screens itself and hangs at once
    page.reload()
    until(lambda: main.hanging and main.hanging["isHung"])
    until(lambda: main.panes[0].get("plane"))
    main.settled()
    second.hangs(OLD_SOFT)
    plane = main.panes[0]["plane"]
    assert main.panes[0]["series"] == main.house.series[NOW_LUNG]
    assert (plane["orientation"], plane["slab"]) == ("coronal", {"mode": "mip", "mm": 10})
    main.keep("screens-coronal")
    assert main.hanging["id"] == "mine.0"
    assert second.hanging["id"] == TWO  # what the reader has put there stays until the reader hangs anew
    page.keyboard.press("Shift+G")
    until(lambda: second.hanging["id"] == "mine.0")
    second.hangs(OLD_SOFT)
    agree(main, second, scene=0, protocol="mine.0")
    expect(page.get_by_test_id("hang-again")).to_have_count(0)

    # on one screen it is not in the way
    second.page.close()
    page.reload()
    until(lambda: main.hanging and main.hanging["isHung"])
    main.hangs(NOW_LUNG, OLD_LUNG)
    page.goto(f"{main.house.place.url}/me/hanging")
    row = page.get_by_role("row").filter(has_text="冠状断と過去")
    expect(row).to_contain_text("2画面以上")
    expect(row).to_contain_text("＋")
    page.screenshot(path=main.house.place.folder.with_name("screens-manage.png"))
    main.visitor.look()


def test_a_plane_that_cannot_be_stood_for_hangs_as_the_stack_and_says_why(main: Room) -> None:
    pane = {"selectors": [{"kernel": "soft"}], "reformat": {"plane": "coronal", "mode": "mip", "slab_mm": 30}}
    stage = {"layout": "1x1", "panes": [pane]}
    mine = {"name": "冠状断", "when": {"modalities": ["CT"]}, "stages": [stage]}
    ask(main.page, "PUT", "/api/v1/me/preferences", kept_with(main.page, [mine]))

    room = Room(main.house, main.visitor)

    room.hangs(NOW_SOFT)
    assert room.hanging["id"] == "mine.0"
    assert room.panes[0]["plane"] is None
    expect(room.page.get_by_text("断面ではなくスライスを表示しました")).to_be_visible()
    room.keep("screens-refused")
    ask(main.page, "PUT", "/api/v1/me/preferences", kept_with(main.page, []))


def test_words_of_screens_that_are_not_well_formed_hang_nothing(main: Room) -> None:
    second = second_to(main)
    main.page.keyboard.press("Shift+G")
    main.hangs(NOW_LUNG)
    second.hangs(OLD_LUNG)
    sent: list[dict[str, Any]] = [
        {"kind": "hang", "to": None, "fit": {"id": "x"}, "scene": 0, "seats": ["main"], "isAct": True},
        {"kind": "hang", "to": None, "fit": None, "scene": -1, "seats": ["main"], "isAct": True},
        {"kind": "hang-ask", "wish": {"kind": "scene", "way": 7}},
        {"kind": "places", "panes": [{"set": "x", "at": -3}], "moved": None},
        {"kind": "links", "isLinked": True, "registrations": [["a", {"shift": [1, 2], "ways": []}]]},
    ]

    def say(words: Sequence[dict[str, Any]], role: str) -> None:
        second.page.evaluate(
            """([reading, words, role, identity]) => {
              const channel = new BroadcastChannel(`dokuei.case.${reading}`);
              for (const say of words) channel.postMessage({v: 1, identity, from: 'x', role, say});
              channel.close();
            }""",
            [main.house.reading, words, role, identity],
        )

    identity = main.page.evaluate(
        """(reading) => new Promise((resolve) => {
          const channel = new BroadcastChannel(`dokuei.case.${reading}`);
          channel.onmessage = ({data}) => { channel.close(); resolve(data.identity); };
          window.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowDown', code: 'ArrowDown', bubbles: true}));
        })""",
        main.house.reading,
    )
    say(sent, "main")
    # only the main window's word hangs anything
    say(
        [{"kind": "hang", "to": None, "fit": None, "scene": 0, "seats": ["main", "images-1"], "isAct": True}],
        "report",
    )
    main.page.keyboard.press("ArrowDown")
    until(lambda: len(set(indices(main, second))) == 1)
    main.hangs(NOW_LUNG)
    second.hangs(OLD_LUNG)
    agree(main, second, scene=0)
