"""Marks that are kept and key images in real Chromium: drawn, kept, stored, jumped back to, signed, delivered."""

import contextlib
import io
import re
from collections.abc import Iterator
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from playwright.sync_api import Browser, Error, Page, Route, expect
from pydicom.uid import generate_uid
from pypdf import PdfReader

from tests.journeys.key_images import (
    CR,
    CT,
    NAMES,
    House,
    ask,
    assert_same_as_screen,
    assert_same_as_screen_cr,
    check_exported,
    drawn,
    figures,
    invited,
    is_clear,
    keep_figure,
    named,
    on_screen,
    open_room,
    reading_of,
    request_readings,
    saved,
    slice_of,
    wanted,
)
from tests.journeys.test_measure import Picture
from tests.server import Installation, until


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, browser: Browser, real_dicom: Path) -> Iterator[House]:
    """A facility that asked for two readings, and its reader."""
    folder = tmp_path_factory.mktemp("figures")
    for parent in (folder, *list(folder.parents)[:2]):
        parent.chmod(parent.stat().st_mode | 0o055)
    files: dict[str, list[Path]] = {}
    for name, paths in {
        "CT": sorted((real_dicom / CT).glob("*.dcm"))[28:35],
        "CR": [real_dicom / CR],
    }.items():
        (folder / "sent" / name).mkdir(parents=True)
        uid = generate_uid() if name == "CR" else ""
        files[name] = [
            named(path, folder / "sent" / name, number, uid=uid) for number, path in enumerate(paths, start=1)
        ]
    place = Installation(folder / "d")
    place.start()
    try:
        place.run("admin", "facility", "shirahama", "白浜総合病院")
        place.run("admin", "ae", "CT1", "--facility", "shirahama")
        place.run("send", str(folder / "sent"), "--to", place.dicom, "--from", "CT1")
        requester, reader = (
            invited(place, browser, email, name, role)
            for email, name, role in (
                ("ito@test.test", "伊藤 恵", "requester"),
                ("tanaka@test.test", "田中 美咲", "reader"),
            )
        )
        request_readings(requester.page)
        yield House(place, reader, requester, files)
    finally:
        stopped = place.stop()
    assert stopped == 0


def test_a_length_survives_a_reload_and_is_the_same(house: House) -> None:
    picture, reading = open_room(house, "CT")
    page = picture.page
    picture.drag("m", (150, 300), (290, 195))
    before = picture.marks[0]
    saved(page)

    page.reload()

    again = Picture(house.reader, house.files["CT"])
    until(lambda: len(again.marks) == 1)
    assert again.marks[0]["kind"] == "length"
    assert np.abs(np.array(again.marks[0]["points"]) - np.array(before["points"])).max() < 1e-6
    assert again.marks[0]["measured"]["lengths"] == pytest.approx(before["measured"]["lengths"], abs=1e-6)
    again.says(f"{before['measured']['lengths'][0]:.1f} mm")
    page.keyboard.press("Control+z")  # what was kept was there from the beginning
    assert len(again.marks) == 1
    page.keyboard.press("ArrowDown")
    until(lambda: again.marks == [])
    page.keyboard.press("ArrowUp")
    until(lambda: len(again.marks) == 1)
    page.wait_for_timeout(1500)
    assert (
        ask(page, "GET", f"/api/v1/readings/{reading}/marks")[1]["revision"] == 1
    )  # looking changes nothing
    assert house.reader.faults == []


def kept_count(page: Page, reading: int) -> int:
    """How many marks the hub has."""
    return len(ask(page, "GET", f"/api/v1/readings/{reading}/marks")[1]["marks"])


