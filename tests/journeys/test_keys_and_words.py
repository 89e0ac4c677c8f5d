"""Keys of every kind and words under way: passkeys, the input method, shortcuts, sessions, a database that is gone."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from tests.browser import PASSWORD, Visitor, ask
from tests.builders import ct_instance
from tests.journeys.cases import Case, invitation, joined, leave
from tests.server import Installation, until


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Under the name localhost: browsers give passkeys to names, not to addresses."""
    folder = tmp_path_factory.mktemp("keys")
    made = Installation(folder / "d")
    made.url = f"http://localhost:{made.http.rpartition(':')[2]}"
    made.environment["DOKUEI_PUBLIC_URL"] = made.url
    made.start()
    made.run("admin", "facility", "shirahama", "白浜総合病院")
    made.run("admin", "ae", "CT1", "--facility", "shirahama")
    yield made
    assert made.stop() == 0


@pytest.fixture(scope="module")
def case(place: Installation, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Case:
    return Case(place, browser, tmp_path_factory.mktemp("arrivals"))


# ── passkeys ────────────────────────────────────────────────────────────────────────────────────


def test_a_passkey_is_enrolled_and_opens_the_door_with_and_without_password(
    place: Installation, browser: Browser
) -> None:
    visitor = Visitor(browser, place)
    page = visitor.page
    keys = visitor.context.new_cdp_session(page)
    keys.send("WebAuthn.enable")
    keys.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
            }
        },
    )
    page.goto(invitation(place, "kagi@test.test", "鍵 守", "reader"))
    page.get_by_label("新しいパスワード").fill(PASSWORD)
    page.get_by_label("もう一度入力").fill(PASSWORD)
    page.get_by_role("button", name="パスワードを決めて進む").click()
    page.get_by_role("tab", name="パスキー").click()
    page.get_by_label("パスキーの名前").fill("貸与ノート")
    page.get_by_role("button", name="パスキーを登録する").click()
    expect(page.locator(".codes li").first).to_be_visible()
    page.get_by_role("button", name="控えました。続ける").click()
    heading = page.get_by_role("heading", name="読影リスト")
    expect(heading).to_be_visible()

    leave(page, "鍵 守")
    page.get_by_label("メールアドレス").fill("kagi@test.test")
    page.get_by_label("パスワード").fill(PASSWORD)
    page.get_by_role("button", name="サインインする", exact=True).click()
    page.get_by_role("button", name="パスキーを使う").click()
    expect(heading).to_be_visible()

    leave(page, "鍵 守")
    page.get_by_role("button", name="パスキーでサインインする").click()
    expect(heading).to_be_visible()
    assert visitor.faults == []


# ── the Japanese input method ───────────────────────────────────────────────────────────────────


class InputMethod:
    """Types as a Japanese input method does: a composition that changes, then the words it ends in."""

    def __init__(self, page: Page) -> None:
        self.cdp: CDPSession = page.context.new_cdp_session(page)

    def press(self, key: str, *, ctrl: bool = False, is_processed: bool = False) -> None:
        """A key that goes down and up without typing anything by itself, as during a composition."""
        code = 229 if is_processed else ord(key[0].upper())
        for kind in ("rawKeyDown", "keyUp"):
            self.cdp.send(
                "Input.dispatchKeyEvent",
                {"type": kind, "key": key, "windowsVirtualKeyCode": code, "modifiers": 2 if ctrl else 0},
            )

    def compose(self, text: str) -> None:
        self.press("Process", is_processed=True)
        self.cdp.send(
            "Input.imeSetComposition",
            {"text": text, "selectionStart": len(text), "selectionEnd": len(text)},
        )

    def commit(self, text: str) -> None:
        self.press("Process", is_processed=True)
        self.cdp.send("Input.insertText", {"text": text})

    def write(self, kana: str, words: str) -> None:
        """Kana letter by letter, every tempting key in between, then the conversion."""
        for end in range(1, len(kana) + 1):
            self.compose(kana[:end])
        for key in (" ", "1", "3", "p", "r", "?", "Enter", "Escape"):
            self.press(key)
        self.press("Enter", ctrl=True)
        self.press("k", ctrl=True)
        self.compose(words)
        self.commit(words)


def test_words_composed_in_the_report_are_neither_lost_nor_doubled(case: Case) -> None:
    page = case.open_room()
    address = page.url
    findings = page.get_by_label("所見")
    method = InputMethod(page)
    findings.click()
    findings.press_sequentially("CT: ")

    method.write("けっせつ", "結節")
    method.write("を", "を")
    method.write("みとめる", "認める。")

    expect(findings).to_have_value("CT: 結節を認める。")
    expect(findings).to_be_focused()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.url == address
    expect(page.get_by_test_id("save-state")).to_have_attribute("data-state", "saved")
    page.reload()
    expect(page.get_by_label("所見")).to_have_value("CT: 結節を認める。")
    assert case.reader.faults == []


