"""WADO-RS (PS3.18 10.4).

Instances, metadata and bulk data, all blocking; called in a worker thread.
"""

import gzip
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import orjson

from dokuei.base.errors import DokueiError, NotFound
from dokuei.dicom import json as dicom_json
from dokuei.dicom import syntax
from dokuei.dicom.walk import PIXELS, Element
from dokuei.identity.access import Permission, require
from dokuei.imaging.dicomweb import access, frames
from dokuei.imaging.dicomweb.access import Placed, View
from dokuei.imaging.dicomweb.answer import Answer, Stored, multipart
from dokuei.imaging.frames import read_header
from dokuei.kit import store
from dokuei.kit.store import FileStore

JSON = "application/dicom+json"
KEPT_METADATA = 64 * 1024**2
_fetchers = ThreadPoolExecutor(16, thread_name_prefix="dicomweb-header")


def instances(view: View, series_uid: str, sop_uid: str, accept: str) -> Answer:
    """Whole instances, for those who may take them along: facilities, support, machines; never a reader."""
    require(view.actor, Permission.STUDY_READ)
    found = _matching(view, series_uid, sop_uid)
    if sop_uid and "multipart/related" not in accept and "application/dicom" in accept:
        return Answer(200, "application/dicom", (_whole(found[0]),))
    boundary = f"dokuei-{found[0].sha256[:24]}"
    parts = [(f"application/dicom; transfer-syntax={one.transfer_syntax}", [_whole(one)]) for one in found]
    return multipart(boundary, "application/dicom", parts)


def _whole(instance: Placed) -> Stored:
    return Stored(instance.store_key, instance.store_offset, instance.store_length)


def metadata(view: View, series_uid: str, sop_uid: str, accept_encoding: str) -> Answer:
    """The headers of a study, series or instance as DICOM JSON, compressed once and kept."""
    found = _matching(view, series_uid, sop_uid)
    newest = max(found, key=lambda one: one.pk)
    key = (view.facility_id, series_uid, sop_uid, len(found), newest.pk, newest.sha256)
    packed = _kept.get(key)
    if packed is None:
        packed = gzip.compress(orjson.dumps(_headers(view, found)), 1, mtime=0)
        _kept.put(key, packed)
    if "gzip" in accept_encoding:
        return Answer(200, JSON, (packed,), ((b"content-encoding", b"gzip"), (b"vary", b"accept-encoding")))
    return Answer(200, JSON, (gzip.decompress(packed),), ((b"vary", b"accept-encoding"),))


def _headers(view: View, found: Sequence[Placed]) -> list[dict[str, Any]]:
    if len(found) > 1 and not isinstance(store.default(), FileStore):  # each read is a journey
        return list(_fetchers.map(lambda one: header_json(view, one), found))
    return [header_json(view, one) for one in found]


def header_json(view: View, instance: Placed) -> dict[str, Any]:
    """One instance's header; one we cannot read any more still has its UIDs."""
    root = instance_url(view, instance)
    try:
        ds = read_header(instance)
        out = dicom_json.to_json(ds, lambda path: f"{root}/bulkdata/{path}")
    except DokueiError:
        out = {
            "00080016": {"vr": "UI", "Value": [instance.sop_class_uid]},
            "00080018": {"vr": "UI", "Value": [instance.sop_instance_uid]},
            "0020000D": {"vr": "UI", "Value": [view.study_instance_uid]},
            "0020000E": {"vr": "UI", "Value": [instance.series_instance_uid]},
        }
    served = syntax.served_as(instance.transfer_syntax)
    out["00083002"] = {"vr": "UI", "Value": [served]}  # Available Transfer Syntax UID
    out["00081190"] = {"vr": "UR", "Value": [root]}
    if instance.frames:
        out["7FE00010"] = {"vr": "OW", "BulkDataURI": f"{root}/bulkdata/7FE00010"}
    return out


def bulk(view: View, series_uid: str, sop_uid: str, path: str, accept: str) -> Answer:
    """One large value: pixel data as its frames, anything else as it is stored."""
    instance = instance_of(view, series_uid, sop_uid)
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


def instance_url(view: View, instance: Placed) -> str:
    return (
        f"/dicomweb/{quote(view.facility_code)}/studies/{view.study_instance_uid}"
        f"/series/{instance.series_instance_uid}/instances/{instance.sop_instance_uid}"
    )


def instance_of(view: View, series_uid: str, sop_uid: str) -> Placed:
    instance = access.placed(view, sop_uid)
    if instance.series_instance_uid != series_uid:
        raise NotFound()
    return instance


def _matching(view: View, series_uid: str, sop_uid: str) -> list[Placed]:
    """Instances as the path narrows them; always the newest list, since a study may still be arriving."""
    if sop_uid:
        return [instance_of(view, series_uid, sop_uid)]
    index = access.load_index(view)
    found = [one for one in index.by_uid.values() if not series_uid or one.series_instance_uid == series_uid]
    if not found:
        raise NotFound()
    return found


class _Kept:
    """Compressed metadata of what was opened lately, up to a number of bytes."""

    def __init__(self, most: int) -> None:
        self._most, self._size = most, 0
        self._rows: OrderedDict[Any, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Any) -> bytes | None:
        with self._lock:
            if key in self._rows:
                self._rows.move_to_end(key)
            return self._rows.get(key)

    def put(self, key: Any, value: bytes) -> None:
        with self._lock:
            self._size += len(value) - len(self._rows.get(key, b""))
            self._rows[key] = value
            while self._size > self._most and len(self._rows) > 1:
                self._size -= len(self._rows.popitem(last=False)[1])

    def clear(self) -> None:
        with self._lock:
            self._rows.clear()
            self._size = 0


_kept = _Kept(KEPT_METADATA)
