"""Every kind of picture in real Chromium: what is drawn is computed again here, from the file, by other code."""

import hashlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pydicom
import pytest
from playwright.sync_api import Browser, expect
from pydicom.encaps import generate_frames
from pydicom.pixels.processing import apply_color_lut, apply_modality_lut, apply_voi_lut

from tests.browser import Visitor
from tests.journeys.gallery import House, house_with, same_person
from tests.journeys.test_measure import REAL_CARD
from tests.server import until
from tests.volumes import suv_factor

FILES = {
    "US": (
        "us-sonosite-30f-ybr-jpeg",
        "us-acuson-8f-jpeg",
        "us-philips-palette",
        "us-aloka-segmented-palette",
    ),
    "XA": ("xa-cine-96f-jpeg",),
    "PT": ("pt-acrin-flt-breast",),
    "MG": ("mg-ge-3062x2394-jpegll",),
    "MR": ("mr-siemens-overlay-icon",),
    "NM": ("nm-heart-13f",),
    "OT": ("ot-modality-lut", "ot-voi-lut", "sc-ybr422-uncompressed", "sc-rgb-testpattern"),
    "ECG": ("ecg-12lead",),
}
OTHERS = {"OT": "objects/pdf/orthanc-sample-pdf.dcm", "SR": "objects/sr/test-SR.dcm"}
pytestmark = pytest.mark.filterwarnings("ignore")

PAINTS = (
    "(n) => new Promise((done) => { const go = () => (n-- ? requestAnimationFrame(go) : done()); go(); })"
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, browser: Browser, real_dicom: Path) -> Iterator[House]:
    """Studies of a facility, and somebody there who looks at them."""
    files = {name: [real_dicom / "modalities" / f"{one}.dcm" for one in ones] for name, ones in FILES.items()}
    for name, path in OTHERS.items():
        files.setdefault(name, []).append(real_dicom / path)
    with house_with(tmp_path_factory.mktemp("pictures"), browser, files) as found:
        yield found


class Shown:
    """The study of one file on screen."""

    def __init__(self, house: House, name: str, visitor: Visitor | None = None) -> None:
        self.visitor: Visitor = visitor or house.person
        self.page = self.visitor.page
        path = next(one for paths in house.files.values() for one in paths if one.stem == name)
        self.ds = pydicom.dcmread(path)
        self.folder = house.place.folder
        items = house.person.page.evaluate(
            "fetch('/api/v1/studies?without_request=true').then((answer) => answer.json())"
        )["items"]
        uid = str(self.ds.StudyInstanceUID)
        found = next(one["id"] for one in items if one["study_instance_uid"] == uid)
        self.page.goto(f"{house.place.url}/studies/{found}/images")

    def wait(self) -> "Shown":
        try:
            until(lambda: (panes := self.visitor.probe("panes()")) and panes[0]["sop"], 20)
        finally:
            self.keep("last")
        return self

    def digest(self) -> Any:
        return self.visitor.probe("pixels(0)")

    def values(self, *places: tuple[int, int]) -> list[float]:
        found: list[float] = self.visitor.probe(f"values(0, {[list(one) for one in places]})")
        return found

    def layer(self, places: list[tuple[int, int]]) -> list[list[int]] | None:
        """What our own layer has at these columns and rows; None while it is not shown."""
        found: list[list[int]] | None = self.page.evaluate(
            """(places) => {
              const layer = document.querySelector('canvas.own-layer');
              if (!layer || layer.hidden) return null;
              const { data, width } = layer.getContext('2d').getImageData(0, 0, layer.width, layer.height);
              return places.map(([x, y]) => Array.from(data.slice((y * width + x) * 4, (y * width + x) * 4 + 4)));
            }""",
            [list(one) for one in places],
        )
        return found

    def keep(self, name: str) -> None:
        self.page.wait_for_timeout(200)
        self.page.screenshot(path=self.folder.with_name(f"{name}.png"))


def somewhere(ds: pydicom.Dataset, count: int = 400) -> list[tuple[int, int]]:
    rng = np.random.default_rng(7)
    columns, rows = rng.integers(0, ds.Columns, count), rng.integers(0, ds.Rows, count)
    return [(int(x), int(y)) for x, y in zip(columns, rows, strict=True)]


def rgba_hash(rgb: np.ndarray[Any, Any]) -> str:
    alpha = np.full((*rgb.shape[:2], 1), 255, np.uint8)
    return hashlib.sha256(np.concatenate([rgb.astype(np.uint8), alpha], axis=2).tobytes()).hexdigest()


@pytest.mark.parametrize("name", ["us-philips-palette", "us-aloka-segmented-palette"])
def test_a_palette_gives_the_colours_of_the_file(house: House, name: str) -> None:
    shown = Shown(house, name).wait()

    colours = apply_color_lut(shown.ds.pixel_array, shown.ds)

    assert shown.digest()["sha256"] == rgba_hash(colours >> 8)
    shown.keep(name)
    assert house.person.faults == []