def test_words_composed_in_a_request_are_neither_lost_nor_doubled(case: Case) -> None:
    page = case.requester.page
    page.goto(f"{case.place.url}/requests/{case.draft(question='')}")
    address = page.url
    question = page.get_by_label("検査目的・知りたいこと")
    method = InputMethod(page)
    question.click()

    method.write("けっせつ", "結節")
    method.write("のせいさ", "の精査")

    expect(question).to_have_value("結節の精査")
    expect(question).to_be_focused()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.url == address
    expect(page.get_by_test_id("save-state")).to_have_attribute("data-state", "saved")
    page.reload()
    expect(page.get_by_label("検査目的・知りたいこと")).to_have_value("結節の精査")
    assert case.requester.faults == []


# ── shortcuts ───────────────────────────────────────────────────────────────────────────────────


def test_the_palette_and_the_list_of_keys_hold_the_commands_of_the_screen(case: Case) -> None:
    page = case.reader.page
    page.goto(f"{case.place.url}/worklist")
    expect(page.get_by_role("heading", name="読影リスト")).to_be_visible()

    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog", name="コマンドを探す")
    expect(palette.get_by_role("button", name="次の症例")).to_be_visible()
    expect(palette.get_by_role("button", name="自分のセッションへ移動")).to_be_visible()
    method = InputMethod(page)
    method.compose("せっしょん")
    method.press("Enter")
    expect(palette).to_be_visible()
    method.commit("セッション")
    expect(palette.get_by_role("listitem")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="自分のセッション")).to_be_visible()

    page.goto(f"{case.place.url}/worklist")
    expect(page.get_by_role("heading", name="読影リスト")).to_be_visible()
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="キー操作の一覧")
    expect(keys).to_contain_text("次の症例")
    expect(keys).to_contain_text("Ctrl+K")
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()


def test_a_shortcut_is_only_a_letter_inside_a_text_field(case: Case) -> None:
    page = case.reader.page
    page.goto(f"{case.place.url}/worklist")
    search = page.get_by_placeholder("絞り込み（例: 緊急 CT 頭部）")
    search.click()

    page.keyboard.type("j ?/r1")
    page.keyboard.press("Enter")

    expect(search).to_have_value("j ?/r1")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.url.endswith("/worklist")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="コマンドを探す")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert case.reader.faults == []


# ── a database that is gone ─────────────────────────────────────────────────────────────────────


@contextmanager
def dead_database(place: Installation) -> Iterator[None]:
    """The database is killed and nobody repairs it until the end."""
    assert place.process is not None
    database = place.parts()["postgres"]
    os.kill(place.process.pid, signal.SIGSTOP)
    try:
        os.killpg(database, signal.SIGKILL)
        yield
    finally:
        os.kill(place.process.pid, signal.SIGCONT)
        until(place.is_ready, 120)


@contextmanager
def stuck_database(place: Installation) -> Iterator[None]:
    """The database holds every question and answers none until the end."""
    below = children_of(place.parts()["postgres"])
    for one in below:
        os.kill(one, signal.SIGSTOP)
    try:
        yield
    finally:
        for one in below:
            os.kill(one, signal.SIGCONT)
        until(place.is_ready, 120)


def children_of(parent: int) -> list[int]:
    """A process and its children."""
    kept = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [parent, *map(int, kept)]


def readiness(place: Installation) -> int:
    return httpx.get(f"{place.url}/readyz", timeout=30).status_code


@pytest.mark.parametrize("fault", [dead_database, stuck_database])
def test_words_outlive_the_database(case: Case, fault: Any) -> None:
    page = case.open_room()
    report = page.url.rpartition("/")[2]
    findings = page.get_by_label("所見")
    findings.fill("右肺上葉に結節を認めます。")
    expect(page.get_by_test_id("save-state")).to_have_attribute("data-state", "saved")
    trouble = page.get_by_role("alert").filter(
        has_text="保存できませんでした。文章はこの画面に残っています。"
    )

    with fault(case.place):
        findings.fill("右肺上葉に12mm大の結節を認めます。")
        expect(trouble).to_be_visible(timeout=60_000)
        expect(findings).to_have_value("右肺上葉に12mm大の結節を認めます。")
        assert readiness(case.place) == 503

    trouble.get_by_role("button", name="再試行").click()
    expect(page.get_by_test_id("save-state")).to_have_attribute("data-state", "saved")
    expect(page.get_by_role("dialog")).to_have_count(0)
    kept = ask(page, "GET", f"/api/v1/readings/{report}/report")
    assert kept["findings"] == "右肺上葉に12mm大の結節を認めます。"
    assert kept["state"] == "draft"
    assert case.arrival()
    assert case.reader.faults == []


