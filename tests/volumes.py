"""Volumes for tests: slices as their files say, and what lies between them by the plain formula."""

from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from imagecodecs import jpegls_decode
from pydicom.encaps import generate_frames
from pydicom.uid import ExplicitVRLittleEndian, JPEGLSLossless, generate_uid

TILT_DEG = 18.5
TABLE_MM = 2.5
MISSING = (14, 15)
Vector = np.ndarray[Any, np.dtype[np.float64]]


class Volume:
    """Slices as their files say, and values between them by the plain formula."""

    def __init__(self, paths: list[Path]) -> None:
        slices = [pydicom.dcmread(path) for path in paths]
        turn = [float(n) for n in slices[0].ImageOrientationPatient]
        self.row, self.column = np.array(turn[:3]), np.array(turn[3:])
        self.normal = np.cross(self.row, self.column)
        slices.sort(key=lambda ds: float(np.dot(place(ds), self.normal)))
        self.slices = slices
        self.origins = np.array([place(ds) for ds in slices])
        self.at = self.origins @ self.normal
        self.down, self.across = (float(mm) for mm in slices[0].PixelSpacing)
        self.values = np.array(
            [stored(ds) * float(ds.RescaleSlope) + float(ds.RescaleIntercept) for ds in slices]
        )

    def at_points(self, points: Vector) -> Vector:
        """Trilinear between the eight voxels around each point; NaN outside and across missing slices."""
        d = points @ self.normal
        k = np.clip(np.searchsorted(self.at, d, side="right") - 1, 0, len(self.at) - 2)
        gap = self.at[k + 1] - self.at[k]
        t = (d - self.at[k]) / gap
        origin = self.origins[k] * (1 - t)[:, None] + self.origins[k + 1] * t[:, None]
        c = ((points - origin) @ self.row) / self.across
        r = ((points - origin) @ self.column) / self.down
        rows, columns = self.values.shape[1:]
        slack = 1e-4
        outside = (t < -slack) | (t > 1 + slack) | (c < -slack) | (c > columns - 1 + slack)
        outside |= (r < -slack) | (r > rows - 1 + slack)
        outside |= (gap > 1.5 * np.median(np.diff(self.at))) & (t > slack) & (t < 1 - slack)
        c0 = np.clip(np.floor(c).astype(int), 0, columns - 2)
        r0 = np.clip(np.floor(r).astype(int), 0, rows - 2)
        x, y = c - c0, r - r0
        total = np.zeros(len(points))
        for dk, wk in ((0, 1 - t), (1, t)):
            for dr, wr in ((0, 1 - y), (1, y)):
                for dc, wc in ((0, 1 - x), (1, x)):
                    total += wk * wr * wc * self.values[k + dk, r0 + dr, c0 + dc]
        return np.where(outside, np.nan, total)


def stored(ds: pydicom.Dataset) -> np.ndarray[Any, Any]:
    if ds.file_meta.TransferSyntaxUID == JPEGLSLossless:
        return np.asarray(jpegls_decode(next(generate_frames(ds.PixelData, number_of_frames=1))))
    return ds.pixel_array


def place(ds: pydicom.Dataset) -> Vector:
    return np.array([float(mm) for mm in ds.ImagePositionPatient])


def tilted(phantom: Volume, folder: Path) -> None:
    """The phantom as a leaning gantry would have taken it: real values, slices that step sideways."""
    lean = np.radians(TILT_DEG)
    row, column = np.array([1.0, 0, 0]), np.array([0, np.cos(lean), np.sin(lean)])
    corner = phantom.origins[0] + np.array([128 * phantom.across, 128 * phantom.down, 20])
    rows, columns = np.mgrid[:256, :256]
    for number in range(1, 25):
        origin = corner + np.array([0, 0, (number - 1) * TABLE_MM])
        points = origin + columns[..., None] * phantom.across * row + rows[..., None] * phantom.down * column
        values = np.nan_to_num(phantom.at_points(points.reshape(-1, 3)), nan=-1000.0).reshape(256, 256)
        ds = renamed(phantom.slices[0], "TILT", number)
        ds.ImageOrientationPatient = [f"{n:.10g}" for n in (*row, *column)]
        ds.ImagePositionPatient = [f"{n:.10g}" for n in origin]
        numbers = np.round((values - float(ds.RescaleIntercept)) / float(ds.RescaleSlope))
        kept(ds, np.maximum(numbers, 0), folder / f"{number:03}.dcm")


def with_a_gap(phantom: Volume, folder: Path) -> None:
    for number, ds in enumerate(phantom.slices[40:70]):
        if number not in MISSING:
            kept(renamed(ds, "GAP", number + 1), stored(ds), folder / f"{number:03}.dcm")


def renamed(source: pydicom.Dataset, name: str, number: int) -> pydicom.Dataset:
    """The same header in a study of its own."""
    ds = pydicom.dcmread(str(source.filename))
    for level in ("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID"):
        setattr(ds, level, generate_uid(entropy_srcs=[name, level]))
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    ds.StudyDescription, ds.InstanceNumber = name, number
    return ds


def kept(ds: pydicom.Dataset, numbers: np.ndarray[Any, Any], path: Path) -> None:
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.Rows, ds.Columns = numbers.shape
    ds.PixelData = numbers.astype("<u2").tobytes()
    ds["PixelData"].VR = "OW"
    ds["PixelData"].is_undefined_length = False
    ds.save_as(path)


def points_of(plane: dict[str, Any], places: np.ndarray[Any, Any], mm: float = 0.0) -> Vector:
    """Points of the patient at [column, row] places of a plane, or that far behind it."""
    row, column = np.array(plane["row"]), np.array(plane["column"])
    across, down = places[:, :1] * plane["betweenColumns"], places[:, 1:] * plane["betweenRows"]
    found: Vector = np.array(plane["origin"]) + across * row + down * column + mm * np.cross(row, column)
    return found


def somewhere(plane: dict[str, Any], count: int = 1500) -> np.ndarray[Any, Any]:
    """Places all over the picture, its corners among them."""
    chance = np.random.default_rng(7)
    places = chance.integers([0, 0], [plane["columns"], plane["rows"]], (count, 2))
    right, bottom = plane["columns"] - 1, plane["rows"] - 1
    return np.vstack([places, [[0, 0], [right, 0], [0, bottom], [right, bottom]]])


def suv_factor(ds: pydicom.Dataset) -> float:
    """Written here once more, from the rules and not from our code."""
    drug = ds.RadiopharmaceuticalInformationSequence[0]

    def seconds(tm: str) -> float:
        return int(tm[:2]) * 3600 + int(tm[2:4]) * 60 + float(tm[4:])

    decay = seconds(str(ds.SeriesTime)) - seconds(str(drug.RadiopharmaceuticalStartTime))
    left = float(drug.RadionuclideTotalDose) * 0.5 ** (decay / float(drug.RadionuclideHalfLife))
    return float(float(ds.PatientWeight) * 1000 / left)
