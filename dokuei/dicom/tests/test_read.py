"""The bounded walk: whatever the bytes are, it ends, and nothing is allocated by what they claim."""

import io
import struct
import tracemalloc
import zlib

import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import Dataset, Sequence
from pydicom.encaps import encapsulate, encapsulate_extended
from pydicom.uid import JPEG2000Lossless

from dokuei.base.errors import DokueiError
from dokuei.dicom import json as dicom_json
from dokuei.dicom import syntax
from dokuei.dicom.describe import describe
from dokuei.dicom.pixels import cut_bits, little_endian, plan_frames
from dokuei.dicom.read import DataSet, read_data_set, read_meta
from dokuei.dicom.tests.builders import an_instance, as_file
from dokuei.dicom.walk import Note, TooComplex, TooLarge


def read(data: bytes) -> DataSet:
    meta = read_meta(data)
    return read_data_set(data, meta.transfer_syntax, meta.data_set_offset)


GOOD = as_file(an_instance())


def everything(data: bytes) -> str:
    """All that a door does with bytes; a refusal is an answer, anything else is a crash."""
    try:
        ds = read(data)
        describe(ds)
        dicom_json.to_json(ds, lambda path: path)
    except DokueiError as error:
        return error.error_code
    return ""


@given(st.binary(max_size=600))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    everything(data)
    everything(b"\0" * 128 + b"DICM" + data)


@settings(max_examples=300)
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=12))
def test_any_damage_to_a_good_file_is_read_or_refused(damage: list[tuple[int, int]]) -> None:
    data = bytearray(GOOD)
    for place, value in damage:
        data[place] = value

    everything(bytes(data))


@given(st.integers(0, len(GOOD) - 1))
def test_a_file_cut_anywhere_is_refused_or_lacks_only_its_tail(end: int) -> None:
    code = everything(GOOD[:end])

    assert code or end in {len(GOOD)} or "PixelData" not in pydicom.dcmread(io.BytesIO(GOOD[:end]))


def test_a_claimed_length_allocates_nothing() -> None:
    ds = an_instance()
    data = as_file(ds).replace(b"OW\0\0" + struct.pack("<I", 512), b"OW\0\0" + struct.pack("<I", 0xFFFFFFF0))

    tracemalloc.start()
    code = everything(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert code == "dicom.truncated"
    assert peak < 1024**2


def test_frames_are_counted_with_whole_numbers_however_large() -> None:
    ds = an_instance(Rows=65535, Columns=65535, NumberOfFrames=2147483647)

    assert everything(as_file(ds)) == "dicom.absurd_pixels"


@pytest.mark.parametrize("depth", [60, 70, 3000])
def test_nesting_has_a_depth(depth: int) -> None:
    head = b"\x08\x00\x40\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    tail = b"\xfe\xff\x0d\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0"
    data = head * depth + tail * depth

    if depth <= 64:
        assert read_data_set(data, syntax.EXPLICIT_LE).elements
    else:
        with pytest.raises(TooComplex):
            read_data_set(data, syntax.EXPLICIT_LE)


def test_a_deflate_bomb_is_stopped_early() -> None:
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = engine.compress(bytes(300 * 1024**2)) + engine.flush()

    tracemalloc.start()
    with pytest.raises(TooLarge):
        read_data_set(bomb, syntax.DEFLATED_LE)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 128 * 1024**2


@pytest.mark.parametrize("with_table", [True, False])
@pytest.mark.parametrize("fragments", [1, 3])
def test_encapsulated_frames_are_found_with_and_without_a_table(with_table: bool, fragments: int) -> None:
    frames = [b"\xff\x4f" + bytes([n]) * (100 + 2 * n) + b"\xff\xd9" for n in range(4)]
    ds = an_instance(NumberOfFrames=4, PixelData=encapsulate(frames, fragments, with_table))
    ds["PixelData"].VR = "OB"
    ds["PixelData"].is_undefined_length = True
    data = as_file(ds, JPEG2000Lossless)

    plan = plan_frames(read(data))

    assert plan is not None
    found = [b"".join(data[offset : offset + length] for offset, length in one) for one in plan.ranges]
    assert [one.rstrip(b"\0") for one in found] == frames


def test_an_extended_offset_table_gives_the_true_lengths() -> None:
    frames = [bytes([n + 1]) * (101 + n) for n in range(3)]
    pixels, table, _ = encapsulate_extended(frames)
    lengths = struct.pack("<3Q", 101, 102, 103)  # pydicom would count the padding too
    ds = an_instance(
        NumberOfFrames=3, PixelData=pixels, ExtendedOffsetTable=table, ExtendedOffsetTableLengths=lengths
    )
    ds["PixelData"].VR = "OB"
    ds["PixelData"].is_undefined_length = True
    data = as_file(ds, JPEG2000Lossless)

    plan = plan_frames(read(data))

    assert plan is not None
    assert [data[one[0][0] : sum(one[0])] for one in plan.ranges] == frames


@given(st.binary(min_size=1, max_size=64), st.data())
def test_cutting_bits_is_taking_them_one_by_one(data: bytes, draw: st.DataObject) -> None:
    first = draw.draw(st.integers(0, len(data) * 8 - 1))
    count = draw.draw(st.integers(1, len(data) * 8 - first))

    cut = cut_bits(data, first, count)

    bits = [data[n // 8] >> n % 8 & 1 for n in range(first, first + count)]
    assert [cut[n // 8] >> n % 8 & 1 for n in range(count)] == bits


@given(st.binary(max_size=64), st.sampled_from([1, 2, 4, 8]))
def test_swapping_words_twice_changes_nothing(data: bytes, word: int) -> None:
    whole = data[: len(data) // word * word]

    assert little_endian(little_endian(whole, word), word) == whole


def test_metadata_is_what_pydicom_says_for_ordinary_values() -> None:
    ds = an_instance(PixelSpacing=[0.5, 0.75], ImageType=["ORIGINAL", "PRIMARY"])
    item = Dataset()
    item.CodeValue, item.CodeMeaning = "T-28000", "肺"
    ds.AnatomicRegionSequence = Sequence([item])
    theirs = pydicom.dcmread(io.BytesIO(as_file(ds)), stop_before_pixels=True).to_json_dict()

    ours = dicom_json.to_json(read(as_file(ds)), lambda path: path)

    del ours["7FE00010"]
    assert ours == theirs


def test_bare_data_sets_of_each_encoding_are_recognised() -> None:
    for uid in (syntax.IMPLICIT_LE, syntax.EXPLICIT_LE, syntax.EXPLICIT_BE):
        data = as_file(an_instance(), uid)
        bare = data[read_meta(data).data_set_offset :]
        ds = read_data_set(bare)
        assert (ds.transfer_syntax, ds.text(0x00100020)) == (uid, "P1")
        assert Note.NO_FILE_META in ds.notes