def test_a_mark_on_a_reformatted_plane_is_kept_beside_the_others(house: House) -> None:
    picture, reading = open_room(house, "CT")
    page = picture.page
    until(lambda: len(picture.marks) == 1)
    page.keyboard.press("Shift+C")
    until(lambda: house.reader.probe("panes()")[0]["plane"])
    middle = picture.box["x"] + picture.box["width"] / 2, picture.box["y"] + picture.box["height"] / 2
    page.keyboard.press("m")
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 60, middle[1] + 4, steps=5)
    page.mouse.up()
    expect(page.get_by_text("断面の計測 1件")).to_be_visible()
    until(lambda: kept_count(page, reading) == 2)
    page.keyboard.press("Control+z")
    until(lambda: kept_count(page, reading) == 1)

    page.keyboard.press("Shift+O")
    until(lambda: house.reader.probe("panes()")[0]["plane"] is None)
    until(lambda: len(picture.marks) == 1)
    picture.drag("m", (200, 250), (260, 260))
    until(lambda: kept_count(page, reading) == 2)
    saved(page)
    page.keyboard.press("Control+z")
    until(lambda: kept_count(page, reading) == 1)
    assert house.reader.faults == []


def test_a_key_image_is_the_file_under_the_window_and_leads_back_to_its_slice(house: House) -> None:
    picture, reading = open_room(house, "CT")
    page = picture.page
    until(lambda: len(picture.marks) == 1)
    page.keyboard.press("6")
    until(lambda: picture.visitor.probe("panes()")[0]["voi"]["width"] < 1600)

    first = keep_figure(page, reading, 1)

    assert first["recipe"]["marks"][0]["lines"][0] in picture.said
    shown = drawn(page, first)
    clear = is_clear(shown)
    assert 0.2 < clear.mean() < 0.95
    truth = wanted(slice_of(house, "CT", first), first, shown.shape[:2])
    assert np.abs(shown[..., 0] - truth)[clear].max() < 2
    expect(page.get_by_role("img", name="図1")).to_be_visible()
    picture.keep("figure-1")

    # turned, flipped, enlarged and moved: what is stored is what is seen
    for key in ("]", ";"):
        page.keyboard.press(key)
    page.keyboard.press("z")
    middle = picture.place(256, 256)
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0], middle[1] - 60, steps=6)
    page.mouse.up()
    page.keyboard.press("g")
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 40, middle[1] + 25, steps=6)
    page.mouse.up()
    page.keyboard.press("w")
    second = keep_figure(page, reading, 2)
    assert (second["recipe"]["rotation_deg"], second["recipe"]["is_mirrored"]) == (270, True)
    shown = drawn(page, second)
    truth = wanted(slice_of(house, "CT", second), second, shown.shape[:2])
    assert np.abs(shown[..., 0] - truth)[is_clear(shown)].max() < 2
    assert_same_as_screen(page, truth, second)
    view = on_screen(picture)["view"]

    # away, and back by a click
    page.keyboard.press("0")
    page.keyboard.press("3")
    page.keyboard.press("End")
    until(lambda: picture.visitor.probe("panes()")[0]["sop"] != second["sop_instance_uid"])
    page.get_by_role("button", name="図2 の画像を表示する").click()
    until(lambda: picture.visitor.probe("panes()")[0]["sop"] == second["sop_instance_uid"])
    until(lambda: picture.visitor.probe("panes()")[0]["voi"]["width"] == first["recipe"]["window"]["width"])
    until(lambda: on_screen(picture)["view"]["rotationDeg"] == 270)
    back = on_screen(picture)["view"]
    assert back["isMirrored"] is True
    for side, value in view["area"].items():
        assert back["area"][side] == pytest.approx(value, abs=0.6), (side, back, view)
    page.keyboard.press("0")
    assert house.reader.faults == []


