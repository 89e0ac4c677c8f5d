"""What the journeys through several windows share: further windows of one person, and what may be seen in them."""

import copy
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pydicom
from playwright.sync_api import Browser, Page, expect
from pydicom.uid import generate_uid

from tests.browser import Visitor
from tests.journeys.key_images import CR, CT, House, invited, named, reading_of, request_readings
from tests.server import Installation, until


def numbered(path: Path, accession: str) -> Path:
    ds = pydicom.dcmread(path)
    ds.AccessionNumber = accession
    ds.save_as(path)
    return path


@contextmanager
def two_patients(folder: Path, browser: Browser, real: Path) -> Iterator[House]:
    """A facility that asked for two readings of two patients, and their reader."""
    files: dict[str, list[Path]] = {}
    for name, paths in {
        "CT": sorted((real / CT).glob("*.dcm"))[28:35],
        "CR": [real / CR],
    }.items():
        (folder / "sent" / name).mkdir(parents=True)
        uid = generate_uid() if name == "CR" else ""
        files[name] = [
            numbered(named(path, folder / "sent" / name, number, uid=uid), f"ACC-{name}")
            for number, path in enumerate(paths, start=1)
        ]
    place = Installation(folder / "d")
    place.start()
    try:
        place.run("admin", "facility", "shirahama", "白浜総合病院")
        place.run("admin", "ae", "CT1", "--facility", "shirahama")
        place.run("send", str(folder / "sent"), "--to", place.dicom, "--from", "CT1")
        requester = invited(place, browser, "ito@test.test", "伊藤 恵", "requester")
        reader = invited(place, browser, "tanaka@test.test", "田中 美咲", "reader")
        request_readings(requester.page)
        yield House(place, reader, requester, files)
    finally:
        stopped = place.stop()
    assert stopped == 0


def beside(visitor: Visitor, page: Page) -> Visitor:
    """The same person at another window."""
    found = copy.copy(visitor)
    found.page = page
    page.set_default_timeout(30_000)
    page.on("pageerror", lambda error: visitor.faults.append(f"{error} {error.stack}"))
    return found


def opened(visitor: Visitor, act: Callable[[], Any]) -> Visitor:
    """The window that opens by an act."""
    with visitor.page.expect_popup() as popup:
        act()
    return beside(visitor, popup.value)


def has_pictures(visitor: Visitor) -> bool:
    panes = visitor.probe("panes()") or []
    return bool(panes) and all(one["sop"] and one["index"] == one["requested"] for one in panes)


def enter(house: House, modality: str, visitor: Visitor | None = None) -> int:
    """The main window with the case, its pictures on screen."""
    person = visitor or house.reader
    reading = reading_of(house, modality)
    person.page.goto(f"{house.place.url}/reading/{reading}")
    until(lambda: has_pictures(person))
    return reading


def images_window(main: Visitor) -> Visitor:
    found = opened(main, lambda: main.page.keyboard.press("Shift+I"))
    until(lambda: has_pictures(found))
    return found


def report_window(main: Visitor) -> Visitor:
    found = opened(main, lambda: main.page.keyboard.press("Shift+T"))
    expect(found.page.get_by_label("所見")).to_be_editable()
    return found


def seen(visitor: Visitor) -> list[str]:
    """What is still there besides the cover: canvases in the document, and whatever is rendered."""
    found: list[str] = visitor.page.evaluate(
        """() => [
          ...[...document.querySelectorAll('canvas')].map((one) => `canvas in ${one.parentElement?.className}`),
          ...[...document.body.children]
            .filter((one) => !one.matches('.curtain') && one.getClientRects().length > 0)
            .filter((one) => getComputedStyle(one).visibility !== 'hidden')
            .map((one) => one.outerHTML.slice(0, 200)),
        ]"""
    )
    return found


def covered(visitor: Visitor, title: str) -> None:
    cover = visitor.page.get_by_role("alertdialog", name=title)
    expect(cover).to_be_visible(timeout=20_000)
    assert not (left := seen(visitor)), left
    said = visitor.page.locator("body").inner_text()
    assert not re.search("山田|00123", said), said


def has_left(window: Visitor, witness: Page) -> bool:
    """It closed itself, or stands at the sign-in."""
    witness.title()  # the browser must be asked, or nothing of it is heard
    return window.page.is_closed() or "/sign-in" in window.page.url


def look_at(visitor: Visitor, name: str) -> Path:
    """A picture of the window, kept as an artefact."""
    path = visitor.place.folder.with_name(f"{name}.png")
    visitor.page.screenshot(path=path)
    return path
