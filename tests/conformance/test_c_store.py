"""C-STORE with real bytes: every transfer syntax, every character set, everything hostile, and a crash."""

import csv
import hashlib
import os
import random
import resource
import shutil
import signal
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.uid import generate_uid

from dokuei.audit.events import Event
from dokuei.audit.models import Entry
from dokuei.dicom import syntax
from dokuei.gateway.c_store import send_dimse
from dokuei.gateway.items import Item, Result, read_items
from dokuei.hub.certificates import issue
from dokuei.imaging.dimse import Listener
from dokuei.imaging.models import Instance, Quarantined, Study
from dokuei.imaging.tests.builders import a_facility, a_token, an_instance, as_file, as_multipart, ask
from dokuei.kit import store
from dokuei.kit.db import system_scope
from dokuei.patients.models import Patient
from tests.conformance.conftest import (
    a_device,
    address,
    as_item,
    free_port,
    wait_until,
    with_dicom,
)

SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"

pytestmark = pytest.mark.django_db(transaction=True)


def send(listener: Listener, items: list[Item], title: str = "MODALITY") -> dict[str, str]:
    """Send and return the code of each file, empty for success."""
    results: dict[str, str] = {}
    for item in items:  # one association each: what one file does to its association harms no other
        send_dimse([item], address(listener), title, lambda one: results.update({one.path.name: one.code}))
    wait_until(listener.lister.is_idle)
    return results


def a_file(folder: Path, name: str = "one.dcm", **changes: Any) -> Item:
    path = folder / name
    path.write_bytes(as_file(an_instance(**changes)))
    return as_item(path)


def everything_kept_is_whole() -> int:
    """Every row's object is there with the hash of its data set, and nothing half-written lies about."""
    place = store.default()
    assert isinstance(place, store.FileStore)
    with system_scope("test"):
        rows: list[Any] = [*Instance.objects.all(), *Quarantined.objects.all()]
    for row in rows:
        data = place.get_range(row.store_key, row.store_offset, row.store_length)
        from dokuei.dicom.read import read_meta

        assert hashlib.sha256(data[read_meta(data).data_set_offset :]).hexdigest() == row.sha256
    assert not list(place.root.rglob("*.part"))
    return len(rows)


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
        broken.setattr("dokuei.kit.segment.os.pwrite", full)
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


# --- character sets

UNREACHABLE = {
    # what the bytes of these two really say: one holds another name, one was cut inside a character
    "bad-ir87-first-value.dcm": ("Test=山田^太郎", "表面能ソ十"),
    "bad-truncated-escape.dcm": ("Yamada^Tarou=山\ufffd", "山"),
}


