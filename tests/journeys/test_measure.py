"""Measuring in real Chromium on real images: every number is computed again here, from the file and the mouse."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from playwright.sync_api import Browser, Route, expect

from tests.browser import Visitor
from tests.journeys.gallery import House, house_with, look_at, same_person
from tests.server import until

CT = "studies/ct-chest-lungdx-a0001/s2-5mm-implicit-le"
SINGLE = {
    "MG": "modalities/mg-ge-3062x2394-jpegll.dcm",
    "CR": "modalities/cr-chest-monochrome1.dcm",
    "DX": "modalities/dx-fujifilm-cropped.dcm",
    "US": "modalities/us-acuson-8f-jpeg.dcm",
    "PT": "modalities/pt-acrin-flt-breast.dcm",
}
REAL_CARD = """
const ask = WebGL2RenderingContext.prototype.getParameter;
WebGL2RenderingContext.prototype.getParameter = function (name) {
  return name === 37446 ? 'ANGLE (A card)' : ask.call(this, name);
};
"""
"""The browser draws by software, so the viewer would draw on the processor: here it is told otherwise."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, browser: Browser, real_dicom: Path) -> Iterator[House]:
    """Studies of a facility, and somebody there who looks at them."""
    files = {"CT": sorted((real_dicom / CT).glob("*.dcm"))[28:35]}
    files |= {name: [real_dicom / path] for name, path in SINGLE.items()}
    with house_with(tmp_path_factory.mktemp("measure"), browser, files) as found:
        yield found


