"""Telling our own objects from what was received."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from dokuei.imaging.archive.arrival import Arrival
from dokuei.imaging.made.models import Made

MODALITIES = {"KO", "OT", "PR", "SR"}
"""Of the objects we write; nothing else is looked up while images stream in."""


def made_among(arrivals: Sequence[Arrival]) -> set[tuple[int, str]]:
    """Facility and UID of those arrivals that were promised by us, for the very study they name."""
    asked = [one for one in arrivals if one.description.modality in MODALITIES]
    if not asked:
        return set()
    rows = Made.objects.filter(
        facility_id__in={one.facility_id for one in asked}, sop_instance_uid__in={one.uid for one in asked}
    ).values_list("facility_id", "sop_instance_uid", "study__study_instance_uid")
    promised = {(facility, uid): study for facility, uid, study in rows}
    return {
        (one.facility_id, one.uid)
        for one in asked
        if promised.get((one.facility_id, one.uid)) == one.description.study_instance_uid
    }


def note_listed(ids: Mapping[tuple[int, str], int]) -> None:
    """Remember which instances our objects became; by facility and UID."""
    for (facility_id, uid), pk in ids.items():
        Made.objects.filter(facility_id=facility_id, sop_instance_uid=uid).update(instance_id=pk)


def counted(study_ids: Collection[int]) -> dict[int, int]:
    """How many instances of each study are our own; studies without any are left out."""
    rows = Made.objects.filter(study_id__in=study_ids).exclude(instance=None)
    return Counter(rows.values_list("study_id", flat=True))


def series_of(study_ids: Collection[int]) -> dict[int, set[str]]:
    """The series of each study that are our own."""
    found: dict[int, set[str]] = {}
    rows = Made.objects.filter(study_id__in=study_ids).exclude(instance=None)
    for study_id, uid in rows.values_list("study_id", "series_instance_uid"):
        found.setdefault(study_id, set()).add(uid)
    return found


def received_count(study_id: int, instances: int) -> int:
    """How many of a study's instances were received."""
    return instances - counted([study_id]).get(study_id, 0)
