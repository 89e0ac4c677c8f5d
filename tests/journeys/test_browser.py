"""The whole journey in real Chromium with real images: invitation to confirmed report."""

import hashlib
import io
import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from playwright.sync_api import Browser, expect
from pydicom.data import get_testdata_file
from pydicom.uid import generate_uid
from pypdf import PdfReader

from tests.browser import Visitor
from tests.server import Installation, until

KANJI = "山田^太郎"
FLOOR_SLICES = 5
HTJ2K_RPCL = "1.2.840.10008.1.2.4.202"
REAL = "studies/ct-chest-lungdx-a0001/s2-5mm-implicit-le"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("journey")
    made = Installation(folder / "d")
    made.start()
    made.run("admin", "facility", "shirahama", "白浜総合病院")
    made.run("admin", "ae", "CT1", "--facility", "shirahama")
    yield made
    assert made.stop() == 0


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory, real_dicom_or_none: Path | None) -> dict[str, Path]:
    """A real chest CT and a prior of the same patient, made from it at test time."""
    folder = tmp_path_factory.mktemp("images")
    if real_dicom_or_none is not None:
        sources = sorted((real_dicom_or_none / REAL).glob("*.dcm"))
    else:
        sources = [Path(str(get_testdata_file("CT_small.dcm")))] * FLOOR_SLICES
    current, prior = folder / "current", folder / "prior"
    current.mkdir()
    prior.mkdir()
    study, series, frame = generate_uid(), generate_uid(), generate_uid()
    for number, source in enumerate(sources, start=1):
        ds = pydicom.dcmread(source)
        if real_dicom_or_none is None:  # one real slice, stacked under UIDs and places of its own
            ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = generate_uid()
            ds.InstanceNumber, ds.ImagePositionPatient = number, [-158.1, -179.0, -75.7 + 5.0 * number]
        ds.SpecificCharacterSet = "ISO_IR 192"
        ds.PatientName = f"Yamada^Tarou={KANJI}=やまだ^たろう"
        ds.PatientID, ds.PatientBirthDate, ds.PatientSex = "0012345", "19680312", "M"
        ds.StudyDescription = "胸部単純CT"
        ds.save_as(current / f"{number:04}.dcm")
        before = datetime.strptime(ds.StudyDate, "%Y%m%d") - timedelta(days=183)  # noqa: DTZ007
        ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.FrameOfReferenceUID = study, series, frame
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        ds.StudyDate = ds.SeriesDate = ds.AcquisitionDate = ds.ContentDate = before.strftime("%Y%m%d")
        ds.AccessionNumber = "PRIOR"
        ds.PixelData = np.roll(ds.pixel_array, 3, axis=1).tobytes()
        ds.save_as(prior / f"{number:04}.dcm")
    return {"current": current, "prior": prior}


def expected_digest(ds: pydicom.Dataset, told: dict[str, Any]) -> str:
    """SHA-256 of the pixels as the browser holds them: rescaled to HU if it says so, in its number type."""
    kinds = {"Int16Array": "<i2", "Uint16Array": "<u2", "Float32Array": "<f4", "Uint8Array": "u1"}
    pixels = ds.pixel_array.astype(np.float64)
    if told["isRescaled"]:
        pixels = pixels * float(ds.RescaleSlope) + float(ds.RescaleIntercept)
    return hashlib.sha256(pixels.astype(kinds[told["type"]]).tobytes()).hexdigest()


def deliver(place: Installation, folder: Path) -> None:
    """By DCMTK's storescu where there is one, else by our own sender."""
    storescu = shutil.which("storescu", path="/usr/bin:/usr/local/bin")
    address = place.dicom.rpartition("@")[2]
    if storescu is None:
        place.run("send", str(folder), "--to", place.dicom, "--from", "CT1")
        return
    host, _, port = address.partition(":")
    subprocess.run(
        [storescu, "-aet", "CT1", "-aec", "DOKUEI", "+sd", "+r", host, port, str(folder)],
        check=True,
        capture_output=True,
        env={"TCP_NODELAY": "1", "PATH": "/usr/bin:/bin"},
    )


def is_packed(place: Installation, folder: Path) -> bool:
    """Whether every frame of a delivered study lies in a pack."""
    uid = pydicom.dcmread(next(folder.iterdir()), stop_before_pixels=True).StudyInstanceUID
    token = place.token("shirahama", "dicom:read", "study:read").split()[-1]
    with place.client(token) as client:
        answer = client.get(f"/dicomweb/shirahama/studies/{uid}/manifest")
    series = answer.json()["series"] if answer.status_code == 200 else []
    return bool(series) and all(one["packed"] and all(one["packed"]["frames"]) for one in series)


def invited(place: Installation, browser: Browser, email: str, name: str, role: str) -> Visitor:
    link = place.run("admin", "person", email, name, "--role", role, "--facility", "shirahama")
    visitor = Visitor(browser, place)
    visitor.join(link)
    return visitor


