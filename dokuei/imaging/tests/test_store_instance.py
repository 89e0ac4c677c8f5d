"""An instance is kept once, as it came, and a contradiction is kept beside it."""

import errno
import io
from datetime import datetime, timedelta

import pydicom
import pytest
from django.utils import timezone
from pydicom import Dataset
from pydicom.uid import generate_uid

from dokuei.audit.events import Event
from dokuei.audit.models import Entry
from dokuei.base.errors import DokueiError, NotFound, NotPermitted
from dokuei.identity.access import Actor, Role
from dokuei.identity.models import Facility
from dokuei.imaging import queries, services
from dokuei.imaging.models import Instance, Quarantined, Study
from dokuei.imaging.services import Outcome, Stored
from dokuei.imaging.tests.builders import (
    AT,
    a_facility,
    a_person,
    a_sender,
    an_instance,
    as_data_set,
    as_file,
    everywhere,
)
from dokuei.kit import due, store
from dokuei.kit.db import scope
from dokuei.patients.models import Patient, Sighting

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def facility() -> Facility:
    return a_facility()


@pytest.fixture
def sender(facility: Facility) -> Actor:
    return a_sender(facility)


def store_file(sender: Actor, ds: Dataset) -> Stored:
    (facility_id,) = sender.facilities
    with scope(sender.facilities):
        return services.store_instance(sender, facility_id=facility_id, content=as_file(ds), at=AT)


def kept_bytes(instance: Instance | Quarantined) -> bytes:
    return store.default().get_range(instance.store_key, instance.store_offset, instance.store_length)


def test_an_instance_is_stored_with_its_study_and_the_data_set_is_byte_equal(
    sender: Actor, facility: Facility
) -> None:
    ds = an_instance()
    bare = as_data_set(ds)

    with scope(sender.facilities):
        stored = services.store_instance(
            sender, facility_id=facility.pk, content=bare, transfer_syntax="1.2.840.10008.1.2", at=AT
        )

    with everywhere():
        instance = Instance.objects.get(sop_instance_uid=ds.SOPInstanceUID)
        row = queries.studies_out([stored.study_id])[0]
        assert stored.outcome is Outcome.STORED
        assert kept_bytes(instance)[instance.data_set_offset :] == bare
        assert pydicom.dcmread(io.BytesIO(kept_bytes(instance))).SOPInstanceUID == ds.SOPInstanceUID
        assert (row["instance_count"], row["series_count"], row["receipt"]) == (1, 1, "receiving")
        assert row["patient"]["display_name"] == "山田 太郎"
        assert row["modalities"] == ["CT"]
        assert row["notes"] == []


def test_the_same_instance_again_is_answered_and_nothing_is_written(sender: Actor) -> None:
    ds = an_instance()
    store_file(sender, ds)
    ds.file_meta.ImplementationVersionName = "OTHER_SENDER"

    again = store_file(sender, ds)

    with everywhere():
        assert again.outcome is Outcome.REPEATED
        assert (Instance.objects.count(), Quarantined.objects.count()) == (1, 0)
        assert Entry.objects.filter(event=Event.INSTANCE_REPEATED.value.code).count() == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"PixelData": b"\1" * 512}, "instance.other_content", id="other pixels"),
        pytest.param(
            {"PatientID": "P2", "StudyInstanceUID": "1.2.3"}, "instance.other_study", id="other patient"
        ),
    ],
)
def test_the_same_uid_with_other_content_is_quarantined_and_both_are_kept(
    sender: Actor, changes: dict[str, object], reason: str
) -> None:
    ds = an_instance()
    store_file(sender, ds)
    with everywhere():
        first = kept_bytes(Instance.objects.get())
    for keyword, value in changes.items():
        setattr(ds, keyword, value)

    outcomes = [store_file(sender, ds).outcome for _ in range(2)]

    with everywhere():
        aside = Quarantined.objects.get()
        assert outcomes == [Outcome.QUARANTINED, Outcome.QUARANTINED]
        assert kept_bytes(Instance.objects.get()) == first
        assert kept_bytes(aside).endswith(ds.PixelData)
        assert aside.reason == reason
        assert Study.objects.count() == 1
        assert queries.studies_out([aside.study_id])[0]["quarantined_count"] == 1


