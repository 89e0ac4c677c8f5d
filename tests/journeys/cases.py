"""One case in a running installation, and the people who work on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.browser import Visitor, ask
from tests.builders import content, ct_instance
from tests.server import Installation, until


@contextmanager
def hospital(folder: Path) -> Iterator[Installation]:
    """An installation with one facility and its scanner."""
    place = Installation(folder / "d")
    place.start()
    place.run("admin", "facility", "shirahama", "白浜総合病院")
    place.run("admin", "ae", "CT1", "--facility", "shirahama")
    yield place
    assert place.stop() == 0


class Case:
    """A requester, a reader and a case the reader has claimed."""

    def __init__(self, place: Installation, browser: Browser, folder: Path) -> None:
        self.place = place
        self.folder = folder
        self.requester = joined(place, browser, "ito@test.test", "伊藤 恵", "requester")
        self.reader = joined(place, browser, "tanaka@test.test", "田中 美咲", "reader")
        expect(self.reader.page.get_by_role("heading", name="読影リスト")).to_be_visible()
        self.numbers = 0

    def arrival(self) -> int:
        """A fresh study of a fresh patient, settled."""
        self.numbers += 1
        patient = f"P{self.numbers}"
        folder = self.folder / patient
        folder.mkdir()
        (folder / "1.dcm").write_bytes(ct_instance(patient_id=patient))
        self.place.run("send", str(folder), "--to", self.place.dicom, "--from", "CT1")

        def settled() -> int | None:
            items = ask(self.requester.page, "GET", "/api/v1/studies?without_request=true")["items"]
            return next(
                (
                    int(one["id"])
                    for one in items
                    if one["patient"]["patient_id"] == patient and one["receipt"] == "settled"
                ),
                None,
            )

        return until(settled)

    def draft(self, **change: Any) -> int:
        body = {**content(**change).model_dump(mode="json"), "study_ids": [self.arrival()]}
        return int(ask(self.requester.page, "POST", "/api/v1/requests", body)["id"])

    def waiting(self) -> int:
        """A reading that nobody holds yet."""
        request = self.draft()
        ask(self.requester.page, "POST", f"/api/v1/requests/{request}/send")

        def opened() -> int | None:
            rows = ask(self.reader.page, "GET", "/api/v1/readings?box=open")["items"]
            of_request = [row for row in rows if row["request_id"] == request and row["state"] == "waiting"]
            return int(of_request[0]["id"]) if of_request else None

        return until(opened)

    def open_room(self) -> Page:
        """The reading room with a new case of one's own."""
        page = self.reader.page
        reading = self.waiting()
        ask(page, "POST", f"/api/v1/readings/{reading}/claim")
        page.goto(f"{self.place.url}/reading/{reading}")
        expect(page.get_by_label("所見")).to_be_editable()
        return page


def joined(place: Installation, browser: Browser, email: str, name: str, role: str) -> Visitor:
    visitor = Visitor(browser, place)
    visitor.join(invitation(place, email, name, role))
    expect(visitor.page.get_by_role("button", name=f"メニュー: {name}")).to_be_visible()
    return visitor


def invitation(place: Installation, email: str, name: str, role: str) -> str:
    where = [] if role == "administrator" else ["--facility", "shirahama"]
    return place.run("admin", "person", email, name, "--role", role, *where)


def leave(page: Page, name: str) -> None:
    page.get_by_role("button", name=f"メニュー: {name}").click()
    page.get_by_role("menuitem", name="サインアウトする").click()
    expect(page.get_by_role("heading", name="サインイン")).to_be_visible()
