"""The far end of a line: a Chromium that opens a study and says when what was there, in seconds since the navigation."""

import json
import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from dokuei.hub.sample_people import totp
from tests.browser import PASSWORD, ask

PATIENCE = 120.0
FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
"""Without a graphics card: Chromium then has no WebGL, and lays its page together on the processor too."""
READ_LIST_MS = 2000
ASKED = {
    "exam": {"modality": "CT", "body_part": "胸部", "description": "胸部単純CT"},
    "urgency": "urgent",
    "question": "結節の経過観察をお願いします。",
    "callback_phone": "内線 1234",
    "requester_name": "ベンチ",
}
WATCH = """
performance.setResourceTimingBufferSize(20000);
localStorage.setItem('shownTours', JSON.stringify(['basicViewerTour']));
const SAMPLE_MS = 60; // a glance costs some 10 ms of the page's own time
const seen = { first: null, scrolled: null, before: null, bytes: 0 };
seen.since = 0;
seen.restart = () => Object.assign(seen, { first: null, scrolled: null, before: null, since: performance.now() / 1000 });
window.__bench = seen;
const largest = () => [...document.querySelectorAll('canvas')]
  .sort((a, b) => b.clientWidth * b.clientHeight - a.clientWidth * a.clientHeight)
  .find((one) => one.clientWidth > 300 && one.getClientRects().length > 0);
const sample = (canvas) => {
  const small = document.createElement('canvas');
  small.width = small.height = 48;
  const pen = small.getContext('2d', { willReadFrequently: true });
  pen.drawImage(canvas, 0, 0, 48, 48);
  for (const over of document.querySelectorAll('[data-testid="look"] canvas'))
    pen.drawImage(over, 0, 0, 48, 48);
  return pen.getImageData(0, 0, 48, 48).data;
};
const look = () => {
  const canvas = largest();
  if (canvas && canvas.width > 0) {
    const now = sample(canvas);
    let bright = 0;
    for (let i = 0; i < now.length; i += 4) bright += now[i] > 24 && now[i + 3] > 0 ? 1 : 0;
    if (seen.first === null && bright > 150) seen.first = performance.now() / 1000 - seen.since;
    if (seen.before && seen.scrolled === null) {
      let other = 0;
      for (let i = 0; i < now.length; i += 4) other += Math.abs(now[i] - seen.before[i]) > 12 ? 1 : 0;
      if (other > 60) seen.scrolled = performance.now() / 1000 - seen.since;
    }
    seen.last = now;
  }
  setTimeout(look, SAMPLE_MS);
};
setTimeout(look, SAMPLE_MS);
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) {
    seen.bytes += one.transferSize;
  }
}).observe({ type: 'resource', buffered: true });
"""


def main() -> None:
    told = json.loads(Path(sys.argv[1]).read_text())
    trusted = f"--ignore-certificate-errors-spki-list={told['key']}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=told["chromium"], args=[*FLAGS, trusted])
        print(json.dumps(join(browser, told) if told["what"] == "join" else compare(browser, told)))
        browser.close()


def join(browser: Browser, told: dict[str, Any]) -> dict[str, Any]:
    """Enrol a requester and a reader, ask for a reading of the study, keep both sessions, and say which study it is."""
    page = enrolled(browser, told["invitation"])
    found = ask(page, "GET", "/api/v1/studies")["items"][0]["id"]
    page.context.storage_state(path=told["state"])
    asked = {**ASKED, "study_ids": [found]}
    request = ask(page, "POST", "/api/v1/requests", asked)["id"]
    ask(page, "POST", f"/api/v1/requests/{request}/send")
    reader = enrolled(browser, told["readers"])
    reader.locator("tr[data-reading]").wait_for()
    reader.context.storage_state(path=told["reader"])
    return {"id": found}


def enrolled(browser: Browser, invitation: str) -> Page:
    context = browser.new_context(locale="ja-JP")
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(invitation)
    page.get_by_label("新しいパスワード").fill(PASSWORD)
    page.get_by_label("もう一度入力").fill(PASSWORD)
    page.get_by_role("button", name="パスワードを決めて進む").click()
    page.get_by_text("この文字列を入力してください").click()
    secret = page.locator(".secret").inner_text().strip()
    page.get_by_label("認証コード").fill(totp(secret + "=" * (-len(secret) % 8), time.time()))
    page.get_by_role("button", name="認証アプリを登録する").click()
    page.get_by_role("button", name="控えました。続ける").click()
    page.get_by_role("button", name=re.compile("メニュー")).wait_for()
    return page


