"""The HTTP door: upload, lists, devices."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from dokuei.imaging.models import ApplicationEntity, Instance
from dokuei.imaging.tests.builders import a_facility, a_token, an_instance, as_file, everywhere
from dokuei.imaging.upload import open_upload

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def client() -> Client:
    return Client(headers={"authorization": f"Bearer {a_token(a_facility())}"})


def upload(client: Client, **files: bytes) -> Any:
    held = [SimpleUploadedFile(name, data) for name, data in files.items()]
    return client.post("/api/v1/studies/upload", {"files": held})


def zipped(**entries: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_each_uploaded_file_is_answered_for_itself(client: Client) -> None:
    good = as_file(an_instance())

    reply = upload(client, one=good, again=good, bad=b"no dicom", archive=zipped(x=as_file(an_instance())))

    assert reply.status_code == 200, reply.content
    body = reply.json()
    assert (body["stored"], body["duplicate"], body["quarantined"]) == (2, 1, 0)
    assert [(one["name"], one["code"]) for one in body["refused"]] == [("bad", "dicom.not_dicom")]


def test_what_was_uploaded_is_listed_and_opened(client: Client) -> None:
    ds = an_instance()
    upload(client, one=as_file(ds))

    listed = client.get("/api/v1/studies?q=山田&without_request=true").json()
    study = client.get(f"/api/v1/studies/{listed['items'][0]['id']}").json()
    images = client.get(f"/api/v1/studies/{study['id']}/images").json()

    assert listed["total"] == 1
    assert study["patient"]["display_name"] == "山田 太郎"
    assert (study["instance_count"], study["request_id"]) == (1, None)
    assert study["series"][0]["frame_count"] == 1
    assert images["studies"][0]["dicomweb_root"] == "/dicomweb/aoba"
    assert client.get("/api/v1/studies?q=佐藤").json()["total"] == 0


def test_a_study_of_another_facility_is_not_found(client: Client) -> None:
    upload(client, one=as_file(an_instance()))
    with everywhere():
        study = Instance.objects.get().study_id
    stranger = Client(headers={"authorization": f"Bearer {a_token(a_facility('midori'))}"})

    assert stranger.get("/api/v1/studies").json() == {"items": [], "total": 0}
    for address in (f"/api/v1/studies/{study}", f"/api/v1/studies/{study}/images"):
        assert stranger.get(address).status_code == 404


def test_a_device_token_manages_no_devices(client: Client) -> None:
    facility = a_facility()

    reply = client.post(
        f"/api/v1/facilities/{facility.pk}/ae-titles", {"title": "CT1"}, content_type="application/json"
    )

    assert reply.status_code == 403
    with everywhere():
        assert not ApplicationEntity.objects.exists()


@pytest.mark.parametrize("name", ["zip-slip.zip", "zip-bomb-128MiB.zip", "zip-utf8-names.zip"])
def test_archives_are_opened_within_limits(real_dicom: Path, name: str) -> None:
    path = real_dicom / "hostile" / "generated" / name

    with path.open("rb") as file:
        opened = [
            (shown, getattr(content, "error_code", ""))
            for shown, content in open_upload(name, file, largest=64 * 1024**2)
        ]

    codes = {code for _, code in opened}
    if name == "zip-utf8-names.zip":
        assert codes == {""}
        assert any(not shown.isascii() for shown, _ in opened)
    elif name == "zip-bomb-128MiB.zip":
        assert codes == {"upload.archive_unsafe"}
    else:
        assert "upload.archive_unsafe" in codes
        assert all(code for shown, code in opened if ".." in shown or shown.startswith("/"))
