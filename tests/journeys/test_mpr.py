"""Planes cut out of real volumes in real Chromium: every number is computed again here, from the files alone."""

import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np
import pydicom
import pytest
from playwright._impl._api_structures import SetCookieParam
from playwright.sync_api import Browser, Route, expect

from tests.browser import Visitor
from tests.journeys.test_browser import expected_digest
from tests.journeys.test_measure import REAL_CARD
from tests.reading import Reading
from tests.server import Installation, until
from tests.volumes import Volume, place, points_of, somewhere, suv_factor, tilted, with_a_gap

CHEST = "studies/ct-chest-lungdx-a0001/s2-5mm-implicit-le"
PET = "modalities/pt-acrin-flt-breast.dcm"
PHANTOM = "studies/ct-head-phantom-philips-s21570/s202-1mm-jpegls"


class House(NamedTuple):
    place: Installation
    person: Visitor
    volumes: dict[str, Volume]
    ids: dict[str, int]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, browser: Browser, real_dicom: Path) -> Iterator[House]:
    """A chest as it came, a head under a leaning gantry, a head with a gap; somebody who looks at them."""
    folder = tmp_path_factory.mktemp("mpr")
    for parent in (folder, *list(folder.parents)[:2]):
        parent.chmod(parent.stat().st_mode | 0o055)
    sent = {name: folder / "sent" / name for name in ("Chest", "TILT", "GAP", "US", "PT")}
    for one in sent.values():
        one.mkdir(parents=True)
    for path in sorted((real_dicom / CHEST).glob("*.dcm"))[20:50]:
        shutil.copy(path, sent["Chest"])
    shutil.copy(real_dicom / "modalities/us-acuson-8f-jpeg.dcm", sent["US"])
    shutil.copy(real_dicom / PET, sent["PT"])
    phantom = Volume(sorted((real_dicom / PHANTOM).glob("*.dcm")))
    tilted(phantom, sent["TILT"])
    with_a_gap(phantom, sent["GAP"])
    installation = Installation(folder / "d")
    installation.start()
    try:
        installation.run("admin", "facility", "shirahama", "白浜総合病院")
        installation.run("admin", "ae", "CT1", "--facility", "shirahama")
        installation.run("send", str(folder / "sent"), "--to", installation.dicom, "--from", "CT1")
        person = Visitor(browser, installation)
        named = ("person", "ito@test.test", "伊藤 恵", "--role", "requester", "--facility", "shirahama")
        person.join(installation.run("admin", *named))
        expect(person.page.get_by_role("button", name="メニュー: 伊藤 恵")).to_be_visible()
        volumes = {name: Volume(sorted(sent[name].glob("*.dcm"))) for name in ("Chest", "TILT", "GAP")}
        yield House(installation, person, volumes, until(lambda: arrived(person, set(sent))))
    finally:
        stopped = installation.stop()
    assert stopped == 0


def arrived(person: Visitor, wanted: set[str]) -> dict[str, int] | None:
    listed = person.page.evaluate(
        "fetch('/api/v1/studies?without_request=true').then((answer) => answer.json())"
    )
    ids = {
        name: int(one["id"])
        for one in listed["items"]
        for name in (one["description"], *one["modalities"])
        if name in wanted
    }
    return ids if wanted <= set(ids) else None


def same_person(house: House, browser: Browser) -> Visitor:
    """A fresh window of somebody who is signed in already."""
    visitor = Visitor(browser, house.place)
    visitor.context.add_cookies(cast("Sequence[SetCookieParam]", house.person.context.cookies()))
    return visitor


def same_as_computed(reading: Reading, pane: int, volume: Volume, least: int = 800) -> None:
    plane = reading.panes[pane]["plane"]
    places = somewhere(plane)
    found, wanted = reading.values(pane, places), volume.at_points(points_of(plane, places))
    assert (np.isnan(found) == np.isnan(wanted)).all()
    inside = ~np.isnan(wanted)
    assert inside.sum() > least
    assert np.ptp(wanted[inside]) > 500
    assert np.abs(found - wanted)[inside].max() < 1e-2


def at_place(volume: Volume, reading: Reading) -> pydicom.Dataset | None:
    """The slice in whose place the plane lies."""
    shown = reading.panes[0]["plane"]["origin"]
    return next((one for one in volume.slices if np.allclose(place(one), shown, atol=1e-6)), None)


