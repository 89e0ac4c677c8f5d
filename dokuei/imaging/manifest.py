"""What a viewer needs to open a study, in one small document: shapes, positions, windows, frames, fidelity.

Made from the study's metadata (DICOM JSON model), pure. What many instances share is said once, as a shape. Lengths are
in millimetres in the patient coordinate system (PS3.3 C.7.6.2.1.1). ``docs/manifest.md`` describes every field.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from dokuei.dicom import syntax

VERSION = 1
LOSSY_SYNTAXES = {
    "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.81", "1.2.840.10008.1.2.4.112",
}  # fmt: skip
"""Syntaxes that cannot be lossless, whatever the header says; the others are as the header says."""
Attributes = Mapping[str, Any]
Ends = Mapping[str, Sequence[list[int]]]
"""Of each packed instance's UID its frames' resolution ends."""


class Window(TypedDict):
    center: float
    width: float
    name: str


class Rescale(TypedDict):
    slope: float
    intercept: float
    type: str


class Fidelity(TypedDict):
    """Whether pixels are what the device made (Lossy Image Compression, PS3.3 C.7.6.1.1.5)."""

    is_lossy: bool
    ratios: list[float]
    methods: list[str]


class Shape(TypedDict):
    """What instances of a series have in common."""

    rows: int
    columns: int
    samples: int
    bits_allocated: int
    bits_stored: int
    high_bit: int
    is_signed: bool
    photometric: str
    planar: int
    spacing: list[float]
    """Between rows, between columns; empty when unknown."""
    orientation: list[float]
    slice_thickness: float | None
    rescale: Rescale | None
    windows: list[Window]
    transfer_syntax: str
    fidelity: Fidelity
    frame_of_reference_uid: str


class Packed(TypedDict):
    """In which lengths a series' frames can be had: of each, where its resolutions end, in bytes."""

    transfer_syntax: str
    frames: list[list[int] | None]
    """In the order of instances and their frames; the last end is the frame's length. None: not packed."""


class Image(TypedDict):
    """An instance; `positions` has one place for each frame, one for all, or none when unknown."""

    sop_instance_uid: str
    sop_class_uid: str
    number: int | None
    frames: int
    shape: int
    positions: list[list[float]]


class SeriesManifest(TypedDict):
    series_instance_uid: str
    series_number: int | None
    modality: str
    description: str
    shapes: list[Shape]
    instances: list[Image]
    packed: Packed | None
    """None until frames of the series lie in a pack."""


class Manifest(TypedDict):
    version: int
    study_instance_uid: str
    series: list[SeriesManifest]


def manifest_of(study_instance_uid: str, rows: Sequence[Attributes], ends: Ends | None = None) -> Manifest:
    """The manifest of a study from its metadata, in the order of the metadata, and what is known of its packs."""
    series: dict[str, SeriesManifest] = {}
    for row in rows:
        uid = str(_one(row, "0020000E") or "")
        if uid not in series:
            series[uid] = {
                "series_instance_uid": uid,
                "series_number": _whole(_one(row, "00200011")),
                "modality": str(_one(row, "00080060") or ""),
                "description": str(_one(row, "0008103E") or ""),
                "shapes": [],
                "instances": [],
                "packed": None,
            }
        _add(series[uid], row)
    for one in series.values():
        one["packed"] = _packed(one["instances"], ends or {})
    return {"version": VERSION, "study_instance_uid": study_instance_uid, "series": list(series.values())}


def _packed(instances: Sequence[Image], ends: Ends) -> Packed | None:
    """The frames' resolution ends side by side; an instance that is not packed has a place for each frame too."""
    frames: list[list[int] | None] = []
    for one in instances:
        known = ends.get(one["sop_instance_uid"], ())
        frames += known if len(known) == one["frames"] else [None] * one["frames"]
    return {"transfer_syntax": syntax.HTJ2K_RPCL, "frames": frames} if any(frames) else None


