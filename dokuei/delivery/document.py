"""The report as an A4 PDF/A: conclusion first, patient on every page, rendered by Typst with Noto Sans JP inside.

The signed body goes in as JSON and comes out as text; nothing in it is ever read as markup.
"""

import json
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

HERE = Path(__file__).parent
TEMPLATE = HERE / "report.typ"
FONTS = HERE / "fonts"


class FontsMissing(Exception):
    """The fonts were not built in; `./dev build` (or the wheel) brings them."""


def render(body: dict[str, Any], *, number: int, kind: str, signed_by: str, sha256: str) -> bytes:
    """Render one signed version. The same input gives the same bytes."""
    if not any(FONTS.glob("*.ttf")):
        raise FontsMissing(str(FontsMissing.__doc__))
    data = {**body, "number": number, "kind": kind, "signed_by": signed_by, "sha256": sha256}
    compiled = _compiler().compile(
        format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        pdf_standards="a-2b",
        timestamp=_timestamp(body["signed_at"]),
    )
    return bytes(compiled)


@lru_cache(maxsize=1)
def _compiler() -> Any:
    return typst.Compiler(
        input=str(TEMPLATE), root=str(HERE), font_paths=[str(FONTS)], ignore_system_fonts=True
    )


def _timestamp(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())
