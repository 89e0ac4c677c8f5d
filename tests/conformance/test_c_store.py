"""C-STORE: who may send, what is kept, what is refused and how it is said."""

import os
import ssl
import subprocess
from pathlib import Path
from typing import Any

import pytest

from dokuei.audit.events import Event
from dokuei.audit.models import Entry
from dokuei.gateway.c_store import send_dimse
from dokuei.gateway.items import Item, Result
from dokuei.hub.certificates import issue
from dokuei.imaging.dimse import Listener
from dokuei.imaging.models import Instance
from dokuei.kit import store
from dokuei.kit.db import system_scope
from tests.conformance.conftest import a_device, wait_until, with_dicom
from tests.conformance.sending import a_file, dcmtk, everything_kept_is_whole, send
from tests.server import free_port

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_instance_sent_by_c_store_is_kept_byte_for_byte(listener: Listener, tmp_path: Path) -> None:
    a_device("MODALITY")
    item = a_file(tmp_path)

    codes = send(listener, [item])

    assert codes == {"one.dcm": ""}
    with system_scope("test"):
        row = Instance.objects.get()
    kept = store.default().get_range(row.store_key, row.store_offset, row.store_length)[row.data_set_offset :]
    assert kept == item.path.read_bytes()[item.offset :]
    assert not list(listener.spool.iterdir())


def test_c_echo_is_answered(listener: Listener) -> None:
    from pynetdicom import AE
    from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]

    a_device("MODALITY")
    ae = AE("MODALITY")
    assoc = ae.associate("127.0.0.1", listener.port, [_context(Verification)], ae_title="DOKUEI")

    status = assoc.send_c_echo().Status
    assoc.release()

    assert status == 0


def _context(uid: str) -> Any:
    from pynetdicom import build_context

    return build_context(uid)


@pytest.mark.parametrize(
    ("title", "called", "peer_host"),
    [
        pytest.param("STRANGER", "DOKUEI", None, id="unknown calling title"),
        pytest.param("MODALITY", "OTHER", None, id="other called title"),
        pytest.param("MODALITY", "DOKUEI", "192.0.2.7", id="other address"),
    ],
)
def test_an_unknown_device_is_turned_away_and_it_is_written_down(
    listener: Listener, tmp_path: Path, title: str, called: str, peer_host: str | None
) -> None:
    a_device("MODALITY", peer_host=peer_host)
    item = a_file(tmp_path)
    results: list[Result] = []

    send_dimse([item], f"{called}@127.0.0.1:{listener.port}", title, results.append)

    assert [one.code for one in results] == ["association.rejected"]
    with system_scope("test"):
        wait_until(lambda: Entry.objects.filter(event=Event.ACT_DENIED.value.code).exists())
        assert not Instance.objects.exists()


def test_two_facilities_send_the_same_uids_and_each_has_its_own(listener: Listener, tmp_path: Path) -> None:
    first, second = a_device("MODALITY"), a_device("OTHER", "midori")
    item = a_file(tmp_path)

    send(listener, [item])
    send(listener, [item], "OTHER")

    with system_scope("test"):
        rows = Instance.objects.values_list("facility_id", "sop_instance_uid")
        assert set(rows) == {(first, item.sop_instance_uid), (second, item.sop_instance_uid)}


def test_a_private_class_in_an_unknown_syntax_is_kept(listener: Listener, tmp_path: Path) -> None:
    a_device("MODALITY")
    item = a_file(tmp_path, SOPClassUID="1.2.840.113619.4.999")
    odd = Item(item.path, "1.2.840.113619.4.999", item.sop_instance_uid, "1.2.3.4.5", item.offset)

    codes = send(listener, [odd])

    assert codes == {"one.dcm": ""}
    with system_scope("test"):
        row = Instance.objects.get()
        assert (row.sop_class_uid, row.transfer_syntax) == ("1.2.840.113619.4.999", "1.2.3.4.5")
        assert "dicom.unknown_syntax" in row.notes


def test_a_full_store_is_answered_a700_and_nothing_is_kept(
    listener: Listener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_device("MODALITY")

    def full(*_: Any) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("os.pwritev", full)
        item = a_file(tmp_path)
        before = send(listener, [item])
    after = send(listener, [item])

    assert (before, after) == ({"one.dcm": "status.A700"}, {"one.dcm": ""})
    assert everything_kept_is_whole() == 1


def test_little_free_space_is_answered_a700(
    listener: Listener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_device("MODALITY")
    monkeypatch.setattr(store.FileStore, "free_bytes", lambda _: 1000)

    assert send(listener, [a_file(tmp_path)]) == {"one.dcm": "status.A700"}


def test_an_instance_beyond_the_limit_ends_its_association_only(tmp_path: Path) -> None:
    a_device("MODALITY")
    small = Listener(with_dicom(free_port(), max_instance_bytes=300_000))
    small.start()
    try:
        large = a_file(tmp_path, "large.dcm", Rows=1024, Columns=1024, PixelData=bytes(2 * 1024**2))
        codes = send(small, [large, a_file(tmp_path, "fine.dcm")])
    finally:
        small.stop()

    assert codes == {"large.dcm": "association.lost", "fine.dcm": ""}
    assert not list(small.spool.iterdir())


def test_with_mutual_tls_a_device_may_only_be_who_its_certificate_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = with_dicom(free_port(), dicom_tls=True)
    issue(config.data / "tls", "server", days=2)
    cert, key, authority = issue(config.data / "tls", "MODALITY", days=2)
    context = ssl.create_default_context(cafile=authority)
    context.load_cert_chain(cert, key)
    nobody = ssl.create_default_context(cafile=authority)
    a_device("MODALITY")
    a_device("OTHER", "midori")
    item = a_file(tmp_path)
    secure = Listener(config)
    secure.start()
    codes = []
    try:
        for title, tls in (
            ("MODALITY", context),
            ("OTHER", context),
            ("MODALITY", nobody),
            ("MODALITY", None),
        ):
            to = f"DOKUEI@localhost:{secure.port}"
            send_dimse([item], to, title, lambda one: codes.append(one.code), tls=tls)
    finally:
        secure.stop()

    assert codes == ["", "association.rejected", "association.failed", "association.failed"]


def test_dcmtk_storescu_sends_a_folder(listener: Listener, tmp_path: Path) -> None:
    a_device("STORESCU")
    for number in range(20):
        a_file(tmp_path, f"{number}.dcm", InstanceNumber=number)

    done = subprocess.run(
        [
            dcmtk("storescu"),
            "-aec",
            "DOKUEI",
            "-aet",
            "STORESCU",
            "+sd",
            "127.0.0.1",
            str(listener.port),
            tmp_path,
        ],
        env={**os.environ, "TCP_NODELAY": "1"},
        capture_output=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
    wait_until(listener.lister.is_idle)
    assert everything_kept_is_whole() == 20
