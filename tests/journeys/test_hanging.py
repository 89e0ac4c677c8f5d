"""What hangs where, what goes together, and what follows the reader: real chests and heads in real Chromium."""

import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
import pydicom
import pytest
from imagecodecs import jpegsof3_decode
from playwright._impl._api_structures import SetCookieParam
from playwright.sync_api import Browser, Page, Route, expect
from pydicom.encaps import generate_frames
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from tests.browser import Visitor
from tests.builders import content
from tests.journeys.cases import ask, joined
from tests.reading import Reading
from tests.server import Installation, until

CHEST = "studies/ct-chest-lungdx-a0001"
LUNG, SOFT = "s2-5mm-implicit-le", "s3-5mm-jpegls"
BRAIN = "studies/agpl-watermelon-mr-2020-ct-2013-adit-1008/20200705-mr"
SLICES = slice(20, 44)
WIDTH = 599
"""Columns of a mammogram, every fourth of 2394."""
AWAY_MM = 300.0
"""How far the prior's space lies from the current one's."""


class House(NamedTuple):
    place: Installation
    requester: Visitor
    reader: Visitor
    reading: int
    brain: int
    breasts: int
    series: dict[str, str]
    """Series Instance UIDs by name; of mammograms SOP Instance UIDs by view."""


def with_prior(real: Path, sent: Path) -> dict[str, str]:
    """Both reconstructions of a chest, and the same half a year earlier in a space of its own."""
    study, frame, found = generate_uid(), generate_uid(), {}
    for name in (LUNG, SOFT):
        series = generate_uid()
        for role in ("now", "old"):
            (sent / f"{role}-{name}").mkdir(parents=True)
        for path in sorted((real / CHEST / name).glob("*.dcm"))[SLICES]:
            shutil.copy(path, sent / f"now-{name}")
            ds = pydicom.dcmread(path)
            found[f"now-{name}"], found[f"old-{name}"] = ds.SeriesInstanceUID, series
            ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.FrameOfReferenceUID = study, series, frame
            ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = generate_uid()
            ds.StudyDate = ds.SeriesDate = str(int(ds.StudyDate) - 10_000)
            ds.AccessionNumber = "PRIOR"
            x, y, z = ds.ImagePositionPatient
            ds.ImagePositionPatient = [x, y, float(z) + AWAY_MM]
            ds.save_as(sent / f"old-{name}" / path.name)
    return found


def brain(real: Path, sent: Path) -> dict[str, str]:
    found = {}
    for folder in sorted((real / BRAIN).iterdir()):
        shutil.copytree(folder, sent / folder.name)
        first = pydicom.dcmread(next(folder.glob("*")), stop_before_pixels=True)
        found[folder.name] = first.SeriesInstanceUID
    return found


def breasts(real: Path, sent: Path) -> dict[str, str]:
    """Four views of one series, in the wrong order: a real right breast, and the same mirrored as the left one."""
    (sent / "MG").mkdir()
    study, series = generate_uid(), generate_uid()
    found: dict[str, str] = {}
    views = [("L", "MLO"), ("R", "CC"), ("L", "CC"), ("R", "MLO")]
    for number, (side, view) in enumerate(views, start=1):
        ds = pydicom.dcmread(real / "modalities" / "mg-ge-3062x2394-jpegll.dcm")
        frame = next(generate_frames(ds.PixelData, number_of_frames=1))
        pixels = np.asarray(jpegsof3_decode(frame)).astype("<u2")[::4, ::4]
        ds.PixelData = (pixels if side == "R" else pixels[:, ::-1]).tobytes()
        ds["PixelData"].VR, ds["PixelData"].is_undefined_length = "OW", False
        ds.Rows, ds.Columns = pixels.shape
        ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.InstanceNumber = study, series, number
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = found[f"{side}-{view}"] = generate_uid()
        ds.ImageLaterality, ds.ViewPosition = side, view
        ds.PatientOrientation = ["P", "F"] if side == "R" else ["A", "F"]
        ds.save_as(sent / "MG" / f"{number}.dcm")
    return found


def study_id(page: Page, modality: str, count: int) -> int | None:
    items = ask(page, "GET", "/api/v1/studies?without_request=true")["items"]
    latest = sorted(
        (one for one in items if modality in one["modalities"]), key=lambda one: str(one["study_at"])
    )
    arrived = len(latest) == count and all(one["receipt"] == "settled" for one in latest)
    return int(latest[-1]["id"]) if arrived else None


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


