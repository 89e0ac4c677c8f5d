"""PET over CT in real Chromium: values are sampled again here from the files, colours looked up in the standard's."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pydicom
import pytest
from playwright.sync_api import Browser, Route, expect

from tests import pet_ct
from tests.journeys.fused import (
    LAYER,
    STUDIES,
    House,
    arrived,
    files,
    fuse,
    fused,
    lies_on_its_picture,
    on_slice,
    opened,
    painted,
    same,
    same_colours,
    same_person,
    says,
    somewhere,
    told,
)
from tests.journeys.key_images import CONTENT, ask, figures, invited
from tests.journeys.test_measure import REAL_CARD
from tests.reading import Reading
from tests.server import Installation, until
from tests.volumes import points_of

NEXT_STAGE = "h"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, browser: Browser, real_dicom: Path) -> Iterator[House]:
    """Four studies of PET and CT: straight, aslant without a weight, of two spaces, with a hole."""
    folder = tmp_path_factory.mktemp("fusion")
    for parent in (folder, *list(folder.parents)[:2]):
        parent.chmod(parent.stat().st_mode | 0o055)
    folders = {name: folder / "sent" / name for name in STUDIES}
    slices = sorted((real_dicom / pet_ct.CT).glob("*.dcm"))[20:]
    changes = {"ASLANT": pet_ct.without_weight, "SPACE": pet_ct.elsewhere, "HOLE": pet_ct.with_a_hole}
    for name, into in folders.items():
        into.mkdir(parents=True)
        pet_ct.ct(slices, into, name)
        change = changes.get(name, pet_ct.nothing)
        pet_ct.pet(real_dicom / pet_ct.PET, into, name, aslant=name == "ASLANT", change=change)
    place = Installation(folder / "d")
    place.start()
    try:
        place.run("admin", "facility", "shirahama", "白浜総合病院")
        place.run("admin", "ae", "CT1", "--facility", "shirahama")
        place.run("send", str(folder / "sent"), "--to", place.dicom, "--from", "CT1")
        person = invited(place, browser, "ito@test.test", "伊藤 恵", "requester")
        reader = invited(place, browser, "tanaka@test.test", "田中 美咲", "reader")
        yield House(place, person, reader, folders, until(lambda: arrived(person)))
    finally:
        stopped = place.stop()
    assert stopped == 0


def test_the_overlay_on_slices_is_what_the_files_say(house: House) -> None:
    both = files(house, "PETCT")
    reading = opened(house.person, house.ids["PETCT"])
    reading.press("End")
    before = house.person.page.evaluate("window.__dokuei.pixels(0)")

    now = fuse(reading)

    assert (now["unit"], now["range"], now["table"], now["opacity"]) == ("SUVbw", [0, 5], "hot_iron", 0.5)
    assert now["factor"] == pytest.approx(both.factor)
    assert house.person.page.evaluate("window.__dokuei.pixels(0)") == before
    places = somewhere(512, 512)
    top = both.pet.at_points(on_slice(both, reading, places)) * both.factor
    assert np.nanmax(top) > 2
    for keys, least in (("End", 100), ("ArrowUp", 100), ("ArrowUp", 100), ("Home", 0), ("ArrowDown", 0)):
        reading.press(keys)
        wanted = both.pet.at_points(on_slice(both, reading, places)) * both.factor
        same(told(reading, places), wanted, least)
        same_colours(reading, places, wanted, "hotiron")
        between = places + np.array([0.37, -0.21])
        same(
            told(reading, between),
            both.pet.at_points(on_slice(both, reading, between)) * both.factor,
            least,
        )
    reading.press("Home")
    assert np.isnan(told(reading, places)).all()  # the CT begins below the PET
    reading.press("End")
    words = reading.text(0)
    for said in ("融合 PET/CT: ", "PET WB", "SUVbw 0 – 5", "不透明度 50%", "補間値", "撮影31分後"):
        assert said in words
    reading.keep("fused-axial")

    reading.page.keyboard.press("Shift+F")
    until(lambda: fused(reading) is None)
    assert reading.page.evaluate(LAYER, [[0, 0]]) is None
    assert house.person.page.evaluate("window.__dokuei.pixels(0)") == before
    assert "融合" not in reading.text(0)
    assert house.person.faults == []


@pytest.mark.parametrize("path", ["processor", "card"])
def test_planes_and_slabs_are_fused_where_they_lie(house: House, browser: Browser, path: str) -> None:
    both = files(house, "PETCT")
    visitor = same_person(house, browser)
    if path == "card":
        visitor.context.add_init_script(REAL_CARD)
    reading = opened(visitor, house.ids["PETCT"])
    fuse(reading)
    for keys in ("Shift+C", "Shift+S"):
        plane = reading.press(keys)[0]["plane"]
        painted(reading)
        places = somewhere(plane["columns"], plane["rows"])
        wanted = both.pet.at_points(points_of(plane, places)) * both.factor
        same(told(reading, places), wanted, 100)
        same_colours(reading, places, wanted, "hotiron")

    reading.press("Shift+M")
    until(lambda: reading.panes[0]["plane"]["slab"]["mode"] == "mip")
    painted(reading)
    plane, slab = reading.panes[0]["plane"], reading.panes[0]["plane"]["slab"]
    places = somewhere(plane["columns"], plane["rows"])
    through = np.linspace(-slab["mm"] / 2, slab["mm"] / 2, 401)
    layers = [both.pet.at_points(points_of(plane, places, mm)) for mm in through]
    wanted = np.fmax.reduce(layers) * both.factor
    found = told(reading, places)
    inside = ~np.isnan(wanted)
    assert inside.sum() > 100
    assert np.abs(found - wanted)[inside].max() < 2e-3 * np.nanmax(wanted)
    assert "同じ厚み（MIP 10 mm）" in reading.text(0)
    assert ("GPU" in visitor.page.get_by_test_id("fidelity").inner_text()) == (path == "card")
    reading.keep(f"fused-mip-{path}")
    assert visitor.faults == []


def test_what_lies_aslant_and_has_no_suv_is_told_as_stored_and_turns_with_the_planes(house: House) -> None:
    both = files(house, "ASLANT")
    reading = opened(house.person, house.ids["ASLANT"])
    reading.press("End")
    now = fuse(reading)
    assert (now["unit"], now["factor"]) == ("BQML", 1)
    places = somewhere(512, 512)
    same(told(reading, places), both.pet.at_points(on_slice(both, reading, places)), 100)
    assert "SUVではない記録値（体重がない）" in reading.text(0)

    reading.press("Shift+F3", 4)
    until(lambda: all((fused(reading, None, pane) or {}).get("kind") == "ready" for pane in range(4)))
    start = reading.grip(0, "turn.coronal")
    reading.drag(start, (start[0], start[1] + 90))
    until(lambda: reading.settled(4)[1]["plane"]["row"][1] > 0.3)
    plane = reading.panes[1]["plane"]
    places = somewhere(plane["columns"], plane["rows"], 2000)
    same(told(reading, places, 1), both.pet.at_points(points_of(plane, places)), 60)
    reading.page.wait_for_timeout(300)
    reading.keep("fused-mpr")

    reading.press("Shift+F1", 1)
    until(lambda: (fused(reading) or {}).get("kind") == "ready")
    assert reading.panes[0]["plane"] is None
    assert house.person.faults == []


def test_range_colours_and_opacity_are_the_readers_and_stay_through_every_move(house: House) -> None:
    both = files(house, "PETCT")
    reading = opened(house.person, house.ids["PETCT"])
    page = reading.page
    reading.press("End")
    fuse(reading)

    for keys, name, wanted in (
        (">", "range", [0, 10]),
        (">", "range", [0, 15]),
        ("<", "range", [0, 10]),
        ("Alt+ArrowUp", "opacity", 0.6),
        ("Alt+ArrowDown", "opacity", 0.5),
        ("Alt+ArrowDown", "opacity", 0.4),
        ("Shift+N", "table", "hot_metal_blue"),
    ):
        page.keyboard.press(keys)
        says(reading, name, wanted)
    places = somewhere(512, 512)
    values = both.pet.at_points(on_slice(both, reading, places)) * both.factor
    same_colours(reading, places, values, "hotmetalblue")
    page.keyboard.press("Shift+N")
    until(lambda: (fused(reading) or {})["table"] == "pet_20_step")
    same_colours(reading, places, values, "pet20step")

    scale = page.get_by_role("button", name="色の目盛")
    box = scale.bounding_box()
    assert box is not None
    at = box["x"] + 6, box["y"] + 60
    reading.drag(at, (at[0], at[1] - 30))
    until(lambda: 6 < (fused(reading) or {})["range"][1] < 8)
    scale.click()
    page.get_by_label("上限 SUVbw").fill("2.5")
    page.get_by_label("下限 SUVbw").fill("0.5")
    until(lambda: (fused(reading) or {})["range"] == [0.5, 2.5])
    same_colours(reading, places, values, "pet20step")
    page.get_by_label("色表").select_option("hot_iron")
    expect(page.get_by_text("SUVbw 0.5 – 2.5 · 不透明度 40%")).to_be_visible()
    reading.keep("fused-settings")
    house.person.look()
    assert house.person.barriers == []
    scale.click()

    chosen = fused(reading)
    for keys in ("]", ";", "ArrowUp", "Shift+F2", "Shift+F1"):
        page.keyboard.press(keys)
        reading.settled(2 if keys == "Shift+F2" else 1)
        until(lambda: page.evaluate(LAYER, [[0, 0]]))
        assert fused(reading) == chosen
        lies_on_its_picture(reading)
    page.mouse.move(*reading.at(0, (250, 250)))
    expect(page.get_by_test_id("fusion-readout")).to_contain_text("SUVbw")
    page.keyboard.press("Shift+F")
    until(lambda: fused(reading) is None)
    assert house.person.faults == []


def test_what_does_not_fit_is_refused_with_its_reason(house: House) -> None:
    for name, reason in (
        ("SPACE", "座標系（Frame of Reference）が異なるため、融合できません。"),
        ("HOLE", "PET・NMがスライスが途中で欠けているため、融合できません。"),
    ):
        reading = opened(house.person, house.ids[name])
        reading.page.keyboard.press("Shift+F")
        expect(reading.page.get_by_text(reason)).to_be_visible()
        assert fused(reading) is None
    reading = opened(house.person, house.ids["PETCT"])
    reading.press("ArrowRight")
    until(lambda: reading.panes[0]["count"] == pet_ct.PET_SLICES)
    reading.page.keyboard.press("Shift+F")
    expect(reading.page.get_by_text("融合はCTまたはMRの枠で使います。")).to_be_visible()
    assert fused(reading) is None


def test_nothing_is_laid_over_before_all_of_it_is_here(house: House, browser: Browser) -> None:
    visitor = same_person(house, browser)
    late = [str(ds.SOPInstanceUID) for ds in files(house, "PETCT").pet.slices[15:17]]
    held: list[Route] = []
    mode = "hold"

    def answer(route: Route) -> None:
        if mode == "hold":
            held.append(route)
        elif mode == "fail":
            route.abort()
        else:
            route.continue_()

    visitor.page.route(lambda url: any(uid in url for uid in late) and "frames" in url, answer)
    reading = opened(visitor, house.ids["PETCT"])
    reading.press("End")

    reading.page.keyboard.press("Shift+F")

    here = f"PETを取得中（{pet_ct.PET_SLICES - 2} / {pet_ct.PET_SLICES} 枚）: まだ重ねていません"
    expect(reading.page.get_by_text(here)).to_be_visible()
    assert reading.page.evaluate(LAYER, [[0, 0]]) is None
    until(lambda: held)
    mode = "fail"
    for route in held:
        route.abort()
    expect(reading.page.get_by_text("表示できないため、重ねていません")).to_be_visible()
    assert reading.page.evaluate(LAYER, [[0, 0]]) is None
    mode = "pass"
    reading.page.keyboard.press("Shift+F")
    until(lambda: fused(reading) is None)
    fuse(reading)


def test_marks_tell_the_uptake_of_the_voxels_they_enclose(house: House) -> None:
    both = files(house, "PETCT")
    reading = opened(house.person, house.ids["PETCT"])
    page = reading.page
    reading.press("End")
    fuse(reading)
    corner, far = (120, 180), (380, 330)
    page.keyboard.press("t")
    reading.drag(reading.at(0, corner), reading.at(0, far))
    drawn = until(lambda: reading.visitor.probe("marks()"))[0]
    (left, top), (right, bottom) = np.min(drawn["points"], axis=0), np.max(drawn["points"], axis=0)
    shown = next(k for k, ds in enumerate(both.ct.slices) if ds.SOPInstanceUID == reading.panes[0]["sop"])
    away = np.abs(both.pet.at - both.ct.at[shown]) <= pet_ct.PET_STEP_MM / 2 + 1e-4
    x = (both.pet.origins[0][0] + np.arange(168) * both.pet.across - both.ct.origins[0][0]) / both.ct.across
    y = (both.pet.origins[0][1] + np.arange(168) * both.pet.down - both.ct.origins[0][1]) / both.ct.down
    inside = np.ix_(away, (y >= top) & (y < bottom), (x >= left) & (x < right))
    uptake = both.pet.values[inside] * both.factor

    def lines() -> str:
        return " ".join(page.locator(".svg-layer text tspan").all_text_contents())

    until(lambda: "PET" in lines())
    assert f"最大 {uptake.max():.2f}" in lines()
    assert f"平均 {uptake.mean():.2f} SUVbw" in lines()
    assert f"{uptake.size} ボクセル（中心が断面の前後 1.6 mm 以内）" in lines()
    assert "HU" in lines()
    assert "重ねた値は保存されません" in lines()
    page.keyboard.press("Control+z")

    page.keyboard.press("v")
    page.mouse.click(*reading.at(0, (300, 260)))
    spot = until(lambda: [one for one in reading.visitor.probe("marks()") if one["kind"] == "probe"])[0]
    value = told(reading, np.array(spot["points"][:1]))[0]
    wanted = both.pet.at_points(on_slice(both, reading, np.array(spot["points"][:1])))[0] * both.factor
    assert value == pytest.approx(wanted, rel=1e-5)
    until(lambda: f"PET {value:.2f} SUVbw（補間）" in lines())
    reading.keep("fused-marks")
    page.keyboard.press("Shift+F")
    until(lambda: "PET" not in lines())
    page.keyboard.press("Control+z")
    assert house.person.faults == []


def test_a_fused_picture_is_no_key_image(house: House) -> None:
    page = house.person.page
    study = house.ids["PETCT"]
    exam = {"modality": "PT", "body_part": "全身", "description": "PET/CT"}
    status, drafted = ask(page, "POST", "/api/v1/requests", {**CONTENT, "exam": exam, "study_ids": [study]})
    assert status == 200, drafted
    assert ask(page, "POST", f"/api/v1/requests/{drafted['id']}/send")[0] == 200

    def listed() -> int | None:
        rows = ask(house.reader.page, "GET", "/api/v1/readings?box=open")[1]["items"]
        return rows[0]["id"] if rows else None

    number = until(listed)
    ask(house.reader.page, "POST", f"/api/v1/readings/{number}/claim")
    house.reader.page.goto(f"{house.place.url}/reading/{number}")
    until(lambda: (panes := house.reader.probe("panes()")) and panes[0]["sop"])
    room = Reading.__new__(Reading)
    room.visitor, room.page = house.reader, house.reader.page
    until(lambda: len(room.panes) == 2 and room.panes[1]["sop"])
    room.press("Shift+F1")
    room.press("End")
    fuse(room)

    room.page.keyboard.press("k")
    expect(room.page.get_by_text("融合表示はキー画像にできません。")).to_be_visible()
    assert figures(room.page, number) == []
    room.page.keyboard.press("Shift+F")
    until(lambda: fused(room) is None)
    room.page.keyboard.press("k")
    until(lambda: len(figures(room.page, number)) == 1)
    assert house.reader.faults == []


def test_a_protocol_hangs_both_side_by_side_and_then_one_over_the_other(house: House) -> None:
    reading = Reading(house.person, house.ids["PETCT"])
    page = reading.page
    until(lambda: [one["count"] for one in reading.panes] == [pet_ct.CT_SLICES, pet_ct.PET_SLICES])
    assert house.person.probe("hanging()")["id"] == "default.pet-ct"
    until(lambda: (reading.panes[1]["voi"] or {}).get("width"))
    expect(page.get_by_text("SUVbw 0 – 5")).to_be_visible()
    assert fused(reading) is None

    page.keyboard.press(NEXT_STAGE)

    until(lambda: (fused(reading) or {}).get("kind") == "ready")
    until(lambda: page.evaluate(LAYER, [[0, 0]]))
    assert fused(reading, None, 1) is None
    assert [one["count"] for one in reading.panes] == [pet_ct.CT_SLICES, pet_ct.PET_SLICES]
    page.wait_for_timeout(300)
    reading.keep("fused-protocol")

    # the whole of the uptake from the front, cut from the PET itself
    page.keyboard.press(NEXT_STAGE)
    until(lambda: (reading.panes[1]["plane"] or {}).get("orientation") == "coronal")
    assert reading.panes[1]["plane"]["slab"] == {"mode": "mip", "mm": 400}
    until(lambda: reading.panes[1]["index"] == reading.panes[1]["requested"])
    reading.keep("fused-mip")
    expect(page.locator(".pane").nth(1)).to_contain_text("SUVbw 0 – 5")
    assert (fused(reading) or {}).get("kind") == "ready"

    page.keyboard.press(NEXT_STAGE)
    until(lambda: fused(reading) is None)
    assert house.person.faults == []


def test_the_files_of_this_test_lie_as_is_meant(house: House) -> None:
    """Different matrix, spacing and origin; nothing falls on a voxel by chance."""
    both = files(house, "PETCT")
    offset = (both.ct.origins[0] - both.pet.origins[0]) / [both.pet.across, both.pet.down, pet_ct.PET_STEP_MM]
    assert (np.abs(offset - np.round(offset)) > 0.02).all()
    assert both.ct.values.shape[1:] != both.pet.values.shape[1:]
    assert isinstance(both.pet.slices[0], pydicom.Dataset)
