"""Synthetic chest CT volumes: believable enough for sample work and tests, made of formulas and nobody's body.

A volume is built in Hounsfield units from ellipsoids (thorax, lungs, heart, spine, ribs, airways, vessels), blurred by
sampling at the slice thickness, with correlated noise. A nodule of a given diameter sits at a given place; the same
`seed` gives the same chest, so a prior differs only by what is asked to differ.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

Volume = NDArray[np.float32]
AIR, LUNG, FAT, WATER, MUSCLE, BLOOD, BONE = -1000.0, -860.0, -90.0, 0.0, 55.0, 45.0, 620.0


@dataclass(frozen=True)
class Nodule:
    """A round lesion: centre in millimetres of the patient system (x to the left, y back, z up) and diameter."""

    diameter_mm: float
    centre_mm: tuple[float, float, float] = (-62.0, -18.0, 52.0)
    hounsfield: float = 35.0


@dataclass(frozen=True, kw_only=True)
class ChestCT:
    """What one synthetic study shows and says about itself."""

    patient_id: str
    patient_name: str
    """All groups, ``romaji=kanji=kana``."""
    birth_date: str
    sex: str
    study_at: datetime
    """In the facility's local time."""
    nodule: Nodule | None = None
    description: str = "胸部単純CT"
    accession_number: str = ""
    slices: int = 120
    spacing_mm: float = 2.5
    matrix: int = 512
    field_mm: float = 360.0
    seed: int = 1
    institution: str = ""
    study_instance_uid: str = field(default_factory=generate_uid)


def chest_volume(ct: ChestCT) -> Volume:
    """The volume in Hounsfield units, axes (slice upward, row backward, column to the patient's left).

    >>> from datetime import datetime
    >>> small = ChestCT(patient_id="1", patient_name="A", birth_date="", sex="M", slices=4, matrix=64,
    ...                 study_at=datetime(2026, 1, 1))
    >>> chest_volume(small).shape
    (4, 64, 64)
    """
    volume = np.stack([_slice(ct, z) for z in _heights(ct)]).astype(np.float32)
    random = np.random.default_rng(ct.seed * 7919 + ct.study_at.toordinal())
    for index in range(volume.shape[0]):
        volume[index] += _noise(random, ct.matrix)
    return np.clip(volume, -1024, 3071)


def datasets(ct: ChestCT) -> Iterator[Dataset]:
    """The volume as CT Image Storage instances, slice by slice, with exact geometry."""
    series_uid, frame_uid = generate_uid(), generate_uid()
    volume = np.rint(chest_volume(ct)).astype(np.int16)
    for index, z in enumerate(_heights(ct)):
        ds = _header(ct, series_uid, frame_uid)
        ds.SOPInstanceUID = generate_uid()
        ds.InstanceNumber = index + 1
        edge = -ct.field_mm / 2 + _pixel_mm(ct) / 2
        ds.ImagePositionPatient = [round(edge, 4), round(edge, 4), round(z, 4)]
        ds.SliceLocation = round(z, 4)
        ds.PixelData = volume[index].tobytes()
        ds.file_meta = FileMetaDataset()
        ds.file_meta.MediaStorageSOPClassUID = CTImageStorage
        ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
        ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        yield ds


def _header(ct: ChestCT, series_uid: str, frame_uid: str) -> Dataset:
    ds = Dataset()
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    ds.SOPClassUID = CTImageStorage
    ds.StudyInstanceUID, ds.SeriesInstanceUID = ct.study_instance_uid, series_uid
    ds.FrameOfReferenceUID, ds.PositionReferenceIndicator = frame_uid, ""
    ds.StudyDate = ds.SeriesDate = ds.ContentDate = ct.study_at.strftime("%Y%m%d")
    ds.StudyTime = ds.SeriesTime = ds.ContentTime = ct.study_at.strftime("%H%M%S")
    ds.TimezoneOffsetFromUTC = "+0900"
    ds.AccessionNumber, ds.StudyID = ct.accession_number, "1"
    ds.Modality, ds.Manufacturer = "CT", "Dokuei synthetic"
    ds.InstitutionName = ct.institution
    ds.StudyDescription, ds.SeriesDescription = ct.description, "肺野・縦隔 2.5mm"
    ds.BodyPartExamined, ds.PatientPosition = "CHEST", "HFS"
    ds.PatientName, ds.PatientID = ct.patient_name, ct.patient_id
    ds.PatientBirthDate, ds.PatientSex = ct.birth_date, ct.sex
    ds.SeriesNumber, ds.KVP = 2, "120"
    ds.SliceThickness = ds.SpacingBetweenSlices = ct.spacing_mm
    ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    ds.PixelSpacing = [round(_pixel_mm(ct), 6)] * 2
    ds.Rows = ds.Columns = ct.matrix
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated = ds.BitsStored = 16
    ds.HighBit, ds.PixelRepresentation = 15, 1
    ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType = "0", "1", "HU"
    ds.WindowCenter, ds.WindowWidth = ["-600", "40"], ["1500", "350"]
    ds.WindowCenterWidthExplanation = ["LUNG", "MEDIASTINUM"]
    return ds


