"""A certificate as an A4 PDF/A: what moved, what hangs loose and whose it is, what may stay and why."""

from datetime import datetime
from pathlib import Path
from typing import Any

from dokuei.kit import typeset

TEMPLATE = Path(__file__).parent / "certificate.typ"


def render(body: dict[str, Any], *, sha256: str, previous: str) -> bytes:
    """The same certificate gives the same bytes."""
    data = {**body, "sha256": sha256, "previous": previous}
    at = int(datetime.fromisoformat(body["made_at"]).timestamp())
    return typeset.pdf(TEMPLATE, data, at=at, images={})