class Room(Reading):
    """The reading room with the chest and its prior."""

    def __init__(self, house: House, visitor: Visitor) -> None:
        self.visitor, self.page, self.house = visitor, visitor.page, house
        self.page.goto(f"{house.place.url}/reading/{house.reading}")
        until(lambda: (self.visitor.probe("hanging()") or {}).get("isHung"))

    @property
    def hanging(self) -> dict[str, Any]:
        return cast("dict[str, Any]", self.visitor.probe("hanging()"))

    def hangs(self, *names: str) -> list[dict[str, Any]]:
        """Wait until these series hang in this order, and are drawn."""
        wanted = [self.house.series[name] for name in names]

        def there() -> bool:
            panes = self.panes
            return [one["series"] for one in panes] == wanted and all(
                one["sop"] and one["index"] == one["requested"] for one in panes
            )

        until(there)
        return self.panes

    def windows(self, *wanted: tuple[int, int]) -> None:
        def near() -> bool:
            found = [one["voi"] for one in self.panes]
            return len(found) == len(wanted) and all(
                voi and abs(voi["center"] - center) < 2 and abs(voi["width"] - width) < 2
                for voi, (center, width) in zip(found, wanted, strict=True)
            )

        until(near)

    def scale(self, pane: int) -> float:
        a, b = (self.visitor.probe(f"canvas({pane}, [{x}, 200])") for x in (100, 300))
        return float(b[0] - a[0]) / 200


NOW_LUNG, NOW_SOFT, OLD_LUNG, OLD_SOFT = (
    f"{role}-{name}" for role in ("now", "old") for name in (LUNG, SOFT)
)
LUNG_WINDOW, SOFT_WINDOW = (-600, 1600), (40, 400)


def another_machine(house: House, browser: Browser) -> Visitor:
    """The same reader at another browser: nothing of the first one's is there but the session."""
    visitor = Visitor(browser, house.place)
    visitor.context.add_cookies(cast("Sequence[SetCookieParam]", house.reader.context.cookies()))
    return visitor


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
    page.keyboard.press("q")
    expect(keys.locator(".key-row").filter(has_text="白黒反転")).to_contain_text("Q")
    page.keyboard.press("Escape")
    until(lambda: ask(page, "GET", "/api/v1/me/preferences")["document"]["keys"] == {"viewer.invert": ["q"]})

    other = another_machine(house, browser)
    there = Room(house, other)
    there.hangs(NOW_SOFT, OLD_LUNG)
    assert there.hanging["id"] == "mine.0"
    assert (there.hanging["layout"], there.hanging["tool"]) == ("2x1", "zoom")
    expect(other.page.get_by_test_id("hang-menu")).to_contain_text("縦隔を上に")
    other.page.keyboard.press("i")
    other.page.keyboard.press("q")
    until(lambda: there.panes[0]["isInverted"])
    method = other.page.context.new_cdp_session(other.page)
    for kind in ("rawKeyDown", "keyUp"):
        pressed = {"type": kind, "key": "q", "windowsVirtualKeyCode": 229}
        method.send("Input.dispatchKeyEvent", pressed)
    assert there.panes[0]["isInverted"]
    expect(other.page.get_by_role("button", name="白黒反転")).to_be_visible()
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
    page.get_by_role("button", name="使わない: 胸部CT 比較").click()
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


def everybodys() -> dict[str, Any]:
    return {
        "name": "全員の胸部",
        "when": {"modalities": ["CT"], "words": ["CHEST"]},
        "stages": [{"layout": "1x1", "panes": [{"selectors": [{"kernel": "soft"}]}]}],
    }


def kept_with(page: Page, protocols: list[Any]) -> dict[str, Any]:
    kept = ask(page, "GET", "/api/v1/me/preferences")
    kept["document"]["hanging"] = {"protocols": protocols, "hidden": []}
    kept["document"]["keys"] = {}
    kept["document"]["viewer"]["tool"] = "window"
    return cast("dict[str, Any]", kept)


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


def whole(protocol: dict[str, Any]) -> dict[str, Any]:
    """As the hub would tell it, nothing left out."""
    said = {"words": [], "without": [], "prior": "any", "screens_least": 1, "modalities": []}
    panes = [
        {**one, "role": "current", "selectors": [{"words": [], "without": [], **s} for s in one["selectors"]]}
        for one in protocol["stages"][0]["panes"]
    ]
    stage = {"name": "", "layout": protocol["stages"][0]["layout"], "panes": panes}
    return {"version": 1, "name": protocol["name"], "when": {**said, **protocol["when"]}, "stages": [stage]}