def test_planes_of_a_chest_are_what_the_files_say(house: House) -> None:
    volume = house.volumes["Chest"]
    reading = Reading(house.person, house.ids["Chest"])

    coronal = reading.press("Shift+C")[0]["plane"]
    assert [coronal["row"], coronal["column"]] == [[1, 0, 0], [0, 0, -1]]
    assert coronal["origin"][2] == pytest.approx(volume.at[-1])
    assert coronal["origin"][0] == pytest.approx(volume.origins[0][0])
    same_as_computed(reading, 0, volume)
    letters = [
        reading.page.locator(f".letter.{side}").inner_text() for side in ("left", "right", "top", "bottom")
    ]
    assert letters == ["R", "L", "H", "F"]
    (x0, y0), (x1, y1) = reading.at(0, (100, 50)), reading.at(0, (300, 100))
    assert x1 > x0
    assert y1 > y0
    reading.keep("coronal")

    sagittal = reading.press("Shift+S")[0]["plane"]
    assert [sagittal["row"], sagittal["column"]] == [[0, 1, 0], [0, 0, -1]]
    same_as_computed(reading, 0, volume)

    # an axial plane in the place of a slice is that slice, bit by bit, in what is drawn
    reading.press("Shift+A")
    reading.press("Home")
    if not (ds := at_place(volume, reading)):
        reading.press("End")
        ds = at_place(volume, reading)
    assert ds is not None
    told = house.person.page.evaluate("window.__dokuei.pixels(0)")
    assert told["sha256"] == expected_digest(ds, told)
    assert reading.press("Shift+O")[0]["plane"] is None
    assert house.person.faults == []


def test_the_graphics_card_path_shows_the_same_planes(house: House, browser: Browser) -> None:
    visitor = same_person(house, browser)
    visitor.context.add_init_script(REAL_CARD)
    digests = []
    for who in (house.person, visitor):
        reading = Reading(who, house.ids["Chest"])
        reading.press("Shift+C")
        digests.append(who.page.evaluate("window.__dokuei.pixels(0)")["sha256"])
    assert "GPU" in visitor.page.get_by_test_id("fidelity").inner_text()

    same_as_computed(reading, 0, house.volumes["Chest"])

    assert digests[0] == digests[1]
    reading.press("Shift+F3", 4)
    start = reading.grip(0, "turn.coronal")
    centre = reading.grip(0, "centre")
    reading.drag(start, (start[0], start[1] + 90))
    until(lambda: reading.settled(4)[1]["plane"]["row"][1] > 0.3)
    until(lambda: np.hypot(*np.subtract(reading.grip(0, "centre"), centre)) < 2)
    same_as_computed(reading, 1, house.volumes["Chest"], 300)
    assert reading.panes[1]["voi"] == {"center": -600, "width": 1600}
    reading.page.wait_for_timeout(300)
    reading.keep("gpu")
    assert visitor.faults == []


def test_a_slab_says_how_thick_it_is_and_is_that_thick(house: House) -> None:
    volume = house.volumes["Chest"]
    reading = Reading(house.person, house.ids["Chest"])
    reading.press("Shift+C")
    plain = reading.panes[0]["plane"]
    places = somewhere(plain, 400)

    for text, mm, reduce in (("MIP 15 mm", 15, np.nanmax), ("MinIP 15 mm", 15, np.nanmin)):
        reading.press("Shift+M")
        if text.startswith("MIP"):
            reading.press(".")
        expect(reading.page.locator(".pane").first).to_contain_text(text)
        plane = reading.panes[0]["plane"]
        assert plane["origin"] == plain["origin"]
        steps = np.arange(-np.floor(mm / 2 / volume.down), mm / 2 / volume.down) * volume.down
        through = [volume.at_points(points_of(plane, places, at)) for at in (-mm / 2, *steps, mm / 2)]
        wanted = reduce(np.array(through), axis=0)
        assert np.abs(reading.values(0, places) - wanted).max() < 1e-2
    reading.keep("slab")

    reading.press("Shift+M")
    expect(reading.page.locator(".pane").first).to_contain_text("平均 15 mm")
    fine = [volume.at_points(points_of(plain, places, at)) for at in np.linspace(-7.5, 7.5, 601)]
    assert np.abs(reading.values(0, places) - np.mean(fine, axis=0)).max() < 1.5
    assert "厚 15 mm" in reading.text(0)


