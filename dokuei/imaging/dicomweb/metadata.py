"""WADO-RS metadata (PS3.18 10.4.1.1.2): the headers of a study, series or instance, without their pixels.

Blocking; called in a worker thread.
"""

import gzip
import hashlib
import threading
import zlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import quote

import orjson
from django.db import transaction
from django.db.models import Count, Max

from dokuei.base.errors import DokueiError, NotFound
from dokuei.dicom import json as dicom_json
from dokuei.dicom import syntax
from dokuei.imaging.dicomweb import access, media
from dokuei.imaging.dicomweb.access import Placed, Recent, View
from dokuei.imaging.dicomweb.answer import Answer
from dokuei.imaging.dicomweb.media import Kind
from dokuei.imaging.headers import read_header
from dokuei.imaging.manifest import Ends, manifest_of
from dokuei.imaging.models import Instance, Series, StoredMetadata, Study
from dokuei.imaging.packs.models import Pack
from dokuei.imaging.rules import Receipt
from dokuei.kit import store
from dokuei.kit.db import may_delete_objects, scope, system_scope
from dokuei.kit.store import FileStore

KEPT_METADATA = 64 * 1024**2
MANIFEST = "manifest"
"""Stands where a series' UID stands in what is kept."""
REMEMBERED_SECONDS = 5.0
"""A late image shows in metadata at the latest after this time, should no news of it come."""
QUIET = (Receipt.COMPLETE.value, Receipt.SETTLED.value)
_fetchers = ThreadPoolExecutor(16, thread_name_prefix="dicomweb-header")


class Site(Protocol):
    """What the addresses in metadata are made of."""

    @property
    def facility_code(self) -> str: ...

    @property
    def study_instance_uid(self) -> str: ...


@dataclass(frozen=True)
class Held:
    """The instances a piece of metadata is about, and where it is kept if it is."""

    count: int
    newest: int
    is_quiet: bool
    """Nothing is arriving, so it may be remembered for some seconds."""
    newest_pack: int
    """Packs are only ever added too; 0 before the first."""
    store_key: str = ""
    store_length: int = 0


def metadata(view: View, series_uid: str, sop_uid: str, headers: Mapping[str, str]) -> Answer:
    """The headers of a study, series or instance; compressed once, kept, and sent as they lie."""
    kind = media.chosen(headers.get("accept", ""))
    if sop_uid:
        instance = access.instance_of(view, series_uid, sop_uid)
        row = header_json(view, instance)
        if access.packed(view, instance) is not None:
            _name_packed(row)
        packed = pack([row], level=1)
    else:
        packed = _packed(view, series_uid)
    if kind is Kind.XML:
        return media.answer(kind, orjson.loads(gzip.decompress(packed)))
    return _answer(packed, headers)


def manifest(view: View, headers: Mapping[str, str]) -> Answer:
    """What a viewer opens the study with, made from its metadata and kept like it."""
    media.chosen(headers.get("accept", ""))
    held = _held(view, "")
    key = (view.study_id, MANIFEST, held.count, held.newest, held.newest_pack)
    packed = _kept.get(key)
    if packed is None:
        rows = orjson.loads(gzip.decompress(_plain(view, "", held)))
        ends = access.resolution_ends(view) if held.newest_pack else {}
        packed = gzip.compress(orjson.dumps(manifest_of(view.study_instance_uid, rows, ends)), 6, mtime=0)
        _kept.put(key, packed)
    if held.is_quiet:
        _recent.put((view.study_id, MANIFEST), packed)
    return _answer(packed, headers)


def at_hand(view: View, series_uid: str, headers: Mapping[str, str]) -> Answer | None:
    """The same without waiting for anything; None if it is not remembered or must be converted."""
    packed = _recent.get((view.study_id, series_uid))
    if packed is None or "gzip" not in headers.get("accept-encoding", ""):
        return None
    return _answer(packed, headers) if media.chosen(headers.get("accept", "")) is Kind.JSON else None


