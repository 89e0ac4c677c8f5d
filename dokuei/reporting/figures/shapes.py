"""Marks and recipes as they come through the door: strict, bounded, plain numbers and text."""

import math
import re
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from ninja import Schema
from pydantic import AfterValidator, Field, model_validator

from dokuei.reporting.figures.placed import Placed, Strict

MOST_MARKS = 400
MOST_POINTS = 20_000
POINTS: dict[str, tuple[int, int]] = {
    "length": (2, 2),
    "bidirectional": (4, 4),
    "angle": (3, 3),
    "cobb": (4, 4),
    "ellipse": (4, 4),
    "rectangle": (4, 4),
    "freehand": (2, 5_000),
    "probe": (1, 1),
    "arrow": (2, 2),
}
CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


def plain(text: str) -> str:
    """One line of text every part of this program can keep and draw."""
    if CONTROL.search(text):
        raise ValueError("a control character")
    return text


Coordinate = Annotated[float, Field(ge=-100_000, le=100_000, allow_inf_nan=False, strict=False)]
Point = tuple[Coordinate, Coordinate]
"""Column and row; the centre of the first pixel is (0, 0)."""
Name = Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,64}$")]
Line = Annotated[str, Field(max_length=200), AfterValidator(plain)]
Kind = Literal[
    "length", "bidirectional", "angle", "cobb", "ellipse", "rectangle", "freehand", "probe", "arrow"
]


class Drawn(Strict):
    """What was drawn, and the lines the screen shows beside it."""

    id: Name
    kind: Kind
    points: Annotated[list[Point], Field(max_length=5_000)]
    is_closed: bool
    text: Line
    """What the reader wrote beside an arrow."""
    lines: Annotated[list[Line], Field(max_length=12)]

    @model_validator(mode="after")
    def _has_its_points(self) -> Self:
        least, most = POINTS[self.kind]
        if not least <= len(self.points) <= most:
            raise ValueError("the wrong number of points")
        return self


class MarkIn(Drawn, Placed):
    """A mark and what it lies on."""


class LinkIn(Strict):
    """Words in the text that came from a mark, and where its points were then."""

    mark_id: Name
    text: Annotated[Line, Field(min_length=1)]
    points: Annotated[list[Point], Field(max_length=5_000)]


class MarksIn(Strict):
    revision: Annotated[int, Field(ge=0, le=2**31 - 1)]
    marks: Annotated[list[MarkIn], Field(max_length=MOST_MARKS)]
    links: Annotated[list[LinkIn], Field(max_length=200)] = []

    @model_validator(mode="after")
    def _is_bounded(self) -> Self:
        if len({one.id for one in self.marks}) != len(self.marks):
            raise ValueError("two marks of one name")
        total = sum(len(one.points) for one in self.marks) + sum(len(one.points) for one in self.links)
        if total > MOST_POINTS:
            raise ValueError("too many points")
        return self


class Window(Strict):
    center: Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]
    width: Annotated[float, Field(gt=0, le=1e9, allow_inf_nan=False)]
    function: Literal["LINEAR", "LINEAR_EXACT", "SIGMOID"] = "LINEAR"


class Area(Strict):
    """The part of the picture on screen, in columns and rows; (0, 0) is the outer corner of the first pixel."""

    left: Coordinate
    top: Coordinate
    right: Coordinate
    bottom: Coordinate

    @model_validator(mode="after")
    def _holds_something(self) -> Self:
        if not (self.right - self.left >= 1 and self.bottom - self.top >= 1):
            raise ValueError("an empty area")
        return self


class Recipe(Placed):
    """What was on screen, as numbers."""

    window: Window | None
    """None for colour."""
    is_low_white: bool
    """Low values are shown white; in colour, the negative is shown."""
    rotation_deg: Literal[0, 90, 180, 270]
    """To the right, after mirroring."""
    is_mirrored: bool
    """Columns run the other way."""
    area: Area
    marks: Annotated[list[Drawn], Field(max_length=50)]

    @model_validator(mode="after")
    def _is_bounded(self) -> Self:
        if sum(len(one.points) for one in self.marks) > MOST_POINTS:
            raise ValueError("too many points")
        if self.plane is not None and self.window is None:
            raise ValueError("a plane without a window")
        return self


class FigureIn(Strict):
    key: Name
    recipe: Recipe


class CaptionIn(Strict):
    id: int
    caption: Annotated[str, Field(max_length=200), AfterValidator(plain)]


class FiguresIn(Strict):
    """All figures of the report in their new order, with their captions."""

    revision: Annotated[int, Field(ge=0, le=2**31 - 1)]
    items: Annotated[list[CaptionIn], Field(max_length=60)]


class FigureOut(Schema):
    id: int
    number: int
    caption: str
    study_id: int
    study_instance_uid: str
    study_at: str
    modality: str
    series_number: int | None
    series_description: str
    instance_number: int | None
    is_lossy: bool
    sop_instance_uid: str | None
    frame_number: int | None
    plane_name: str
    """Of a reformatted plane, in words; empty for a stored frame."""
    recipe: Recipe
    box: list[int]
    """Left, top, width and height of the picture inside its margin, in pixels of the image."""
    image_url: str


class CheckRow(Schema):
    code: str
    sentence: str
    severity: str


class FiguresOut(Schema):
    revision: int
    items: list[FigureOut]
    checks: list[CheckRow]


class MarksOut(Schema):
    revision: int
    saved_at: datetime | None
    marks: list[MarkIn]
    links: list[LinkIn]


class MarksSaved(Schema):
    revision: int
    saved_at: datetime
    checks: list[CheckRow]


def points_differ(before: list[Any], now: list[Any], tolerance: float = 0.01) -> bool:
    """Whether a mark was moved; the way through the browser's space costs some millionths of a pixel.

    >>> points_differ([[1.0, 2.0]], [[1.0000001, 2.0]]), points_differ([[1.0, 2.0]], [[1.5, 2.0]])
    (False, True)
    """
    if len(before) != len(now):
        return True
    return any(math.dist(one, two) > tolerance for one, two in zip(before, now, strict=True))
