"""Images kept on S3: a killed listener loses nothing it acknowledged, and damage is found and heals."""

import hashlib
import random
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from dokuei.dicom.read import read_meta
from dokuei.gateway.items import Item
from dokuei.imaging.dimse import Listener
from dokuei.imaging.models import Instance, Quarantined
from dokuei.imaging.scrub import services as scrubbing
from dokuei.imaging.scrub.models import Damage
from dokuei.imaging.scrub.tasks import SCRUBBER
from dokuei.imaging.tests.builders import AT
from dokuei.kit import store
from dokuei.kit.db import system_scope
from tests.conformance.conftest import a_device, wait_until
from tests.conformance.sending import a_file, listed, send
from tests.conformance.test_killed import Senders
from tests.server import free_port

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("images_on_s3")]


def whole_on_s3() -> int:
    """How many listed instances there are; each has its bytes on S3."""
    place = store.default()
    assert isinstance(place, store.S3Store)
    with system_scope("test"):
        rows = list(Instance.objects.all())
    for row in rows:
        data = place.get_range(row.store_key, row.store_offset, row.store_length)
        assert hashlib.sha256(data[read_meta(data).data_set_offset :]).hexdigest() == row.sha256
    return len(rows)


def test_nothing_acknowledged_is_lost_when_a_listener_on_s3_is_killed_under_four_senders(
    tmp_path: Path, listener_process: Callable[[int], "subprocess.Popen[bytes]"]
) -> None:
    a_device("STORESCU")
    items: dict[Path, Item] = {}
    for number in range(160):
        item = a_file(
            tmp_path, f"{number:03}.dcm", StudyInstanceUID=f"2.25.{number % 3 + 1}", InstanceNumber=number
        )
        items[item.path] = item
    files, answered, port = sorted(items), [], free_port()
    dice = random.Random(20261123)
    for round_ in range(2):
        process = listener_process(port)
        mine = files[round_ * 80 : (round_ + 1) * 80]
        senders = Senders(port, [mine[n::4] for n in range(4)])
        enough = dice.randrange(10, 50)
        wait_until(lambda senders=senders, enough=enough: senders.answered_so_far() >= enough)  # type: ignore[misc]
        process.send_signal(signal.SIGKILL)
        process.wait()
        answered += senders.answered()

    last = listener_process(port)

    expected = {
        items[path].sop_instance_uid: hashlib.sha256(path.read_bytes()[items[path].offset :]).hexdigest()
        for path in answered
    }
    assert 20 <= len(expected) < 160
    wait_until(lambda: set(expected.items()) <= set(listed().items()))
    last.send_signal(signal.SIGTERM)
    assert last.wait(timeout=30) == 0
    assert whole_on_s3() >= len(expected)
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
    assert whole_on_s3() == 3
    with system_scope("test"):
        assert not Damage.objects.filter(repaired_at=None).exists()
