"""Whether instances are safely kept: what a storage commitment report says (PS3.4 annex J)."""

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


def verdict(row: Commitment) -> Verdict:
    """Look every instance up: a row, its bytes in the store, and no damage known.

    A device that hears of a failure sends a damaged one again, which heals it.
    """
    asked = [(str(one[0]), str(one[1])) for one in row.asked]
    held = {
        one.sop_instance_uid: one
        for one in Instance.objects.filter(
            facility_id=row.facility_id, sop_instance_uid__in=[uid for _, uid in asked]
        ).only("sop_instance_uid", "sop_class_uid", "store_key", "store_offset", "store_length")
    }
    damaged = damaged_among([one.pk for one in held.values()])
    sizes: dict[str, int] = {}
    kept, failed = [], []
    for sop_class, uid in asked:
        found = held.get(uid)
        reason = _why_not(found, sop_class, sizes)
        if found is not None and found.pk in damaged:
            reason = reason or PROCESSING_FAILURE
        if reason:
            failed.append((sop_class, uid, reason))
        else:
            kept.append((sop_class, uid))
    return Verdict(row.transaction_uid, tuple(kept), tuple(failed))


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
