"""The same person at another facility: asked for, confirmed, ended. Both facilities' trails tell each of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.clock import local_date
from dokuei.base.errors import NotFound, refuse
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging import services as images
from dokuei.intake import queries as intake
from dokuei.kit.events import publish
from dokuei.patients import queries as patients
from dokuei.patients.matching.evidence import Verdict
from dokuei.patients.models import Patient
from dokuei.priors import queries
from dokuei.priors.elsewhere import queries as elsewhere
from dokuei.priors.elsewhere import rules
from dokuei.priors.elsewhere.rules import Confidence, Ground, LinkAct, LinkRefusal, LinkState, Typed
from dokuei.priors.events import PriorsChanged
from dokuei.priors.models import PatientLink, SharingChoice


@dataclass(frozen=True)
class Found:
    """Who may be the same person, as little of them as can be told."""

    patient_id: int
    facility_name: str
    confidence: Confidence
    reasons: list[str]
    study_count: int


@transaction.atomic
def decide_sharing(
    actor: Actor, facility_id: int, *, is_on: bool, reason: str, at: datetime
) -> SharingChoice:
    """Switch a facility on or off; switched off, everything that is shown of it or to it ends at once."""
    require(actor, Permission.FACILITY_MANAGE, facility_id=facility_id)
    if not reason.strip():
        raise refuse(LinkRefusal.REASON)
    row = SharingChoice.objects.create(
        facility_id=facility_id,
        is_on=is_on,
        reason=reason.strip()[:500],
        decided_by_id=actor.person_id,
        decided_by_name=actor.name,
        decided_at=at,
    )
    record(Event.SHARING_DECIDED, by=actor, at=at, facility_id=facility_id, is_on=is_on)
    if not is_on:
        links = PatientLink.objects.select_for_update(no_key=True).filter(state=LinkState.CONFIRMED)
        for link in links.filter(facility_id=facility_id) | links.filter(other_facility_id=facility_id):
            _end(actor, link, reason, at)
    return row


@transaction.atomic
def seek_elsewhere(actor: Actor, patient_id: int, *, at: datetime) -> list[Found]:
    """Look for a patient at the other facilities; every facility of which something is told has it in its trail."""
    require(actor, Permission.PATIENT_LINK)
    patient = _patient(actor, patient_id)
    if not elsewhere.is_on(patient.facility_id):
        raise refuse(LinkRefusal.OWN_OFF)
    if patient.birth_date is None:
        raise refuse(LinkRefusal.NO_BIRTH)
    found = elsewhere.candidates(actor, patient)
    counts = elsewhere.counts([one.pk for one, _, _ in found])
    record(Event.ELSEWHERE_SOUGHT, by=actor, of=patient, at=at, candidates=len(found))
    for one, sure, _ in found:
        record(
            Event.ELSEWHERE_SOUGHT, by=actor, of=one, at=at, for_facility=patient.facility_id, confidence=sure
        )
    return [
        Found(one.pk, one.facility.name, sure, rules.reasons(verdict), counts[one.pk])
        for one, sure, verdict in found
    ]


@transaction.atomic
def confirm_link(
    actor: Actor, patient_id: int, other_id: int, *, typed: Typed, ground: Ground, at: datetime
) -> PatientLink:
    """Say that two patients are one person, with two identifiers that agree on both sides, on a legal basis."""
    require(actor, Permission.PATIENT_LINK)
    ours, theirs = _patient(actor, patient_id), _patient(actor, other_id)
    verdict = elsewhere.verdict_of(ours, theirs)
    sure = _must_be_confirmed(ours, theirs, verdict, typed, ground, at)
    request = None
    if ground.request_id is not None:
        request = intake.visible_to(actor).filter(pk=ground.request_id).first()
        if request is None or request.patient_id not in patients.family_of(ours.pk):
            raise NotFound()
    patients.visible_to(actor).select_for_update(no_key=True).get(
        pk=ours.pk
    )  # of two who confirm, the second finds it
    known = PatientLink.objects.filter(patient=ours, other_patient=theirs, state=LinkState.CONFIRMED)
    if known.filter(request=request).exists():
        raise refuse(LinkRefusal.ALREADY)
    link = PatientLink.objects.create(
        facility_id=ours.facility_id,
        patient=ours,
        other_facility_id=theirs.facility_id,
        other_patient=theirs,
        request=request,
        basis=ground.basis.value,
        consented_on=ground.consented_on,
        consent_by=ground.consent_by.strip(),
        reason=ground.reason.strip()[:500],
        confidence=sure.value,
        codes=[one.code for one in verdict.evidence],
        rules=verdict.rules,
        confirmed_by_id=actor.person_id,
        confirmed_by_name=actor.name,
        confirmed_at=at,
    )
    _told(Event.LINK_CONFIRMED, actor, link, at, basis=link.basis, confidence=link.confidence)
    _look_again(link)
    return link


def _must_be_confirmed(
    ours: Patient, theirs: Patient, verdict: Verdict, typed: Typed, ground: Ground, at: datetime
) -> Confidence:
    refusal = rules.why_not_share(
        is_same_facility=ours.facility_id == theirs.facility_id,
        own_is_on=elsewhere.is_on(ours.facility_id),
        other_is_on=elsewhere.is_on(theirs.facility_id),
    ) or rules.why_not_ground(ground, local_date(at))
    if refusal:
        raise refuse(refusal)
    for patient in (ours, theirs):
        if not rules.is_named(patients.identity_of(patient).name, patient.birth_date, typed):
            raise refuse(LinkRefusal.IDENTIFIERS)
    sure = rules.confidence(verdict)
    if sure is None:
        raise refuse(LinkRefusal.CONTRADICTS)
    return sure


@transaction.atomic
def revoke_link(actor: Actor, link_id: int, *, reason: str, at: datetime) -> PatientLink:
    """End a link: whoever looks at the other facility's images can no longer, from this moment."""
    require(actor, Permission.PATIENT_LINK)
    link = PatientLink.objects.select_for_update(no_key=True).filter(pk=link_id).first()
    if link is None or not {link.facility_id, link.other_facility_id} & actor.facilities:
        raise NotFound()
    if refusal := rules.why_not_revoke(LinkState(link.state), reason):
        raise refuse(refusal)
    _end(actor, link, reason, at)
    return link


