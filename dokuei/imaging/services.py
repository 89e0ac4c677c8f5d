"""Commands of the archive."""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import OuterRef, Subquery

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.base.errors import Invalid, NotFound, refuse
from dokuei.dicom.describe import Description
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging import events, queries, rules
from dokuei.imaging.errors import AeTitleIllegal, AeTitleTaken, AeTitleUnknown, DiskLow
from dokuei.imaging.incoming import Content, Incoming, read_incoming
from dokuei.imaging.models import (
    ApplicationEntity,
    Instance,
    Quarantined,
    Series,
    Study,
    StudyGrant,
)
from dokuei.imaging.rules import Act, QuarantineReason, Receipt
from dokuei.kit import live, store
from dokuei.kit.events import publish
from dokuei.patients import queries as patients
from dokuei.patients.services import identify_patient

ONCE_A_SECOND = timedelta(seconds=1)


class Outcome(StrEnum):
    STORED = "stored"
    REPEATED = "repeated"
    QUARANTINED = "quarantined"


@dataclass(frozen=True)
class Stored:
    """What became of an instance, for the door to answer."""

    outcome: Outcome
    sop_class_uid: str
    sop_instance_uid: str
    study_instance_uid: str
    study_id: int
    notes: tuple[str, ...] = ()


@transaction.atomic
def store_instance(
    actor: Actor,
    *,
    facility_id: int,
    content: Content,
    at: datetime,
    transfer_syntax: str | None = None,
) -> Stored:
    """Keep one instance as it came; the caller may answer success once this transaction has committed.

    `transfer_syntax` is given for a bare data set (C-STORE); None means a DICOM file. The bytes are synced
    before any row is written, under a key made of their hash: a crash in between leaves at most an unnamed
    object that the same bytes will take up again. An image is never refused for its names, character sets
    or patient identity.
    """
    require(actor, Permission.DICOM_STORE, facility_id=facility_id)
    largest = settings.DOKUEI.max_instance_bytes
    incoming = read_incoming(content, transfer_syntax=transfer_syntax, largest=largest)
    found = incoming.description
    _lock_uid(facility_id, found.sop_instance_uid)
    held = _held(facility_id, found.sop_instance_uid)
    if held is not None and held.sha256 == incoming.sha256:
        record(Event.INSTANCE_REPEATED, by=actor, of=held, at=at)
        return _answer(Outcome.REPEATED, found, held.study_id, incoming.notes)
    key = f"{facility_id}/{incoming.sha256[:2]}/{incoming.sha256}.dcm"
    _keep(key, incoming)
    if held is not None:
        _quarantine(actor, held, incoming, key, at)
        return _answer(Outcome.QUARANTINED, found, held.study_id, incoming.notes)
    study = _index(actor, facility_id, incoming, key, at)
    return _answer(Outcome.STORED, found, study.pk, incoming.notes)


def _answer(outcome: Outcome, found: Description, study_id: int, notes: tuple[str, ...]) -> Stored:
    return Stored(
        outcome, found.sop_class_uid, found.sop_instance_uid, found.study_instance_uid, study_id, notes
    )


def _lock_uid(facility_id: int, uid: str) -> None:
    """One at a time per SOP Instance UID: of two associations with the same UID one sees the other's row."""
    digest = hashlib.sha256(f"{facility_id}:{uid}".encode()).digest()
    with connection.cursor() as cursor:
        number = int.from_bytes(digest[:8], "big", signed=True)
        cursor.execute("select pg_advisory_xact_lock(%s)", [number])


def _held(facility_id: int, uid: str) -> Instance | None:
    return (
        Instance.objects.select_related("study")
        .only("sha256", "facility_id", "study_id", "study__study_instance_uid", "study__patient_id")
        .filter(facility_id=facility_id, sop_instance_uid=uid)
        .first()
    )


def _keep(key: str, incoming: Incoming) -> None:
    place = store.default()
    free = place.free_bytes()
    if free is not None and free - incoming.size_bytes < settings.DOKUEI.disk_low_bytes:
        raise DiskLow()
    place.put(key, *incoming.parts)


