"""A file that is said to be a request slip: what it is by its content, how many pages, and a page as a picture.

Its bytes are met by a decoder only behind walls: pictures in the sandbox of pixels, PDFs in a process of their own.
"""

import struct
from dataclasses import dataclass

from dokuei.base.errors import Invalid
from dokuei.dicom.codec import pages, sandbox
from dokuei.dicom.codec.errors import PixelsRefused

MOST_BYTES = 50 * 1024**2
MOST_FILES = 20
MOST_PAGES = 100
"""Of one file."""
NOT_SHOWN = (
    "このファイルは表示できません（破損・暗号化など）。施設に画像またはPDFでの再送を依頼してください。"
)
TOO_MANY_PAGES = f"ページ数が{MOST_PAGES}を超えています。分けて送信してください。"


class NotAPaper(Invalid):
    """受け付けられるのはPDF・PNG・JPEG・TIFFのファイルです。"""

    code = "paper.kind"


class PaperTooLarge(Invalid):
    """ファイルが大きすぎます（1件50MBまで）。分けて送信してください。"""

    code = "paper.too_large"


class PaperEmpty(Invalid):
    """ファイルが空です。もう一度送信してください。"""

    code = "paper.empty"


class PageMissing(Invalid):
    """このページは表示できません。施設に再送を依頼してください。"""

    code = "paper.page"


@dataclass(frozen=True)
class Given:
    """A file as it came, and what was found in it."""

    name: str
    data: bytes
    kind: str
    pages: int
    problem: str


def look_at(name: str, data: bytes) -> Given:
    """What a file is; refused if it is none of the kinds that are taken. What cannot be shown is kept and says so."""
    if not data:
        raise PaperEmpty()
    if len(data) > MOST_BYTES:
        raise PaperTooLarge()
    kind = kind_of(data)
    if not kind:
        raise NotAPaper()
    count, problem = _counted(data, kind)
    return Given(shown_name(name), data, kind, count, problem)


def shown_name(name: str) -> str:
    """A file's name for people: no folders, nothing unprintable."""
    bare = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(one for one in bare if one.isprintable())[-200:]


def kind_of(data: bytes) -> str:
    """pdf, png, jpeg or tiff by the first bytes; empty for anything else, whatever it is called."""
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if data[:4] in {b"II*\x00", b"MM\x00*"}:
        return "tiff"
    return ""


def _counted(data: bytes, kind: str) -> tuple[int, str]:
    """How many pages can be shown, found by drawing the first; or none, and why."""
    try:
        if kind == "pdf":
            page = pages.draw_page(data, 1)
            count = page.pages if page.png else 0
        else:
            count = tiff_pages(data) if kind == "tiff" else 1
            draw(data, kind, 1)
    except (PixelsRefused, PageMissing):
        return 0, NOT_SHOWN
    if count > MOST_PAGES:
        return 0, TOO_MANY_PAGES
    return (count, "") if count else (0, NOT_SHOWN)


def draw(data: bytes, kind: str, number: int) -> bytes:
    """A page as PNG. Blocking."""
    if kind == "pdf":
        png = pages.draw_page(data, number).png
        if not png:
            raise PageMissing()
        return png
    return sandbox.default().run("to_page", {"kind": kind, "page": number}, [data]).data


def tiff_pages(data: bytes) -> int:
    """How many pictures a TIFF chains together; a chain that leads outside or in a ring ends there."""
    order = "<" if data[:2] == b"II" else ">"
    seen: set[int] = set()
    try:
        (place,) = struct.unpack_from(order + "I", data, 4)
        while place and place not in seen and len(seen) <= MOST_PAGES:
            (entries,) = struct.unpack_from(order + "H", data, place)
            seen.add(place)
            (place,) = struct.unpack_from(order + "I", data, place + 2 + 12 * entries)
    except struct.error:
        return len(seen)
    return len(seen)
