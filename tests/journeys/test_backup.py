"""A backup is taken while images arrive, brought back elsewhere, and every byte of every listed image is the same."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from dokuei.hub.postgres import create_database
from dokuei.imaging import services
from dokuei.imaging.tests.builders import AT, a_facility, a_sender, an_instance, as_file
from dokuei.kit.db import scope
from tests.builders import ct_instance
from tests.server import Installation


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("backup", numbered=True)


@pytest.fixture(scope="module")
def place(ground: Path) -> Iterator[Installation]:
    made = Installation(ground / "d")
    made.start()
    made.run("admin", "facility", "shirahama", "白浜総合病院")
    made.run("admin", "ae", "CT1", "--facility", "shirahama")
    made.run("send", str(study(ground, 1, 6)), "--to", made.dicom, "--from", "CT1")
    yield made

    assert made.stop() == 0


def study(folder: Path, number: int, count: int) -> Path:
    made = folder / f"study{number}"
    made.mkdir()
    for at in range(count):
        (made / f"{at}.dcm").write_bytes(ct_instance(study_uid=f"1.2.840.77.{number}", number=at + 1))
    return made


def files_of(place: Installation, uid: str) -> dict[str, bytes]:
    """SOP Instance UID to the whole file as it is kept."""
    accept = 'multipart/related; type="application/dicom"; transfer-syntax=*'
    token = place.token("shirahama", "study:read", "dicom:read")
    found = {}
    with place.client(token) as client:
        root = f"/dicomweb/shirahama/studies/{uid}"
        rows: list[Any] = client.get(f"{root}/metadata").raise_for_status().json()
        for row in rows:
            url = row["00081190"]["Value"][0]
            answer = client.get(url, headers={"accept": accept})
            body = answer.raise_for_status().content
            found[row["00080018"]["Value"][0]] = body.partition(b"\r\n\r\n")[2].rpartition(b"\r\n--")[0]
    return found


def test_a_backup_taken_while_images_arrive_comes_back_elsewhere_byte_for_byte(
    place: Installation, ground: Path
) -> None:
    backup = ground / "kept"
    arriving = study(ground, 2, 40)
    sender = threading.Thread(
        target=place.run, args=("send", str(arriving), "--to", place.dicom, "--from", "CT1")
    )
    sender.start()
    first = place.run("backup", str(backup), "--with-secrets")
    sender.join()
    before = files_of(place, "1.2.840.77.1")
    second = place.run("backup", str(backup), "--with-secrets")
    both = files_of(place, "1.2.840.77.2")

    assert "copied" in first
    proof = place.run("backup", "verify", str(backup))
    assert proof.endswith("whole")
    assert "46 instances" in proof, (first, second)
    elsewhere = Installation(ground / "e")
    elsewhere.run("restore", str(backup))
    elsewhere.start()
    try:
        assert files_of(elsewhere, "1.2.840.77.1") == before
        assert files_of(elsewhere, "1.2.840.77.2") == both
        assert "links" in elsewhere.run("audit", "verify")
        kept = (place.folder / "secrets" / "secret-key").read_text()
        assert (elsewhere.folder / "secrets" / "secret-key").read_text() == kept
        sent = elsewhere.run("send", str(study(ground, 3, 2)), "--to", elsewhere.dicom, "--from", "CT1")
        assert sent is not None
        assert len(files_of(elsewhere, "1.2.840.77.3")) == 2
        assert httpx.get(f"{elsewhere.url}/readyz").status_code == 200
    finally:
        assert elsewhere.stop() == 0


def test_a_second_backup_copies_only_what_is_new(place: Installation, ground: Path) -> None:
    backup = ground / "again"
    place.run("backup", str(backup))

    said = place.run("backup", str(backup))

    assert ", 0 copied" in said
    assert len(list(backup.glob("database-*.dump"))) == 1


def test_a_flipped_byte_fails_the_drill_and_is_named(place: Installation, ground: Path) -> None:
    backup = ground / "flipped"
    place.run("backup", str(backup))
    (path, *_) = sorted((backup / "objects" / "segments").glob("*.seg"))
    data = bytearray(path.read_bytes())
    data[-30] ^= 1
    path.write_bytes(data)

    said = place.run("backup", "verify", str(backup), check=False)

    assert f"damaged: segments/{path.name}" in said
    assert "lost: instance:" in said
    assert said.endswith("NOT WHOLE")


def test_a_restore_into_a_folder_with_data_is_refused(place: Installation, ground: Path) -> None:
    backup = ground / "refused"
    place.run("backup", str(backup))

    done = subprocess.run(
        [sys.executable, "-m", "dokuei.hub.cli", "restore", str(backup)],
        env=place.environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "backup.not_empty" in done.stderr
    assert place.is_ready()


def test_a_backup_that_was_never_finished_is_no_backup(place: Installation, ground: Path) -> None:
    folder = ground / "half"
    folder.mkdir()
    shutil.copytree(place.folder / "store", folder / "objects")

    assert place.run("backup", "verify", str(folder), check=False) == ""


@pytest.mark.django_db(transaction=True)
def test_an_outside_database_is_dumped_and_loaded_as_its_owner_in_spite_of_row_level_security(
    tmp_path: Path,
) -> None:
    sender = a_sender(a_facility())
    with scope(sender.facilities):
        (facility_id,) = sender.facilities
        services.store_instance(sender, facility_id=facility_id, content=as_file(an_instance()), at=AT)
    with psycopg.connect(os.environ["DOKUEI_TEST_SUPERUSER"], autocommit=True) as connection:
        create_database(connection, "restored")

    taken = run(os.environ, "backup", str(tmp_path / "b"))
    proof = run(os.environ, "backup", "verify", str(tmp_path / "b"))
    other = {
        **os.environ,
        "DOKUEI_DATA": str(tmp_path / "e"),
        "DATABASE_URL": os.environ["DATABASE_URL"].rpartition("/")[0] + "/restored",
        "DATABASE_OWNER_URL": os.environ["DATABASE_OWNER_URL"].rpartition("/")[0] + "/restored",
    }
    restored = run(other, "restore", str(tmp_path / "b"))

    objects = taken.stdout.split()[0]
    assert proof.stdout.startswith(f"{objects} objects, 1 instances"), proof.stdout + proof.stderr
    assert restored.stdout.startswith(f"{objects} objects"), restored.stderr
    assert "links" in run(other, "audit", "verify").stdout
    with psycopg.connect(other["DATABASE_URL"]) as app:
        assert app.execute("select count(*) from imaging_instance").fetchone() == (0,), (
            "isolated without a scope"
        )
        app.execute("select set_config('app.system', 'test', true)")
        assert app.execute("select count(*) from imaging_instance").fetchone() == (1,)


def run(environment: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "dokuei.hub.cli", *arguments],
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
    )
