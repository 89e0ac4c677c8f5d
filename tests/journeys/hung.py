"""A chest with its prior, a head and four mammograms in a running installation, and rooms that show them."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
import pydicom
from imagecodecs import jpegsof3_decode
from playwright._impl._api_structures import SetCookieParam
from playwright.sync_api import Browser, Page
from pydicom.encaps import generate_frames
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from tests.browser import Visitor, ask
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


class Room(Reading):
    """The reading room with the chest and its prior."""

    def __init__(self, house: House, visitor: Visitor, *, is_open: bool = False) -> None:
        self.visitor, self.page, self.house = visitor, visitor.page, house
        if not is_open:
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


def whole(protocol: dict[str, Any]) -> dict[str, Any]:
    """As the hub would tell it, nothing left out."""
    said = {"words": [], "without": [], "prior": "any", "screens_least": 1, "modalities": []}
    panes = [
        {**one, "role": "current", "selectors": [{"words": [], "without": [], **s} for s in one["selectors"]]}
        for one in protocol["stages"][0]["panes"]
    ]
    stage = {"name": "", "layout": protocol["stages"][0]["layout"], "panes": panes}
    return {"version": 1, "name": protocol["name"], "when": {**said, **protocol["when"]}, "stages": [stage]}
