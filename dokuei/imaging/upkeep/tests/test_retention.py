"""Images go only when they were kept as long as was contracted and nobody needs them; they do not come back."""

from datetime import timedelta

import pytest
from pydicom import Dataset
from pydicom.uid import generate_uid

from dokuei.audit.events import Event
from dokuei.audit.models import Entry
from dokuei.base.errors import NotFound, NotPermitted, Refused
from dokuei.identity.access import system_actor
from dokuei.identity.models import Facility
from dokuei.imaging import queries, services
from dokuei.imaging.archive.keeping import segments
from dokuei.imaging.archive.recovery import look_through
from dokuei.imaging.models import Instance, Quarantined, Segment, Study
from dokuei.imaging.packs import tasks as packing
from dokuei.imaging.packs.models import Pack
from dokuei.imaging.services import Outcome
from dokuei.imaging.tests.builders import AT, a_facility, a_sender, an_instance, as_file, everywhere
from dokuei.imaging.upkeep import retention, tasks
from dokuei.imaging.upkeep.models import Orphan, Tombstone
from dokuei.kit import store
from dokuei.kit.db import scope

pytestmark = pytest.mark.django_db(transaction=True)
CLI = system_actor("test")
LATER = AT + timedelta(days=31)


@pytest.fixture(autouse=True)
def _no_older_segments() -> None:
    """Other tests' images are in no table any more."""
    segments().close()
    for key in list(store.default().keys("segments")):
        store.default().delete(key)


@pytest.fixture
def facility() -> Facility:
    one = a_facility()
    with everywhere():
        services.set_retention(CLI, facility_id=one.pk, days=30, at=AT)
    return one


def keep(facility: Facility, ds: Dataset) -> Outcome:
    sender = a_sender(facility)
    with scope(sender.facilities):
        return services.store_instance(sender, facility_id=facility.pk, content=as_file(ds), at=AT).outcome


def a_settled_study(facility: Facility, ds: Dataset) -> Study:
    keep(facility, ds)
    with everywhere():
        study = Study.objects.get(study_instance_uid=ds.StudyInstanceUID)
        return services.settle_study(CLI, study.pk, at=AT)


def count(*tables: type) -> list[int]:
    with everywhere():
        return [table._base_manager.count() for table in tables]  # type: ignore[attr-defined]


def events_of(event: Event) -> int:
    with everywhere():
        return Entry.objects.filter(event=event.value.code).count()


def test_images_past_their_retention_go_and_the_study_and_tombstones_stay(facility: Facility) -> None:
    ds = an_instance()
    study = a_settled_study(facility, ds)
    changed = an_instance(**{name: ds[name].value for name in ("SOPInstanceUID", "StudyInstanceUID")})
    changed.SeriesInstanceUID, changed.InstanceNumber = ds.SeriesInstanceUID, 9
    assert keep(facility, changed) is Outcome.QUARANTINED
    packing.pack_series(_series_of(study))

    tasks.run(AT + timedelta(days=29))
    assert count(Instance) == [1]
    tasks.run(LATER)

    assert count(Instance, Quarantined, Pack, Tombstone, Study) == [0, 0, 0, 2, 1]
    with everywhere():
        assert Study.objects.get().receipt == "withdrawn"
        assert queries.use_of(facility.pk).used_bytes == 0
    assert events_of(Event.IMAGES_REMOVED) == 1


def _series_of(study: Study) -> int:
    with everywhere():
        return int(study.series.get().pk)


def test_a_removed_image_sent_again_is_answered_and_noted_and_does_not_come_back(facility: Facility) -> None:
    ds = an_instance()
    a_settled_study(facility, ds)
    tasks.run(LATER)

    assert keep(facility, ds) is Outcome.REPEATED

    assert count(Instance) == [0]
    assert events_of(Event.INSTANCE_NOT_RESTORED) == 1
    fresh = an_instance(StudyInstanceUID=ds.StudyInstanceUID, SOPInstanceUID=generate_uid())
    assert keep(facility, fresh) is Outcome.STORED


def test_looking_through_segments_does_not_bring_removed_images_back(facility: Facility) -> None:
    a_settled_study(facility, an_instance())
    segments().close()
    tasks.run(LATER)

    looked = look_through(store.default())

    assert (looked.listed, looked.failed) == (0, 0)
    assert count(Instance) == [0]


