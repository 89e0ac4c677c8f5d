"""Listing what is durable: instances, their series, study and patient, many in one transaction.

Everything is decided by what the database holds when the rows are locked: the same content again is a repeat, other
content under the same SOP Instance UID is quarantined beside what was there.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, Subquery

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.dicom.describe import Description, PatientIdentity
from dokuei.imaging import events, rules
from dokuei.imaging.archive.arrival import Arrival, Outcome, Stored
from dokuei.imaging.archive.receiving import apply_announcements, count_instances, hold_for, union
from dokuei.imaging.made.telling import made_among, note_listed
from dokuei.imaging.models import Instance, Quarantined, Series, Study
from dokuei.imaging.moves.standing import origin_of
from dokuei.imaging.rules import Act, QuarantineReason, Receipt
from dokuei.imaging.scrub.damage import heal
from dokuei.imaging.unlisted.ending import end_unlisted
from dokuei.imaging.upkeep.quota import note_stored
from dokuei.imaging.upkeep.tombs import buried, note_buried
from dokuei.kit import live
from dokuei.kit.db import insert_new
from dokuei.kit.events import publish
from dokuei.patients import queries as patients
from dokuei.patients.services import identify_patient

ONCE_A_SECOND = timedelta(seconds=1)


@dataclass
class _Group:
    """Arrivals of one study, and what is known of it while they are listed."""

    study: Study
    is_new: bool
    arrivals: list[Arrival]
    series: dict[str, int] = field(default_factory=dict)
    whose: dict[PatientIdentity, tuple[int, Collection[str]]] = field(default_factory=dict)


@transaction.atomic(savepoint=False)
def list_arrivals(arrivals: Sequence[Arrival]) -> list[Stored]:
    """List instances in the order given; what became of each.

    The caller has set a scope that holds their facilities. Listing the same arrival again changes nothing.
    """
    results: dict[int, Stored] = {}
    waiting = list(enumerate(arrivals))
    while waiting:
        waiting = _pass(waiting, results)
    end_unlisted(arrivals)
    return [results[number] for number in range(len(arrivals))]


def _pass(waiting: list[tuple[int, Arrival]], results: dict[int, Stored]) -> list[tuple[int, Arrival]]:
    """List the first arrival of each UID; those behind it, and those another process was faster with, go round."""
    held = _held(one for _, one in waiting)
    gone = buried([(one.facility_id, one.uid, one.sha256) for _, one in waiting])
    fresh: dict[tuple[int, str], tuple[int, Arrival]] = {}
    again = []
    for number, one in waiting:
        key = (one.facility_id, one.uid)
        if key in held:
            results[number] = _met(one, held[key])
        elif (*key, one.sha256) in gone:
            results[number] = _answer(
                Outcome.REPEATED, one, note_buried(one.actor, gone[*key, one.sha256], one.at)
            )
        elif key in fresh:
            again.append((number, one))
        elif one.place is None:
            raise LookupError(f"a repeat of an instance that is not listed: {one.uid}")
        else:
            fresh[key] = (number, one)
    for key, stored in _list_new([one for _, one in fresh.values()]).items():
        results[fresh.pop(key)[0]] = stored
    return sorted([*fresh.values(), *again], key=lambda pair: pair[0])


def _held(arrivals: Iterable[Arrival]) -> dict[tuple[int, str], Instance]:
    wanted: dict[int, set[str]] = {}
    for one in arrivals:
        wanted.setdefault(one.facility_id, set()).add(one.uid)
    found = {}
    for facility_id, uids in wanted.items():
        rows = Instance.objects.filter(facility_id=facility_id, sop_instance_uid__in=uids)
        rows = rows.select_related("study").only(
            "sop_instance_uid",
            "sha256",
            "transfer_syntax",
            "facility_id",
            "study_id",
            "study__study_instance_uid",
            "study__patient_id",
        )
        found.update({(facility_id, row.sop_instance_uid): row for row in rows})
    return found


def _met(one: Arrival, held: Instance) -> Stored:
    """An instance whose UID is taken: the same again, or a contradiction that is kept beside it.

    The same again heals what the scrub found damaged.
    """
    if held.sha256 == one.sha256:
        place = one.place if held.transfer_syntax == one.description.transfer_syntax else None
        if place is not None and heal(one.actor, held, place, one.data_set_offset, at=one.at):
            return _answer(Outcome.STORED, one, held.study_id)
        record(Event.INSTANCE_REPEATED, by=one.actor, of=held, at=one.at)
        return _answer(Outcome.REPEATED, one, held.study_id)
    _quarantine(one, held)
    return _answer(Outcome.QUARANTINED, one, held.study_id)


def _answer(outcome: Outcome, one: Arrival, study_id: int) -> Stored:
    found = one.description
    return Stored(
        outcome, found.sop_class_uid, found.sop_instance_uid, found.study_instance_uid, study_id, one.notes
    )


def _quarantine(one: Arrival, held: Instance) -> None:
    found = one.description
    is_same = found.study_instance_uid == held.study.study_instance_uid
    reason = QuarantineReason.OTHER_CONTENT if is_same else QuarantineReason.OTHER_STUDY
    assert one.place is not None
    row, is_new = Quarantined.objects.get_or_create(
        facility_id=held.facility_id,
        sop_instance_uid=found.sop_instance_uid,
        sha256=one.sha256,
        defaults={
            "study_id": held.study_id,
            "study_instance_uid": found.study_instance_uid,
            "transfer_syntax": found.transfer_syntax,
            "reason": reason.value,
            "store_key": one.place.key,
            "store_offset": one.place.offset,
            "store_length": one.place.length,
            "at": one.at,
        },
    )
    event = Event.INSTANCE_QUARANTINED if is_new else Event.INSTANCE_REPEATED
    record(event, by=one.actor, of=row, at=one.at, patient_id=held.study.patient_id, reason=reason.value)
    if is_new:
        live.announce("study", held.study_id, held.facility_id)


def _list_new(arrivals: Sequence[Arrival]) -> dict[tuple[int, str], Stored]:
    """List arrivals whose UIDs were free; those that were taken meanwhile are not in the answer."""
    groups = list(_grouped(arrivals))
    rows = [_row(group, one) for group in groups for one in group.arrivals]
    rows.sort(key=itemgetter("facility_id", "sop_instance_uid"))  # one order, so no two wait in a ring
    ids = insert_new(Instance, rows, unique=("facility_id", "sop_instance_uid"))
    note_stored(
        (row["facility_id"], row["store_length"])
        for row in rows
        if (row["facility_id"], row["sop_instance_uid"]) in ids
    )
    own = made_among(arrivals)
    note_listed({key: ids[key] for key in own if key in ids})
    stored = {}
    for group in groups:
        mine = [one for one in group.arrivals if (one.facility_id, one.uid) in ids]
        for one in mine:
            stored[one.facility_id, one.uid] = _answer(Outcome.STORED, one, group.study.pk)
        if mine:
            _record_stored(group, mine, [ids[one.facility_id, one.uid] for one in mine])
        if received := [one for one in mine if (one.facility_id, one.uid) not in own]:
            _note_received(group, received)
    return stored


def _grouped(arrivals: Sequence[Arrival]) -> Iterator[_Group]:
    def key(one: Arrival) -> tuple[int, str]:
        return one.facility_id, one.description.study_instance_uid

    for (facility_id, study_uid), some in groupby(sorted(arrivals, key=key), key):
        mine = list(some)
        first = mine[0].description.series_instance_uid
        study = _known_study(facility_id, study_uid, first)
        group = _Group(study, False, mine) if study is not None else _new_study(mine)
        if (known := getattr(group.study, "series_pk", None)) is not None:
            group.series[first] = known
        for one in mine:
            identity = one.description.patient
            if identity not in group.whose:
                group.whose[identity] = _whose(group.study, one)
            _find_series(group, one.description)
        yield group


def _known_study(facility_id: int, study_uid: str, series_uid: str) -> Study | None:
    """The study with one series' id, locked since what follows compares and moves its state.

    Its patient is read after the lock: joined, a study whose patient changes meanwhile would not be found at all.
    """
    series = Series.objects.filter(study=OuterRef("pk"), series_instance_uid=series_uid)
    rows = Study.objects.select_for_update(no_key=True, of=("self",))
    rows = rows.annotate(series_pk=Subquery(series.values("pk")[:1]))
    return rows.filter(facility_id=facility_id, study_instance_uid=study_uid).first()


def _whose(study: Study | None, one: Arrival) -> tuple[int, Collection[str]]:
    """Whose image this is; the study's own patient if it says exactly what we hold, without asking again."""
    found = one.description
    if study is not None and patients.is_as_held(study.patient, found.patient):
        return study.patient_id, ()
    patient, contradictions = identify_patient(
        one.actor,
        facility_id=one.facility_id,
        seen=found.patient,
        study_instance_uid=found.study_instance_uid,
        at=one.at,
    )
    return patient.pk, contradictions


