"""Marks that are kept and key images in real Chromium: drawn, kept, stored, jumped back to, signed, delivered."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import imagecodecs
import numpy as np
import pydicom
import pytest
from playwright.sync_api import Browser, Page, Route, expect
from pydicom.uid import generate_uid
from pypdf import PdfReader

from tests.browser import Visitor
from tests.journeys.test_measure import Picture
from tests.server import Installation, until

CT = "studies/ct-chest-lungdx-a0001/s2-5mm-implicit-le"
CR = "modalities/cr-chest-monochrome1.dcm"
NAMES = {"CT": "胸部単純CT", "CR": "胸部X線"}
CONTENT = {
    "urgency": "urgent",
    "question": "右肺結節の経過観察をお願いします。",
    "callback_phone": "内線 1234",
    "requester_name": "伊藤 恵",
}


class House(NamedTuple):
    place: Installation
    reader: Visitor
    requester: Visitor
    files: dict[str, list[Path]]


def named(path: Path, folder: Path, number: int, *, uid: str = "") -> Path:
    """A real file under a Japanese patient's name."""
    ds = pydicom.dcmread(path)
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.PatientName = "Yamada^Tarou=山田^太郎=やまだ^たろう"
    ds.PatientID, ds.PatientBirthDate, ds.PatientSex = f"00123{ds.Modality}", "19680312", "M"
    if uid:
        ds.StudyInstanceUID = uid
    target = folder / f"{number:04}.dcm"
    ds.save_as(target)
    return target


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


def invited(place: Installation, browser: Browser, email: str, name: str, role: str) -> Visitor:
    visitor = Visitor(browser, place)
    visitor.join(place.run("admin", "person", email, name, "--role", role, "--facility", "shirahama"))
    expect(visitor.page.get_by_role("button", name=f"メニュー: {name}")).to_be_visible()
    return visitor


def ask(page: Page, method: str, path: str, body: Any = None) -> Any:
    """One question to the hub as the person at this page."""
    return page.evaluate(
        """async ([method, path, body]) => {
          const token = /csrftoken=([^;]*)/.exec(document.cookie)?.[1] ?? '';
          const headers = {'Content-Type': 'application/json', 'X-CSRFToken': token};
          const answer = await fetch(path, {method, headers, body: body && JSON.stringify(body)});
          return [answer.status, await answer.json()];
        }""",
        [method, path, body],
    )


def request_readings(page: Page) -> None:
    def settled() -> dict[str, int] | None:
        items = ask(page, "GET", "/api/v1/studies?without_request=true")[1]["items"]
        found = {
            one["modalities"][0]: one["id"] for one in items if one["receipt"] in {"settled", "complete"}
        }
        return found if set(NAMES) <= set(found) else None

    for modality, study in until(settled).items():
        exam = {"modality": modality, "body_part": "胸部", "description": NAMES[modality]}
        status, drafted = ask(
            page, "POST", "/api/v1/requests", {**CONTENT, "exam": exam, "study_ids": [study]}
        )
        assert status == 200, drafted
        assert ask(page, "POST", f"/api/v1/requests/{drafted['id']}/send")[0] == 200


def reading_of(house: House, modality: str) -> int:
    """The reading about this modality, claimed."""

    def found() -> int | None:
        rows = []
        for box in ("open", "mine"):
            rows += ask(house.reader.page, "GET", f"/api/v1/readings?box={box}")[1]["items"]
        return next((one["id"] for one in rows if one["modality"] == modality), None)

    reading = until(found)
    ask(house.reader.page, "POST", f"/api/v1/readings/{reading}/claim")
    return reading


def open_room(house: House, modality: str) -> tuple[Picture, int]:
    reading = reading_of(house, modality)
    house.reader.page.goto(f"{house.place.url}/reading/{reading}")
    return Picture(house.reader, house.files[modality]), reading


def state_of(page: Page) -> str | None:
    line = page.get_by_test_id("marks-state")
    return line.get_attribute("data-state") if line.count() else None


def saved(page: Page) -> None:
    expect(page.get_by_test_id("marks-state")).to_have_attribute("data-state", "saved", timeout=20_000)


