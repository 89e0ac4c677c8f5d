"""Patients in real Chromium: merged, taken back, put right; a prior of another facility comes and goes."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pydicom
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import Visitor, ask
from tests.builders import content, ct_instance
from tests.journeys.cases import hospital, joined
from tests.server import Installation, until

JIRO = "Yamada^Jirou=山田^次郎=やまだ^じろう"


class Office:
    """Two hospitals of one city, and everybody who looks after their patients."""

    def __init__(self, place: Installation, browser: Browser, folder: Path) -> None:
        self.place, self.folder = place, folder
        place.run("admin", "facility", "midori", "みどり病院")
        place.run("admin", "ae", "CT2", "--facility", "midori")
        self.requester = joined(place, browser, "ito@test.test", "伊藤 恵", "requester")
        self.support = joined(place, browser, "sato@test.test", "佐藤 緑", "support")
        self.second = joined(place, browser, "kato@test.test", "加藤 葵", "support")
        self.reader = joined(place, browser, "tanaka@test.test", "田中 美咲", "reader")
        self.administrator = joined(place, browser, "mori@test.test", "森 実", "administrator")

    def send(self, patient_id: str, title: str = "CT1", name: str = "", **header: Any) -> str:
        """A scanner sends one image; the study's UID."""
        ds = pydicom.dcmread(io.BytesIO(ct_instance(patient_id=patient_id)))
        ds.PatientName = name or ds.PatientName
        for keyword, value in header.items():
            setattr(ds, keyword, value)
        folder = self.folder / f"{title}-{patient_id}"
        folder.mkdir()
        ds.save_as(folder / "1.dcm")
        self.place.run("send", str(folder), "--to", self.place.dicom, "--from", title)
        return str(ds.StudyInstanceUID)

    def patient(self, patient_id: str) -> int:
        def found() -> int | None:
            items = ask(self.support.page, "GET", f"/api/v1/patients?q={patient_id}")["items"]
            return next((int(one["id"]) for one in items if one["patient_id"] == patient_id), None)

        return until(found)

    def studies(self, patient: int) -> list[str]:
        """The UIDs of the studies that stand under a patient."""
        items = ask(self.support.page, "GET", f"/api/v1/patients/{patient}/studies")["items"]
        return [str(one["study_instance_uid"]) for one in items]

    def reading(self, patient_id: str) -> int:
        """A reading of a patient of the first hospital that waits for somebody."""

        def arrived() -> int | None:
            items = ask(self.requester.page, "GET", "/api/v1/studies?without_request=true")["items"]
            return next(
                (
                    int(one["id"])
                    for one in items
                    if one["patient"]["patient_id"] == patient_id and one["receipt"] == "settled"
                ),
                None,
            )

        body = {**content().model_dump(mode="json"), "study_ids": [until(arrived)]}
        request = int(ask(self.requester.page, "POST", "/api/v1/requests", body)["id"])
        ask(self.requester.page, "POST", f"/api/v1/requests/{request}/send")

        def waiting() -> int | None:
            rows = ask(self.reader.page, "GET", "/api/v1/readings?box=open")["items"]
            mine = [row for row in rows if row["request_id"] == request and row["state"] == "waiting"]
            return int(mine[0]["id"]) if mine else None

        return until(waiting)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with hospital(tmp_path_factory.mktemp("patients")) as made:
        yield made


