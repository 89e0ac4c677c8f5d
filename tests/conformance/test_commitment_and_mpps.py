"""Storage commitment and performed procedure steps, with pynetdicom as the device."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event as Flag
from typing import Any

import psycopg
import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from pydicom import Dataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid
from pynetdicom import AE, evt

from dokuei.dicom import write
from dokuei.dicom.net import command
from dokuei.dicom.net.command import Act
from dokuei.dicom.net.requestor import Address, Requestor
from dokuei.dicom.syntax import EXPLICIT_LE
from dokuei.imaging.dimse import Listener
from dokuei.imaging.dimse.reports import report
from dokuei.imaging.handlers import on_commitment_due
from dokuei.imaging.models import Announcement, Commitment, Instance, Study
from dokuei.imaging.tests.builders import an_instance, as_file
from dokuei.kit import store
from dokuei.kit.db import system_scope
from tests.builders import run_jobs
from tests.conformance.conftest import a_device, as_item, wait_until
from tests.conformance.sending import send
from tests.server import free_port

pytestmark = pytest.mark.django_db(transaction=True)
COMMITMENT = "1.2.840.10008.1.20.1"
WELL_KNOWN = "1.2.840.10008.1.20.1.1"
MPPS = "1.2.840.10008.3.1.2.3.3"


def stored(listener: Listener, folder: Path, count: int = 2, **changes: Any) -> list[Dataset]:
    changes = {"StudyInstanceUID": generate_uid(), **changes}
    made = [an_instance(InstanceNumber=number + 1, **changes) for number in range(count)]
    items = []
    for number, ds in enumerate(made):
        path = folder / f"{number}.dcm"
        path.write_bytes(as_file(ds))
        items.append(as_item(path))
    assert set(send(listener, items).values()) == {""}
    return made


def question(instances: list[Dataset]) -> Dataset:
    ds = Dataset()
    ds.TransactionUID = generate_uid()
    ds.ReferencedSOPSequence = []
    for one in instances:
        item = Dataset()
        item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = one.SOPClassUID, one.SOPInstanceUID
        ds.ReferencedSOPSequence.append(item)
    return ds


class Device:
    """A device that asks, and hears N-EVENT-REPORTs on the same association or on its own port."""

    def __init__(self) -> None:
        self.reports: list[tuple[int, Dataset]] = []
        self.heard = Flag()

    def on_report(self, event: Any) -> tuple[int, None]:
        self.reports.append((event.event_type, event.event_information))
        self.heard.set()
        return 0, None

    def ask(self, listener: Listener, ds: Dataset, *, stay: bool = True) -> int:
        ae = AE("MODALITY")
        ae.add_requested_context(COMMITMENT, ExplicitVRLittleEndian)
        handlers: list[Any] = [(evt.EVT_N_EVENT_REPORT, self.on_report)]
        assoc = ae.associate("127.0.0.1", listener.port, ae_title="DOKUEI", evt_handlers=handlers)
        assert assoc.is_established
        status, _ = assoc.send_n_action(ds, 1, COMMITMENT, WELL_KNOWN)
        if stay:
            assert self.heard.wait(30)
            assoc.release()
        else:
            assoc.abort()
        return int(status.Status)

    @contextmanager
    def listening(self, port: int) -> Iterator[None]:
        ae = AE("MODALITY")
        ae.add_supported_context(COMMITMENT, scu_role=False, scp_role=True)
        server: Any = ae.start_server(
            ("127.0.0.1", port), block=False, evt_handlers=[(evt.EVT_N_EVENT_REPORT, self.on_report)]
        )
        try:
            yield
        finally:
            server.shutdown()


class Watching(Device):
    """Counts, while it is told, the transactions that stand open in the database."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: list[int] = []

    def on_report(self, event: Any) -> tuple[int, None]:
        with psycopg.connect(os.environ["DOKUEI_TEST_SUPERUSER"]) as connection:
            found = connection.execute(
                "select count(*) from pg_stat_activity"
                " where datname = current_database() and state like 'idle in transaction%'"
            ).fetchone()
        assert found is not None
        self.waiting.append(found[0])
        return super().on_report(event)


def uids(ds: Dataset, keyword: str) -> set[str]:
    return {str(one.ReferencedSOPInstanceUID) for one in ds.get(keyword, [])}


