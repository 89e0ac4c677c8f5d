"""Builders: a facility, a person, a study, a request — made through the ordinary commands."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

from dokuei.identity import queries as identity
from dokuei.identity import services as people
from dokuei.identity.access import Actor, Role, system_actor
from dokuei.identity.models import Facility, Person
from dokuei.imaging import services as imaging
from dokuei.imaging.models import Study
from dokuei.intake import services as intake
from dokuei.intake.content import Content
from dokuei.intake.models import Request
from dokuei.kit import due
from dokuei.kit.db import system_scope

NOW = datetime.now(UTC).replace(microsecond=0)
TEST = system_actor("test")
PASSWORD = "a long enough phrase 42"
FACTOR = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@contextmanager
def at_large() -> Iterator[None]:
    """See everything, as the system does."""
    with system_scope("test"):
        yield


def a_facility(code: str = "shirahama", **tiers: int) -> Facility:
    with at_large():
        return people.create_facility(TEST, code=code, name=f"{code} 病院", at=NOW, tier_minutes=tiers)


def a_person(role: Role, *facilities: Facility, email: str = "") -> Person:
    """An active person with a password and a second factor."""
    address = email or f"{role.value}-{'-'.join(one.code for one in facilities) or 'office'}@test.test"
    with at_large():
        _, secret = people.invite_person(
            TEST,
            email=address,
            name=f"{role.value} 太郎",
            roles=[role],
            facility_ids=[one.pk for one in facilities],
            at=NOW,
        )
        person = people.accept_invitation(secret, password=PASSWORD, at=NOW)
        TOTP.activate(person, FACTOR)
    return person


def actor(person: Person, *, elevated: bool = True) -> Actor:
    """The actor a signed-in person is."""
    shown = NOW.timestamp() + 3600 if elevated else 0
    session = {AUTHENTICATION_METHODS_SESSION_KEY: [{"method": "mfa", "at": shown}]}
    return identity.person_actor(person, session, NOW)


def signed_in(person: Person, *, elevated: bool = True) -> Client:
    """A browser in which this person has passed both factors."""
    client = Client()
    client.force_login(person)
    session = client.session
    shown = datetime.now(UTC).timestamp() if elevated else 0
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "mfa", "at": shown}]
    session.save()
    return client


def ct_instance(
    *,
    patient_id: str = "P1",
    name: str = "Yamada^Tarou=山田^太郎=やまだ^たろう",
    study_uid: str = "",
    sop_uid: str = "",
    number: int = 1,
    modality: str = "CT",
    value: int = 0,
) -> bytes:
    """A small, valid CT image as a DICOM file."""
    ds = Dataset()
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.SOPClassUID = CTImageStorage
    ds.SOPInstanceUID = sop_uid or generate_uid()
    ds.StudyInstanceUID = study_uid or generate_uid()
    ds.SeriesInstanceUID = f"{ds.StudyInstanceUID[:50]}.1"
    ds.PatientID, ds.PatientName = patient_id, name
    ds.PatientBirthDate, ds.PatientSex = "19680312", "M"
    ds.StudyDate, ds.StudyTime = "20261122", "091000"
    ds.Modality, ds.StudyDescription, ds.BodyPartExamined = modality, "胸部単純CT", "CHEST"
    ds.AccessionNumber, ds.StudyID = "A1", "1"
    ds.SeriesNumber, ds.InstanceNumber = 1, number
    ds.Rows = ds.Columns = 16
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated = ds.BitsStored = 16
    ds.HighBit, ds.PixelRepresentation = 15, 1
    ds.PixelSpacing, ds.ImagePositionPatient = [1, 1], [0, 0, number]
    ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    ds.RescaleSlope, ds.RescaleIntercept = 1, 0
    ds.PixelData = np.full((16, 16), value + number, np.int16).tobytes()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    out = io.BytesIO()
    ds.save_as(out, enforce_file_format=True)
    return out.getvalue()


def a_study(facility: Facility, *, count: int = 2, settled: bool = True, **header: Any) -> Study:
    """A study that arrived at a facility; settled unless told otherwise."""
    header.setdefault("study_uid", generate_uid())
    with at_large():
        for number in range(1, count + 1):
            stored = imaging.store_instance(
                TEST,
                facility_id=facility.pk,
                content=ct_instance(number=number, **header),
                at=NOW,
            )
    if settled:
        with at_large():
            imaging.settle_study(TEST, stored.study_id, at=NOW + timedelta(seconds=300))
    with at_large():
        return Study.objects.get(pk=stored.study_id)


def content(**change: Any) -> Content:
    return Content.model_validate(
        {
            "exam": {"modality": "CT", "body_part": "胸部", "description": "胸部単純CT"},
            "urgency": "urgent",
            "question": "右肺結節の経過観察をお願いします。",
            "callback_phone": "内線 1234",
            "requester_name": "伊藤 恵",
            **change,
        }
    )


def a_sent_request(requester: Person, study: Study, **change: Any) -> Request:
    """A request for one study, drafted and sent by a requester."""
    asker = actor(requester)
    with at_large():
        request = intake.draft_request(
            asker,
            facility_id=study.facility_id,
            study_ids=[study.pk],
            content=content(**change),
            at=NOW,
        )
        return intake.send_request(asker, request.pk, at=NOW)


def run_jobs() -> None:
    """Do every queued job here and now, as a worker would."""
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.models import ProcrastinateJob

    while (job := ProcrastinateJob.objects.filter(status="todo").order_by("id").first()) is not None:
        app.tasks[job.task_name].func(**job.args)
        ProcrastinateJob.objects.filter(pk=job.pk)
        with system_scope("test"):
            app.connector.get_sync_connector().execute_query(
                "update procrastinate_jobs set status = 'succeeded' where id = %(id)s", id=job.pk
            )


def run_due(at: datetime | None = None) -> int:
    """Advance what is due, as the due loop would."""
    return due.advance_due(at or datetime.now(UTC))
