"""Key images as geometry, and what a text says of them. No database, no clock, no network."""

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dokuei.base.errors import Refusal

Xy = tuple[float, float]
LEAST_LONG_SIDE = 900
"""Pixels: a small part is enlarged by a whole number, so that lines and words over it stay fine."""
LARGEST_FACTOR = 8
MOST_FIGURES = 60
SMALLEST_SHARE = 0.2
AXES = (("L", "R"), ("P", "A"), ("H", "F"))


class FigureRefusal(Refusal):
    CHANGED = (
        "figure.changed",
        "キー画像が別の画面で変わりました。確認してやり直してください。",
    )
    MARKS_CHANGED = "marks.changed", "計測が別の画面で変わりました。画面を確認してから署名してください。"
    MOST = "figure.most", f"キー画像は1件の報告に {MOST_FIGURES} 枚までです。"


@dataclass(frozen=True)
class Sheet:
    """Where everything lies: the part that is cut, its size, and the whole figure with its margin, in pixels."""

    cut: tuple[int, int, int, int]
    size: tuple[int, int]
    """Before it is turned."""
    quarters: int
    is_mirrored: bool
    page: tuple[int, int]
    box: tuple[int, int, int, int]
    """Left, top, width and height of the turned part in the page."""

    def at(self, column: float, row: float) -> Xy:
        """Where a place of the frame lies on the page; whole numbers are the centres of pixels."""
        left, top, right, bottom = self.cut
        x, y = (column + 0.5 - left) / (right - left), (row + 0.5 - top) / (bottom - top)
        if self.is_mirrored:
            x = 1 - x
        for _ in range(self.quarters):
            x, y = 1 - y, x
        return self.box[0] + x * self.box[2], self.box[1] + y * self.box[3]


