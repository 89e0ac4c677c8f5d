"""HTTP door of the patients' screen (患者)."""

from datetime import UTC, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from dokuei.base.clock import local_date
from dokuei.identity.access import actor_of
from dokuei.patients import services, showing
from dokuei.patients.correcting.rules import Facts, typed_name
from dokuei.patients.shapes import (
    ComparisonOut,
    ConfirmMergeIn,
    CorrectIn,
    MendReasonIn,
    MergeIn,
    MergesOut,
    PatientPageOut,
    PatientRowsOut,
)

router = Router(tags=["patients"])


@router.get("/patients", response=PatientRowsOut)
def find(
    request: HttpRequest, q: Annotated[str, Field(max_length=100)] = "", facility_id: int | None = None
) -> Any:
    """Patients whose ID or name begins so, in whatever script, width or form of kanji; without words the newest."""
    return showing.listed(actor_of(request), q, facility_id, local_date(datetime.now(UTC)))


@router.get("/patients/merges", response=MergesOut)
def waiting(request: HttpRequest) -> Any:
    """Merges that wait for a second person."""
    return showing.waiting(actor_of(request), local_date(datetime.now(UTC)))


@router.get("/patients/{int:patient_id}", response=PatientPageOut)
def one(request: HttpRequest, patient_id: int) -> Any:
    """One patient: what is held, everything seen, every act."""
    actor, at = actor_of(request), datetime.now(UTC)
    services.open_patient(actor, patient_id, at=at)
    return showing.page(actor, patient_id, local_date(at))


@router.post("/patients/{int:patient_id}/corrections", response=PatientPageOut)
def correct(request: HttpRequest, patient_id: int, body: CorrectIn) -> Any:
    """Put right what is held of a patient."""
    actor, at = actor_of(request), datetime.now(UTC)
    name = typed_name(kanji=body.name_kanji, kana=body.name_kana, romaji=body.name_romaji)
    services.correct_patient(
        actor,
        patient_id,
        seen=Facts(**body.seen.model_dump()),
        wanted=Facts.named(name, body.birth_date, body.sex),
        reason=body.reason,
        source_id=body.source_id,
        at=at,
    )
    return showing.page(actor, patient_id, local_date(at))


@router.post("/patients/corrections/{int:correction_id}/undo", response=PatientPageOut)
def undo_correction(request: HttpRequest, correction_id: int, body: MendReasonIn) -> Any:
    """Take the newest correction back."""
    actor, at = actor_of(request), datetime.now(UTC)
    row = services.undo_correction(actor, correction_id, reason=body.reason, at=at)
    return showing.page(actor, row.patient_id, local_date(at))


@router.get("/patients/{int:patient_id}/beside/{int:merged_id}", response=ComparisonOut)
def beside(request: HttpRequest, patient_id: int, merged_id: int) -> Any:
    """Two patients beside each other: the first stays, the second would be merged into it."""
    return showing.comparison(actor_of(request), patient_id, merged_id, local_date(datetime.now(UTC)))


@router.post("/patients/{int:patient_id}/merges", response=PatientPageOut)
def merge(request: HttpRequest, patient_id: int, body: MergeIn) -> Any:
    """Make another row the same person as this one; where they contradict, ask a second person to."""
    actor, at = actor_of(request), datetime.now(UTC)
    services.merge_patients(actor, patient_id, body.merged_id, typed=body.typed, reason=body.reason, at=at)
    return showing.page(actor, patient_id, local_date(at))


@router.post("/patients/merges/{int:merge_id}/confirm", response=PatientPageOut)
def confirm(request: HttpRequest, merge_id: int, body: ConfirmMergeIn) -> Any:
    """Make a merge somebody else asked for."""
    actor, at = actor_of(request), datetime.now(UTC)
    row = services.confirm_merge(actor, merge_id, typed=body.typed, reason=body.reason, at=at)
    return showing.page(actor, row.survivor_id, local_date(at))


@router.post("/patients/merges/{int:merge_id}/decline", response=PatientPageOut)
def decline(request: HttpRequest, merge_id: int, body: MendReasonIn) -> Any:
    """Say that two rows are not to be merged after all."""
    actor, at = actor_of(request), datetime.now(UTC)
    row = services.decline_merge(actor, merge_id, reason=body.reason, at=at)
    return showing.page(actor, row.survivor_id, local_date(at))


@router.post("/patients/merges/{int:merge_id}/undo", response=PatientPageOut)
def undo(request: HttpRequest, merge_id: int, body: MendReasonIn) -> Any:
    """Take a merge back."""
    actor, at = actor_of(request), datetime.now(UTC)
    row = services.undo_merge(actor, merge_id, reason=body.reason, at=at)
    return showing.page(actor, row.survivor_id, local_date(at))
