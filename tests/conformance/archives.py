"""A hospital's archive for tests: pynetdicom as SCP of C-FIND, C-MOVE and C-GET, honest or not."""

import io
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event as Flag
from typing import Any

import pydicom
from django.test import Client
from pydicom import Dataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid
from pynetdicom import AE, evt

from dokuei.identity.access import Role
from dokuei.priors.models import PriorCandidate
from dokuei.worklist.models import Reading
from tests.builders import (
    a_facility,
    a_person,
    a_sent_request,
    a_study,
    at_large,
    ct_instance,
    run_due,
    run_jobs,
    signed_in,
)
from tests.conformance.conftest import a_device
from tests.server import free_port

FIND, MOVE, GET = (f"1.2.840.10008.5.1.4.1.2.2.{number}" for number in (1, 2, 3))


def a_prior(day: str, *, count: int = 2, patient_id: str = "P1", **changes: Any) -> list[Dataset]:
    """The images of an earlier study."""
    study = generate_uid()
    made: list[Dataset] = []
    for number in range(1, count + 1):
        ds = pydicom.dcmread(io.BytesIO(ct_instance(study_uid=study, number=number, patient_id=patient_id)))
        ds.StudyDate = day
        for name, value in changes.items():
            setattr(ds, name, value)
        made.append(ds)
    return made


@dataclass
class Archive:
    """What it has, what it says instead of the truth, and what it was asked."""

    studies: list[list[Dataset]] = field(default_factory=list)
    says: dict[str, Any] = field(default_factory=dict)
    """Attributes it claims for every study, whatever is asked."""
    sends: list[Dataset] | None = None
    """What it sends whatever was asked for."""
    offers: tuple[str, ...] = (FIND, MOVE, GET)
    knows: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Destinations it knows for C-MOVE."""
    waits_for: Flag | None = None
    asked: list[str] = field(default_factory=list)
    title: str = "PACS"

    def on_find(self, event: Any) -> Iterator[tuple[int, Dataset | None]]:
        key = event.identifier
        self.asked.append(f"find {key.get('PatientID', '')}")
        self._wait()
        if "PatientID" not in key:  # how many of a study that comes in: not what is tried here
            return
        for images in self.studies:
            first = images[0]
            ds = Dataset()
            ds.QueryRetrieveLevel = "STUDY"
            ds.StudyInstanceUID, ds.StudyDate = first.StudyInstanceUID, first.StudyDate
            ds.PatientID, ds.PatientBirthDate, ds.PatientSex = (
                first.PatientID,
                first.PatientBirthDate,
                first.PatientSex,
            )
            ds.ModalitiesInStudy, ds.BodyPartExamined = first.Modality, first.BodyPartExamined
            ds.NumberOfStudyRelatedInstances = len(images)
            for name, value in self.says.items():
                setattr(ds, name, value)
            yield 0xFF00, ds

    def on_move(self, event: Any) -> Iterator[Any]:
        self.asked.append(f"move {event.identifier.StudyInstanceUID}")
        destination = self.knows.get(event.move_destination)
        if destination is None:
            yield None, None
            return
        yield destination
        yield from self._send(event)

    def on_get(self, event: Any) -> Iterator[Any]:
        self.asked.append(f"get {event.identifier.StudyInstanceUID}")
        yield from self._send(event)

    def _send(self, event: Any) -> Iterator[Any]:
        uid = event.identifier.StudyInstanceUID
        mine = [ds for images in self.studies for ds in images if ds.StudyInstanceUID == uid]
        chosen = mine if self.sends is None else self.sends
        yield len(chosen)
        for ds in chosen:
            self._wait()
            yield 0xFF00, ds

    def _wait(self) -> None:
        if self.waits_for is not None:
            self.waits_for.wait(60)


@contextmanager
def listening(archive: Archive, code: str = "shirahama") -> Iterator[Archive]:
    """The archive on a port of its own, registered for the facility."""
    port = free_port()
    ae = AE(archive.title)
    for one in archive.offers:
        ae.add_supported_context(one)
    ae.add_supported_context(CTImageStorage, ExplicitVRLittleEndian, scu_role=True, scp_role=True)
    ae.add_requested_context(CTImageStorage, ExplicitVRLittleEndian)
    handlers: list[Any] = [
        (evt.EVT_C_FIND, archive.on_find),
        (evt.EVT_C_MOVE, archive.on_move),
        (evt.EVT_C_GET, archive.on_get),
    ]
    server: Any = ae.start_server(("127.0.0.1", port), block=False, evt_handlers=handlers)
    a_device(archive.title, code, "127.0.0.1", port=port, is_archive=True)
    try:
        yield archive
    finally:
        if archive.waits_for is not None:
            archive.waits_for.set()
        server.shutdown()


class Case:
    """A request about a CT of the chest of today, its reading, and a worker that lives by a clock."""

    def __init__(self, **change: Any) -> None:
        self.facility = a_facility()
        self.requester = a_person(Role.REQUESTER, self.facility)
        self.reader = a_person(Role.READER, self.facility)
        self.study = a_study(self.facility)
        self.change = change

    def sent(self) -> "Case":
        self.request = a_sent_request(self.requester, self.study, **self.change)
        run_jobs()
        return self

    def works(self, seconds: float = 0) -> None:
        """What is due in so many seconds, and the jobs that follow, until nothing is left to be done."""
        for _ in range(20):
            done = run_due(datetime.now(UTC) + timedelta(seconds=seconds))
            run_jobs()
            if not done:
                return

    @property
    def reading(self) -> Reading:
        with at_large():
            return Reading.objects.get(request=self.request)

    @property
    def client(self) -> Client:
        return signed_in(self.reader)

    def claims(self) -> Client:
        client = self.client
        answer = client.post(f"/api/v1/readings/{self.reading.pk}/claim")
        assert answer.status_code == 200, answer.content
        return client

    def row(self) -> dict[str, Any]:
        items = self.client.get("/api/v1/readings").json()["items"]
        return dict(next(one for one in items if one["id"] == self.reading.pk))

    def priors(self, client: Client) -> dict[str, Any]:
        return dict(client.get(f"/api/v1/readings/{self.reading.pk}/priors").json())

    def candidates(self) -> list[tuple[str, str]]:
        with at_large():
            rows = PriorCandidate.objects.order_by("-study_on", "pk")
            return [(row.state, row.why) for row in rows]


@contextmanager
def away() -> Iterator[None]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        a_device("PACS", "shirahama", "127.0.0.1", port=server.getsockname()[1], is_archive=True)
    yield