def _quarantine(actor: Actor, held: Instance, incoming: Incoming, key: str, at: datetime) -> None:
    found = incoming.description
    is_same = found.study_instance_uid == held.study.study_instance_uid
    reason = QuarantineReason.OTHER_CONTENT if is_same else QuarantineReason.OTHER_STUDY
    row, is_new = Quarantined.objects.get_or_create(
        facility_id=held.facility_id,
        sop_instance_uid=found.sop_instance_uid,
        sha256=incoming.sha256,
        defaults={
            "study_id": held.study_id,
            "study_instance_uid": found.study_instance_uid,
            "transfer_syntax": found.transfer_syntax,
            "reason": reason.value,
            "store_key": key,
            "store_length": incoming.size_bytes,
            "at": at,
        },
    )
    event = Event.INSTANCE_QUARANTINED if is_new else Event.INSTANCE_REPEATED
    record(event, by=actor, of=row, at=at, patient_id=held.study.patient_id, reason=reason.value)
    if is_new:
        live.announce("study", held.study_id, held.facility_id)


def _index(actor: Actor, facility_id: int, incoming: Incoming, key: str, at: datetime) -> Study:
    found = incoming.description
    study = _known_study(facility_id, found)
    patient_id, contradictions = _patient(actor, facility_id, study, found, at)
    is_new = study is None
    if study is None:
        study, is_new = _new_study(facility_id, found, patient_id, at)
    series_id = getattr(study, "series_pk", None) or _series(study, found).pk
    instance = _instance(study, series_id, incoming, key, at)
    record(
        Event.INSTANCE_STORED,
        by=actor,
        of=instance,
        at=at,
        patient_id=study.patient_id,
        study_id=study.pk,
        bytes=incoming.size_bytes,
        sha256=incoming.sha256,
    )
    _received(actor, study, incoming, is_new=is_new, at=at)
    reasons = rules.hold_reasons(
        is_same_patient=study.patient_id == patient_id,
        has_patient_id=bool(found.patient.patient_id),
        contradictions=contradictions,
        study_on=(study.study_on, found.study_on),
        accession=(study.accession_number, found.accession_number),
    )
    _hold(actor, study, {one.value for one in reasons}, at)
    return study


def _known_study(facility_id: int, found: Description) -> Study | None:
    """The study, locked since what follows compares and moves its state.

    With its patient and the series' id.
    """
    series = Series.objects.filter(study=OuterRef("pk"), series_instance_uid=found.series_instance_uid)
    return (
        Study.objects.select_for_update(of=("self",))
        .select_related("patient")
        .annotate(series_pk=Subquery(series.values("pk")[:1]))
        .filter(facility_id=facility_id, study_instance_uid=found.study_instance_uid)
        .first()
    )


def _patient(
    actor: Actor, facility_id: int, study: Study | None, found: Description, at: datetime
) -> tuple[int, Collection[str]]:
    """Whose image this is; the study's own patient if it says exactly what we hold, without asking again."""
    if study is not None and patients.is_as_held(study.patient, found.patient):
        return study.patient_id, ()
    patient, contradictions = identify_patient(
        actor,
        facility_id=facility_id,
        seen=found.patient,
        study_instance_uid=found.study_instance_uid,
        at=at,
    )
    return patient.pk, contradictions


def _new_study(facility_id: int, found: Description, patient_id: int, at: datetime) -> tuple[Study, bool]:
    """Register the study; False if another association was faster."""
    key = {"facility_id": facility_id, "study_instance_uid": found.study_instance_uid}
    study, is_new = Study.objects.get_or_create(
        **key,
        defaults={
            "patient_id": patient_id,
            "accession_number": found.accession_number,
            "study_id": found.study_id,
            "description": found.study_description,
            "body_part": found.body_part,
            "study_on": found.study_on,
            "study_at": found.study_at,
            "study_time": found.study_time,
            "utc_offset": found.utc_offset,
            "referring_physician": found.referring_physician,
            "received_at": at,
            "last_received_at": at,
            "settle_due_at": at + timedelta(seconds=settings.DOKUEI.settle_seconds),
        },
    )
    return (study, True) if is_new else (_known_study(facility_id, found) or study, False)