class Picture:
    """The first pane, its stored image, and where the mouse is in it by plain geometry: shown whole, in the middle."""

    def __init__(self, visitor: Visitor, paths: Sequence[Path]) -> None:
        self.visitor, self.page = visitor, visitor.page
        until(lambda: (panes := visitor.probe("panes()")) and panes[0]["sop"])
        self.page.wait_for_timeout(300)
        shown = visitor.probe("panes()")[0]["sop"]
        kept = (pydicom.dcmread(path) for path in paths)
        self.ds = next(ds for ds in kept if ds.SOPInstanceUID == shown)
        box = self.page.locator("canvas.cornerstone-canvas").first.bounding_box()
        assert box is not None
        self.box = box
        spacing = self.ds.get("PixelSpacing") or [1, 1]
        self.tall = float(spacing[0]) / float(spacing[1])
        self.scale = min(box["width"] / self.ds.Columns, box["height"] / (self.ds.Rows * self.tall))

    def pixel(self, x: float, y: float) -> tuple[float, float]:
        """Column and row, whole at the centres of pixels."""
        across = (x - self.box["x"] - self.box["width"] / 2) / self.scale
        down = (y - self.box["y"] - self.box["height"] / 2) / self.scale / self.tall
        return across + self.ds.Columns / 2 - 0.5, down + self.ds.Rows / 2 - 0.5

    def place(self, column: float, row: float) -> tuple[float, float]:
        """The whole screen pixel nearest to a place in the image."""
        x = (column + 0.5 - self.ds.Columns / 2) * self.scale + self.box["x"] + self.box["width"] / 2
        y = (row + 0.5 - self.ds.Rows / 2) * self.scale * self.tall + self.box["y"] + self.box["height"] / 2
        return round(x), round(y)

    def drag(self, tool: str, *places: tuple[float, float]) -> list[tuple[float, float]]:
        """Draw with a tool from place to place of the image; where the mouse really was, in pixels."""
        before = len(self.marks)
        self.page.keyboard.press(tool)
        points = self.stroke(*places)
        until(lambda: len(self.marks) == before + 1, 10)
        self.page.mouse.move(self.box["x"] + 5, self.box["y"] + 5)
        return [self.pixel(*one) for one in points]

    def stroke(self, *places: tuple[float, float]) -> list[tuple[float, float]]:
        points = [self.place(*one) for one in places]
        self.page.mouse.move(*points[0])
        self.page.mouse.down()
        for point in points[1:]:
            self.page.mouse.move(*point, steps=6)
        self.page.mouse.up()
        return points

    def click(self, *places: tuple[float, float]) -> None:
        for one in places:
            self.page.mouse.move(*self.place(*one), steps=6)
            self.page.mouse.down()
            self.page.mouse.up()

    @property
    def marks(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.visitor.probe("marks()") or []
        return found

    @property
    def said(self) -> str:
        """All text drawn on the picture."""
        texts = self.page.locator(".svg-layer text tspan").all_text_contents()
        return " | ".join(" ".join(text.split()) for text in texts)

    def says(self, *texts: str) -> None:
        until(lambda: all(text in self.said for text in texts) or None, 10)

    def keep(self, name: str) -> None:
        """A picture of the screen, kept beside the test's other files for somebody to look at."""
        self.page.screenshot(path=self.visitor.place.folder.with_name(f"{name}.png"))

    def values(self) -> np.ndarray[Any, Any]:
        stored = self.ds.pixel_array.astype(np.float64)
        return stored * float(self.ds.get("RescaleSlope", 1)) + float(self.ds.get("RescaleIntercept", 0))


def show(house: House, name: str, visitor: Visitor | None = None) -> Picture:
    person = visitor or house.person
    person.page.goto(f"{house.place.url}/studies/{house.ids[name]}/images")
    return Picture(person, house.files[name])


def close_to(found: list[list[float]], wanted: list[tuple[float, float]]) -> None:
    """Half a pixel off would be the corner taken for the centre."""
    assert np.abs(np.array(found) - np.array(wanted)).max() < 0.05


def in_ellipse(shape: tuple[int, ...], ends: list[list[float]]) -> np.ndarray[Any, Any]:
    """Pixels whose centre is in the upright ellipse between these ends of its diameters."""
    (x0, y0), (x1, y1) = np.min(ends, axis=0), np.max(ends, axis=0)
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    across = (columns - (x0 + x1) / 2) / ((x1 - x0) / 2)
    down = (rows - (y0 + y1) / 2) / ((y1 - y0) / 2)
    inside: np.ndarray[Any, Any] = across**2 + down**2 <= 1
    return inside


def check_ct(picture: Picture) -> None:
    down, across = (float(mm) for mm in picture.ds.PixelSpacing)
    start, end = picture.drag("m", (150, 300), (290, 195))
    length = picture.marks[0]
    close_to(length["points"], [start, end])
    assert length["measured"]["basis"] == "body"
    mm = np.hypot((end[0] - start[0]) * across, (end[1] - start[1]) * down)
    assert length["measured"]["lengths"][0] == pytest.approx(mm, abs=0.05)
    picture.says(f"{length['measured']['lengths'][0]:.1f} mm")

    picture.drag("e", (330, 330), (370, 370))
    ellipse = picture.marks[1]
    values = picture.values()[in_ellipse(picture.values().shape, ellipse["points"])]
    stats = ellipse["measured"]["statistics"]
    assert stats["count"] == values.size > 1000
    assert stats["mean"] == pytest.approx(values.mean(), abs=1e-6)
    assert stats["sd"] == pytest.approx(values.std(), abs=1e-6)
    assert (stats["min"], stats["max"]) == (values.min(), values.max())
    wide, high = np.ptp(ellipse["points"], axis=0)
    area = np.pi * wide / 2 * across * high / 2 * down
    assert ellipse["measured"]["area"] == pytest.approx(area, rel=1e-6)
    picture.says(
        f"面積 {area:.0f} mm²",
        f"平均 {values.mean():.1f} SD {values.std():.1f} HU",
        f"最小 {values.min():.0f} 最大 {values.max():.0f} HU",
        f"{values.size} 画素",
    )

    picture.keep("ct")
    for column, row in ((256, 256), (257, 256), (256, 257), (101, 333)):
        picture.page.keyboard.press("v")
        picture.click((column, row))
        until(lambda: picture.marks[-1]["kind"] == "probe")
        assert probed(picture, column, row) == picture.values()[row, column]
        picture.page.keyboard.press("Control+z")
        until(lambda: len(picture.marks) == 2)


def probed(picture: Picture, column: int, row: int) -> float:
    probe = next(one for one in picture.marks if one["kind"] == "probe")
    assert [round(one) for one in probe["points"][0]] == [column, row]
    picture.says(f"{probe['measured']['value']} HU")
    return float(probe["measured"]["value"])


def test_lengths_and_regions_on_a_chest_ct_are_what_the_file_says(house: House) -> None:
    picture = show(house, "CT")
    assert "CPU" in picture.page.get_by_test_id("fidelity").inner_text()

    check_ct(picture)

    assert house.person.faults == []


def test_the_graphics_card_path_gives_the_same(house: House, browser: Browser) -> None:
    visitor = same_person(house, browser)
    visitor.context.add_init_script(REAL_CARD)
    picture = show(house, "CT", visitor)
    assert "GPU" in picture.page.get_by_test_id("fidelity").inner_text()

    check_ct(picture)

    assert visitor.faults == []


def test_undo_redo_delete_and_another_case(house: House) -> None:
    picture = show(house, "CT")
    page = picture.page
    picture.drag("m", (150, 300), (290, 195))
    first = picture.marks[0]["points"]
    picture.drag("e", (330, 330), (370, 370))

    page.keyboard.press("Control+z")
    until(lambda: [one["kind"] for one in picture.marks] == ["length"])
    page.keyboard.press("Control+Shift+Z")
    until(lambda: [one["kind"] for one in picture.marks] == ["length", "ellipse"])
    close_to(picture.marks[0]["points"], first)
    picture.says("mm²", "HU")

    # a moved end is one step
    page.keyboard.press("w")
    start = picture.place(290, 195)
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] + 30, start[1], steps=6)
    page.mouse.up()
    until(lambda: picture.marks[0]["points"][1][0] > first[1][0] + 5)
    page.keyboard.press("Control+z")
    until(lambda: picture.marks[0]["points"] == first)

    # the selected one goes, the other stays; marks stay with their image
    middle = picture.place(220, 247.5)
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.up()
    page.wait_for_timeout(600)  # the engine waits for a second click before it takes the first
    page.keyboard.press("Delete")
    until(lambda: [one["kind"] for one in picture.marks] == ["ellipse"])
    page.keyboard.press("ArrowDown")
    until(lambda: picture.marks == [])
    until(lambda: picture.said == "", 10)
    page.keyboard.press("ArrowUp")
    until(lambda: len(picture.marks) == 1)
    page.keyboard.press("Shift+Delete")
    until(lambda: picture.marks == [])
    page.keyboard.press("Control+z")
    until(lambda: len(picture.marks) == 1)

    # another case, and back: nothing is left, nothing comes back
    page.get_by_role("button", name="戻る").click()
    look_at(page, "CR")
    other = Picture(house.person, house.files["CR"])
    assert other.marks == []
    page.keyboard.press("Control+z")
    page.get_by_role("button", name="戻る").click()
    look_at(page, "CT")
    again = Picture(house.person, house.files["CT"])
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+Shift+Z")
    page.wait_for_timeout(300)
    assert again.marks == []
    assert house.person.faults == []