def test_monochrome1_is_drawn_as_it_is_seen(house: House) -> None:
    picture, reading = open_room(house, "CR")
    page = picture.page

    plain = keep_figure(page, reading, 1)
    page.keyboard.press("i")
    until(lambda: on_screen(picture)["isLowWhite"] is False)
    inverted = keep_figure(page, reading, 2)

    assert (plain["recipe"]["is_low_white"], inverted["recipe"]["is_low_white"]) == (True, False)
    for figure in (plain, inverted):
        shown = drawn(page, figure)
        truth = wanted(slice_of(house, "CR", figure), figure, shown.shape[:2])
        assert np.abs(shown[..., 0] - truth).max() < 2
    assert_same_as_screen_cr(page, drawn(page, inverted))
    picture.keep("monochrome1")
    assert house.reader.faults == []


def test_while_the_line_is_away_the_screen_says_what_is_unsaved(house: House) -> None:
    picture, reading = open_room(house, "CR")
    page = picture.page

    def away(route: Route) -> None:
        if route.request.method in {"PUT", "POST"}:
            route.abort()
        else:
            route.continue_()

    page.route(re.compile("/api/v1/(readings/.*/marks|reports/.*/figures)$"), away)
    page.keyboard.press("0")
    picture.drag("m", (100, 150), (300, 250))
    expect(page.get_by_test_id("marks-state")).to_have_attribute("data-state", "failed", timeout=20_000)
    expect(page.get_by_test_id("marks-state")).to_contain_text("未保存")
    before = len(figures(page, reading))
    page.keyboard.press("k")
    expect(page.get_by_text("未保存のキー画像")).to_be_visible()
    picture.keep("line-away")

    page.unroute(re.compile("/api/v1/(readings/.*/marks|reports/.*/figures)$"), away)

    saved(page)
    until(lambda: len(figures(page, reading)) == before + 1)
    expect(page.get_by_text("未保存のキー画像")).to_have_count(0)
    assert len(ask(page, "GET", f"/api/v1/readings/{reading}/marks")[1]["marks"]) == 1
    house.reader.faults.clear()  # the browser notes the questions we cut off


def test_a_late_answer_for_another_case_is_dropped(house: House) -> None:
    first, second = reading_of(house, "CT"), reading_of(house, "CR")
    page = house.reader.page
    late: list[Route] = []
    page.route(f"**/api/v1/readings/{first}/marks", lambda route: late.append(route))  # noqa: PLW0108 - a bound method cannot be a handler
    page.goto(f"{house.place.url}/reading/{first}")
    until(lambda: page.title() and late)  # the page must be asked, or no route is heard
    Picture(house.reader, house.files["CT"])
    page.get_by_role("button", name="読影リストへ戻る").click()
    page.get_by_text("自分の担当").click()
    page.get_by_role("row").filter(has_text=NAMES["CR"]).dblclick()
    until(lambda: page.url.endswith(f"/reading/{second}"))
    other = Picture(house.reader, house.files["CR"])
    until(lambda: len(other.marks) == 1)
    kept = other.marks

    for route in late:
        route.continue_()
    page.wait_for_timeout(1500)

    assert other.marks == kept
    assert len(ask(page, "GET", f"/api/v1/readings/{second}/marks")[1]["marks"]) == 1
    page.unroute(f"**/api/v1/readings/{first}/marks")
    assert house.reader.faults == []


