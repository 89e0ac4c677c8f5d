"""WADO-RS (PS3.18 10.4).

Instances and bulk data, all blocking; called in a worker thread.
"""

from collections.abc import Mapping, Sequence

from dokuei.base.errors import NotFound
from dokuei.dicom import syntax
from dokuei.dicom.walk import PIXELS, Element
from dokuei.identity.access import Permission, require
from dokuei.imaging.dicomweb import access, frames
from dokuei.imaging.dicomweb.access import Placed, View
from dokuei.imaging.dicomweb.answer import Answer, Stored, multipart
from dokuei.imaging.headers import read_header


def instances(view: View, series_uid: str, sop_uid: str, accept: str) -> Answer:
    """Whole instances, for those who may take them along: facilities, support, machines; never a reader."""
    require(view.actor, Permission.STUDY_READ)
    found = access.matching(view, series_uid, sop_uid)
    if sop_uid and "multipart/related" not in accept and "application/dicom" in accept:
        return Answer(200, "application/dicom", (_whole(found[0]),))
    boundary = f"dokuei-{found[0].sha256[:24]}"
    parts = [(f"application/dicom; transfer-syntax={one.transfer_syntax}", [_whole(one)]) for one in found]
    return multipart(boundary, "application/dicom", parts)


def _whole(instance: Placed) -> Stored:
    return Stored(instance.store_key, instance.store_offset, instance.store_length)


def bulk(view: View, series_uid: str, sop_uid: str, path: str, accept: str) -> Answer:
    """One large value: pixel data as its frames, anything else as it is stored."""
    instance = access.instance_of(view, series_uid, sop_uid)
    steps = path.split("/")
    try:
        tag = int(steps[0], 16)
        if tag in PIXELS:
            numbers = tuple(range(1, instance.frames + 1))
            return frames.retrieve(view, instance, frames.Asked(numbers, accept))
        ds = read_header(instance)
        element = _find(ds.elements, steps)
    except (ValueError, IndexError, KeyError, TypeError) as error:
        raise NotFound() from error
    data = ds.raw(element, element.length)
    kind = f"application/octet-stream; transfer-syntax={syntax.EXPLICIT_LE}"
    return multipart(f"dokuei-{instance.sha256[:24]}", "application/octet-stream", [(kind, [data])])


def _find(elements: Mapping[int, Element], steps: Sequence[str]) -> Element:
    element = elements[int(steps[0], 16)]
    for number, tag in zip(steps[1::2], steps[2::2], strict=True):
        if element.items is None:
            raise KeyError(tag)
        element = element.items[int(number)][int(tag, 16)]
    if element.items is not None or element.fragments is not None:
        raise KeyError(steps[-1])
    return element
