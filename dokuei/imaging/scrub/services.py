"""Reading everything back, a slice at a time, and writing down what is not what was kept."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from math import ceil

from django.conf import settings
from django.db import transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging.models import Instance
from dokuei.imaging.packs.models import Pack
from dokuei.imaging.packs.tasks import queue_series
from dokuei.imaging.scrub.damage import close
from dokuei.imaging.scrub.models import Damage, Scrub
from dokuei.imaging.scrub.proof import originals, packs
from dokuei.imaging.scrub.reading import MISSING, Piece, why_damaged
from dokuei.kit import store
from dokuei.kit.db import may_delete_objects, system_scope
from dokuei.kit.segment import PREFIX
from dokuei.kit.store import StoreUnreachable

EVERY = timedelta(minutes=1)
"""How often a slice is read; its size follows from how long a pass may take."""
LEAST, MOST = 20, 5000
IDLE = timedelta(days=1)
Findings = list[tuple[Piece, str]]


def check_slice(actor: Actor, *, at: datetime, most: int | None = None) -> bool:
    """Read the next rows back; True while the pass goes on.

    The bytes are read without a transaction. What is found is written down only if the row still lies where it was
    read, so an instance that was healed or removed meanwhile is left alone.
    """
    require(actor, Permission.SYSTEM)
    with system_scope("scrub"):
        scrub = Scrub.objects.get_or_create(defaults={"next_at": at})[0]
        if scrub.began_at is None:
            _begin(scrub, at)
        following = originals if scrub.phase == "instances" else packs
        pieces = following(scrub.last_id, most or slice_size(scrub.total))
    place = store.default()
    for key in {one.key for one in pieces}:
        place.forget(key)
    findings = [(one, why_damaged(place, one)) for one in pieces]
    if any(reason == MISSING for _, reason in findings) and next(iter(place.keys(PREFIX)), None) is None:
        raise StoreUnreachable()  # a disk that is not mounted is no damage
    with system_scope("scrub"):
        return note_findings(actor, scrub.phase, scrub.last_id, findings, at=at)


def slice_size(total: int) -> int:
    """Rows a slice has so that a whole pass takes the days that are set."""
    slices = max(settings.DOKUEI.scrub_days, 1) * (timedelta(days=1) / EVERY)
    return min(max(ceil(total / slices), LEAST), MOST)


def _begin(scrub: Scrub, at: datetime) -> None:
    scrub.phase, scrub.last_id, scrub.checked, scrub.damaged = "instances", 0, 0, 0
    scrub.began_at, scrub.total = at, Instance.objects.count() + Pack.objects.count()
    scrub.save()


@transaction.atomic
def note_findings(actor: Actor, phase: str, after: int, findings: Findings, *, at: datetime) -> bool:
    """Write down what a slice found and move on; True while the pass goes on."""
    require(actor, Permission.SYSTEM)
    scrub = Scrub.objects.select_for_update(no_key=True).get()
    if (scrub.phase, scrub.last_id) != (phase, after):  # another run was faster
        return scrub.began_at is not None
    note = _note_instances if phase == "instances" else _note_packs
    scrub.damaged += note(actor, findings, at)
    scrub.checked += len(findings)
    if findings:
        scrub.last_id = findings[-1][0].pk
    elif phase == "instances":
        scrub.phase, scrub.last_id = "packs", 0
    else:
        _end(actor, scrub, at)
    scrub.save()
    return scrub.began_at is not None


def _end(actor: Actor, scrub: Scrub, at: datetime) -> None:
    """A pass that was faster than its days rests until they are over; the trail says that all was read."""
    assert scrub.began_at is not None
    whole_pass = timedelta(days=settings.DOKUEI.scrub_days) or IDLE
    scrub.next_at = max(scrub.began_at + whole_pass, at + EVERY)
    record(
        Event.SCRUB_PASSED,
        by=actor,
        of=scrub,
        at=at,
        began_at=scrub.began_at.isoformat(),
        checked=scrub.checked,
        damaged=scrub.damaged,
    )
    scrub.began_at, scrub.ended_at = None, at


def _note_instances(actor: Actor, findings: Findings, at: datetime) -> int:
    """How many are damaged; one that reads well again, since its segment was brought back, is closed."""
    ids = [piece.pk for piece, _ in findings]
    known = {one.instance_id: one for one in _open(ids)}
    count = 0
    for piece, reason in findings:
        damage = known.get(piece.pk)
        if not reason:
            if damage is not None and _is_where_it_was(piece):
                close(actor, damage, at)
            continue
        count += 1
        if damage is None and (held := _is_where_it_was(piece)):
            _note_instance(actor, held, piece, reason, at)
    return count


def _open(ids: Sequence[int]) -> list[Damage]:
    rows = Damage.objects.select_for_update(no_key=True, of=("self",)).select_related("instance")
    return list(rows.filter(instance_id__in=ids, repaired_at=None))


def _is_where_it_was(piece: Piece) -> Instance | None:
    rows = Instance.objects.select_for_update(no_key=True, of=("self",)).select_related("study")
    return rows.filter(pk=piece.pk, store_key=piece.key, store_offset=piece.offset).first()


def _note_instance(actor: Actor, held: Instance, piece: Piece, reason: str, at: datetime) -> None:
    Damage.objects.create(
        facility_id=held.facility_id,
        study_id=held.study_id,
        series_id=held.series_id,
        instance=held,
        reason=reason,
        store_key=piece.key,
        store_offset=piece.offset,
        found_at=at,
    )
    record(
        Event.INSTANCE_DAMAGED,
        by=actor,
        of=held,
        at=at,
        patient_id=held.study.patient_id,
        study_id=held.study_id,
        reason=reason,
        key=piece.key,
        offset=piece.offset,
    )


def _note_packs(actor: Actor, findings: Findings, at: datetime) -> int:
    """A damaged pack is served no more and made anew; its series' originals are there."""
    count = 0
    for piece, reason in findings:
        pack = (
            Pack.objects.select_for_update(no_key=True, of=("self",)).filter(pk=piece.pk).first()
            if reason
            else None
        )
        if pack is None:
            continue
        count += 1
        Damage.objects.create(
            facility_id=pack.facility_id,
            study_id=pack.study_id,
            series_id=pack.series_id,
            reason=reason,
            store_key=piece.key,
            found_at=at,
        )
        record(
            Event.PACK_DAMAGED, by=actor, of=pack, at=at, study_id=pack.study_id, reason=reason, key=piece.key
        )
        series_id = pack.series_id
        pack.delete()
        queue_series(series_id)
        transaction.on_commit(partial(_drop, piece.key))
    return count


def _drop(key: str) -> None:
    """Remove the object of a pack that is listed no more; while a backup is made it is left to the sweep."""
    with system_scope("scrub"):
        if may_delete_objects():
            store.default().delete(key)
