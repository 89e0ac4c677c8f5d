"""What leaves a signed report as DICOM: read, judged and rendered by other software, and found by every door."""

import re
import subprocess
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import Dataset

from tests.conformance.signed import NAME, Signed, a_night, write_out

pytestmark = pytest.mark.django_db(transaction=True)
JUSTIFIED = (
    r"Laterality\(0020,0060\).*only permitted to be empty when actually unknown",  # it is: the image does not say
    r"CodingSchemeDesignator.*Unrecognized defined term = <99DOKUEI>",  # a pixel value without a unit has no code
    r"RescaleType.*Unrecognized defined term = <BQML>",  # the PET image's own word, taken over
)
RIM = 12


def tool(name: str) -> str:
    """A program of dicom3tools or DCMTK; without it this part is skipped, aloud."""
    path = f"/usr/bin/{name}"
    if not Path(path).exists():
        pytest.skip(f"{name} ABSENT (Debian: dicom3tools, dcmtk): its judgement was not asked for")
    return path


def said_by(name: str, *arguments: str) -> str:
    done = subprocess.run([tool(name), *arguments], capture_output=True, check=False, timeout=60)
    return (done.stdout + done.stderr).decode("utf-8", "replace")


@pytest.fixture
def signed(real_dicom: Path) -> Signed:
    return a_night(real_dicom)


def test_dciodvfy_finds_no_error_in_any_object(signed: Signed, tmp_path: Path) -> None:
    signed.sign()

    saved = kept_in(tmp_path, write_out())

    assert [one.name for one in saved] == [
        *(f"PR-9902-{number}.dcm" for number in range(1, 11)),
        "PR-9903-1.dcm", "PR-9903-2.dcm", "KO-9901-1.dcm", "KO-9901-2.dcm", "SR-9904-1.dcm",
    ]  # fmt: skip
    for path in saved:
        lines = said_by("dciodvfy", "-new", str(path)).splitlines()[1:]
        open_ = [one for one in lines if one and not any(re.search(known, one) for known in JUSTIFIED)]
        assert open_ == [], path.name


def test_dcmtk_reads_the_documents_and_their_values_are_of_their_kind(signed: Signed, tmp_path: Path) -> None:
    signed.sign()

    for path in kept_in(tmp_path, write_out()):
        if not path.name.startswith("PR"):
            said = said_by("dsrdump", str(path))
            assert "\nE: " not in said
            assert said.count("<contains") > 5
        for block in said_by("dcmpschk", str(path)).split("Error:")[1:]:
            value = re.search(r"Attribute value   : \[(.*?)\]", block, re.DOTALL)
            assert value is not None, block
            assert not value[1].isascii(), (
                block
            )  # its checker says that it does not know UTF-8; nothing else is wrong


def kept_in(folder: Path, some: Sequence[Dataset]) -> list[Path]:
    paths = []
    for ds in some:
        path = folder / f"{ds.Modality}-{ds.SeriesNumber}-{ds.InstanceNumber}.dcm"
        ds.save_as(path)
        paths.append(path)
    return paths


TYPE_1 = {
    "PR": ("ContentLabel", "PresentationCreationDate", "PresentationCreationTime", "ReferencedSeriesSequence",
           "DisplayedAreaSelectionSequence"),
    "KO": ("ContentDate", "ContentTime", "ConceptNameCodeSequence", "ContentTemplateSequence", "ContentSequence",
           "CurrentRequestedProcedureEvidenceSequence", "ContinuityOfContent"),
    "SR": ("ContentDate", "ContentTime", "CompletionFlag", "VerificationFlag", "ConceptNameCodeSequence",
           "ContentTemplateSequence", "ContentSequence", "CurrentRequestedProcedureEvidenceSequence"),
}  # fmt: skip
EVERY = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "Modality", "SeriesNumber",
         "InstanceNumber", "Manufacturer", "SoftwareVersions", "TimezoneOffsetFromUTC")  # fmt: skip


