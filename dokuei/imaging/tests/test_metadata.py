"""Metadata that was built once: the same as what is built on demand, and only while it is of exactly what is held."""

import gzip
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from pydicom import Dataset
from pydicom.uid import generate_uid

from dokuei.imaging import handlers, services
from dokuei.imaging.dicomweb import access, app, metadata
from dokuei.imaging.events import StudySettled
from dokuei.imaging.models import StoredMetadata, Study
from dokuei.imaging.tests.builders import (
    AT,
    a_facility,
    a_sender,
    a_token,
    an_instance,
    as_file,
    ask,
    everywhere,
)
from dokuei.kit import store
from dokuei.kit.db import scope

pytestmark = pytest.mark.django_db(transaction=True)
GZIP = {"accept_encoding": "gzip"}


@pytest.fixture(autouse=True)
def _fresh() -> None:
    access.forget()


@pytest.fixture
def token() -> str:
    return a_token(a_facility())


def keep(ds: Dataset) -> str:
    sender = a_sender(a_facility())
    (facility_id,) = sender.facilities
    with scope(sender.facilities):
        services.store_instance(sender, facility_id=facility_id, content=as_file(ds), at=AT)
    return f"/dicomweb/aoba/studies/{ds.StudyInstanceUID}/metadata"


def another(ds: Dataset, **changes: str) -> Dataset:
    ds.SOPInstanceUID = generate_uid()
    for name, value in changes.items():
        setattr(ds, name, value)
    return ds


def settle() -> None:
    """What the timer and then the job do."""
    with everywhere():
        study = Study.objects.get()
        services.settle_study(handlers.ARCHIVE, study.pk, at=AT)
    with everywhere():
        handlers.on_study_whole(StudySettled(study.pk, study.facility_id), datetime.now(UTC))


def test_stored_metadata_says_what_is_built_on_demand(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ds = an_instance()
    address = keep(ds)
    keep(another(ds, SeriesInstanceUID=generate_uid()))
    before = ask(address, token, **GZIP).json
    settle()
    access.forget()
    monkeypatch.setattr(metadata, "header_json", None)  # nothing is read from a header any more

    whole = ask(address, token, **GZIP)
    plain = ask(address, token)
    series = ask(address.replace("/metadata", f"/series/{ds.SeriesInstanceUID}/metadata"), token, **GZIP)

    assert whole.headers["content-encoding"] == "gzip"
    assert whole.json == before == plain.json
    assert series.json == [one for one in before if one["0020000E"]["Value"] == [ds.SeriesInstanceUID]]


def test_a_late_image_is_in_the_metadata_and_in_the_next_stored_one(token: str) -> None:
    ds = an_instance()
    address = keep(ds)
    settle()
    with everywhere():
        (first,) = StoredMetadata.objects.filter(series=None).values_list("store_key", flat=True)
    keep(another(ds))
    access.forget()

    late = ask(address, token).json
    settle()

    assert len(late) == 2
    with everywhere():
        row = StoredMetadata.objects.get(series=None)
    assert row.instance_count == 2
    assert not store.default().exists(first)
    assert len(gzip.decompress(store.default().get_range(row.store_key, 0, row.store_length))) > 100


def test_building_twice_changes_nothing(token: str) -> None:
    keep(an_instance())
    settle()
    with everywhere():
        before = list(StoredMetadata.objects.order_by("pk").values())
        study = Study.objects.get()
        handlers.on_study_whole(StudySettled(study.pk, study.facility_id), datetime.now(UTC))

        assert list(StoredMetadata.objects.order_by("pk").values()) == before


def test_what_is_not_there_any_more_is_built_again(token: str) -> None:
    address = keep(an_instance())
    settle()
    with everywhere():
        for key in StoredMetadata.objects.values_list("store_key", flat=True):
            store.default().delete(key)
    access.forget()

    assert len(ask(address, token).json) == 1


def test_a_known_answer_is_304_and_takes_no_thread(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    address = keep(an_instance())
    settle()
    first = ask(address, token, **GZIP)
    monkeypatch.setattr(app, "blocking", None)

    again = ask(address, token, **GZIP)
    known = ask(address, token, if_none_match=first.headers["etag"], **GZIP)

    assert again.body == first.body
    assert (known.status, known.body) == (304, b"")


def test_a_remembered_answer_is_for_those_who_may_see_it(token: str) -> None:
    address = keep(an_instance())
    settle()
    ask(address, token, **GZIP)

    assert ask(address, "", **GZIP).status == 401
    assert ask(address, a_token(a_facility("midori")), **GZIP).status == 404


def test_metadata_comes_as_xml_too(token: str) -> None:
    address = keep(an_instance())

    reply = ask(address, token, accept='multipart/related; type="application/dicom+xml"')

    ((kind, body),) = reply.parts()
    keywords = {one.get("keyword") for one in ET.fromstring(body)}  # noqa: S314 - our own
    assert kind == "application/dicom+xml"
    assert {"PatientName", "Rows", "PixelData"} <= keywords
    assert ask(address, token, accept="text/html").status == 406
