"""Priors of a case, from a real second PACS to the reader's screen: Orthanc is the facility's archive."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pydicom
import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from pydicom.uid import generate_uid

from tests.browser import Visitor, ask
from tests.builders import content, ct_instance
from tests.journeys.cases import hospital, joined
from tests.orthanc import Orthanc, orthanc
from tests.server import Installation, until

pytestmark = pytest.mark.filterwarnings("ignore")
PATIENT = "A002304"
CHEST = {"exam": {"modality": "CT", "body_part": "胸部", "description": "胸部造影CT"}}


def changed(path: Path, **values: Any) -> bytes:
    ds = pydicom.dcmread(path)
    for name, value in values.items():
        setattr(ds, name, value)
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    out = io.BytesIO()
    ds.save_as(out)
    return out.getvalue()


class Hospital:
    """One facility with a scanner and an archive, a technologist and a reader."""

    def __init__(self, place: Installation, pacs: Orthanc, browser: Browser, folder: Path) -> None:
        self.place, self.pacs, self.folder = place, pacs, folder
        self.office = joined(place, browser, "ito@test.test", "伊藤 恵", "requester")
        self.reader = joined(place, browser, "tanaka@test.test", "田中 美咲", "reader")

    def asks(self, *files: Path, patient: str, **change: Any) -> int:
        """A study is sent and asked about; the reading's id."""
        folder = self.folder / str(generate_uid())
        folder.mkdir()
        for number, path in enumerate(files):
            (folder / f"{number}.dcm").write_bytes(path.read_bytes())
        self.place.run("send", str(folder), "--to", self.place.dicom, "--from", "CT1")
        page = self.office.page

        def settled() -> int | None:
            items = ask(page, "GET", "/api/v1/studies?without_request=true")["items"]
            mine = [one for one in items if one["patient"]["patient_id"] == patient]
            return next((int(one["id"]) for one in mine if one["receipt"] in {"settled", "complete"}), None)

        body = {**content(**{**CHEST, **change}).model_dump(mode="json"), "study_ids": [until(settled)]}
        request = int(ask(page, "POST", "/api/v1/requests", body)["id"])
        ask(page, "POST", f"/api/v1/requests/{request}/send")
        return until(lambda: self._opened(request))

    def _opened(self, request: int) -> int | None:
        rows = ask(self.reader.page, "GET", "/api/v1/readings?box=open")["items"]
        return next((int(row["id"]) for row in rows if row["request_id"] == request), None)

    def row(self, reading: int) -> dict[str, Any]:
        rows = ask(self.reader.page, "GET", "/api/v1/readings?box=open")["items"]
        return dict(next(row for row in rows if row["id"] == reading))

    def opens(self, reading: int) -> tuple[Page, Locator]:
        page = self.reader.page
        ask(page, "POST", f"/api/v1/readings/{reading}/claim")
        page.goto(f"{self.place.url}/reading/{reading}")
        expect(page.get_by_label("所見")).to_be_editable()
        return page, page.get_by_role("region", name="過去検査")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Hospital]:
    folder = tmp_path_factory.mktemp("priors")
    with hospital(folder) as place, orthanc(folder / "pacs", dokuei=place.dicom) as pacs:
        place.run(
            "admin", "ae", "PACS", "--facility", "shirahama",
            "--host", "127.0.0.1", "--port", str(pacs.port), "--archive",
        )  # fmt: skip
        yield Hospital(place, pacs, browser, folder)


def clean(visitor: Visitor) -> None:
    visitor.look()
    assert visitor.faults == []
    assert visitor.barriers == []


