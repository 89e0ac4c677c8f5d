"""DCMTK's echoscu and storescu with everything they can propose, plain and over TLS."""

import io
import os
import subprocess
from pathlib import Path

import pydicom
import pytest
from pydicom.encaps import encapsulate
from pydicom.uid import UID

from dokuei.dicom import syntax
from dokuei.hub.certificates import issue
from dokuei.imaging.dimse import Listener
from dokuei.imaging.models import Instance
from dokuei.imaging.tests.builders import an_instance, as_file
from dokuei.kit import store
from dokuei.kit.db import system_scope
from tests.conformance.conftest import a_device, wait_until, with_dicom
from tests.conformance.sending import dcmtk
from tests.server import free_port

pytestmark = pytest.mark.django_db(transaction=True)
_4 = "1.2.840.10008.1.2.4"
STREAM = bytes(range(200)) * 5
PROPOSALS = {
    "-xe": syntax.EXPLICIT_LE,
    "-xb": syntax.EXPLICIT_BE,
    "-xi": syntax.IMPLICIT_LE,
    "-xd": syntax.DEFLATED_LE,
    "-xs": f"{_4}.70",
    "-xy": f"{_4}.50",
    "-xx": f"{_4}.51",
    "-xv": f"{_4}.90",
    "-xw": f"{_4}.91",
    "-xt": f"{_4}.80",
    "-xu": f"{_4}.81",
    "-xm": f"{_4}.100",
    "-xh": f"{_4}.101",
    "-xn": f"{_4}.102",
    "-xl": f"{_4}.103",
    "-x2": f"{_4}.104",
    "-x3": f"{_4}.105",
    "-xo": f"{_4}.106",
    "-x4": f"{_4}.107",
    "-x5": f"{_4}.108",
    "-xr": "1.2.840.10008.1.2.5",
}


def run(name: str, port: int, *options: str | Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [
            dcmtk(name),
            *options[:-1],
            "-aec",
            "DOKUEI",
            "-aet",
            "MODALITY",
            "localhost",
            str(port),
            options[-1],
        ]
        if name == "storescu"
        else [dcmtk(name), *options, "-aec", "DOKUEI", "-aet", "MODALITY", "localhost", str(port)],
        env={**os.environ, "TCP_NODELAY": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        errors="replace",
    )


def a_file(folder: Path, transfer: str) -> Path:
    """An instance in a transfer syntax; what is in a compressed frame nobody looks at."""
    ds = an_instance()
    if transfer not in syntax.NATIVE:
        ds.PixelData = encapsulate([STREAM])
        ds["PixelData"].VR, ds["PixelData"].is_undefined_length = "OB", True
    path = folder / "one.dcm"
    path.write_bytes(as_file(ds, UID(transfer)))
    return path


@pytest.mark.parametrize(("option", "transfer"), PROPOSALS.items(), ids=PROPOSALS)
def test_storescu_stores_in_what_it_proposes_first(
    listener: Listener, tmp_path: Path, option: str, transfer: str
) -> None:
    a_device("MODALITY")
    path = a_file(tmp_path, transfer)

    done = run("storescu", listener.port, option, path)
    wait_until(listener.lister.is_idle)

    assert done.returncode == 0, done.stdout + done.stderr
    with system_scope("test"):
        row = Instance.objects.get()
    assert row.transfer_syntax == transfer
    kept = pydicom.dcmread(
        io.BytesIO(store.default().get_range(row.store_key, row.store_offset, row.store_length))
    )
    assert kept.PixelData == pydicom.dcmread(path).PixelData


@pytest.mark.parametrize("option", ["+C", "-R"])
def test_combined_and_only_needed_contexts_are_agreed(
    listener: Listener, tmp_path: Path, option: str
) -> None:
    a_device("MODALITY")

    done = run("storescu", listener.port, option, a_file(tmp_path, syntax.EXPLICIT_LE))

    assert done.returncode == 0, done.stdout + done.stderr


def test_echoscu_is_answered_whatever_it_proposes(listener: Listener) -> None:
    a_device("MODALITY")

    for options in (["-pts", "1"], ["-pts", "38", "-ppc", "128"], ["--repeat", "5"]):
        done = run("echoscu", listener.port, *options)
        assert done.returncode == 0, done.stderr


def test_storescu_and_echoscu_over_mutual_tls(tmp_path: Path) -> None:
    config = with_dicom(free_port(), dicom_tls=True)
    issue(config.data / "tls", "server", days=2)
    cert, key, authority = issue(config.data / "tls", "MODALITY", days=2)
    a_device("MODALITY")
    identity = ["+tls", str(key), str(cert), "+cf", str(authority)]
    secure = Listener(config)
    secure.start()
    try:
        echoed = run("echoscu", secure.port, *identity)
        stored = run("storescu", secure.port, *identity, a_file(tmp_path, syntax.EXPLICIT_LE))
        nameless = run("echoscu", secure.port, "+tla", "+cf", str(authority))
        wait_until(secure.lister.is_idle)
    finally:
        secure.stop()

    assert echoed.returncode == 0, echoed.stderr
    assert stored.returncode == 0, stored.stderr
    assert nameless.returncode != 0
    with system_scope("test"):
        assert Instance.objects.count() == 1