def test_the_crosshair_moves_and_turns_the_other_planes(house: House) -> None:
    volume = house.volumes["Chest"]
    reading = Reading(house.person, house.ids["Chest"])
    axial, coronal, sagittal, original = reading.press("Shift+F3", 4)
    assert [one["plane"]["orientation"] for one in (axial, coronal, sagittal)] == [
        "axial",
        "coronal",
        "sagittal",
    ]
    assert original["plane"] is None
    until(lambda: len(reading.visitor.probe("lines(0)")) == 2)

    goal = (310, 200)
    reading.drag(reading.grip(0, "centre"), reading.at(0, goal))
    panes = reading.settled(4)
    point = points_of(axial["plane"], np.array([goal]))[0]
    half = volume.across / 2 + 0.5
    assert panes[1]["plane"]["origin"][1] == pytest.approx(point[1], abs=half)
    assert panes[2]["plane"]["origin"][0] == pytest.approx(point[0], abs=half)
    assert panes[0]["index"] == axial["index"]
    lines = {one["orientation"]: one["ends"] for one in reading.visitor.probe("lines(0)")}
    assert [row for _, row in lines["coronal"]] == pytest.approx([goal[1]] * 2, abs=1)
    assert [column for column, _ in lines["sagittal"]] == pytest.approx([goal[0]] * 2, abs=1)

    # the line in hand follows the mouse; both other planes turn about the crossing and stay at right angles
    centre, start = reading.grip(0, "centre"), reading.grip(0, "turn.coronal")
    goal_on_page = (start[0], start[1] + 90)
    reading.drag(start, goal_on_page)
    turned = np.arctan2(goal_on_page[1] - centre[1], goal_on_page[0] - centre[0])
    turned -= np.arctan2(start[1] - centre[1], start[0] - centre[0])
    wanted = np.array([np.cos(turned), np.sin(turned), 0])
    assert abs(np.degrees(turned)) > 10
    until(lambda: np.dot(wanted, reading.settled(4)[1]["plane"]["row"]) > np.cos(np.radians(0.6)), 20)
    panes = reading.settled(4)
    assert np.dot(panes[1]["plane"]["row"], panes[2]["plane"]["row"]) == pytest.approx(0, abs=1e-9)
    assert "斜断面" in reading.text(1)
    same_as_computed(reading, 1, volume, 300)
    same_as_computed(reading, 2, volume, 300)
    now = reading.grip(0, "centre")
    assert np.hypot(now[0] - centre[0], now[1] - centre[1]) < 2
    reading.keep("oblique")

    # the 3-D cursor finds the same place everywhere, and lets go with the key
    reading.page.keyboard.down("Shift")
    target = reading.at(0, (200, 260))
    reading.page.mouse.move(target[0] - 3, target[1])
    reading.page.mouse.move(*target)
    until(lambda: all(reading.visitor.probe(f"cursor({pane})") for pane in range(4)))
    found = reading.visitor.probe("cursor(3)")
    assert found == pytest.approx([200, 260], abs=1.5)
    reading.keep("cursor")
    reading.page.keyboard.up("Shift")
    until(lambda: not any(reading.visitor.probe(f"cursor({pane})") for pane in range(4)))

    # back to what hung before
    assert [one["plane"] for one in reading.press("Shift+F1")] == [None]
    assert house.person.faults == []


def test_a_mark_on_a_plane_measures_the_patient(house: House) -> None:
    volume = house.volumes["Chest"]
    reading = Reading(house.person, house.ids["Chest"])
    plane = reading.press("Shift+S")[0]["plane"]

    reading.page.keyboard.press("m")
    reading.drag(reading.at(0, (120, 40)), reading.at(0, (300, 110)))
    reading.page.keyboard.press("e")
    reading.drag(reading.at(0, (200, 60)), reading.at(0, (230, 85)))
    until(lambda: len(reading.visitor.probe("marks()")) == 2, 10)

    length, ellipse = reading.visitor.probe("marks()")
    ends = np.array(length["points"])
    assert np.abs(ends - [(120, 40), (300, 110)]).max() < 1
    way = np.diff(points_of(plane, ends), axis=0)[0]
    assert length["measured"]["basis"] == "body"
    assert length["measured"]["lengths"][0] == pytest.approx(np.linalg.norm(way), abs=0.01)
    (x0, y0), (x1, y1) = np.min(ellipse["points"], axis=0), np.max(ellipse["points"], axis=0)
    rows, columns = np.mgrid[: plane["rows"], : plane["columns"]]
    inside = ((columns - (x0 + x1) / 2) / ((x1 - x0) / 2)) ** 2 + (
        (rows - (y0 + y1) / 2) / ((y1 - y0) / 2)
    ) ** 2 <= 1
    values = volume.at_points(points_of(plane, np.column_stack([columns[inside], rows[inside]])))
    stats = ellipse["measured"]["statistics"]
    assert stats["count"] == values.size > 300
    assert [stats["mean"], stats["sd"]] == pytest.approx([values.mean(), values.std()], abs=1e-3)
    assert ellipse["measured"]["valueUnit"] == "HU"
    reading.keep("marks")

    # marks stay with their plane
    reading.press("ArrowDown")
    until(lambda: reading.visitor.probe("marks()") == [])
    reading.press("ArrowUp")
    until(lambda: len(reading.visitor.probe("marks()")) == 2)