def _series(study: Study, found: Description) -> Series:
    key = {"study": study, "series_instance_uid": found.series_instance_uid}
    series = Series.objects.filter(**key).first()
    if series is not None:
        return series
    return Series.objects.create(
        **key,
        facility_id=study.facility_id,
        series_number=found.series_number,
        modality=found.modality,
        description=found.series_description,
        body_part=found.body_part,
        laterality=found.laterality,
        frame_of_reference_uid=found.frame_of_reference_uid,
        performed_on=found.performed_on,
        performed_time=found.performed_time,
        request_attributes=[dict(one) for one in found.request_attributes],
    )


def _instance(study: Study, series_id: int, incoming: Incoming, key: str, at: datetime) -> Instance:
    found, plan = incoming.description, incoming.description.plan
    base = 0 if plan is None else plan.offset
    instance = Instance(
        facility_id=study.facility_id,
        study=study,
        series_id=series_id,
        sop_instance_uid=found.sop_instance_uid,
        sop_class_uid=found.sop_class_uid,
        transfer_syntax=found.transfer_syntax,
        instance_number=found.instance_number,
        rows=found.rows,
        columns=found.columns,
        bits_allocated=found.bits_allocated,
        acquired_at=found.acquired_at,
        frames=plan.frames if plan else 0,
        image_position=list(found.image_position),
        image_orientation=list(found.image_orientation),
        store_key=key,
        store_length=incoming.size_bytes,
        data_set_offset=incoming.data_set_offset,
        sha256=incoming.sha256,
        header_bytes=found.header_bytes,
        pixel_offset=base,
        pixel_length=plan.length if plan else 0,
        frame_bits=plan.frame_bits if plan else 0,
        word_bytes=plan.word_bytes if plan else 1,
        frame_ranges=[list(map(list, one)) for one in plan.ranges] if plan and plan.ranges else None,
        notes=list(incoming.notes),
        received_at=at,
    )
    instance.save(force_insert=True)
    return instance


def _received(actor: Actor, study: Study, incoming: Incoming, *, is_new: bool, at: datetime) -> None:
    """Move the receipt on and tell who waits; while a study streams in, its row moves once a second."""
    found = incoming.description
    before = Receipt(study.receipt)
    is_late = before in {Receipt.COMPLETE, Receipt.SETTLED}
    fresh: dict[str, Any] = {
        "receipt": rules.LIFECYCLE[before, Act.RECEIVE] or before,
        "modalities": _with(study.modalities, [found.modality] if found.modality else []),
        "notes": _with(study.notes, incoming.notes),
        "body_part": study.body_part or found.body_part,
        "description": study.description or found.study_description,
    }
    is_changed = any(getattr(study, name) != value for name, value in fresh.items())
    if is_new or is_changed or at - study.last_received_at >= ONCE_A_SECOND:
        live.announce("study", study.pk, study.facility_id)
        fresh["last_received_at"] = at
        fresh["settle_due_at"] = at + timedelta(seconds=settings.DOKUEI.settle_seconds)
        for name, value in fresh.items():
            setattr(study, name, value)
        study.save(update_fields=list(fresh))
    ids = {"study_id": study.pk, "facility_id": study.facility_id}
    if is_new:
        publish(events.StudyArrived(**ids))
    if is_new or is_late:
        publish(events.InstancesArrived(**ids))
    if is_late:
        publish(events.LateImageArrived(**ids))
    _count(actor, study, at)


def _with(held: list[str], more: Iterable[str]) -> list[str]:
    return sorted({*held, *more})


def _count(actor: Actor, study: Study, at: datetime) -> None:
    """Complete is a comparison with what the sender announced, never a timer (product 9)."""
    state = Receipt(study.receipt)
    if study.expected_count is None or (state, Act.COUNT) not in rules.LIFECYCLE:
        return
    if study.instances.count() < study.expected_count:
        return
    study.receipt = rules.LIFECYCLE[state, Act.COUNT] or state
    study.settle_due_at = None
    study.save(update_fields=["receipt", "settle_due_at"])
    record(Event.STUDY_COMPLETED, by=actor, of=study, at=at, instances=study.expected_count)
    publish(events.StudyCompleted(study_id=study.pk, facility_id=study.facility_id))


