"""HTTP door of the archive: studies, upload, quarantine, devices."""

from datetime import UTC, datetime
from typing import Annotated, Any

from django.conf import settings
from django.http import HttpRequest
from ninja import File, Router, Status
from ninja.files import UploadedFile
from pydantic import Field

from dokuei.base.errors import DokueiError, Unavailable
from dokuei.identity.access import Actor, Permission, actor_of, require
from dokuei.imaging import queries, services
from dokuei.imaging.errors import FacilityNeeded
from dokuei.imaging.hanging.api import router as hanging
from dokuei.imaging.moves.api import router as moves
from dokuei.imaging.services import Outcome
from dokuei.imaging.shapes import (
    AeTitleIn,
    AeTitleOut,
    AlarmsOut,
    AnnouncementIn,
    ImagesOut,
    QuarantineOut,
    ReasonIn,
    StudiesOut,
    StudyFull,
    StudyOut,
    UnlistedOut,
    UnlistedRowsOut,
    UploadOut,
)
from dokuei.imaging.upload import Opened, open_upload
from dokuei.imaging.viewers.api import router as viewers

router = Router(tags=["studies"])
router.add_router("", hanging)
router.add_router("", viewers)
router.add_router("", moves)
Limit = Annotated[int, Field(ge=1, le=200)]
Offset = Annotated[int, Field(ge=0, le=1_000_000)]
SHOWN_NAME = 200


@router.get("/studies", response=StudiesOut)
def studies(
    request: HttpRequest,
    q: Annotated[str, Field(max_length=200)] = "",
    without_request: bool = False,
    limit: Limit = 50,
    offset: Offset = 0,
) -> Any:
    """Studies that arrived, newest first."""
    items, total = queries.page(
        actor_of(request), words=q, without_request=without_request, limit=limit, offset=offset
    )
    return {"items": items, "total": total}


@router.get("/patients/{int:patient_id}/studies", response=StudiesOut)
def studies_of_patient(request: HttpRequest, patient_id: int) -> Any:
    """A patient's studies, under whichever of their IDs they were filed."""
    items = queries.of_patient(actor_of(request), patient_id)
    return {"items": items, "total": len(items)}


@router.get("/studies/{int:study_id}", response=StudyFull)
def study(request: HttpRequest, study_id: int) -> Any:
    """One study with its series."""
    actor = actor_of(request)
    require(actor, Permission.STUDY_READ)
    return _full(queries.one(actor, study_id).pk)


@router.get("/studies/{int:study_id}/images", response=ImagesOut)
def images(request: HttpRequest, study_id: int) -> Any:
    """What a viewer opens to look at one study."""
    actor = actor_of(request)
    require(actor, Permission.STUDY_READ)
    row = services.open_study(actor, study_id, door="images", at=datetime.now(UTC))
    return queries.images_manifest([(row.pk, "current")])


@router.post("/studies/{int:study_id}/resolve", response=StudyOut)
def resolve(request: HttpRequest, study_id: int, body: ReasonIn) -> Any:
    """Let a held study go on, with the reason."""
    at = datetime.now(UTC)
    row = services.resolve_study(actor_of(request), study_id, reason=body.reason, at=at)
    return queries.studies_out([row.pk])[0]


@router.post("/studies/upload", response=UploadOut)
def upload(request: HttpRequest, files: File[list[UploadedFile]], facility_id: int | None = None) -> Any:
    """Images and ZIP archives from a browser; each file is answered for itself."""
    actor = actor_of(request)
    require(actor, Permission.DICOM_STORE)
    facility = _facility(actor, facility_id)
    largest = settings.DOKUEI.max_instance_bytes
    counts = dict.fromkeys(Outcome, 0)
    refused: list[dict[str, str]] = []
    for file in files:
        for opened in open_upload(file.name or "", file, largest=largest):
            _take(actor, facility, opened, counts, refused)
    return {
        "stored": counts[Outcome.STORED],
        "duplicate": counts[Outcome.REPEATED],
        "quarantined": counts[Outcome.QUARANTINED],
        "refused": refused,
    }