# ── files that are no images ────────────────────────────────────────────────────────────────────


def test_a_file_that_is_no_image_is_named_and_the_one_beside_it_is_kept(case: Case, tmp_path: Path) -> None:
    (tmp_path / "紹介状.dcm").write_text("これは画像ではありません。" * 40)
    (tmp_path / "空.dcm").write_bytes(b"")
    (tmp_path / "胸部.dcm").write_bytes(ct_instance(patient_id="UP1"))
    page = case.requester.page
    page.goto(f"{case.place.url}/arrivals")
    expect(page.get_by_role("button", name="ファイルを送る")).to_be_visible()

    page.locator("input[type=file]").set_input_files(
        [str(tmp_path / name) for name in ("紹介状.dcm", "空.dcm", "胸部.dcm")]
    )

    outcome = page.get_by_role("status").filter(has_text="1枚を受け取りました")
    expect(outcome).to_contain_text("受け取れなかったファイル 2件")
    for name in ("紹介状.dcm", "空.dcm"):
        line = outcome.get_by_role("listitem").filter(has_text=name)
        expect(line).to_be_visible()
        expect(line).to_contain_text("。")
    expect(page.get_by_role("row").filter(has_text="UP1")).to_be_visible()
    assert case.requester.faults == []


# ── sessions and people ─────────────────────────────────────────────────────────────────────────


def test_a_person_ends_their_other_session(place: Installation, browser: Browser) -> None:
    first = joined(place, browser, "futatsu@test.test", "二 窓子", "reader")
    second = Visitor(browser, place)
    second.secret, second.used = first.secret, first.used
    second.sign_in("futatsu@test.test")
    expect(second.page.get_by_role("heading", name="読影リスト")).to_be_visible()

    page = first.page
    page.goto(f"{place.url}/me/sessions")
    rows = page.get_by_role("row").filter(has_text="Chrome")
    expect(rows).to_have_count(2)
    expect(rows.filter(has_text="この画面")).to_have_count(1)
    page.get_by_role("button", name="終了する").click()
    expect(rows).to_have_count(1)

    second.page.keyboard.press("Space")
    expect(second.page.get_by_role("heading", name="サインイン")).to_be_visible()
    expect(second.page.get_by_text("サインインの有効期間が終わりました")).to_be_visible()
    assert first.faults + second.faults == []


def test_an_administrator_invites_a_person_and_suspends_them(place: Installation, browser: Browser) -> None:
    office = joined(place, browser, "kanri@test.test", "管 理子", "administrator")
    page = office.page
    page.goto(f"{place.url}/admin/people")
    page.get_by_role("button", name="招待する").click()
    dialog = page.get_by_role("dialog", name="利用者を招待する")
    dialog.get_by_label("氏名").fill("読 影郎")
    dialog.get_by_label("メールアドレス").fill("eiro@test.test")
    dialog.get_by_role("checkbox", name="読影医").check()
    dialog.get_by_role("combobox", name="施設").focus()
    page.keyboard.press("ArrowDown")
    page.get_by_role("option", name="白浜総合病院").click()
    page.keyboard.press("Tab")
    dialog.get_by_role("button", name="招待する").click()
    once = page.get_by_role("dialog", name="招待を作成しました")
    link = once.locator(".secret-box").inner_text().strip()
    once.get_by_role("button", name="閉じる").last.click()

    reader = Visitor(browser, place)
    reader.join(link)
    expect(reader.page.get_by_role("heading", name="読影リスト")).to_be_visible()

    row = page.get_by_role("row").filter(has_text="eiro@test.test")
    expect(row).to_contain_text("利用中")
    row.get_by_role("button", name="変更する: 読 影郎").click()
    page.get_by_role("menuitem", name="停止する").click()
    page.get_by_role("dialog", name="読 影郎 さんの利用を停止しますか").get_by_role(
        "button", name="停止する"
    ).click()
    expect(row).to_contain_text("停止中")

    reader.page.keyboard.press("Space")
    expect(reader.page.get_by_role("heading", name="サインイン")).to_be_visible()
    assert office.faults + reader.faults == []
