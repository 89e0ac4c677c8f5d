"""HTTP door of the same person at other facilities."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router

from dokuei.identity.access import Actor, Permission, actor_of, require
from dokuei.patients import queries as patients
from dokuei.patients.services import open_patient
from dokuei.priors import services
from dokuei.priors.elsewhere import queries
from dokuei.priors.elsewhere.rules import Basis, Ground, LinkState, Typed
from dokuei.priors.models import PatientLink, SharingChoice
from dokuei.priors.shapes import (
    ConfirmLinkIn,
    ElsewhereFoundOut,
    ElsewhereOut,
    RevokeLinkIn,
    SharingIn,
    SharingOut,
)

router = Router(tags=["elsewhere"])


@router.get("/patients/{int:patient_id}/elsewhere", response=ElsewhereOut)
def standing(request: HttpRequest, patient_id: int) -> Any:
    """How a patient stands with other facilities: what is shown, what was, and whether anything may be."""
    actor = actor_of(request)
    open_patient(actor, patient_id, at=datetime.now(UTC))
    return _shown(actor, patient_id)


@router.post("/patients/{int:patient_id}/elsewhere/seek", response=ElsewhereFoundOut)
def seek(request: HttpRequest, patient_id: int) -> Any:
    """Look for the same person at facilities that take part."""
    return {"items": services.seek_elsewhere(actor_of(request), patient_id, at=datetime.now(UTC))}


@router.post("/patients/{int:patient_id}/elsewhere", response=ElsewhereOut)
def confirm(request: HttpRequest, patient_id: int, body: ConfirmLinkIn) -> Any:
    """Confirm that two patients are one person, on a legal basis."""
    actor = actor_of(request)
    services.confirm_link(
        actor,
        patient_id,
        body.other_id,
        typed=Typed(name=body.name, birth_on=body.birth_on),
        ground=Ground(
            basis=Basis(body.basis),
            reason=body.reason,
            consented_on=body.consented_on,
            consent_by=body.consent_by,
            request_id=body.request_id,
        ),
        at=datetime.now(UTC),
    )
    return _shown(actor, patient_id)


@router.post("/patient-links/{int:link_id}/revoke", response=ElsewhereOut)
def revoke(request: HttpRequest, link_id: int, body: RevokeLinkIn) -> Any:
    """End a link at once."""
    actor = actor_of(request)
    link = services.revoke_link(actor, link_id, reason=body.reason, at=datetime.now(UTC))
    return _shown(actor, link.patient_id)


@router.get("/facilities/{int:facility_id}/sharing", response=SharingOut)
def sharing(request: HttpRequest, facility_id: int) -> Any:
    """Whether a facility takes part."""
    require(actor_of(request), Permission.FACILITY_READ, facility_id=facility_id)
    return _sharing(facility_id)


@router.post("/facilities/{int:facility_id}/sharing", response=SharingOut)
def decide(request: HttpRequest, facility_id: int, body: SharingIn) -> Any:
    """Switch a facility on or off."""
    at = datetime.now(UTC)
    services.decide_sharing(actor_of(request), facility_id, is_on=body.is_on, reason=body.reason, at=at)
    return _sharing(facility_id)


def _sharing(facility_id: int) -> dict[str, Any]:
    row = SharingChoice.objects.filter(facility_id=facility_id).order_by("-pk").first()
    return {
        "facility_id": facility_id,
        "is_on": bool(row and row.is_on),
        "reason": row.reason if row else "",
        "decided_by_name": row.decided_by_name if row else "",
        "decided_at": row.decided_at if row else None,
    }


def _shown(actor: Actor, patient_id: int) -> dict[str, Any]:
    patient = patients.visible_to(actor).get(pk=patient_id)
    may = actor.may(Permission.PATIENT_LINK)
    links = list(queries.links_of(actor, patient_id))
    family = patients.family_of(patient_id)
    return {
        "is_on": queries.is_on(patient.facility_id),
        "may_link": may,
        "links": [_link(row, row.patient_id in family, may) for row in links],
    }


def _link(row: PatientLink, is_outgoing: bool, may: bool) -> dict[str, Any]:
    names = (
        "id", "state", "basis", "request_id", "consented_on", "consent_by", "confidence", "reason",
        "confirmed_by_name", "confirmed_at", "revoked_by_name", "revoked_reason", "revoked_at",
    )  # fmt: skip
    other = row.other_facility if is_outgoing else row.facility
    return {
        **{name: getattr(row, name) for name in names},
        "is_outgoing": is_outgoing,
        "other_facility": other.name,
        "may_revoke": may and row.state == LinkState.CONFIRMED,
    }
