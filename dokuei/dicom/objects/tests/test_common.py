"""Whose object it is: the image's own words, decoded and written again."""

import io
from datetime import UTC, datetime
from typing import Any

import pydicom
import pytest
from pydicom import Dataset

from dokuei.dicom.objects.common import Making, Reference, as_file, begin, evidence, person, subject_of
from dokuei.dicom.objects.icc import srgb
from dokuei.dicom.read import read_data_set, read_meta
from dokuei.dicom.uid import is_conforming
from tests.builders import ct_instance

MAKING = Making(
    sop_uid="2.25.1", series_uid="2.25.2", series_number=1, instance_number=1,
    at=datetime(2026, 11, 22, 20, 30, tzinfo=UTC), author="山田 太郎",
)  # fmt: skip


def an_image(**change: Any) -> bytes:
    ds = pydicom.dcmread(io.BytesIO(ct_instance()))
    ds.decode()
    for name, value in change.items():
        setattr(ds, name, value)
    out = io.BytesIO()
    ds.save_as(out, enforce_file_format=True)
    return out.getvalue()


def written(content: bytes) -> Dataset:
    meta = read_meta(content)
    subject = subject_of(read_data_set(content, meta.transfer_syntax, meta.data_set_offset))
    ds = begin(subject, MAKING, sop_class="1.2.840.10008.5.1.4.1.1.88.59", modality="KO", description="x")
    return pydicom.dcmread(io.BytesIO(as_file(ds)))


@pytest.mark.parametrize(
    "charset", ["ISO_IR 192", ["", "ISO 2022 IR 87"], ["ISO 2022 IR 13", "ISO 2022 IR 87"], "GB18030"]
)
def test_a_name_is_the_same_in_whatever_way_the_image_wrote_it(charset: Any) -> None:
    name = "Yamada^Tarou=山田^太郎=やまだ^たろう"

    ds = written(an_image(SpecificCharacterSet=charset, PatientName=name, StudyDescription="胸部CT"))

    assert (ds.SpecificCharacterSet, str(ds.PatientName), ds.StudyDescription) == (
        "ISO_IR 192",
        name,
        "胸部CT",
    )


@pytest.mark.parametrize(
    ("offset", "day", "clock"),
    [
        ("", "20261123", "053000"),
        ("+0900", "20261123", "053000"),
        ("-0500", "20261122", "153000"),
    ],
)
def test_times_are_of_the_studys_zone_and_say_so(offset: str, day: str, clock: str) -> None:
    ds = written(an_image(TimezoneOffsetFromUTC=offset) if offset else an_image())

    assert (ds.SeriesDate, ds.SeriesTime) == (day, clock)
    assert ds.TimezoneOffsetFromUTC == (offset or "+0900")


def test_type_2_is_there_and_empty_and_nonsense_is_left_out() -> None:
    with pytest.warns(UserWarning, match="Invalid value"):
        content = an_image(
            PatientBirthDate="1968.03.12", StudyTime="25:99", PatientSex="weiblich", AccessionNumber=""
        )

    ds = written(content)

    assert (ds.PatientBirthDate, ds.StudyTime, ds.PatientSex, ds.AccessionNumber) == ("19680312", "", "", "")
    assert "PatientWeight" not in ds


def test_evidence_names_every_instance_once_under_its_study_and_series() -> None:
    one = Reference("1.1", "1.2", "1.9", "1.3", 4)

    found = evidence([one, Reference("1.1", "1.2", "1.9", "1.3", 5), Reference("2.1", "2.2", "1.9", "2.3")])

    assert [study.StudyInstanceUID for study in found] == ["1.1", "2.1"]
    (series,) = found[0].ReferencedSeriesSequence
    (ref,) = series.ReferencedSOPSequence
    assert "ReferencedFrameNumber" not in ref


def test_the_same_content_is_the_same_bytes() -> None:
    content = an_image(StudyInstanceUID="1.2.3", SOPInstanceUID="1.2.4")

    assert [bytes(as_file(written(content))) for _ in range(2)].count(as_file(written(content))) == 2
    assert is_conforming("2.25.1")


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("山田 太郎", "=山田^太郎"), ("Taro Yamada", "Taro^Yamada"), ("山田　太郎 ", "=山田^太郎"), ("", "^")],
)
def test_a_readers_name(name: str, wanted: str) -> None:
    assert person(name) == wanted


def test_the_colour_space_is_a_profile_other_software_opens() -> None:
    profile = srgb()

    assert len(profile) == int.from_bytes(profile[:4], "big")
    assert (profile[12:16], profile[16:20], profile[36:40]) == (b"scnr", b"RGB ", b"acsp")
