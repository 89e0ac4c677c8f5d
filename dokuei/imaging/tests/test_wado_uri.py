"""WADO-URI: one object by its parameters, with the rights of every other door."""

import io

import pydicom
import pytest
from pydicom import Dataset

from dokuei.identity.access import Permission
from dokuei.imaging import services
from dokuei.imaging.tests.builders import AT, a_facility, a_sender, a_token, an_instance, as_file, ask
from dokuei.kit.db import scope

pytestmark = pytest.mark.django_db(transaction=True)
JPEG, PNG = b"\xff\xd8\xff", b"\x89PNG"


@pytest.fixture
def ds() -> Dataset:
    facility = a_facility()
    made = an_instance()
    with scope({facility.pk}):
        services.store_instance(a_sender(facility), facility_id=facility.pk, content=as_file(made), at=AT)
    return made


def address(ds: Dataset, **more: str) -> str:
    uids = {
        "studyUID": ds.StudyInstanceUID,
        "seriesUID": ds.SeriesInstanceUID,
        "objectUID": ds.SOPInstanceUID,
    }
    parts = {"requestType": "WADO", **uids, **more}
    return "/dicomweb/aoba/wado?" + "&".join(f"{name}={value}" for name, value in parts.items() if value)


def test_an_object_comes_as_it_is_kept(ds: Dataset) -> None:
    reply = ask(address(ds, contentType="application/dicom"), a_token(a_facility()))

    assert reply.headers["content-type"] == "application/dicom"
    assert pydicom.dcmread(io.BytesIO(reply.body)).PixelData == ds.PixelData


@pytest.mark.parametrize(
    ("more", "start"),
    [
        pytest.param({}, JPEG, id="the default"),
        pytest.param({"contentType": "image/png"}, PNG, id="png"),
        pytest.param({"contentType": "image/jp2,image/jpeg"}, JPEG, id="the first we have"),
        pytest.param(
            {"rows": "32", "columns": "32", "windowCenter": "40", "windowWidth": "400"}, JPEG, id="small"
        ),
        pytest.param({"region": "0.25,0.25,0.75,0.75", "imageQuality": "50"}, JPEG, id="a region"),
    ],
)
def test_a_picture_is_drawn(ds: Dataset, more: dict[str, str], start: bytes) -> None:
    reply = ask(address(ds, **more), a_token(a_facility()))

    assert reply.status == 200, reply.body
    assert reply.body.startswith(start)


@pytest.mark.parametrize(
    ("more", "status"),
    [
        pytest.param({"requestType": "READ"}, 422, id="another request type"),
        pytest.param({"objectUID": ""}, 422, id="no object"),
        pytest.param({"objectUID": "1.2.3"}, 404, id="an unknown object"),
        pytest.param({"seriesUID": "1.2.3"}, 404, id="another series"),
        pytest.param({"studyUID": "../etc"}, 404, id="no UID at all"),
        pytest.param({"contentType": "video/mpeg"}, 406, id="a type we have not"),
        pytest.param({"windowCenter": "x", "windowWidth": "1"}, 422, id="a window that is no number"),
        pytest.param({"region": "1,1,0,0"}, 422, id="a region inside out"),
        pytest.param(
            {"contentType": "application/dicom", "transferSyntax": "1.2.840.10008.1.2.4.50"},
            406,
            id="a syntax",
        ),
    ],
)
def test_what_cannot_be_answered_is_refused(ds: Dataset, more: dict[str, str], status: int) -> None:
    assert ask(address(ds, **more), a_token(a_facility())).status == status


def test_nobody_sees_another_facilitys_object(ds: Dataset) -> None:
    other = a_token(a_facility("midori"))
    blind = a_token(a_facility(), Permission.DICOM_STORE)

    assert ask(address(ds), other).status == 404
    assert ask(address(ds), blind).status == 403
    assert ask(address(ds)).status == 401
