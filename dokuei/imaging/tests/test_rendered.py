"""Rendered images and thumbnails: what every browser can show, drawn as the standard says."""

from io import BytesIO
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pydicom
import pytest
from pydicom import Dataset, Sequence
from pypdf import PdfWriter

from dokuei.base.errors import DokueiError
from dokuei.imaging.models import Instance
from dokuei.imaging.tests.builders import a_facility, a_token, an_instance, as_file, ask, everywhere
from dokuei.imaging.tests.test_frames import stored

pytestmark = pytest.mark.django_db(transaction=True)
TEST_FILES = Path(pydicom.__file__).parent / "data" / "test_files"
PNG = "image/png"


def a_ramp(**changes: Any) -> Dataset:
    """Sixteen rows of the values 0, 16, 32 … 240."""
    pixels = np.tile(np.arange(0, 256, 16, dtype="<i2"), (16, 1))
    return an_instance(**{"PixelData": pixels.tobytes(), "WindowCenter": 128, "WindowWidth": 257, **changes})


def row_of(path: str, token: str, query: str = "") -> list[int]:
    reply = ask(f"{path}/rendered{query}", token, accept="image/png")
    assert (reply.status, reply.headers["content-type"]) == (200, "image/png")
    return list(imagecodecs.png_decode(reply.body)[0].tolist())


def test_the_window_of_the_data_set_is_used(token: str) -> None:
    assert row_of(stored(as_file(a_ramp())), token) == pytest.approx(list(range(0, 256, 16)), abs=1)


