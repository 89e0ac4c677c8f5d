"""A hospital's archive is asked by C-FIND how many instances a study has; pynetdicom is the archive."""

import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event as Flag
from typing import Any

import pytest
from django.test import Client
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from pydicom import Dataset
from pydicom.uid import generate_uid
from pynetdicom import AE, evt

from dokuei.audit.models import Entry
from dokuei.identity.access import system_actor
from dokuei.imaging import services
from dokuei.imaging.counts import asking, tasks
from dokuei.imaging.counts.models import ArchiveQuestion
from dokuei.imaging.counts.rules import MOST_TRIES
from dokuei.imaging.errors import AeAddressMissing
from dokuei.imaging.models import Announcement
from dokuei.imaging.tests.builders import AT, a_facility, a_sender, a_token, an_instance, as_file
from dokuei.kit import due
from dokuei.kit.db import scope, system_scope
from tests.builders import run_jobs
from tests.conformance.conftest import a_device
from tests.server import free_port

pytestmark = pytest.mark.django_db(transaction=True)

FIND_STUDY = "1.2.840.10008.5.1.4.1.2.2.1"
VERIFICATION = "1.2.840.10008.1.1"
STUDY = generate_uid()


@dataclass
class Archive:
    """A hospital's archive: what it has of the study, what it says of that, and what it was asked."""

    of_study: int | None = None
    series: dict[str, int | None] = field(default_factory=dict)
    images: dict[str, int] = field(default_factory=dict)
    status: int = 0
    waits_for: Flag | None = None
    asked: list[str] = field(default_factory=list)

    def on_find(self, event: Any) -> Iterator[tuple[int, Dataset | None]]:
        key = event.identifier
        self.asked.append(key.QueryRetrieveLevel)
        if self.waits_for is not None:
            self.waits_for.wait(60)
        if self.status:
            yield self.status, None
            return
        for values in self.answers(key):
            ds = Dataset()
            ds.QueryRetrieveLevel = key.QueryRetrieveLevel
            for name, value in values.items():
                setattr(ds, name, value)
            yield 0xFF00, ds

    def answers(self, key: Dataset) -> Iterator[dict[str, Any]]:
        if key.QueryRetrieveLevel == "STUDY":
            yield {"StudyInstanceUID": generate_uid(), "NumberOfStudyRelatedInstances": 9999}  # another's
            known = {} if self.of_study is None else {"NumberOfStudyRelatedInstances": self.of_study}
            yield {"StudyInstanceUID": key.StudyInstanceUID, **known}
        elif key.QueryRetrieveLevel == "SERIES":
            for uid, count in self.series.items():
                said = {} if count is None else {"NumberOfSeriesRelatedInstances": count}
                yield {"SeriesInstanceUID": uid, **said}
        else:
            for _ in range(self.images[key.SeriesInstanceUID]):
                yield {"SOPInstanceUID": generate_uid()}


def register(port: int, title: str = "PACS") -> None:
    a_device(title, peer_host="127.0.0.1", port=port, is_archive=True)


@contextmanager
def listening(
    archive: Archive, *, title: str = "PACS", offers: str = FIND_STUDY, of: str = ""
) -> Iterator[None]:
    """The archive on a port of its own, registered for the facility; it lets only `of` in, if that is given."""
    port = free_port()
    ae = AE(title)
    ae.require_calling_aet = [of] if of else []
    ae.add_supported_context(offers)
    handlers: list[Any] = [(evt.EVT_C_FIND, archive.on_find)]
    server: Any = ae.start_server(("127.0.0.1", port), block=False, evt_handlers=handlers)
    register(port, title)
    try:
        yield
    finally:
        if archive.waits_for is not None:
            archive.waits_for.set()
        server.shutdown()


