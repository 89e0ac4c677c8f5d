"""Support cures what hangs loose, a night makes its certificate, and the facility takes it: in a browser."""

from collections.abc import Iterator
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
from playwright.sync_api import Browser, expect

from dokuei.kit.config import load_config
from tests.browser import Visitor, ask
from tests.builders import ct_instance
from tests.journeys.cases import Case, hospital, invitation
from tests.server import Installation, until

QUIET: LiteralString = """
update imaging_study set last_received_at = now() - interval '1 day', study_on = current_date where id = %s
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with hospital(tmp_path_factory.mktemp("reconciliation")) as made:
        yield made


@pytest.fixture(scope="module")
def case(place: Installation, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Case:
    return Case(place, browser, tmp_path_factory.mktemp("arrivals"))


@pytest.fixture(scope="module")
def support(place: Installation, browser: Browser) -> Visitor:
    visitor = Visitor(browser, place)
    visitor.join(invitation(place, "sasaki@test.test", "佐々木 修", "support"))
    return visitor


def as_owner(place: Installation, statement: LiteralString, *values: int) -> None:
    """Change what only time would change, as the database's owner."""
    url = load_config({"DOKUEI_DATA": str(place.folder)}).database("owner")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("select set_config('app.system', 'test', false)")
        connection.execute(statement, values)


def test_what_hangs_loose_is_cured_and_explained_and_the_night_is_certified(
    case: Case, support: Visitor, tmp_path: Path
) -> None:
    place, page = case.place, support.page
    study = case.arrival()
    uid = ask(case.requester.page, "GET", f"/api/v1/studies/{study}")["study_instance_uid"]
    (tmp_path / "other.dcm").write_bytes(ct_instance(patient_id="P999", study_uid=uid, number=9))
    place.run("send", str(tmp_path), "--to", place.dicom, "--from", "CT1")
    case.arrival()  # quiet for too short a time to be listed
    older = case.arrival()
    as_owner(place, QUIET, older)

    page.get_by_role("link", name="突合").click()
    page.get_by_role("combobox", name="施設").click()
    page.get_by_role("option", name="白浜総合病院").click()
    held = page.locator(".loose-kind", has_text="矛盾のため保留中")
    unasked = page.locator(".loose-kind", has_text="依頼のない検査")
    expect(held).to_contain_text("異なる患者ID")
    expect(unasked).to_contain_text("P3")
    expect(unasked).not_to_contain_text("P2")
    assert support.accessibility() == []

    held.get_by_role("button", name="保留を解除").click()
    page.get_by_label("確認した内容").fill("施設に確認。P999 は登録の誤り")
    page.get_by_role("dialog").get_by_role("button", name="保留を解除").click()
    expect(held).to_be_hidden()
    unasked.get_by_role("button", name="説明を記録").click()
    page.get_by_role("textbox", name="理由").fill("比較用に送付されたもの。読影は不要")
    page.get_by_role("button", name="記録する").click()
    expect(page.get_by_role("heading", name="未解消の項目はありません")).to_be_visible()
    expect(page.get_by_role("region", name="説明済みの項目")).to_contain_text("読影は不要")

    as_owner(place, "update reconciliation_night set next_at = now()")
    night = page.get_by_role("region", name="夜間の証明書")
    expect(night.get_by_role("row")).to_have_count(2, timeout=20_000)
    night.get_by_role("button", name="施設へ送付").click()
    expect(night).to_contain_text("佐々木 修")
    assert support.accessibility() == []
    assert support.faults == []

    theirs = case.requester.page
    theirs.goto(f"{place.url}/reconciliation")
    box = theirs.get_by_role("region", name="夜間の証明書")
    box.get_by_role("button", name="受領する").click()
    expect(box).to_contain_text("伊藤 恵")
    link = box.get_by_role("link", name="PDF").get_attribute("href")
    answer = theirs.request.get(f"{place.url}{link}")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF")
    expect(night).to_contain_text("伊藤 恵")  # and support sees it without doing anything
    assert case.requester.accessibility() == []
    assert case.requester.faults == []


def test_from_a_loose_study_one_comes_to_where_its_request_is_written(case: Case) -> None:
    place, page = case.place, case.requester.page
    study = case.arrival()
    patient = ask(page, "GET", f"/api/v1/studies/{study}")["patient"]["patient_id"]
    as_owner(place, QUIET, study)

    page.goto(f"{place.url}/reconciliation")
    row = page.get_by_role("row").filter(has_text=patient)
    row.get_by_role("link", name="依頼を書く").click()

    expect(page.get_by_role("heading", name="依頼する")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text=patient)).to_have_count(1)
    expect(page.get_by_role("textbox", name="絞り込み")).to_have_value(patient)
    page.get_by_role("row").filter(has_text=patient).get_by_role("button", name="依頼を書く").click()
    page.wait_for_url("**/requests/*")
    until(lambda: ask(page, "GET", "/api/v1/requests?state=draft")["items"] or None)
