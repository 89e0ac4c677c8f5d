"""STOW-RS: batches, single instances, metadata with bulk data, and what is refused."""

import io
import json

import pydicom
import pytest
from pydicom import Dataset
from pydicom.uid import generate_uid

from dokuei.imaging.models import Instance
from dokuei.imaging.tests.builders import (
    an_instance,
    as_file,
    as_multipart,
    ask,
    everywhere,
)
from dokuei.kit import store

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("size", [1, 7, 100_000], ids=["byte by byte", "odd chunks", "at once"])
def test_stow_answers_each_instance_for_itself(token: str, size: int) -> None:
    good, bad = an_instance(), an_instance(StudyInstanceUID=None)
    body, kind = as_multipart(as_file(good), as_file(bad), b"no dicom at all")
    chunks = [body[n : n + size] for n in range(0, len(body), size)]

    reply = ask("/dicomweb/aoba/studies", token, method="POST", body=chunks, content_type=kind)

    assert reply.status == 202
    assert [one["00081155"]["Value"] for one in reply.json["00081199"]["Value"]] == [[good.SOPInstanceUID]]
    reasons = [one["00081197"]["Value"][0] for one in reply.json["00081198"]["Value"]]
    assert reasons == [0xA900, 0xC000]
    with everywhere():
        assert Instance.objects.get().sop_instance_uid == good.SOPInstanceUID


def test_a_single_instance_is_stored_without_multipart(token: str) -> None:
    content = as_file(an_instance())

    reply = ask(
        "/dicomweb/aoba/studies", token, method="POST", body=content, content_type="application/dicom"
    )
    rubbish = ask("/dicomweb/aoba/studies", token, method="POST", body=b"x", content_type="application/dicom")

    assert (reply.status, rubbish.status) == (200, 409)
    with everywhere():
        assert Instance.objects.count() == 1


def test_many_parts_are_listed_together_and_answered_in_order(token: str) -> None:
    study = generate_uid()
    made = [an_instance(StudyInstanceUID=study, InstanceNumber=number) for number in range(250)]
    body, kind = as_multipart(*(as_file(one) for one in [*made, made[3]]))

    reply = ask("/dicomweb/aoba/studies", token, method="POST", body=body, content_type=kind)

    answered = [one["00081155"]["Value"][0] for one in reply.json["00081199"]["Value"]]
    assert reply.status == 200
    assert answered == [str(one.SOPInstanceUID) for one in [*made, made[3]]]
    with everywhere():
        assert Instance.objects.count() == 250


def model_request(ds: Dataset, kind: str, pixels: bytes) -> tuple[bytes, str]:
    """A request of a JSON model and one part of bulk data."""
    model = json.loads(ds.to_json(bulk_data_threshold=1, bulk_data_element_handler=lambda _: "bulk-1"))
    model["7FE00010"] = {"vr": "OW", "BulkDataURI": "bulk-1"}
    body = (
        b"--B\r\nContent-Type: application/dicom+json\r\n\r\n"
        + json.dumps([model]).encode()
        + f"\r\n--B\r\nContent-Type: {kind}\r\nContent-Location: bulk-1\r\n\r\n".encode()
        + pixels
        + b"\r\n--B--\r\n"
    )
    return body, 'multipart/related; type="application/dicom+json"; boundary=B'


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        pytest.param("application/octet-stream", "1.2.840.10008.1.2.1", id="native"),
        pytest.param("image/jls", "1.2.840.10008.1.2.4.80", id="by media type"),
        pytest.param(
            "image/jp2; transfer-syntax=1.2.840.10008.1.2.4.91", "1.2.840.10008.1.2.4.91", id="by parameter"
        ),
    ],
)
def test_metadata_with_bulk_data_becomes_an_instance(token: str, kind: str, expected: str) -> None:
    ds = an_instance()
    pixels = bytes(ds.PixelData)
    body, content_type = model_request(ds, kind, pixels)

    reply = ask("/dicomweb/aoba/studies", token, method="POST", body=body, content_type=content_type)

    assert reply.status == 200, reply.body
    with everywhere():
        row = Instance.objects.get()
        kept = store.default().get_range(row.store_key, row.store_offset, row.store_length)
    held = pydicom.dcmread(io.BytesIO(kept))
    assert row.transfer_syntax == expected == held.file_meta.TransferSyntaxUID
    assert str(held.PatientName) == str(ds.PatientName)
    assert pixels in bytes(held.PixelData)


def test_metadata_that_refers_to_nothing_is_refused(token: str) -> None:
    body, content_type = model_request(an_instance(), "application/octet-stream", b"1234")

    reply = ask(
        "/dicomweb/aoba/studies",
        token,
        method="POST",
        body=body.replace(b"Content-Location: bulk-1", b"Content-Location: other"),
        content_type=content_type,
    )

    assert reply.status == 409
    assert "stow.bulk_missing" in reply.json["00081198"]["Value"][0]["00000902"]["Value"][0]


def test_stow_into_another_study_is_refused_and_nothing_is_kept(token: str) -> None:
    body, kind = as_multipart(as_file(an_instance()))

    reply = ask("/dicomweb/aoba/studies/1.2.3", token, method="POST", body=body, content_type=kind)

    assert reply.status == 409
    with everywhere():
        assert not Instance.objects.exists()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        pytest.param(b"x", "text/plain", id="not multipart"),
        pytest.param(b"x", "multipart/related", id="no boundary"),
        pytest.param(b"--B\r\nContent-Type: a\r\n\r\nabc", "multipart/related; boundary=B", id="cut off"),
        pytest.param(b"", "multipart/related; boundary=B", id="empty"),
        pytest.param(b"--B" + b"x" * 99999, "multipart/related; boundary=B", id="endless head"),
    ],
)
def test_a_broken_stow_request_is_refused(token: str, body: bytes, kind: str) -> None:
    reply = ask("/dicomweb/aoba/studies", token, method="POST", body=body, content_type=kind)

    assert reply.status == 422
    assert reply.json["code"].startswith("stow.")