class Hospital:
    """Images that arrive at given seconds, and a worker that lives by the same clock."""

    def __init__(self) -> None:
        self.began = datetime.now(UTC)
        self.sender = a_sender(a_facility())
        self.client = Client(headers={"authorization": f"Bearer {a_token(a_facility())}"})

    def at(self, seconds: float) -> datetime:
        return self.began + timedelta(seconds=seconds)

    def sends(self, count: int, *, at: float = 0) -> None:
        (facility_id,) = self.sender.facilities
        for _ in range(count):
            content = as_file(an_instance(StudyInstanceUID=STUDY))
            with scope(self.sender.facilities):
                services.store_instance(self.sender, facility_id=facility_id, content=content, at=self.at(at))
        run_jobs()  # the news of the arrival; an archive is asked by `works` only

    def works(self, seconds: float) -> int:
        """What is due, and the questions that follow; how many were asked."""
        due.advance_due(self.at(seconds))
        jobs = list(ProcrastinateJob.objects.filter(task_name="dokuei.ask_archive", status="todo"))
        for job in jobs:
            tasks.ask(**job.args, at=self.at(seconds))
            with system_scope("test"):
                app.connector.get_sync_connector().execute_query(
                    "update procrastinate_jobs set status = 'succeeded' where id = %(id)s", id=job.pk
                )
        return len(jobs)

    def study(self) -> dict[str, Any]:
        """As the screens get it."""
        (one,) = self.client.get("/api/v1/studies").json()["items"]
        return dict(one)

    def counts(self) -> tuple[str, int, int | None]:
        one = self.study()
        return one["receipt"], one["instance_count"], one["expected_count"]


@pytest.fixture
def hospital(monkeypatch: pytest.MonkeyPatch) -> Hospital:
    mine = [one for one in due.kinds() if one.name in {"study.settle", "archive.question"}]
    monkeypatch.setattr(due, "kinds", lambda: mine)
    return Hospital()


def test_what_the_archive_has_is_shown_while_images_come_in_and_who_said_it(hospital: Hospital) -> None:
    with listening(Archive(of_study=5)):
        hospital.sends(2)

        assert hospital.works(1) == 0
        assert hospital.works(6) == 1

    study = hospital.study()
    assert hospital.counts() == ("receiving", 2, 5)
    said = study["expected_from"]
    assert (said["source"], said["by"]) == ("c_find", "PACS")
    assert datetime.fromisoformat(said["at"]) == hospital.at(6).replace(
        microsecond=hospital.at(6).microsecond // 1000 * 1000
    )
    with system_scope("test"):
        (entry,) = Entry.objects.filter(event="study.counted")
        assert '"title":"PACS"' in entry.body.replace(" ", "")


def test_a_study_is_complete_when_the_archive_agrees_while_nothing_comes(hospital: Hospital) -> None:
    archive = Archive(of_study=2)
    with listening(archive):
        hospital.sends(2)
        hospital.works(6)
        assert hospital.counts() == ("receiving", 2, 2)  # the archive may be receiving it, too

        hospital.works(17)

    assert hospital.counts() == ("complete", 2, 2)
    assert hospital.works(300) == 0


def test_an_archive_that_grows_completes_nothing_early(hospital: Hospital) -> None:
    archive = Archive(of_study=2)
    with listening(archive):
        hospital.sends(1)
        hospital.works(6)
        hospital.sends(2, at=8)  # more than it had
        assert hospital.counts() == ("receiving", 3, 2)
        archive.of_study = 4

        hospital.works(18)
        assert hospital.counts() == ("receiving", 3, 4)
        hospital.sends(1, at=20)
        hospital.works(31)

    assert hospital.counts() == ("complete", 4, 4)


def test_a_study_that_stays_short_is_asked_about_before_it_settles_and_says_so(hospital: Hospital) -> None:
    archive = Archive(of_study=5)
    with listening(archive):
        hospital.sends(2)
        asked = [seconds for seconds in range(70) if hospital.works(seconds)]

        assert hospital.counts() == ("settled", 2, 5)
        assert (len(asked), asked[-1]) == (3, 50)  # soon, in the quiet, and before it settles
        hospital.sends(3, at=80)
        hospital.works(86)
        hospital.works(96)

    assert hospital.counts() == ("complete", 5, 5)


@pytest.mark.parametrize(
    ("archive", "levels"),
    [
        pytest.param(Archive(of_study=3), {"STUDY"}, id="it counts studies"),
        pytest.param(Archive(series={"1.2": 2, "1.3": 1}), {"STUDY", "SERIES"}, id="it counts series"),
        pytest.param(Archive(of_study=0, series={"1.2": 2, "1.3": 1}), {"STUDY", "SERIES"}, id="it says 0"),
        pytest.param(
            Archive(series={"1.2": 2, "1.3": None}, images={"1.2": 2, "1.3": 1}),
            {"STUDY", "SERIES", "IMAGE"},
            id="it counts nothing",
        ),
    ],
)
def test_an_archive_that_does_not_count_studies_is_asked_for_series_and_images(
    hospital: Hospital, archive: Archive, levels: set[str]
) -> None:
    with listening(archive):
        hospital.sends(1)
        hospital.works(6)

    assert hospital.counts() == ("receiving", 1, 3)
    assert set(archive.asked) == levels