def test_the_same_uids_from_two_facilities_are_two_things_and_neither_sees_the_other(
    sender: Actor,
) -> None:
    ds, other = an_instance(), a_sender(a_facility("midori"))

    outcomes = {store_file(one, ds).outcome for one in (sender, other)}

    assert outcomes == {Outcome.STORED}
    with scope(sender.facilities):
        assert Study.objects.count() == Instance.objects.count() == Patient.objects.count() == 1
        mine = Study.objects.get()
    with scope(other.facilities), pytest.raises(NotFound):
        queries.one(other, mine.pk)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"PatientID": "P9"}, "study.other_patient", id="other patient ID"),
        pytest.param({"PatientSex": "F"}, "study.patient_contradiction", id="other sex"),
        pytest.param({"PatientName": "Suzuki^Ichirou"}, "study.patient_contradiction", id="other name"),
        pytest.param({"StudyDate": "20260101"}, "study.other_date", id="other date"),
        pytest.param({"AccessionNumber": "B7"}, "study.other_accession", id="other accession"),
        pytest.param({"PatientID": ""}, "study.no_patient_id", id="no patient ID"),
    ],
)
def test_an_image_that_contradicts_its_study_is_kept_and_the_study_is_held(
    sender: Actor, changes: dict[str, str], reason: str
) -> None:
    ds = an_instance()
    store_file(sender, ds)
    ds.SOPInstanceUID = generate_uid()
    for keyword, value in changes.items():
        setattr(ds, keyword, value)

    stored = store_file(sender, ds)

    with everywhere():
        study = Study.objects.get()
        assert stored.outcome is Outcome.STORED
        assert study.instances.count() == 2
        assert study.receipt == "held"
        assert reason in study.held_for


def test_a_name_written_in_another_width_is_the_same_patient_and_what_was_missing_is_filled(
    sender: Actor,
) -> None:
    ds = an_instance(PatientName="Yamada^Tarou==ﾔﾏﾀﾞ^ﾀﾛｳ", PatientSex="")
    store_file(sender, ds)
    ds.PatientName, ds.PatientSex = "YAMADA^TAROU=山田^太郎=やまだ^たろう", "M"
    ds.SOPInstanceUID = generate_uid()

    store_file(sender, ds)

    with everywhere():
        patient = Patient.objects.get()
        assert Study.objects.get().receipt == "receiving"
        assert (patient.name_kanji, patient.name_kana, patient.sex) == ("山田 太郎", "ヤマダ タロウ", "M")
        assert Sighting.objects.count() == 2


def test_a_held_study_goes_on_when_a_person_says_why_and_is_not_held_again_for_that(
    sender: Actor, facility: Facility
) -> None:
    ds = an_instance()
    store_file(sender, ds)
    ds.SOPInstanceUID, ds.StudyDate = generate_uid(), "20260101"
    store_file(sender, ds)
    support = a_person(Role.SUPPORT, facility)

    with scope(support.facilities):
        study = services.resolve_study(support, Study.objects.get().pk, reason="日付を確認した", at=AT)
    ds.SOPInstanceUID = generate_uid()
    store_file(sender, ds)

    with everywhere():
        study.refresh_from_db()
        assert (study.receipt, study.held_for) == ("receiving", [])


def test_a_reader_sees_a_study_only_while_granted(sender: Actor, facility: Facility) -> None:
    stored = store_file(sender, an_instance())
    reader = a_person(Role.READER, facility)

    def seen() -> int:
        with scope(reader.facilities):
            return queries.visible_to(reader).count()

    before = seen()
    with scope(reader.facilities):
        services.grant_views(
            reader, study_ids=[stored.study_id], person_id=reader.person_id or 0, reason="reading:1", at=AT
        )
    during = seen()
    with scope(reader.facilities):
        services.end_views(reader, person_id=reader.person_id or 0, reason="reading:1", at=AT)

    assert (before, during, seen()) == (0, 1, 0)


