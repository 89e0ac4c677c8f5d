"""What is read of data sets that are built alike is what a walk over each of them would have found."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import Dataset
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian, generate_uid

from dokuei.base.errors import DokueiError
from dokuei.dicom import alike
from dokuei.dicom.alike import Alike
from dokuei.dicom.describe import describe
from dokuei.dicom.read import read_data_set
from dokuei.dicom.tests.builders import an_instance, as_data_set

SYNTAXES = [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian]


def a_slice(**changes: Any) -> Dataset:
    ds = an_instance(**changes)
    item = Dataset()
    item.RequestedProcedureID, item.RequestedProcedureDescription = "R1", "頭部"
    ds.RequestAttributesSequence = [item]
    ds.DataSetTrailingPadding = bytes(10)
    ds.ImagePositionPatient, ds.SliceLocation = ["-1.0", "2.0", "3.00"], "3.00"
    return ds


def plainly(data: bytes, syntax: UID) -> Any:
    """What is found without knowing anything: elements, values, facts; or why nothing is."""
    try:
        ds = read_data_set(data, syntax)
        return ds.elements, ds.notes, ds.charset, describe(ds)
    except DokueiError as error:
        return type(error), error.error_code


def knowing(reader: Alike, data: bytes, syntax: UID) -> Any:
    try:
        ds = reader.read(data, syntax)
        return ds.elements, ds.notes, ds.charset, reader.describe(ds)
    except DokueiError as error:
        return type(error), error.error_code


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_a_series_is_walked_through_once(syntax: UID, monkeypatch: pytest.MonkeyPatch) -> None:
    study, series = generate_uid(), generate_uid()
    walks: list[bytes] = []

    def counted(data: bytes, *rest: Any) -> Any:
        walks.append(data)
        return read_data_set(data, *rest)

    monkeypatch.setattr(alike, "read_data_set", counted)
    reader = Alike()

    for number in range(1, 6):
        data = as_data_set(
            a_slice(
                StudyInstanceUID=study,
                SeriesInstanceUID=series,
                SOPInstanceUID=f"2.25.1000{number}",
                InstanceNumber=number,
            ),
            syntax,
        )
        assert knowing(reader, data, syntax) == plainly(data, syntax)

    assert len(walks) == 1


CHANGES: dict[str, list[Any]] = {
    "SOPInstanceUID": ["2.25.10001", "2.25.10002", "2.25.1"],
    "PatientName": ["Yamada^Tarou=山田^太郎", "Suzuki^Ichir=鈴木^一朗", "Kim"],
    "PatientID": ["A1", "B2", "LONGER-ID"],
    "StudyDate": ["20260101", "20260102"],
    "StudyDescription": ["頭部", "腹部", "頭部CT"],
    "InstanceNumber": [1, 2, 300],
    "SliceLocation": ["3.00", "4.00", "12.5"],
    "Rows": [16, 8],
    "PixelRepresentation": [0, 1],
    "NumberOfFrames": [1, 2],
    "AcquisitionDateTime": ["20260101120000", "20260101120001"],
    "TimezoneOffsetFromUTC": ["+0900", "+0100"],
}
LIES = [
    (b"ISO_IR 192", b"ISO_IR 100"),
    (b"ISO_IR 192", b"ISO_IR 13 "),
    (b"20260101", b"20261301"),
    (b"2.25.1", b"2.25.x"),
    (b"2.25.10000", b"2.25.01000"),
]
"""Bytes that a device got wrong."""


@settings(max_examples=150, deadline=None)
@given(
    steps=st.lists(
        st.tuples(
            st.dictionaries(st.sampled_from(sorted(CHANGES)), st.integers(0, 3), max_size=3),
            st.sampled_from([None, None, *LIES]),
        ),
        min_size=2,
        max_size=6,
    ),
    syntax=st.sampled_from(SYNTAXES),
)
def test_whatever_changes_from_one_to_the_next_is_seen(
    steps: list[tuple[dict[str, int], tuple[bytes, bytes] | None]], syntax: UID
) -> None:
    study, series = "2.25.77", "2.25.78"
    reader = Alike()
    for changes, lie in steps:
        ds = a_slice(StudyInstanceUID=study, SeriesInstanceUID=series, SOPInstanceUID="2.25.10000")
        for name, at in changes.items():
            setattr(ds, name, CHANGES[name][at % len(CHANGES[name])])
        data = as_data_set(ds, syntax)
        if lie is not None:
            data = data.replace(*lie)

        assert knowing(reader, data, syntax) == plainly(data, syntax)


@pytest.mark.parametrize("seed", range(40))
def test_any_byte_of_the_header_may_change(seed: int) -> None:
    dice = random.Random(seed)
    syntax = SYNTAXES[seed % 3]
    good = as_data_set(a_slice(), syntax)
    header = len(good) - len(a_slice().PixelData)
    reader = Alike()
    knowing(reader, good, syntax)

    for _ in range(60):
        mutant = bytearray(good)
        for _ in range(dice.choice([1, 1, 2, 5])):
            mutant[dice.randrange(header)] = dice.choice(
                [0, 1, 0x20, 0x31, 0x41, 0x5C, 0xFF, dice.randrange(256)]
            )

        assert knowing(reader, bytes(mutant), syntax) == plainly(bytes(mutant), syntax)


def test_at_most_a_few_forms_are_kept() -> None:
    reader = Alike()

    for length in range(1, 30):
        data = as_data_set(a_slice(StudyDescription="x" * length), ExplicitVRLittleEndian)
        assert knowing(reader, data, ExplicitVRLittleEndian) == plainly(data, ExplicitVRLittleEndian)

    assert len(reader._forms) == alike.MOST_FORMS