def _take(
    actor: Actor,
    facility_id: int,
    opened: Opened,
    counts: dict[Outcome, int],
    refused: list[dict[str, str]],
) -> None:
    name, content = opened
    at = datetime.now(UTC)
    try:
        if isinstance(content, DokueiError):
            raise content
        stored = services.store_instance(actor, facility_id=facility_id, content=content, at=at)
        counts[stored.outcome] += 1
    except Unavailable:
        raise
    except DokueiError as error:
        code = error.error_code
        refused.append({"name": name[-SHOWN_NAME:], "code": code, "detail": error.detail})
        services.note_refusal(
            actor, facility_id=facility_id, code=code, door="upload", sop_instance_uid="", at=at
        )


def _facility(actor: Actor, facility_id: int | None) -> int:
    """Whose images these are: the one named, or the only one the actor belongs to."""
    if facility_id is None:
        if len(actor.facilities) != 1:
            raise FacilityNeeded()
        (facility_id,) = actor.facilities
    require(actor, Permission.DICOM_STORE, facility_id=facility_id)
    return facility_id


@router.post("/studies/announcements", response={204: None})
def announce(request: HttpRequest, body: AnnouncementIn, facility_id: int | None = None) -> Any:
    """How many instances a study has in all, said by its sender; it is complete when they are here.

    With `sop_instance_uids` a part is announced: what is here already, and what other parts listed, is added.
    """
    actor = actor_of(request)
    require(actor, Permission.DICOM_STORE)
    services.announce_instances(
        actor,
        facility_id=_facility(actor, facility_id),
        study_uid=body.study_instance_uid,
        count=body.instance_count,
        listed=body.sop_instance_uids,
        at=datetime.now(UTC),
    )
    return Status(204, None)


@router.get("/quarantine", response=QuarantineOut)
def quarantine(request: HttpRequest) -> Any:
    """Instances kept aside because they contradict one we hold."""
    return {"items": queries.quarantined(actor_of(request))}


@router.get("/unlisted", response=UnlistedRowsOut)
def unlisted(request: HttpRequest) -> Any:
    """Instances that were acknowledged and could not be listed."""
    return {"items": queries.unlisted(actor_of(request))}


@router.post("/unlisted/{int:unlisted_id}/retry", response=UnlistedOut)
def retry_unlisted(request: HttpRequest, unlisted_id: int) -> Any:
    """Try again to list one; `listed_at` says whether it is listed now."""
    row = services.retry_unlisted(actor_of(request), unlisted_id, at=datetime.now(UTC))
    return queries.unlisted_out(row)


@router.get("/alarms", response=AlarmsOut)
def alarms(request: HttpRequest) -> Any:
    """What support has to see without looking for it."""
    return {"items": queries.alarms(actor_of(request))}


@router.get("/facilities/{int:facility_id}/ae-titles", response=list[AeTitleOut])
def ae_titles(request: HttpRequest, facility_id: int) -> Any:
    """The devices that may send for a facility."""
    return queries.ae_titles(actor_of(request), facility_id)


@router.post("/facilities/{int:facility_id}/ae-titles", response=AeTitleOut)
def add_ae_title(request: HttpRequest, facility_id: int, body: AeTitleIn) -> Any:
    """Let a device send for a facility."""
    return services.add_ae_title(
        actor_of(request),
        facility_id=facility_id,
        title=body.title,
        peer_host=body.peer_host,
        port=body.port,
        may_query=body.may_query,
        is_archive=body.is_archive,
        at=datetime.now(UTC),
    )


@router.delete("/facilities/{int:facility_id}/ae-titles/{int:ae_title_id}", response={204: None})
def remove_ae_title(request: HttpRequest, facility_id: int, ae_title_id: int) -> Any:
    """Stop believing a device."""
    services.remove_ae_title(actor_of(request), ae_title_id, facility_id=facility_id, at=datetime.now(UTC))
    return Status(204, None)


def _full(study_id: int) -> dict[str, Any]:
    return {**queries.studies_out([study_id])[0], "series": queries.series_of(study_id)}
