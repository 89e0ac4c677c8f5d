"""Whether instances are safely kept: what a storage commitment report says (PS3.4 annex J)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dokuei.base.errors import NotFound
from dokuei.imaging.models import Commitment, Instance
from dokuei.imaging.scrub.damage import damaged_among
from dokuei.kit import store

NO_SUCH_INSTANCE, CLASS_CONFLICT, PROCESSING_FAILURE = 0x0112, 0x0119, 0x0110


@dataclass(frozen=True)
class Verdict:
    """Which instances are kept, and which are not and why (PS3.3 C.14)."""

    transaction_uid: str
    kept: tuple[tuple[str, str], ...]
    failed: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True)
class Question:
    """What a device asked, and what the database says of it."""

    transaction_uid: str
    asked: tuple[tuple[str, str], ...]
    held: Mapping[str, Instance]
    damaged: frozenset[int]


def question(row: Commitment) -> Question:
    """Look every instance up; in a scope that holds the facility."""
    asked = tuple((str(one[0]), str(one[1])) for one in row.asked)
    held = {
        one.sop_instance_uid: one
        for one in Instance.objects.filter(
            facility_id=row.facility_id, sop_instance_uid__in=[uid for _, uid in asked]
        ).only("sop_instance_uid", "sop_class_uid", "store_key", "store_offset", "store_length")
    }
    damaged = frozenset(damaged_among([one.pk for one in held.values()]))
    return Question(row.transaction_uid, asked, held, damaged)


def verdict(asked: Question) -> Verdict:
    """What is kept: a row, its bytes in the store, and no damage known. Asks the store, so in no transaction.

    A device that hears of a failure sends a damaged one again, which heals it.
    """
    sizes: dict[str, int] = {}
    kept, failed = [], []
    for sop_class, uid in asked.asked:
        found = asked.held.get(uid)
        reason = _why_not(found, sop_class, sizes)
        if found is not None and found.pk in asked.damaged:
            reason = reason or PROCESSING_FAILURE
        if reason:
            failed.append((sop_class, uid, reason))
        else:
            kept.append((sop_class, uid))
    return Verdict(asked.transaction_uid, tuple(kept), tuple(failed))


def _why_not(held: Instance | None, sop_class: str, sizes: dict[str, int]) -> int:
    if held is None:
        return NO_SUCH_INSTANCE
    if held.sop_class_uid != sop_class:
        return CLASS_CONFLICT
    if held.store_key not in sizes:
        try:
            sizes[held.store_key] = store.default().size(held.store_key)
        except NotFound:
            sizes[held.store_key] = 0
    return 0 if held.store_offset + held.store_length <= sizes[held.store_key] else PROCESSING_FAILURE


def report_of(found: Verdict) -> dict[str, Any]:
    """The N-EVENT-REPORT's data set (PS3.4 table J.3-2)."""
    out: dict[str, Any] = {"00081195": {"vr": "UI", "Value": [found.transaction_uid]}}
    if found.kept:
        out["00081199"] = {"vr": "SQ", "Value": [_item(*one) for one in found.kept]}
    if found.failed:
        out["00081198"] = {
            "vr": "SQ",
            "Value": [
                {**_item(sop_class, uid), "00081197": {"vr": "US", "Value": [reason]}}
                for sop_class, uid, reason in found.failed
            ],
        }
    return out


def _item(sop_class: str, uid: str) -> dict[str, Any]:
    return {"00081150": {"vr": "UI", "Value": [sop_class]}, "00081155": {"vr": "UI", "Value": [uid]}}
