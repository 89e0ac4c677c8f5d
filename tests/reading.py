"""One case on screen, driven by keys and mouse, told by the viewer's probe."""

from typing import Any

import numpy as np

from tests.browser import Visitor
from tests.server import until
from tests.volumes import Vector


class Reading:
    """The images of one study."""

    def __init__(self, visitor: Visitor, study: int) -> None:
        self.visitor, self.page = visitor, visitor.page
        self.page.goto(f"{visitor.place.url}/studies/{study}/images")
        until(lambda: self.panes[0]["sop"])

    @property
    def panes(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.visitor.probe("panes()") or [{"sop": None, "index": None}]
        return found

    def settled(self, count: int = 1) -> list[dict[str, Any]]:
        """Every pane shows what is wanted of it."""
        until(
            lambda: len(self.panes) == count and all(one["index"] == one["requested"] for one in self.panes),
            told=lambda: (self.panes, self.visitor.probe("fidelity()"), self.visitor.faults),
        )
        return self.panes

    def press(self, keys: str, count: int = 1) -> list[dict[str, Any]]:
        self.page.keyboard.press(keys)
        return self.settled(count)

    def at(self, pane: int, pixel: tuple[float, float]) -> tuple[float, float]:
        """Where a pixel is drawn on the page."""
        box = self.page.locator(".pane .canvas").nth(pane).bounding_box()
        x, y = self.visitor.probe(f"canvas({pane}, [{pixel[0]}, {pixel[1]}])")
        assert box is not None
        return box["x"] + x, box["y"] + y

    def drag(self, start: tuple[float, float], *way: tuple[float, float]) -> None:
        self.page.mouse.move(*start)
        self.page.mouse.down()
        for one in way:
            self.page.mouse.move(*one, steps=5)
        self.page.mouse.up()

    def grip(self, pane: int, name: str) -> tuple[float, float]:
        box = self.page.locator(".pane").nth(pane).locator(f".grip.{name}").first.bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def text(self, pane: int) -> str:
        return self.page.locator(".pane").nth(pane).inner_text()

    def keep(self, name: str) -> None:
        self.page.screenshot(path=self.visitor.place.folder.with_name(f"{name}.png"))

    def values(self, pane: int, places: np.ndarray[Any, Any]) -> Vector:
        found = self.visitor.probe(f"values({pane}, {places.tolist()})")
        return np.array([np.nan if one is None else one for one in found], dtype=np.float64)
