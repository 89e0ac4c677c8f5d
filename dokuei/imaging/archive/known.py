"""What was kept before and is whole, so that a repeat is not written again."""

from collections.abc import Collection

from dokuei.imaging.models import Instance
from dokuei.imaging.scrub.damage import whole


def known_hash(facility_id: int, uid: str) -> str | None:
    """The hash of what is listed and whole under this SOP Instance UID."""
    return hashes_of(facility_id, [uid]).get(uid)


def hashes_of(facility_id: int, uids: Collection[str]) -> dict[str, str]:
    """SOP Instance UID to hash, of those that are listed and whole."""
    rows = whole(Instance.objects.filter(facility_id=facility_id, sop_instance_uid__in=uids))
    return dict(rows.values_list("sop_instance_uid", "sha256"))


def known_hashes(facility_id: int, study_uid: str) -> dict[str, str]:
    """SOP Instance UID to hash, of everything listed and whole of a study."""
    rows = whole(Instance.objects.filter(facility_id=facility_id, study__study_instance_uid=study_uid))
    return dict(rows.values_list("sop_instance_uid", "sha256"))
