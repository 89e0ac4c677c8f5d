"""Pages of a PDF as pictures, each drawn in a process of its own: ``python -I -m dokuei.dicom.codec.pages``.

The document travels through a shared memory file and never lies on a disk. Typst's reader is written without unsafe
memory and knows neither scripts nor links; the process has limits on memory, time and files all the same, and nothing
of what it made is used unless it ended well. It cannot stand behind the decoders' system call filter: its library works
with threads of its own.
"""

import json
import os
import re
import resource
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from dokuei.dicom.codec.errors import (
    DecoderCrashed,
    DecoderTimedOut,
    PixelsTooLarge,
    Undecodable,
)

LARGEST_DOCUMENT = 128 * 1024**2
MEMORY_BYTES = 3 * 1024**3
SECONDS = 20
MOST_PAGES = 2000
MISSING = re.compile(r"page \d+ does not exist")
TEMPLATE = """#set page(width: auto, height: auto, margin: 0pt, fill: white)
#let page-of = image("/{fd}", format: "pdf", page: {number})
#context {{
  let size = measure(page-of)
  scale(calc.min({wide}pt / size.width, {high}pt / size.height) * 100%, reflow: true, page-of)
}}
"""
WIDE_PT, HIGH_PT, DOTS_PER_INCH = 700, 1000, 144.0
"""A page is drawn as large as fits into this, so no document decides how many pixels are made."""


@dataclass(frozen=True)
class Page:
    """One page as PNG, and how many the document has. No picture where there is no such page."""

    png: bytes
    pages: int


def draw_page(document: bytes, number: int) -> Page:
    """Draw a page; a `PixelsRefused` says why not. Blocking."""
    if len(document) > LARGEST_DOCUMENT:
        raise PixelsTooLarge()
    given, made = os.memfd_create("document"), os.memfd_create("page")
    try:
        _write(given, document)
        said = _run(given, made, number)
        return Page(png=_read(made), pages=int(said["pages"]))
    finally:
        os.close(given)
        os.close(made)


def _run(given: int, made: int, number: int) -> dict[str, int]:
    asked = [sys.executable, "-I", "-m", "dokuei.dicom.codec.pages", str(given), str(made), str(number)]
    environment = {"LC_ALL": "C.UTF-8", "RAYON_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}
    try:
        ended = subprocess.run(
            asked,
            pass_fds=(given, made),
            env=environment,
            cwd="/",
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise DecoderTimedOut() from error
    if ended.returncode:
        raise Undecodable() if ended.returncode == 1 else DecoderCrashed()
    said: dict[str, int] = json.loads(ended.stdout)
    return said


def _write(area: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(area, view) :]


def _read(area: int) -> bytes:
    length = os.fstat(area).st_size
    return os.pread(area, length, 0)


def _limit() -> None:
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, LARGEST_DOCUMENT),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(kind, (most, most))


def main(given: int, made: int, number: int) -> None:
    """Draw one page into the shared memory and say how many there are."""
    _limit()
    pages = _count(given)
    if 1 <= number <= pages:
        _write(made, _drawn(given, number, WIDE_PT, HIGH_PT, DOTS_PER_INCH) or b"")
    sys.stdout.write(json.dumps({"pages": pages}))


def _drawn(given: int, number: int, wide: int, high: int, dots: float) -> bytes | None:
    """A page as PNG; None where the document has no such page."""
    import typst

    where: dict[str, Any] = {"root": "/proc/self/fd", "format": "png"}
    told = TEMPLATE.format(fd=given, number=number, wide=wide, high=high)
    try:
        made = typst.compile(told.encode(), **where, ppi=dots, ignore_system_fonts=True)
    except typst.TypstError as error:
        if MISSING.search(str(error)):
            return None
        raise
    if not isinstance(made, bytes):
        raise TypeError("a page became several")
    return made


def _count(given: int) -> int:
    """How many pages there are, by asking for them: drawn as small as a point, that costs little."""

    def has(number: int) -> bool:
        return _drawn(given, number, 8, 8, 72.0) is not None

    low, high = 0, 1
    while high <= MOST_PAGES and has(high):
        low, high = high, high * 2
    high = min(high, MOST_PAGES + 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if has(middle) else (low, middle)
    return low


if __name__ == "__main__":
    main(*(int(one) for one in sys.argv[1:4]))