def test_a_tilted_stack_is_refused_with_its_reason_and_made_true_on_request(house: House) -> None:
    volume = house.volumes["TILT"]
    reading = Reading(house.person, house.ids["TILT"])
    reading.page.keyboard.press("Shift+C")

    expect(reading.page.get_by_text("ガントリ傾斜 18.5° で撮影されています。")).to_be_visible()
    assert reading.panes[0]["plane"] is None
    reading.keep("refused")
    reading.page.get_by_role("button", name="補正して再構成する").click()

    reading.settled()
    expect(reading.page.get_by_text("ガントリ傾斜 18.5°を補正して再構成")).to_be_visible()
    same_as_computed(reading, 0, volume, 300)
    reading.press("Shift+S")
    same_as_computed(reading, 0, volume, 300)
    reading.keep("tilted")
    assert house.person.faults == []


def test_missing_slices_are_told_and_never_made_up(house: House) -> None:
    volume = house.volumes["GAP"]
    reading = Reading(house.person, house.ids["GAP"])

    plane = reading.press("Shift+C")[0]["plane"]

    gap = int(np.argmax(np.diff(volume.at)))
    first, last = volume.at[gap] + 1, volume.at[gap + 1] - 1
    expect(reading.page.get_by_text(f"30枚中2枚欠落：位置 {first:.1f}〜{last:.1f} mm")).to_be_visible()
    same_as_computed(reading, 0, volume)
    middle = round((plane["origin"][2] - (first + last) / 2) / plane["betweenRows"])
    across = np.column_stack([np.arange(512), np.full(512, middle)])
    assert np.isnan(reading.values(0, across)).all()
    reading.keep("gap")


def test_no_plane_before_every_slice_is_here_and_none_of_what_is_no_volume(house: House) -> None:
    held: list[Route] = []
    page = house.person.page

    def hold_three(route: Route) -> None:
        if len(held) < 3:
            held.append(route)
        else:
            route.continue_()

    page.route("**/frames/**", hold_three)
    page.goto(f"{house.place.url}/studies/{house.ids['Chest']}/images")
    until(lambda: (panes := house.person.probe("panes()")) and panes[0]["count"] == 30)
    page.keyboard.press("Shift+C")

    told = page.get_by_text(re.compile(r"断面には全スライスが必要です（\d+ / 30 枚）"))
    expect(told).to_be_visible()
    assert house.person.probe("panes()")[0]["plane"] is None
    for route in held:
        route.continue_()
    until(lambda: house.person.probe("panes()")[0]["plane"])
    expect(told).to_have_count(0)

    reading = Reading(house.person, house.ids["US"])
    reading.page.keyboard.press("Shift+C")
    expect(page.get_by_text("超音波からは断面を作れません").first).to_be_visible()
    assert reading.panes[0]["plane"] is None


@pytest.mark.parametrize("path", ["CPU", "GPU"])
def test_values_with_fractions_are_right_after_they_were_drawn(
    house: House, browser: Browser, real_dicom: Path, path: str
) -> None:
    visitor = same_person(house, browser)
    if path == "GPU":
        visitor.context.add_init_script(REAL_CARD)
    reading = Reading(visitor, house.ids["PT"])
    reading.settled()
    assert path in visitor.page.get_by_test_id("fidelity").inner_text()

    ds = pydicom.dcmread(real_dicom / PET)
    places = np.random.default_rng(3).integers(0, 168, (300, 2))
    stored_there = ds.pixel_array[places[:, 1], places[:, 0]]
    wanted = (stored_there * float(ds.RescaleSlope) + float(ds.RescaleIntercept)) * suv_factor(ds)
    assert np.ptp(wanted) > 1
    for _ in range(2):
        assert reading.values(0, places) == pytest.approx(wanted, rel=1e-5)
        reading.page.keyboard.press("i")
        reading.page.wait_for_timeout(200)
