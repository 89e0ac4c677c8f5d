"""Packing a series."""

import secrets
from datetime import datetime

from django.conf import settings
from django.db import transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging.errors import DiskLow
from dokuei.imaging.models import Instance, Series
from dokuei.imaging.packs import rules
from dokuei.imaging.packs.build import Built, build
from dokuei.imaging.packs.models import Pack
from dokuei.imaging.scrub.damage import whole
from dokuei.imaging.scrub.models import Damage
from dokuei.kit import live, store
from dokuei.kit.db import system_scope


def unpacked(series_id: int) -> list[Instance]:
    """Whole instances of a series with frames to pack that no pack has looked at yet, in slice order."""
    done: set[int] = set()
    for index, left_out in Pack.objects.filter(series_id=series_id).values_list("index", "left_out"):
        done.update(map(int, index), map(int, left_out))
    rows = Instance.objects.filter(
        series_id=series_id, frames__gt=0, transfer_syntax__in=rules.LOSSLESS
    ).exclude(pk__in=done)
    return rules.in_slice_order(whole(rows))


def pack_series(actor: Actor, series_id: int, *, at: datetime) -> bool:
    """Make the next pack of a series; True while there is more to pack.

    The frames are encoded and the object is made durable without a transaction; the row that names it comes last.
    Killed anywhere, it leaves at most an unnamed object, which is swept later; done twice at once, the second finds its
    instances packed and lists nothing. No key is used twice: a pack that was damaged may still be open somewhere.
    """
    require(actor, Permission.SYSTEM)
    with system_scope("packs"):
        waiting = unpacked(series_id)
    chosen = rules.first_pack(waiting)
    if not chosen:
        return False
    built = build(chosen)
    key = _keep(chosen[0].facility_id, built)
    with system_scope("packs"):
        name_pack(actor, chosen[0], key, built, at=at)
    return len(waiting) > len(chosen)


def _keep(facility_id: int, built: Built) -> str:
    """Make the object durable and read it back; an empty key if there is nothing to keep."""
    if not built.parts:
        return ""
    place, digest = store.default(), built.sha256()
    free = place.free_bytes()
    if free is not None and free - built.size_bytes < settings.DOKUEI.disk_low_bytes:
        raise DiskLow()
    key = f"{facility_id}/packs/{digest[:2]}/{digest}-{secrets.token_hex(4)}.htj2k"
    place.put(key, *built.parts)
    return key


@transaction.atomic
def name_pack(actor: Actor, first: Instance, key: str, built: Built, *, at: datetime) -> Pack | None:
    """List a pack whose object is durable, unless another run was faster."""
    require(actor, Permission.SYSTEM)
    series = (
        Series.objects.select_for_update(no_key=True, of=("self",))
        .select_related("study")
        .get(pk=first.series_id)
    )
    left = {str(one.pk) for one in unpacked(series.pk)}
    if not left.issuperset({*built.index, *built.left_out}):
        return None
    pack = Pack.objects.create(
        facility_id=series.facility_id,
        study_id=series.study_id,
        series=series,
        store_key=key,
        size_bytes=built.size_bytes,
        sha256=built.sha256(),
        index=built.index,
        left_out=built.left_out,
        made_at=at,
    )
    record(
        Event.SERIES_PACKED,
        by=actor,
        of=pack,
        at=at,
        patient_id=series.study.patient_id,
        study_id=series.study_id,
        instances=len(built.index),
        left_out=len(built.left_out),
        bytes=built.size_bytes,
        sha256=pack.sha256,
    )
    live.announce("pack", series.study_id, series.facility_id)
    if not unpacked(series.pk):
        Damage.objects.filter(series=series, instance=None, repaired_at=None).update(repaired_at=at)
    return pack
