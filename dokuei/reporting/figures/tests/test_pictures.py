"""The picture of a key image is the file, under the window, the right way round."""

from typing import Any

import imagecodecs
import numpy as np
import pytest

from dokuei.reporting.figures.tests.a_case import COLUMNS, ROWS, Case, a_mark

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case() -> Case:
    return Case()


def windowed(values: np.ndarray[Any, Any], center: float, width: float) -> np.ndarray[Any, Any]:
    """PS3.3 C.11.2.1.2.1, written down a second time."""
    share = np.clip((values - (center - 0.5)) / (width - 1) + 0.5, 0, 1)
    found: np.ndarray[Any, Any] = np.asarray(share * 255)
    return found


def picture(case: Case, figure: dict[str, Any]) -> np.ndarray[Any, Any]:
    """The picture inside the margin of a figure, one sample at the middle of each stored pixel as it is seen."""
    answer = case.client.get(figure["image_url"])
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert "no-store" in answer["Cache-Control"]
    left, top, width, height = figure["box"]
    page = imagecodecs.png_decode(answer.content)
    assert page.shape[0] > top + height
    assert page[:top].max() > 100  # words above it
    found: np.ndarray[Any, Any] = page[top : top + height, left : left + width].astype(float)
    return found


def by_pixels(shown: np.ndarray[Any, Any], rows: int, columns: int) -> np.ndarray[Any, Any]:
    """The mean of the middle of what each stored pixel became."""
    high, wide = shown.shape[0] // rows, shown.shape[1] // columns
    blocks = shown[..., 0].reshape(rows, high, columns, wide)
    found: np.ndarray[Any, Any] = blocks[:, high // 2 - 1 : high // 2 + 1, :, wide // 2 - 1 : wide // 2 + 1]
    return np.asarray(found.mean(axis=(1, 3)))


@pytest.mark.parametrize(
    ("turn", "mirrored", "seen"),
    [
        pytest.param(0, False, lambda a: a, id="as stored"),
        pytest.param(90, False, lambda a: a[::-1].T, id="to the right"),
        pytest.param(180, False, lambda a: a[::-1, ::-1], id="upside down"),
        pytest.param(270, False, lambda a: a.T[::-1], id="to the left"),
        pytest.param(0, True, lambda a: a[:, ::-1], id="mirrored"),
        pytest.param(90, True, lambda a: a[::-1, ::-1].T, id="mirrored, then to the right"),
    ],
)
def test_the_picture_is_the_file_under_the_window_the_right_way_round(
    case: Case, turn: int, mirrored: bool, seen: Any
) -> None:
    (figure,) = case.add(rotation_deg=turn, is_mirrored=mirrored)["items"]

    wanted = seen(windowed(case.values, 100, 600))
    found = by_pixels(picture(case, figure), *wanted.shape)
    assert np.abs(found - wanted)[1:-1, 1:-1].max() < 6  # the break in the middle is smoothed
    assert np.abs(found - wanted).mean() < 0.8


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("low_white", [True, False])
def test_low_is_white_when_it_was_on_the_screen_whatever_the_file_wishes(
    photometric: str, low_white: bool
) -> None:
    case = Case(PhotometricInterpretation=photometric)

    (figure,) = case.add(is_low_white=low_white)["items"]

    wanted = windowed(case.values, 100, 600)
    wanted = 255 - wanted if low_white else wanted
    assert np.abs(by_pixels(picture(case, figure), ROWS, COLUMNS) - wanted).mean() < 0.8


def test_a_part_is_cut_and_marks_are_drawn_where_they_were(case: Case) -> None:
    mark = {k: v for k, v in a_mark().items() if k not in {"sop_instance_uid", "frame_number", "plane"}}
    mark |= {"points": [[12, 10], [28, 10]], "lines": []}
    (figure,) = case.add(area={"left": 10, "top": 5, "right": 30, "bottom": 15}, marks=[mark])["items"]

    shown = picture(case, figure)

    high, wide = shown.shape[0] / 10, shown.shape[1] / 20
    is_yellow = shown[..., 0] - shown[..., 2] > 60
    rows, columns = np.nonzero(is_yellow)
    assert rows.mean() / high == pytest.approx(5.5, abs=0.1)
    assert columns.min() / wide == pytest.approx(2.5, abs=0.3)
    assert columns.max() / wide == pytest.approx(18.5, abs=0.3)
    clear = by_pixels(shown, 10, 20)[7:]
    assert np.abs(clear - windowed(case.values[12:15, 10:30], 100, 600)).mean() < 0.8
