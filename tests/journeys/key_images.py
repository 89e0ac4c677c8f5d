"""What the journeys of key images share: a house with readings, and figures compared with files and screens."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import imagecodecs
import numpy as np
import pydicom
from playwright.sync_api import Browser, Page, expect

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


def assert_same_as_screen(page: Page, truth: np.ndarray[Any, Any], figure: dict[str, Any]) -> None:
    """The screen itself, far from what is written over it, shows what the hub drew."""
    box = page.locator("canvas.cornerstone-canvas").first.bounding_box()
    assert box is not None
    shot = imagecodecs.png_decode(page.screenshot(clip=box)).astype(float)[..., 0]
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


def assert_same_as_screen_cr(page: Page, shown: np.ndarray[Any, Any]) -> None:
    """Bright where the screen is bright."""
    box = page.locator("canvas.cornerstone-canvas").first.bounding_box()
    assert box is not None
    shot = imagecodecs.png_decode(page.screenshot(clip=box)).astype(float)[..., 0]
    high, wide = shot.shape
    tall, broad = shown.shape[:2]
    scale = min(wide / broad, high / tall)
    rows = (np.arange(high // 3, 2 * high // 3) - (high - tall * scale) / 2) / scale
    columns = (np.arange(wide // 2 - 100, wide // 2 + 100) - (wide - broad * scale) / 2) / scale
    found = shown[rows.astype(int)[:, None], columns.astype(int)[None, :], 0]
    seen = shot[high // 3 : 2 * high // 3, wide // 2 - 100 : wide // 2 + 100]
    assert np.corrcoef(found.ravel(), seen.ravel())[0, 1] > 0.93


def check_exported(house: House, study_uid: str, length: str) -> None:
    """The worker wrote what leaves: the length other software reads is the one that stood on the screen."""
    token = house.place.token("shirahama", "dicom:read", "study:read")
    root = f"/dicomweb/shirahama/studies/{study_uid}"

    def listed(modality: str) -> Any:
        with house.place.client(token) as client:
            answer = client.get(f"{root}/instances", params={"Modality": modality})
        return answer.json() if answer.status_code == 200 else []

    (report,) = until(lambda: listed("SR"))
    series, uid = (report[tag]["Value"][0] for tag in ("0020000E", "00080018"))
    (written,) = house.place.json(f"{root}/series/{series}/instances/{uid}/metadata", token)
    numbers = [
        f"{float(value['0040A30A']['Value'][0]):.1f} {value['004008EA']['Value'][0]['00080100']['Value'][0]}"
        for item in nested(written)
        for value in item.get("0040A300", {}).get("Value", [])
    ]
    assert length in numbers
    assert (len(listed("KO")), len(listed("PR"))) == (1, 2)


def nested(item: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield item
    for one in item.get("0040A730", {}).get("Value", []):
        yield from nested(one)
