"""Who may see which study, remembered for some seconds so that a frame costs no query."""

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Generic, TypeVar

from django.conf import settings

from dokuei.base.errors import NotFound
from dokuei.identity.access import Actor, Permission, require
from dokuei.identity.queries import actor_from_headers, facility_by_code
from dokuei.imaging import queries, services
from dokuei.imaging.models import Instance, Study
from dokuei.imaging.packs.models import Pack
from dokuei.imaging.packs.rules import LOSSLESS
from dokuei.kit.db import scope, system_scope

TTL_SECONDS = 15.0
OPENED_SECONDS = 30 * 60.0
PLACES_SECONDS = 60.0
"""How long a process goes on reading where a damaged instance or pack lay."""
K = TypeVar("K")
V = TypeVar("V")


class Recent(Generic[K, V]):
    """A small table that forgets: after a time, and the least used first."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most, self._seconds = most, seconds
        self._rows: OrderedDict[K, tuple[float, V]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: K) -> V | None:
        with self._lock:
            row = self._rows.get(key)
            if row is None or time.monotonic() - row[0] > self._seconds:
                return None
            self._rows.move_to_end(key)
            return row[1]

    def put(self, key: K, value: V) -> V:
        with self._lock:
            self._rows[key] = (time.monotonic(), value)
            self._rows.move_to_end(key)
            while len(self._rows) > self._most:
                self._rows.popitem(last=False)
        return value

    def drop(self, is_meant: Callable[[K], bool]) -> None:
        """Forget what is kept under these keys."""
        with self._lock:
            for key in [one for one in self._rows if is_meant(one)]:
                del self._rows[key]

    def clear(self) -> None:
        with self._lock:
            self._rows.clear()


@dataclass(frozen=True)
class View:
    """An actor who may see a study now."""

    actor: Actor
    facility_id: int
    facility_code: str
    study_id: int
    study_instance_uid: str


@dataclass(frozen=True)
class Placed:
    """Where an instance and its frames lie; changes only when a damaged one is healed."""

    pk: int
    series_id: int
    series_instance_uid: str
    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax: str
    sha256: str
    store_key: str
    store_offset: int
    store_length: int
    data_set_offset: int
    header_bytes: int
    frames: int
    rows: int
    columns: int
    pixel_offset: int
    pixel_length: int
    frame_bits: int
    word_bytes: int


@dataclass
class Index:
    """The instances of a study, in slice order; reloaded when an unknown one is asked for."""

    by_uid: dict[str, Placed] = field(default_factory=dict)


@dataclass(frozen=True)
class Packed:
    """Where the packed frames of an instance lie: of each, its beginning and the ends of its resolutions."""

    key: str
    sha256: str
    frames: list[list[int]]


@dataclass(frozen=True)
class PackIndex:
    """The packed instances of a study, as they were at a time of the monotonic clock."""

    by_instance: Mapping[int, Packed]
    loaded_at: float


_views: Recent[tuple[str, str, str], View] = Recent(4096, TTL_SECONDS)
_actors: Recent[str, Actor] = Recent(1024, TTL_SECONDS)
_indexes: Recent[int, Index] = Recent(64, PLACES_SECONDS)
_opened: Recent[tuple[str, int], bool] = Recent(4096, OPENED_SECONDS)

_ranges: Recent[int, list[list[list[int]]]] = Recent(8192, 600.0)
_packs: Recent[int, PackIndex] = Recent(64, PLACES_SECONDS)


_also: list[Callable[[], None]] = []
_hearers: list[Callable[[int], None]] = []


def forget() -> None:
    """Drop everything remembered, here and by those who said they remember too."""
    for table in (_views, _actors, _indexes, _opened, _ranges, _packs):
        table.clear()
    for clear in _also:
        clear()


def heard(kind: str, key: str) -> None:
    """News of a change: of a study nothing is believed that may have changed with it."""
    if kind in {"study", "pack"} and key.isdigit():
        study_id = int(key)
        _packs.drop(lambda one: one == study_id)
        for hear in _hearers:
            hear(study_id)


def hear_also(hear: Callable[[int], None]) -> None:
    """Let `hear(study_id)` be called when a study has changed."""
    _hearers.append(hear)


def forget_also(clear: Callable[[], None]) -> None:
    """Let `clear` be called when everything is forgotten."""
    _also.append(clear)


def credential(headers: Mapping[str, str]) -> str:
    """A key for what the caller shows us: a hash, never the secret itself."""
    shown = headers.get("authorization", "")
    if not shown:
        name = f"{settings.SESSION_COOKIE_NAME}="
        parts = [one.strip() for one in headers.get("cookie", "").split(";")]
        shown = next((one for one in parts if one.startswith(name)), "")
    return hashlib.sha256(shown.encode("utf-8", "surrogateescape")).hexdigest() if shown else ""


def remembered(headers: Mapping[str, str], code: str, study_uid: str) -> View | None:
    """A view checked some seconds ago."""
    key = credential(headers)
    return _views.get((key, code, study_uid)) if key else None


def actor_for(headers: Mapping[str, str]) -> Actor:
    """The actor behind these headers; asked anew every few seconds. Blocking."""
    key = credential(headers)
    known = _actors.get(key) if key else None
    if known is not None:
        return known
    actor = actor_from_headers(headers)
    return _actors.put(key, actor) if key else actor


def view_of(headers: Mapping[str, str], code: str, study_uid: str) -> View:
    """Check that the caller may see this study of this facility; not theirs is `NotFound`. Blocking."""
    known = remembered(headers, code, study_uid)
    if known is not None:
        return known
    actor = actor_from_headers(headers)
    require(actor, Permission.DICOM_READ)
    if facility_by_code(code).pk not in actor.facilities:
        return _shared_view(actor, code, study_uid)
    facility_id = facility_of(actor, code)
    with scope(actor.facilities):
        rows = queries.visible_to(actor).filter(facility_id=facility_id)
        study = rows.filter(study_instance_uid=study_uid).first()
        if study is None:
            raise NotFound()
        _note_opened(actor, study)
        may_end_at_once = _rests_on_a_link(actor, study)
    view = View(actor, facility_id, code, study.pk, study_uid)
    if may_end_at_once:
        return view
    return _views.put((credential(headers), code, study_uid), view)


def _shared_view(actor: Actor, code: str, study_uid: str) -> View:
    """A study of a facility that is not the reader's, if a grant shows it to them now.

    Never remembered: it is asked anew for each picture, so that what was revoked is gone with the next one.
    """
    facility_id = facility_by_code(code).pk
    with system_scope("imaging.shared"):
        of_study = {"study__facility_id": facility_id, "study__study_instance_uid": study_uid}
        grant = queries.granted_to(actor).filter(**of_study).select_related("study__patient").first()
        if actor.kind != "person" or grant is None:
            raise NotFound()
        seen = replace(actor, facilities=frozenset({facility_id}))
        _note_opened(seen, grant.study)
        return View(seen, facility_id, code, grant.study_id, study_uid)


def _rests_on_a_link(actor: Actor, study: Study) -> bool:
    """Whether a reader sees a study of a facility of theirs only for another facility's reading."""
    if actor.kind != "person" or actor.may(Permission.STUDY_READ):
        return False
    own = queries.granted_to(actor).filter(study=study).exclude(reason__contains="|link:")
    return not own.exists()