def test_what_is_kept_and_what_is_not_is_told_on_the_same_association(
    listener: Listener, tmp_path: Path
) -> None:
    a_device("MODALITY")
    kept = stored(listener, tmp_path)
    missing = an_instance()
    device = Device()

    status = device.ask(listener, question([*kept, missing]))

    ((kind, report),) = device.reports
    assert status == 0
    assert kind == 2
    assert uids(report, "ReferencedSOPSequence") == {one.SOPInstanceUID for one in kept}
    assert uids(report, "FailedSOPSequence") == {missing.SOPInstanceUID}
    assert report.FailedSOPSequence[0].FailureReason == 0x0112
    with system_scope("test"):
        wait_until(lambda: Commitment.objects.get().reported_at is not None)


def test_all_kept_is_event_one_and_a_lost_segment_is_never_promised(
    listener: Listener, tmp_path: Path
) -> None:
    a_device("MODALITY")
    kept = stored(listener, tmp_path)
    first, second = Device(), Device()

    first.ask(listener, question(kept))
    with system_scope("test"):
        key = Instance.objects.values_list("store_key", flat=True).first()
    store.default().delete(str(key))
    second.ask(listener, question(kept))

    assert [kind for kind, _ in first.reports] == [1]
    assert [kind for kind, _ in second.reports] == [2]
    assert {one.FailureReason for one in second.reports[0][1].FailedSOPSequence} == {0x0110}


def test_a_device_that_was_away_is_told_when_it_listens_again(listener: Listener, tmp_path: Path) -> None:
    port = free_port()
    a_device("MODALITY", peer_host="127.0.0.1", port=port)
    kept = stored(listener, tmp_path)
    device, now = Device(), datetime.now(UTC)
    device.ask(listener, question(kept), stay=False)
    with system_scope("test"):
        wait_until(Commitment.objects.exists)
        row = Commitment.objects.get()
        assert row.report_at is not None

    with system_scope("test"):
        on_commitment_due(row, now)
    assert not report(row.pk, at=now)
    assert not device.reports
    with device.listening(port):
        assert report(row.pk, at=now + timedelta(minutes=5))

    assert [kind for kind, _ in device.reports] == [1]
    with system_scope("test"):
        row.refresh_from_db()
        assert row.reported_at is not None
        assert row.report_at is None


def test_a_device_is_told_in_the_background_and_no_transaction_waits_for_it(
    listener: Listener, tmp_path: Path
) -> None:
    port = free_port()
    a_device("MODALITY", peer_host="127.0.0.1", port=port)
    kept = stored(listener, tmp_path)
    device = Watching()
    device.ask(listener, question(kept), stay=False)
    with system_scope("test"):
        wait_until(Commitment.objects.exists)
        row = Commitment.objects.get()
    for _ in range(2):  # the timer again, before the worker came to it
        with system_scope("test"):
            on_commitment_due(row, datetime.now(UTC))
    with system_scope("test"):
        assert ProcrastinateJob.objects.filter(task_name="dokuei.report_commitment").count() == 1

    with device.listening(port):
        run_jobs()

    assert [kind for kind, _ in device.reports] == [1]
    assert device.waiting == [0]
    with system_scope("test"):
        row.refresh_from_db()
        assert row.reported_at is not None


def test_an_image_that_comes_while_we_report_is_stored_first(listener: Listener, tmp_path: Path) -> None:
    a_device("MODALITY")
    kept = stored(listener, tmp_path)
    late = tmp_path / "late.dcm"
    late.write_bytes(as_file(an_instance()))
    item = as_item(late)
    to = Address("DOKUEI", "127.0.0.1", listener.port)
    wanted = [(COMMITMENT, (EXPLICIT_LE,)), (item.sop_class_uid, (item.transfer_syntax,))]
    device = Requestor.open(to, "MODALITY", wanted)
    asking = device.context_of(COMMITMENT, EXPLICIT_LE)
    storing = device.context_of(item.sop_class_uid, item.transfer_syntax)
    assert asking is not None
    assert storing is not None
    data = write.encode(json.loads(question(kept).to_json()), is_implicit=False)
    words: dict[int, command.Value] = {
        command.REQUESTED_CLASS: COMMITMENT,
        command.FIELD: int(Act.N_ACTION),
        command.REQUESTED_INSTANCE: WELL_KNOWN,
        command.ACTION_TYPE: 1,
        command.DATA_SET: 0,
    }
    device.ask(asking, words, [data])
    event = device.connection.read_message()
    assert event is not None
    assert command.number(event.command, command.FIELD) == Act.N_EVENT_REPORT

    status = device.store(
        storing, item.sop_class_uid, item.sop_instance_uid, [late.read_bytes()[item.offset :]]
    )
    reply: dict[int, command.Value] = {
        command.CLASS: COMMITMENT,
        command.FIELD: Act.N_EVENT_REPORT | command.RESPONSE,
        command.RESPONDED: command.number(event.command, command.MESSAGE),
        command.DATA_SET: 0x0101,
        command.STATUS: 0,
        command.INSTANCE: WELL_KNOWN,
    }
    device.connection.send_message(asking, command.encode(reply))
    with system_scope("test"):
        wait_until(lambda: Commitment.objects.get().reported_at is not None)
    device.close()

    assert status == 0
    wait_until(listener.lister.is_idle)
    with system_scope("test"):
        assert Instance.objects.filter(sop_instance_uid=item.sop_instance_uid).exists()


