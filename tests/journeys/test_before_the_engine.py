"""The first picture does not wait for the engine: it is true, and nothing can be done on it before."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser import Visitor, ask
from tests.journeys.cases import joined
from tests.journeys.gallery import House, house_with
from tests.journeys.key_images import CONTENT
from tests.journeys.test_home_line import CT, packed_ends
from tests.journeys.test_measure import Picture
from tests.server import until

ENGINE = "**/assets/all-*.js"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, browser: Browser, real_dicom: Path) -> Iterator[House]:
    files = {"CT": sorted((real_dicom / CT).glob("*.dcm"))[20:40]}
    with house_with(tmp_path_factory.mktemp("engine"), browser, files) as found:
        until(lambda: packed_ends(found))
        yield found


@pytest.fixture(scope="module")
def reader(house: House, browser: Browser) -> Visitor:
    return joined(house.place, browser, "tanaka@test.test", "田中 美咲", "reader")


@pytest.fixture(scope="module")
def reading(house: House, reader: Visitor) -> int:
    """The one reading, claimed."""
    exam = {"modality": "CT", "body_part": "胸部", "description": "胸部単純CT"}
    body = {**CONTENT, "exam": exam, "study_ids": [house.ids["CT"]]}
    request = ask(house.person.page, "POST", "/api/v1/requests", body)["id"]
    ask(house.person.page, "POST", f"/api/v1/requests/{request}/send")

    def opened() -> int | None:
        rows = ask(reader.page, "GET", "/api/v1/readings?box=open")["items"]
        return next((int(row["id"]) for row in rows if row["state"] == "waiting"), None)

    found = until(opened)
    ask(reader.page, "POST", f"/api/v1/readings/{found}/claim")
    return found


class Held:
    """The engine's program, kept back until it is let go."""

    def __init__(self, page: Page) -> None:
        self.routes: list[Route] = []
        self.is_open = False
        page.route(ENGINE, self.take)

    def take(self, route: Route) -> None:
        if self.is_open:
            route.continue_()
        else:
            self.routes.append(route)

    def let_go(self) -> None:
        self.is_open = True
        for route in self.routes:
            route.continue_()


def drawn(page: Page) -> Any:
    """Grey values of our own canvas, rows by columns."""
    look = page.get_by_test_id("look").locator("canvas")
    grey = look.evaluate(
        "(one) => [...one.getContext('2d').getImageData(0, 0, 512, 512).data].filter((_, i) => i % 4 === 0)"
    )
    return np.array(grey, dtype=float).reshape(512, 512)


def test_the_first_picture_is_whole_and_in_its_window_before_the_engine_is_here(
    house: House, reader: Visitor, reading: int
) -> None:
    page = reader.page
    engine = Held(page)
    page.goto(f"{house.place.url}/reading/{reading}")

    look = page.get_by_test_id("look")
    expect(look).to_have_attribute("data-pixels", "512")
    expect(page.get_by_text("全画素を表示中 — 計測と操作を準備しています")).to_be_visible()
    expect(page.locator(".overlay").get_by_text("Lung_Dx-A0001")).to_be_visible()
    sop, early = look.get_attribute("data-sop"), drawn(page)
    page.screenshot(path=str(house.place.folder.parent / "before-the-engine.png"))
    assert reader.probe("panes()")[0]["sop"] is None
    assert reader.probe("fidelity()")[0]["full"] == 0
    until(lambda: engine.routes)
    engine.let_go()

    until(lambda: reader.probe("panes()")[0]["sop"] == sop)
    expect(look).to_have_count(0)
    voi = reader.probe("panes()")[0]["voi"]
    ds = next(ds for ds in map(pydicom.dcmread, house.files["CT"]) if sop == ds.SOPInstanceUID)
    values = ds.pixel_array * float(ds.RescaleSlope) + float(ds.RescaleIntercept)
    true = np.clip((values - (voi["center"] - 0.5)) / (voi["width"] - 1) + 0.5, 0, 1) * 255
    assert np.abs(early - true).max() <= 1
    page.unroute(ENGINE)
    assert reader.faults == []


