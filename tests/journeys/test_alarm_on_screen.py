"""In Chromium: support sees an alarm without looking for it, and has an image listed by hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect

from dokuei.kit.config import load_config
from tests.browser import Visitor
from tests.builders import ct_instance
from tests.server import Installation

SOON_MS = 30_000


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("alarms")
    made = Installation(folder / "d")
    made.start()
    made.run("admin", "facility", "shirahama", "白浜総合病院")
    made.run("admin", "ae", "CT1", "--facility", "shirahama")
    yield made
    assert made.stop() == 0


@pytest.fixture(scope="module")
def desk(place: Installation, browser: Browser) -> Page:
    return joined(place, browser, "mori@test.test", "森 直人", "support")


def joined(place: Installation, browser: Browser, email: str, name: str, role: str) -> Page:
    visitor = Visitor(browser, place)
    visitor.join(place.run("admin", "person", email, name, "--role", role, "--facility", "shirahama"))
    expect(visitor.page.get_by_role("button", name=f"メニュー: {name}")).to_be_visible()
    return visitor.page


@contextmanager
def unwritable(place: Installation) -> Iterator[None]:
    """Nothing can be made durable where the store tries it."""
    probe = place.folder / "store" / "probe"
    aside = probe.with_name("probe-aside")
    probe.rename(aside)
    probe.touch()
    try:
        yield
    finally:
        probe.unlink()
        aside.rename(probe)


@contextmanager
def refusing(place: Installation, uid: str) -> Iterator[None]:
    """The database takes every image but this one."""
    url = load_config({"DOKUEI_DATA": str(place.folder)}).database("owner")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "create function test_refused() returns trigger language plpgsql as $$ begin"
            f" if new.sop_instance_uid = '{uid}' then raise exception 'refused' using errcode = '54000'; end if;"
            " return new; end $$"
        )
        connection.execute(
            "create trigger test_refused before insert on imaging_instance"
            " for each row execute function test_refused()"
        )
        try:
            yield
        finally:
            connection.execute("drop function test_refused cascade")


def test_an_alarm_comes_and_goes_on_the_screen_of_support_and_on_nobody_elses(
    place: Installation, browser: Browser, desk: Page
) -> None:
    reader = joined(place, browser, "tanaka@test.test", "田中 美咲", "reader")
    alarm = desk.get_by_role("alert", name="保存先の警告")
    expect(alarm).to_have_count(0)

    with unwritable(place):
        expect(alarm).to_contain_text("画像を受け付けていません", timeout=SOON_MS)
        assert reader.get_by_role("alert", name="保存先の警告").count() == 0
        desk.get_by_role("link", name="稼働状態").click()
        expect(desk.get_by_role("row", name="画像を受け付けていません")).to_be_visible()

    expect(alarm).to_have_count(0, timeout=SOON_MS)


def test_support_has_an_image_listed_that_the_database_had_refused(
    place: Installation, desk: Page, tmp_path: Path
) -> None:
    (tmp_path / "1.dcm").write_bytes(ct_instance(study_uid="1.2.3.9", sop_uid="1.2.3.9.1"))
    desk.goto(f"{place.url}/admin/quarantine")
    expect(desk.get_by_text("隔離された画像はありません")).to_be_visible()

    with refusing(place, "1.2.3.9.1"):
        place.run("send", str(tmp_path), "--to", place.dicom, "--from", "CT1", check=False)
        row = desk.get_by_role("row", name="1.2.3.9.1")
        expect(row).to_contain_text("SQLSTATE 54000", timeout=SOON_MS)
        row.get_by_role("button", name="登録をやり直す").click()
        expect(desk.get_by_text("まだ登録できません")).to_be_visible()
    row.get_by_role("button", name="登録をやり直す").click()

    expect(desk.get_by_text("登録しました。")).to_be_visible()
    expect(row).to_have_count(0)
