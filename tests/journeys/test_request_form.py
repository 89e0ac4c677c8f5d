"""The request form in real Chromium: what is asked follows the examination, what is missing is one click away."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import Visitor, ask
from tests.journeys.cases import Case, hospital
from tests.journeys.cases import invitation as invite
from tests.server import Installation, until


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with hospital(tmp_path_factory.mktemp("form")) as made:
        yield made


@pytest.fixture(scope="module")
def case(place: Installation, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Case:
    return Case(place, browser, tmp_path_factory.mktemp("arrivals"))


def keep(visitor: Visitor, place: Installation, name: str) -> None:
    visitor.page.screenshot(path=place.folder.with_name(f"{name}.png"), full_page=True)
    visitor.look()


def test_a_request_with_contrast_is_written_and_read(case: Case) -> None:
    page, place = case.requester.page, case.place
    page.goto(f"{place.url}/requests/{case.draft(callback_phone='', requester_name='')}")
    side = page.get_by_role("complementary")
    expect(page.get_by_label("eGFR")).to_have_count(0)
    expect(page.get_by_role("group", name="MR安全確認")).to_have_count(0)

    contrast = page.get_by_role("group", name="造影")
    contrast.get_by_role("radiogroup", name="造影の実施").get_by_text("あり").click()
    page.get_by_label("造影剤", exact=True).fill("イオパミドール")
    page.get_by_label("濃度").fill("300 mgI/mL")
    page.get_by_label("投与量").fill("100")
    page.get_by_label("注入速度").fill("2.5")
    page.get_by_label("撮影相").fill("動脈相・平衡相")
    page.get_by_label("eGFR").fill("28")
    page.get_by_label("検査日").fill("2020-01-10")
    page.get_by_role("group", name="リスク").get_by_role("button", name="すべてなし").click()
    asthma = page.get_by_role("radiogroup", name="喘息")
    asthma.get_by_text("あり").click()
    page.get_by_role("radiogroup", name="アレルギー・副作用歴").get_by_text("あり").click()
    page.get_by_label("アレルギーの内容").fill("エビ")

    expect(side).to_contain_text("eGFR 28 はヨード造影の基準 30 未満です")
    expect(side).to_contain_text("日前の値です（基準 90日以内）")
    expect(side).to_contain_text("アレルギー・副作用歴があります（エビ）")
    expect(side).to_contain_text("喘息があります")
    keep(case.requester, place, "form-contrast")

    side.get_by_role("button", name="「手術歴（なしを含む）」の入力欄へ移動").click()
    expect(page.get_by_role("textbox", name="手術歴", exact=True)).to_be_focused()
    page.keyboard.type("右上葉切除")
    page.get_by_label("手術の時期").fill("2019年3月")
    side.get_by_role("button", name="「連絡先電話番号」の入力欄へ移動").click()
    page.keyboard.type("内線 1234")
    expect(page.get_by_test_id("save-state")).to_have_attribute("data-state", "saved")
    expect(side.get_by_text("手術歴（なしを含む）")).to_have_count(0)
    page.get_by_role("button", name="依頼を送る").click()
    page.get_by_role("dialog").get_by_role("button", name="依頼を送る").click()
    page.wait_for_url("**/requests")

    reader = case.reader.page

    def waiting() -> list[int]:
        rows = ask(reader, "GET", "/api/v1/readings?box=open")["items"]
        return [row["id"] for row in rows if row["state"] == "waiting"]

    (reading,) = until(waiting)
    ask(reader, "POST", f"/api/v1/readings/{reading}/claim")
    reader.goto(f"{place.url}/reading/{reading}")
    told = reader.get_by_role("region", name="依頼", exact=True)
    for said in (
        "eGFR 28 はヨード造影の基準 30 未満です",
        "300 mgI/mL・100 mL・2.5 mL/s・動脈相・平衡相",
        "eGFR 28 mL/min/1.73m²（2020-01-10）",
        "アレルギー・副作用歴: あり（エビ）・喘息: あり",
        "右上葉切除（2019年3月）",
    ):
        expect(told).to_contain_text(said)
    keep(case.reader, place, "room-request")
    assert case.reader.faults + case.requester.faults == []
    assert "\n".join(case.reader.barriers + case.requester.barriers) == ""


def test_mr_safety_is_asked_of_mr_and_answered_with_one_click(case: Case) -> None:
    page = case.requester.page
    page.goto(f"{case.place.url}/requests/{case.draft()}")
    page.get_by_role("combobox", name="検査種別").click()
    page.get_by_role("option", name="MR", exact=True).click()
    side = page.get_by_role("complementary")
    expect(side.get_by_role("button", name="「MR安全確認」の入力欄へ移動")).to_be_visible()

    safety = page.get_by_role("group", name="MR安全確認")
    safety.get_by_role("button", name="すべてなし").click()
    expect(side.get_by_role("button", name="「MR安全確認」の入力欄へ移動")).to_have_count(0)
    safety.get_by_role("radiogroup", name="ペースメーカー・植込み型除細動器").get_by_text("あり").click()
    page.get_by_label("機種・条件など").fill("条件付きMR対応")

    expect(side).to_contain_text("ペースメーカー・植込み型除細動器があります（条件付きMR対応）")
    keep(case.requester, case.place, "form-mr")
    assert case.requester.faults == []
    assert "\n".join(case.requester.barriers) == ""


def test_what_the_last_request_said_is_copied_by_hand_into_what_is_empty(case: Case) -> None:
    page = case.requester.page
    case.numbers = 40
    first = case.draft(
        surgery="右上葉切除", surgery_when="2019年3月", risk={"allergy": "yes", "allergy_note": "エビ"}
    )
    ask(page, "POST", f"/api/v1/requests/{first}/send")
    case.numbers = 40
    for file in (case.folder / "P41").iterdir():
        file.unlink()
    (case.folder / "P41").rmdir()
    second = case.draft(history="高血圧", requester_name="", callback_phone="")
    page.goto(f"{case.place.url}/requests/{second}")

    expect(page.get_by_text("手術歴: 右上葉切除 2019年3月")).to_be_visible()
    expect(page.get_by_role("textbox", name="手術歴", exact=True)).to_have_value("")
    page.get_by_role("button", name="空いている項目に写す").click()
    expect(page.get_by_role("textbox", name="手術歴", exact=True)).to_have_value("右上葉切除")
    expect(page.get_by_label("既往歴・服薬")).to_have_value("高血圧")
    page.get_by_role("button", name="前回と同じ依頼元を使う").click()
    expect(page.get_by_label("今つながる電話番号")).to_have_value("内線 1234")
    keep(case.requester, case.place, "form-earlier")
    assert "\n".join(case.requester.barriers) == ""


def test_a_template_is_made_of_one_request_and_fills_what_the_next_lacks(case: Case) -> None:
    page, url = case.requester.page, case.place.url
    saved = page.get_by_test_id("save-state")
    page.goto(f"{url}/requests/{case.draft(question='肺結節の経過', callback_phone='内線 77')}")
    page.get_by_role("button", name="定型を使う").click()
    expect(page.get_by_text("この検査種別の定型はまだありません")).to_be_visible()
    page.get_by_role("menuitem", name="定型の作成・編集…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("検査目的")).to_have_value("肺結節の経過")
    expect(dialog.get_by_text("患者ごとに違う内容")).to_be_visible()
    dialog.get_by_label("定型の名前").fill("胸部CT 経過観察")
    dialog.get_by_label("撮影相").fill("単純・平衡相")
    keep(case.requester, case.place, "form-template-dialog")
    dialog.get_by_role("button", name="定型を作成").click()
    expect(page.get_by_text("定型「胸部CT 経過観察」を保存しました。")).to_be_visible()

    page.goto(
        f"{url}/requests/{case.draft(question='', requester_name='', requester_department='', callback_phone='')}"
    )
    page.get_by_role("button", name="定型を使う").click()
    keep(case.requester, case.place, "form-template-menu")
    page.get_by_role("menuitem", name="胸部CT 経過観察").click()
    expect(page.get_by_role("textbox", name="検査目的")).to_have_value("肺結節の経過")
    expect(page.get_by_label("今つながる電話番号")).to_have_value("内線 77")
    expect(page.get_by_text("「胸部CT 経過観察」から入力しました: 検査目的・撮影相")).to_be_visible()
    expect(saved).to_have_attribute("data-state", "saved")
    page.get_by_role("textbox", name="検査目的").fill("肺炎の有無")
    page.get_by_role("button", name="定型を使う").click()
    page.get_by_role("menuitem", name="胸部CT 経過観察").click()
    expect(page.get_by_text("「胸部CT 経過観察」で埋まる空欄はありません")).to_be_visible()
    expect(page.get_by_role("textbox", name="検査目的")).to_have_value("肺炎の有無")
    expect(saved).to_have_attribute("data-state", "saved")

    page.get_by_role("button", name="定型を使う").click()
    page.get_by_role("menuitem", name="定型の作成・編集…").click()
    dialog.get_by_label("対象").click()
    page.get_by_role("option", name="胸部CT 経過観察").click()
    expect(dialog.get_by_text("最終変更: 伊藤 恵")).to_be_visible()
    dialog.get_by_role("button", name="定型を削除").click()
    page.get_by_role("dialog", name="「胸部CT 経過観察」を削除しますか").get_by_role(
        "button", name="定型を削除"
    ).click()
    expect(page.get_by_text("定型「胸部CT 経過観察」を削除しました。")).to_be_visible()
    page.get_by_role("button", name="定型を使う").click()
    expect(page.get_by_text("この検査種別の定型はまだありません")).to_be_visible()
    assert case.requester.faults == []
    assert "\n".join(case.requester.barriers) == ""


def test_a_sent_request_is_changed_and_its_reader_sees_what(case: Case) -> None:
    room = case.open_room()
    reading = room.url.rpartition("/")[2]
    request = ask(room, "GET", f"/api/v1/readings/{reading}")["request"]["id"]
    page = case.requester.page
    page.goto(f"{case.place.url}/requests/{request}")
    page.get_by_role("button", name="内容を変更する").click()
    send = page.get_by_role("button", name="変更を送る")
    expect(send).to_be_disabled()
    page.get_by_label("検査目的・知りたいこと").fill("肺塞栓の有無")
    keep(case.requester, case.place, "request-changing")
    send.click()

    changed = page.get_by_test_id("request-changes")
    expect(changed).to_contain_text("肺塞栓の有無")
    expect(page.get_by_role("button", name="内容を変更する")).to_be_visible()
    keep(case.requester, case.place, "request-changed")
    expect(room.get_by_test_id("request-changes")).to_contain_text("検査目的")
    case.reader.page.screenshot(path=case.place.folder.with_name("request-changed-reader.png"))

    page.get_by_role("button", name="内容を変更する").click()
    page.get_by_label("検査目的・知りたいこと").fill("やはりやめる")
    page.get_by_role("link", name="依頼一覧").click()
    page.get_by_role("dialog").get_by_role("button", name="送らずに終える").click()
    page.wait_for_url("**/requests")
    assert ask(page, "GET", f"/api/v1/requests/{request}")["version"] == 2
    assert case.requester.faults == []
    assert "\n".join(case.requester.barriers) == ""


def test_the_office_tries_a_change_and_decides_it(case: Case, browser: Browser) -> None:
    place = case.place
    lead = Visitor(browser, place)
    lead.join(invite(place, "kacho@test.test", "課長 環", "administrator"))
    page = lead.page
    page.goto(f"{place.url}/admin/request-rules")
    expect(page.get_by_text("初期値を使っています。")).to_be_visible()
    expect(page.get_by_role("button", name="過去の依頼で試す")).to_be_disabled()

    page.get_by_label("手術歴（なしを含む） 配点").fill("60")
    page.get_by_label("ヨード造影に注意する eGFR（未満）").fill("45")
    page.get_by_role("button", name="過去の依頼で試す").click()
    tried = page.get_by_test_id("rules-preview")
    expect(tried).to_contain_text("結果が変わる依頼")
    expect(tried).not_to_contain_text("山田")
    lead.page.screenshot(path=place.folder.with_name("rules-tried.png"), full_page=True)

    page.get_by_label("理由").fill("造影剤委員会の決定")
    page.get_by_role("button", name="この基準を適用する").click()
    page.get_by_role("dialog").get_by_role("button", name="この基準を適用する").click()

    history = page.get_by_role("region", name="これまでの決定")
    expect(history).to_contain_text("第1版")
    expect(history).to_contain_text("適用中")
    expect(history).to_contain_text("造影剤委員会の決定")
    expect(page.get_by_label("ヨード造影に注意する eGFR（未満）")).to_have_value("45")
    keep(lead, place, "rules-decided")
    assert lead.faults == []
    assert "\n".join(lead.barriers) == ""
    draft = ask(case.requester.page, "GET", f"/api/v1/requests/{case.draft()}")
    assert draft["completeness"]["rule"].startswith("facility-")


def test_a_facility_sees_what_its_requests_usually_lack(case: Case) -> None:
    page = case.requester.page
    case.numbers += 50
    ask(page, "POST", f"/api/v1/requests/{case.draft()}/send")
    page.goto(f"{case.place.url}/requests")
    page.get_by_role("link", name="不足しがちな項目").click()

    row = page.get_by_role("row", name="主訴・症状 の不足")
    expect(row.get_by_role("cell").nth(5)).to_contain_text("%")
    expect(page.get_by_role("row", name="送信した依頼").get_by_role("cell").nth(5)).not_to_have_text("0")
    keep(case.requester, case.place, "coaching")
    assert "\n".join(case.requester.barriers) == ""


def test_the_office_registers_what_may_speak_for_a_facility_and_decides_about_priors(
    case: Case, browser: Browser
) -> None:
    place = case.place
    office = Visitor(browser, place)
    office.join(invite(place, "setsuzoku@test.test", "接続 係", "administrator"))
    page = office.page
    page.goto(f"{place.url}/admin/facilities")
    page.get_by_role("button", name="白浜総合病院: 接続を設定する").click()
    dialog = page.get_by_role("dialog")
    devices = dialog.get_by_role("region", name="DICOM の装置と PACS")
    expect(devices.get_by_role("row", name="CT1 限定なし 送信")).to_be_visible()
    form = devices.get_by_role("form", name="装置を登録する")
    form.get_by_label("AE タイトル").fill("PACS1")
    form.get_by_label("IPアドレス").fill("192.0.2.50")
    form.get_by_label("ポート").fill("104")
    form.get_by_label("施設の PACS（過去検査を取り寄せる）").check()
    form.get_by_role("button", name="登録する").click()
    expect(devices.get_by_role("row", name="PACS1 192.0.2.50:104")).to_be_visible()

    systems = dialog.get_by_role("region", name="HL7 で依頼を送るシステム")
    form = systems.get_by_role("form", name="HL7 の接続を登録する")
    form.get_by_label("接続名").fill("ris")
    form.get_by_label("IPアドレス").fill("192.0.2.51")
    form.get_by_role("button", name="登録する").click()
    row = systems.get_by_role("row", name="ris 192.0.2.51")
    expect(row).to_contain_text("まだない")
    office.look()
    office.page.screenshot(path=place.folder.with_name("connections.png"))
    row.get_by_role("button", name="ris: 変更する").click()
    form = systems.get_by_role("form", name="HL7 の接続 ris を変更する")
    form.get_by_label("送信アプリケーション").fill("RIS")
    form.get_by_role("button", name="保存").click()
    expect(systems.get_by_role("row", name="ris 192.0.2.51 RIS")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("row", name="白浜総合病院")).to_contain_text("HL7 ris")

    page.goto(f"{place.url}/admin/prior-rules")
    first = page.get_by_label("同じ部位・同じ検査 新しい順")
    expect(first).to_have_value("2")
    page.get_by_role("button", name="同じ部位・関連する検査 を上へ").click()
    page.get_by_label("読影の開始が過去検査を待つ時間（分）").fill("5")
    page.get_by_role("button", name="過去の依頼で試す").click()
    expect(page.get_by_test_id("rules-preview")).to_contain_text("取り寄せる過去検査")
    office.look()
    office.page.screenshot(path=place.folder.with_name("prior-rules.png"), full_page=True)
    page.get_by_label("理由").fill("夜間の体制に合わせる")
    page.get_by_role("button", name="この基準を適用する").click()
    page.get_by_role("dialog").get_by_role("button", name="この基準を適用する").click()

    history = page.get_by_role("region", name="これまでの決定")
    expect(history).to_contain_text("夜間の体制に合わせる")
    expect(page.get_by_label("区分 1", exact=True)).to_have_value("同じ部位・関連する検査")
    expect(page.get_by_label("読影の開始が過去検査を待つ時間（分）")).to_have_value("5")
    assert office.faults == []
    assert "\n".join(office.barriers) == ""