def _hold(actor: Actor, study: Study, reasons: set[str], at: datetime) -> None:
    """Hold for reasons that are new: not already held for, and not looked at by a person before."""
    fresh = sorted(reasons - set(study.held_for) - set(study.resolved_for))
    state = Receipt(study.receipt)
    if not fresh or (state, Act.HOLD) not in rules.LIFECYCLE:
        return
    if state is not Receipt.HELD:
        study.held_from = state.value
    study.receipt = Receipt.HELD
    study.held_for = _with(study.held_for, fresh)
    study.save(update_fields=["receipt", "held_from", "held_for"])
    record(Event.STUDY_HELD, by=actor, of=study, at=at, reasons=fresh)
    for reason in fresh:
        publish(events.StudyHeld(study_id=study.pk, facility_id=study.facility_id, reason=reason))


@transaction.atomic
def settle_study(actor: Actor, study_id: int, *, at: datetime) -> Study:
    """Nothing came for the set time.

    The study is taken as settled, though nobody announced how many there are.
    """
    require(actor, Permission.SYSTEM)
    study = _locked(actor, study_id)
    state = Receipt(study.receipt)
    study.settle_due_at = None
    if state is Receipt.HELD and study.held_from == Receipt.RECEIVING:
        study.held_from = Receipt.SETTLED.value
    elif state is Receipt.RECEIVING:
        study.receipt = Receipt.SETTLED.value
    study.save(update_fields=["receipt", "held_from", "settle_due_at"])
    if state in {Receipt.RECEIVING, Receipt.HELD}:
        record(Event.STUDY_SETTLED, by=actor, of=study, at=at, instances=study.instances.count())
        publish(events.StudySettled(study_id=study.pk, facility_id=study.facility_id))
    return study


@transaction.atomic
def expect_instances(actor: Actor, study_id: int, *, count: int, at: datetime) -> Study:
    """Note how many instances the sender says the study has; the study is complete when they are here."""
    require(actor, Permission.DICOM_STORE)
    study = _locked(actor, study_id)
    if not 0 < count < 10**6:
        raise Invalid(code="study.count")
    study.expected_count = count
    study.save(update_fields=["expected_count"])
    record(Event.INSTANCE_STORED, by=actor, of=study, at=at, expected=count)
    _count(actor, study, at)
    return study


@transaction.atomic
def hold_study(actor: Actor, study_id: int, *, reason: str, at: datetime) -> Study:
    """Hold a study for a reason code: of the archive's own, or of the room that found the contradiction."""
    require(actor, Permission.STUDY_READ)
    study = _locked(actor, study_id)
    if not reason:
        raise refuse(rules.ReceiptRefusal.NO_REASON)
    if refusal := rules.why_not(Receipt(study.receipt), Act.HOLD):
        raise refuse(refusal)
    study.resolved_for = [one for one in study.resolved_for if one != reason]
    study.save(update_fields=["resolved_for"])
    _hold(actor, study, {reason}, at)
    return study


@transaction.atomic
def resolve_study(actor: Actor, study_id: int, *, reason: str, at: datetime) -> Study:
    """Let a held study go on: a person looked at what contradicted and says why it may."""
    require(actor, Permission.READING_MANAGE)
    study = _locked(actor, study_id)
    if not reason.strip():
        raise refuse(rules.ReceiptRefusal.NO_REASON)
    if refusal := rules.why_not(Receipt(study.receipt), Act.RESOLVE):
        raise refuse(refusal)
    looked_at, before = study.held_for, Receipt(study.held_from)
    study.receipt = before.value
    study.resolved_for = _with(study.resolved_for, looked_at)
    study.held_for, study.held_from = [], ""
    if before is Receipt.RECEIVING and study.settle_due_at is None:
        study.settle_due_at = at + timedelta(seconds=settings.DOKUEI.settle_seconds)
    study.save(update_fields=["receipt", "resolved_for", "held_for", "held_from", "settle_due_at"])
    record(Event.STUDY_RESOLVED, by=actor, of=study, at=at, reasons=looked_at)
    publish(events.StudyResolved(study_id=study.pk, facility_id=study.facility_id))
    return study


@transaction.atomic
def open_study(actor: Actor, study_id: int, *, door: str, at: datetime) -> Study:
    """Note that somebody looks at a study's images, once per opening."""
    require(actor, Permission.DICOM_READ)
    study = queries.one(actor, study_id)
    record(Event.STUDY_OPENED, by=actor, of=study, at=at, door=door)
    return study


