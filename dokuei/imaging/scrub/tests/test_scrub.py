"""What the disk changed is found, known, and healed by sending it again; one bit hurts one instance only."""

from pathlib import Path

import pytest
from pydicom import Dataset

from dokuei.audit.events import Event
from dokuei.audit.models import Entry
from dokuei.base.errors import NotPermitted
from dokuei.identity.models import Facility
from dokuei.imaging import handlers, queries, services
from dokuei.imaging.archive.keeping import segments
from dokuei.imaging.events import InstanceRepaired
from dokuei.imaging.models import Instance
from dokuei.imaging.packs import tasks as packing
from dokuei.imaging.packs.models import Pack
from dokuei.imaging.scrub import services as scrubbing
from dokuei.imaging.scrub.models import Damage, Scrub
from dokuei.imaging.scrub.tasks import SCRUBBER
from dokuei.imaging.services import Outcome
from dokuei.imaging.tests.builders import (
    AT,
    a_facility,
    a_sender,
    a_token,
    an_instance,
    as_file,
    as_multipart,
    ask,
    everywhere,
)
from dokuei.kit import store
from dokuei.kit.db import scope

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def facility() -> Facility:
    return a_facility()


def keep(facility: Facility, ds: Dataset) -> Outcome:
    sender = a_sender(facility)
    with scope(sender.facilities):
        return services.store_instance(sender, facility_id=facility.pk, content=as_file(ds), at=AT).outcome


def row_of(ds: Dataset) -> Instance:
    with everywhere():
        return Instance.objects.get(sop_instance_uid=ds.SOPInstanceUID)


def bytes_of(row: Instance) -> bytes:
    return store.default().get_range(row.store_key, row.store_offset, row.store_length)


def object_of(key: str) -> Path:
    place = store.default()
    assert isinstance(place, store.FileStore)
    return place.path_of(key)


def flip_bit(key: str, at: int) -> None:
    path = object_of(key)
    with path.open("r+b") as file:
        file.seek(at)
        (byte,) = file.read(1)
        file.seek(at)
        file.write(bytes([byte ^ 1]))


def flip_in(row: Instance) -> None:
    flip_bit(row.store_key, row.store_offset + row.store_length - 40)


def whole_pass() -> None:
    while scrubbing.check_slice(SCRUBBER, at=AT, most=2):
        continue


def damages() -> list[Damage]:
    with everywhere():
        return list(Damage.objects.select_related("instance").order_by("pk"))


def events_of(event: Event) -> int:
    with everywhere():
        return Entry.objects.filter(event=event.value.code).count()


def test_a_flipped_bit_damages_one_instance_and_no_other(facility: Facility) -> None:
    slices = [an_instance() for _ in range(5)]
    for ds in slices:
        keep(facility, ds)
    whole_pass()
    assert damages() == []
    others = [bytes_of(row_of(ds)) for ds in slices if ds is not slices[2]]

    flip_in(row_of(slices[2]))
    whole_pass()
    whole_pass()

    (found,) = damages()
    assert found.instance == row_of(slices[2])
    assert (found.reason, found.repaired_at) == ("differs", None)
    assert events_of(Event.INSTANCE_DAMAGED) == 1
    assert events_of(Event.SCRUB_PASSED) == 3
    assert [bytes_of(row_of(ds)) for ds in slices if ds is not slices[2]] == others
    assert queries.count_damaged() == 1


def test_the_same_instance_sent_again_heals_the_damage(facility: Facility) -> None:
    ds, other = an_instance(), an_instance()
    keep(facility, ds)
    keep(facility, other)
    before, damaged = bytes_of(row_of(ds)), row_of(ds)
    flip_in(damaged)
    whole_pass()

    assert keep(facility, other) is Outcome.REPEATED
    assert keep(facility, ds) is Outcome.STORED

    healed = row_of(ds)
    assert (healed.store_key, healed.store_offset) != (damaged.store_key, damaged.store_offset)
    assert bytes_of(healed) == before
    assert damages()[0].repaired_at == AT
    assert events_of(Event.INSTANCE_REPAIRED) == 1
    assert keep(facility, ds) is Outcome.REPEATED
    whole_pass()
    assert [one for one in damages() if one.repaired_at is None] == []


