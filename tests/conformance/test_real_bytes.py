"""Every Japanese character set and every transfer syntax, by C-STORE in and by DICOMweb out."""

import csv
import hashlib
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.uid import generate_uid

from dokuei.dicom import syntax
from dokuei.gateway.items import Item
from dokuei.imaging.dimse import Listener
from dokuei.imaging.models import Instance
from dokuei.imaging.tests.builders import a_facility, a_token, ask
from dokuei.kit.db import system_scope
from tests.conformance.conftest import a_device, as_item
from tests.conformance.sending import send

SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"

pytestmark = pytest.mark.django_db(transaction=True)

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