@transaction.atomic
def grant_views(actor: Actor, *, study_ids: Iterable[int], person_id: int, reason: str, at: datetime) -> int:
    """Let a person look at studies for a reason such as ``reading:12``; return how many grants are new."""
    require(actor, Permission.READING_READ)
    _own_or_managed(actor, person_id)
    studies = Study.objects.filter(pk__in=set(study_ids))
    if actor.kind != "system":
        studies = studies.filter(facility_id__in=actor.facilities)
    granted = 0
    for study in studies.order_by("pk"):
        _, is_new = StudyGrant.objects.get_or_create(
            study=study,
            person_id=person_id,
            reason=reason,
            ended_at=None,
            defaults={"facility_id": study.facility_id, "since": at},
        )
        if is_new:
            granted += 1
            record(Event.VIEW_GRANTED, by=actor, of=study, at=at, person_id=person_id, reason=reason)
    return granted


@transaction.atomic
def end_views(actor: Actor, *, person_id: int, reason: str, at: datetime) -> int:
    """End every grant a person has for this reason; return how many ended."""
    require(actor, Permission.READING_READ)
    _own_or_managed(actor, person_id)
    rows = StudyGrant.objects.select_related("study").select_for_update(of=("self",))
    grants = list(rows.filter(person_id=person_id, reason=reason, ended_at=None).order_by("pk"))
    for grant in grants:
        grant.ended_at = max(at, grant.since)
        grant.save(update_fields=["ended_at"])
        record(Event.VIEW_ENDED, by=actor, of=grant.study, at=at, person_id=person_id, reason=reason)
    return len(grants)


def _own_or_managed(actor: Actor, person_id: int) -> None:
    """A reader is granted and gives back for themselves; for others it takes the right to manage readings."""
    if actor.kind == "person" and actor.person_id != person_id:
        require(actor, Permission.READING_MANAGE)


@transaction.atomic
def add_ae_title(
    actor: Actor, *, facility_id: int, title: str, at: datetime, peer_host: str | None = None
) -> ApplicationEntity:
    """Let a device send for a facility under this calling AE title."""
    require(actor, Permission.FACILITY_MANAGE, facility_id=facility_id)
    title = title.strip()
    if not 1 <= len(title) <= 16 or not title.isascii() or not title.isprintable() or "\\" in title:
        raise AeTitleIllegal()
    if queries.ae_is_known(title):
        raise AeTitleTaken()
    row = ApplicationEntity.objects.create(
        facility_id=facility_id, title=title, peer_host=peer_host or None, added_at=at
    )
    record(Event.AE_TITLE_ADDED, by=actor, of=row, at=at, title=title)
    return row


@transaction.atomic
def remove_ae_title(actor: Actor, ae_title_id: int, *, facility_id: int, at: datetime) -> None:
    """Stop believing a calling AE title; what it sent stays."""
    require(actor, Permission.FACILITY_MANAGE, facility_id=facility_id)
    rows = ApplicationEntity.objects.select_for_update(of=("self",))
    row = rows.filter(pk=ae_title_id, facility_id=facility_id, removed_at=None).first()
    if row is None:
        raise AeTitleUnknown()
    row.removed_at = at
    row.save(update_fields=["removed_at"])
    record(Event.AE_TITLE_REMOVED, by=actor, of=row, at=at, title=row.title)


@transaction.atomic
def note_refusal(
    actor: Actor, *, facility_id: int, code: str, door: str, sop_instance_uid: str, at: datetime
) -> None:
    """Write down that an image was not taken and why.

    Called by a door after its transaction was rolled back.
    """
    require(actor, Permission.DICOM_STORE, facility_id=facility_id)
    record(
        Event.INSTANCE_REFUSED,
        by=actor,
        facility_id=facility_id,
        at=at,
        code=code,
        door=door,
        sop_instance_uid=sop_instance_uid[:64],
    )


def _locked(actor: Actor, study_id: int) -> Study:
    rows = queries.in_facilities(actor).select_for_update(of=("self",))
    study = rows.filter(pk=study_id).first()
    if study is None:
        raise NotFound()
    return study
