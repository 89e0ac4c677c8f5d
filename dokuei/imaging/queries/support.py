"""What support has to see: quarantine, what could not be listed, damage, room."""

from typing import Any

from django.conf import settings

from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging.models import Quarantined
from dokuei.imaging.queries.sentences import sentence
from dokuei.imaging.room.rules import Level
from dokuei.imaging.room.watch import Room, room
from dokuei.imaging.scrub import proof
from dokuei.imaging.scrub.models import Damage
from dokuei.imaging.unlisted.models import Unlisted
from dokuei.imaging.unlisted.rules import sentence as why_unlisted
from dokuei.imaging.upkeep import quota
from dokuei.imaging.upkeep.quota import Use
from dokuei.kit.db import system_scope


def quarantined(actor: Actor, *, limit: int = 200) -> list[dict[str, Any]]:
    """What is in quarantine, newest first."""
    require(actor, Permission.QUARANTINE_READ)
    rows = Quarantined.objects.select_related("facility")
    if actor.kind != "system":
        rows = rows.filter(facility_id__in=actor.facilities)
    return [
        {
            "id": row.pk,
            "facility": {"id": row.facility.pk, "code": row.facility.code, "name": row.facility.name},
            "at": row.at,
            "reason_code": row.reason,
            "sentence": sentence(row.reason),
            "sop_instance_uid": row.sop_instance_uid,
            "study_instance_uid": row.study_instance_uid,
        }
        for row in rows.order_by("-pk")[:limit]
    ]


def count_damaged() -> int:
    """Originals of every facility whose bytes are known to be damaged; a number for support, no row."""
    with system_scope("status"):
        return Damage.objects.filter(repaired_at=None).exclude(instance=None).count()


def count_unlisted() -> int:
    """Acknowledged instances of every facility that are not listed; a number for support, no row."""
    with system_scope("status"):
        return Unlisted.objects.filter(listed_at=None).count()


def unlisted(actor: Actor, *, limit: int = 200) -> list[dict[str, Any]]:
    """What was acknowledged and could not be listed, newest first."""
    require(actor, Permission.QUARANTINE_READ)
    rows = Unlisted.objects.select_related("facility").filter(listed_at=None)
    if actor.kind != "system":
        rows = rows.filter(facility_id__in=actor.facilities)
    return [unlisted_out(row) for row in rows.order_by("-pk")[:limit]]


def unlisted_out(row: Unlisted) -> dict[str, Any]:
    """One of them as screens show it."""
    facility = row.facility
    return {
        "id": row.pk,
        "facility": {"id": facility.pk, "code": facility.code, "name": facility.name},
        "sop_instance_uid": row.sop_instance_uid,
        "kept_at": row.kept_at,
        "code": row.code,
        "sentence": why_unlisted(row.code),
        "tries": row.tries,
        "tried_at": row.tried_at,
        "retry_at": row.retry_at,
        "listed_at": row.listed_at,
    }


def store_room() -> Room | None:
    """The room of the store as last seen; None before anybody looked."""
    return room()


def alarms(actor: Actor) -> list[dict[str, Any]]:
    """What support has to see without looking for it."""
    require(actor, Permission.STATUS_READ)
    found = room()
    if found is None or found.level is Level.ENOUGH:
        return []
    code = f"store.{found.level.value}" if found.is_writable else "store.unwritable"
    return [
        {
            "code": code,
            "sentence": found.sentence,
            "since": found.since,
            "free_bytes": found.free_bytes,
            "limit_bytes": settings.DOKUEI.disk_low_bytes,
        }
    ]


def prove_kept() -> tuple[int, int, list[str]]:
    """Read everything back: how many originals and packs there are, and which are not what was kept."""
    originals, lost = proof.prove_originals()
    packs, lost_packs = proof.prove_packs()
    return originals, packs, lost + lost_packs


def use_of(facility_id: int) -> Use:
    """How much a facility keeps here, and how much it may. In a scope that holds it."""
    return quota.use_of(facility_id)
