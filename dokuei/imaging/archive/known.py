"""What was kept before and is whole, so that a repeat is not written again."""

from collections.abc import Collection, Sequence

from django.db.models import QuerySet

from dokuei.dicom.describe import Description
from dokuei.imaging.models import Instance
from dokuei.imaging.scrub.damage import whole
from dokuei.imaging.upkeep.models import Tombstone


def known_hash(facility_id: int, uid: str) -> str | None:
    """The hash of what is listed and whole under this SOP Instance UID."""
    return hashes_of(facility_id, [uid]).get(uid)


def hashes_of(facility_id: int, uids: Collection[str]) -> dict[str, str]:
    """SOP Instance UID to hash, of those that are listed and whole."""
    rows = whole(Instance.objects.filter(facility_id=facility_id, sop_instance_uid__in=uids))
    gone = Tombstone.objects.filter(facility_id=facility_id, sop_instance_uid__in=uids)
    return _hashes(gone, rows)


def known_hashes(facility_id: int, study_uid: str) -> dict[str, str]:
    """SOP Instance UID to hash, of everything listed and whole of a study."""
    rows = whole(Instance.objects.filter(facility_id=facility_id, study__study_instance_uid=study_uid))
    gone = Tombstone.objects.filter(facility_id=facility_id, study__study_instance_uid=study_uid)
    return _hashes(gone, rows)


class Known:
    """What of one request's instances was listed before it began.

    The first ones are asked for by their UIDs; if more follow, everything listed of their studies is asked for once.
    """

    def __init__(self, facility_id: int) -> None:
        self.facility_id = facility_id
        self._is_first = True
        self._studies: dict[str, dict[str, str]] = {}

    def of(self, found: Sequence[Description]) -> dict[str, str]:
        """SOP Instance UID to hash, of at least these. In a scope that holds the facility."""
        if self._is_first:
            self._is_first = False
            return hashes_of(self.facility_id, {one.sop_instance_uid for one in found})
        out: dict[str, str] = {}
        for uid in {one.study_instance_uid for one in found}:
            if uid not in self._studies:
                self._studies[uid] = known_hashes(self.facility_id, uid)
            out |= self._studies[uid]
        return out


def _hashes(gone: QuerySet[Tombstone], rows: QuerySet[Instance]) -> dict[str, str]:
    """What was removed is not written again either; what is listed counts before it."""
    fields = ("sop_instance_uid", "sha256")
    return {**dict(gone.values_list(*fields)), **dict(rows.values_list(*fields))}
