"""From a recipe to a picture: the frame by the imaging room, margin and marks by Typst, one PNG. Blocking."""

from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from dokuei.base.clock import JST
from dokuei.imaging import queries as imaging
from dokuei.imaging.queries import FrameFacts, FrameView
from dokuei.kit import typeset
from dokuei.reporting.errors import AreaEmpty, ImageNotSeen
from dokuei.reporting.figures import rules
from dokuei.reporting.figures.placed import PlaneIn
from dokuei.reporting.figures.rules import Sheet
from dokuei.reporting.figures.shapes import Drawn as Mark
from dokuei.reporting.figures.shapes import Recipe

TEMPLATE = Path(__file__).parent / "figure.typ"


@dataclass(frozen=True)
class Drawn:
    """A figure's picture, what the hub says of its frame or plane, and what it was drawn from, as ids."""

    png: bytes
    facts: dict[str, Any]
    source: dict[str, Any]


@dataclass(frozen=True)
class _Source:
    """A frame or a plane: what is said of it, and how it is drawn under an overlay."""

    facts: FrameFacts
    draw: Callable[[FrameView, bytes], bytes]
    ids: dict[str, Any]
    plane: dict[str, Any] | None = None
    """Its name and what has to be said of it."""


def draw(studies: Collection[int], recipe: Recipe, patient: Any, facility: str) -> Drawn:
    """Draw a recipe from what these studies hold, in at least the resolution of the frame or plane."""
    source = _frame_source(studies, recipe) if recipe.plane is None else _plane_source(studies, recipe.plane)
    facts, area = source.facts, recipe.area
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
    overlay = typeset.png(TEMPLATE, _told(recipe, source, laid, patient, facility))
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
    said = {**asdict(facts), "box": list(laid.box), "page": list(laid.page)}
    if source.plane:
        said["plane"] = source.plane
    return Drawn(source.draw(view, overlay), said, source.ids)


def _frame_source(studies: Collection[int], recipe: Recipe) -> _Source:
    number = recipe.frame_number or 0
    row = imaging.find_instance(studies, recipe.sop_instance_uid or "", number)
    if row is None:
        raise ImageNotSeen()

    def drawn(view: FrameView, overlay: bytes) -> bytes:
        return imaging.draw_frame(row, number, view, overlay)

    ids = {"study_id": row.study_id, "instance_id": row.pk}
    return _Source(imaging.facts_of(row, number), drawn, ids)


def _plane_source(studies: Collection[int], plane: PlaneIn) -> _Source:
    """The plane cut again from the slices as they were received."""
    told = plane.model_dump()
    if not imaging.series_seen(studies, {plane.series_instance_uid}):
        raise ImageNotSeen()
    stack, made = imaging.cut_plane(studies, told)

    def drawn(view: FrameView, overlay: bytes) -> bytes:
        return imaging.draw_plane(made, view, overlay)

    facts = imaging.plane_facts(stack, made)
    ids = {"study_id": facts.study_id, "series_instance_uid": plane.series_instance_uid}
    return _Source(facts, drawn, ids, {"name": imaging.name_of(told), "notes": made.notes})


def _told(recipe: Recipe, source: _Source, laid: Sheet, patient: Any, facility: str) -> dict[str, Any]:
    """Everything the template writes and draws, in pixels of the page."""
    facts = source.facts
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
            [_place(source), _look(recipe, facts)],
            [facts.series_description, "　".join(_notes(recipe, source))],
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


def _place(source: _Source) -> str:
    facts = source.facts
    series = "―" if facts.series_number is None else str(facts.series_number)
    if source.plane:
        return f"シリーズ {series}　再構成 {source.plane['name']}"
    number = "―" if facts.instance_number is None else str(facts.instance_number)
    frame = f"　フレーム {facts.frame_number}/{facts.frames}" if facts.frames > 1 else ""
    return f"シリーズ {series}　画像 {number}{frame}"


def _look(recipe: Recipe, facts: FrameFacts) -> str:
    if recipe.window is None or facts.is_colour:
        return "カラー"
    return f"W {_short(recipe.window.width)}　L {_short(recipe.window.center)}"


def _short(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 10 else f"{value:.3g}"


def _notes(recipe: Recipe, source: _Source) -> list[str]:
    facts = source.facts
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
    return [
        *(source.plane["notes"] if source.plane else ()),
        *(text for text, is_so in said.items() if is_so),
    ]
