"""Pages of a PDF: drawn, counted, and refused where they are none."""

from io import BytesIO

import imagecodecs
import pytest
from pypdf import PdfWriter

from dokuei.dicom.codec import pages
from dokuei.dicom.codec.errors import PixelsRefused, PixelsTooLarge


def a_document(*sizes: tuple[float, float]) -> bytes:
    writer = PdfWriter()
    for width, height in sizes:
        writer.add_blank_page(width, height)
    made = BytesIO()
    writer.write(made)
    return made.getvalue()


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_every_page_is_counted(count: int) -> None:
    document = a_document(*[(595, 842)] * count)

    assert pages.draw_page(document, count).pages == count
    assert pages.draw_page(document, count + 1) == pages.Page(png=b"", pages=count)


@pytest.mark.parametrize("size", [(595, 842), (842, 595), (14_400, 14_400), (50, 3)])
def test_no_document_decides_how_many_pixels_are_made(size: tuple[float, float]) -> None:
    drawn = imagecodecs.png_decode(pages.draw_page(a_document(size), 1).png)

    high, wide = drawn.shape[:2]
    assert wide <= pages.WIDE_PT * 2 + 2
    assert high <= pages.HIGH_PT * 2 + 2
    assert wide / high == pytest.approx(size[0] / size[1], rel=0.02)
    assert drawn[..., :3].min() == 255


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"%PDF-1.7 and then noise", id="noise"),
        pytest.param(a_document((595, 842))[:120], id="cut short"),
        pytest.param(b'#panic("no markup")', id="markup"),
    ],
)
def test_what_is_no_document_is_refused(document: bytes) -> None:
    with pytest.raises(PixelsRefused):
        pages.draw_page(document, 1)


def test_a_document_that_is_too_large_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "LARGEST_DOCUMENT", 10)

    with pytest.raises(PixelsTooLarge):
        pages.draw_page(a_document((595, 842)), 1)
