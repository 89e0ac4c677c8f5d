"""A facility whose studies have arrived, and somebody there who looks at them."""

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, cast

from playwright._impl._api_structures import SetCookieParam
from playwright.sync_api import Browser, Page, expect

from tests.browser import Visitor
from tests.server import Installation, until


class House(NamedTuple):
    place: Installation
    person: Visitor
    files: Mapping[str, Sequence[Path]]
    """By modality."""
    ids: Mapping[str, int]
    """Of the studies, by modality."""


@contextmanager
def house_with(folder: Path, browser: Browser, files: Mapping[str, Sequence[Path]]) -> Iterator[House]:
    """An installation that received these files, one study a modality; it must also end cleanly."""
    sent = folder / "sent"
    for name, paths in files.items():
        (sent / name).mkdir(parents=True)
        for path in paths:
            shutil.copy(path, sent / name)
    place = Installation(folder / "d")
    place.start()
    try:
        place.run("admin", "facility", "shirahama", "白浜総合病院")
        place.run("admin", "ae", "CT1", "--facility", "shirahama")
        place.run("send", str(sent), "--to", place.dicom, "--from", "CT1")
        person = Visitor(browser, place)
        about = ("ito@test.test", "伊藤 恵", "--role", "requester", "--facility", "shirahama")
        person.join(place.run("admin", "person", *about))
        expect(person.page.get_by_role("button", name="メニュー: 伊藤 恵")).to_be_visible()
        yield House(place, person, files, until(lambda: arrived(person.page, set(files))))
    finally:
        stopped = place.stop()
    assert stopped == 0


def arrived(page: Page, wanted: set[str]) -> dict[str, int] | None:
    items = page.evaluate("fetch('/api/v1/studies?without_request=true').then((answer) => answer.json())")
    ids = {one["modalities"][0]: int(one["id"]) for one in items["items"] if one["modalities"]}
    return ids if wanted <= set(ids) else None


def same_person(house: House, browser: Browser) -> Visitor:
    """A fresh window of somebody who is signed in already."""
    visitor = Visitor(browser, house.place)
    visitor.context.add_cookies(cast("Sequence[SetCookieParam]", house.person.context.cookies()))
    return visitor


def look_at(page: Page, modality: str) -> None:
    """From the list, without loading the application anew."""
    row = page.get_by_role("row").filter(has=page.locator("b", has_text=re.compile(f"^{modality}$")))
    row.get_by_role("button", name="画像を確認する").click()