def facility_of(actor: Actor, code: str) -> int:
    """The facility a path names, if it is one of the actor's."""
    facility = facility_by_code(code)
    if facility.pk not in actor.facilities:
        raise NotFound()
    return facility.pk


def _note_opened(actor: Actor, study: Study) -> None:
    """One audit row when somebody opens a study, not one per frame."""
    key = (actor.label, study.pk)
    if _opened.get(key) is None:
        services.open_study(actor, study.pk, door="dicomweb", at=datetime.now(UTC))
        _opened.put(key, True)


def placed(view: View, sop_uid: str) -> Placed:
    """One instance of the study in view. Blocking on a miss."""
    index = _indexes.get(view.study_id)
    found = index.by_uid.get(sop_uid) if index else None
    if found is None:
        found = load_index(view).by_uid.get(sop_uid)
    if found is None:
        raise NotFound()
    return found


def remembered_instance(view: View, sop_uid: str) -> Placed | None:
    index = _indexes.get(view.study_id)
    return index.by_uid.get(sop_uid) if index else None


def load_index(view: View) -> Index:
    """Every instance of the study in view, from the database. Blocking."""
    with scope(view.actor.facilities):
        index = Index({one.sop_instance_uid: one for one in placed_of(view.study_id)})
    return _indexes.put(view.study_id, index)