def walked(ds: Dataset) -> Iterator[Dataset]:
    yield ds
    for item in ds.get("ContentSequence", []):
        yield from walked(item)


def spoken_of(ds: Dataset) -> set[str]:
    """Every instance a document's content names."""
    return {
        str(uid.ReferencedSOPInstanceUID)
        for one in walked(ds)
        for ref in one.get("ReferencedSOPSequence", [])
        for uid in (ref, *ref.get("ReferencedSOPSequence", []))
    }


def in_evidence(ds: Dataset) -> set[str]:
    names = ("CurrentRequestedProcedureEvidenceSequence", "PertinentOtherEvidenceSequence")
    return {
        str(ref.ReferencedSOPInstanceUID)
        for name in names
        for study in ds.get(name, [])
        for series in study.ReferencedSeriesSequence
        for ref in series.ReferencedSOPSequence
    }


def test_objects_are_whole_and_of_this_patient_and_study(signed: Signed) -> None:
    """Our own check, which needs no other program."""
    signed.sign()

    made = write_out()

    assert len({ds.SOPInstanceUID for ds in made}) == len(made) == 15
    homes = {signed.study.study_instance_uid, signed.prior[0].StudyInstanceUID}
    for ds in made:
        assert [name for name in (*EVERY, *TYPE_1[ds.Modality]) if ds.get(name) in (None, "")] == []
        assert ds.StudyInstanceUID in homes
        assert (ds.PatientID, ds.TimezoneOffsetFromUTC) == ("P-0042", "+0900")
        is_now = ds.StudyInstanceUID == signed.study.study_instance_uid
        assert str(ds.PatientName) == (NAME if is_now else signed.prior[0].PatientName)
        assert ds.AccessionNumber == ("A20261122" if is_now else "A20260522")
        if ds.Modality != "PR":
            assert spoken_of(ds) == in_evidence(ds)
    here, there = (ds for ds in made if ds.Modality == "KO")
    assert {here.StudyInstanceUID, there.StudyInstanceUID} == homes
    for one, other in ((here, there), (there, here)):
        (study,) = one.IdenticalDocumentsSequence
        assert study.StudyInstanceUID == other.StudyInstanceUID
        assert study.ReferencedSeriesSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID == (
            other.SOPInstanceUID
        )
    (description,) = [
        one.TextValue for one in walked(here) if "TextValue" in one and one.RelationshipType == "CONTAINS"
    ]
    assert [line.split("（")[0] for line in description.splitlines()] == [
        f"図{n}　所見{n}" for n in range(1, 11)
    ]
    states = {str(ds.SOPInstanceUID): ds for ds in made if ds.Modality == "PR"}
    for item in here.ContentSequence[-10:]:
        (image,) = item.ReferencedSOPSequence
        state = states[image.ReferencedSOPSequence[0].ReferencedSOPInstanceUID]
        (shown,) = state.ReferencedSeriesSequence[0].ReferencedImageSequence
        assert shown.ReferencedSOPInstanceUID == image.ReferencedSOPInstanceUID
        assert shown.get("ReferencedFrameNumber") == image.get("ReferencedFrameNumber")