def compare(browser: Browser, told: dict[str, Any]) -> dict[str, Any]:
    """Opened in a browser that knows nothing, with the application in its cache, and from the list of studies."""
    context = watched(browser, told["state"])
    found = {"fresh": opened(context, told, at_address)}
    opened(context, told, at_address)  # Chromium keeps compiled scripts from the second time on
    found["again"] = opened(context, told, at_address)
    if not told["worklist"]:
        return {**found, "listed": opened(context, told, by_click)}
    reading = watched(browser, told["reader"])
    opened(reading, told, from_worklist)
    found["listed"] = opened(reading, told, from_worklist)
    reading.route("**/prepare", lambda route: route.abort())
    found["clicked"] = opened(reading, told, from_worklist)
    return found


def watched(browser: Browser, state: str | None) -> BrowserContext:
    size: ViewportSize = {"width": 1600, "height": 900}
    context = browser.new_context(locale="ja-JP", viewport=size, storage_state=state)
    context.add_init_script(WATCH)
    return context


def at_address(page: Page, told: dict[str, Any]) -> None:
    page.goto(told["address"], wait_until="commit")


def by_click(page: Page, told: dict[str, Any]) -> None:
    page.goto(told["list"])
    for click in told["clicks"]:
        page.locator(click).first.wait_for()
        page.wait_for_timeout(READ_LIST_MS)
        page.evaluate("window.__bench.restart()")
        page.locator(click).first.click()


def from_worklist(page: Page, told: dict[str, Any]) -> None:
    """The one case there is, free again should it have been read before."""
    page.goto(told["worklist"])
    for row in ask(page, "GET", "/api/v1/readings?box=mine")["items"]:
        ask(page, "POST", f"/api/v1/readings/{row['id']}/release", {"reason": "次の測定のため"})
    page.reload()
    page.locator("tr[data-reading]").wait_for()
    page.wait_for_timeout(READ_LIST_MS)
    page.evaluate("window.__bench.restart()")
    page.keyboard.press("Enter")


def opened(
    context: BrowserContext, told: dict[str, Any], begin: Callable[[Page, dict[str, Any]], None]
) -> dict[str, float | None]:
    page = context.new_page()
    page.set_default_timeout(PATIENCE * 1000)
    begin(page, told)
    if not await_true(page, "window.__bench?.first"):
        page.close()
        return dict.fromkeys(("first", "scrolled", "all", "megabytes", "memory"))
    page.mouse.click(900, 450)
    page.evaluate("() => { window.__bench.before = window.__bench.last; }")
    page.keyboard.press("End")
    await_true(page, "window.__bench.scrolled !== null", 60)
    is_whole = await_true(page, told["whole"])
    all_after = page.evaluate("performance.now() / 1000 - window.__bench.since")
    seen = page.evaluate("(({ first, scrolled, bytes }) => ({ first, scrolled, bytes }))(window.__bench)")
    page.wait_for_timeout(500)
    result = {
        "first": seen["first"],
        "scrolled": seen["scrolled"],
        "all": all_after if is_whole else None,
        "megabytes": seen["bytes"] / 1e6,
        "memory": memory_of_children() / 1e6,
    }
    page.close()
    return result


def await_true(page: Page, what: str, seconds: float = PATIENCE) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if page.evaluate(f"Boolean({what})"):
            return True
        page.wait_for_timeout(20)
    return False


def memory_of_children() -> float:
    """Proportional set size of the whole browser, in bytes."""
    rows = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                share = re.search(r"^Pss:\s+(\d+)", (entry / "smaps_rollup").read_text(), re.MULTILINE)
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
            rows[int(entry.name)] = (parent, int(share[1]) * 1024 if share else 0)
    wanted, total = {os.getpid()}, 0.0
    grew = True
    while grew:
        more = {pid for pid, (parent, _) in rows.items() if parent in wanted} - wanted
        wanted |= more
        grew = bool(more)
    return total + sum(rows[pid][1] for pid in wanted if pid in rows and pid != os.getpid())


if __name__ == "__main__":
    main()
