"""`dokuei send --announce`: the hub knows from the first image how many follow."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from pydicom.uid import generate_uid
from pynetdicom import AE, evt

from dokuei.gateway.announcing import announce_steps, begun, completed
from dokuei.gateway.items import by_study, read_items
from dokuei.hub.cli import main
from dokuei.imaging.dimse import Listener
from dokuei.imaging.models import Announcement, Study
from dokuei.imaging.tests.builders import AT, an_instance, as_file
from dokuei.kit.db import system_scope
from tests.conformance.conftest import CT, a_device, address, wait_until
from tests.server import free_port

pytestmark = pytest.mark.django_db(transaction=True)


def files(folder: Path, count: int, study: str = "") -> Path:
    folder.mkdir(parents=True)
    study = study or generate_uid()
    for number in range(count):
        ds = an_instance(StudyInstanceUID=study, InstanceNumber=number + 1)
        (folder / f"{number}.dcm").write_bytes(as_file(ds))
    return folder


def send(listener: Listener, *arguments: str | Path) -> int:
    to = ["--to", address(listener), "--from", "CT1"]
    return main(["send", *(str(one) for one in arguments), *to])


def test_a_step_is_announced_and_its_study_is_complete_with_its_last_image(
    listener: Listener, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a_device("CT1", may_query=True)
    folder = files(tmp_path / "study", 3)

    assert send(listener, folder, "--announce") == 0
    assert send(listener, folder, "--announce") == 0  # the same step again

    assert capsys.readouterr().out == "3 sent, 0 failed\n3 of 3 listed\n" * 2
    with system_scope("test"):
        row = Study.objects.get()
        assert (row.receipt, row.expected_count, row.expected_from, row.expected_by) == (
            "complete",
            3,
            "mpps",
            "ae:CT1",
        )
        assert Announcement.objects.count() == 1


def test_a_study_that_is_announced_whole_and_comes_in_part_says_how_much_is_missing(
    listener: Listener, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a_device("CT1")
    items, _ = read_items([files(tmp_path / "study", 3)])

    assert announce_steps(by_study(items), address(listener), "CT1", AT) == ""
    send(listener, *(item.path for item in items[:2]))
    wait_until(listener.lister.is_idle)

    assert "listed" not in capsys.readouterr().out  # the device may not ask
    with system_scope("test"):
        row = Study.objects.get()
        assert (row.receipt, row.instances.count(), row.expected_count) == ("receiving", 2, 3)


def test_without_the_option_a_listener_is_told_nothing(listener: Listener, tmp_path: Path) -> None:
    a_device("CT1")

    assert send(listener, files(tmp_path / "study", 2)) == 0

    with system_scope("test"):
        assert not Announcement.objects.exists()


def test_a_listener_without_steps_gets_the_images_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    port, got = free_port(), []

    def on_store(event: Any) -> int:
        got.append(event.request.AffectedSOPInstanceUID)
        return 0

    ae = AE("PACS")
    ae.add_supported_context(CT)
    server: Any = ae.start_server(
        ("127.0.0.1", port), block=False, evt_handlers=[(evt.EVT_C_STORE, on_store)]
    )
    folder = files(tmp_path / "study", 2)
    try:
        code = main(["send", str(folder), "--announce", "--to", f"PACS@127.0.0.1:{port}"])
    finally:
        server.shutdown()

    said = capsys.readouterr()
    assert (code, len(got)) == (0, 2)
    assert said.out == "2 sent, 0 failed\n"
    assert "not announced: announcing.not_offered" in said.err


def test_a_web_server_that_is_no_hub_gets_the_images_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []

    class Server(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            asked.append(self.path)
            self.send_response(200 if self.path.endswith("/studies") else 404)
            self.end_headers()

        def do_GET(self) -> None:
            self.send_response(403)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        to = f"http://127.0.0.1:{server.server_port}/x/dicomweb/aoba"
        code = main(["send", str(files(tmp_path / "study", 2)), "--to", to])
        server.shutdown()
        thread.join()

    assert code == 0
    assert asked == ["/x/api/v1/studies/announcements", "/x/dicomweb/aoba/studies"]
    assert capsys.readouterr().out == "2 sent, 0 failed\n"


def test_a_step_has_every_attribute_the_standard_wants_and_names_no_patient(tmp_path: Path) -> None:
    items, _ = read_items([files(tmp_path / "study", 2)])

    create = begun(items[0].study_instance_uid, items[0].modality, "2.25.1", "CT1", AT)
    change = completed(items, AT)

    assert create["00080060"]["Value"] == ["CT"]
    for tag in ("00100010", "00100020", "00100030", "00100040"):
        assert create[tag]["Value"] == []
    for tag in ("00400253", "00400241", "00400244", "00400245", "00400252", "00400270"):
        assert create[tag]["Value"]
    made = [one["00081140"]["Value"] for one in change["00400340"]["Value"]]
    assert {item["00081155"]["Value"][0] for some in made for item in some} == {
        item.sop_instance_uid for item in items
    }