def test_images_on_legal_hold_stay_until_it_is_ended(facility: Facility) -> None:
    ds = an_instance()
    a_settled_study(facility, ds)
    uid = ds.StudyInstanceUID
    with everywhere():
        services.hold_legally(CLI, facility_id=facility.pk, study_uid=uid, reason="訴訟", at=AT)

    tasks.run(LATER)
    assert count(Instance) == [1]
    with everywhere():
        services.end_legal_hold(CLI, facility_id=facility.pk, study_uid=uid, reason="和解", at=LATER)
    tasks.run(LATER)

    assert count(Instance) == [0]
    assert events_of(Event.LEGAL_HOLD_SET) == events_of(Event.LEGAL_HOLD_ENDED) == 1


def test_a_legal_hold_takes_a_right_a_reason_and_a_study(facility: Facility) -> None:
    ds = an_instance()
    a_settled_study(facility, ds)
    uid, pk = ds.StudyInstanceUID, facility.pk
    with everywhere():
        with pytest.raises(NotPermitted):
            services.hold_legally(a_sender(facility), facility_id=pk, study_uid=uid, reason="x", at=AT)
        with pytest.raises(Refused):
            services.hold_legally(CLI, facility_id=pk, study_uid=uid, reason=" ", at=AT)
        with pytest.raises(NotFound):
            services.hold_legally(CLI, facility_id=a_facility("minato").pk, study_uid=uid, reason="x", at=AT)


def test_images_somebody_above_needs_stay(facility: Facility, monkeypatch: pytest.MonkeyPatch) -> None:
    study = a_settled_study(facility, an_instance())

    monkeypatch.setattr(retention, "_guards", [lambda ids: {study.pk} & set(ids)])
    tasks.run(LATER)
    monkeypatch.setattr(retention, "_guards", [])
    tasks.run(LATER)

    assert count(Instance) == [1]


def test_without_terms_a_facility_keeps_everything_and_a_study_that_is_not_quiet_stays(
    facility: Facility,
) -> None:
    a_settled_study(a_facility("minato"), an_instance())
    keep(facility, an_instance())

    tasks.run(AT + timedelta(days=10_000))

    assert count(Instance) == [2]


def test_a_segment_goes_a_day_after_nothing_lies_in_it_and_not_while_something_does(
    facility: Facility,
) -> None:
    other = a_facility("minato")
    ds, shared = an_instance(), an_instance()
    a_settled_study(facility, ds)
    with everywhere():
        first = Instance.objects.get().store_key
    segments().close()
    a_settled_study(facility, shared)
    keep(other, an_instance())
    with everywhere():
        second = Instance.objects.order_by("-pk")[0].store_key
    segments().close()
    look_through(store.default())
    with everywhere():
        Segment.objects.update(listed_at=AT)

    tasks.run(LATER)
    assert store.default().exists(first)
    tasks.run(LATER + timedelta(days=1))

    assert not store.default().exists(first)
    assert store.default().exists(second), "another facility's image lies in it"
    assert events_of(Event.OBJECTS_SWEPT) == 1


def test_an_object_no_row_names_goes_after_a_day_and_one_that_was_named_meanwhile_stays(
    facility: Facility,
) -> None:
    place = store.default()
    place.put(f"{facility.pk}/packs/aa/left.htj2k", b"left by a crash")
    tasks.run(AT)
    assert count(Orphan) == [1]

    tasks.run(AT + timedelta(hours=23))
    assert place.exists(f"{facility.pk}/packs/aa/left.htj2k")
    tasks.run(AT + timedelta(hours=24))

    assert not place.exists(f"{facility.pk}/packs/aa/left.htj2k")
    assert count(Orphan) == [0]


def test_studies_that_are_needed_never_keep_those_behind_them(
    facility: Facility, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = {a_settled_study(facility, an_instance()).pk for _ in range(3)}
    free = a_settled_study(facility, an_instance())
    monkeypatch.setattr(retention, "PAGE", 2)
    monkeypatch.setattr(retention, "_guards", [lambda ids: held & set(ids)])

    with everywhere():
        found = retention.past_retention(LATER, most=1)

    assert found == [free.pk]
