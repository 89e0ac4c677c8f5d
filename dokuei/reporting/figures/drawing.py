"""From a recipe to a picture: the frame by the imaging room, margin and marks by Typst, one PNG. Blocking."""

from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from dokuei.base.clock import JST
from dokuei.imaging import queries as imaging
from dokuei.imaging.queries import FrameFacts, FrameView
from dokuei.kit import typeset
from dokuei.reporting.errors import AreaEmpty
from dokuei.reporting.figures import rules
from dokuei.reporting.figures.rules import Sheet
from dokuei.reporting.figures.shapes import Drawn as Mark
from dokuei.reporting.figures.shapes import Recipe

TEMPLATE = Path(__file__).parent / "figure.typ"


@dataclass(frozen=True)
class Drawn:
    """A figure's picture, and what the hub says of its frame."""

    png: bytes
    facts: dict[str, Any]


def draw(row: Any, recipe: Recipe, patient: Any, facility: str) -> Drawn:
    """Draw a recipe on the frame it names, in at least the frame's own resolution."""
    facts = imaging.facts_of(row, recipe.frame_number)
    area = recipe.area
    laid = rules.sheet(
        (area.left, area.top, area.right, area.bottom),
        rows=facts.rows,
        columns=facts.columns,
        tallness=facts.tallness,
        rotation_deg=recipe.rotation_deg,
        is_mirrored=recipe.is_mirrored,
    )
    if laid is None:
        raise AreaEmpty()
    overlay = typeset.png(TEMPLATE, _told(recipe, facts, laid, patient, facility))
    window = recipe.window
    view = FrameView(
        cut=laid.cut,
        size=laid.size,
        quarters=laid.quarters,
        is_mirrored=laid.is_mirrored,
        is_low_white=recipe.is_low_white,
        window=(window.center, window.width, window.function) if window else None,
        place=laid.box[:2],
    )
    png = imaging.draw_frame(row, recipe.frame_number, view, overlay)
    return Drawn(png, {**asdict(facts), "box": list(laid.box), "page": list(laid.page)})


def _told(recipe: Recipe, facts: FrameFacts, laid: Sheet, patient: Any, facility: str) -> dict[str, Any]:
    """Everything the template writes and draws, in pixels of the page."""
    letters = rules.edge_letters(facts.orientation, recipe.rotation_deg, is_mirrored=recipe.is_mirrored)
    name = patient.name_kanji or patient.name_romaji or patient.name_kana or "―"
    return {
        "page": laid.page,
        "box": laid.box,
        "unit": rules.letter_size(laid.box[2], laid.box[3]),
        "head": [
            [f"{name}　ID {patient.patient_id}", _when(facts.study_at)],
            [facility, f"{facts.modality} {facts.study_description}".strip()],
        ],
        "foot": [
            [_place(facts), _look(recipe, facts)],
            [facts.series_description, "　".join(_notes(recipe, facts))],
        ],
        "letters": letters,
        "marks": [_mark(one, laid) for one in recipe.marks],
    }


def _mark(mark: Mark, laid: Sheet) -> dict[str, Any]:
    points = [laid.at(*one) for one in mark.points]
    lines = [one for one in mark.lines if one] or ([mark.text] if mark.text else [])
    anchor = points[1] if mark.kind == "arrow" else max(points)
    return {
        "strokes": rules.strokes(mark.kind, points, is_closed=mark.is_closed),
        "lines": lines,
        "anchor": list(anchor),
    }


def _when(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(JST).strftime("%Y/%m/%d %H:%M") if text else "日時不明"


def _place(facts: FrameFacts) -> str:
    series = "―" if facts.series_number is None else str(facts.series_number)
    number = "―" if facts.instance_number is None else str(facts.instance_number)
    frame = f"　フレーム {facts.frame_number}/{facts.frames}" if facts.frames > 1 else ""
    return f"シリーズ {series}　画像 {number}{frame}"


def _look(recipe: Recipe, facts: FrameFacts) -> str:
    if recipe.window is None or facts.is_colour:
        return "カラー"
    return f"W {_short(recipe.window.width)}　L {_short(recipe.window.center)}"


def _short(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 10 else f"{value:.3g}"


def _notes(recipe: Recipe, facts: FrameFacts) -> list[str]:
    is_part = recipe.area.right - recipe.area.left < facts.columns - 1 or (
        recipe.area.bottom - recipe.area.top < facts.rows - 1
    )
    said = {
        "参照用画像": settings.DOKUEI.is_for_reference,
        "非可逆圧縮": facts.is_lossy,
        "部分拡大": is_part,
        "左右反転": recipe.is_mirrored,
        f"{recipe.rotation_deg}°回転": recipe.rotation_deg != 0,
    }
    return [text for text, is_so in said.items() if is_so]