def _heights(ct: ChestCT) -> list[float]:
    return [(index - (ct.slices - 1) / 2) * ct.spacing_mm for index in range(ct.slices)]


def _pixel_mm(ct: ChestCT) -> float:
    return ct.field_mm / ct.matrix


def _slice(ct: ChestCT, z: float) -> Volume:
    """One axial plane at height z (millimetres from the middle of the chest)."""
    half = ct.field_mm / 2
    axis = (np.arange(ct.matrix, dtype=np.float32) + 0.5) * _pixel_mm(ct) - half
    x, y = np.meshgrid(axis, axis)
    random = np.random.default_rng(ct.seed)
    plane = np.full(x.shape, AIR, np.float32)
    wide, deep = 158 - max(0.0, z - 60) * 0.25, 108 - max(0.0, z - 60) * 0.1
    _paint(plane, _ellipse(x, y, 0, 0, wide, deep), FAT)
    _paint(plane, _ellipse(x, y, 0, 0, wide - 12, deep - 11), MUSCLE)
    _ribs(plane, x, y, z, wide, deep)
    for side in (-1, 1):
        _lung(plane, x, y, z, side, random)
    _mediastinum(plane, x, y, z)
    _spine(plane, x, y, z)
    if ct.nodule is not None:
        _nodule(plane, x, y, z, ct.nodule)
    table = (np.abs(y - (deep + 14)) < 3) & (np.abs(x) < 150)
    plane[table] = np.maximum(plane[table], -300)
    return plane


def _ellipse(x: Volume, y: Volume, cx: float, cy: float, a: float, b: float) -> Volume:
    """Soft membership, 1 inside and 0 outside over about a millimetre and a half."""
    if a <= 1 or b <= 1:
        return np.zeros_like(x)
    distance = (np.sqrt(((x - cx) / a) ** 2 + ((y - cy) / b) ** 2) - 1) * min(a, b)
    return np.asarray(np.clip(0.5 - distance / 1.5, 0, 1), np.float32)


def _paint(plane: Volume, inside: Volume, hounsfield: float) -> None:
    plane += inside * (hounsfield - plane)


def _lung(
    plane: Volume,
    x: Volume,
    y: Volume,
    z: float,
    side: int,
    random: np.random.Generator,
) -> None:
    """A lung with its vessels; `side` -1 is the patient's right."""
    base = -112 if side < 0 else -122
    share = (z - base) / 235
    if not 0 < share < 1:
        return
    size = float(np.sqrt(max(0.0, 1 - (2 * share - 0.85) ** 2 / 1.45)))
    heart = 16 if side > 0 and z < 15 else 0
    cx, a = side * (72 + heart / 2), 56 * size - heart / 2
    inside = _ellipse(x, y, cx, 4, a, 82 * size)
    texture = 14 * np.sin(x / 9 + side) * np.sin(y / 11) + 0.12 * (y - 4)
    plane += inside * (LUNG + texture - plane)
    _vessels(plane, x, y, z, side, inside, random)


def _vessels(
    plane: Volume,
    x: Volume,
    y: Volume,
    z: float,
    side: int,
    inside: Volume,
    random: np.random.Generator,
) -> None:
    """Branches that run from the hilum outward and thin out, each a straight tube in three dimensions."""
    hilum = np.array([side * 26.0, 6.0, 8.0])
    for _ in range(46):
        direction = random.normal(size=3) * [0.6, 1.0, 1.2] + [side * 1.1, 0.0, 0.0]
        direction /= np.linalg.norm(direction)
        length, thick = random.uniform(45, 115), random.uniform(1.6, 3.6)
        if abs(direction[2]) > 0.06:
            along = (z - hilum[2]) / direction[2]
            if not 0 < along < length:
                continue
            point = hilum + along * direction
            radius = thick * (1 - 0.8 * along / length) + 0.4
            stretch = min(1 / abs(direction[2]), 3.0)
            near = _near(x, point[0], point[1], radius * stretch + 3)
            tube = _ellipse(
                x[near], y[near], point[0], point[1], max(1.05, radius * stretch), max(1.05, radius)
            )
            plane[near] += tube * inside[near] * (BLOOD - 15 - plane[near])


