"""DICOMweb: pixels byte for byte, and nothing of another facility at any door."""

import io
from typing import Any
from urllib.parse import quote

import pydicom
import pytest
from pydicom import Dataset
from pydicom.uid import ExplicitVRBigEndian, generate_uid

from dokuei.audit.events import Event
from dokuei.audit.models import Entry
from dokuei.identity.access import Permission
from dokuei.imaging.dicomweb import access
from dokuei.imaging.tests.builders import (
    a_facility,
    a_token,
    an_instance,
    as_file,
    as_multipart,
    ask,
    everywhere,
    stored,
)

pytestmark = pytest.mark.django_db(transaction=True)


def instance_path(ds: Dataset, code: str = "aoba") -> str:
    study = f"/dicomweb/{code}/studies/{ds.StudyInstanceUID}"
    return f"{study}/series/{ds.SeriesInstanceUID}/instances/{ds.SOPInstanceUID}"


def test_a_frame_is_served_as_stored_with_its_syntax_and_never_cached(token: str) -> None:
    ds = an_instance()
    stored(ds)

    reply = ask(f"{instance_path(ds)}/frames/1", token)

    assert reply.status == 200
    assert reply.parts() == [("application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1", ds.PixelData)]
    assert reply.headers["cache-control"] == "private, no-store"


def test_several_frames_come_in_the_order_asked_for(token: str) -> None:
    ds = an_instance(NumberOfFrames=3, PixelData=bytes(range(256)) * 6)
    stored(ds)

    parts = ask(f"{instance_path(ds)}/frames/3,1", token).parts()

    assert [body for _, body in parts] == [ds.PixelData[1024:], ds.PixelData[:512]]


def test_big_endian_pixels_are_served_little_endian(token: str) -> None:
    ds = an_instance(PixelData=bytes(range(256)) * 2)
    stored(ds, ExplicitVRBigEndian)

    parts = ask(f"{instance_path(ds)}/frames/1", token).parts()

    swapped = b"".join(ds.PixelData[n : n + 2][::-1] for n in range(0, 512, 2))
    assert parts == [("application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1", swapped)]


def test_one_bit_frames_that_share_bytes_are_cut_apart(token: str) -> None:
    ds = an_instance(
        Rows=3, Columns=3, BitsAllocated=1, BitsStored=1, HighBit=0, PixelRepresentation=0,
        NumberOfFrames=2, PixelData=bytes([0b1111_1111, 0b0000_0001, 0, 0]),
    )  # fmt: skip
    stored(ds)

    bodies = [body for _, body in ask(f"{instance_path(ds)}/frames/1,2", token).parts()]

    assert bodies == [b"\xff\x01", b"\x00\x00"]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param("bytes=0-9", (0, 10), id="first bytes"),
        pytest.param("bytes=100-", (100, None), id="to the end"),
        pytest.param("bytes=-7", (-7, None), id="last bytes"),
    ],
)
def test_ranges_of_the_multipart_body_fit_together(
    token: str, header: str, expected: tuple[int, int | None]
) -> None:
    ds = an_instance()
    stored(ds)
    whole = ask(f"{instance_path(ds)}/frames/1", token)

    part = ask(f"{instance_path(ds)}/frames/1", token, range=header)

    assert part.status == 206
    assert part.body == whole.body[expected[0] : expected[1]]
    assert part.headers["content-range"].endswith(f"/{len(whole.body)}")


def test_a_range_beyond_the_end_is_416(token: str) -> None:
    ds = an_instance()
    stored(ds)

    reply = ask(f"{instance_path(ds)}/frames/1", token, range="bytes=999999-")

    assert reply.status == 416