def _new_study(arrivals: list[Arrival]) -> _Group:
    """Register the study by its first instance, unless another process was faster."""
    one = arrivals[0]
    found = one.description
    whose = _whose(None, one)
    study, is_new = Study.objects.get_or_create(
        facility_id=one.facility_id,
        study_instance_uid=found.study_instance_uid,
        defaults={
            "patient_id": whose[0],
            "accession_number": found.accession_number,
            "study_id": found.study_id,
            "description": found.study_description,
            "body_part": found.body_part,
            "study_on": found.study_on,
            "study_at": found.study_at,
            "study_time": found.study_time,
            "utc_offset": found.utc_offset,
            "referring_physician": found.referring_physician,
            "received_at": one.at,
            "last_received_at": one.at,
            "settle_due_at": one.at + timedelta(seconds=settings.DOKUEI.settle_seconds),
        },
    )
    if is_new:
        apply_announcements(one.actor, study, one.at)
    else:
        study = _known_study(one.facility_id, found.study_instance_uid, found.series_instance_uid) or study
    return _Group(study, is_new, arrivals, whose={found.patient: whose})


def _find_series(group: _Group, found: Description) -> None:
    if found.series_instance_uid in group.series:
        return
    study = group.study
    row, _ = Series.objects.get_or_create(
        study=study,
        series_instance_uid=found.series_instance_uid,
        defaults={
            "facility_id": study.facility_id,
            "series_number": found.series_number,
            "modality": found.modality,
            "description": found.series_description,
            "body_part": found.body_part,
            "laterality": found.laterality,
            "frame_of_reference_uid": found.frame_of_reference_uid,
            "performed_on": found.performed_on,
            "performed_time": found.performed_time,
            "request_attributes": [dict(one) for one in found.request_attributes],
        },
    )
    group.series[found.series_instance_uid] = row.pk