def placed_of(study_id: int) -> list[Placed]:
    """Where every instance of a study lies, in slice order. In the caller's scope."""
    fields = [name for name in Placed.__dataclass_fields__ if name not in {"series_instance_uid", "pk"}]
    rows = (
        Instance.objects.filter(study_id=study_id)
        .order_by("series__series_number", "series_id", "instance_number", "pk")
        .values("pk", "series__series_instance_uid", *fields)
    )
    found = []
    for row in rows:
        row["series_instance_uid"] = row.pop("series__series_instance_uid")
        found.append(Placed(**row))
    return found


def instance_of(view: View, series_uid: str, sop_uid: str) -> Placed:
    """One instance where the path says it is."""
    instance = placed(view, sop_uid)
    if instance.series_instance_uid != series_uid:
        raise NotFound()
    return instance


def matching(view: View, series_uid: str, sop_uid: str) -> list[Placed]:
    """Instances as the path narrows them; always the newest list, since a study may still be arriving."""
    if sop_uid:
        return [instance_of(view, series_uid, sop_uid)]
    index = load_index(view)
    found = [one for one in index.by_uid.values() if not series_uid or one.series_instance_uid == series_uid]
    if not found:
        raise NotFound()
    return found


def frame_ranges(view: View, instance: Placed) -> list[list[list[int]]]:
    """Fragments of each frame of an encapsulated instance. Blocking on a miss."""
    known = _ranges.get(instance.pk)
    if known is not None:
        return known
    with scope(view.actor.facilities):
        row = Instance.objects.filter(pk=instance.pk).values_list("frame_ranges", flat=True).first()
    return _ranges.put(instance.pk, row or [])


def are_ranges_remembered(instance: Placed) -> bool:
    return _ranges.get(instance.pk) is not None


def remembered_packed(view: View, instance: Placed) -> tuple[bool, Packed | None]:
    """Whether it is known if this instance is packed, and where.

    That it is stays true unless the pack is damaged; that it is not is believed for some seconds, since the worker
    may just be packing it.
    """
    if instance.transfer_syntax not in LOSSLESS:
        return True, None
    index = _packs.get(view.study_id)
    if index is None:
        return False, None
    found = index.by_instance.get(instance.pk)
    return found is not None or time.monotonic() - index.loaded_at < TTL_SECONDS, found


def packed(view: View, instance: Placed) -> Packed | None:
    """Where the packed frames of this instance lie, if they are packed. Blocking on a miss."""
    is_known, found = remembered_packed(view, instance)
    return found if is_known else load_packs(view).by_instance.get(instance.pk)


def load_packs(view: View) -> PackIndex:
    """Every pack of the study in view, from the database. Blocking."""
    with scope(view.actor.facilities):
        rows = Pack.objects.filter(study_id=view.study_id).exclude(store_key="").order_by("-pk")
        found = {
            int(pk): Packed(key, sha256, frames)
            for key, sha256, index in rows.values_list("store_key", "sha256", "index")
            for pk, frames in index.items()
        }
    return _packs.put(view.study_id, PackIndex(found, time.monotonic()))


def resolution_ends(view: View) -> dict[str, list[list[int]]]:
    """Of each packed instance's UID its frames' resolution ends, as the database says it now. Blocking."""
    packs, index = load_packs(view).by_instance, load_index(view).by_uid
    return {uid: [ends for _, *ends in packs[one.pk].frames] for uid, one in index.items() if one.pk in packs}
