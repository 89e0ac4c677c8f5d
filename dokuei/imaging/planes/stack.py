"""From the frames of a series to stacks, by the viewer's rules (`web/src/viewer/model/stacks.ts`). Pure."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dokuei.dicom.groups import PLANE_ORIENTATION, PLANE_POSITION, frame_group
from dokuei.dicom.objects.frame import Frame, frame_of
from dokuei.dicom.read import DataSet
from dokuei.imaging.planes.plane import Vector

SAME_DIRECTION_DEG = 3.0
APART = {"MG", "DX", "CR"}
"""Each projection is a picture of its own."""
LAST = 2**53


@dataclass(frozen=True, kw_only=True)
class Slice:
    """A frame as far as its place in a stack goes."""

    sop_uid: str
    frame: Frame
    instance_number: int | None = None
    position: Vector | None = None
    row: Vector | None = None
    column: Vector | None = None
    frame_of_reference_uid: str = ""
    echo: int | None = None

    @property
    def order(self) -> tuple[int, int]:
        number = LAST if self.instance_number is None else self.instance_number
        return number, self.frame.frame_number

    @property
    def is_localizer(self) -> bool:
        return "LOCALIZER" in self.frame.image_type

    @property
    def is_film(self) -> bool:
        return self.frame.frames > 1

    @property
    def normal(self) -> Vector | None:
        if self.row is None or self.column is None:
            return None
        across = np.cross(self.row, self.column)
        length = float(np.linalg.norm(across))
        return across / length if length > 1e-9 else None


def slice_of(ds: DataSet, number: int) -> Slice:
    """What a header says of one of its frames."""
    position = frame_group(ds, PLANE_POSITION, number).decimals(0x00200032)
    turn = frame_group(ds, PLANE_ORIENTATION, number).decimals(0x00200037)
    return Slice(
        sop_uid=ds.text(0x00080018),
        frame=frame_of(ds, number),
        instance_number=ds.number(0x00200013),
        position=np.array(position[:3]) if len(position) >= 3 else None,
        row=np.array(turn[:3]) if len(turn) >= 6 else None,
        column=np.array(turn[3:6]) if len(turn) >= 6 else None,
        frame_of_reference_uid=ds.text(0x00200052),
        echo=ds.number(0x00180086),
    )


def angle_between(a: Vector, b: Vector) -> float:
    """Degrees, 0 to 180."""
    cosine = float(np.dot(a, b) / (np.linalg.norm(a) * np.linalg.norm(b)))
    return float(np.degrees(np.arccos(min(1.0, max(-1.0, cosine)))))


def fits(one: Slice, first: Slice) -> bool:
    """Whether a frame belongs in the stack that begins with another."""
    if (one.is_film or first.is_film) and one.sop_uid != first.sop_uid:
        return False
    a, b = one.frame, first.frame
    if (a.rows, a.columns, a.is_colour) != (b.rows, b.columns, b.is_colour) or one.echo != first.echo:
        return False
    if a.modality in APART and one.sop_uid != first.sop_uid:
        return False
    if one.is_localizer != first.is_localizer:
        return False
    across, other = one.normal, first.normal
    if across is None or other is None:
        return across is None and other is None
    assert one.row is not None
    assert first.row is not None
    turns = angle_between(across, other), angle_between(one.row, first.row)
    return max(turns) < SAME_DIRECTION_DEG


def stacks_of(slices: Sequence[Slice]) -> list[list[Slice]]:
    """Frames of other matrix, direction, colour or echo do not belong in one stack."""
    groups: list[list[Slice]] = []
    for one in sorted(slices, key=lambda each: each.order):
        home = next((group for group in groups if fits(one, group[0])), None)
        if home is None:
            groups.append([one])
        else:
            home.append(one)
    return groups


def digest(slices: Sequence[Slice]) -> str:
    """The stack's name: a hash over its instances and frames, whatever their order."""
    return digest_of([(one.sop_uid, one.frame.frame_number) for one in slices])


def digest_of(frames: Sequence[tuple[str, int]]) -> str:
    """SHA-256 over the sorted lines ``UID/frame``.

    >>> digest_of([("1.2.4", 1), ("1.2.3", 1)])[:16]
    '7ab980d166c3b696'
    """
    lines = sorted(f"{uid}/{number}" for uid, number in frames)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