def turned(pixels: NDArray[Any], figure: dict[str, Any]) -> NDArray[Any]:
    """A stored picture as it was on the screen: mirrored, then turned to the right."""
    recipe = figure["recipe"]
    seen = pixels[:, ::-1] if recipe["is_mirrored"] else pixels
    return np.rot90(seen, -recipe["rotation_deg"] // 90)


def cut(pixels: NDArray[Any], figure: dict[str, Any]) -> NDArray[Any]:
    """The part of a whole turned picture that was on the screen."""
    area = figure["recipe"]["area"]
    rows, columns = pixels.shape if figure["recipe"]["rotation_deg"] % 180 == 0 else pixels.shape[::-1]
    is_in = np.zeros((rows, columns), bool)
    is_in[int(area["top"]) : int(area["bottom"]), int(area["left"]) : int(area["right"])] = True
    there = turned(is_in, figure)
    return pixels[np.any(there, axis=1)][:, np.any(there, axis=0)]


def enlarged(pixels: NDArray[Any], rows: int, columns: int) -> NDArray[Any]:
    """Linear in between, as the report enlarges a small picture."""
    for axis, size in enumerate((rows, columns)):
        old = pixels.shape[axis]
        at = (np.arange(size) + 0.5) * old / size - 0.5
        low = np.clip(np.floor(at).astype(int), 0, old - 2)
        share = np.clip(at - low, 0, 1).reshape([-1 if one == axis else 1 for one in (0, 1)])
        pixels = np.take(pixels, low, axis) * (1 - share) + np.take(pixels, low + 1, axis) * share
    return pixels


def as_drawn(signed: Signed, figure: dict[str, Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Our own picture of a key image without its margin, and where no mark was drawn over it."""
    page = imagecodecs.png_decode(signed.picture(figure)).astype(float)
    left, top, width, height = figure["box"]
    box = page[top : top + height, left : left + width, :3]
    drawn = np.ptp(box, axis=2) > 1
    for axis in (0, 1):  # marks have a dark rim
        drawn = np.logical_or.reduce([np.roll(drawn, way, axis) for way in range(-RIM, RIM + 1)])
    return box[..., 0], ~drawn


@pytest.mark.parametrize("number", [1, 2, 3, 6, 8, 9, 10])
def test_dcmtk_renders_the_key_image_as_the_report_shows_it(
    signed: Signed, tmp_path: Path, number: int
) -> None:
    signed.sign()
    made = write_out()
    figure = signed.figures[number - 1]
    sources = {str(ds.SOPInstanceUID): ds for ds in (*signed.current, *signed.prior)}
    image = sources[figure["sop_instance_uid"]]
    if image.file_meta.TransferSyntaxUID.is_compressed:
        image.decompress()
    image.save_as(tmp_path / "image.dcm")
    (state,) = [ds for ds in made if ds.get("ContentLabel") == f"KEY_IMAGE_{number}"]
    state.save_as(tmp_path / "state.dcm")

    said_by("dcmp2pgm", "-f", str(figure["frame_number"]), "-p", str(tmp_path / "state.dcm"),
            str(tmp_path / "image.dcm"), str(tmp_path / "shown.pgm"))  # fmt: skip

    ours, is_clear = as_drawn(signed, figure)
    theirs = enlarged(cut(pgm(tmp_path / "shown.pgm"), figure).astype(float), *ours.shape)
    assert is_clear.mean() > 0.6
    assert np.ptp(theirs) > 100
    apart = np.abs(ours - theirs)[is_clear]
    assert apart.mean() < 1
    assert np.percentile(apart, 99.5) <= 2
    corners = [[int(one) for one in state.DisplayedAreaSelectionSequence[0][tag].value]
               for tag in ("DisplayedAreaTopLeftHandCorner", "DisplayedAreaBottomRightHandCorner")]  # fmt: skip
    rows, columns = np.mgrid[: image.Rows, : image.Columns]
    for (column, row), place in zip(corners, (0, -1), strict=True):
        seen = [cut(turned(grid, figure), figure)[place, place] + 1 for grid in (columns, rows)]
        assert seen == [column, row]


def pgm(path: Path) -> NDArray[Any]:
    kind, columns, rows, most, rest = path.read_bytes().split(maxsplit=4)
    assert (kind, most) == (b"P5", b"255")
    data = path.read_bytes()[-int(columns) * int(rows) :]
    assert rest
    return np.frombuffer(data, np.uint8).reshape(int(rows), int(columns))


def values(report: Dataset, words: str) -> dict[str, Any]:
    """Names and numbers of the measurement group with this tracking identifier."""
    groups = [one for one in walked(report) if one.get("ContentTemplateSequence")]
    (group,) = [
        one for one in groups if one.ContentSequence[0].get("TextValue") == words and one is not report
    ]
    out: dict[str, Any] = {}
    for item in group.ContentSequence:
        if item.ValueType == "NUM":
            how = [
                one.ConceptCodeSequence[0].CodeMeaning
                for one in item.get("ContentSequence", [])
                if one.ValueType == "CODE"
            ]
            name = how[0] if how else item.ConceptNameCodeSequence[0].CodeMeaning
            (measured,) = item.MeasuredValueSequence
            assert float(measured.NumericValue) == pytest.approx(measured.FloatingPointValue, rel=1e-8)
            out[name] = float(measured.FloatingPointValue)
            out[f"unit of {name}"] = measured.MeasurementUnitsCodeSequence[0].CodeValue
    return out


def test_every_number_is_what_the_file_says(signed: Signed) -> None:
    signed.sign()

    (report,) = [ds for ds in write_out() if ds.Modality == "SR"]

    ct = signed.current[0]
    mm_y, mm_x = (float(one) for one in ct.PixelSpacing)
    hu = ct.pixel_array * float(ct.RescaleSlope) + float(ct.RescaleIntercept)
    rows, columns = np.mgrid[: ct.Rows, : ct.Columns]
    round_ = ((columns - 300) / 20) ** 2 + ((rows - 310) / 20) ** 2 <= 1 + 1e-9
    box = (columns >= 350) & (columns < 380) & (rows >= 350) & (rows < 370)
    assert values(report, "計測1 長さ")["Length"] == pytest.approx(np.hypot(60 * mm_x, 80 * mm_y))
    for words, mask, area in (("計測5 楕円ROI", round_, np.pi * 400), ("計測6 矩形ROI", box, 600)):
        said = values(report, words)
        assert said["Area"] == pytest.approx(area * mm_x * mm_y)
        assert said["Mean"] == pytest.approx(hu[mask].mean())
        assert said["Standard Deviation"] == pytest.approx(hu[mask].std())
        assert (said["Minimum"], said["Maximum"]) == (hu[mask].min(), hu[mask].max())
        assert said["unit of Mean"] == "[hnsf'U]"
    assert values(report, "計測10 点の値")["Attenuation Coefficient"] == hu[256, 256]
    assert set(values(report, "計測9 自由曲線")) == {"Perimeter", "unit of Perimeter"}
    assert values(report, "計測12 長さ") == {
        "Length": pytest.approx(np.hypot(280, 380)), "unit of Length": "{pixels}"
    }  # fmt: skip
    nm = next(ds for ds in signed.current if ds.Modality == "NM")
    assert values(report, "計測16 点の値")["Pixel value"] == nm.pixel_array[3, 30, 30]
    pet = next(ds for ds in signed.current if ds.Modality == "PT")
    assert values(report, "計測17 楕円ROI")["Mean"] == pytest.approx(suv(pet)[around(pet)].mean())
    assert values(report, "計測17 楕円ROI")["unit of Mean"] == "{SUVbw}g/ml"


def suv(pet: Dataset) -> NDArray[Any]:
    """Weight over the dose that was left when the series began; written down a second time."""
    (drug,) = pet.RadiopharmaceuticalInformationSequence
    begun, given = (
        datetime.strptime(text, "%H%M%S.%f").replace(tzinfo=UTC)
        for text in (pet.SeriesTime, drug.RadiopharmaceuticalStartTime)
    )
    left = drug.RadionuclideTotalDose * 0.5 ** ((begun - given).total_seconds() / drug.RadionuclideHalfLife)
    activity = pet.pixel_array * float(pet.RescaleSlope) + float(pet.RescaleIntercept)
    return np.asarray(activity * float(pet.PatientWeight) * 1000 / float(left))


def around(pet: Dataset) -> NDArray[Any]:
    rows, columns = np.mgrid[: pet.Rows, : pet.Columns]
    return np.asarray((columns - 80) ** 2 + (rows - 80) ** 2 <= 100)
