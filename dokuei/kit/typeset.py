"""Documents and drawings by Typst, in Noto Sans JP. Data goes in as JSON text and is never read as markup."""

import json
import threading
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import typst

import dokuei

FONTS = Path(dokuei.__file__).parent / "delivery" / "fonts"
"""Where the build puts them, for every document of this program."""
_one_at_a_time = threading.Lock()


class FontsMissing(Exception):
    """The fonts were not built in; `./dev build` (or the wheel) brings them."""


def pdf(template: Path, data: Mapping[str, Any], *, at: int, images: Mapping[str, bytes]) -> bytes:
    """A template as PDF/A. `images` are files the template may name. The same input gives the same bytes."""
    if not images:
        return _compiled(template, data, "pdf", pdf_standards="a-2b", timestamp=at)
    with TemporaryDirectory(prefix="dokuei-") as folder:
        place = Path(folder) / template.name
        place.write_bytes(template.read_bytes())
        for name, content in images.items():
            (place.parent / name).write_bytes(content)
        return _compiled(place, data, "pdf", pdf_standards="a-2b", timestamp=at)


def png(template: Path, data: Mapping[str, Any]) -> bytes:
    """The only page of a template as PNG, a point a pixel."""
    return _compiled(template, data, "png", ppi=72.0)


def _compiled(template: Path, data: Mapping[str, Any], kind: Literal["pdf", "png"], **options: Any) -> bytes:
    if not any(FONTS.glob("*.ttf")):
        raise FontsMissing(str(FontsMissing.__doc__))
    compiler = typst.Compiler(input=str(template), root=str(template.parent), font_paths=_fonts())
    told = {"data": json.dumps(data, ensure_ascii=False)}
    with _one_at_a_time:
        made = compiler.compile(format=kind, sys_inputs=told, **options)
    if not isinstance(made, bytes):
        raise TypeError("a template made no single document")
    return made


@lru_cache(maxsize=1)
def _fonts() -> Any:
    """Read once a process: they are large. What Noto Sans JP lacks, as the mark of an unreadable byte, Typst has."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(FONTS)])
