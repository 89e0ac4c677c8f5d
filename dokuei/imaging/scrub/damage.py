"""What is damaged now, as the archive asks before it takes a repeat for kept; and healing."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.identity.access import Actor
from dokuei.imaging.events import InstanceRepaired
from dokuei.imaging.models import Instance, StoredMetadata
from dokuei.imaging.scrub.models import Damage
from dokuei.kit.events import publish
from dokuei.kit.segment import Place


def whole(rows: QuerySet[Instance]) -> QuerySet[Instance]:
    """Without those whose bytes are known to be damaged."""
    return rows.exclude(Exists(Damage.objects.filter(instance=OuterRef("pk"), repaired_at=None)))


def damaged_among(ids: Collection[int]) -> set[int]:
    """Ids of instances whose bytes are known to be damaged."""
    rows = Damage.objects.filter(instance_id__in=ids, repaired_at=None)
    return {pk for pk in rows.values_list("instance_id", flat=True) if pk is not None}


def heal(actor: Actor, held: Instance, place: Place, data_set_offset: int, *, at: datetime) -> bool:
    """Point a damaged instance to where its bytes were written anew; False if it is not damaged.

    The caller has compared the hashes: the bytes are the same, so nothing else of the row changes.
    """
    damage = Damage.objects.select_for_update(no_key=True).filter(instance=held, repaired_at=None).first()
    if damage is None:
        return False
    Instance.objects.filter(pk=held.pk).update(
        store_key=place.key,
        store_offset=place.offset,
        store_length=place.length,
        data_set_offset=data_set_offset,
    )
    close(actor, damage, at)
    return True


def close(actor: Actor, damage: Damage, at: datetime) -> None:
    """The bytes of an instance are whole again; have made anew what was made from it."""
    damage.repaired_at = at
    damage.save(update_fields=["repaired_at"])
    StoredMetadata.objects.filter(study_id=damage.study_id).delete()
    record(Event.INSTANCE_REPAIRED, by=actor, of=damage.instance, at=at, damage=damage.pk)
    publish(InstanceRepaired(study_id=damage.study_id, facility_id=damage.facility_id))
