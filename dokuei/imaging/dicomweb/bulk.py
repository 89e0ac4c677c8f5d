"""WADO-RS bulk data (PS3.18 10.4.1.1.5), blocking; called in a worker thread."""

from collections.abc import Mapping, Sequence

from dokuei.base.errors import NotFound
from dokuei.dicom import syntax
from dokuei.dicom.walk import PIXELS, Element
from dokuei.imaging.dicomweb import access, frames
from dokuei.imaging.dicomweb.access import View
from dokuei.imaging.dicomweb.answer import Answer, multipart
from dokuei.imaging.headers import read_header


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