def test_a_real_prior_comes_from_the_pacs_with_its_report_before_the_case_is_read(
    house: Hospital, real_dicom: Path
) -> None:
    studies = real_dicom / "studies" / f"priors-ct-chest-covid-{PATIENT}"
    old, new = sorted((studies / "19001231").iterdir()), sorted((studies / "19010112").iterdir())
    first = pydicom.dcmread(old[0], stop_before_pixels=True)
    whose = {name: first.get(name) for name in ("PatientID", "PatientName", "PatientSex", "PatientBirthDate")}
    report = changed(
        real_dicom / "objects" / "pdf" / "orthanc-sample-pdf.dcm",
        **whose,
        StudyInstanceUID=first.StudyInstanceUID,
        StudyDate=first.StudyDate,
        StudyDescription=first.StudyDescription,
        SpecificCharacterSet="ISO_IR 192",
        SOPInstanceUID=generate_uid(),
        DocumentTitle="前回報告書",
    )
    head = {"StudyInstanceUID": generate_uid(), "SeriesInstanceUID": generate_uid()}
    spare = changed(
        old[0], **head, StudyDate="19000101", StudyDescription="CT HEAD", SOPInstanceUID=generate_uid()
    )
    house.pacs.holds([*old, report, spare])

    reading = house.asks(*new, patient=PATIENT)
    row = until(lambda: row if (row := house.row(reading))["state"] == "waiting" else None)

    assert (row["priors"]["state"], row["priors"]["arrived"], row["priors"]["wanted"]) == ("received", 1, 1)
    page, priors = house.opens(reading)
    expect(priors.get_by_text("1 件到着", exact=True)).to_be_visible()
    line = priors.locator(f"[data-prior='{first.StudyInstanceUID}']")
    expect(line).to_contain_text("1900/12/31")
    expect(line).to_contain_text("近い部位・同じ検査")
    expect(line).to_contain_text("4枚")
    page.screenshot(path=house.folder / "room.png")
    line.get_by_role("button", name="PDF文書").click()
    expect(page.get_by_test_id("document")).to_contain_text("過去")
    expect(page.get_by_role("img", name="1 ページ")).to_be_visible()

    other = priors.locator("[data-state=spare]")
    expect(other).to_contain_text("他の部位・検査")
    other.get_by_role("button", name="取り寄せる").click()
    expect(priors.get_by_text("2 件到着", exact=True)).to_be_visible()
    expect(priors.get_by_role("button", name="届いた画像を開く")).to_be_visible()
    page.screenshot(path=house.folder / "fetched.png")
    priors.get_by_role("button", name="届いた画像を開く").click()
    expect(priors.get_by_role("button", name="届いた画像を開く")).to_have_count(0)
    clean(house.reader)


def test_what_was_fetched_is_no_new_work_for_the_facility(house: Hospital) -> None:
    page = house.office.page
    fresh = ask(page, "GET", "/api/v1/studies?without_request=true")["items"]
    every = ask(page, "GET", "/api/v1/studies")["items"]

    assert fresh == []
    assert sum(one["is_fetched"] for one in every) == 2
    page.goto(f"{house.place.url}/coaching")
    expect(page.get_by_test_id("prior-counts")).to_contain_text("到着 1件")
    page.screenshot(path=house.folder / "coaching.png")
    clean(house.office)


def test_a_dead_pacs_is_said_and_an_emergency_is_read_without_it(house: Hospital) -> None:
    house.pacs.stop()
    paths = []
    for patient in ("D1", "D2"):
        path = house.folder / f"{patient}.dcm"
        path.write_bytes(ct_instance(patient_id=patient))
        paths.append(path)

    usual = house.asks(paths[0], patient="D1")
    urgent = house.asks(paths[1], patient="D2", urgency="emergency", urgency_reason="意識障害")
    until(lambda: house.row(urgent)["state"] == "waiting")

    assert house.row(usual)["state"] == "pending"
    page = house.reader.page
    page.goto(f"{house.place.url}/worklist")
    waits = page.locator(f"[data-reading='{usual}']")
    expect(waits).to_contain_text("過去検査を照会中（システム）")
    page.screenshot(path=house.folder / "worklist.png")
    _, priors = house.opens(urgent)
    expect(priors).to_contain_text("過去検査の有無は、まだ確認されていません。")
    expect(priors).to_contain_text("施設PACSに届きません（PACS）")
    page.screenshot(path=house.folder / "dead.png")
    priors.get_by_role("button", name="施設に尋ねる").click()
    expect(page.get_by_role("dialog")).to_contain_text("比較検査の所在")
    page.keyboard.press("Escape")
    clean(house.reader)