def _answer(packed: bytes, headers: Mapping[str, str]) -> Answer:
    etag = f'"{zlib.crc32(packed):08x}-{len(packed):x}"'
    named = ((b"etag", etag.encode()), (b"vary", b"accept, accept-encoding"))
    if etag in headers.get("if-none-match", ""):
        return Answer(304, Kind.JSON.value, (), named)
    if "gzip" in headers.get("accept-encoding", ""):
        return Answer(200, Kind.JSON.value, (packed,), (*named, (b"content-encoding", b"gzip")))
    return Answer(200, Kind.JSON.value, (gzip.decompress(packed),), named)


def _packed(view: View, series_uid: str) -> bytes:
    held = _held(view, series_uid)
    key = (view.study_id, series_uid, held.count, held.newest, held.newest_pack)
    packed = _kept.get(key)
    if packed is None:
        packed = _plain(view, series_uid, held)
        if held.newest_pack:
            packed = _naming_packs(packed, access.resolution_ends(view))
        _kept.put(key, packed)
    if held.is_quiet:
        _recent.put((view.study_id, series_uid), packed)
    return packed


def _plain(view: View, series_uid: str, held: Held) -> bytes:
    """Metadata as it was when the instances came, before any was packed."""
    return _stored(held) or pack(_headers(view, access.matching(view, series_uid, "")), level=1)


def _naming_packs(packed: bytes, ends: Ends) -> bytes:
    """The same metadata, saying of packed instances in which syntax they are at hand."""
    rows = orjson.loads(gzip.decompress(packed))
    for row in rows:
        if ends.keys() & set(row.get("00080018", {}).get("Value", ())):
            _name_packed(row)
    return pack(rows, level=1)


def _name_packed(row: dict[str, Any]) -> None:
    row["00083002"] = {"vr": "UI", "Value": [syntax.HTJ2K_RPCL]}  # Available Transfer Syntax UID


def _held(view: View, series_uid: str) -> Held:
    """The instances as they are now, and the metadata that was stored if it is of exactly these."""
    with scope(view.actor.facilities):
        rows = Instance.objects.order_by().filter(study_id=view.study_id)
        stored = StoredMetadata.objects.filter(study_id=view.study_id)
        if series_uid:
            rows = rows.filter(series__series_instance_uid=series_uid)
            stored = stored.filter(series__series_instance_uid=series_uid)
        else:
            stored = stored.filter(series=None)
        now = rows.aggregate(count=Count("pk"), newest=Max("pk"))
        if not now["count"]:
            raise NotFound()
        kept = stored.filter(instance_count=now["count"], newest_instance_id=now["newest"]).first()
        is_quiet = Study.objects.filter(pk=view.study_id, receipt__in=QUIET).exists()
        packs = Pack.objects.filter(study_id=view.study_id).exclude(store_key="")
        newest_pack = packs.aggregate(newest=Max("pk"))["newest"] or 0
    if kept is None:
        return Held(now["count"], now["newest"], is_quiet, newest_pack)
    return Held(now["count"], now["newest"], is_quiet, newest_pack, kept.store_key, kept.store_length)


def _stored(held: Held) -> bytes | None:
    """The stored bytes; None if there are none, or a newer one has just replaced them."""
    if not held.store_key:
        return None
    try:
        return store.default().get_range(held.store_key, 0, held.store_length)
    except NotFound:
        return None


def pack(rows: Sequence[Mapping[str, Any]], *, level: int) -> bytes:
    return gzip.compress(orjson.dumps(rows), level, mtime=0)


def store_metadata(study_id: int, at: datetime) -> None:
    """Build a study's metadata and that of each of its series, and keep them; again only if there is news.

    In the caller's scope and transaction. The bytes are durable before a row names them.
    """
    study = (
        Study.objects.select_related("facility").select_for_update(no_key=True, of=("self",)).get(pk=study_id)
    )
    found = access.placed_of(study_id)
    if not found or _is_stored(study_id, found):
        return
    site = SiteOf(study.facility.code, study.study_instance_uid)
    rows = _headers(site, found)
    _keep(study, None, found, rows, at)
    for series_id in sorted({one.series_id for one in found}):
        mine = [n for n, one in enumerate(found) if one.series_id == series_id]
        _keep(study, series_id, [found[n] for n in mine], [rows[n] for n in mine], at)


