"""People in a real Chromium."""

import base64
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from dokuei.hub.sample_people import totp
from tests.server import Installation

FLAGS = [
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PASSWORD = "静かな夜の読影室 2026"
AXE = Path(__file__).resolve().parent.parent / "web" / "node_modules" / "axe-core" / "axe.min.js"


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium, headless."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail("Chromium is missing: apt-get install chromium")
    expect.set_options(timeout=30_000)  # a busy machine is slow, not wrong
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


def _why(node: dict[str, Any]) -> str:
    return str((node.get("any") or [{}])[0].get("message", ""))


class Visitor:
    """One person at one browser window; faults of the page are faults of the test."""

    def __init__(self, browser: Browser, place: Installation, *, width: int = 1600) -> None:
        self.place = place
        self.context = browser.new_context(
            viewport={"width": width, "height": 900},
            locale="ja-JP",
            timezone_id="Asia/Tokyo",
            ignore_https_errors=place.url.startswith("https:"),
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(30_000)
        self.secret = ""
        self.faults: list[str] = []
        self.barriers: list[str] = []
        self.used = -1
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._heard)

    def _heard(self, message: Any) -> None:
        refused = "Content Security Policy" in message.text
        if refused or (message.type == "error" and "Failed to load resource" not in message.text):
            self.faults.append(message.text)

    def join(self, invitation: str) -> None:
        """Accept an invitation and enrol an authenticator, reading its secret from the screen."""
        page = self.page
        page.goto(invitation)
        page.get_by_label("新しいパスワード").fill(PASSWORD)
        page.get_by_label("もう一度入力").fill(PASSWORD)
        page.get_by_role("button", name="パスワードを決めて進む").click()
        page.get_by_text("この文字列を入力してください").click()
        secret = page.locator(".secret")
        expect(secret).not_to_be_empty()
        self.secret = secret.inner_text().strip()
        page.get_by_label("認証コード").fill(self.code())
        page.get_by_role("button", name="認証アプリを登録する").click()
        page.get_by_role("button", name="控えました。続ける").click()

    def sign_in(self, email: str) -> None:
        page = self.page
        page.goto(self.place.url)
        page.get_by_label("メールアドレス").fill(email)
        page.get_by_label("パスワード").fill(PASSWORD)
        page.get_by_role("button", name="サインインする", exact=True).click()
        page.get_by_label("認証コード").fill(self.fresh_code())
        page.get_by_role("button", name="確認する").click()

    def code(self) -> str:
        padded = self.secret + "=" * (-len(self.secret) % 8)
        base64.b32decode(padded)
        self.used = int(time.time()) // 30
        return totp(padded, time.time())

    def fresh_code(self) -> str:
        """A code that was not used yet: each is good once."""
        while int(time.time()) // 30 == self.used:
            self.page.wait_for_timeout(250)
        return self.code()

    def probe(self, call: str) -> Any:
        return self.page.evaluate(f"window.__dokuei && window.__dokuei.{call}")

    def look(self) -> None:
        """Note what stands in the way of somebody who cannot see or point well."""
        self.barriers += self.accessibility()

    def accessibility(self) -> list[str]:
        """Serious and critical findings of axe on the page as it stands.

        The watermark is left out: it is faint on purpose, says nothing to its reader and is hidden from screen readers.
        """
        self.page.evaluate(AXE.read_text())
        found = self.page.evaluate("axe.run({exclude: ['.watermark']}, {resultTypes: ['violations']})")
        return [
            f"{self.page.url.rpartition('/')[2]}: {one['id']}: {node['target']} {_why(node)}"
            for one in found["violations"]
            if one["impact"] in {"serious", "critical"}
            for node in one["nodes"][:3]
        ]

    def storage_is_clean(self, *secrets: str) -> bool:
        """Whether no patient data stands in the browser's storage or the address."""
        kept = self.page.evaluate(
            "JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage), location.href])"
        )
        return not any(re.search(re.escape(secret), kept) for secret in secrets)


def ask(page: Page, method: str, path: str, body: Any = None) -> Any:
    """One call to the hub as the person at this window."""
    answer = page.evaluate(
        """async ([method, path, body]) => {
            const token = /(?:^|;\\s*)csrftoken=([^;]*)/.exec(document.cookie)?.[1] ?? '';
            const headers = { 'Content-Type': 'application/json', 'X-CSRFToken': token };
            const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
            return { status: answer.status, body: await answer.json() };
        }""",
        [method, path, {} if body is None and method != "GET" else body],
    )
    assert answer["status"] == 200, answer
    return answer["body"]
