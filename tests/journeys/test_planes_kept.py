"""Key images and marks of reformatted planes in real Chromium: kept, drawn by the hub, found again, signed."""

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

import imagecodecs
import numpy as np
import pytest
from playwright._impl._api_structures import SetCookieParam
from playwright.sync_api import Browser, expect
from pydicom.uid import generate_uid
from pypdf import PdfReader

from tests.browser import Visitor
from tests.journeys.key_images import (
    CT,
    NAMES,
    ask,
    drawn,
    figures,
    invited,
    is_clear,
    keep_figure,
    named,
    request_readings,
    saved,
)
from tests.reading import Reading
from tests.server import Installation, until
from tests.volumes import Volume, points_of


class House(NamedTuple):
    place: Installation
    reader: Visitor
    volume: Volume
    reading: int


class Room(Reading):
    """The reading room of a claimed reading."""

    def __init__(self, visitor: Visitor, reading: int) -> None:
        self.visitor, self.page = visitor, visitor.page
        self.page.goto(f"{visitor.place.url}/reading/{reading}")
        until(lambda: self.panes[0]["sop"])

    @property
    def marks(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.visitor.probe("marks()") or []
        return found

    def stand(self, pane: int) -> None:
        """Make a pane the active one; the right button draws nothing and begins no double click."""
        self.page.locator(".pane").nth(pane).click(position={"x": 120, "y": 340}, button="right")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, browser: Browser, real_dicom: Path) -> Iterator[House]:
    """Thirty slices of a real chest, asked about and claimed."""
    folder = tmp_path_factory.mktemp("planes")
    for parent in (folder, *list(folder.parents)[:2]):
        parent.chmod(parent.stat().st_mode | 0o055)
    files = {"CT": sorted((real_dicom / CT).glob("*.dcm"))[20:50]}
    for name in NAMES:
        (folder / "sent" / name).mkdir(parents=True)
    sent = [named(path, folder / "sent/CT", n) for n, path in enumerate(files["CT"], start=1)]
    named(real_dicom / "modalities/cr-chest-monochrome1.dcm", folder / "sent/CR", 1, uid=generate_uid())
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
        yield House(place, reader, Volume(sent), claimed(reader))
    finally:
        stopped = place.stop()
    assert stopped == 0


def claimed(reader: Visitor) -> int:
    def found() -> int | None:
        rows = ask(reader.page, "GET", "/api/v1/readings?box=open")[1]["items"]
        return next((one["id"] for one in rows if one["modality"] == "CT"), None)

    reading = until(found)
    ask(reader.page, "POST", f"/api/v1/readings/{reading}/claim")
    return reading


def cut_here(volume: Volume, figure: dict[str, Any]) -> np.ndarray[Any, Any]:
    """The values of a figure's plane by the plain formula, from the files alone."""
    told = figure["recipe"]["plane"]
    plane = {**told, "betweenColumns": told["between_columns"], "betweenRows": told["between_rows"]}
    rows, columns = np.mgrid[: told["rows"], : told["columns"]]
    places = np.column_stack([columns.ravel(), rows.ravel()])
    mm, mode = told["slab"]["mm"], told["slab"]["mode"]
    steps = np.arange(-np.floor(mm / 2 / volume.down), mm / 2 / volume.down) * volume.down
    through = [0.0] if mode == "single" else [-mm / 2, *steps, mm / 2]
    values = [volume.at_points(points_of(plane, places, at)) for at in through]
    found = np.nanmax(values, axis=0) if mode == "mip" else values[0]
    return np.asarray(found).reshape(told["rows"], told["columns"])


def as_drawn(values: np.ndarray[Any, Any], figure: dict[str, Any], size: tuple[int, int]) -> Any:
    """Windowed, cut and enlarged here by other means."""
    recipe, area = figure["recipe"], figure["recipe"]["area"]
    center, width = recipe["window"]["center"], recipe["window"]["width"]
    grey = np.clip((values - (center - 0.5)) / (width - 1) + 0.5, 0, 1) * 255
    left, top = max(0, int(area["left"])), max(0, int(area["top"]))
    right = min(values.shape[1], int(np.ceil(area["right"])))
    part = np.nan_to_num(grey[top : min(values.shape[0], int(np.ceil(area["bottom"]))), left:right])
    at_rows = (np.arange(size[0]) + 0.5) * part.shape[0] / size[0] - 0.5
    at_columns = (np.arange(size[1]) + 0.5) * part.shape[1] / size[1] - 0.5
    tall = np.array([np.interp(at_rows, np.arange(part.shape[0]), line) for line in part.T])
    return np.array([np.interp(at_columns, np.arange(part.shape[1]), line) for line in tall.T])