def test_colour_without_a_palette_is_that_of_the_file(house: House) -> None:
    shown = Shown(house, "sc-rgb-testpattern").wait()
    assert shown.digest()["sha256"] == rgba_hash(shown.ds.pixel_array)

    shown = Shown(house, "sc-ybr422-uncompressed").wait()
    shown.keep("ybr")
    sent = np.frombuffer(shown.ds.PixelData, np.uint8)[: 100 * 100 * 2].reshape(-1, 4).astype(float)
    y = sent[:, :2].reshape(-1)
    blue, red = (np.repeat(sent[:, one], 2) - 128 for one in (2, 3))
    green = y - (0.114 * 1.772 * blue + 0.299 * 1.402 * red) / 0.587
    rgb = np.stack([y + 1.402 * red, green, y + 1.772 * blue], axis=1).reshape(100, 100, 3)
    assert shown.digest()["sha256"] == rgba_hash(np.clip(np.rint(rgb), 0, 255))


def test_a_modality_lut_gives_the_values(house: House) -> None:
    shown = Shown(house, "ot-modality-lut").wait()
    places = somewhere(shown.ds)

    wanted = apply_modality_lut(shown.ds.pixel_array, shown.ds)

    assert shown.values(*places) == [wanted[y, x] for x, y in places]
    shown.keep("modality-lut")


def test_a_voi_lut_is_applied_where_the_file_has_no_window(house: House) -> None:
    shown = Shown(house, "ot-voi-lut").wait()
    places = somewhere(shown.ds)
    expect(shown.page.get_by_text("VOI LUT: 1")).to_be_visible()

    wanted = apply_voi_lut(shown.ds.pixel_array, shown.ds).astype(float) / 65535 * 255
    drawn = until(lambda: shown.layer(places))

    assert [one[3] for one in drawn] == [255] * len(places)
    assert np.abs(np.array(drawn)[:, 0] - np.array([wanted[y, x] for x, y in places])).max() <= 1
    shown.keep("voi-lut")


def test_a_mammogram_is_laid_by_its_sigmoid_and_by_the_luts_it_offers(house: House) -> None:
    shown = Shown(house, "mg-ge-3062x2394-jpegll").wait()
    places = somewhere(shown.ds)
    pixels = imagecodecs.jpeg8_decode(next(generate_frames(shown.ds.PixelData, number_of_frames=1)))
    stored = pixels.astype(float)
    expect(shown.page.get_by_text("シグモイド")).to_be_visible()

    center, width = float(shown.ds.WindowCenter[0]), float(shown.ds.WindowWidth[0])
    sigmoid = 255 / (1 + np.exp(-4 * (stored - center) / width))
    drawn = np.array(until(lambda: shown.layer(places)))
    assert np.abs(drawn[:, 0] - np.array([sigmoid[y, x] for x, y in places])).max() <= 1
    shown.keep("sigmoid")

    shown.page.get_by_role("button", name="表示条件").click()
    shown.page.get_by_role("menuitem", name="VOI LUT HARDER").click()
    expect(shown.page.get_by_text("VOI LUT: HARDER")).to_be_visible()
    harder = apply_voi_lut(pixels, shown.ds, index=1).astype(float) / 4095 * 255
    wanted = np.array([harder[y, x] for x, y in places])
    until(lambda: np.abs(np.array(shown.layer(places))[:, 0] - wanted).max() <= 1)
    shown.keep("harder")
    assert house.person.faults == []


def test_the_graphics_card_shows_the_same(house: House, browser: Browser) -> None:
    visitor = same_person(house, browser)
    visitor.context.add_init_script(REAL_CARD)
    shown = Shown(house, "us-philips-palette", visitor).wait()
    assert "GPU" in shown.page.get_by_test_id("fidelity").inner_text()
    colours = (apply_color_lut(shown.ds.pixel_array, shown.ds) >> 8).astype(np.uint8)
    assert shown.digest()["sha256"] == hashlib.sha256(colours.tobytes()).hexdigest()

    shown = Shown(house, "ot-voi-lut", visitor).wait()
    places = somewhere(shown.ds)
    wanted = apply_voi_lut(shown.ds.pixel_array, shown.ds).astype(float) / 65535 * 255
    drawn = np.array(until(lambda: shown.layer(places)))
    assert np.abs(drawn[:, 0] - np.array([wanted[y, x] for x, y in places])).max() <= 1
    shown.keep("card")

    shown = Shown(house, "ot-modality-lut", visitor).wait()
    values = apply_modality_lut(shown.ds.pixel_array, shown.ds)
    assert shown.values(*places) == [values[y, x] for x, y in places]
    assert visitor.faults == []


