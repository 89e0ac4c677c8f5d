"""C-FIND, C-MOVE and C-GET with DCMTK's clients, on real bytes, with the rights every door has."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom import Dataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian, generate_uid
from pynetdicom import AE, build_role, evt

from dokuei.audit.events import Event
from dokuei.audit.models import Entry
from dokuei.dicom.net import command
from dokuei.dicom.net.command import Act
from dokuei.dicom.net.requestor import Address, Requestor
from dokuei.imaging.dimse import Listener
from dokuei.imaging.models import Instance
from dokuei.imaging.tests.builders import an_instance, as_file
from dokuei.kit.db import system_scope
from tests.conformance.conftest import a_device, as_item, wait_until
from tests.conformance.sending import dcmtk, send
from tests.server import free_port

pytestmark = pytest.mark.django_db(transaction=True)
FIND_STUDY = "1.2.840.10008.5.1.4.1.2.2.1"
GET_STUDY = "1.2.840.10008.5.1.4.1.2.2.3"
CT = "1.2.840.10008.5.1.4.1.1.2"


def run(*command: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, "TCP_NODELAY": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        errors="replace",
    )


def two_studies(listener: Listener, folder: Path) -> list[str]:
    """山田 with three slices, 鈴木 with one; their Study Instance UIDs."""
    studies = [str(generate_uid()), str(generate_uid())]
    items = []
    for number in range(3):
        items.append(saved(folder, f"y{number}.dcm", StudyInstanceUID=studies[0], InstanceNumber=number + 1))
    suzuki = {"PatientID": "S2", "PatientName": "SUZUKI^HANAKO=鈴木^花子=スズキ^ハナコ"}
    items.append(saved(folder, "s0.dcm", StudyInstanceUID=studies[1], **suzuki))
    assert set(send(listener, items).values()) == {""}
    return studies


def saved(folder: Path, name: str, **changes: Any) -> Any:
    path = folder / name
    path.write_bytes(as_file(an_instance(**changes)))
    return as_item(path)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    return folder


def test_findscu_finds_by_a_japanese_name_and_gets_what_it_asked_for(
    listener: Listener, source: Path, tmp_path: Path
) -> None:
    a_device("MODALITY", may_query=True)
    _, suzuki = two_studies(listener, source)
    keys = ["QueryRetrieveLevel=STUDY", "SpecificCharacterSet=ISO_IR 192", "PatientName=鈴木*"]
    asked = [
        "StudyInstanceUID",
        "PatientID",
        "NumberOfStudyRelatedInstances",
        "StudyDescription",
        "IssuerOfPatientID",
    ]
    arguments = [part for key in [*keys, *asked] for part in ("-k", key)]

    done = run(
        dcmtk("findscu"), "-S", "-X", "-aet", "MODALITY", "-aec", "DOKUEI", *arguments, "127.0.0.1",
        str(listener.port), cwd=tmp_path,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    (answer,) = [pydicom.dcmread(path, force=True) for path in tmp_path.glob("rsp*.dcm")]
    assert answer.StudyInstanceUID == suzuki
    assert str(answer.PatientName) == "SUZUKI^HANAKO=鈴木^花子=スズキ^ハナコ"
    assert answer.NumberOfStudyRelatedInstances == 1
    assert answer.RetrieveAETitle == "DOKUEI"
    assert "IssuerOfPatientID" in answer
    with system_scope("test"):
        assert Entry.objects.filter(event=Event.STUDY_QUERIED.value.code).count() == 1


@pytest.mark.parametrize(
    "syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian], ids=["implicit", "explicit"]
)
def test_every_level_answers_in_both_syntaxes(listener: Listener, source: Path, syntax: str) -> None:
    a_device("MODALITY", may_query=True)
    yamada, _ = two_studies(listener, source)

    series = found(
        listener, syntax, QueryRetrieveLevel="SERIES", StudyInstanceUID=yamada, SeriesInstanceUID=""
    )
    images = found(listener, syntax, QueryRetrieveLevel="IMAGE", StudyInstanceUID=yamada, SOPInstanceUID="")

    assert len(series) >= 1
    assert {one.InstanceNumber for one in images if "InstanceNumber" in one} <= {1, 2, 3}
    assert len(images) == 3
    assert all(one.QueryRetrieveLevel == "IMAGE" for one in images)


def found(listener: Listener, syntax: str = ExplicitVRLittleEndian, **keys: str) -> list[Any]:
    with association(listener, syntax) as assoc:
        identifier = pydicom.Dataset()
        identifier.SpecificCharacterSet = "ISO_IR 192"
        for name, value in keys.items():
            setattr(identifier, name, value)
        answers = list(assoc.send_c_find(identifier, FIND_STUDY))
    *pending, (final, _) = answers
    assert final.Status == 0, f"{final.Status:04X}"
    return [one for _, one in pending]


@contextmanager
def association(listener: Listener, syntax: str) -> Iterator[Any]:
    ae = AE("MODALITY")
    ae.add_requested_context(FIND_STUDY, syntax)
    assoc = ae.associate("127.0.0.1", listener.port, ae_title="DOKUEI")
    assert assoc.is_established
    try:
        yield assoc
    finally:
        assoc.release()


def test_a_device_without_the_right_is_refused_the_context(listener: Listener, source: Path) -> None:
    a_device("MODALITY")
    two_studies(listener, source)
    ae = AE("MODALITY")
    ae.add_requested_context(FIND_STUDY)

    assoc = ae.associate("127.0.0.1", listener.port, ae_title="DOKUEI")

    assert not assoc.accepted_contexts
    assoc.abort()


def test_another_facilitys_studies_are_not_found(listener: Listener, source: Path) -> None:
    a_device("SENDER", "midori")
    a_device("MODALITY", may_query=True)
    items = [saved(source, "one.dcm")]
    assert set(send(listener, items, "SENDER").values()) == {""}

    assert found(listener, QueryRetrieveLevel="STUDY", StudyInstanceUID="") == []


@pytest.mark.parametrize("keys", [{}, {"QueryRetrieveLevel": "SLICE"}, {"QueryRetrieveLevel": "PATIENT"}])
def test_a_wrong_level_is_answered_a900(listener: Listener, keys: dict[str, str]) -> None:
    a_device("MODALITY", may_query=True)
    identifier = pydicom.Dataset()
    identifier.PatientID = "1"
    for name, value in keys.items():
        setattr(identifier, name, value)

    with association(listener, ExplicitVRLittleEndian) as assoc:
        (status, _), *_ = assoc.send_c_find(identifier, FIND_STUDY)

    assert status.Status == 0xA900


def hashes(folder: Path) -> dict[str, str]:
    """SOP Instance UID to the hash of the data set's bytes."""
    out = {}
    for path in folder.iterdir():
        item = as_item(path)
        out[item.sop_instance_uid] = hashlib.sha256(path.read_bytes()[item.offset :]).hexdigest()
    return out