def assert_drawn_true(room: Room, house: House, figure: dict[str, Any]) -> None:
    shown = drawn(room.page, figure)
    truth = as_drawn(cut_here(house.volume, figure), figure, shown.shape[:2])
    away = np.abs(shown[..., 0] - truth)[is_clear(shown)]
    assert np.ptp(truth) > 150
    assert (np.quantile(away, 0.999), away.mean()) < (3, 0.8)


def geometry(pane: dict[str, Any]) -> list[float]:
    plane = pane["plane"]
    return [*plane["origin"], *plane["row"], *plane["column"], plane["rows"], plane["columns"]]


def test_a_mark_and_a_key_image_of_a_slab_are_kept_and_lead_back(house: House) -> None:
    room = Room(house.reader, house.reading)
    page = room.page
    room.press("Shift+F3", 4)
    room.stand(1)
    room.press("Shift+M", 4)
    expect(page.locator(".pane").nth(1)).to_contain_text("MIP 10 mm")
    page.keyboard.press("m")
    high = room.panes[1]["plane"]["rows"] / 4
    room.drag(room.at(1, (150, high)), room.at(1, (230, high + 30)))
    until(lambda: len(room.marks) == 1)
    before, pane = room.marks[0], room.panes[1]
    saved(page)

    figure = keep_figure(page, house.reading, 1)

    assert figure["plane_name"] == "冠状断 MPR 厚さ 10 mm MIP"
    assert figure["recipe"]["marks"][0]["points"] == pytest.approx(np.array(before["points"]))
    assert_drawn_true(room, house, figure)
    expect(page.get_by_role("img", name="図1")).to_be_visible()
    expect(page.get_by_text("再構成 冠状断 MIP 10 mm")).to_be_visible()
    room.keep("slab-figure")
    answer = page.request.get(f"{house.place.url}{figure['image_url']}")
    house.place.folder.with_name("slab-picture.png").write_bytes(answer.body())

    # after a reload the figure brings the plane back, in its slab and place, with the mark on it
    page.reload()
    until(lambda: room.panes[0]["sop"])
    expect(page.get_by_test_id("plane-marks")).to_have_text("断面の計測 1件 ▾")
    page.get_by_role("button", name="図1 の画像を表示する").click()
    until(lambda: any(one["plane"] for one in room.panes), 20)
    until(lambda: len(room.marks) == 1, 20)
    again = next(one for one in room.panes if one["plane"])
    assert geometry(again) == pytest.approx(geometry(pane), abs=1e-6)
    assert "MIP 10 mm" in page.locator(".viewer, body").first.inner_text()
    assert np.array(room.marks[0]["points"]) == pytest.approx(np.array(before["points"]), abs=1e-3)
    lengths = room.marks[0]["measured"]["lengths"]
    assert lengths == pytest.approx(before["measured"]["lengths"], abs=1e-3)
    room.keep("slab-again")
    kept = ask(page, "GET", f"/api/v1/readings/{house.reading}/marks")[1]
    assert [one["plane"]["slab"] for one in kept["marks"]] == [{"mode": "mip", "mm": 10}]
    assert house.reader.faults == []