@dataclass(frozen=True)
class SiteOf:
    facility_code: str
    study_instance_uid: str


def _is_stored(study_id: int, found: Sequence[Placed]) -> bool:
    newest = max(one.pk for one in found)
    rows = StoredMetadata.objects.filter(study_id=study_id, series=None)
    return rows.filter(instance_count=len(found), newest_instance_id=newest).exists()


def _keep(
    study: Study,
    series_id: int | None,
    found: Sequence[Placed],
    rows: Sequence[Mapping[str, Any]],
    at: datetime,
) -> None:
    packed = pack(rows, level=6)
    digest = hashlib.sha256(packed).hexdigest()
    key = f"{study.facility_id}/metadata/{study.pk}/{digest}.json.gz"
    store.default().put(key, packed)
    series = None if series_id is None else Series.objects.get(pk=series_id)
    before = StoredMetadata.objects.filter(study=study, series=series).values_list("store_key", flat=True)
    replaced = [one for one in before if one != key]
    StoredMetadata.objects.update_or_create(
        study=study,
        series=series,
        defaults={
            "facility_id": study.facility_id,
            "instance_count": len(found),
            "newest_instance_id": max(one.pk for one in found),
            "store_key": key,
            "store_length": len(packed),
            "built_at": at,
        },
    )
    transaction.on_commit(lambda: _drop(study.pk, replaced))


def _drop(study_id: int, replaced: Sequence[str]) -> None:
    """Remove what no row names any more; the study and its only series may share an object.

    While a backup is made it is left to the sweep.
    """
    with system_scope("metadata"):
        if not may_delete_objects():
            return
        named = set(StoredMetadata.objects.filter(study_id=study_id).values_list("store_key", flat=True))
        for key in replaced:
            if key not in named:
                store.default().delete(key)


def _headers(site: Site, found: Sequence[Placed]) -> list[dict[str, Any]]:
    if len(found) > 1 and not isinstance(store.default(), FileStore):  # each read is a journey
        return list(_fetchers.map(lambda one: header_json(site, one), found))
    return [header_json(site, one) for one in found]


def header_json(site: Site, instance: Placed) -> dict[str, Any]:
    """One instance's header; one we cannot read any more still has its UIDs."""
    root = instance_url(site, instance)
    try:
        ds = read_header(instance)
        out = dicom_json.to_json(ds, lambda path: f"{root}/bulkdata/{path}")
    except DokueiError:
        out = {
            "00080016": {"vr": "UI", "Value": [instance.sop_class_uid]},
            "00080018": {"vr": "UI", "Value": [instance.sop_instance_uid]},
            "0020000D": {"vr": "UI", "Value": [site.study_instance_uid]},
            "0020000E": {"vr": "UI", "Value": [instance.series_instance_uid]},
        }
    served = syntax.served_as(instance.transfer_syntax)
    out["00083002"] = {"vr": "UI", "Value": [served]}  # Available Transfer Syntax UID
    out["00081190"] = {"vr": "UR", "Value": [root]}
    if instance.frames:
        out["7FE00010"] = {"vr": "OW", "BulkDataURI": f"{root}/bulkdata/7FE00010"}
    return out


def instance_url(site: Site, instance: Placed) -> str:
    return (
        f"/dicomweb/{quote(site.facility_code)}/studies/{site.study_instance_uid}"
        f"/series/{instance.series_instance_uid}/instances/{instance.sop_instance_uid}"
    )


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
_recent: Recent[tuple[int, str], bytes] = Recent(512, REMEMBERED_SECONDS)
access.forget_also(_recent.clear)
access.hear_also(lambda study_id: _recent.drop(lambda key: key[0] == study_id))
access.forget_also(_kept.clear)
