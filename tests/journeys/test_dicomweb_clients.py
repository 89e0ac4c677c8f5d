"""Other people's DICOMweb clients against the real server."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
import pytest
import requests
from dicomweb_client.api import DICOMwebClient

from dokuei.dicom.read import read_meta
from dokuei.imaging.tests.builders import an_instance, as_file
from tests.server import ROOT, Installation

WEB = ROOT / "web"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("clients")
    made = Installation(folder / "d")
    made.start()
    made.run("admin", "facility", "aoba", "青葉病院")
    yield made

    assert made.stop() == 0


@pytest.fixture
def client(place: Installation) -> Iterator[Any]:
    with requests.Session() as session:
        token = place.token("aoba", "dicom:store", "dicom:read", "study:read")
        session.headers["Authorization"] = f"Bearer {token}"
        yield DICOMwebClient(f"{place.url}/dicomweb/aoba", session=session)


def files(count: int) -> list[pydicom.FileDataset]:
    first = an_instance()
    made = [
        an_instance(
            StudyInstanceUID=first.StudyInstanceUID,
            SeriesInstanceUID=first.SeriesInstanceUID,
            InstanceNumber=number,
        )
        for number in range(1, count + 1)
    ]
    return [pydicom.dcmread(BytesIO(as_file(one))) for one in made]


def test_dicomweb_client_stores_finds_and_retrieves(client: Any) -> None:
    sent = files(3)
    study, series = str(sent[0].StudyInstanceUID), str(sent[0].SeriesInstanceUID)

    answer = client.store_instances(sent)
    (found,) = client.search_for_studies(search_filters={"StudyInstanceUID": study}, get_remaining=True)
    instances = client.search_for_instances(study, series, fields=["InstanceNumber"], limit=2)
    whole = client.retrieve_study(study)
    metadata = client.retrieve_study_metadata(study)

    assert len(answer.ReferencedSOPSequence) == 3
    assert found["00201208"]["Value"] == [3]
    assert found["00100010"]["Value"][0]["Ideographic"] == "山田^太郎"
    assert [one["00200013"]["Value"] for one in instances] == [[1], [2]]
    assert {str(one.SOPInstanceUID): one.PixelData for one in whole} == {
        str(one.SOPInstanceUID): one.PixelData for one in sent
    }
    assert len(metadata) == 3


def test_dicomweb_client_gets_frames_bulk_data_and_pictures(client: Any) -> None:
    (sent,) = files(1)
    client.store_instances([sent])
    uids = (str(sent.StudyInstanceUID), str(sent.SeriesInstanceUID), str(sent.SOPInstanceUID))

    (frame,) = client.retrieve_instance_frames(*uids, [1])
    (metadata,) = [
        one for one in client.retrieve_series_metadata(*uids[:2]) if one["00080018"]["Value"] == [uids[2]]
    ]
    picture = client.retrieve_instance_rendered(*uids, media_types=("image/png",))
    instance = client.retrieve_instance(*uids)

    assert frame == sent.PixelData
    assert metadata["7FE00010"]["BulkDataURI"].endswith("/bulkdata/7FE00010")
    assert picture.startswith(b"\x89PNG")
    assert instance.PatientID == sent.PatientID


def node() -> str:
    """Node's path: that of the environment, else the system's."""
    found = ROOT / ".venv" / "bin" / "node"
    path = str(found) if found.exists() else shutil.which("node")
    if path is None or not (WEB / "node_modules" / "dicomweb-client").exists():
        pytest.skip(
            "NODE OR web/node_modules ABSENT: the npm dicomweb-client was not tried against the server"
        )
    return path


def test_the_npm_dicomweb_client_stores_finds_and_gets_the_same_bytes(
    place: Installation, tmp_path: Path
) -> None:
    first = an_instance()
    same = {"StudyInstanceUID": first.StudyInstanceUID, "SeriesInstanceUID": first.SeriesInstanceUID}
    sent = {one.SOPInstanceUID: one for one in (an_instance(**same, InstanceNumber=n) for n in (1, 2, 3))}
    for uid, ds in sent.items():
        (tmp_path / f"{ds.StudyInstanceUID}_{uid}.dcm").write_bytes(as_file(ds))
    token = place.token("aoba", "dicom:store", "dicom:read", "study:read")

    done = subprocess.run(
        [
            node(),
            ROOT / "tests" / "journeys" / "npm_dicomweb_client.mjs",
            WEB / "package.json",
            f"{place.url}/dicomweb/aoba",
            tmp_path,
        ],
        env={**os.environ, "DOKUEI_TOKEN": token},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert set(said["stored"]) == set(said["metadata"]) == set(sent)
    assert said["studies"] == [[first.StudyInstanceUID, 3, "山田^太郎"]]
    for uid, ds in sent.items():
        got = (tmp_path / "got" / f"{uid}.dcm").read_bytes()
        file = as_file(ds)
        assert got[read_meta(got).data_set_offset :] == file[read_meta(file).data_set_offset :]
        assert (tmp_path / "got" / f"{uid}.frame").read_bytes() == ds.PixelData
