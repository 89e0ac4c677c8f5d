"""A device that sends a damaged instance again heals it, and its other instances are not touched."""

from pathlib import Path

import pytest

from dokuei.imaging.dimse import Listener
from dokuei.imaging.models import Instance
from dokuei.imaging.scrub import services as scrubbing
from dokuei.imaging.scrub.models import Damage
from dokuei.imaging.scrub.tasks import SCRUBBER
from dokuei.imaging.services import set_quota
from dokuei.imaging.tests.builders import AT
from dokuei.imaging.upkeep.quota import gate
from dokuei.kit import store
from dokuei.kit.db import system_scope
from tests.conformance.conftest import a_device
from tests.conformance.sending import a_file, everything_kept_is_whole, send

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_bit_flipped_in_a_segment_is_found_and_healed_by_c_store(
    listener: Listener, tmp_path: Path
) -> None:
    a_device("MODALITY")
    items = [a_file(tmp_path, f"{number}.dcm") for number in range(4)]
    send(listener, items)
    place = store.default()
    assert isinstance(place, store.FileStore)
    with system_scope("test"):
        damaged = Instance.objects.get(sop_instance_uid=items[1].sop_instance_uid)
        others = dict(Instance.objects.exclude(pk=damaged.pk).values_list("pk", "store_offset"))
    with place.path_of(damaged.store_key).open("r+b") as file:
        file.seek(damaged.store_offset + damaged.store_length - 7)
        file.write(b"\xff")
    while scrubbing.check_slice(SCRUBBER, at=AT):
        continue
    with system_scope("test"):
        assert list(Damage.objects.values_list("instance_id", "repaired_at")) == [(damaged.pk, None)]

    codes = send(listener, items)

    assert set(codes.values()) == {""}
    assert everything_kept_is_whole() == 4
    with system_scope("test"):
        assert not Damage.objects.filter(repaired_at=None).exists()
        now = dict(Instance.objects.exclude(pk=damaged.pk).values_list("pk", "store_offset"))
    assert now == others


def test_a_facility_over_its_quota_is_answered_out_of_resources(listener: Listener, tmp_path: Path) -> None:
    facility_id = a_device("MODALITY")
    with system_scope("test"):
        set_quota(SCRUBBER, facility_id=facility_id, quota_bytes=100, at=AT)
    items = [a_file(tmp_path, f"{number}.dcm") for number in range(2)]

    codes = send(listener, items)

    assert len(codes) == 2
    assert all("quota.exceeded" in code or "a700" in code.lower() for code in codes.values()), codes
    assert everything_kept_is_whole() == 0
    gate.forget()
