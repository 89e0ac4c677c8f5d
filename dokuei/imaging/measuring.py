"""A frame's header and its stored numbers, for whoever measures on it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dokuei.dicom import syntax
from dokuei.dicom.codec import sandbox
from dokuei.dicom.codec.form import Form, form_of
from dokuei.dicom.read import DataSet
from dokuei.imaging.frames import frame_of
from dokuei.imaging.headers import read_header
from dokuei.imaging.models import Instance

READ_SECONDS = 60.0


@dataclass(frozen=True)
class Place:
    """An instance's UIDs and how many frames it has."""

    study_id: int
    study_uid: str
    series_uid: str
    sop_class_uid: str
    sop_uid: str
    frames: int
    modality: str
    series_number: int | None
    instance_number: int | None


def place_of(row: Instance) -> Place:
    return Place(
        study_id=row.study_id,
        study_uid=row.study.study_instance_uid,
        series_uid=row.series.series_instance_uid,
        sop_class_uid=row.sop_class_uid,
        sop_uid=row.sop_instance_uid,
        frames=row.frames,
        modality=row.series.modality,
        series_number=row.series.series_number,
        instance_number=row.instance_number,
    )


def first_image(study_id: int) -> Instance | None:
    """An image of a study that was received, always the same one. Whoever calls has decided who may see it."""
    rows = Instance.objects.select_related("study", "series").filter(study_id=study_id, made=None)
    return rows.filter(frames__gt=0).order_by("pk").first()


def header_of(row: Instance) -> DataSet:
    """The bounded index of an instance's header. Blocking."""
    return read_header(row)


def stored_numbers(row: Instance, number: int) -> NDArray[Any] | None:
    """A grey frame's numbers as stored, decoded from the bytes that were received, behind walls; None for colour.

    Blocking.
    """
    form = form_of(read_header(row))
    if form.samples != 1 or form.photometric == "PALETTE COLOR":
        return None
    frame = frame_of(row, row.frame_ranges or [], number)
    data = sandbox.default().run("to_native", {"form": form.as_dict()}, [frame], seconds=READ_SECONDS).data
    if form.bits_allocated == 1:
        bits = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")
        return bits[: form.rows * form.columns].reshape(form.shape)
    return _proper(np.frombuffer(data, form.dtype).reshape(form.shape), form)


def _proper(pixels: NDArray[Any], form: Form) -> NDArray[Any]:
    """What stands beside the numbers in the same word (an old overlay) is taken off (PS3.5 8.1.1)."""
    bits = form.dtype.itemsize * 8
    if form.bits_stored == bits or form.dtype.kind == "f" or form.transfer_syntax not in syntax.NATIVE:
        return pixels
    return (pixels << (bits - 1 - form.high_bit)) >> (bits - form.bits_stored)
