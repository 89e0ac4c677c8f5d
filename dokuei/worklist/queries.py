"""Readings: who sees which, as rows of a worklist and as one case."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from dokuei.audit import queries as trail
from dokuei.base.clock import JST, local_date
from dokuei.base.errors import NotFound
from dokuei.identity import queries as identity
from dokuei.identity.access import Actor, Permission, Role, require
from dokuei.imaging import queries as imaging
from dokuei.intake import queries as intake
from dokuei.kit.db import seeing_all
from dokuei.patients import queries as patients
from dokuei.priors import queries as priors
from dokuei.worklist import rules
from dokuei.worklist.models import Reading
from dokuei.worklist.rules import OPEN, PriorsLeft, State

BOXES = ("open", "mine", "done")
ROWS_MOST = 500


def visible_to(actor: Actor) -> QuerySet[Reading]:
    """Readings of the actor's facilities; a reader meets what may be taken and what they took themselves."""
    rows = Reading.objects.select_related("facility", "patient", "reader", "request")
    if actor.kind == "system":
        return rows
    rows = rows.filter(facility_id__in=actor.facilities)
    if actor.may(Permission.READING_MANAGE):
        return rows
    return rows.filter(Q(reader_id=actor.person_id) | Q(state__in=OPEN))


def one(actor: Actor, reading_id: int) -> Reading:
    """A reading the actor may see, or `NotFound`."""
    require(actor, Permission.READING_READ)
    row = visible_to(actor).filter(pk=reading_id).first()
    if row is None:
        raise NotFound()
    return row


def box(actor: Actor, name: str) -> QuerySet[Reading]:
    """One of the worklist's lists, most pressing first."""
    require(actor, Permission.READING_READ)
    rows = visible_to(actor)
    if name == "mine":
        return rows.filter(state=State.CLAIMED, reader_id=actor.person_id).order_by("due_at", "pk")
    if name == "done":
        done = rows.filter(state=State.READ)
        if Role.READER in actor.roles:
            done = done.filter(reader_id=actor.person_id)
        return done.order_by("-read_at", "-pk")
    return rows.filter(state__in=OPEN).order_by("due_at", "pk")


def counts(actor: Actor, at: datetime) -> dict[str, int]:
    """How many stand in each list; derived, never kept."""
    midnight = at.astimezone(JST).replace(hour=0, minute=0, second=0, microsecond=0)
    return {
        "open": box(actor, "open").count(),
        "mine": box(actor, "mine").count(),
        "done_today": box(actor, "done").filter(read_at__gte=midnight).count(),
        "overdue": box(actor, "open").filter(due_at__lt=at).count(),
    }


def next_waiting(actor: Actor) -> QuerySet[Reading]:
    """What this reader would be given next: the earliest deadline that nobody holds (product 17)."""
    waiting = Reading.objects.filter(facility_id__in=actor.facilities, state=State.WAITING)
    return waiting.order_by("due_at", "pk")


def rows_out(actor: Actor, readings: Sequence[Reading], at: datetime) -> list[dict[str, Any]]:
    """Worklist lines, everything a reader weighs before taking one."""
    contents = intake.sent_contents(reading.request_id for reading in readings)
    studies = _studies([reading.request_id for reading in readings])
    known = priors.summaries({one.request_id: (one.patient_id, one.facility_id) for one in readings})
    ids = [one.request_id for one in readings]
    asked, unchecked = intake.asked_now(ids), intake.unchecked(ids)
    return [
        {
            **_row(actor, one, contents, studies.get(one.request_id, []), known[one.request_id], at),
            "asked_now": asked.get(one.request_id, 0),
            "is_unchecked": one.request_id in unchecked,
        }
        for one in readings
    ]


