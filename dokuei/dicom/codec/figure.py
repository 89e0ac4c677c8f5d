"""A key image: a part of a frame cut, enlarged, turned, and laid under a drawing. In the sandbox only."""

from dataclasses import dataclass
from typing import Any

import imagecodecs
import numpy as np

from dokuei.dicom.codec import picture
from dokuei.dicom.codec.errors import Undecodable
from dokuei.dicom.codec.form import Form, Pixels

LARGEST_SIDE = 12_000


@dataclass(frozen=True)
class View:
    """Which part of the stored picture, how large, and which way round."""

    cut: tuple[int, int, int, int]
    """First column and row, and those behind the last."""
    size: tuple[int, int]
    """Columns and rows of the cut part before it is turned; never fewer than it has."""
    quarters: int
    """Turns to the right, after mirroring."""
    is_mirrored: bool
    is_negative: bool
    """Colour only: every value becomes its complement."""
    place: tuple[int, int]
    """Where the turned part's first column and row come to lie in the overlay."""

    @classmethod
    def from_told(cls, told: dict[str, Any]) -> "View":
        """The view as JSON told it: lists where tuples were."""
        lists = {name: tuple(told[name]) for name in ("cut", "size", "place")}
        return cls(**{**told, **lists})


def draw(frame: bytes, form: Form, look: picture.Look, view: View, overlay: bytes) -> bytes:
    """The figure as PNG. The overlay is ours: a PNG with alpha, as large as the figure."""
    shown = turned(cut(picture.shown(frame, form, look), view), view)
    cover = imagecodecs.png_decode(overlay)
    if cover.ndim != 3 or cover.shape[2] != 4:
        raise Undecodable()
    return bytes(imagecodecs.png_encode(laid_under(shown, cover, view.place), level=6))


def cut(shown: Pixels, view: View) -> Pixels:
    """The part, enlarged with straight lines between the centres of pixels."""
    left, top, right, bottom = view.cut
    part = shown[top:bottom, left:right]
    if not part.size or max(view.size) > LARGEST_SIDE:
        raise Undecodable()
    columns, rows = view.size
    part = picture.resized(picture.resized(part, rows, 0), columns, 1)
    return 255 - part if view.is_negative else part


def turned(part: Pixels, view: View) -> Pixels:
    """Mirrored first, then turned to the right.

    >>> view = View((0, 0, 2, 1), (2, 1), 1, False, False, (0, 0))
    >>> turned(np.array([[1, 2]]), view).tolist()
    [[1], [2]]
    """
    mirrored = part[:, ::-1] if view.is_mirrored else part
    return np.rot90(mirrored, -view.quarters)


def laid_under(shown: Pixels, cover: Pixels, place: tuple[int, int]) -> Pixels:
    """Where the overlay is clear the picture is exactly what it was."""
    left, top = place
    rows, columns = shown.shape[:2]
    if top + rows > cover.shape[0] or left + columns > cover.shape[1]:
        raise Undecodable()
    colour = shown if shown.ndim == 3 else np.repeat(shown[..., None], 3, axis=2)
    out = np.zeros((*cover.shape[:2], 3), np.uint8)
    out[top : top + rows, left : left + columns] = colour
    drawn = cover[..., 3] > 0
    share = cover[..., 3][drawn].astype(np.float32)[:, None] / 255
    out[drawn] = np.rint(out[drawn] * (1 - share) + cover[..., :3][drawn] * share).astype(np.uint8)
    return out
