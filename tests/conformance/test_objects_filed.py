"""Objects of a signed report in the archive: given by every door, disturbing nothing, one of each after any crash."""

import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pydicom
import pytest

from dokuei.audit.events import Event
from dokuei.audit.models import Entry
from dokuei.base.errors import Unavailable
from dokuei.hub import health
from dokuei.imaging import queries as imaging
from dokuei.imaging.archive.recovery import look_through
from dokuei.imaging.dimse import Listener
from dokuei.imaging.models import Instance, Quarantined
from dokuei.imaging.tests.builders import a_token, ask
from dokuei.kit import store
from dokuei.reporting import handlers
from dokuei.reporting.events import ReportSigned
from dokuei.reporting.objects import rules
from dokuei.reporting.objects.tasks import write_objects
from dokuei.worklist.models import Reading
from tests.builders import NOW, at_large, run_due, run_jobs
from tests.conformance.conftest import a_device
from tests.conformance.signed import Signed, a_night, export, objects, write_out
from tests.conformance.test_query_retrieve import found, moved, storescp
from tests.server import free_port

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def signed(real_dicom: Path) -> Signed:
    return a_night(real_dicom)


def test_the_archive_gives_them_by_every_door(signed: Signed, listener: Listener, tmp_path: Path) -> None:
    a_device("MODALITY", may_query=True)
    port = free_port()
    a_device("ARCHIVE", peer_host="127.0.0.1", port=port)
    token = a_token(signed.facility)
    signed.sign()
    made = {str(ds.SOPInstanceUID): ds for ds in write_out()}
    studies = [signed.study.study_instance_uid, str(signed.prior[0].StudyInstanceUID)]

    by_find = {
        str(one.SOPInstanceUID)
        for uid in studies
        for one in found(listener, QueryRetrieveLevel="IMAGE", StudyInstanceUID=uid, SOPInstanceUID="")
    }
    by_qido = {
        one["00080018"]["Value"][0]
        for uid in studies
        for one in ask(f"/dicomweb/aoba/studies/{uid}/instances", token).json
    }
    with storescp(tmp_path / "out", port):
        keys = ("QueryRetrieveLevel=STUDY", f"StudyInstanceUID={studies[0]}\\{studies[1]}")
        done = moved(listener, tmp_path, "ARCHIVE", *keys)

    assert set(made) < by_find == by_qido
    assert done.returncode == 0, done.stderr
    got = {str(one.SOPInstanceUID): one for one in map(pydicom.dcmread, (tmp_path / "out").iterdir())}
    assert set(got) == by_find
    assert all(got[uid] == ds for uid, ds in made.items())


def test_own_objects_disturb_nothing_that_was_received(signed: Signed) -> None:
    with at_large():
        study = signed.study
        before = (imaging.studies_out([study.pk])[0], imaging.images_manifest([(study.pk, "current")]))
    signed.sign()
    run_jobs()  # the news of the signature

    write_out()

    with at_large():
        study.refresh_from_db()
        after = (imaging.studies_out([study.pk])[0], imaging.images_manifest([(study.pk, "current")]))
        assert imaging.receipts([study.pk]) == [("settled", len(signed.current))]
        assert Reading.objects.count() == 1
        assert not Quarantined.objects.exists()
    assert after == before
    with at_large():
        Instance.objects.filter(study=study).delete()  # as retention does
        assert imaging.receipts([study.pk]) == [("settled", 0)]
    assert not {"KO", "PR", "SR"} & set(study.modalities)
    assert export().state == "filed"


def test_writing_again_makes_nothing_twice(signed: Signed) -> None:
    signed.sign()
    first = write_out()

    with at_large():
        handlers.export_signed(ReportSigned(signed.report, signed.facility.pk, 1), NOW)
    write_objects.func(export_id=export().pk)
    again = write_out()

    assert [ds.SOPInstanceUID for ds in again] == [ds.SOPInstanceUID for ds in first]
    assert objects() == first
    with at_large():
        assert not Quarantined.objects.exists()


KILLED_AT = """
import os, signal, sys
import django
django.setup()
from dokuei.imaging.services import filing, storing
from dokuei.reporting.objects import making, services, tasks

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def after(times, work):
    done = []
    def counted(*args, **kwargs):
        found = work(*args, **kwargs)
        done.append(1)
        return die() if len(done) == times else found
    return counted

match sys.argv[1]:
    case "planned":
        making.Maker.make = die
    case "kept, not listed":
        storing.list_arrivals = die
    case "third kept, not listed":
        storing.arrival_of = after(3, storing.arrival_of)
    case "two filed":
        tasks.imaging.file_object = after(2, tasks.imaging.file_object)
    case "all filed":
        services.finish_export = die
tasks.write_objects.func(export_id=int(sys.argv[2]))
"""


@pytest.mark.parametrize(
    "moment", ["planned", "kept, not listed", "third kept, not listed", "two filed", "all filed"]
)
def test_a_worker_killed_while_writing_leaves_exactly_one_of_each(signed: Signed, moment: str) -> None:
    signed.sign()
    run_jobs()
    run_due()
    died = subprocess.run(
        [sys.executable, "-c", KILLED_AT, moment, str(export().pk)],
        check=False,
        capture_output=True,
        timeout=120,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()

    look_through(store.default())  # as the listener does after a crash
    write_objects.func(export_id=export().pk)

    made = objects()
    assert export().state == "filed"
    assert len(made) == len({ds.SOPInstanceUID for ds in made}) == 15
    with at_large():
        assert not Quarantined.objects.exists()
        assert imaging.receipts([signed.study.pk]) == [("settled", len(signed.current))]
        assert Instance.objects.count() == len(signed.current) + len(signed.prior) + 15


def test_what_cannot_be_written_is_shown_to_support_and_tried_again(
    signed: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed.sign()
    run_jobs()
    monkeypatch.setattr("dokuei.imaging.services.file_object", no_room)

    at = datetime.now(UTC)
    for _ in range(rules.TRIES_MOST + 1):
        run_due(at)
        run_jobs()
        at = max(at, export().try_at or at)
    failed = export()
    sentences = [one.sentence for one in health.checks(at) if not one.ok and one.name == "exports"]
    monkeypatch.undo()
    run_due(at + rules.SELDOM)
    run_jobs()

    assert (failed.state, failed.why) == ("failed", "store.no_room")
    assert sentences == [
        "報告1件の計測・キー画像をDICOMで保存できていません。監査記録で理由を確認してください"
    ]
    with at_large():
        assert Entry.objects.filter(event=Event.EXPORT_FAILED.value.code).count() == 1
    assert export().state == "filed"
    assert len(objects()) == 15


def no_room(*_: Any, **__: Any) -> None:
    raise Unavailable(code="store.no_room")