def test_frames_after_the_first_cost_no_query(
    token: str, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ds = an_instance(NumberOfFrames=3, PixelData=bytes(1536))
    stored(ds)
    ask(f"{instance_path(ds)}/frames/1", token)
    monkeypatch.setattr(access, "view_of", None)
    monkeypatch.setattr(access, "load_index", None)

    assert ask(f"{instance_path(ds)}/frames/2", token).status == 200


def test_metadata_has_decoded_text_and_no_pixels(token: str) -> None:
    ds = an_instance()
    study = stored(ds)

    for path in (study, study + f"/series/{ds.SeriesInstanceUID}", instance_path(ds)):
        reply = ask(f"{path}/metadata", token, accept_encoding="gzip")
        (row,) = reply.json
        assert reply.headers["content-encoding"] == "gzip"
        assert row["00100010"]["Value"][0]["Ideographic"] == "山田^太郎"
        assert row["00081030"]["Value"] == ["胸部CT"]
        assert row["7FE00010"] == {"vr": "OW", "BulkDataURI": f"{instance_path(ds)}/bulkdata/7FE00010"}
        assert row["00280010"]["Value"] == [16]


def test_metadata_grows_with_a_study_that_is_still_arriving(token: str) -> None:
    ds = an_instance()
    study = stored(ds)
    before = len(ask(f"{study}/metadata", token).json)
    ds.SOPInstanceUID = generate_uid()
    stored(ds)

    assert (before, len(ask(f"{study}/metadata", token).json)) == (1, 2)


def test_an_instance_is_retrieved_as_a_dicom_file_with_our_own_preamble(token: str) -> None:
    ds = an_instance()
    data = as_file(ds)
    body, kind = as_multipart(b"<html>".ljust(128, b"\0") + data[128:])
    ask("/dicomweb/aoba/studies", token, method="POST", body=body, content_type=kind)

    single = ask(instance_path(ds), token, accept="application/dicom")
    (part,) = ask(instance_path(ds), token).parts()

    assert single.body == part[1]
    assert single.body[:132] == b"\0" * 128 + b"DICM"
    assert pydicom.dcmread(io.BytesIO(single.body)).PixelData == ds.PixelData


def test_large_values_are_bulk_data(token: str) -> None:
    ds = an_instance()
    ds.add_new(0x00091010, "OB", b"\7" * 4096)
    ds.add_new(0x00090010, "LO", "TEST")
    stored(ds)
    (row,) = ask(f"{instance_path(ds)}/metadata", token).json

    (part,) = ask(row["00091010"]["BulkDataURI"], token).parts()

    assert part[1] == b"\7" * 4096
    assert ask(row["7FE00010"]["BulkDataURI"], token).parts()[0][1] == ds.PixelData


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("", 2, id="all"),
        pytest.param("PatientID=P1", 1, id="patient ID"),
        pytest.param("00100020=P*", 2, id="tag and wild card"),
        pytest.param("PatientName=Yama*", 2, id="name"),
        pytest.param(f"PatientName=*{quote('山田')}*", 2, id="kanji"),
        pytest.param("StudyDate=20261101-20261130", 1, id="date range"),
        pytest.param("StudyDate=20260101", 1, id="date"),
        pytest.param("ModalitiesInStudy=MR", 0, id="modality"),
        pytest.param("AccessionNumber=A1", 2, id="accession"),
        pytest.param("limit=1", 1, id="limit"),
        pytest.param("offset=1&limit=5", 1, id="offset"),
        pytest.param("PatientID=(P1|P2)", 0, id="a pattern is not a pattern"),
        pytest.param("Manufacturer=X", 2, id="an unknown key is ignored"),
    ],
)
def test_studies_are_found(token: str, query: str, found: int) -> None:
    stored(an_instance())
    stored(an_instance(PatientID="P2", StudyDate="20260101"))

    reply = ask(f"/dicomweb/aoba/studies?{query}", token)

    assert (reply.status, len(reply.json)) == (200, found)
    if query.startswith("Manufacturer"):
        assert "warning" in reply.headers


def test_series_and_instances_are_found_below_their_study(token: str) -> None:
    ds = an_instance()
    study = stored(ds)

    (series,) = ask(f"{study}/series", token).json
    (instance,) = ask(f"{study}/series/{ds.SeriesInstanceUID}/instances", token).json

    assert series["0020000E"]["Value"] == [ds.SeriesInstanceUID]
    assert series["00201209"]["Value"] == [1]
    assert instance["00080018"]["Value"] == [ds.SOPInstanceUID]
    assert ask(f"{study}/instances?SOPInstanceUID=1.2.3", token).json == []


def test_opening_a_study_leaves_one_audit_row_however_many_frames(token: str) -> None:
    ds = an_instance(NumberOfFrames=3, PixelData=bytes(1536))
    study = stored(ds)

    ask(f"{study}/metadata", token)
    for number in (1, 2, 3):
        ask(f"{instance_path(ds)}/frames/{number}", token)

    with everywhere():
        assert Entry.objects.filter(event=Event.STUDY_OPENED.value.code).count() == 1


DOORS = ["", "/metadata", "/series", "/instances"]


@pytest.mark.parametrize("door", DOORS)
def test_a_study_of_another_facility_is_not_found_at_any_door(door: str) -> None:
    ds = an_instance()
    stored(ds)
    stranger = a_token(a_facility("midori"))

    for code in ("aoba", "midori"):
        reply = ask(f"/dicomweb/{code}/studies/{ds.StudyInstanceUID}{door}", stranger)
        assert (reply.status, reply.headers["content-type"]) == (404, "application/problem+json")
        assert ask(f"{instance_path(ds, code)}/frames/1", stranger).status == 404
    with everywhere():
        assert Entry.objects.filter(event=Event.ACT_DENIED.value.code).exists()


def test_the_search_of_another_facility_finds_nothing() -> None:
    stored(an_instance())
    stranger = a_token(a_facility("midori"))

    assert ask("/dicomweb/aoba/studies", stranger).status == 404
    assert ask("/dicomweb/midori/studies", stranger).json == []


def test_without_credentials_nothing_is_said() -> None:
    ds = an_instance()
    stored(ds)

    assert ask(f"{instance_path(ds)}/frames/1").status == 401
    assert ask(f"{instance_path(ds)}/frames/1", "wrong").status == 401


def test_a_token_without_the_right_may_not_store_or_read() -> None:
    ds = an_instance()
    stored(ds)
    reader = a_token(a_facility(), Permission.DICOM_READ)
    writer = a_token(a_facility(), Permission.DICOM_STORE)
    body, kind = as_multipart(as_file(an_instance()))

    assert ask("/dicomweb/aoba/studies", reader, method="POST", body=body, content_type=kind).status == 403
    assert ask(f"{instance_path(ds)}/frames/1", writer).status == 403
    assert ask(instance_path(ds), reader).status == 403  # whole instances are not for viewing


@pytest.mark.parametrize(
    "path",
    [
        "/dicomweb/aoba",
        "/dicomweb/aoba/",
        "/dicomweb/aoba/patients",
        "/dicomweb/aoba/studies/..%2f..",
        "/dicomweb/aoba/studies/1.2/series/1.2/instances/1.2/frames/0",
        "/dicomweb/nobody/studies",
    ],
)
def test_an_unknown_address_is_not_found(token: str, path: str) -> None:
    assert ask(path, token).status == 404
