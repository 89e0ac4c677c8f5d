"""The report as an A4 PDF/A: conclusion first, patient on every page, rendered by Typst with Noto Sans JP inside.

The signed body goes in as JSON and comes out as text; nothing in it is ever read as markup.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from dokuei.kit import typeset

TEMPLATE = Path(__file__).parent / "report.typ"


def render(
    body: dict[str, Any],
    *,
    number: int,
    kind: str,
    signed_by: str,
    sha256: str,
    pictures: Mapping[str, bytes] | None = None,
) -> bytes:
    """Render one signed version; `pictures` are its key images by file name. The same input gives the same bytes."""
    data = {**body, "number": number, "kind": kind, "signed_by": signed_by, "sha256": sha256}
    return typeset.pdf(TEMPLATE, data, at=_timestamp(body["signed_at"]), images=pictures or {})


def _timestamp(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())
