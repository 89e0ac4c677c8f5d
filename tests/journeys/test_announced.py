"""How many images a study has: announced to a real server over the web, or asked of the hospital's archive."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset
from pydicom.uid import generate_uid
from pynetdicom import AE, evt

from dokuei.imaging.tests.builders import an_instance, as_file
from tests.conformance.conftest import let_pynetdicom_close
from tests.server import Installation, free_port, until


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("announced")
    made = Installation(folder / "d", DOKUEI_SETTLE_SECONDS="600")
    made.start()
    made.run("admin", "facility", "aoba", "青葉病院")
    yield made

    assert made.stop() == 0


def files(folder: Path, study: str, count: int) -> Path:
    folder.mkdir()
    for number in range(count):
        (folder / f"{number}.dcm").write_bytes(as_file(an_instance(StudyInstanceUID=study)))
    return folder


@cache
def token(place: Installation) -> str:
    return place.token("aoba", "dicom:store", "dicom:read", "study:read")


def receipt(place: Installation, study: str) -> tuple[str, int, int | None, str | None]:
    rows = place.json("/api/v1/studies?limit=200", token(place))["items"]
    (row,) = [one for one in rows if one["study_instance_uid"] == study]
    source = row["expected_from"] and row["expected_from"]["source"]
    return row["receipt"], row["instance_count"], row["expected_count"], source


def send(place: Installation, folder: Path, *more: str) -> str:
    kept = folder.parent / "token"
    kept.write_text(token(place))
    to = f"{place.url}/dicomweb/aoba"
    return place.run("send", str(folder), "--to", to, "--token-file", str(kept), *more)


def test_what_is_sent_over_the_web_is_announced_and_complete(place: Installation, tmp_path: Path) -> None:
    study = generate_uid()

    said = send(place, files(tmp_path / "whole", study, 3))

    assert said.splitlines()[-1] == "3 of 3 listed"
    assert receipt(place, study) == ("complete", 3, 3, "manifest")


def test_a_study_that_is_sent_in_parts_is_complete_with_its_last_part(
    place: Installation, tmp_path: Path
) -> None:
    study = generate_uid()

    send(place, files(tmp_path / "one", study, 2))
    send(place, files(tmp_path / "two", study, 3))
    send(place, tmp_path / "one")

    assert receipt(place, study) == ("complete", 5, 5, "manifest")


def test_without_an_announcement_a_study_is_received_until_it_settles(
    place: Installation, tmp_path: Path
) -> None:
    study = generate_uid()

    send(place, files(tmp_path / "study", study, 2), "--no-announce")

    assert receipt(place, study) == ("receiving", 2, None, None)


def test_the_hospitals_archive_is_asked_by_the_worker(
    place: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_pynetdicom_close(monkeypatch)
    study, port = generate_uid(), free_port()

    def on_find(event: Any) -> Iterator[tuple[int, Dataset]]:
        ds = Dataset()
        ds.QueryRetrieveLevel, ds.StudyInstanceUID = "STUDY", event.identifier.StudyInstanceUID
        ds.NumberOfStudyRelatedInstances = 600
        yield 0xFF00, ds

    ae = AE("AOBA_PACS")
    ae.add_supported_context("1.2.840.10008.5.1.4.1.2.2.1")
    server: Any = ae.start_server(("127.0.0.1", port), block=False, evt_handlers=[(evt.EVT_C_FIND, on_find)])
    device = ["AOBA_PACS", "--facility", "aoba", "--host", "127.0.0.1", "--port", str(port), "--archive"]
    place.run("admin", "ae", *device)
    try:
        send(place, files(tmp_path / "study", study, 2), "--no-announce")
        until(lambda: receipt(place, study)[2])
    finally:
        server.shutdown()

    assert receipt(place, study) == ("receiving", 2, 600, "c_find")