def silent() -> AbstractContextManager[Any]:
    """Takes the connection and says nothing, not even to the association."""
    server = socket.create_server(("127.0.0.1", 0))
    register(server.getsockname()[1])
    return server


def away() -> AbstractContextManager[Any]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        register(server.getsockname()[1])
    return server


UNHELPFUL: dict[str, Callable[[], AbstractContextManager[Any]]] = {
    "nobody is there": away,
    "never answers the association": silent,
    "never answers the question": lambda: listening(Archive(of_study=5, waits_for=Flag())),
    "refuses the association": lambda: listening(Archive(of_study=5), of="SOMEBODY"),
    "does not offer C-FIND": lambda: listening(Archive(of_study=5), offers=VERIFICATION),
    "refuses the question": lambda: listening(Archive(of_study=5, status=0xA700)),
    "has nothing of it": lambda: listening(Archive()),
}


@pytest.mark.parametrize("archive", UNHELPFUL.values(), ids=UNHELPFUL)
def test_an_archive_that_does_not_help_delays_nothing_and_is_given_up(
    hospital: Hospital, archive: Callable[[], AbstractContextManager[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "OPEN_SECONDS", 0.2)
    monkeypatch.setattr(asking, "ANSWER_SECONDS", 0.2)
    with archive():
        hospital.sends(2)
        asked = hospital.works(6)
        hospital.works(61)
        settled = hospital.counts()
        for minutes in range(2, 80, 2):
            asked += hospital.works(minutes * 60)

    assert settled == ("settled", 2, None)
    assert 1 < asked <= MOST_TRIES
    with system_scope("test"):
        assert ArchiveQuestion.objects.get().ask_at is None
        assert not Announcement.objects.exists()


def test_one_archive_that_is_away_does_not_silence_another(hospital: Hospital) -> None:
    away()
    with listening(Archive(of_study=4), title="SMALL"), listening(Archive(of_study=7), title="VNA"):
        hospital.sends(2)
        hospital.works(6)

    assert hospital.counts() == ("receiving", 2, 7)
    assert hospital.study()["expected_from"]["by"] == "VNA"


def test_nobody_is_asked_about_what_was_announced_and_an_archive_of_another_facility_never(
    hospital: Hospital,
) -> None:
    elsewhere = Archive(of_study=9)
    with listening(elsewhere):
        with system_scope("test"):
            other = a_facility("midori")
        midori = a_sender(other)
        with scope(midori.facilities):
            services.store_instance(
                midori, facility_id=other.pk, content=as_file(an_instance()), at=hospital.at(0)
            )
        hospital.sends(1)
        body = {"study_instance_uid": STUDY, "instance_count": 2}
        hospital.client.post("/api/v1/studies/announcements", body, content_type="application/json")

        assert hospital.works(6) == 0

    said = hospital.study()["expected_from"]
    assert (hospital.counts()[2], said["source"]) == (2, "manifest")
    assert elsewhere.asked == []


def test_an_archive_is_registered_with_where_it_listens() -> None:
    with system_scope("test"):
        facility = a_facility()
        cli = system_actor("cli")
        with pytest.raises(AeAddressMissing):
            services.add_ae_title(cli, facility_id=facility.pk, title="PACS", is_archive=True, at=AT)

        row = services.add_ae_title(
            cli,
            facility_id=facility.pk,
            title="PACS",
            peer_host="192.0.2.20",
            port=104,
            is_archive=True,
            at=AT,
        )

    assert row.is_archive


def test_a_question_is_seen_in_its_facilitys_scope_only(hospital: Hospital) -> None:
    register(free_port())
    hospital.sends(1)

    with scope(hospital.sender.facilities):
        assert ArchiveQuestion.objects.count() == 1
    with scope({a_facility("midori").pk}):
        assert ArchiveQuestion.objects.count() == 0
