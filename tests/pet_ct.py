"""PET/CT studies for tests: real pictures of both in places that are known, of different matrix, spacing and origin."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from pydicom.uid import generate_uid

from tests.volumes import Vector, kept

PET = "modalities/pt-acrin-flt-breast.dcm"
CT = "studies/ct-chest-lungdx-a0001/s2-5mm-implicit-le"
PET_SLICES, PET_STEP_MM = 20, 3.27
CT_SLICES, CT_STEP_MM = 14, 4.5
START = np.array([-342.11, -528.75, -310.4])
"""Of the first PET pixel. The CT begins below the PET and ends within it."""
CT_START = START + np.array([161.37, 148.9, -7.3])
LEAN_DEG, ROLL_DEG = 9.0, 6.0
Change = Callable[[pydicom.Dataset, int], None]


def nothing(_ds: pydicom.Dataset, _number: int) -> None:
    """As it is."""


def turned() -> tuple[Vector, Vector]:
    """Row and column of a PET that lies aslant to the CT, about two axes."""
    lean, roll = np.radians(LEAN_DEG), np.radians(ROLL_DEG)
    about_x = np.array([[1, 0, 0], [0, np.cos(lean), -np.sin(lean)], [0, np.sin(lean), np.cos(lean)]])
    about_z = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    turn = about_x @ about_z
    return turn @ [1, 0, 0], turn @ [0, 1, 0]


def straight() -> tuple[Vector, Vector]:
    return np.array([1.0, 0, 0]), np.array([0, 1.0, 0])


def belong(ds: pydicom.Dataset, study: str, series: str, number: int) -> None:
    ds.StudyInstanceUID = generate_uid(entropy_srcs=[study, "study"])
    ds.SeriesInstanceUID = generate_uid(entropy_srcs=[study, series])
    ds.FrameOfReferenceUID = generate_uid(entropy_srcs=[study, "space"])
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    ds.StudyDescription, ds.SeriesDescription, ds.InstanceNumber = study, series, number
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.PatientName = "Yamada^Tarou=山田^太郎=やまだ^たろう"
    ds.PatientID, ds.PatientBirthDate, ds.PatientSex = f"PC-{study}", "19680312", "M"
    ds.StudyDate, ds.StudyTime, ds.AccessionNumber = "19600614", "145225", study


def lie(ds: pydicom.Dataset, origin: Vector, row: Vector, column: Vector) -> None:
    ds.ImageOrientationPatient = [f"{n:.12g}"[:16] for n in (*row, *column)]
    ds.ImagePositionPatient = [f"{n:.10g}" for n in origin]


def pet(source: Path, folder: Path, study: str, *, aslant: bool = False, change: Change = nothing) -> None:
    """Real uptake that moves and changes from slice to slice, with a rescale of its own in each."""
    row, column = turned() if aslant else straight()
    step = np.cross(row, column) * PET_STEP_MM
    for number in range(PET_SLICES):
        ds = pydicom.dcmread(source)
        real = ds.pixel_array.astype(float)
        belong(ds, study, "PET WB", PET_SLICES - number)
        ds.SeriesNumber = 102
        lie(ds, START + number * step, row, column)
        ds.RescaleSlope = f"{9.12329 * (1 + 0.02 * number):.8g}"
        ds.SmallestImagePixelValue, ds.LargestImagePixelValue = 0, 32000
        change(ds, number)
        moved = np.roll(real, (number, 2 * number), (0, 1)) * (1 + 0.3 * number) + 7 * number
        kept(ds, np.round(moved), folder / f"pet{number:03}.dcm")


def ct(sources: list[Path], folder: Path, study: str) -> None:
    for number, source in enumerate(sources[:CT_SLICES]):
        ds = pydicom.dcmread(source)
        real: np.ndarray[Any, Any] = ds.pixel_array
        belong(ds, study, "CT AC", number + 1)
        ds.SeriesNumber = 2
        lie(ds, CT_START + np.array([0, 0, number * CT_STEP_MM]), *straight())
        ds.SeriesDate = ds.AcquisitionDate = ds.ContentDate = "19600614"
        ds.SeriesTime = ds.AcquisitionTime = ds.ContentTime = "145225"
        ds.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
        kept(ds, real.view(np.uint16), folder / f"ct{number:03}.dcm")


def without_weight(ds: pydicom.Dataset, _number: int) -> None:
    del ds.PatientWeight


def elsewhere(ds: pydicom.Dataset, _number: int) -> None:
    ds.FrameOfReferenceUID = generate_uid(entropy_srcs=["another space"])


def with_a_hole(ds: pydicom.Dataset, number: int) -> None:
    if number >= PET_SLICES // 2:
        x, y, z = (float(n) for n in ds.ImagePositionPatient)
        ds.ImagePositionPatient = [x, y, f"{z + 3 * PET_STEP_MM:.10g}"]


def palette(name: str) -> np.ndarray[Any, Any]:
    """A well-known colour palette, as the standard's own object says it; one row a step."""
    ds = pydicom.dcmread(Path(pydicom.__file__).parent / "data" / "palettes" / f"{name}.dcm")
    channels = (ds[f"{colour}PaletteColorLookupTableData"].value for colour in ("Red", "Green", "Blue"))
    return np.array([list(channel) for channel in channels]).T