def test_a_damaged_instance_heals_through_stow(facility: Facility) -> None:
    ds = an_instance()
    keep(facility, ds)
    before = bytes_of(row_of(ds))
    flip_in(row_of(ds))
    whole_pass()
    with everywhere():
        token = a_token(facility)

    body, kind = as_multipart(as_file(ds))
    reply = ask("/dicomweb/aoba/studies", token, method="POST", body=body, content_type=kind)

    assert reply.status == 200
    assert bytes_of(row_of(ds)) == before
    assert queries.count_damaged() == 0


def test_an_object_that_is_gone_or_short_is_damage_and_brought_back_it_is_whole(facility: Facility) -> None:
    ds = an_instance()
    keep(facility, ds)
    segments().close()
    path = object_of(row_of(ds).store_key)
    aside = path.with_suffix(".aside")
    path.rename(aside)

    whole_pass()
    (found,) = damages()
    aside.rename(path)
    whole_pass()

    assert found.reason == "missing"
    assert damages()[0].repaired_at == AT


def test_a_store_that_is_not_mounted_is_no_damage(facility: Facility) -> None:
    keep(facility, an_instance())
    segments().close()
    place = store.default()
    assert isinstance(place, store.FileStore)
    root = place.path_of("segments")
    root.rename(root.with_name("unmounted"))

    with pytest.raises(store.StoreUnreachable):
        whole_pass()
    root.with_name("unmounted").rename(root)
    whole_pass()

    assert damages() == []


def test_an_instance_known_to_be_damaged_is_not_affirmed_as_kept(facility: Facility) -> None:
    from dokuei.imaging.archive.verdict import PROCESSING_FAILURE, question, verdict
    from dokuei.imaging.models import Commitment

    ds = an_instance()
    keep(facility, ds)
    asked = Commitment(
        facility=facility, transaction_uid="1.2", asked=[[ds.SOPClassUID, ds.SOPInstanceUID]], asked_at=AT
    )
    with everywhere():
        assert verdict(question(asked)).failed == ()

    flip_in(row_of(ds))
    whole_pass()

    with everywhere():
        assert verdict(question(asked)).failed == ((ds.SOPClassUID, ds.SOPInstanceUID, PROCESSING_FAILURE),)


def test_a_damaged_pack_is_dropped_and_made_anew_from_the_original(facility: Facility) -> None:
    ds = an_instance()
    keep(facility, ds)
    series_id = row_of(ds).series_id
    packing.pack_series(series_id)
    with everywhere():
        bad = Pack.objects.get()
    flip_bit(bad.store_key, 100)

    whole_pass()

    with everywhere():
        assert not Pack.objects.exists()
    assert not store.default().exists(bad.store_key)
    assert damages()[0].repaired_at is None
    assert queries.count_damaged() == 0, "no original is damaged"
    packing.pack_series(series_id)
    with everywhere():
        fresh = Pack.objects.get()
    assert (fresh.sha256, fresh.size_bytes) == (bad.sha256, bad.size_bytes)
    assert fresh.store_key != bad.store_key
    assert damages()[0].repaired_at is not None


def test_no_pack_is_made_of_a_damaged_original(facility: Facility) -> None:
    ds = an_instance()
    keep(facility, ds)
    flip_in(row_of(ds))
    whole_pass()
    series_id, study_id = row_of(ds).series_id, row_of(ds).study_id

    packing.pack_series(series_id)
    with everywhere():
        assert not Pack.objects.exists()
    keep(facility, ds)
    with everywhere():
        handlers.pack_study(InstanceRepaired(study_id, facility.pk), AT)
    packing.pack_series(series_id)

    with everywhere():
        assert Pack.objects.count() == 1


def test_a_pass_in_many_slices_reads_every_row_once_and_then_rests(facility: Facility) -> None:
    for _ in range(5):
        keep(facility, an_instance())

    whole_pass()

    with everywhere():
        done = Scrub.objects.get()
    assert (done.checked, done.total, done.ended_at) == (5, 5, AT)
    assert (done.next_at - AT).days == 30


def test_a_large_archive_is_read_in_slices_that_take_the_days_that_are_set() -> None:
    assert scrubbing.slice_size(100) == scrubbing.LEAST
    assert scrubbing.slice_size(43_200_000) == 1000
    assert scrubbing.slice_size(10**12) == scrubbing.MOST


def test_only_the_system_may_read_everything_back(facility: Facility) -> None:
    with pytest.raises(NotPermitted):
        scrubbing.check_slice(a_sender(facility), at=AT)