def test_a_grant_with_an_end_lapses_by_itself_and_can_be_prolonged(sender: Actor, facility: Facility) -> None:
    stored = store_file(sender, an_instance())
    reader = a_person(Role.READER, facility)
    now = timezone.now()

    def seen_until(end: datetime) -> int:
        with scope(reader.facilities):
            services.grant_views(
                reader,
                study_ids=[stored.study_id],
                person_id=reader.person_id or 0,
                reason="ahead:1",
                at=now,
                until=end,
            )
            return queries.visible_to(reader).count()

    past, soon = now - timedelta(minutes=1), now + timedelta(minutes=5)
    assert [seen_until(past), seen_until(soon), seen_until(past)] == [0, 1, 0]


def test_a_reader_cannot_grant_views_to_somebody_else(sender: Actor, facility: Facility) -> None:
    stored = store_file(sender, an_instance())
    reader, other = a_person(Role.READER, facility), a_person(Role.READER, facility)

    with scope(reader.facilities), pytest.raises(NotPermitted):
        services.grant_views(
            reader, study_ids=[stored.study_id], person_id=other.person_id or 0, reason="reading:1", at=AT
        )


def test_a_sender_cannot_store_for_another_facility(sender: Actor) -> None:
    other = a_facility("midori")

    with scope(sender.facilities), pytest.raises(NotFound):
        services.store_instance(sender, facility_id=other.pk, content=as_file(an_instance()), at=AT)


def test_an_instance_without_a_uid_is_refused_with_a_sentence_and_nothing_is_kept(sender: Actor) -> None:
    with pytest.raises(DokueiError) as refused:
        store_file(sender, an_instance(StudyInstanceUID=None))

    assert refused.value.error_code == "dicom.uid_missing"
    assert "Study Instance UID" in refused.value.detail
    with everywhere():
        assert Instance.objects.count() == Study.objects.count() == Patient.objects.count() == 0


def test_when_nothing_comes_for_the_set_time_the_study_settles_and_a_late_image_reopens_it(
    sender: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = [one for one in due.kinds() if one.name == "study.settle"]
    monkeypatch.setattr(due, "kinds", lambda: mine)
    ds = an_instance()
    store_file(sender, ds)

    early = due.advance_due(AT + timedelta(seconds=59))
    later = due.advance_due(AT + timedelta(seconds=61))

    with everywhere():
        settled = Study.objects.get()
    ds.SOPInstanceUID = generate_uid()
    store_file(sender, ds)
    with everywhere():
        assert (early, later) == (0, 1)
        assert (settled.receipt, settled.settle_due_at) == ("settled", None)
        assert Study.objects.get().receipt == "receiving"


def test_a_study_is_complete_when_what_was_announced_is_here(sender: Actor) -> None:
    ds = an_instance()
    stored = store_file(sender, ds)
    with scope(sender.facilities):
        (facility_id,) = sender.facilities
        services.announce_instances(
            sender, facility_id=facility_id, study_uid=stored.study_instance_uid, count=2, at=AT
        )
    ds.SOPInstanceUID = generate_uid()

    store_file(sender, ds)

    with everywhere():
        assert Study.objects.get().receipt == "complete"


def test_a_complete_study_is_received_again_when_more_is_announced(sender: Actor) -> None:
    ds = an_instance()
    (facility_id,) = sender.facilities
    stored = store_file(sender, ds)
    uid, said = stored.study_instance_uid, []
    for count in (1, 2):
        with scope(sender.facilities):
            services.announce_instances(sender, facility_id=facility_id, study_uid=uid, count=count, at=AT)
        with everywhere():
            said.append(Study.objects.get().receipt)

    assert said == ["complete", "receiving"]


def test_a_manifest_that_lists_a_part_adds_what_is_here_and_what_was_listed_before(sender: Actor) -> None:
    ds = an_instance()
    (facility_id,) = sender.facilities
    here = store_file(sender, ds)
    for listed in (["1.2.1", "1.2.2"], ["1.2.2", "1.2.3"], [here.sop_instance_uid]):
        with scope(sender.facilities):
            services.announce_instances(
                sender,
                facility_id=facility_id,
                study_uid=here.study_instance_uid,
                count=len(listed),
                listed=listed,
                at=AT,
            )

    with everywhere():
        assert Study.objects.get().expected_count == 4


def test_a_store_that_is_full_refuses_and_leaves_no_row(
    sender: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.pwritev", full)

    with pytest.raises(store.StoreFull):
        store_file(sender, an_instance())

    with everywhere():
        assert Instance.objects.count() == Study.objects.count() == 0