def _studies(request_ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    by_study = intake.studies_of_requests(request_ids)
    shown = {row["id"]: row for row in imaging.studies_out(list(by_study))}
    found: dict[int, list[dict[str, Any]]] = {}
    for study_id, request_id in by_study.items():
        if study_id in shown:
            found.setdefault(request_id, []).append(shown[study_id])
    return found


def _row(
    actor: Actor,
    reading: Reading,
    contents: Mapping[int, Any],
    studies: list[dict[str, Any]],
    known: Mapping[str, Any],
    at: datetime,
) -> dict[str, Any]:
    version = contents.get(reading.request_id)
    content = version.content if version else {}
    expected = [one["expected_count"] for one in studies]
    refusal = rules.why_not_claim(State(reading.state)) if reading.state in OPEN else None
    mine = reading.reader_id == actor.person_id
    return {
        "id": reading.pk,
        "state": reading.state,
        "waits_for": reading.waits_for,
        "urgency": reading.urgency,
        "due_at": reading.due_at,
        "clock_started_at": reading.clock_started_at,
        "warned": rules.warning_level(reading.clock_started_at, reading.due_at, at),
        "patient": patients.patient_out(reading.patient, local_date(at)),
        "facility": reading.facility,
        "modality": reading.modality,
        "body_part": reading.body_part,
        "exam_description": content.get("exam", {}).get("description", ""),
        "question": content.get("question", ""),
        "study_at": studies[0]["study_at"] if studies else None,
        "instance_count": sum(one["instance_count"] for one in studies),
        "expected_count": sum(expected) if expected and None not in expected else None,
        "priors": known,
        "completeness": version.completeness if version else {"score": 0, "missing": []},
        "reader": reading.reader,
        "claimed_at": reading.claimed_at,
        "lease_until": reading.lease_until,
        "read_at": reading.read_at,
        "acts": open_acts(actor, reading),
        "refusal": None if refusal is None or mine else {"code": refusal.value, "sentence": refusal.sentence},
        "request_id": reading.request_id,
    }


def open_acts(actor: Actor, reading: Reading) -> list[str]:
    """What this actor may do with this reading now; screens draw their buttons from it."""
    state, acts = State(reading.state), []
    mine = reading.reader_id is not None and reading.reader_id == actor.person_id
    if actor.may(Permission.READING_CLAIM) and rules.why_not_claim(state) is None:
        acts.append("claim")
    if mine and state == State.CLAIMED:
        acts += ["open", "renew", "release", "write", "sign"]
    elif (mine and state == State.READ) or actor.may(Permission.READING_MANAGE):
        acts.append("open")
    if actor.may(Permission.READING_MANAGE) and state == State.CLAIMED and not mine:
        acts.append("release")
    return acts


def history(subject: Any) -> list[dict[str, Any]]:
    """The acts on an object as sentences with names and times."""
    lines = [line for line in trail.trail_of(subject) if not line.event.endswith(QUIET)]
    names = identity.label_names({line.by for line in lines})
    return [
        {"at": line.at, "by": names.get(line.by, _plain(line.by)), "sentence": line.sentence}
        for line in lines
    ]


QUIET = (".viewed", ".prepared", ".renewed", ".saved", ".edited", ".opened")
"""Acts that happen all the time and would drown a case's history; the audit screen shows them."""


def _plain(label: str) -> str:
    return "システム" if label.startswith("system:") else label


def study_ids(reading: Reading) -> list[int]:
    return intake.study_ids(reading.request_id)


def prior_study_ids(reading: Reading) -> list[int]:
    """The patient's other studies at this facility that may be shown as priors, most relevant first."""
    on = local_date(reading.clock_started_at)
    return priors.shown_study_ids(reading.request_id, reading.patient_id, reading.facility_id, on=on)


def priors_of(actor: Actor, reading: Reading) -> dict[str, Any]:
    """The priors of a reading, one by one: for who reads or has read it, and who manages readings."""
    require(actor, Permission.READING_READ)
    is_theirs = reading.reader_id is not None and reading.reader_id == actor.person_id
    if not is_theirs and not actor.may(Permission.READING_MANAGE):
        raise NotFound()
    on = local_date(reading.clock_started_at)
    return priors.listed(reading.request_id, reading.patient_id, reading.facility_id, on=on)


def wait_for_priors(request_id: int, patient_id: int, facility_id: int, at: datetime) -> PriorsLeft | None:
    """What a reading still waits for of its priors."""
    left = priors.wait_of(request_id, patient_id, facility_id, at=at)
    return PriorsLeft(left.until, left.arrived, left.wanted, left.is_asking) if left else None


def images_of(actor: Actor, reading: Reading) -> dict[str, Any]:
    """What the viewer may open: the studies of the reading, then the patient's earlier ones."""
    require(actor, Permission.DICOM_READ)
    roles = [(pk, "current") for pk in study_ids(reading)]
    roles += [(pk, "prior") for pk in prior_study_ids(reading)]
    allowed = set(imaging.visible_to(actor).values_list("pk", flat=True))
    elsewhere = {pk for ids in shared_studies(reading).values() for pk in ids}
    if not elsewhere:
        return imaging.images_manifest([(pk, role) for pk, role in roles if pk in allowed])
    roles += [(pk, "prior") for pk in sorted(elsewhere)]
    with seeing_all("worklist.shared"):  # of other facilities only what this reader was granted
        granted = imaging.granted_to(actor).filter(study__in=elsewhere)
        allowed |= set(granted.values_list("study_id", flat=True))
        return imaging.images_manifest([(pk, role) for pk, role in roles if pk in allowed])


def shared_studies(reading: Reading) -> dict[int, list[int]]:
    """What links to other facilities show of a reading's patient: link -> studies."""
    return priors.shared_study_ids(reading.request_id, reading.patient_id, reading.facility_id)


def patients_elsewhere(actor: Actor, reading: Reading) -> dict[int, str]:
    """Patients of other facilities whose reports who holds the reading may read, each with the facility's name."""
    if reading.state != State.CLAIMED or reading.reader_id is None or reading.reader_id != actor.person_id:
        return {}
    return priors.other_patients(reading.request_id, reading.patient_id, reading.facility_id)


def launch_reason(reading: Reading) -> str:
    """By what name the launches of other viewers for a reading are known."""
    return f"reading:{reading.pk}"


def launching(actor: Actor, reading: Reading) -> dict[str, Any]:
    """Which viewers its study may be opened in, and what became of the actor's own launches."""
    return imaging.launching(actor, facility_id=reading.facility_id, reason=launch_reason(reading))


def ask_backs_of(actor: Actor, reading: Reading) -> dict[str, Any]:
    """What was asked about a reading's request, and whether this actor may ask."""
    theirs = rules.why_not_ask_back(State(reading.state), reading.reader_id, actor.person_id) is None
    return intake.asked_of_reading(reading.request, is_reader=theirs and actor.may(Permission.ASK_BACK_WRITE))


def turnaround(reading: Reading, at: datetime) -> dict[str, int]:
    """Elapsed time from the request's sending to the signature (or now), and without the wait for answers."""
    clock = intake.turnaround(reading.request_id, reading.clock_started_at, reading.read_at, at)
    return {
        "gross_seconds": int(clock.gross.total_seconds()),
        "net_seconds": int(clock.net.total_seconds()),
    }


def lease_end(at: datetime, minutes: int) -> datetime:
    return at + timedelta(minutes=minutes)


def studies_being_read(study_ids: Collection[int]) -> set[int]:
    """Which of these studies a reading is about that has not ended."""
    rows = Reading.objects.filter(state__in=OPEN, request__request_studies__study_id__in=study_ids)
    return set(rows.values_list("request__request_studies__study_id", flat=True)) & set(study_ids)
