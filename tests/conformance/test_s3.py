"""Images kept on S3: a killed listener loses nothing it acknowledged, and damage is found and heals."""

import random
import signal
from pathlib import Path

import pytest

from dokuei.imaging.dimse import Listener
from dokuei.imaging.models import Instance, Quarantined
from dokuei.imaging.scrub import services as scrubbing
from dokuei.imaging.scrub.models import Damage
from dokuei.imaging.scrub.tasks import SCRUBBER
from dokuei.imaging.tests.builders import AT
from dokuei.kit import store
from dokuei.kit.db import system_scope
from tests.conformance.conftest import a_device, wait_until
from tests.conformance.sending import a_file, everything_kept_is_whole, listed, send
from tests.conformance.test_killed import ListenerProcess, killed_again_and_again, some_files
from tests.server import free_port

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("images_on_s3")]


def test_nothing_acknowledged_is_lost_when_a_listener_on_s3_is_killed_under_four_senders(
    tmp_path: Path, listener_process: ListenerProcess
) -> None:
    assert isinstance(store.default(), store.S3Store)
    a_device("STORESCU")
    items, port, dice = some_files(tmp_path, 160), free_port(), random.Random(20261123)

    expected = killed_again_and_again(
        listener_process, port, items, [dice.randrange(10, 50) for _ in range(2)]
    )
    last = listener_process(port)

    assert 20 <= len(expected) < 160
    wait_until(lambda: set(expected.items()) <= set(listed().items()))
    last.send_signal(signal.SIGTERM)
    assert last.wait(timeout=30) == 0
    assert everything_kept_is_whole() >= len(expected)
    with system_scope("test"):
        assert not Quarantined.objects.exists()


def test_a_bit_flipped_on_s3_is_found_by_reading_back_and_healed_by_sending_again(
    listener: Listener, tmp_path: Path
) -> None:
    a_device("MODALITY")
    items = [a_file(tmp_path, f"{number}.dcm") for number in range(3)]
    send(listener, items)
    with system_scope("test"):
        damaged = Instance.objects.get(sop_instance_uid=items[1].sop_instance_uid)
    place = store.default()
    data = bytearray(place.get_range(damaged.store_key, 0, place.size(damaged.store_key)))
    data[damaged.store_offset + damaged.store_length - 7] ^= 0xFF
    place.put(damaged.store_key, bytes(data))
    while scrubbing.check_slice(SCRUBBER, at=AT):
        continue
    with system_scope("test"):
        assert list(Damage.objects.values_list("instance_id", "repaired_at")) == [(damaged.pk, None)]

    codes = send(listener, items)

    assert set(codes.values()) == {""}
    assert everything_kept_is_whole() == 3
    with system_scope("test"):
        assert not Damage.objects.filter(repaired_at=None).exists()
