"""C-MOVE and C-GET to peers that do not take what an instance is kept in."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom import Dataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEGLSLossless
from pynetdicom import AE, build_role, evt

from dokuei.dicom import syntax
from dokuei.dicom.codec.tests.frames import frames_of
from dokuei.imaging.dimse import Listener
from dokuei.imaging.tests.builders import as_file
from tests.conformance.conftest import a_device, as_item
from tests.conformance.sending import send
from tests.conformance.test_query_retrieve import CT, GET_STUDY, moved, saved, storescp, two_studies
from tests.server import free_port

pytestmark = pytest.mark.django_db(transaction=True)
TEST_FILES = Path(pydicom.__file__).parent / "data" / "test_files"
STUDY = "1.2.826.0.1.3680043.8.498.77"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    return folder


def a_mixed_study(listener: Listener, folder: Path, *broken: bytes) -> dict[str, Dataset]:
    """One study kept in explicit, implicit, big endian, JPEG-LS, JPEG baseline and J2K; by SOP Instance UID."""
    items = [saved(folder, "explicit.dcm", StudyInstanceUID=STUDY)]
    names = ("MR_small_jpeg_ls_lossless.dcm", "MR_small_jp2klossless.dcm", "SC_rgb_jpeg_dcmtk.dcm",
             "MR_small_bigendian.dcm", "MR_small_implicit.dcm", "MR_small_RLE.dcm")  # fmt: skip
    contents = [(name, (TEST_FILES / name).read_bytes()) for name in names]
    for name, content in (*contents, *((f"broken{n}.dcm", one) for n, one in enumerate(broken))):
        path = folder / name
        path.write_bytes(content)
        ds = pydicom.dcmread(path)
        ds.StudyInstanceUID, ds.SOPInstanceUID = STUDY, f"{STUDY}.{len(items)}"
        ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
        ds.PatientID, ds.PatientName = "P1", "MIXED"
        path.write_bytes(as_file(ds, ds.file_meta.TransferSyntaxUID))
        items.append(as_item(path))
    assert set(send(listener, items).values()) == {""}
    found = [pydicom.dcmread(item.path) for item in items]
    return {str(one.SOPInstanceUID): one for one in found}


def is_same_picture(sent: Path | Dataset, kept: Dataset) -> bool:
    """Whether what arrived holds the pixels of what is kept; lossy ones within the freedom decoders have."""
    from dokuei.dicom.codec.decode import decode_plain

    arrived = sent if isinstance(sent, Dataset) else pydicom.dcmread(sent)
    form, frames = frames_of(Path(str(kept.filename)).read_bytes())
    return bool(np.array_equal(arrived.pixel_array, decode_plain(frames[0], form).pixels))


@pytest.mark.parametrize(
    ("takes", "uids"),
    [
        pytest.param("+xi", {ImplicitVRLittleEndian}, id="implicit only"),
        pytest.param("+xe", set(syntax.NATIVE), id="uncompressed"),
    ],
)
def test_a_destination_that_takes_nothing_compressed_gets_everything(
    listener: Listener, source: Path, tmp_path: Path, takes: str, uids: set[str]
) -> None:
    a_device("MODALITY", may_query=True)
    port = free_port()
    a_device("ARCHIVE", peer_host="127.0.0.1", port=port)
    kept = a_mixed_study(listener, source)

    with storescp(tmp_path / "out", port, takes):
        done = moved(listener, tmp_path, "ARCHIVE", "QueryRetrieveLevel=STUDY", f"StudyInstanceUID={STUDY}")

    assert done.returncode == 0, done.stdout + done.stderr
    arrived = {as_item(path).sop_instance_uid: path for path in (tmp_path / "out").iterdir()}
    assert arrived.keys() == kept.keys()
    for uid, path in arrived.items():
        assert pydicom.dcmread(path).file_meta.TransferSyntaxUID in uids
        assert is_same_picture(path, kept[uid]), kept[uid].filename


def got(
    listener: Listener, study: str, proposed: Sequence[tuple[str, Sequence[str]]]
) -> tuple[Dataset, dict[str, tuple[str, Dataset]]]:
    """C-GET of a study: the final status, and what came, by SOP Instance UID with its transfer syntax."""
    came: dict[str, tuple[str, Dataset]] = {}

    def on_store(event: Any) -> int:
        ds = event.dataset
        ds.file_meta = event.file_meta
        came[str(ds.SOPInstanceUID)] = (str(event.context.transfer_syntax), ds)
        return 0

    ae = AE("MODALITY")
    ae.add_requested_context(GET_STUDY, ExplicitVRLittleEndian)
    for abstract, uids in proposed:
        ae.add_requested_context(abstract, list(uids))
    assoc = ae.associate(
        "127.0.0.1",
        listener.port,
        ae_title="DOKUEI",
        ext_neg=[build_role(one, scp_role=True) for one in {abstract for abstract, _ in proposed}],
        evt_handlers=[(evt.EVT_C_STORE, on_store)],
    )
    keys = Dataset()
    keys.QueryRetrieveLevel, keys.StudyInstanceUID = "STUDY", study
    *_, (status, _) = assoc.send_c_get(keys, GET_STUDY)
    assoc.release()
    return status, came


@pytest.mark.parametrize("uid", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_a_get_in_one_native_syntax_brings_everything(listener: Listener, source: Path, uid: str) -> None:
    a_device("MODALITY", may_query=True)
    kept = a_mixed_study(listener, source)
    classes = sorted({str(one.SOPClassUID) for one in kept.values()})

    status, came = got(listener, STUDY, [(one, [uid]) for one in classes])

    assert (status.Status, status.NumberOfFailedSuboperations) == (0, 0)
    assert came.keys() == kept.keys()
    assert {one for one, _ in came.values()} == {uid}
    assert all(is_same_picture(ds, kept[name]) for name, (_, ds) in came.items())


def test_a_get_in_a_compressed_syntax_brings_what_can_be_encoded(listener: Listener, source: Path) -> None:
    a_device("MODALITY", may_query=True)
    yamada, _ = two_studies(listener, source)

    status, came = got(listener, yamada, [(CT, [JPEGLSLossless])])

    assert status.Status == 0
    assert [uid for uid, _ in came.values()] == [JPEGLSLossless] * 3
    assert {ds["PixelData"].is_undefined_length for _, ds in came.values()} == {True}


def test_what_no_accepted_syntax_can_hold_fails_with_a_reason(listener: Listener, source: Path) -> None:
    a_device("MODALITY", may_query=True)
    yamada, _ = two_studies(listener, source)

    status, came = got(listener, yamada, [(CT, [syntax.EXPLICIT_BE])])

    assert (status.Status, status.NumberOfFailedSuboperations, came) == (0xA702, 3, {})
    assert status.ErrorComment == "dimse.no_transfer_syntax"


def test_a_broken_stream_fails_alone(listener: Listener, source: Path, real_dicom: Path) -> None:
    a_device("MODALITY", may_query=True)
    broken = (real_dicom / "hostile" / "generated" / "jpegls-corrupt.dcm").read_bytes()
    kept = a_mixed_study(listener, source, broken)
    classes = sorted({str(one.SOPClassUID) for one in kept.values()})

    status, came = got(listener, STUDY, [(one, [ExplicitVRLittleEndian]) for one in classes])

    assert (status.Status, status.NumberOfFailedSuboperations) == (0xB000, 1)
    assert status.ErrorComment == "pixels.undecodable"
    assert len(came) == len(kept) - 1
