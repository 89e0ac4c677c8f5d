"""The shapes in which studies leave the HTTP door."""

from datetime import datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

from dokuei.patients.shapes import PatientOut


class FacilityRef(Schema):
    id: int
    code: str
    name: str


class ExpectedFrom(Schema):
    """Who said how many instances a study has, and when."""

    source: Literal["mpps", "manifest", "c_find"]
    by: str
    at: datetime


class StudyOut(Schema):
    id: int
    facility: FacilityRef
    study_instance_uid: str
    accession_number: str
    patient: PatientOut
    modalities: list[str]
    description: str
    body_part: str
    study_at: datetime | None
    receipt: Literal["receiving", "complete", "settled", "held", "withdrawn"]
    instance_count: int
    expected_count: int | None
    expected_from: ExpectedFrom | None
    series_count: int
    received_at: datetime
    last_received_at: datetime
    request_id: int | None
    is_fetched: bool
    """Came because we asked the facility's archive for it, as a prior."""
    quarantined_count: int
    notes: list[str]


class SeriesOut(Schema):
    series_instance_uid: str
    series_number: int | None
    modality: str
    description: str
    body_part: str
    instance_count: int
    frame_count: int


class StudyFull(StudyOut):
    series: list[SeriesOut]


class StudiesOut(Schema):
    items: list[StudyOut]
    total: int


class ShownStudy(Schema):
    role: Literal["current", "prior"]
    study: StudyOut
    dicomweb_root: str
    series: list[SeriesOut]


class ImagesOut(Schema):
    studies: list[ShownStudy]


class RefusedFile(Schema):
    name: str
    code: str
    detail: str


class UploadOut(Schema):
    stored: int
    duplicate: int
    quarantined: int
    refused: list[RefusedFile]


class QuarantinedOut(Schema):
    id: int
    facility: FacilityRef
    at: datetime
    reason_code: str
    sentence: str
    sop_instance_uid: str
    study_instance_uid: str


class QuarantineOut(Schema):
    items: list[QuarantinedOut]


class UnlistedOut(Schema):
    """An acknowledged instance that is not listed yet."""

    id: int
    facility: FacilityRef
    sop_instance_uid: str
    kept_at: datetime
    code: str
    sentence: str
    tries: int
    tried_at: datetime
    retry_at: datetime
    listed_at: datetime | None


class UnlistedRowsOut(Schema):
    items: list[UnlistedOut]


class AlarmOut(Schema):
    """What support has to see without looking for it."""

    code: Literal["store.low", "store.refusing", "store.unwritable"]
    sentence: str
    since: datetime
    free_bytes: int | None
    limit_bytes: int


class AlarmsOut(Schema):
    items: list[AlarmOut]


class AnnouncementIn(Schema):
    study_instance_uid: Annotated[str, Field(max_length=64)]
    instance_count: Annotated[int, Field(gt=0, lt=1_000_000)]
    sop_instance_uids: Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=50_000)] = []


class AeTitleIn(Schema):
    title: Annotated[str, Field(max_length=64)]
    peer_host: Annotated[str, Field(max_length=64)] | None = None
    port: Annotated[int, Field(gt=0, lt=65536)] | None = None
    may_query: bool = False
    is_archive: bool = False


class AeTitleOut(Schema):
    id: int
    title: str
    peer_host: str | None
    port: int | None
    may_query: bool
    is_archive: bool


class ReasonIn(Schema):
    reason: Annotated[str, Field(max_length=500)]


class LaunchIn(Schema):
    """The viewer, and whose pictures stand on the screen that asks."""

    viewer_id: int
    patient_id: Annotated[str, Field(max_length=64)]
    study_instance_uid: Annotated[str, Field(max_length=64)]
    accession_number: Annotated[str, Field(max_length=64)]


class LaunchableOut(Schema):
    id: int
    name: str
    host: str
    tells: bool
    """Whether it says what it shows."""
    names_patient: bool


class LaunchOut(Schema):
    id: int
    viewer: str
    state: Literal["opened", "confirmed", "differs", "closed"]
    revision: int
    tells: bool
    opened_at: datetime
    reported_at: datetime | None
    patient_name: str
    patient_id: str
    study_instance_uid: str
    accession_number: str
    study_at: datetime | None
    shown_patient_id: str
    shown_study_uid: str
    differs: list[str]


class LaunchedOut(Schema):
    url: str
    launch: LaunchOut


class LaunchingOut(Schema):
    viewers: list[LaunchableOut]
    launches: list[LaunchOut]