def test_every_japanese_character_set_is_read_through_c_store_and_metadata(
    listener: Listener, real_dicom: Path
) -> None:
    a_device("MODALITY")
    token = a_token(a_facility())
    with (real_dicom / "charsets" / "EXPECTED-ja.tsv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table, delimiter="\t"))
    seen: dict[str, tuple[str, str]] = {}
    for number, row in enumerate(rows):
        item = as_item(real_dicom / row["path"], number)
        assert send(listener, [item]) == {item.path.name: ""}
        with system_scope("test"):
            study = Instance.objects.select_related("study").get(sop_instance_uid=item.sop_instance_uid).study
        (found, *_) = [
            one
            for one in ask(f"/dicomweb/aoba/studies/{study.study_instance_uid}/metadata", token).json
            if one["00080018"]["Value"] == [item.sop_instance_uid]
        ]
        name = found["00100010"]["Value"][0]
        groups = [name.get(key, "") for key in ("Alphabetic", "Ideographic", "Phonetic")]
        seen[item.path.name] = ("=".join(groups).rstrip("="), found["00081030"]["Value"][0])

    expected = {
        Path(row["path"]).name: (row["intended_name"].rstrip("="), row["intended_study_description"])
        for row in rows
    } | UNREACHABLE
    assert len(rows) == 15
    assert seen == expected


# --- transfer syntaxes


def test_every_transfer_syntax_is_kept_and_its_frames_are_served_byte_for_byte(
    listener: Listener, real_dicom: Path, tmp_path: Path
) -> None:
    with (real_dicom / "MANIFEST.tsv").open(encoding="utf-8") as table:
        manifest = {row["path"]: row for row in csv.DictReader(table, delimiter="\t")}
    items = [as_item(path) for path in sorted((real_dicom / "transfer-syntaxes").rglob("*.dcm*"))]
    frames = natively = 0
    for number, original in enumerate(items):  # a facility each: many hold the same SOP Instance UID
        a_device(f"T{number}", f"t{number}")
        item = with_uids(original, tmp_path)
        assert send(listener, [item], f"T{number}") == {item.path.name: ""}
        relative = str(original.path.relative_to(real_dicom))
        served = frames_of(item, f"t{number}")
        assert served == frames_expected(item.path), relative
        frames += len(served)
        row = manifest[relative]
        if item.transfer_syntax in syntax.NATIVE and row["photometric"].startswith("MONO"):
            assert hashlib.md5(b"".join(served), usedforsecurity=False).hexdigest() == row["pixel_md5"]
            natively += 1

    assert len({item.transfer_syntax for item in items}) >= 18
    assert frames >= len(items)
    assert natively >= 4


def with_uids(item: Item, folder: Path) -> Item:
    """A codec sample without UIDs as somebody would have to send it; every other file as it is."""
    ds = pydicom.dcmread(item.path, force=True)
    if "StudyInstanceUID" in ds and "SOPInstanceUID" in ds:
        return item
    ds.SOPClassUID, ds.SOPInstanceUID = item.sop_class_uid or SECONDARY_CAPTURE, generate_uid()
    ds.StudyInstanceUID, ds.SeriesInstanceUID = generate_uid(), generate_uid()
    path = folder / item.path.name
    ds.save_as(path)
    return as_item(path)


def frames_of(item: Item, code: str) -> list[bytes]:
    with system_scope("test"):
        facility = a_facility(code)
        row = Instance.objects.select_related("study", "series").get(facility=facility)
    token = a_token(facility)
    numbers = ",".join(map(str, range(1, row.frames + 1)))
    path = (
        f"/dicomweb/{code}/studies/{row.study.study_instance_uid}"
        f"/series/{row.series.series_instance_uid}/instances/{row.sop_instance_uid}/frames/{numbers}"
    )
    parts = ask(path, token).parts()
    kinds = {kind for kind, _ in parts}
    assert kinds == {f"application/octet-stream; transfer-syntax={syntax.served_as(item.transfer_syntax)}"}
    return [body for _, body in parts]


def frames_expected(path: Path) -> list[bytes]:
    """The frames by pydicom, in the form in which they must be served."""
    from pydicom.encaps import generate_frames

    ds = pydicom.dcmread(path, force=True)
    count = int(ds.get("NumberOfFrames", 1))
    if "PixelData" in ds and ds["PixelData"].is_undefined_length:
        offsets = None
        if "ExtendedOffsetTable" in ds:
            offsets = (ds.ExtendedOffsetTable, ds.ExtendedOffsetTableLengths)
        return list(generate_frames(ds.PixelData, number_of_frames=count, extended_offsets=offsets))
    if not ds.original_encoding[1]:  # big endian
        pixels = ds.pixel_array
        if ds.get("PlanarConfiguration") == 1:  # pydicom interleaves what is stored plane by plane
            pixels = np.moveaxis(pixels, -1, -3)
        data = pixels.astype(pixels.dtype.newbyteorder("<")).tobytes()
        return [data[n * len(data) // count : (n + 1) * len(data) // count] for n in range(count)]
    size = ds.Rows * ds.Columns * ds.SamplesPerPixel * ds.BitsAllocated // 8
    return [ds.PixelData[n * size : (n + 1) * size] for n in range(count)]


# --- hostile bytes


def hostile(folder: Path) -> Iterator[tuple[Path, str]]:
    with (folder / "hostile" / "EXPECTED.tsv").open(encoding="utf-8") as table:
        expected = {row["path"]: row["expected_behaviour"] for row in csv.DictReader(table, delimiter="\t")}
    for path in sorted((folder / "hostile").rglob("*.dcm")):
        yield path, expected.get(str(path.relative_to(folder)), "no crash")


def is_as_expected(expected: str, is_kept: bool) -> bool:
    first, _, rest = expected.partition(" or ")
    if first.startswith("reject") and not rest:
        return not is_kept
    if first.startswith(("accept", "store")) and not rest.startswith(("reject", "quarantine")):
        return is_kept
    return True


ONLY_AS_A_FILE = {"size-zero.dcm", "preamble-only.dcm", "magic-only.dcm", "no-preamble.dcm"}


def test_every_hostile_file_over_c_store_has_its_outcome_and_the_listener_lives(
    listener: Listener, real_dicom: Path, tmp_path: Path
) -> None:
    a_device("MODALITY")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    surprises, sent = [], 0
    for number, (path, expected) in enumerate(hostile(real_dicom)):
        if path.name in ONLY_AS_A_FILE:
            continue
        (code,) = send(listener, [as_item(path, number)]).values()
        sent += 1
        if not is_as_expected(expected, is_kept=not code) or code in {"status.C211", "status.0110"}:
            surprises.append((path.name, expected, code))

    assert surprises == []
    assert sent > 100
    assert send(listener, [a_file(tmp_path, "after.dcm")]) == {"after.dcm": ""}
    assert everything_kept_is_whole() > 50
    assert not list(listener.spool.iterdir())
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 200 * 1024, f"memory grew by {grown // 1024} MiB"


def test_every_hostile_file_over_stow_has_its_outcome(real_dicom: Path) -> None:
    token = a_token(a_facility())
    surprises = []
    for path, expected in hostile(real_dicom):
        body, kind = as_multipart(path.read_bytes())
        reply = ask("/dicomweb/aoba/studies", token, method="POST", body=body, content_type=kind)
        if reply.status not in {200, 409} or not is_as_expected(expected, reply.status == 200):
            surprises.append((path.name, expected, reply.status))

    assert surprises == []
    assert everything_kept_is_whole() > 50


def test_contradicting_instances_are_quarantined_and_the_first_is_untouched(
    listener: Listener, real_dicom: Path
) -> None:
    a_device("MODALITY")
    names = ["1-first", "2-other-pixels", "3-other-patient"]
    paths = [real_dicom / "hostile" / "generated" / f"duplicate-sop-{name}.dcm" for name in names]

    codes = send(listener, [as_item(path) for path in paths])

    assert set(codes.values()) == {""}
    with system_scope("test"):
        first = Instance.objects.get()
        reasons = set(Quarantined.objects.values_list("reason", flat=True))
    assert reasons == {"instance.other_content", "instance.other_study"}
    kept = store.default().get_range(first.store_key, first.store_offset + first.data_set_offset, 512)
    assert kept == paths[0].read_bytes()[as_item(paths[0]).offset :][:512]


def test_hostile_text_is_kept_harmless(listener: Listener, real_dicom: Path) -> None:
    a_device("MODALITY")
    folder = real_dicom / "hostile" / "generated"
    names = ["inject-unicode-bidi.dcm", "inject-nul.dcm", "inject-ansi.dcm", "very-long-name.dcm"]

    codes = send(listener, [as_item(folder / name, n) for n, name in enumerate(names)])

    assert set(codes.values()) == {""}
    with system_scope("test"):
        texts = [
            *Patient.objects.values_list("name_romaji", flat=True),
            *Patient.objects.values_list("name_kanji", flat=True),
            *Patient.objects.values_list("patient_id", flat=True),
            *Study.objects.values_list("description", flat=True),
        ]
    assert all(len(text) <= 200 for text in texts)
    assert all(text.isprintable() for text in texts)


def test_an_inconsistent_series_is_kept_and_its_study_is_held(listener: Listener, real_dicom: Path) -> None:
    a_device("MODALITY")
    items, _ = read_items([real_dicom / "hostile" / "inconsistent-series"])

    codes = send(listener, items)

    assert set(codes.values()) == {""}
    with system_scope("test"):
        study = Study.objects.get()
        assert study.instances.count() == len(items) == 6
        assert "study.other_patient" in study.held_for


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", id="http"),
        pytest.param(b"\x01\x00\xff\xff\xff\xff" + b"A" * 100, id="a PDU of four gigabytes"),
        pytest.param(b"\x04\x00\x00\x00\x00\x06" + b"\0" * 6, id="data before an association"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01", id="TLS hello"),
        pytest.param(b"", id="nothing at all"),
    ],
)
def test_noise_on_the_port_harms_nobody(listener: Listener, tmp_path: Path, data: bytes) -> None:
    import socket

    a_device("MODALITY")
    with socket.create_connection(("127.0.0.1", listener.port), timeout=10) as noisy:
        noisy.sendall(data)
        if data:
            with suppress(OSError):  # it may have been cut off already
                noisy.shutdown(socket.SHUT_WR)
                while noisy.recv(4096):
                    pass

        assert send(listener, [a_file(tmp_path)]) == {"one.dcm": ""}


# --- other people's senders, and a crash


@pytest.fixture
def storescu() -> str:
    path = "/usr/bin/storescu"  # pynetdicom puts its own into the virtual environment
    if not Path(path).exists():
        pytest.skip("DCMTK ABSENT: its storescu was not tried against the listener")
    return path


def test_dcmtk_storescu_sends_a_folder(listener: Listener, storescu: str, tmp_path: Path) -> None:
    a_device("STORESCU")
    for number in range(20):
        a_file(tmp_path, f"{number}.dcm", InstanceNumber=number)

    done = subprocess.run(
        [storescu, "-aec", "DOKUEI", "-aet", "STORESCU", "+sd", "127.0.0.1", str(listener.port), tmp_path],
        env={**os.environ, "TCP_NODELAY": "1"},
        capture_output=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
    wait_until(listener.lister.is_idle)
    assert everything_kept_is_whole() == 20


class Senders:
    """Four DCMTK senders at once, and what was answered to them."""

    def __init__(self, storescu: str, port: int, batches: list[list[Path]]) -> None:
        self.lines: list[str] = []
        self.processes = [
            subprocess.Popen(
                [
                    storescu,
                    "-v",
                    "-aec",
                    "DOKUEI",
                    "-aet",
                    "STORESCU",
                    "127.0.0.1",
                    str(port),
                    *map(str, one),
                ],
                env={**os.environ, "TCP_NODELAY": "1"},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            for one in batches
        ]
        self._answered: list[Path] = []
        self._threads = [threading.Thread(target=self._collect, args=(one,)) for one in self.processes]
        for thread in self._threads:
            thread.start()

    def _collect(self, process: "subprocess.Popen[bytes]") -> None:
        sending = Path()
        for raw in process.stdout or []:
            line = raw.decode("utf-8", "replace")
            if "Sending file:" in line:
                sending = Path(line.partition("Sending file:")[2].strip())
            if "Store Response (Success)" in line:
                self._answered.append(sending)

    def answered_so_far(self) -> int:
        return len(self._answered)

    def answered(self) -> list[Path]:
        """Wait until they have ended."""
        for process, thread in zip(self.processes, self._threads, strict=True):
            process.wait(timeout=60)
            thread.join()
            assert process.stdout is not None
            process.stdout.close()
        return self._answered


def test_nothing_answered_with_success_is_lost_when_the_listener_is_killed_under_four_senders(
    storescu: str, tmp_path: Path, listener_process: Callable[[int], "subprocess.Popen[bytes]"]
) -> None:
    a_device("STORESCU")
    items: dict[Path, Item] = {}
    for number in range(480):
        item = a_file(
            tmp_path, f"{number:03}.dcm", StudyInstanceUID=f"2.25.{number % 5 + 1}", InstanceNumber=number
        )
        items[item.path] = item
    files, answered, port = sorted(items), [], free_port()
    dice = random.Random(20261122)
    for round_ in range(3):
        process = listener_process(port)
        mine = files[round_ * 160 : (round_ + 1) * 160]
        senders = Senders(storescu, port, [mine[n::4] for n in range(4)])
        enough = dice.randrange(20, 120)
        wait_until(lambda senders=senders, enough=enough: senders.answered_so_far() >= enough)  # type: ignore[misc]
        process.send_signal(signal.SIGKILL)
        process.wait()
        answered += senders.answered()

    last = listener_process(port)

    expected = {
        items[path].sop_instance_uid: hashlib.sha256(path.read_bytes()[items[path].offset :]).hexdigest()
        for path in answered
    }
    assert 60 <= len(expected) < 480
    wait_until(lambda: set(expected.items()) <= set(listed().items()))
    results: list[Result] = []
    send_dimse(list(items.values()), f"DOKUEI@127.0.0.1:{port}", "STORESCU", results.append)
    last.send_signal(signal.SIGTERM)
    assert last.wait(timeout=30) == 0
    assert all(one.is_sent for one in results)
    assert everything_kept_is_whole() == len(listed()) == 480
    with system_scope("test"):
        assert not Quarantined.objects.exists()


def listed() -> dict[str, str]:
    with system_scope("test"):
        return dict(Instance.objects.values_list("sop_instance_uid", "sha256"))


@pytest.fixture(autouse=True)
def _empty_store() -> Iterator[None]:
    _empty()
    yield
    _empty()


def _empty() -> None:
    place = store.default()
    assert isinstance(place, store.FileStore)
    for row in place.root.iterdir() if place.root.exists() else ():
        shutil.rmtree(row, ignore_errors=True)