def test_getscu_retrieves_a_study_byte_for_byte(listener: Listener, source: Path, tmp_path: Path) -> None:
    a_device("MODALITY", may_query=True)
    yamada, _ = two_studies(listener, source)
    out = tmp_path / "out"
    out.mkdir()

    done = run(
        dcmtk("getscu"), "+B", "-S", "-aet", "MODALITY", "-aec", "DOKUEI", "-od", str(out),
        "-k", "QueryRetrieveLevel=STUDY", "-k", f"StudyInstanceUID={yamada}", "127.0.0.1", str(listener.port),
        cwd=tmp_path,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    sent = {uid: digest for uid, digest in hashes(source).items() if uid in hashes(out)}
    assert len(sent) == 3
    assert hashes(out) == sent
    with system_scope("test"):
        assert Entry.objects.filter(event=Event.STUDY_OPENED.value.code).count() == 1


@contextmanager
def storescp(folder: Path, port: int, takes: str = "+xa") -> Iterator[None]:
    folder.mkdir(exist_ok=True)
    process = subprocess.Popen(
        [dcmtk("storescp"), "+B", "-od", str(folder), takes, str(port)],
        env={**os.environ, "TCP_NODELAY": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: answers(port))
        yield
    finally:
        process.terminate()
        process.wait()


def answers(port: int) -> bool:
    import socket

    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def moved(
    listener: Listener, folder: Path, destination: str, *keys: str
) -> "subprocess.CompletedProcess[str]":
    arguments = [part for key in keys for part in ("-k", key)]
    return run(
        dcmtk("movescu"), "-v", "-S", "-aet", "MODALITY", "-aec", "DOKUEI", "-aem", destination, *arguments,
        "127.0.0.1", str(listener.port), cwd=folder,
    )  # fmt: skip


def test_movescu_sends_a_study_to_a_registered_destination(
    listener: Listener, source: Path, tmp_path: Path
) -> None:
    a_device("MODALITY", may_query=True)
    port = free_port()
    a_device("ARCHIVE", peer_host="127.0.0.1", port=port)
    yamada, suzuki = two_studies(listener, source)

    with storescp(tmp_path / "out", port):
        done = moved(
            listener, tmp_path, "ARCHIVE", "QueryRetrieveLevel=STUDY", f"StudyInstanceUID={yamada}\\{suzuki}"
        )

    assert done.returncode == 0, done.stdout + done.stderr
    assert hashes(tmp_path / "out") == hashes(source)


@pytest.mark.parametrize("level", ["SERIES", "IMAGE"])
def test_one_series_or_one_image_is_moved_alone(
    listener: Listener, source: Path, tmp_path: Path, level: str
) -> None:
    a_device("MODALITY", may_query=True)
    port = free_port()
    a_device("ARCHIVE", peer_host="127.0.0.1", port=port)
    yamada, _ = two_studies(listener, source)
    one = pydicom.dcmread(source / "y1.dcm")
    keys = [f"StudyInstanceUID={yamada}", f"SeriesInstanceUID={one.SeriesInstanceUID}"]
    if level == "IMAGE":
        keys.append(f"SOPInstanceUID={one.SOPInstanceUID}")

    with storescp(tmp_path / "out", port):
        done = moved(listener, tmp_path, "ARCHIVE", f"QueryRetrieveLevel={level}", *keys)

    assert done.returncode == 0, done.stdout + done.stderr
    expected = {
        pydicom.dcmread(path).SOPInstanceUID
        for path in source.glob("y*.dcm")
        if pydicom.dcmread(path).SeriesInstanceUID == one.SeriesInstanceUID
    }
    assert set(hashes(tmp_path / "out")) == (expected if level == "SERIES" else {one.SOPInstanceUID})


@pytest.mark.parametrize("code", ["", "midori"], ids=["unknown", "another facility's"])
def test_a_destination_that_is_not_the_facilitys_own_is_refused(
    listener: Listener, source: Path, tmp_path: Path, code: str
) -> None:
    a_device("MODALITY", may_query=True)
    if code:
        a_device("ELSEWHERE", code, peer_host="127.0.0.1", port=free_port())
    yamada, _ = two_studies(listener, source)

    done = moved(listener, tmp_path, "ELSEWHERE", "QueryRetrieveLevel=STUDY", f"StudyInstanceUID={yamada}")

    assert "MoveDestinationUnknown" in done.stdout + done.stderr


def test_a_destination_that_does_not_answer_is_reported_with_every_instance(
    listener: Listener, source: Path, tmp_path: Path
) -> None:
    a_device("MODALITY", may_query=True)
    a_device("ARCHIVE", peer_host="127.0.0.1", port=free_port())
    yamada, _ = two_studies(listener, source)
    shutil.rmtree(tmp_path / "out", ignore_errors=True)

    done = moved(listener, tmp_path, "ARCHIVE", "QueryRetrieveLevel=STUDY", f"StudyInstanceUID={yamada}")

    said = done.stdout + done.stderr
    assert "OutOfResourcesSubOperations" in said, said


def lose(uid: str) -> None:
    """Whatever lies of an instance in the store is gone."""
    with system_scope("test"):
        row = Instance.objects.get(sop_instance_uid=uid)
        Instance.objects.filter(pk=row.pk).update(store_key=f"{row.store_key}.gone")


def test_an_image_that_cannot_be_read_fails_alone_in_a_move(
    listener: Listener, source: Path, tmp_path: Path
) -> None:
    a_device("MODALITY", may_query=True)
    port = free_port()
    a_device("ARCHIVE", peer_host="127.0.0.1", port=port)
    yamada, _ = two_studies(listener, source)
    lost = as_item(source / "y1.dcm").sop_instance_uid
    lose(lost)

    with storescp(tmp_path / "out", port):
        done = moved(listener, tmp_path, "ARCHIVE", "QueryRetrieveLevel=STUDY", f"StudyInstanceUID={yamada}")

    said = done.stdout + done.stderr
    assert "SubOperationsCompleteOneOrMoreFailures" in said or "0xb000" in said, said
    rest = {as_item(source / f"y{n}.dcm").sop_instance_uid for n in (0, 2)}
    assert set(hashes(tmp_path / "out")) == rest


def test_an_image_that_cannot_be_read_fails_alone_in_a_get(listener: Listener, source: Path) -> None:
    a_device("MODALITY", may_query=True)
    yamada, _ = two_studies(listener, source)
    lost = as_item(source / "y1.dcm").sop_instance_uid
    lose(lost)
    got: list[str] = []

    def on_store(event: Any) -> int:
        got.append(str(event.request.AffectedSOPInstanceUID))
        return 0

    ae = AE("MODALITY")
    ae.add_requested_context(GET_STUDY, ExplicitVRLittleEndian)
    ae.add_requested_context(CT, ExplicitVRLittleEndian)
    assoc = ae.associate(
        "127.0.0.1",
        listener.port,
        ae_title="DOKUEI",
        ext_neg=[build_role(CT, scp_role=True)],
        evt_handlers=[(evt.EVT_C_STORE, on_store)],
    )
    keys = Dataset()
    keys.QueryRetrieveLevel, keys.StudyInstanceUID = "STUDY", yamada
    answers = list(assoc.send_c_get(keys, GET_STUDY))
    assoc.release()

    status, failed = answers[-1]
    assert failed is not None
    assert status.Status == 0xB000
    assert (status.NumberOfCompletedSuboperations, status.NumberOfFailedSuboperations) == (2, 1)
    assert failed.FailedSOPInstanceUIDList == lost
    assert sorted(got) == sorted(as_item(source / f"y{n}.dcm").sop_instance_uid for n in (0, 2))


@pytest.mark.parametrize("act", [Act.C_FIND, Act.C_MOVE, Act.C_GET, Act.N_ACTION, Act.N_CREATE])
def test_a_request_in_the_context_of_another_service_is_refused(listener: Listener, act: Act) -> None:
    a_device("MODALITY", may_query=True)
    to = Address("DOKUEI", "127.0.0.1", listener.port)
    association = Requestor.open(to, "MODALITY", [(CT, (ImplicitVRLittleEndian,))])
    (context,) = association.contexts.values()
    words: dict[int, command.Value] = {
        command.CLASS: FIND_STUDY,
        command.FIELD: int(act),
        command.DATA_SET: 0,
    }

    level = b"\x08\x00\x52\x00\x06\x00\x00\x00STUDY "

    answer = association.ask(context, words, [level])
    association.close()

    assert command.number(answer.command, command.STATUS) == 0x0122
