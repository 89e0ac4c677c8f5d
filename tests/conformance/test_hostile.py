"""Everything hostile over C-STORE and STOW-RS: what becomes of it, and that nobody else notices."""

import csv
import resource
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from dokuei.gateway.items import read_items
from dokuei.imaging.dimse import Listener
from dokuei.imaging.models import Instance, Quarantined, Study
from dokuei.imaging.tests.builders import a_facility, a_token, as_multipart, ask
from dokuei.kit import store
from dokuei.kit.db import system_scope
from dokuei.patients.models import Patient
from tests.conformance.conftest import a_device, as_item
from tests.conformance.sending import a_file, everything_kept_is_whole, send

pytestmark = pytest.mark.django_db(transaction=True)


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
    a_device("MODALITY")
    with socket.create_connection(("127.0.0.1", listener.port), timeout=10) as noisy:
        noisy.sendall(data)
        if data:
            with suppress(OSError):  # it may have been cut off already
                noisy.shutdown(socket.SHUT_WR)
                while noisy.recv(4096):
                    pass

        assert send(listener, [a_file(tmp_path)]) == {"one.dcm": ""}
