"""Every frame of the real data decodes to the pixels others found in it, whatever its transfer syntax."""

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dokuei.base.errors import DokueiError
from dokuei.dicom import syntax
from dokuei.dicom.codec import htj2k, picture
from dokuei.dicom.codec.decode import decode, native_bytes, stored_values
from dokuei.dicom.codec.errors import NotLossless, Undecodable
from dokuei.dicom.codec.form import Form, Pixels
from dokuei.dicom.codec.sandbox import Sandbox
from dokuei.dicom.codec.tests.frames import frames_of

LOSSY = {f"1.2.840.10008.1.2.4.{number}" for number in (50, 51, 53, 55, 81, 91, 203)}
CHEST = "transfer-syntaxes/ct-chest"
SYNTAXES = {
    "1.2.840.10008.1.2",
    "1.2.840.10008.1.2.1",
    "1.2.840.10008.1.2.1.99",
    "1.2.840.10008.1.2.2",
    "1.2.840.10008.1.2.5",
    *(f"1.2.840.10008.1.2.4.{number}" for number in (57, 70, 80, 90, 201, 202)),
}
"""Lossless transfer syntaxes of which the real data has examples whose pixels are known."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    made = Sandbox(2)
    yield made
    made.close()


def values_of(data: bytes) -> Pixels:
    form, frames = frames_of(data)
    assert frames
    arrays = [stored_values(decode(frame, form), form) for frame in frames]
    return np.stack(arrays) if len(arrays) > 1 else arrays[0]


def manifest(root: Path) -> list[dict[str, str]]:
    with (root / "MANIFEST.tsv").open() as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


def is_known(row: dict[str, str]) -> bool:
    """Whether the manifest holds the fingerprint of pixels that our reading does not convert."""
    return row["decode"] == "ok" and row["transfer_syntax"] not in LOSSY and "_422" not in row["photometric"]


def test_every_lossless_frame_of_the_real_data_has_the_known_pixels(real_dicom: Path) -> None:
    seen, wrong = set(), []
    for row in manifest(real_dicom):
        if not is_known(row) or row["path"].startswith("hostile/generated"):
            continue
        pixels = values_of((real_dicom / row["path"]).read_bytes())
        seen.add(row["transfer_syntax"])
        if hashlib.md5(pixels.tobytes()).hexdigest() != row["pixel_md5"]:  # noqa: S324
            wrong.append(row["path"])

    assert wrong == []
    assert seen >= SYNTAXES


@pytest.mark.parametrize(
    ("name", "tolerance"),
    [
        pytest.param("1.2.840.10008.1.2.4.81-JPEGLSLossy.dcm", 10, id="JPEG-LS near-lossless"),
        pytest.param("1.2.840.10008.1.2.4.91-JPEG2000.dcm", 40, id="JPEG 2000"),
    ],
)
def test_a_lossy_frame_is_near_the_original(real_dicom: Path, name: str, tolerance: int) -> None:
    (original,) = (real_dicom / CHEST).glob("1.2.840.10008.1.2.4.80-*.dcm")
    truth = values_of(original.read_bytes()).astype(np.int32)

    pixels = values_of((real_dicom / CHEST / name).read_bytes())

    assert pixels.dtype == np.int16
    assert np.abs(pixels - truth).max() <= tolerance


@pytest.mark.parametrize("uid", ["51", "53", "55"], ids=["extended", "spectral selection", "progressive"])
def test_12_bit_jpeg_of_every_process_shows_the_same_chest(real_dicom: Path, uid: str) -> None:
    (original,) = (real_dicom / CHEST).glob("1.2.840.10008.1.2.4.80-*.dcm")
    (path,) = (real_dicom / CHEST).glob(f"1.2.840.10008.1.2.4.{uid}-*.dcm")
    truth = values_of(original.read_bytes()).astype(float)

    pixels = values_of(path.read_bytes()).astype(float)

    assert pixels.max() > 255
    assert np.corrcoef(truth.ravel(), pixels.ravel())[0, 1] > 0.99


def test_jpeg_colour_is_what_the_header_says_and_looks_like_the_original(real_dicom: Path) -> None:
    truth = values_of(pydicom_file("SC_rgb_rle.dcm")).astype(int)
    folder = real_dicom / "transfer-syntaxes" / "multi"
    for name in ("SC_rgb_jpeg_dcmtk.dcm", "SC_rgb_dcmtk_+eb+cy+s4.dcm", "SC_rgb_dcmtk_+eb+cr.dcm"):
        form, (frame,) = frames_of((folder / name).read_bytes())
        decoded = decode(frame, form)
        pixels = decoded.pixels.astype(np.float32)
        rgb = picture.ybr_to_rgb(pixels) if decoded.photometric == "YBR_FULL" else pixels

        assert decoded.photometric == form.photometric
        assert np.median(np.abs(rgb - truth)) <= 2, name


def test_one_bit_frames_decode_the_same_from_rle_deflate_and_jpeg_2000(real_dicom: Path) -> None:
    folder = real_dicom / "transfer-syntaxes" / "multi"
    truth = values_of((folder / "liver_j2k.dcm").read_bytes())

    for name in ("liver_rle.dcm", "liver_deflate.dcm"):
        assert np.array_equal(values_of((folder / name).read_bytes()), truth)
    assert truth.any()


def test_the_sandbox_decodes_what_the_decoder_decodes(real_dicom: Path, sandbox: Sandbox) -> None:
    for path in sorted((real_dicom / CHEST).glob("*.dcm")):
        form, frames = frames_of(path.read_bytes())
        for frame in frames:
            result = sandbox.run("to_native", {"form": form.as_dict()}, [frame])
            assert result.data == native_bytes(decode(frame, form), form)


def test_no_hostile_file_gets_past_a_refusal(real_dicom: Path, sandbox: Sandbox) -> None:
    codes = {}
    for path in sorted((real_dicom / "hostile").rglob("*.dcm")):
        try:
            form, frames = frames_of(path.read_bytes())
            for frame in frames[:3]:
                sandbox.run("to_native", {"form": form.as_dict()}, [frame])
        except DokueiError as error:
            codes[path.name] = error.error_code

    for name in ("j2k-siz-4gx4g-tile1", "jpeg-sof-65500x65500", "jpegls-corrupt", "rle-offset-outside"):
        assert codes[f"{name}.dcm"] == "pixels.undecodable", name
    assert codes["rows-zero.dcm"] == codes["samples-0.dcm"] == "pixels.undecodable"
    assert sandbox.run("to_native", {"form": plain().as_dict()}, [bytes(32)]).data == bytes(32)


def pydicom_file(name: str) -> bytes:
    return (Path(pydicom.__file__).parent / "data" / "test_files" / name).read_bytes()


@pytest.mark.parametrize(
    "name",
    ["CT_small.dcm", "MR_small.dcm", "MR_small_RLE.dcm", "MR_small_bigendian.dcm", "MR_small_jp2klossless.dcm",
     "SC_rgb_small_odd.dcm", "image_dfl.dcm", "ExplVR_BigEnd.dcm",  "SC_rgb_rle_16bit_2frame.dcm",
     "MR_small_jpeg_ls_lossless.dcm", "JPEG2000.dcm", "examples_palette.dcm", "examples_jpeg2k.dcm"],
)  # fmt: skip
def test_pydicoms_own_files_survive_htj2k(name: str, sandbox: Sandbox) -> None:
    form, frames = frames_of(pydicom_file(name))

    for frame in frames:
        native = sandbox.run("to_native", {"form": form.as_dict()}, [frame]).data
        coded = sandbox.run("to_htj2k", {"form": form.as_dict()}, [frame])
        back = replace(form, transfer_syntax="1.2.840.10008.1.2.4.202", is_planar=form.is_planar)
        assert sandbox.run("to_native", {"form": back.as_dict()}, [coded.data]).data == native
        assert coded.said["ends"][-1] == len(coded.data)


def plain(**changes: Any) -> Form:
    """A 4 by 4 image of 16 bits."""
    form = Form(syntax.EXPLICIT_LE, 4, 4, 1, 16, 16, 15, False, False, "MONOCHROME2", "<u2")
    return replace(form, **changes)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_picture_survives_htj2k_and_every_prefix_is_a_smaller_picture(data: st.DataObject) -> None:
    rows, columns = data.draw(st.integers(1, 150)), data.draw(st.integers(1, 150))
    kind = data.draw(st.sampled_from(["u1", "i2", "u2"]))
    shape = (rows, columns, 3) if kind == "u1" and data.draw(st.booleans()) else (rows, columns)
    seed = data.draw(st.integers(0, 2**32 - 1))
    info = np.iinfo(kind)
    pixels = np.random.default_rng(seed).integers(info.min, info.max, shape, kind, endpoint=True)

    coded = htj2k.encode(pixels)

    assert len(coded.ends) == htj2k.resolutions(rows, columns) + 1
    assert list(coded.ends) == sorted(set(coded.ends))
    whole = imagecodecs.htj2k_decode(coded.stream)
    assert np.array_equal(whole, pixels)
    for resolution, end in enumerate(coded.ends[:-1]):
        skip = len(coded.ends) - 1 - resolution
        small = imagecodecs.htj2k_decode(coded.stream[:end], skipres=skip)
        assert small.shape[:2] == htj2k.size_at(rows, columns, resolution)
        assert np.array_equal(small, imagecodecs.htj2k_decode(coded.stream, skipres=skip))


def test_the_stream_is_what_the_standard_asks_for() -> None:
    coded = htj2k.encode(np.arange(511 * 512, dtype="<u2").reshape(511, 512))
    at = coded.stream.index(b"\xff\x52")

    assert coded.stream[at + 5] == 2  # RPCL
    assert coded.stream[at + 9] == 5  # decompositions: the base is 16 by 16
    assert coded.stream[at + 13] == 1  # reversible 5-3
    assert b"\xff\x55" in coded.stream[: coded.ends[0]]  # TLM
    assert b"\xff\x50" in coded.stream[:100]  # CAP: high-throughput


def test_a_stream_cut_short_has_no_ends_and_other_pixels_are_not_lossless() -> None:
    pixels = np.arange(100 * 100, dtype="<u2").reshape(100, 100)
    coded = htj2k.encode(pixels)

    with pytest.raises(Undecodable):
        htj2k.ends_of(coded.stream[:-100])
    with pytest.raises(NotLossless):
        htj2k.verify(coded.stream, pixels + 1)


@pytest.mark.parametrize(
    ("form", "data", "expected"),
    [
        pytest.param(plain(), np.arange(16, dtype="<u2").tobytes(), np.arange(16), id="16 bit"),
        pytest.param(
            plain(transfer_syntax=syntax.GE_PRIVATE_BE_PIXELS),
            np.arange(16, dtype=">u2").tobytes(), np.arange(16), id="private big-endian pixels",
        ),
        pytest.param(
            plain(bits_allocated=1, bits_stored=1, high_bit=0, kind="|u1"), b"\x05\x80",
            [1, 0, 1, *[0] * 12, 1], id="1 bit",
        ),
        pytest.param(plain(bits_stored=12, high_bit=11, is_signed=True, kind="<i2"),
            np.array([0x0FFF, 0x07FF, 0xF800, 0x1001] * 4, "<u2").tobytes(),
            [-1, 2047, -2048, 1] * 4, id="an overlay beside a sign"),
        pytest.param(
            plain(samples=3, bits_allocated=8, bits_stored=8, high_bit=7, kind="|u1", photometric="RGB",
                  is_planar=True, rows=1, columns=2),
            bytes([1, 2, 3, 4, 5, 6]), [1, 3, 5, 2, 4, 6], id="by plane",
        ),
        pytest.param(
            plain(samples=3, bits_allocated=8, bits_stored=8, high_bit=7, kind="|u1",
                  photometric="YBR_FULL_422", rows=1, columns=2),
            bytes([10, 20, 30, 40]), [10, 30, 40, 20, 30, 40], id="shared chrominance",
        ),
    ],
)  # fmt: skip
def test_native_pixels(form: Form, data: bytes, expected: Any) -> None:
    decoded = decode(data, form)

    assert stored_values(decoded, form).reshape(-1).tolist() == list(expected)
    if form.transfer_syntax == syntax.EXPLICIT_LE:
        assert native_bytes(decoded, form) == data


@pytest.mark.parametrize(
    "uid", [syntax.EXPLICIT_LE, "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.8.1", *sorted(LOSSY), "1.2.3"]
)
@given(st.binary(max_size=200))
@settings(max_examples=30, deadline=None)
def test_noise_is_refused(uid: str, data: bytes) -> None:
    form = plain(transfer_syntax=uid, rows=64, columns=64)

    with pytest.raises(Undecodable):
        decode(data[:200], form)


@pytest.mark.parametrize(
    "head", [b"\xff\xd8\xff\xe0\x00\x02" * 2, b"\xff\xd8\xff\xc0\x00\x04\x00\x00", b"\xff\xd8\xff"]
)
def test_a_stream_head_that_lies_is_refused(head: bytes) -> None:
    with pytest.raises(Undecodable):
        decode(head, plain(transfer_syntax="1.2.840.10008.1.2.4.50"))


def test_jpeg_xl_decodes() -> None:
    pixels = np.arange(40 * 30, dtype="<u2").reshape(40, 30)
    data = bytes(imagecodecs.jpegxl_encode(pixels, lossless=True))

    form = plain(transfer_syntax="1.2.840.10008.1.2.4.110", rows=40, columns=30)
    assert np.array_equal(decode(data, form).pixels, pixels)
    with pytest.raises(Undecodable):
        decode(data, replace(form, rows=41))