def test_monochrome1_and_inverse_are_turned_round(token: str) -> None:
    upright = row_of(stored(as_file(a_ramp())), token)
    dark = row_of(stored(as_file(a_ramp(PhotometricInterpretation="MONOCHROME1"))), token)
    shaped = row_of(stored(as_file(a_ramp(PresentationLUTShape="INVERSE"))), token)
    both = a_ramp(PhotometricInterpretation="MONOCHROME1", PresentationLUTShape="INVERSE")

    assert dark == shaped == [255 - one for one in upright]
    assert row_of(stored(as_file(both)), token) == dark


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        pytest.param("128,64,linear", {0: 0, 96: 0, 128: 129, 160: 255, 240: 255}, id="linear"),
        pytest.param("128,64,linear-exact", {0: 0, 96: 0, 128: 128, 144: 191, 160: 255}, id="linear exact"),
        pytest.param("128,64,sigmoid", {0: 0, 96: 30, 128: 128, 160: 225, 240: 255}, id="sigmoid"),
    ],
)
def test_a_window_can_be_asked_for(token: str, window: str, expected: dict[int, int]) -> None:
    row = row_of(stored(as_file(a_ramp())), token, f"?window={window}")

    assert {value: row[value // 16] for value in expected} == pytest.approx(expected, abs=1)


def test_rescale_comes_before_the_window(token: str) -> None:
    ds = a_ramp(RescaleSlope="2", RescaleIntercept="-1000", WindowCenter=-744, WindowWidth=513)

    assert row_of(stored(as_file(ds)), token) == pytest.approx(list(range(0, 256, 16)), abs=1)


def a_table(first: int, entries: list[int], bits: int = 16) -> Dataset:
    table = Dataset()
    table.add_new(0x00283002, "US", [len(entries), first, bits])
    table.add_new(0x00283006, "OW", np.array(entries, "<u2").tobytes())
    return table


def test_a_voi_table_goes_before_the_window_unless_one_is_asked_for(token: str) -> None:
    ds = a_ramp(VOILUTSequence=Sequence([a_table(32, [0] * 64 + [65535] * 64)]))
    path = stored(as_file(ds))

    assert row_of(path, token) == [0] * 6 + [255] * 10
    assert row_of(path, token, "?window=128,257") == pytest.approx(list(range(0, 256, 16)), abs=1)


def test_a_modality_table_replaces_rescale(token: str) -> None:
    table = a_table(0, [255 - n for n in range(256)])
    table.ModalityLUTType = "US"
    ds = a_ramp(ModalityLUTSequence=Sequence([table]))

    assert row_of(stored(as_file(ds)), token) == pytest.approx([255 - n for n in range(0, 256, 16)], abs=1)


def test_the_window_of_a_frame_stands_in_its_functional_group(token: str) -> None:
    def group(center: int) -> Dataset:
        window, item = Dataset(), Dataset()
        window.WindowCenter, window.WindowWidth = center, 2
        item.FrameVOILUTSequence = Sequence([window])
        return item

    ds = a_ramp(NumberOfFrames=2, PerFrameFunctionalGroupsSequence=Sequence([group(500), group(-500)]))
    ds.PixelData = bytes(ds.PixelData) * 2
    path = stored(as_file(ds))

    assert set(row_of(f"{path}/frames/1", token)) == {0}
    assert set(row_of(f"{path}/frames/2", token)) == {255}
    assert ask(f"{path}/frames/3/rendered", token).status == 404


@pytest.mark.parametrize("is_packed", [False, True], ids=["as stored", "from a pack"])
def test_thumbnails_are_small_and_look_like_the_image(token: str, is_packed: bool) -> None:
    pixels = np.zeros((300, 400), "<i2")
    pixels[:, 200:] = 1000
    ds = an_instance(Rows=300, Columns=400, PixelData=pixels.tobytes(), WindowCenter=500, WindowWidth=1000)
    path = stored(as_file(ds), is_packed=is_packed)

    reply = ask(f"{path}/thumbnail", token)

    picture = imagecodecs.jpeg8_decode(reply.body)
    assert reply.headers["content-type"] == "image/jpeg"
    assert picture.shape == (96, 128)
    assert picture[:, :56].max() < 20
    assert picture[:, 72:].min() > 235


def test_a_thumbnail_of_a_packed_frame_reads_only_its_beginning(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(1)
    ds = an_instance(Rows=512, Columns=512, PixelData=rng.integers(0, 99, (512, 512), "<i2").tobytes())
    path = stored(as_file(ds), is_packed=True)
    from dokuei.imaging.dicomweb import rendered

    monkeypatch.setattr(rendered, "frame_of", None)

    assert imagecodecs.png_decode(ask(f"{path}/thumbnail", token, accept=PNG).body).shape == (128, 128)


def test_study_and_series_are_shown_by_a_picture(token: str) -> None:
    path = stored(as_file(a_ramp()))
    series = path.split("/instances/")[0]

    for place in (series, series.split("/series/")[0]):
        for door in ("rendered", "thumbnail"):
            reply = ask(f"{place}/{door}", token)
            assert (reply.status, reply.headers["content-type"]) == (200, "image/jpeg")


def test_the_viewport_keeps_the_shape_and_may_show_a_part(token: str) -> None:
    path = stored(as_file(a_ramp()))

    small = imagecodecs.png_decode(ask(f"{path}/rendered?viewport=8,100", token, accept=PNG).body)
    part = imagecodecs.png_decode(ask(f"{path}/rendered?viewport=4,4,8,0,4,4", token, accept=PNG).body)
    large = imagecodecs.png_decode(ask(f"{path}/rendered?viewport=64,64", token, accept=PNG).body)

    assert small.shape == (8, 8)
    assert part[0].tolist() == pytest.approx([128, 144, 160, 176], abs=1)
    assert large.shape == (64, 64)


@pytest.mark.parametrize(
    "query",
    ["window=1", "window=1,0", "window=1,2,cubic", "window=nan,1", "viewport=0,5", "viewport=99999,5",
     "viewport=1,2,3", "quality=0", "quality=x"],
)  # fmt: skip
def test_a_parameter_that_makes_no_sense_is_refused(token: str, query: str) -> None:
    reply = ask(f"{stored(as_file(a_ramp()))}/rendered?{query}", token)

    assert (reply.status, reply.json["code"]) == (422, "rendered.parameter")


def test_other_kinds_of_picture_are_not_acceptable(token: str) -> None:
    path = stored(as_file(a_ramp()))

    assert ask(f"{path}/rendered", token, accept="video/mp4").status == 406
    assert ask(f"{path}/rendered?accept=image/png", token).headers["content-type"] == "image/png"


def test_who_has_the_picture_gets_it_not_again(token: str) -> None:
    path = stored(as_file(a_ramp()))
    etag = ask(f"{path}/thumbnail", token).headers["etag"]

    assert ask(f"{path}/thumbnail", token, if_none_match=etag).status == 304


def test_a_stranger_sees_no_picture() -> None:
    path = stored(as_file(a_ramp()))
    stranger = a_token(a_facility("midori"))

    for door in ("rendered", "thumbnail", "frames/1/rendered"):
        assert ask(f"{path}/{door}", stranger).status == 404


def test_colour_comes_out_as_colour(token: str) -> None:
    truth = {"SC_rgb_rle.dcm": 0, "SC_rgb_jpeg_dcmtk.dcm": 0, "SC_ybr_full_422_uncompressed.dcm": 0}
    pictures = []
    for name in truth:
        reply = ask(f"{stored((TEST_FILES / name).read_bytes())}/rendered", token, accept=PNG)
        pictures.append(imagecodecs.png_decode(reply.body).astype(int))

    assert pictures[0].shape == (100, 100, 3)
    assert np.median(np.abs(pictures[0] - pictures[1])) <= 2
    assert np.median(np.abs(pictures[0] - pictures[2])) <= 2
    assert np.ptp(pictures[0], axis=2).max() > 200


def test_every_real_image_of_every_syntax_can_be_looked_at(token: str, real_dicom: Path) -> None:
    names = [*(real_dicom / "modalities").rglob("*.dcm"), *(real_dicom / "transfer-syntaxes").rglob("*.dcm")]
    dark = []
    for number, path in enumerate(sorted(names)):
        try:
            place = stored(path.read_bytes(), code=f"f{number}")
        except DokueiError:  # without UIDs it is refused, as is proved elsewhere
            continue
        with everywhere():
            frames = Instance.objects.get(facility__code=f"f{number}").frames
        if not frames:
            continue
        reply = ask(f"{place}/thumbnail", a_token(a_facility(f"f{number}")))
        if reply.status != 200 or not np.ptp(imagecodecs.jpeg8_decode(reply.body)):
            dark.append((path.name, reply.status))

    assert dark == []


def test_pages_of_a_pdf_are_its_frames_and_only_their_pictures_leave(token: str) -> None:
    made = BytesIO()
    writer = PdfWriter()
    for _ in range(2):
        writer.add_blank_page(595, 842)
    writer.write(made)
    document = an_instance(SOPClassUID="1.2.840.10008.5.1.4.1.1.104.1", EncapsulatedDocument=made.getvalue())
    for name in ("PixelData", "Rows", "Columns"):
        delattr(document, name)
    path = stored(as_file(document))

    second = ask(f"{path}/frames/2/rendered", token, accept=PNG)

    assert (second.status, second.headers["dokuei-pages"]) == (200, "2")
    assert imagecodecs.png_decode(second.body).shape[1] > 1000
    assert ask(f"{path}/frames/3/rendered", token, accept=PNG).status == 404
    assert ask(f"{path}/rendered", token, accept="image/jpeg").status == 404