def test_a_turned_plane_comes_back_on_another_machine(house: House, browser: Browser) -> None:
    room = Room(house.reader, house.reading)
    page = room.page
    room.press("Shift+F3", 4)
    start = room.grip(0, "turn.coronal")
    room.drag(start, (start[0], start[1] + 90))
    until(lambda: room.settled(4)[1]["plane"]["row"][1] > 0.2)
    room.stand(1)
    page.keyboard.press("m")
    rows = room.panes[1]["plane"]["rows"]
    room.drag(room.at(1, (200, rows / 3)), room.at(1, (300, rows / 2)))
    until(lambda: len(room.marks) == 1)
    pane, mark = room.panes[1], room.marks[0]
    figure = keep_figure(page, house.reading, 2)
    assert figure["plane_name"] == "斜断面（冠状断から） MPR"
    assert_drawn_true(room, house, figure)
    saved(page)
    room.keep("turned-figure")

    other = Visitor(browser, house.place)
    other.context.add_cookies(cast("Sequence[SetCookieParam]", house.reader.context.cookies()))
    there = Room(other, house.reading)
    there.page.get_by_test_id("plane-marks").click()
    item = there.page.get_by_role("menuitem").filter(has_text="斜断面")
    expect(item).to_be_visible()
    there.keep("plane-marks")
    item.click()

    until(lambda: any(one["plane"] for one in there.panes), 20)
    until(lambda: len(there.marks) == 1, 20)
    again = next(one for one in there.panes if one["plane"])
    assert geometry(again) == pytest.approx(geometry(pane), abs=1e-6)
    assert np.array(there.marks[0]["points"]) == pytest.approx(np.array(mark["points"]), abs=1e-3)
    there.keep("turned-again")
    assert other.faults == []


def test_another_stack_is_said_so_and_nothing_false_is_opened(house: House) -> None:
    page = house.reader.page
    hidden = figures(page, house.reading)[0]["recipe"]["plane"]["series_instance_uid"]
    last = str(house.volume.slices[-1].SOPInstanceUID)

    def without_the_last(route: Any) -> None:
        answer = route.fetch()
        rows = [one for one in answer.json() if one["00080018"]["Value"][0] != last]
        route.fulfill(response=answer, json=rows)

    page.route(f"**/series/{hidden}/metadata*", without_the_last)
    try:
        room = Room(house.reader, house.reading)
        until(lambda: room.panes[0]["count"] == 29)
        page.get_by_role("button", name="図1 の画像を表示する").click()
        told = "この断面の元のシリーズが、保存したときと同じ内容ではありません"
        expect(page.get_by_text(told).first).to_be_visible()
        assert [one["plane"] for one in room.panes] == [None]
        page.get_by_test_id("plane-marks").click()
        expect(page.get_by_text("元のシリーズが変わったため開けません").first).to_be_visible()
        room.keep("changed")
        assert len(ask(page, "GET", f"/api/v1/readings/{house.reading}/marks")[1]["marks"]) == 2
    finally:
        page.unroute_all(behavior="ignoreErrors")


def test_the_signed_document_holds_the_planes(house: House) -> None:
    room = Room(house.reader, house.reading)
    page = room.page
    page.get_by_label("所見").first.fill("冠状断で結節を認めます（図1、図2）。")
    page.get_by_label("診断").first.fill("肺結節。")
    until(
        lambda: (
            (now := ask(page, "GET", f"/api/v1/readings/{house.reading}/report")[1])["findings"]
            and now["impression"]
        )
    )
    report = ask(page, "GET", f"/api/v1/readings/{house.reading}/report")[1]
    checks = [{"code": one["code"], "reason": "確認済み"} for one in report["checks"]]
    marks = ask(page, "GET", f"/api/v1/readings/{house.reading}/marks")[1]
    status, signed = ask(
        page,
        "POST",
        f"/api/v1/reports/{report['id']}/sign",
        {
            "revision": report["revision"],
            "figures_revision": report["figures_revision"],
            "marks_revision": marks["revision"],
            "overrides": checks,
        },
    )
    assert status == 200, [signed, checks]

    address = f"{house.place.url}/api/v1/reports/{report['id']}/versions/1/pdf"
    pdf = until(lambda: answer.body() if (answer := page.request.get(address)).ok else None)

    pages = PdfReader(io.BytesIO(pdf)).pages
    text = "".join("".join(one.extract_text() for one in pages).split())
    assert "再構成冠状断MPR厚さ10mmMIP" in text
    assert "再構成斜断面（冠状断から）MPR" in text
    pictures = [image for one in pages for image in one.images]
    figure = figures(page, house.reading)[0]
    own = imagecodecs.png_decode(page.request.get(f"{house.place.url}{figure['image_url']}").body())
    sizes = [(image.image.height, image.image.width) for image in pictures if image.image]
    assert own.shape[:2] in sizes