def _near(x: Volume, cx: float, cy: float, reach: float) -> tuple[slice, slice]:
    """The rows and columns within `reach` millimetres of a point: small shapes need no whole plane."""
    first, step = float(x[0, 0]), float(x[0, 1] - x[0, 0])

    def span(centre: float) -> slice:
        low = int((centre - reach - first) / step)
        return slice(max(0, low), max(0, low + int(2 * reach / step) + 2))

    return span(cy), span(cx)


def _mediastinum(plane: Volume, x: Volume, y: Volume, z: float) -> None:
    if z < 70:
        size = float(np.sqrt(max(0.0, 1 - ((z + 42) / 62) ** 2)))
        _paint(plane, _ellipse(x, y, 24, -22, 54 * size, 44 * size), BLOOD)
        _paint(plane, _ellipse(x, y, 30, -24, 30 * size, 24 * size), BLOOD + 6)
    _paint(plane, _ellipse(x, y, 0, 2, 27, 46 if z > -30 else 30), FAT + 75)
    _paint(plane, _ellipse(x, y, 17, 40, 12.5, 12.5), BLOOD)
    if z > 15:
        _paint(plane, _ellipse(x, y, -14, -18, 15, 15), BLOOD)
        _paint(plane, _ellipse(x, y, 8, -12, 14, 11), BLOOD)
    if z > 34:
        _paint(plane, _ellipse(x, y, 2, 8, 8.5, 9.5), AIR)
    elif z > -8:
        spread = 8 + (34 - z) * 0.65
        for side in (-1, 1):
            _paint(plane, _ellipse(x, y, side * spread, 9, 5.6, 6.2), AIR)
    if z < -82:
        dome = float(np.sqrt(max(0.0, 1 - ((z + 150) / 68) ** 2)))
        _paint(plane, _ellipse(x, y, -58, 0, 84 * dome, 78 * dome), 58)
        _paint(plane, _ellipse(x, y, 76, 22, 44 * dome, 46 * dome), 52)


def _spine(plane: Volume, x: Volume, y: Volume, z: float) -> None:
    body = BONE * 0.45 if (z % 24) > 4 else 90.0
    _paint(plane, _ellipse(x, y, 0, 66, 18, 15), body)
    if (z % 24) > 4:
        ring = _ellipse(x, y, 0, 66, 18, 15) - _ellipse(x, y, 0, 66, 16, 13)
        plane += ring * (BONE - plane)
    _paint(plane, _ellipse(x, y, 0, 88, 9, 7.5), 20)
    arch = _ellipse(x, y, 0, 88, 12.5, 11) - _ellipse(x, y, 0, 88, 9, 7.5)
    plane += np.clip(arch, 0, 1) * (BONE - plane)
    _paint(plane, _ellipse(x, y, 0, 103, 3.2, 9), BONE * 0.8)
    _paint(plane, _ellipse(x, y, 0, -92, 17, 5.5), BONE * 0.6)


def _ribs(plane: Volume, x: Volume, y: Volume, z: float, wide: float, deep: float) -> None:
    a, b = wide - 19, deep - 17
    for number in range(-6, 7):
        for side in (-1, 1):
            angle = np.pi / 2 - side * ((z - number * 27) / 27 + 0.9) * 1.15
            middle = (z - number * 27) / 27
            if not -1.0 < middle < 1.1:
                continue
            cx, cy = a * np.cos(angle), b * np.sin(angle)
            if side * cx < 12:
                continue
            _paint(plane, _ellipse(x, y, cx, cy, 8.5, 6.5), BONE)
            _paint(plane, _ellipse(x, y, cx, cy, 6.0, 4.2), 240)


def _nodule(plane: Volume, x: Volume, y: Volume, z: float, nodule: Nodule) -> None:
    cx, cy, cz = nodule.centre_mm
    radius = nodule.diameter_mm / 2
    height = abs(z - cz)
    if height >= radius:
        return
    across = float(np.sqrt(radius**2 - height**2))
    angle = np.arctan2(y - cy, x - cx)
    ragged = 1 + 0.08 * np.sin(5 * angle) + 0.05 * np.sin(11 * angle + 1)
    distance = np.sqrt((x - cx) ** 2 + (y - cy) ** 2) - across * ragged
    inside = np.asarray(np.clip(0.5 - distance / 1.4, 0, 1), np.float32)
    plane += inside * (nodule.hounsfield - plane)


def _noise(random: np.random.Generator, matrix: int) -> Volume:
    """Noise of about 11 HU whose grain is wider than a pixel, as a reconstruction kernel leaves it."""
    white = random.normal(0, 1, (matrix + 2, matrix + 2)).astype(np.float32)
    smooth = white[1:-1, 1:-1] * 2 + white[:-2, 1:-1] + white[2:, 1:-1] + white[1:-1, :-2] + white[1:-1, 2:]
    return np.asarray(smooth * (11 / np.sqrt(8)), np.float32)
