"""A reader on a slow line: coarse pictures first, nothing fetched twice, nothing waited for that was scrolled past."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from playwright.sync_api import Browser, Page, Request, Response, Route, expect

from tests.browser import Visitor
from tests.journeys.gallery import House, house_with, look_at, same_person
from tests.server import until

CT = "studies/ct-chest-lungdx-a0001/s2-5mm-implicit-le"
MODEM = 3_000_000 / 8
"""Bytes a second."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, browser: Browser, real_dicom: Path) -> Iterator[House]:
    files = {"CT": sorted((real_dicom / CT).glob("*.dcm"))[:40]}
    with house_with(tmp_path_factory.mktemp("line"), browser, files) as found:
        until(lambda: packed_ends(found))
        yield found


@pytest.fixture
def visitor(house: House, browser: Browser) -> Iterator[Visitor]:
    found = same_person(house, browser)
    found.page.goto(house.place.url)
    expect(found.page.get_by_role("button", name="画像を確認する").first).to_be_visible()
    yield found
    assert found.faults == []
    found.context.close()


def packed_ends(house: House) -> dict[str, list[int]] | None:
    """Of each instance, where the resolutions of its packed frame end; None until all are packed."""
    study = pydicom.dcmread(house.files["CT"][0], stop_before_pixels=True).StudyInstanceUID
    token = house.place.token("shirahama", "dicom:read", "study:read").split()[-1]
    with house.place.client(token) as client:
        (series,) = client.get(f"/dicomweb/shirahama/studies/{study}/manifest").json()["series"]
    ends = series["packed"]["frames"] if series["packed"] else [None]
    uids = [one["sop_instance_uid"] for one in series["instances"]]
    return {uid: end for uid, end in zip(uids, ends, strict=True) if end} if all(ends) else None


def slow_down(page: Page, bytes_a_second: float) -> None:
    """For the frames; the application itself is here already."""
    shape = {"offline": False, "latency": 20, "uploadThroughput": -1, "downloadThroughput": bytes_a_second}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", shape)


def frames_asked(page: Page) -> list[Request]:
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request) if "/frames/" in request.url else None)
    return asked


def frame_answers(page: Page) -> list[Response]:
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer) if "/frames/" in answer.url else None)
    return answers


def warm(page: Page) -> None:
    """The viewer's own code and decoder are here before the line is made slow."""
    look_at(page, "CT")
    until(lambda: page.evaluate("window.__dokuei?.fidelity()[0]?.isDone"))
    page.get_by_role("button", name="戻る").click()
    expect(page.get_by_role("button", name="画像を確認する").first).to_be_visible()


def wanted_picture(house: House, sop: str, center: float, width: float) -> Any:
    """Every fourth value with what lies around it, through the window."""
    ds = next(ds for ds in map(pydicom.dcmread, house.files["CT"]) if sop == ds.SOPInstanceUID)
    values = ds.pixel_array * float(ds.RescaleSlope) + float(ds.RescaleIntercept)
    for axis in (0, 1):
        values = (np.roll(values, -1, axis) + values + np.roll(values, 1, axis)) / 3
    return np.clip((values[::4, ::4] - (center - 0.5)) / (width - 1) + 0.5, 0, 1) * 255


def drawn(page: Page) -> Any:
    grey = (
        page.get_by_test_id("look")
        .locator("canvas")
        .evaluate(
            "(one) => [...one.getContext('2d').getImageData(0, 0, 128, 128).data].filter((_, i) => i % 4 === 0)"
        )
    )
    return np.array(grey, dtype=float).reshape(128, 128)


def test_on_a_slow_line_every_slice_has_a_coarse_picture_soon_and_the_true_one_follows(
    house: House, visitor: Visitor
) -> None:
    page = visitor.page
    warm(page)
    asked = frames_asked(page)
    slow_down(page, MODEM / 5)  # slow enough to look twice at what is not whole yet

    look_at(page, "CT")
    until(lambda: (panes := visitor.probe("panes()")) and panes[0]["sop"])
    page.keyboard.press("End")
    look = page.get_by_test_id("look")
    expect(look).to_have_attribute("data-pixels", "128")
    sop = look.get_attribute("data-sop")
    voi = visitor.probe("panes()")[0]["voi"]
    coarse = drawn(page)
    expect(page.get_by_text("粗い表示（128px）")).to_be_visible()

    assert sop is not None
    assert sop != visitor.probe("panes()")[0]["sop"]
    true = wanted_picture(house, sop, voi["center"], voi["width"])
    assert np.corrcoef(coarse.ravel(), true.ravel())[0, 1] > 0.97
    until(lambda: visitor.probe("panes()")[0]["sop"] == sop)
    expect(look).to_have_count(0)
    assert (visitor.probe("pixels(0)"))["syntax"] == "1.2.840.10008.1.2.4.202"
    until(lambda: page.title() and any("range" in request.headers for request in asked))


def test_what_came_as_a_coarse_picture_is_continued_and_not_fetched_again(
    house: House, visitor: Visitor
) -> None:
    page = visitor.page
    ends = packed_ends(house)
    assert ends is not None
    warm(page)
    answers = frame_answers(page)
    slow_down(page, MODEM)
    look_at(page, "CT")
    until(lambda: page.evaluate("window.__dokuei?.fidelity()[0]?.isDone"), 120)

    asked: dict[str, list[tuple[int, int]]] = {}
    for answer in answers:
        start = answer.request.headers.get("range", "bytes=0-").removeprefix("bytes=").split("-")[0]
        part = (int(start), int(answer.headers["content-length"]))
        asked.setdefault(answer.url.split("/")[-3], []).append(part)
    assert {sop: sum(one[-1]) for sop, one in asked.items()} == {sop: one[-1] for sop, one in ends.items()}
    begun = [one for one in asked.values() if len(one) > 1]
    assert len(begun) > len(ends) / 2
    assert all(later[0] > earlier[0] for one in begun for earlier, later in pairwise(one))


def test_a_slice_scrolled_past_gives_the_line_back(house: House, visitor: Visitor) -> None:
    page = visitor.page
    warm(page)
    slow_down(page, MODEM / 6)
    given_up: list[str] = []
    page.on("requestfailed", lambda request: given_up.append(request.url))

    look_at(page, "CT")
    until(lambda: (panes := visitor.probe("panes()")) and panes[0]["sop"])
    page.keyboard.press("Home")
    page.keyboard.press("End")
    until(lambda: given_up)
    last = visitor.probe("panes()")[0]["requested"]

    until(lambda: visitor.probe("panes()")[0]["index"] == last)
    assert visitor.probe("panes()")[0]["fault"] is None


def test_a_line_that_stumbles_leaves_no_hole_in_the_stack(house: House, visitor: Visitor) -> None:
    page = visitor.page
    asked: dict[str, int] = {}

    def answer(route: Route) -> None:
        url = route.request.url
        asked[url] = asked.get(url, 0) + 1
        if asked[url] == 1:
            route.abort("connectionreset")
        elif asked[url] == 2:
            route.fulfill(status=503)
        else:
            route.continue_()

    page.route(lambda url: "/frames/" in url, answer)
    look_at(page, "CT")

    until(lambda: (found := visitor.probe("fidelity()")) and found[0]["isDone"])
    assert visitor.probe("fidelity()")[0]["failed"] == 0
    assert len(asked) >= len(house.files["CT"])
    assert min(asked.values()) >= 3
    assert visitor.probe("panes()")[0]["fault"] is None