def test_a_question_about_nothing_is_refused(listener: Listener) -> None:
    a_device("MODALITY")

    assert Device().ask(listener, question([]), stay=False) == 0x0115


# --- performed procedure steps


@contextmanager
def steps(listener: Listener) -> Iterator[Any]:
    ae = AE("MODALITY")
    ae.add_requested_context(MPPS)
    assoc = ae.associate("127.0.0.1", listener.port, ae_title="DOKUEI")
    assert assoc.is_established
    yield assoc
    assoc.release()


def begun(study_uid: str) -> Dataset:
    item = Dataset()
    item.StudyInstanceUID = study_uid
    ds = Dataset()
    ds.ScheduledStepAttributesSequence = [item]
    ds.PerformedProcedureStepStatus = "IN PROGRESS"
    return ds


def ended(count: int, status: str = "COMPLETED") -> Dataset:
    series = Dataset()
    series.ReferencedImageSequence = []
    for _ in range(count):
        item = Dataset()
        item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = COMMITMENT, generate_uid()
        series.ReferencedImageSequence.append(item)
    ds = Dataset()
    ds.PerformedProcedureStepStatus = status
    ds.PerformedSeriesSequence = [series]
    return ds


def test_a_study_is_complete_when_its_step_has_ended_and_its_images_are_here(
    listener: Listener, tmp_path: Path
) -> None:
    a_device("MODALITY")
    study, uid = generate_uid(), generate_uid()

    with steps(listener) as assoc:
        assert assoc.send_n_create(begun(study), MPPS, uid)[0].Status == 0
        stored(listener, tmp_path, 2, StudyInstanceUID=study)
        with system_scope("test"):
            assert Study.objects.get().receipt == "receiving"
        assert assoc.send_n_set(ended(3), MPPS, uid)[0].Status == 0
        with system_scope("test"):
            row = Study.objects.get()
            assert (row.expected_count, row.receipt) == (3, "receiving")
        stored(listener, tmp_path, 1, StudyInstanceUID=study)

    with system_scope("test"):
        assert Study.objects.get().receipt == "complete"


def test_an_announcement_before_the_first_image_is_remembered(listener: Listener, tmp_path: Path) -> None:
    a_device("MODALITY")
    study = generate_uid()
    with steps(listener) as assoc:
        for _ in range(2):  # two steps, one study
            uid = generate_uid()
            assoc.send_n_create(begun(study), MPPS, uid)
            assoc.send_n_set(ended(1), MPPS, uid)

    stored(listener, tmp_path, 1, StudyInstanceUID=study)

    with system_scope("test"):
        row = Study.objects.get()
        assert (row.expected_count, row.receipt) == (2, "receiving")


def test_steps_that_make_no_sense_are_refused(listener: Listener) -> None:
    a_device("MODALITY")
    uid, without_study = generate_uid(), Dataset()
    without_study.PerformedProcedureStepStatus = "IN PROGRESS"
    with steps(listener) as assoc:
        assert assoc.send_n_set(ended(1), MPPS, uid)[0].Status == 0x0112
        assert assoc.send_n_create(without_study, MPPS, uid)[0].Status == 0x0120
        assert assoc.send_n_create(begun(generate_uid()), MPPS, uid)[0].Status == 0
        assert assoc.send_n_create(begun(generate_uid()), MPPS, uid)[0].Status == 0x0111
        assert assoc.send_n_set(ended(1, "DISCONTINUED"), MPPS, uid)[0].Status == 0
        assert assoc.send_n_set(ended(1), MPPS, uid)[0].Status == 0x0110

    with system_scope("test"):
        assert Announcement.objects.get().state == "discontinued"