def _add(series: SeriesManifest, row: Attributes) -> None:
    shape = _shape(row)
    if shape not in series["shapes"]:
        series["shapes"].append(shape)
    has_pixels = "7FE00010" in row
    series["instances"].append(
        {
            "sop_instance_uid": str(_one(row, "00080018") or ""),
            "sop_class_uid": str(_one(row, "00080016") or ""),
            "number": _whole(_one(row, "00200013")),
            "frames": max(_whole(_one(row, "00280008")) or 1, 1) if has_pixels else 0,
            "shape": series["shapes"].index(shape),
            "positions": _positions(row),
        }
    )


def _shape(row: Attributes) -> Shape:
    shared = _shared(row)
    return {
        "rows": _whole(_one(row, "00280010")) or 0,
        "columns": _whole(_one(row, "00280011")) or 0,
        "samples": _whole(_one(row, "00280002")) or 1,
        "bits_allocated": _whole(_one(row, "00280100")) or 0,
        "bits_stored": _whole(_one(row, "00280101")) or 0,
        "high_bit": _whole(_one(row, "00280102")) or 0,
        "is_signed": _one(row, "00280103") == 1,
        "photometric": str(_one(row, "00280004") or ""),
        "planar": _whole(_one(row, "00280006")) or 0,
        "spacing": _numbers(shared, "00280030") or _numbers(row, "00181164"),
        "orientation": _numbers(shared, "00200037"),
        "slice_thickness": next(iter(_numbers(shared, "00180050")), None),
        "rescale": _rescale(shared),
        "windows": _windows(shared),
        "transfer_syntax": str(_one(row, "00083002") or ""),
        "fidelity": _fidelity(row),
        "frame_of_reference_uid": str(_one(row, "00200052") or ""),
    }


FUNCTIONAL = ("00289110", "00209116", "00289132", "00289145")
"""Pixel Measures, Plane Orientation, Frame VOI LUT, Pixel Value Transformation (PS3.3 C.7.6.16)."""


def _shared(row: Attributes) -> Attributes:
    """The row with what an enhanced object says in its shared, or else its first frame's, functional groups."""
    found: dict[str, Any] = {}
    for group in (*_items(row, "52009230")[:1], *_items(row, "52009229")):
        for macro in FUNCTIONAL:
            for item in _items(group, macro):
                found.update(item)
    return {**found, **row}


def _positions(row: Attributes) -> list[list[float]]:
    frames = _items(row, "52009230")
    found = [_numbers(item, "00200032") for frame in frames for item in _items(frame, "00209113")[:1]]
    if frames and len(found) == len(frames) and all(len(one) == 3 for one in found):
        return found
    position = _numbers(row, "00200032")
    return [position] if len(position) == 3 else []


def _rescale(row: Attributes) -> Rescale | None:
    slope, intercept = _numbers(row, "00281053"), _numbers(row, "00281052")
    if not slope or not intercept:
        return None
    return {"slope": slope[0], "intercept": intercept[0], "type": str(_one(row, "00281054") or "")}


def _windows(row: Attributes) -> list[Window]:
    names = [str(one or "") for one in _values(row, "00281055")]
    pairs = zip(_numbers(row, "00281050"), _numbers(row, "00281051"), strict=False)
    return [
        {"center": center, "width": width, "name": names[n] if n < len(names) else ""}
        for n, (center, width) in enumerate(pairs)
    ]


def _fidelity(row: Attributes) -> Fidelity:
    said = str(_one(row, "00282110") or "")
    return {
        "is_lossy": said == "01" or str(_one(row, "00083002") or "") in LOSSY_SYNTAXES,
        "ratios": _numbers(row, "00282112"),
        "methods": [str(one) for one in _values(row, "00282114") if one],
    }


def _values(row: Attributes, tag: str) -> list[Any]:
    return list(row.get(tag, {}).get("Value", ()))


def _one(row: Attributes, tag: str) -> Any:
    return next(iter(_values(row, tag)), None)


def _items(row: Attributes, tag: str) -> list[Attributes]:
    return [one for one in _values(row, tag) if isinstance(one, dict)]


def _numbers(row: Attributes, tag: str) -> list[float]:
    """Every value, or none if one of them is no number."""
    values = _values(row, tag)
    are_numbers = all(isinstance(one, int | float) for one in values)
    return [float(one) for one in values] if are_numbers else []


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) else None