def _row(group: _Group, one: Arrival) -> dict[str, Any]:
    found, plan, place = one.description, one.description.plan, one.place
    assert place is not None
    return {
        "facility_id": one.facility_id,
        "study_id": group.study.pk,
        "series_id": group.series[found.series_instance_uid],
        "sop_instance_uid": found.sop_instance_uid,
        "sop_class_uid": found.sop_class_uid,
        "transfer_syntax": found.transfer_syntax,
        "instance_number": found.instance_number,
        "rows": found.rows,
        "columns": found.columns,
        "bits_allocated": found.bits_allocated,
        "acquired_at": found.acquired_at,
        "frames": plan.frames if plan else 0,
        "image_position": list(found.image_position),
        "image_orientation": list(found.image_orientation),
        "store_key": place.key,
        "store_offset": place.offset,
        "store_length": place.length,
        "data_set_offset": one.data_set_offset,
        "sha256": one.sha256,
        "header_bytes": found.header_bytes,
        "pixel_offset": plan.offset if plan else 0,
        "pixel_length": plan.length if plan else 0,
        "frame_bits": plan.frame_bits if plan else 0,
        "word_bytes": plan.word_bytes if plan else 1,
        "frame_ranges": plan.ranges if plan and plan.ranges else None,
        "notes": list(one.notes),
        "received_at": one.at,
    }


