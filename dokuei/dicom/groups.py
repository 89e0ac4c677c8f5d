"""Functional groups: where a frame's own values stand in a multi-frame object (PS3.3 C.7.6.16)."""

from dataclasses import replace

from dokuei.dicom.read import DataSet

SHARED, PER_FRAME = 0x52009229, 0x52009230
PLANE_POSITION, PLANE_ORIENTATION, PIXEL_MEASURES = 0x00209113, 0x00209116, 0x00289110
PIXEL_VALUE, FRAME_VOI = 0x00289145, 0x00289132


def frame_group(ds: DataSet, tag: int, number: int) -> DataSet:
    """Where a frame's values stand: in its own functional group, the shared one, or the data set itself."""
    for groups, place in ((PER_FRAME, number - 1), (SHARED, 0)):
        element = ds.elements.get(groups)
        if element is not None and element.items and place < len(element.items):
            inside = element.items[place].get(tag)
            if inside is not None and inside.items:
                return replace(ds, elements=inside.items[0])
    return ds