def _end(actor: Actor, link: PatientLink, reason: str, at: datetime) -> None:
    link.state = rules.LIFECYCLE[LinkState(link.state), LinkAct.REVOKE]
    link.revoked_by_name, link.revoked_reason, link.revoked_at = actor.name, reason.strip()[:500], at
    link.save(update_fields=["state", "revoked_by_name", "revoked_reason", "revoked_at"])
    images.end_shared(actor, mark=f"link:{link.pk}", at=at)
    _told(Event.LINK_REVOKED, actor, link, at)
    _look_again(link)


def _told(event: Event, actor: Actor, link: PatientLink, at: datetime, **detail: Any) -> None:
    """In the trail of both facilities, each under its own patient."""
    sides = (
        (link.facility_id, link.patient_id, link.other_facility_id),
        (link.other_facility_id, link.other_patient_id, link.facility_id),
    )
    for facility_id, patient_id, other in sides:
        record(
            event, by=actor, of=link, at=at,
            facility_id=facility_id, patient_id=patient_id, other_facility=other, **detail,
        )  # fmt: skip


def _look_again(link: PatientLink) -> None:
    for request_id, facility_id in queries.requests_of_patients(patients.family_of(link.patient_id)):
        publish(PriorsChanged(request_id=request_id, facility_id=facility_id))


def _patient(actor: Actor, patient_id: int) -> Patient:
    row = patients.visible_to(actor).select_related("facility").filter(pk=patient_id).first()
    if row is None:
        raise NotFound()
    return row