def test_an_overlay_is_drawn_where_it_is_and_can_be_hidden(house: House) -> None:
    shown = Shown(house, "mr-siemens-overlay-icon").wait()
    bits = shown.ds.overlay_array(0x6000)
    set_at = [(int(x), int(y)) for y, x in np.argwhere(bits)[:200]]
    clear = [(x, y) for x, y in somewhere(shown.ds) if not bits[y, x]]
    expect(shown.page.get_by_text("オーバーレイあり")).to_be_visible()

    drawn = until(lambda: shown.layer([*set_at, *clear]))

    assert {one[3] for one in drawn[: len(set_at)]} == {255}
    assert {one[3] for one in drawn[len(set_at) :]} == {0}
    shown.keep("overlay")
    shown.page.keyboard.press("Shift+V")
    expect(shown.page.get_by_text("オーバーレイ非表示")).to_be_visible()
    until(lambda: shown.layer([(0, 0)]) is None)


def test_a_pet_is_told_in_suv(house: House) -> None:
    shown = Shown(house, "pt-acrin-flt-breast").wait()
    places = somewhere(shown.ds)
    factor = suv_factor(shown.ds)
    wanted = shown.ds.pixel_array * float(shown.ds.RescaleSlope) * factor

    found = shown.values(*places)

    assert found == pytest.approx([wanted[y, x] for x, y in places], rel=1e-5)
    expect(shown.page.get_by_text("SUVbw = 濃度 × 体重 69.7 kg")).to_be_visible()
    shown.page.keyboard.press("1")
    expect(shown.page.get_by_text("SUVbw 0 – 5")).to_be_visible()
    until(lambda: shown.visitor.probe("views()")[0]["isLowWhite"])
    shown.page.keyboard.press("v")
    shown.page.locator(".pane .canvas").click(position={"x": 500, "y": 400})
    until(lambda: "SUVbw" in " ".join(shown.page.locator(".svg-layer text tspan").all_text_contents()))
    shown.keep("suv")
    assert house.person.faults == []


def test_a_film_plays_at_the_time_of_the_file_and_shows_only_its_own_frames(house: House) -> None:
    shown = Shown(house, "us-sonosite-30f-ybr-jpeg").wait()
    page = shown.page
    expect(page.get_by_text("Frame Time", exact=True)).to_be_visible()
    expect(page.get_by_test_id("film-at")).to_contain_text("フレーム 1/30")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    expect(page.get_by_text("（×0.5）")).to_be_visible()

    page.keyboard.press("o")
    seen = page.evaluate(
        """() => new Promise((done) => {
          const begun = performance.now();
          const seen = [];
          const frames = new Set();
          const look = () => {
            const { frame, sop } = window.__dokuei.panes()[0];
            const at = performance.now() - begun;
            seen.push([at, frame, sop]);
            frames.add(frame);
            if (frames.size <= 9 && at < 60000) requestAnimationFrame(look); else done(seen);
          };
          look();
        })"""
    )
    shown.keep("film")
    page.keyboard.press("o")

    frames = [frame for _, frame, _ in seen if frame]
    assert len(set(frames)) > 8
    assert {sop for _, _, sop in seen if sop} == {str(shown.ds.SOPInstanceUID)}
    drawn = [(at, frame) for at, frame, _ in seen if frame]
    steps = [(after[1] - before[1]) % 30 for before, after in pairwise(drawn)]
    # half speed: a frame each 66.7 ms; drawing on a busy machine may lag, never lead
    due = (drawn[-1][0] - drawn[0][0]) / (float(shown.ds.FrameTime) * 2)
    assert 8 < sum(steps) <= due + 2
    until(lambda: (found := shown.visitor.probe("panes()")[0]) and found["index"] == found["requested"])
    stopped = shown.visitor.probe("panes()")[0]["frame"]
    page.evaluate(PAINTS, 20)
    assert shown.visitor.probe("panes()")[0]["frame"] == stopped
    assert house.person.faults == []


def test_speeds_that_the_file_does_not_name_are_said_to_be_ours(house: House) -> None:
    page = Shown(house, "nm-heart-13f").wait().page
    expect(page.get_by_text("速度の記録なし: 10枚/秒で再生")).to_be_visible()
    page = Shown(house, "us-acuson-8f-jpeg").wait().page
    expect(page.get_by_text("Frame Time Vector")).to_be_visible()