@pytest.fixture(scope="module")
def office(place: Installation, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Office:
    return Office(place, browser, tmp_path_factory.mktemp("scanners"))


def keep(visitor: Visitor, name: str) -> None:
    visitor.page.screenshot(path=visitor.place.folder.with_name(f"{name}.png"), full_page=True)
    visitor.look()


def answer(page: Page, button: str, reason: str) -> None:
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("理由").fill(reason)
    dialog.get_by_role("button", name=button).click()
    expect(dialog).to_be_hidden()


def test_two_rows_of_one_person_are_merged_taken_back_and_put_right(office: Office) -> None:
    office.send("A1")
    office.send("A2", name="Yamada^Tarou=山田^太朗=やまだ^たろう")
    kept, gone = office.patient("A1"), office.patient("A2")
    page = office.support.page
    page.goto(f"{office.place.url}/patients")

    page.keyboard.press("/")
    page.get_by_role("textbox", name="患者ID・氏名").fill("ﾔﾏﾀﾞ")
    expect(page.get_by_role("list", name="患者一覧").get_by_role("listitem")).to_have_count(2)
    page.get_by_role("list", name="患者一覧").get_by_role("button").filter(has_text="A1").click()
    page.get_by_role("button", name="別の患者を統合する").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="統合される患者を検索").fill("A2")
    dialog.get_by_role("button").filter(has_text="A2").click()
    expect(dialog.get_by_role("table")).to_be_visible()
    dialog.get_by_label("確認のため「A2」").fill("A2")
    dialog.get_by_label("理由").fill("保険証で同じ人と確認しました")
    keep(office.support, "patients-merge")
    dialog.get_by_role("button", name="統合", exact=False).last.click()
    expect(dialog).to_be_hidden()

    history = page.get_by_role("region", name="統合の履歴")
    expect(history.get_by_text("統合済")).to_be_visible()
    expect(page.get_by_role("region", name="検査", exact=True).get_by_text("患者ID A2")).to_be_visible()
    keep(office.support, "patients-merged")

    history.get_by_role("button", name="取り消す").click()
    answer(page, "取り消す", "別人でした")
    expect(history.get_by_text("取り消し済")).to_be_visible()
    assert ask(page, "GET", f"/api/v1/patients/{gone}")["patient"]["merged_into"] is None

    page.get_by_role("button", name="訂正する").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("氏名（漢字）").fill("山田 太朗")
    dialog.get_by_label("理由").fill("本人に確認しました")
    keep(office.support, "patients-correct")
    dialog.get_by_role("button", name="訂正を保存").click()
    expect(dialog).to_be_hidden()
    corrections = page.get_by_role("region", name="訂正の履歴")
    expect(corrections.get_by_text("本人に確認しました")).to_be_visible()
    expect(page.get_by_text("氏名が登録内容と異なる")).to_be_visible()
    keep(office.support, "patients-corrected")
    corrections.get_by_role("button", name="取り消す").click()
    answer(page, "取り消す", "誤りでした")
    expect(page.get_by_text("氏名が登録内容と異なる")).to_have_count(0)

    assert ask(page, "GET", f"/api/v1/patients/{kept}")["held"]["name_kanji"] == "山田 太郎"
    assert (office.support.faults, office.support.barriers) == ([], [])


def test_a_study_sent_as_somebody_else_is_moved_by_two_and_back(office: Office) -> None:
    study = office.send("M1")
    office.send("M2", name=JIRO, PatientSex="M", PatientBirthDate="19750101")
    right = office.patient("M2")
    page = office.support.page
    wrong = office.patient("M1")
    page.goto(f"{office.place.url}/patients")
    page.get_by_role("textbox", name="患者ID・氏名").fill("M1")
    page.get_by_role("list", name="患者一覧").get_by_role("button").filter(has_text="M1").click()

    studies = page.get_by_role("region", name="検査", exact=True)
    studies.get_by_role("button", name="別の患者へ移す").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="移す先の患者を検索").fill("M2")
    dialog.get_by_role("button").filter(has_text="M2").click()
    expect(dialog.get_by_role("table")).to_be_visible()
    expect(dialog.get_by_text("別の担当者（サポートまたは責任者）の確認後に移ります")).to_be_visible()
    dialog.get_by_label("確認のため「M2」").fill("M2")
    dialog.get_by_label("理由").fill("撮影時に前の患者を選んでいた")
    keep(office.support, "patients-move")
    dialog.get_by_role("button", name="移動を申請する").click()
    expect(dialog).to_be_hidden()
    moves = page.get_by_role("region", name="検査の移動の履歴")
    expect(moves.get_by_text("2人目の確認待ち")).to_be_visible()
    expect(moves.get_by_role("button", name="確認して移す")).to_have_count(0)
    keep(office.support, "patients-move-waits")

    second = office.second.page
    second.goto(f"{office.place.url}/patients")
    waiting = second.get_by_role("region", name="2人目の確認を待っている検査の移動")
    waiting.get_by_role("button").filter(has_text="M2").click()
    moves = second.get_by_role("region", name="検査の移動の履歴")
    moves.get_by_role("button", name="確認して移す").click()
    dialog = second.get_by_role("dialog")
    dialog.get_by_label("確認のため「M2」").fill("M2")
    dialog.get_by_label("理由").fill("技師に電話で確認しました")
    keep(office.second, "patients-move-second")
    dialog.get_by_role("button", name="確認して移す").click()
    expect(dialog).to_be_hidden()
    expect(moves.get_by_text("移動済")).to_be_visible()
    expect(second.get_by_role("region", name="検査", exact=True).get_by_role("listitem")).to_have_count(2)
    keep(office.second, "patients-moved")
    assert study in office.studies(right)
    assert office.studies(wrong) == []

    moves.get_by_role("button", name="取り消す").click()
    answer(second, "取り消す", "元の患者で正しかった")
    expect(moves.get_by_text("取り消し済")).to_be_visible()
    expect(second.get_by_role("region", name="検査", exact=True).get_by_role("listitem")).to_have_count(1)
    assert office.studies(wrong) == [study]
    assert (office.second.faults, office.second.barriers) == ([], [])
    assert (office.support.faults, office.support.barriers) == ([], [])


