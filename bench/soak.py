"""A night of case switching in one tab: ``python -m bench.soak [--opens 200] [--slices 60]``.

One installation, four CTs of different numbers of slices, one page that is never reloaded. Each is opened from the list,
waited for until every slice is here, scrolled, windowed and marked, every fifth cut into a plane, and closed again. Every
tenth opening the tab's memory is read after garbage collection: its JavaScript heap, and everything its renderer process
holds. Flat means: the median of the last third is no more than a twentieth above that of the middle third.
"""

import argparse
import re
import shutil
import statistics
from pathlib import Path

from playwright.sync_api import CDPSession, Page, sync_playwright

from bench.ground import SERIES, a_ct, deliver, dokuei, workplace
from bench.viewer_client import await_true
from tests.browser import FLAGS, Visitor

GOAL = 1.05


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--opens", type=int, default=200)
    parser.add_argument("--slices", type=int, default=60)
    said = parser.parse_args()
    with workplace() as folder, dokuei(folder) as place, sync_playwright() as playwright:
        for number, series in enumerate([*SERIES, *SERIES]):
            images = folder / f"ct{number}"
            a_ct(images, said.slices + 10 * number, series)
            deliver(place, images)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        visitor = Visitor(browser, place)
        words = ("admin", "person", "b@test.test", "ベンチ", "--role", "requester", "--facility", "bench")
        visitor.join(place.run(*words).split()[-1])
        visitor.page.get_by_role("button", name=re.compile("メニュー")).wait_for()
        measure(visitor, said.opens)
        browser.close()
    if visitor.faults:
        print(f"faults of the page: {visitor.faults[:3]}")


def measure(visitor: Visitor, opens: int) -> None:
    page = visitor.page
    devtools = visitor.context.new_cdp_session(page)
    rows: list[tuple[float, float]] = []
    print(f"{'opened':>8}{'heap, MB':>12}{'renderer, MB':>14}{'nodes':>8}{'listeners':>11}", flush=True)
    for number in range(1, opens + 1):
        read_one(visitor, number)
        if number % 10 == 0:
            rows.append(memory(page, devtools, number))
    third = max(1, len(rows) // 3)
    for name, column in (("heap", 0), ("renderer", 1)):
        middle, last = (
            statistics.median(row[column] for row in part)
            for part in (rows[third : 2 * third], rows[-third:])
        )
        verdict = "reached" if last / middle <= GOAL else "MISSED"
        print(
            f"  {name}: last third / middle third = {last / middle:.3f} (goal {GOAL}): {verdict}", flush=True
        )


def read_one(visitor: Visitor, number: int) -> None:
    """Open a study from the list, look at all of it, and go back."""
    page = visitor.page
    page.goto(f"{visitor.place.url}/arrivals") if number == 1 else None
    links = page.get_by_role("button", name="画像を確認する", exact=True)
    links.first.wait_for()
    links.nth(number % links.count()).click()
    if not await_true(page, "window.__dokuei?.fidelity()?.[0]?.isDone", 60):
        raise TimeoutError(f"Opening {number} did not end.")
    for key in ("End", "PageUp", "Home", "3", "0"):
        page.keyboard.press(key)
    box = page.locator(".pane .canvas").first.bounding_box()
    if box is None:
        raise TimeoutError(f"Opening {number} shows no picture.")
    page.keyboard.press("m")
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 60, box["y"] + box["height"] / 2 + 20, steps=4)
    page.mouse.up()
    if number % 5 == 0:
        page.keyboard.press("Shift+C")
        await_true(page, "window.__dokuei.panes()[0].plane", 20)
    page.get_by_role("button", name="戻る").first.click()


def memory(page: Page, devtools: CDPSession, number: int) -> tuple[float, float]:
    devtools.send("HeapProfiler.enable")
    devtools.send("HeapProfiler.collectGarbage")
    devtools.send("HeapProfiler.collectGarbage")
    page.wait_for_timeout(300)
    heap = devtools.send("Runtime.getHeapUsage")["usedSize"] / 1e6
    counted = devtools.send("Memory.getDOMCounters")
    held = largest_renderer() / 1e6
    print(
        f"{number:8}{heap:12.1f}{held:14.0f}{counted['nodes']:8}{counted['jsEventListeners']:11}", flush=True
    )
    return heap, held


def largest_renderer() -> float:
    """Memory that only the tab's process holds, in bytes: of all renderers the largest is the tab."""
    found = 0
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and b"--type=renderer" in (entry / "cmdline").read_bytes():
                private = re.findall(
                    r"^Private_\w+:\s+(\d+)", (entry / "smaps_rollup").read_text(), re.MULTILINE
                )
                found = max(found, sum(map(int, private)) * 1024)
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return found


if __name__ == "__main__":
    main()
