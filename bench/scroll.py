"""Scrolling through a large CT: ``python -m bench.scroll [--slices 1000] [--rates 15,30,60]``.

One installation, one page, everything already here. A wheel turns one slice at a time, so many times a second, from the
first slice to the last; a slice counts as shown when the engine reports it drawn and the browser has begun a new picture
after that. Goal: at 30 a second no slice is left out, without a graphics card: Chromium then lays its page together on the
processor too, and has no WebGL.
"""

import argparse
import re
import shutil

from playwright.sync_api import Page, sync_playwright

from bench.ground import a_ct, deliver, dokuei, workplace
from bench.viewer_client import await_true
from tests.browser import Visitor

GOAL_RATE = 30
FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
TURN = """async ({ count, rate }) => {
  const pane = document.querySelector('.pane .canvas');
  const box = pane.getBoundingClientRect();
  const shown = new Set();
  const at = () => window.__dokuei.panes()[0].index;
  let isOver = false;
  const watch = () => { shown.add(at()); if (!isOver) requestAnimationFrame(watch); };
  requestAnimationFrame(watch);
  const began = performance.now();
  for (let step = 1; step < count; step += 1) {
    const due = began + step * 1000 / rate;
    while (performance.now() < due) await new Promise((go) => setTimeout(go, Math.max(0, due - performance.now())));
    pane.dispatchEvent(new WheelEvent('wheel', { deltaY: 100, bubbles: true, cancelable: true,
      clientX: box.x + box.width / 2, clientY: box.y + box.height / 2 }));
  }
  for (let waited = 0; waited < 200 && at() !== count - 1; waited += 1) await new Promise((go) => setTimeout(go, 25));
  const seconds = (performance.now() - began) / 1000;
  isOver = true;
  return { shown: shown.size, seconds };
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slices", type=int, default=1000)
    parser.add_argument("--rates", default="15,30,60")
    said = parser.parse_args()
    with workplace() as folder, dokuei(folder) as place, sync_playwright() as playwright:
        a_ct(folder / "ct", said.slices)
        deliver(place, folder / "ct")
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        visitor = Visitor(browser, place)
        words = ("admin", "person", "b@test.test", "ベンチ", "--role", "requester", "--facility", "bench")
        visitor.join(place.run(*words).split()[-1])
        visitor.page.get_by_role("button", name=re.compile("メニュー")).wait_for()
        visitor.page.goto(f"{place.url}/arrivals")
        visitor.page.get_by_role("button", name="画像を確認する", exact=True).first.click()
        if not await_true(visitor.page, "window.__dokuei?.fidelity()?.[0]?.isDone", 300):
            raise TimeoutError("The study did not come whole.")
        print(f"{said.slices} slices, all here; one wheel turn a slice")
        for rate in map(int, said.rates.split(",")):
            turn(visitor.page, said.slices, rate)
        browser.close()


def turn(page: Page, slices: int, rate: int) -> None:
    page.keyboard.press("Home")
    await_true(page, "window.__dokuei.panes()[0].index === 0", 20)
    found = page.evaluate(TURN, {"count": slices, "rate": rate})
    said = f"  {rate:3} a second: {found['shown']} of {slices} shown, {found['seconds']:.1f} s"
    if rate == GOAL_RATE:
        said += f" (goal: all): {'reached' if found['shown'] == slices else 'MISSED'}"
    print(said, flush=True)


if __name__ == "__main__":
    main()
