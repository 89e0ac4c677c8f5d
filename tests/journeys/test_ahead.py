"""While one case is read the images of the next one come."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import ask
from tests.journeys.cases import Case, hospital
from tests.server import until


@pytest.fixture
def case(tmp_path: Path, browser: Browser) -> Iterator[Case]:
    (tmp_path / "arrivals").mkdir()
    with hospital(tmp_path) as place:
        yield Case(place, browser, tmp_path / "arrivals")


def test_the_next_case_opens_from_what_came_while_the_one_before_was_read(case: Case) -> None:
    first, second = case.waiting(), case.waiting()
    page = case.reader.page
    page.goto(f"{case.place.url}/worklist")
    expect(page.get_by_role("row", name="山田 太郎")).to_have_count(2)
    page.keyboard.press("Space")
    page.wait_for_url(f"**/reading/{first}")
    until(lambda: (panes := case.reader.probe("panes()")) and panes[0]["sop"])
    until(lambda: case.reader.probe("ahead()"))
    assert ask(page, "GET", f"/api/v1/readings/{second}")["state"] == "waiting"

    page.route("**/dicomweb/**", lambda route: route.abort())
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="読影リスト")).to_be_visible()
    page.keyboard.press("Space")
    page.wait_for_url(f"**/reading/{second}")

    until(lambda: (panes := case.reader.probe("panes()")) and panes[0]["sop"])
    expect(page.get_by_text("ID P2")).to_be_visible()
    assert case.reader.probe("fidelity()")[0]["failed"] == 0
    assert case.reader.probe("ahead()") == 0


def test_what_came_for_another_case_is_dropped_when_a_case_is_opened(case: Case) -> None:
    first, second, third = (case.waiting() for _ in range(3))
    page = case.reader.page
    ask(page, "POST", f"/api/v1/readings/{first}/claim")
    page.goto(f"{case.place.url}/reading/{first}")
    until(lambda: case.reader.probe("ahead()"))

    ask(page, "POST", f"/api/v1/readings/{third}/claim")
    page.evaluate(f"history.pushState({{}}, '', '/reading/{third}')")
    expect(page.get_by_text("ID P3")).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/frames/" in request.url else None)
    until(lambda: (panes := case.reader.probe("panes()")) and panes[0]["sop"])
    until(lambda: case.reader.probe("ahead()"))

    assert ask(page, "GET", f"/api/v1/readings/{second}")["state"] == "waiting"
    assert len(asked) >= 1


def test_the_case_chosen_in_the_list_opens_from_what_came_while_the_list_was_looked_at(case: Case) -> None:
    first, second = case.waiting(), case.waiting()
    page = case.reader.page
    page.goto(f"{case.place.url}/worklist")
    expect(page.get_by_role("row", name="山田 太郎")).to_have_count(2)
    with page.expect_response(f"**/readings/{second}/prepare"):
        page.keyboard.press("j")
    expect(page.locator(f"tr[data-reading='{second}'] .images")).to_have_attribute("data-here", "1")
    assert ask(page, "GET", f"/api/v1/readings/{second}")["state"] == "waiting"
    page.route("**/dicomweb/**", lambda route: route.abort())

    page.keyboard.press("Enter")
    page.wait_for_url(f"**/reading/{second}")

    until(lambda: (panes := case.reader.probe("panes()")) and panes[0]["sop"])
    expect(page.get_by_text("ID P2")).to_be_visible()
    assert ask(page, "GET", f"/api/v1/readings/{second}")["state"] == "claimed"
    assert ask(page, "GET", f"/api/v1/readings/{first}")["state"] == "waiting"
