"""What the journey of PET over CT shares: the house, what lies over a picture, the same worked out from the files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
from playwright._impl._api_structures import SetCookieParam
from playwright.sync_api import Browser

from tests import pet_ct
from tests.browser import Visitor
from tests.journeys.key_images import ask
from tests.reading import Reading
from tests.server import Installation, until
from tests.volumes import Vector, Volume, suv_factor

Numbers = np.ndarray[Any, Any]
STUDIES = ("PETCT", "ASLANT", "SPACE", "HOLE")
LAYER = """(places) => {
  const layer = document.querySelector('.pane canvas[data-layer="fusion"]');
  if (!layer || layer.hidden) return null;
  const { data, width } = layer.getContext('2d').getImageData(0, 0, layer.width, layer.height);
  return places.map(([x, y]) => [...data.slice((y * width + x) * 4, (y * width + x) * 4 + 4)]);
}"""
WHERE = """(places) => {
  const layer = document.querySelector('.pane canvas[data-layer="fusion"]');
  const matrix = new DOMMatrix(layer.style.transform);
  return places.map(([x, y]) => {
    const at = matrix.transformPoint(new DOMPoint(x + 0.5, y + 0.5));
    return [at.x, at.y];
  });
}"""


class House(NamedTuple):
    place: Installation
    person: Visitor
    reader: Visitor
    folders: dict[str, Path]
    ids: dict[str, int]


class Both(NamedTuple):
    ct: Volume
    pet: Volume
    factor: float


def arrived(person: Visitor) -> dict[str, int] | None:
    items = ask(person.page, "GET", "/api/v1/studies?without_request=true")[1]["items"]
    whole = pet_ct.CT_SLICES + pet_ct.PET_SLICES
    ids = {one["description"]: int(one["id"]) for one in items if one["instance_count"] == whole}
    return ids if set(STUDIES) <= set(ids) else None


def files(house: House, name: str) -> Both:
    folder = house.folders[name]
    pet = Volume(sorted(folder.glob("pet*.dcm")))
    factor = suv_factor(pet.slices[0]) if "PatientWeight" in pet.slices[0] else 1.0
    return Both(Volume(sorted(folder.glob("ct*.dcm"))), pet, factor)


def fused(reading: Reading, places: Numbers | None = None, pane: int = 0) -> dict[str, Any] | None:
    wanted = [] if places is None else places.tolist()
    found: dict[str, Any] | None = reading.visitor.probe(f"fused({pane}, {wanted})")
    return found


def opened(visitor: Visitor, study: int) -> Reading:
    """The CT of a study alone; it hangs beside the PET at first, and nothing lies over it."""
    reading = Reading(visitor, study)
    until(lambda: [one["count"] for one in reading.panes] == [pet_ct.CT_SLICES, pet_ct.PET_SLICES])
    reading.settled(2)
    assert fused(reading) is None
    reading.press("Shift+F1")
    return reading


def fuse(reading: Reading) -> dict[str, Any]:
    """Lay the PET over what hangs, and wait until it lies there."""
    reading.page.keyboard.press("Shift+F")
    until(lambda: (fused(reading) or {}).get("kind") == "ready")
    until(lambda: reading.page.evaluate(LAYER, [[0, 0]]))
    return fused(reading) or {}


def painted(reading: Reading) -> None:
    until(lambda: reading.page.evaluate(LAYER, [[0, 0]]))


def says(reading: Reading, name: str, wanted: Any) -> None:
    until(lambda: (fused(reading) or {}).get(name) == wanted)


def lies_on_its_picture(reading: Reading) -> None:
    """The middles of pixels of the overlay are drawn where those of the picture are, however it is turned."""
    spots = [[0, 0], [200, 300], [511, 511]]

    def is_there() -> bool:
        wanted = [reading.visitor.probe(f"canvas(0, {spot})") for spot in spots]
        found = np.array(reading.page.evaluate(WHERE, spots))
        return bool(np.abs(found - wanted).max() < 0.6)

    until(is_there)


def somewhere(columns: int, rows: int, count: int = 400) -> Numbers:
    chance = np.random.default_rng(11)
    return chance.integers([0, 0], [columns, rows], (count, 2))


def on_slice(both: Both, reading: Reading, places: Numbers) -> Vector:
    """Points of the patient at pixels of the CT slice shown, by its file."""
    shown = reading.panes[0]["sop"]
    k = next(k for k, ds in enumerate(both.ct.slices) if ds.SOPInstanceUID == shown)
    across, down = places[:, :1] * both.ct.across, places[:, 1:] * both.ct.down
    found: Vector = both.ct.origins[k] + across * both.ct.row + down * both.ct.column
    return found


def told(reading: Reading, places: Numbers, pane: int = 0) -> Vector:
    values = (fused(reading, places, pane) or {})["values"]
    return np.array([np.nan if one is None else one for one in values], dtype=np.float64)


def same(found: Vector, wanted: Vector, least: int) -> None:
    assert (np.isnan(found) == np.isnan(wanted)).all()
    inside = ~np.isnan(wanted)
    assert inside.sum() >= least
    if inside.any():
        assert np.abs(found - wanted)[inside].max() <= 1e-5 * np.abs(wanted[inside]).max()


def same_colours(reading: Reading, places: Numbers, values: Vector, name: str) -> None:
    """What is painted is the standard's colour for the value; where the overlay has none, nothing is painted."""
    low, high = (fused(reading) or {})["range"]
    painted = np.array(reading.page.evaluate(LAYER, places.tolist()))
    above = np.nan_to_num(values, nan=-1) > low
    share = np.clip((np.nan_to_num(values) - low) / (high - low), 0, 1) * 255
    clear = np.abs(share - np.floor(share) - 0.5) > 1e-3
    table = pet_ct.palette(name)
    assert (painted[above, 3] == 255).all()
    assert (painted[~above, 3] == 0).all()
    wanted = table[np.round(share).astype(int)]
    assert (painted[above & clear, :3] == wanted[above & clear]).all()


def same_person(house: House, browser: Browser) -> Visitor:
    visitor = Visitor(browser, house.place)
    visitor.context.add_cookies(cast("Sequence[SetCookieParam]", house.person.context.cookies()))
    return visitor