def test_words_into_the_text_signing_and_the_document(house: House) -> None:
    picture, reading = open_room(house, "CT")
    page = picture.page
    until(lambda: len(picture.marks) == 1)
    length = f"{picture.marks[0]['measured']['lengths'][0]:.1f} mm"

    # a measurement and a figure at the cursor
    findings = page.get_by_label("所見")
    findings.fill("右肺に最大径  の結節を認めます（）。")
    findings.evaluate("one => one.setSelectionRange(7, 7)")
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+X")
    expect(findings).to_have_value(f"右肺に最大径 {length} の結節を認めます（）。")
    findings.focus()
    findings.evaluate("one => one.setSelectionRange(one.value.length - 2, one.value.length - 2)")
    page.get_by_role("button", name="文章へ「図1」").click()
    expect(findings).to_have_value(f"右肺に最大径 {length} の結節を認めます（図1）。")
    page.get_by_label("診断").fill("右肺結節（図3）。")
    checks = page.get_by_role("list", name="確認事項")
    expect(checks).to_contain_text("文章に「図3」とありますが、キー画像は 2 枚です。")
    page.get_by_label("診断").fill("右肺結節。")
    expect(checks).to_contain_text("図2 は文章に出てきません。")
    expect(checks).not_to_contain_text("図3")

    # the mark moves, the sentence no longer agrees
    page.keyboard.press("Escape")
    page.keyboard.press("w")
    start = picture.place(290, 195)
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] + 40, start[1], steps=6)
    page.mouse.up()
    expect(checks).to_contain_text(length, timeout=15_000)
    expect(checks).to_contain_text("計測は変わっています")
    picture.keep("checks")
    page.keyboard.press("Control+z")
    expect(checks).not_to_contain_text("計測は変わっています", timeout=15_000)

    page.get_by_label("図1 の説明").fill("右肺の結節")
    page.get_by_label("診断").focus()
    until(lambda: figures(page, reading)[0]["caption"] == "右肺の結節")
    saved(page)
    house.reader.look()
    page.get_by_role("button", name="署名する").first.click()
    dialog = page.get_by_role("dialog")
    for box in dialog.get_by_placeholder("このまま署名する理由").all():
        box.fill("確認済み")
    dialog.get_by_role("button", name="この患者・この検査・この文章で署名する").click()
    expect(page.get_by_text("署名しました").first).to_be_visible()

    check_delivered(house, reading, picture)
    check_exported(house, figures(picture.page, reading)[0]["study_instance_uid"], length)


def check_delivered(house: House, reading: int, picture: Picture) -> None:
    """The facility's page and document hold what was signed, and lead to the slice."""
    figure = figures(picture.page, reading)[0]
    report = int(figure["image_url"].split("/")[4])
    page = house.requester.page
    document = until(
        lambda: (
            answer.body()
            if (answer := page.request.get(f"{house.place.url}/api/v1/reports/{report}/versions/1/pdf")).ok
            else None
        )
    )
    house.place.folder.with_name("report.pdf").write_bytes(document)
    pages = PdfReader(io.BytesIO(document)).pages
    assert "図1右肺の結節" in "".join("".join(one.extract_text() for one in pages).split())
    images = [one.image for sheet in pages for one in sheet.images]
    original = imagecodecs.png_decode(page.request.get(house.place.url + figure["image_url"]).body())
    assert len(images) == 2
    assert np.array_equal(np.asarray(images[0].convert("RGB")), original)  # type: ignore[union-attr]

    page.goto(f"{house.place.url}/reports/{report}")
    expect(page.get_by_role("img", name="図1 右肺の結節")).to_be_visible()
    house.requester.look()
    page.screenshot(path=house.place.folder.with_name("facility.png"), full_page=True)
    gate = Gate(
        page
    )  # the slice is asked for before any picture came: its window must come after the protocol's
    page.get_by_title("図1 の画像を表示する").click()
    until(lambda: page.title() and gate.held and (house.requester.probe("panes()") or [{}])[0].get("count"))
    gate.open()
    until(
        lambda: (panes := house.requester.probe("panes()")) and panes[0]["sop"] == figure["sop_instance_uid"]
    )
    until(lambda: house.requester.probe("panes()")[0]["voi"]["width"] == figure["recipe"]["window"]["width"])
    assert house.requester.faults + house.reader.faults == []
    assert "\n".join(house.requester.barriers + house.reader.barriers) == ""


class Gate:
    """Frames wait here until it is opened; those that were given up meanwhile stay away."""

    def __init__(self, page: Page) -> None:
        self.page, self.held = page, list[Route]()
        page.route("**/frames/**", self._hold)

    def _hold(self, route: Route) -> None:
        self.held.append(route)

    def open(self) -> None:
        self.page.unroute("**/frames/**")
        for route in self.held:
            with contextlib.suppress(Error):
                route.continue_()
