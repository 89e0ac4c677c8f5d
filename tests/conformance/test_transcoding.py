"""Whole instances in another transfer syntax than they are kept in: real bytes, through the doors."""

import csv
import hashlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom import Dataset
from pydicom.dataelem import DataElement

from dokuei.dicom import syntax
from dokuei.dicom.codec.decode import decode, stored_values
from dokuei.dicom.codec.picture import ybr_to_rgb
from dokuei.dicom.codec.tests.frames import frames_of
from dokuei.imaging import services
from dokuei.imaging.models import Instance
from dokuei.imaging.packs.rules import LOSSLESS
from dokuei.imaging.tests.builders import AT, Reply, a_facility, a_sender, a_token, ask, everywhere
from dokuei.kit.db import scope
from tests.conformance.conftest import as_item
from tests.conformance.test_real_bytes import with_uids

pytestmark = pytest.mark.django_db(transaction=True)

MAY_CHANGE = {"PhotometricInterpretation", "PlanarConfiguration", "LossyImageCompression", "PixelData"}


def asked(uid: str) -> str:
    return f'multipart/related; type="application/dicom"; transfer-syntax={uid}'


def kept(content: bytes, code: str) -> tuple[str, str]:
    """Keep a file for a facility of its own; the path of its study, and a token."""
    facility = a_facility(code)
    with scope({facility.pk}):
        services.store_instance(a_sender(facility), facility_id=facility.pk, content=content, at=AT)
    with everywhere():
        row = Instance.objects.select_related("study").get(facility=facility)
    return f"/dicomweb/{code}/studies/{row.study.study_instance_uid}", a_token(facility)


def only(reply: Reply) -> tuple[str, bytes]:
    assert reply.status == 200, reply.body[:500]
    (part,) = reply.parts()
    return part


def plain(ds: Dataset) -> dict[int, DataElement]:
    """The elements that no transfer syntax may change."""
    return {
        int(one.tag): one
        for one in ds
        if one.keyword not in MAY_CHANGE and one.tag.element and one.tag.group != 0x7FE0
    }


def differing(before: Dataset, after: Dataset) -> list[str]:
    old, new = plain(before), plain(after)
    return [
        f"{old.get(tag)} / {new.get(tag)}" for tag in old.keys() | new.keys() if old.get(tag) != new.get(tag)
    ]


def files(real_dicom: Path, folder: Path) -> Iterator[tuple[str, bytes, dict[str, str]]]:
    """Of every transfer syntax the files there are, as somebody would have to send them."""
    with (real_dicom / "MANIFEST.tsv").open(encoding="utf-8") as table:
        manifest = {row["path"]: row for row in csv.DictReader(table, delimiter="\t")}
    for path in sorted((real_dicom / "transfer-syntaxes").rglob("*.dcm*")):
        item = with_uids(as_item(path), folder)
        row = manifest[str(path.relative_to(real_dicom))]
        data = item.path.read_bytes()
        if not item.offset:
            from dokuei.dicom.write import file_meta

            data = file_meta(item.sop_class_uid, item.sop_instance_uid, item.transfer_syntax) + data
        yield row["path"], data, row


def is_exact(row: dict[str, str]) -> bool:
    """Whether the manifest's fingerprint is that of the pixels as stored."""
    return row["decode"] == "ok" and row["transfer_syntax"] in LOSSLESS and "_422" not in row["photometric"]


def pixels_of(content: bytes) -> np.ndarray:
    """Decoded by the codec room, whatever the syntax; lossy JPEG's colours as RGB."""
    form, frames = frames_of(content)
    found = []
    for frame in frames:
        decoded = decode(frame, form)
        values = stored_values(decoded, form)
        if decoded.photometric.startswith("YBR") and form.transfer_syntax in syntax.LOSSY_PROCESSES:
            values = np.clip(np.rint(ybr_to_rgb(values.astype(np.float32))), 0, 255)
        found.append(values)
    return np.stack(found) if len(found) > 1 else found[0]


@pytest.mark.filterwarnings("ignore:Invalid value for VR")
@pytest.mark.filterwarnings("ignore:The value length")
def test_every_file_comes_uncompressed_with_every_element_and_every_pixel(
    real_dicom: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact, seen = 0, set()
    for number, (name, data, row) in enumerate(files(real_dicom, tmp_path)):
        path, token = kept(data, f"t{number}")
        kind, content = only(ask(path, token, accept=asked(syntax.EXPLICIT_LE)))
        assert kind == f"application/dicom; transfer-syntax={syntax.EXPLICIT_LE}"
        # pydicom turns values of VR UN round in a big-endian file, where they are little endian (PS3.5 6.2.2)
        is_big = row["transfer_syntax"] == syntax.EXPLICIT_BE
        monkeypatch.setattr(pydicom.config, "replace_un_with_known_vr", not is_big)
        before, after = pydicom.dcmread(BytesIO(data), force=True), pydicom.dcmread(BytesIO(content))
        assert differing(before, after) == [], name
        assert after.file_meta.TransferSyntaxUID == syntax.EXPLICIT_LE
        assert after.file_meta.MediaStorageSOPInstanceUID == before.SOPInstanceUID
        array = after.pixel_array
        if is_exact(row):
            assert hashlib.md5(array.tobytes(), usedforsecurity=False).hexdigest() == row["pixel_md5"], name
            exact += 1
        else:
            assert np.abs(array.astype(float) - pixels_of(data)).max() <= 2, name
        if before.get("LossyImageCompression") == "01":
            assert after.LossyImageCompression == "01"
        seen.add(row["transfer_syntax"])
    assert len(seen) >= 19
    assert exact >= 30