def switch_on(office: Office) -> None:
    page = office.administrator.page
    page.goto(f"{office.place.url}/admin/facilities")
    for name in ("白浜総合病院", "みどり病院"):
        page.get_by_role("button", name=f"{name}: 許可する").click()
        answer(page, "許可する", "過去検査の相互参照に関する契約を結びました")
        expect(page.get_by_role("button", name=f"{name}: 許可を取り消す")).to_be_visible()
    keep(office.administrator, "patients-sharing")


def pixels(office: Office, uid: str) -> int:
    """The status of a request for the other hospital's pictures, with the reader's own session."""
    address = f"/dicomweb/midori/studies/{uid}/metadata"
    status = office.reader.page.evaluate("async (address) => (await fetch(address)).status", address)
    return int(status)


def test_a_prior_of_another_hospital_is_confirmed_read_and_revoked(office: Office) -> None:
    suzuki = "Suzuki^Ken=鈴木^健=すずき^けん"
    uid = office.send("M9", "CT2", name=suzuki, StudyDate="20260301")
    office.send("B1", name=suzuki)
    office.patient("M9")
    reading = office.reading("B1")
    reader = office.reader.page
    ask(reader, "POST", f"/api/v1/readings/{reading}/claim")
    assert pixels(office, uid) == 404
    switch_on(office)

    page = office.support.page
    page.goto(f"{office.place.url}/patients?id={office.patient('B1')}")
    panel = page.get_by_role("region", name="他施設の過去検査")
    panel.get_by_role("button", name="他施設の候補を探す").click()
    expect(panel.get_by_text("確度 高")).to_be_visible()
    panel.get_by_role("button", name="同じ人として確認する").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("氏名（本人確認書類のとおり）").fill("鈴木 健")
    dialog.get_by_label("生年月日").fill("1968-03-12")
    dialog.get_by_label("同意を得た日").fill("2026-11-20")
    dialog.get_by_label("同意を確認した人").fill("加藤 健")
    dialog.get_by_label("参照が必要な理由").fill("前医の画像と比較するため")
    keep(office.support, "patients-elsewhere-confirm")
    dialog.get_by_role("button", name="同じ人として確認する").click()
    expect(dialog).to_be_hidden()
    expect(panel.get_by_text("みどり病院 の検査を参照")).to_be_visible()
    keep(office.support, "patients-elsewhere")

    until(lambda: pixels(office, uid) == 200 or None)
    reader.goto(f"{office.place.url}/reading/{reading}")
    expect(reader.get_by_text("他施設 みどり病院")).to_be_visible()
    keep(office.reader, "patients-elsewhere-reader")

    panel.get_by_role("button", name="参照を終了する").click()
    answer(page, "参照を終了する", "同意の撤回")
    expect(panel.get_by_text("終了", exact=True)).to_be_visible()

    assert pixels(office, uid) == 404
    expect(reader.get_by_text("他施設 みどり病院")).to_have_count(0)
    assert (office.support.faults, office.support.barriers) == ([], [])
    assert (office.administrator.faults, office.administrator.barriers) == ([], [])