def sheet(
    area: tuple[float, float, float, float],
    *,
    rows: int,
    columns: int,
    tallness: float,
    rotation_deg: int,
    is_mirrored: bool,
) -> Sheet | None:
    """Lay out a figure; None if nothing of the picture is in the area.

    The area is widened to whole pixels and cut off where the picture ends. No pixel is ever left out: each becomes at
    least one, more where pixels are not square or the part is small.
    """
    left, top = max(0, math.floor(area[0] + 1e-6)), max(0, math.floor(area[1] + 1e-6))
    right, bottom = min(columns, math.ceil(area[2] - 1e-6)), min(rows, math.ceil(area[3] - 1e-6))
    if right <= left or bottom <= top:
        return None
    wide, high = (right - left) * max(1.0, 1 / tallness), (bottom - top) * max(1.0, tallness)
    factor = min(LARGEST_FACTOR, max(1, math.ceil(LEAST_LONG_SIDE / max(wide, high))))
    size = (round(wide * factor), round(high * factor))
    quarters = rotation_deg // 90 % 4
    width, height = size if quarters % 2 == 0 else size[::-1]
    unit = letter_size(width, height)
    side, strip = round(1.8 * unit), round(3.9 * unit)
    page = max(width + 2 * side, 34 * unit)
    return Sheet(
        cut=(left, top, right, bottom),
        size=size,
        quarters=quarters,
        is_mirrored=is_mirrored,
        page=(page, height + 2 * strip + 2 * side),
        box=((page - width) // 2, strip + side, width, height),
    )


def letter_size(width: int, height: int) -> int:
    """Height of letters in the margin."""
    return max(15, round(max(width, height) / 40))


def edge_letters(
    orientation: Sequence[float], rotation_deg: int, *, is_mirrored: bool
) -> dict[str, str] | None:
    """Which way the patient lies: letters at the four edges (PS3.3 C.7.6.1.1.1), or None if nobody knows.

    >>> edge_letters((1, 0, 0, 0, 1, 0), 0, is_mirrored=False)["left"]
    'R'
    """
    if len(orientation) != 6:
        return None
    right, down = list(orientation[:3]), list(orientation[3:])
    if is_mirrored:
        right = [-one for one in right]
    for _ in range(rotation_deg // 90 % 4):
        right, down = [-one for one in down], right
    back = [-one for one in right], [-one for one in down]
    return {
        "right": _letters(right),
        "left": _letters(back[0]),
        "bottom": _letters(down),
        "top": _letters(back[1]),
    }


def _letters(direction: Sequence[float]) -> str:
    shares = [(abs(one), pair[0] if one > 0 else pair[1]) for one, pair in zip(direction, AXES, strict=True)]
    strong = sorted((one for one in shares if one[0] >= SMALLEST_SHARE), reverse=True)
    return "".join(letter for _, letter in strong[:2])


def strokes(kind: str, points: Sequence[Xy], *, is_closed: bool) -> list[dict[str, object]]:
    """The lines of a mark, in the points' own measure."""
    p = list(points)
    match kind:
        case "length" | "freehand" | "angle":
            return [_line(p, is_closed=is_closed and kind == "freehand")]
        case "bidirectional" | "cobb":
            return [_line(p[:2]), _line(p[2:])]
        case "rectangle":
            return [_line([p[0], p[1], p[3], p[2]], is_closed=True)]
        case "ellipse":
            return [_line(_around(p), is_closed=True)]
        case "arrow":
            return [_line(p), _line(_head(p[0], p[1]))]
        case _:
            return [{"cross": list(p[0])}]


def _line(points: Sequence[Xy], *, is_closed: bool = False) -> dict[str, object]:
    return {"points": [list(one) for one in points], "closed": is_closed}


def _around(ends: Sequence[Xy], steps: int = 72) -> list[Xy]:
    """An ellipse from the ends of its two diameters."""
    a, b, c, d = ends
    x, y = (c[0] + d[0]) / 2, (c[1] + d[1]) / 2
    u, v = ((d[0] - c[0]) / 2, (d[1] - c[1]) / 2), ((b[0] - a[0]) / 2, (b[1] - a[1]) / 2)
    turns = [2 * math.pi * one / steps for one in range(steps)]
    return [
        (x + u[0] * math.cos(t) + v[0] * math.sin(t), y + u[1] * math.cos(t) + v[1] * math.sin(t))
        for t in turns
    ]


def _head(tip: Xy, tail: Xy, size: float = 16) -> list[Xy]:
    """The two barbs of an arrow, tip in the middle."""
    way = math.atan2(tail[1] - tip[1], tail[0] - tip[0])
    barbs = [(tip[0] + size * math.cos(way + d), tip[1] + size * math.sin(way + d)) for d in (0.45, -0.45)]
    return [barbs[0], tip, barbs[1]]


NAMED = re.compile(
    r"(?<![電波力譜])図\s?(\d{1,3})(?![\d.])((?:\s?[-‐–〜~・]\s?(?:図\s?)?\d{1,3}(?![\d.]|\s?(?:mm|cm)))*)"
)


def figures_named(text: str) -> list[int]:
    """The numbers of figures a text names, in order, as often as it does.

    >>> figures_named("結節（図１、図3）。前回 図2-3 参照。心電図12誘導。")
    [1, 3, 2, 3]
    """
    found: list[int] = []
    for first, rest in NAMED.findall(unicodedata.normalize("NFKC", text)):
        found += [int(first), *(int(one) for one in re.findall(r"\d+", rest))]
    return found


@dataclass(frozen=True)
class LinkedText:
    """Words of the text that came from a mark."""

    text: str
    fate: str
    """``same``, ``moved`` or ``gone``."""
    now: str = ""
    """What the mark says now."""


def sentence_with(text: str, part: str) -> str:
    """The sentence of a text a part stands in, shortened; empty if it is not there.

    >>> sentence_with("胸水なし。右肺に長径 12.3 mm の結節。他に所見なし。", "12.3 mm")
    '右肺に長径 12.3 mm の結節。'
    """
    for sentence in re.findall(r"[^。\n]*。?", text):
        if part in sentence:
            clean = str(sentence).strip()
            return clean if len(clean) <= 60 else clean[:59] + "…"
    return ""


def meaning_lost(refs: Sequence[int], meant: Mapping[int, int], ids: Sequence[int]) -> list[int]:
    """Numbers a text named before figures were removed or moved, that now stand for another picture."""
    numbers = dict(enumerate(ids, start=1))
    named = sorted(set(refs))
    return [one for one in named if one in meant and one in numbers and numbers[one] != meant[one]]
