"""Metadata that was built once: the same as what is built on demand, and only while it is of exactly what is held."""

import gzip
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from pydicom import Dataset
from pydicom.uid import generate_uid

from dokuei.imaging import handlers, services
from dokuei.imaging.dicomweb import access, app, metadata
from dokuei.imaging.events import StudySettled
from dokuei.imaging.models import Series, StoredMetadata, Study
from dokuei.imaging.packs import tasks
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
HTJ2K = "1.2.840.10008.1.2.4.202"


def keep(ds: Dataset) -> str:
    sender = a_sender(a_facility())
    (facility_id,) = sender.facilities
    with scope(sender.facilities):
        services.store_instance(sender, facility_id=facility_id, content=as_file(ds), at=AT)
    return f"/dicomweb/aoba/studies/{ds.StudyInstanceUID}/metadata"


def another(ds: Dataset, **changes: Any) -> Dataset:
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


def pack_all() -> None:
    with everywhere():
        waiting = list(Series.objects.values_list("pk", flat=True))
    for series_id in waiting:
        tasks.pack_series(series_id)


def test_stored_metadata_says_what_is_built_on_demand(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ds = an_instance()
    address = keep(ds)
    keep(another(ds, SeriesInstanceUID=generate_uid()))
    before = ask(address, token, accept_encoding="gzip").json
    settle()
    access.forget()
    monkeypatch.setattr(metadata, "header_json", None)  # nothing is read from a header any more

    whole = ask(address, token, accept_encoding="gzip")
    plain = ask(address, token)
    series = ask(
        address.replace("/metadata", f"/series/{ds.SeriesInstanceUID}/metadata"),
        token,
        accept_encoding="gzip",
    )

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
    first = ask(address, token, accept_encoding="gzip")
    monkeypatch.setattr(app, "blocking", None)

    again = ask(address, token, accept_encoding="gzip")
    known = ask(address, token, if_none_match=first.headers["etag"], accept_encoding="gzip")

    assert again.body == first.body
    assert (known.status, known.body) == (304, b"")


def test_a_remembered_answer_is_for_those_who_may_see_it(token: str) -> None:
    address = keep(an_instance())
    settle()
    ask(address, token, accept_encoding="gzip")

    assert ask(address, "", accept_encoding="gzip").status == 401
    assert ask(address, a_token(a_facility("midori")), accept_encoding="gzip").status == 404


def test_metadata_comes_as_xml_too(token: str) -> None:
    address = keep(an_instance())

    reply = ask(address, token, accept='multipart/related; type="application/dicom+xml"')

    ((kind, body),) = reply.parts()
    keywords = {one.get("keyword") for one in ET.fromstring(body)}  # noqa: S314 - our own
    assert kind == "application/dicom+xml"
    assert {"PatientName", "Rows", "PixelData"} <= keywords
    assert ask(address, token, accept="text/html").status == 406


def test_the_manifest_says_every_frame_and_its_place(token: str) -> None:
    ds = an_instance(
        ImagePositionPatient=[0, 0, 1], ImageOrientationPatient=[1, 0, 0, 0, 1, 0], PixelSpacing=[0.5, 0.4]
    )
    ds.WindowCenter, ds.WindowWidth, ds.RescaleSlope, ds.RescaleIntercept = [40, 600], [400, 1500], 1, -1024
    address = keep(ds).replace("/metadata", "/manifest")
    keep(another(ds, ImagePositionPatient=[0, 0, 2], InstanceNumber=2))
    keep(another(ds, InstanceNumber=3, LossyImageCompression="01", LossyImageCompressionRatio=10))

    reply = ask(address, token, accept_encoding="gzip")

    (series,) = reply.json["series"]
    first, second = series["shapes"]
    assert reply.headers["content-encoding"] == "gzip"
    assert (first["spacing"], first["orientation"]) == ([0.5, 0.4], [1, 0, 0, 0, 1, 0])
    assert first["rescale"] == {"slope": 1, "intercept": -1024, "type": ""}
    assert [(one["center"], one["width"]) for one in first["windows"]] == [(40, 400), (600, 1500)]
    assert (first["bits_stored"], first["is_signed"], first["photometric"]) == (16, True, "MONOCHROME2")
    assert [(one["frames"], one["shape"]) for one in series["instances"]] == [(1, 0), (1, 0), (1, 1)]
    assert [one["positions"] for one in series["instances"][:2]] == [[[0, 0, 1]], [[0, 0, 2]]]
    assert (first["fidelity"]["is_lossy"], second["fidelity"]) == (
        False,
        {"is_lossy": True, "ratios": [10], "methods": []},
    )
    assert series["packed"] is None
    assert ask(address, a_token(a_facility("midori"))).status == 404


def test_the_manifest_says_where_the_resolutions_of_packed_frames_end(token: str) -> None:
    ds = an_instance(Rows=200, Columns=300, PixelData=bytes(200 * 300 * 2))
    address = keep(ds).replace("/metadata", "/manifest")
    before = ask(address, token)
    packed_uid = ds.SOPInstanceUID
    pack_all()
    keep(another(ds, InstanceNumber=2))
    access.forget()

    reply = ask(address, token)
    frame = (
        f"{address.removesuffix('/manifest')}/series/{ds.SeriesInstanceUID}/instances/{packed_uid}/frames/1"
    )

    (series,) = reply.json["series"]
    assert series["packed"]["transfer_syntax"] == HTJ2K
    ends, absent = series["packed"]["frames"]
    assert absent is None
    for level, end in enumerate(ends):
        prefix = ask(f"{frame}?resolution={level}", token, accept="image/jphc")
        assert (len(prefix.body), prefix.headers["dokuei-resolution-ends"]) == (end, ",".join(map(str, ends)))
    assert next(one["sop_instance_uid"] for one in series["instances"]) == packed_uid
    assert (before.json["series"][0]["packed"], before.headers["etag"] == reply.headers["etag"]) == (
        None,
        False,
    )


def test_metadata_names_the_syntax_a_packed_instance_is_at_hand_in(token: str) -> None:
    ds = an_instance()
    address = keep(ds)
    settle()
    before = ask(address, token, accept_encoding="gzip")
    packed_uid = ds.SOPInstanceUID
    pack_all()
    keep(another(ds, InstanceNumber=2))
    access.forget()

    after = {row["00080018"]["Value"][0]: row for row in ask(address, token).json}
    root = address.removesuffix("/metadata")
    alone = ask(f"{root}/series/{ds.SeriesInstanceUID}/instances/{packed_uid}/metadata", token)

    assert before.json[0]["00083002"]["Value"] == ["1.2.840.10008.1.2.1"]
    assert after[packed_uid] == {**before.json[0], "00083002": {"vr": "UI", "Value": [HTJ2K]}}
    assert after[ds.SOPInstanceUID]["00083002"]["Value"] == ["1.2.840.10008.1.2.1"]
    assert alone.json == [after[packed_uid]]


def test_a_pack_of_another_facility_says_nothing(token: str) -> None:
    ds = an_instance()
    keep(ds)
    pack_all()

    stranger = a_token(a_facility("midori"))

    assert ask(f"/dicomweb/aoba/studies/{ds.StudyInstanceUID}/manifest", stranger).status == 404


def test_real_studies_have_a_small_manifest_with_a_place_for_every_frame(
    token: str, real_dicom: Path
) -> None:
    folder = real_dicom / "studies" / "ct-chest-lungdx-a0001" / "s3-5mm-jpegls"
    files = [
        *sorted(folder.rglob("*.dcm")),
        *sorted((real_dicom / "transfer-syntaxes" / "fragmented-enhanced-ct").glob("*.dcm"))[:1],
    ]
    sender = a_sender(a_facility())
    (facility_id,) = sender.facilities
    uids = set()
    for path in files:
        with scope(sender.facilities):
            done = services.store_instance(sender, facility_id=facility_id, content=path, at=AT)
        uids.add(done.study_instance_uid)

    images, frames = 0, 0
    for uid in uids:
        reply = ask(f"/dicomweb/aoba/studies/{uid}/manifest", token, accept_encoding="gzip")
        for series in reply.json["series"]:
            images += len(series["instances"])
            frames += sum(one["frames"] for one in series["instances"])
            assert all(len(one["positions"]) == one["frames"] for one in series["instances"])
            assert all(shape["spacing"] for shape in series["shapes"])
        assert len(reply.body) < 8192

    assert (images, frames) == (len(files), len(files) + 1)


def test_news_of_a_pack_is_heard_at_once(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ds = an_instance()
    path = keep(ds).replace("/metadata", "/manifest")
    settle()
    heard: list[tuple[str, str]] = []
    monkeypatch.setattr("dokuei.kit.live.announce", lambda kind, key, _: heard.append((kind, str(key))))

    def packed() -> bool:
        return bool(ask(path, token, accept_encoding="gzip").json["series"][0]["packed"])

    before = packed()
    pack_all()
    remembered = packed()
    for kind, key in heard:
        access.heard(kind, key)

    assert [kind for kind, _ in heard] == ["pack"]
    assert (before, remembered, packed()) == (False, False, True)