def test_a_film_of_frames_that_are_cut_off_is_not_played(house: House) -> None:
    """The frames of this file have no end: nobody can say that the picture under them is whole."""
    shown = Shown(house, "xa-cine-96f-jpeg")
    page = shown.page
    expect(page.get_by_role("alert").get_by_text("画素が欠けているため")).to_be_visible()
    expect(page.get_by_test_id("film-at")).to_contain_text("/96")
    expect(page.get_by_text("非可逆圧縮").first).to_be_visible()

    page.keyboard.press("o")

    expect(page.get_by_role("button", name="▶ 再生")).to_be_visible()
    expect(page.get_by_role("alert").get_by_text("画素が欠けているため")).to_be_visible()
    assert shown.visitor.probe("panes()")[0]["sop"] is None


def test_a_window_from_a_region_and_a_loupe_by_the_pointer(house: House) -> None:
    shown = Shown(house, "mr-siemens-overlay-icon").wait()
    page = shown.page
    before = shown.visitor.probe("panes()")[0]["voi"]
    page.keyboard.press("Shift+R")
    corners = [shown.visitor.probe(f"canvas(0, [{x}, {y}])") for x, y in ((150.5, 150.5), (249.5, 249.5))]
    box = page.locator(".pane").first.bounding_box()
    assert box is not None
    (x0, y0), (x1, y1) = ((box["x"] + x, box["y"] + y) for x, y in corners)
    page.mouse.move(x0, y0)
    page.mouse.down()
    page.mouse.move(x1, y1, steps=4)
    page.mouse.up()

    voi = until(lambda: (now := shown.visitor.probe("panes()")[0]["voi"]) != before and now)

    inside = np.sort(shown.ds.pixel_array[151:250, 151:250].ravel().astype(float))
    low, high = inside[len(inside) // 100], inside[-1 - len(inside) // 100]
    assert voi["center"] == pytest.approx((low + high) / 2 + 0.5, abs=high * 0.02)
    assert voi["width"] == pytest.approx(high - low + 1, rel=0.03)

    page.keyboard.press("w")
    page.keyboard.down("j")
    page.mouse.move(x0 + 20, y0 + 20)
    expect(page.get_by_test_id("loupe")).to_be_visible()
    shown.keep("loupe")
    page.keyboard.up("j")
    expect(page.get_by_test_id("loupe")).to_have_count(0)
    assert house.person.faults == []


def test_a_pdf_is_read_page_by_page_as_pictures(house: House) -> None:
    shown = Shown(house, "orthanc-sample-pdf")
    shown.page.get_by_role("button", name="PDF文書").click()
    picture = shown.page.get_by_role("img", name="1 ページ")
    expect(picture).to_be_visible()

    assert picture.evaluate("(one) => one.naturalWidth") > 900
    expect(shown.page.get_by_text("全 1 ページ")).to_be_visible()
    assert shown.page.locator("iframe, embed, object").count() == 0
    shown.keep("pdf")
    shown.visitor.look()
    assert house.person.faults == []
    assert house.person.barriers == []


def test_an_electrocardiogram_is_drawn_to_scale(house: House) -> None:
    shown = Shown(house, "ecg-12lead")
    shown.page.get_by_role("button", name="心電図").click()
    first = shown.page.get_by_test_id("ecg").first.locator(
        "[data-lead=I] .ecg-trace"
    )  # groups come in any order
    expect(first).to_be_attached()

    waves = shown.ds.waveform_array(0)  # microvolts
    path = first.get_attribute("d") or ""
    points = [tuple(map(float, one.split())) for one in path.replace("M", "L").split("L")[1:]]

    group = shown.ds.WaveformSequence[0]
    assert len(points) == group.NumberOfWaveformSamples
    hz = float(group.SamplingFrequency)
    for i in (0, 1, 777, len(points) - 1):
        assert points[i] == pytest.approx((i / hz * 25, -waves[i, 0] / 1000 * 10), abs=0.006)
    names = (
        shown.page.locator("[data-testid=ecg]")
        .first.locator("[data-lead]")
        .evaluate_all("(all) => all.map((one) => one.dataset.lead)")
    )
    assert names == ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"]
    shown.keep("ecg")
    shown.visitor.look()
    assert house.person.barriers == []


def test_a_structured_report_is_a_tree_of_its_own_words(house: House) -> None:
    shown = Shown(house, "test-SR")
    shown.page.get_by_role("button", name="構造化レポート").click()

    for name, value in texts_of(shown.ds):
        expect(shown.page.get_by_text(name, exact=True).first).to_be_attached()
        expect(shown.page.get_by_text(value).first).to_be_attached()
    shown.keep("sr")
    assert house.person.faults == []


def texts_of(ds: pydicom.Dataset) -> list[tuple[str, str]]:
    found = []
    for item in ds.get("ContentSequence", []):
        if item.get("ValueType") == "TEXT":
            found.append(
                (item.ConceptNameCodeSequence[0].CodeMeaning, str(item.TextValue).split("\n")[0].strip())
            )
        found += texts_of(item)
    return found