def _record_stored(group: _Group, mine: list[Arrival], ids: list[int]) -> None:
    """The trail."""
    for actor, some in groupby(
        sorted(zip(mine, ids, strict=True), key=_by_actor), lambda pair: pair[0].actor
    ):
        pairs = list(some)
        record(
            Event.INSTANCE_STORED,
            by=actor,
            of=group.study,
            at=pairs[-1][0].at,
            bytes=sum(one.size_bytes for one, _ in pairs),
            instances=[[key, one.sha256] for one, key in pairs],
        )


def _note_received(group: _Group, mine: list[Arrival]) -> None:
    """The study's receipt, and what has to be held. Our own objects move neither."""
    study = group.study
    _move_receipt(group, mine)
    found: set[rules.HoldReason] = set()
    for one in mine:
        found |= _hold_reasons(group, one)
    hold_for(mine[-1].actor, study, {one.value for one in found}, mine[-1].at)


def _by_actor(pair: tuple[Arrival, int]) -> tuple[str, int]:
    return pair[0].actor.label, pair[1]


def _hold_reasons(group: _Group, one: Arrival) -> frozenset[rules.HoldReason]:
    study, found = group.study, one.description
    patient_id, contradictions = group.whose[found.patient]
    return rules.hold_reasons(
        is_same_patient=_is_theirs(study, patient_id),
        has_patient_id=bool(found.patient.patient_id),
        contradictions=contradictions,
        study_on=(study.study_on, found.study_on),
        accession=(study.accession_number, found.accession_number),
    )


def _is_theirs(study: Study, patient_id: int) -> bool:
    """Whether an image of this patient belongs into the study; of one that was moved, as it says and as it stands."""
    if patients.is_one_person(study.patient_id, patient_id):
        return True
    origin_id = origin_of(study.pk)
    return origin_id is not None and patients.is_one_person(origin_id, patient_id)


def _move_receipt(group: _Group, mine: list[Arrival]) -> None:
    """Move the receipt on and tell who waits; while a study streams in, its row moves once a second."""
    study, at = group.study, mine[-1].at
    before = Receipt(study.receipt)
    is_late = before in {Receipt.COMPLETE, Receipt.SETTLED}
    found = [one.description for one in mine]
    fresh: dict[str, Any] = {
        "receipt": rules.LIFECYCLE[before, Act.RECEIVE] or before,
        "modalities": union(study.modalities, (one.modality for one in found if one.modality)),
        "notes": union(study.notes, (note for one in mine for note in one.notes)),
        "body_part": study.body_part or next((one.body_part for one in found if one.body_part), ""),
        "description": study.description
        or next((one.study_description for one in found if one.study_description), ""),
    }
    is_changed = any(getattr(study, name) != value for name, value in fresh.items())
    if group.is_new or is_changed or at - study.last_received_at >= ONCE_A_SECOND:
        live.announce("study", study.pk, study.facility_id)
        fresh["last_received_at"] = at
        fresh["settle_due_at"] = at + timedelta(seconds=settings.DOKUEI.settle_seconds)
        for name, value in fresh.items():
            setattr(study, name, value)
        study.save(update_fields=list(fresh))
    ids = {"study_id": study.pk, "facility_id": study.facility_id}
    if group.is_new:
        publish(events.StudyArrived(**ids))
    if group.is_new or is_late:
        publish(events.InstancesArrived(**ids))
    if is_late:
        publish(events.LateImageArrived(**ids))
    count_instances(mine[-1].actor, study, at)