def test_the_whole_journey(place: Installation, browser: Browser, images: dict[str, Path]) -> None:
    count = len(list(images["current"].iterdir()))
    deliver(place, images["prior"])
    deliver(place, images["current"])
    until(lambda: is_packed(place, images["prior"]) and is_packed(place, images["current"]))
    requester = invited(place, browser, "ito@test.test", "伊藤 恵", "requester")
    reader = invited(place, browser, "tanaka@test.test", "田中 美咲", "reader")
    expect(reader.page.get_by_text("読影リスト").first).to_be_visible()

    # the facility asks
    page = requester.page
    page.get_by_role("link", name="依頼する").click()
    expect(page.get_by_text("山田 太郎").first).to_be_visible()
    requester.look()
    row = page.get_by_role("row").filter(has_text="胸部単純CT").first
    until(lambda: row.filter(has_text="受信済").count() == 1)
    row.click()
    page.get_by_role("button", name="依頼を書く").first.click()
    page.get_by_label("検査目的・知りたいこと").fill("右肺結節の経過観察をお願いします。")
    page.get_by_label("今つながる電話番号").fill("内線 2210")
    page.get_by_label("検査名").fill("胸部単純CT")
    page.get_by_text("至急", exact=True).first.click()
    requester.look()
    page.get_by_role("button", name="送る").first.click()
    confirm = page.get_by_role("dialog").get_by_role("button", name="送る")
    if confirm.count():
        confirm.click()
    expect(page.get_by_text("受付済").first).to_be_visible()

    # it appears on the reader's screen by itself, with its deadline
    desk = reader.page
    line = desk.get_by_role("row").filter(has_text="山田 太郎")
    expect(line).to_be_visible(timeout=20_000)
    expect(line).to_contain_text("至急")
    reader.look()
    desk.keyboard.press("Space")

    # the images, current beside prior
    expect(
        desk.get_by_role("region", name="患者").first.or_(desk.locator(".patient-banner").first)
    ).to_contain_text("山田 太郎")
    until(lambda: (panes := reader.probe("panes()")) and panes[0]["sop"] and panes[0]["count"] == count)
    panes = reader.probe("panes()")
    assert len(panes) >= 2
    until(lambda: reader.probe("panes()")[1]["sop"])
    shown = reader.probe("panes()")[0]
    kept = next(
        ds
        for path in images["current"].iterdir()
        if (ds := pydicom.dcmread(path)).SOPInstanceUID == shown["sop"]
    )
    digest = until(lambda: reader.probe("pixels(0)"))
    assert digest["sha256"] == expected_digest(kept, digest)
    assert digest["syntax"] == HTJ2K_RPCL  # packed, and still every pixel the device sent
    desk.locator("canvas.cornerstone-canvas").first.hover()
    desk.mouse.wheel(0, 300)
    until(lambda: reader.probe("panes()")[0]["sop"] != shown["sop"])

    # the report
    desk.get_by_label("所見").fill("右肺上葉に12mm大の結節を認めます。前回と比較して増大しています。")
    desk.get_by_label("診断").fill("右肺上葉結節、増大。肺癌を疑います。")
    expect(desk.get_by_text("保存済").first).to_be_visible()
    reader.look()
    desk.get_by_role("button", name="署名する").first.click()
    dialog = desk.get_by_role("dialog")
    expect(dialog).to_contain_text("山田 太郎")
    dialog.get_by_role("button", name="この患者・この検査・この文章で署名する").click()
    expect(desk.get_by_text("署名しました").first).to_be_visible()

    # back at the facility: the report, its document, the confirmation
    page.get_by_role("link", name="届いた報告").click()
    back = page.get_by_role("listitem").get_by_role("link").filter(has_text="山田 太郎")
    expect(back).to_be_visible(timeout=20_000)
    expect(back).to_contain_text("右肺上葉結節、増大")
    back.click()
    expect(page.get_by_text("肺癌を疑います").first).to_be_visible()
    report = page.url.rstrip("/").rpartition("/")[2]
    document = until(
        lambda: (
            answer.body()
            if (answer := page.request.get(f"{place.url}/api/v1/reports/{report}/versions/1/pdf")).ok
            else None
        )
    )
    text = "".join(PdfReader(io.BytesIO(document)).pages[0].extract_text().split())
    assert "山田太郎" in text
    assert text.index("肺癌を疑います") < text.index("12mm大の結節")
    page.get_by_role("button", name="確認する").first.click()
    expect(page.get_by_text("確認済").first).to_be_visible()
    requester.look()

    assert requester.storage_is_clean("山田", "0012345", "Yamada")
    assert reader.storage_is_clean("山田", "0012345", "Yamada")
    assert requester.faults + reader.faults == []
    assert "\n".join(requester.barriers + reader.barriers) == ""


def test_a_second_window_needs_both_factors(place: Installation, browser: Browser) -> None:
    link = place.run(
        "admin", "person", "again@test.test", "再 訪子", "--role", "reader", "--facility", "shirahama"
    )
    first = Visitor(browser, place)
    first.join(link)
    second = Visitor(browser, place)
    second.secret, second.used = first.secret, first.used

    second.sign_in("again@test.test")

    expect(second.page.get_by_text("読影リスト").first).to_be_visible()
    assert second.faults == []