def figures(page: Page, reading: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask(page, "GET", f"/api/v1/readings/{reading}/report")[1]["figures"]
    return found


def drawn(page: Page, figure: dict[str, Any]) -> np.ndarray[Any, Any]:
    """The picture of a figure inside its margin."""
    answer = page.request.get(page.url.split("/reading")[0] + figure["image_url"])
    assert answer.ok
    left, top, width, height = figure["box"]
    found: np.ndarray[Any, Any] = imagecodecs.png_decode(answer.body())
    return found[top : top + height, left : left + width].astype(float)


def wanted(ds: pydicom.Dataset, figure: dict[str, Any], size: tuple[int, int]) -> np.ndarray[Any, Any]:
    """The same part of the file under the same window, turned and enlarged here by other means."""
    recipe = figure["recipe"]
    stored = ds.pixel_array.astype(float)
    values = stored * float(ds.get("RescaleSlope", 1)) + float(ds.get("RescaleIntercept", 0))
    center, width = recipe["window"]["center"], recipe["window"]["width"]
    grey = np.clip((values - (center - 0.5)) / (width - 1) + 0.5, 0, 1) * 255
    grey = 255 - grey if recipe["is_low_white"] else grey
    area = recipe["area"]
    left, top = max(0, int(area["left"])), max(0, int(area["top"]))
    right = min(ds.Columns, int(np.ceil(area["right"])))
    bottom = min(ds.Rows, int(np.ceil(area["bottom"])))
    part = grey[top:bottom, left:right]
    if recipe["is_mirrored"]:
        part = np.fliplr(part)
    for _ in range(recipe["rotation_deg"] // 90):
        part = np.flipud(part).T
    rows, columns = size
    at_rows = (np.arange(rows) + 0.5) * part.shape[0] / rows - 0.5
    at_columns = (np.arange(columns) + 0.5) * part.shape[1] / columns - 0.5
    tall = np.array([np.interp(at_rows, np.arange(part.shape[0]), line) for line in part.T])
    return np.array([np.interp(at_columns, np.arange(part.shape[1]), line) for line in tall.T])


def slice_of(house: House, name: str, figure: dict[str, Any]) -> pydicom.Dataset:
    kept = (pydicom.dcmread(path) for path in house.files[name])
    return next(ds for ds in kept if ds.SOPInstanceUID == figure["sop_instance_uid"])


def keep_figure(page: Page, reading: int, count: int) -> dict[str, Any]:
    page.keyboard.press("k")
    until(lambda: len(figures(page, reading)) == count)
    return figures(page, reading)[-1]


def is_clear(picture: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Where nothing was drawn: grey, and nothing coloured near."""
    coloured = np.ptp(picture, axis=2) > 8
    rows, columns = np.nonzero(coloured)
    clear = np.ones(picture.shape[:2], bool)
    if rows.size:
        pad = 40
        clear[
            max(0, rows.min() - pad) : rows.max() + pad, max(0, columns.min() - pad) : columns.max() + pad
        ] = False
    return clear


def on_screen(picture: Picture) -> dict[str, Any]:
    found: dict[str, Any] = picture.visitor.probe("views()")[0]
    return found


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
    for key in ("]", "h"):
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


def assert_same_as_screen(page: Page, truth: np.ndarray[Any, Any], figure: dict[str, Any]) -> None:
    """The screen itself, far from what is written over it, shows what the hub drew."""
    box = page.locator("canvas.cornerstone-canvas").first.bounding_box()
    assert box is not None
    shot = imagecodecs.png_decode(page.screenshot(clip=box)).astype(float)[..., 0]  # type: ignore[arg-type]
    area = figure["recipe"]["area"]
    columns, rows = area["right"] - area["left"], area["bottom"] - area["top"]
    if figure["recipe"]["rotation_deg"] % 180:
        columns, rows = rows, columns
    high, wide = shot.shape
    middle = shot[high // 3 : 2 * high // 3, wide // 3 : 2 * wide // 3]
    clipped = {
        "left": max(0, int(area["left"])),
        "top": max(0, int(area["top"])),
        "right": min(512, int(np.ceil(area["right"]))),
        "bottom": min(512, int(np.ceil(area["bottom"]))),
    }
    assert clipped["right"] > clipped["left"]
    seen_rows = np.linspace(0, rows, high, endpoint=False)[high // 3 : 2 * high // 3]
    seen_columns = np.linspace(0, columns, wide, endpoint=False)[wide // 3 : 2 * wide // 3]
    away = offsets(area, clipped, figure["recipe"])
    at_rows = (seen_rows - away[1]) * truth.shape[0] / away[3]
    at_columns = (seen_columns - away[0]) * truth.shape[1] / away[2]
    found = truth[
        np.clip(at_rows.astype(int), 0, truth.shape[0] - 1)[:, None],
        np.clip(at_columns.astype(int), 0, truth.shape[1] - 1)[None, :],
    ]
    assert np.corrcoef(found.ravel(), middle.ravel())[0, 1] > 0.9


def offsets(
    area: dict[str, float], clipped: dict[str, int], recipe: dict[str, Any]
) -> tuple[float, float, float, float]:
    """How far right and down on screen the picture begins, in pixels of the file, and its extent there."""
    left, right = clipped["left"] - area["left"], area["right"] - clipped["right"]
    top, bottom = clipped["top"] - area["top"], area["bottom"] - clipped["bottom"]
    wide, high = clipped["right"] - clipped["left"], clipped["bottom"] - clipped["top"]
    if recipe["is_mirrored"]:
        left, right = right, left
    for _ in range(recipe["rotation_deg"] // 90):
        left, top, right, bottom = bottom, left, top, right
        wide, high = high, wide
    return left, top, wide, high


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


def assert_same_as_screen_cr(page: Page, shown: np.ndarray[Any, Any]) -> None:
    """Bright where the screen is bright."""
    box = page.locator("canvas.cornerstone-canvas").first.bounding_box()
    assert box is not None
    shot = imagecodecs.png_decode(page.screenshot(clip=box)).astype(float)[..., 0]  # type: ignore[arg-type]
    high, wide = shot.shape
    tall, broad = shown.shape[:2]
    scale = min(wide / broad, high / tall)
    rows = (np.arange(high // 3, 2 * high // 3) - (high - tall * scale) / 2) / scale
    columns = (np.arange(wide // 2 - 100, wide // 2 + 100) - (wide - broad * scale) / 2) / scale
    found = shown[rows.astype(int)[:, None], columns.astype(int)[None, :], 0]
    seen = shot[high // 3 : 2 * high // 3, wide // 2 - 100 : wide // 2 + 100]
    assert np.corrcoef(found.ravel(), seen.ravel())[0, 1] > 0.93


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
    page.keyboard.press("x")
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
    page.get_by_title("図1 の画像を表示する").click()
    until(
        lambda: (panes := house.requester.probe("panes()")) and panes[0]["sop"] == figure["sop_instance_uid"]
    )
    until(lambda: house.requester.probe("panes()")[0]["voi"]["width"] == figure["recipe"]["window"]["width"])
    assert house.requester.faults + house.reader.faults == []
    assert "\n".join(house.requester.barriers + house.reader.barriers) == ""