def test_a_reader_may_scroll_before_the_engine_is_here_and_lands_on_the_slice_asked_for(
    house: House, reader: Visitor, reading: int
) -> None:
    page = reader.page
    engine = Held(page)
    page.goto(f"{house.place.url}/reading/{reading}")
    look = page.get_by_test_id("look")
    expect(look).to_have_attribute("data-pixels", "512")
    first = look.get_attribute("data-sop")

    page.keyboard.press("End")

    until(lambda: look.get_attribute("data-sop") not in {first, None})
    expect(look).to_have_attribute("data-pixels", "512")
    last = look.get_attribute("data-sop")
    engine.let_go()
    until(lambda: reader.probe("panes()")[0]["sop"] == last)
    assert reader.probe("panes()")[0]["index"] == len(house.files["CT"]) - 1
    page.unroute(ENGINE)
    assert reader.faults == []


def test_marks_of_the_hub_wait_for_the_engine_and_none_is_lost(
    house: House, reader: Visitor, reading: int
) -> None:
    page = reader.page
    page.goto(f"{house.place.url}/reading/{reading}")
    until(lambda: (panes := reader.probe("panes()")) and panes[0]["sop"])
    picture = Picture(reader, list(house.files["CT"]))
    picture.drag("m", (150, 300), (290, 195))
    state = page.get_by_test_id("marks-state")
    expect(state).to_have_attribute("data-state", "saved")
    kept = ask(page, "GET", f"/api/v1/readings/{reading}/marks")
    engine = Held(page)

    page.reload()
    expect(page.get_by_test_id("look")).to_have_attribute("data-pixels", "512")
    expect(state).to_have_attribute("data-state", "saved")
    page.keyboard.press("m")
    page.mouse.move(700, 400)
    page.mouse.down()
    page.mouse.move(800, 450, steps=4)
    page.mouse.up()
    assert reader.probe("marks()") == []
    engine.let_go()

    until(lambda: len(picture.marks) == 1)
    assert picture.marks[0]["kind"] == "length"
    assert ask(page, "GET", f"/api/v1/readings/{reading}/marks") == kept
    picture.drag("m", (200, 310), (260, 250))
    expect(state).to_have_attribute("data-state", "saved")
    until(lambda: len(ask(page, "GET", f"/api/v1/readings/{reading}/marks")["marks"]) == 2)
    page.unroute(ENGINE)
    assert reader.faults == []


def middling(page: Page) -> float:
    """Share of the picture that is neither black nor white."""
    return float(
        page.locator(".cornerstone-canvas").evaluate(
            """(one) => {
              const { data } = one.getContext('2d').getImageData(0, 0, one.width, one.height);
              let count = 0;
              for (let i = 0; i < data.length; i += 4) count += data[i] > 20 && data[i] < 235 ? 1 : 0;
              return count / (data.length / 4);
            }"""
        )
    )


def test_the_window_said_is_the_window_drawn_on_every_slice(
    house: House, reader: Visitor, reading: int
) -> None:
    page = reader.page
    page.goto(f"{house.place.url}/reading/{reading}")
    until(lambda: (panes := reader.probe("panes()")) and panes[0]["voi"] == {"center": -600, "width": 1600})
    wide = middling(page)
    page.keyboard.press("3")
    until(lambda: reader.probe("panes()")[0]["voi"] == {"center": 35, "width": 40})
    until(lambda: middling(page) < wide / 2)
    narrow = middling(page)
    first = reader.probe("panes()")[0]["index"]

    page.keyboard.press("ArrowDown")
    until(lambda: reader.probe("panes()")[0]["index"] == first + 1)

    until(lambda: abs(middling(page) - narrow) < narrow / 2)
    assert reader.probe("panes()")[0]["voi"] == {"center": 35, "width": 40}
    expect(page.locator(".overlay").get_by_text("W 40")).to_be_visible()
    assert reader.faults == []