def test_nothing_is_drawn_while_the_wanted_image_is_still_coming(house: House, browser: Browser) -> None:
    visitor = same_person(house, browser)
    seen: list[str] = []

    def first_only(route: Route) -> None:
        seen.append(route.request.url)
        if len(seen) == 1:
            route.continue_()

    visitor.page.route("**/frames/**", first_only)
    picture = show(house, "CT", visitor)
    visitor.page.keyboard.press("ArrowDown")
    visitor.page.keyboard.press("m")

    picture.stroke((150, 300), (290, 195))

    expect(visitor.page.get_by_text("次の画像を読み込み中です").first).to_be_visible()
    assert picture.marks == []
    assert visitor.page.locator(".svg-layer line").count() == 0
    picture.keep("waiting")


def test_every_tool_draws_and_tells(house: House) -> None:
    page = (picture := show(house, "CT")).page
    picture.drag("b", (120, 200), (200, 200))
    picture.drag("t", (330, 120), (380, 160))
    loop = [(200 + 30 * np.cos(t), 380 + 30 * np.sin(t)) for t in np.linspace(0, 2 * np.pi, 24)]
    picture.drag("f", *loop)
    page.keyboard.press("a")
    picture.stroke((60, 60), (100, 60))
    picture.click((100, 100))
    until(lambda: len(picture.marks) == 4, 10)
    assert picture.marks[-1]["kind"] == "angle"
    page.keyboard.press("c")
    picture.stroke((60, 440), (100, 440))
    picture.stroke((60, 470), (100, 490))
    until(lambda: len(picture.marks) == 5, 10)
    page.keyboard.press("n")
    picture.stroke((440, 330), (400, 330))
    page.get_by_role("textbox", name="文字").fill("結節")
    page.get_by_role("button", name="置く").click()
    picture.says("結節")
    picture.keep("tools")
    assert house.person.faults == []


@pytest.mark.filterwarnings("ignore:Incorrect value for Specific Character Set")
@pytest.mark.parametrize(
    ("name", "basis", "text"),
    [
        pytest.param("CR", "none", " px", id="CR without spacing"),
        pytest.param("DX", "detector", "検出器面上（推定値）", id="DX at the detector"),
        pytest.param("MG", "estimate", "推定値", id="MG with magnification"),
        pytest.param("US", "body", " mm", id="US inside its region"),
        pytest.param("PT", "body", " mm", id="PET"),
    ],
)
def test_a_length_says_what_it_is_a_length_of(house: House, name: str, basis: str, text: str) -> None:
    picture = show(house, name)
    width, height = int(picture.ds.Columns), int(picture.ds.Rows)

    start, end = picture.drag("m", (width * 0.45, height * 0.4), (width * 0.7, height * 0.6))

    told = picture.marks[0]["measured"]
    assert told["basis"] == basis
    across, down = end[0] - start[0], end[1] - start[1]
    assert told["lengths"][0] == pytest.approx(np.hypot(*in_unit(picture.ds, across, down)), rel=0.01)
    picture.says(text)
    picture.drag("e", (width * 0.3, height * 0.7), (width * 0.4, height * 0.75))
    picture.keep(name)
    assert house.person.faults == []


def in_unit(ds: pydicom.Dataset, across: float, down: float) -> tuple[float, float]:
    if regions := ds.get("SequenceOfUltrasoundRegions"):
        region = next(one for one in regions if one.PhysicalUnitsXDirection == 3)  # centimetres
        return across * region.PhysicalDeltaX * 10, down * region.PhysicalDeltaY * 10
    spacing = ds.get("PixelSpacing") or ds.get("ImagerPixelSpacing") or [1, 1]
    factor = float(ds.get("EstimatedRadiographicMagnificationFactor", 1))
    return across * float(spacing[1]) / factor, down * float(spacing[0]) / factor
