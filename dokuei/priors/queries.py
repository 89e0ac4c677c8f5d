"""Reading priors: which there are of a request, what is known of them, how a facility stands."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging import queries as imaging
from dokuei.imaging.queries import StudyHere
from dokuei.intake import queries as intake
from dokuei.intake.queries import Content
from dokuei.patients import queries as patients
from dokuei.priors import rules
from dokuei.priors.elsewhere import queries as elsewhere
from dokuei.priors.likeness import Exam, exam, likeness
from dokuei.priors.models import PriorCandidate, PriorSearch, PriorTable
from dokuei.priors.rules import Candidate, Choice, Known, Search, State
from dokuei.priors.table import DEFAULT, DEFAULT_NAME, Relevance
from dokuei.priors.telling import sentence

NOT_SHOWN = {"held", "withdrawn"}
"""Receipts of a study that is not shown as a prior: something about it contradicts, or it was taken back."""
COUNTED = timedelta(days=30)
MOST_COUNTED = 5000


def table_on(facility_id: int, on: date) -> tuple[Relevance, str]:
    """The table a facility goes by on a day, and its name."""
    rows = PriorTable.objects.filter(facility_id=facility_id, effective_from__lte=on)
    row = rows.order_by("-effective_from", "-number").first()
    if row is None:
        return DEFAULT, DEFAULT_NAME
    return Relevance.model_validate(row.body), f"priors-{facility_id}-{row.number}"


@dataclass(frozen=True)
class Case:
    """One request as far as its priors go: what is asked about, what is here of the patient, what an archive names."""

    request_id: int
    facility_id: int
    content: Content
    own: tuple[StudyHere, ...]
    others: tuple[StudyHere, ...]
    candidates: tuple[PriorCandidate, ...]
    search: PriorSearch | None

    @property
    def on(self) -> date | None:
        """The day of the exam that is read."""
        return max((one.study_on for one in self.own if one.study_on), default=None)

    @property
    def exam(self) -> Exam:
        said = self.content.exam
        modalities = said.modality or [one for study in self.own for one in study.modalities]
        texts = [said.body_part, said.description]
        texts += [text for study in self.own for text in (study.body_part, study.description)]
        return exam(modalities, *texts)

    @property
    def contradicting(self) -> set[str]:
        return {one.study_instance_uid for one in self.candidates if one.state == Candidate.CONTRADICTS} | {
            one.study_instance_uid for one in self.others if one.receipt in NOT_SHOWN
        }

    @property
    def shown(self) -> list[StudyHere]:
        """The priors that are here and nothing speaks against, whatever day they are of."""
        against = self.contradicting
        return [one for one in self.others if one.study_instance_uid not in against and one.instance_count]

    @property
    def under_way(self) -> list[PriorCandidate]:
        return [one for one in self.candidates if one.state in rules.UNDER_WAY]

    @property
    def here(self) -> list[StudyHere]:
        """Of those shown, what is there as a whole and is no later exam."""
        coming = {one.study_instance_uid for one in self.under_way}
        return [one for one in self.shown if one.study_instance_uid not in coming and not self.is_later(one)]

    def is_later(self, study: StudyHere) -> bool:
        return bool(self.on and study.study_on and study.study_on > self.on)


def cases(wanted: Mapping[int, tuple[int, int]]) -> dict[int, Case]:
    """Of requests, each given with its patient and facility; in a scope that holds them."""
    versions = intake.sent_contents(wanted)
    by_study = intake.studies_of_requests(wanted)
    family = patients.families({patient for patient, _ in wanted.values()})
    held = imaging.studies_here(patient_ids={one for rows in family.values() for one in rows})
    searches = {row.request_id: row for row in PriorSearch.objects.filter(request_id__in=wanted)}
    named: dict[int, list[PriorCandidate]] = {}
    for row in PriorCandidate.objects.filter(search__request_id__in=wanted).order_by("pk"):
        named.setdefault(row.search_id, []).append(row)
    found = {}
    for request_id, (patient_id, facility_id) in wanted.items():
        version, search = versions.get(request_id), searches.get(request_id)
        if search is not None and search.patient_id != patient_id:
            search = None  # what was found for another patient says nothing about this one
        studies = [one for one in held if one.patient_id in family[patient_id]]
        own = {one.study_instance_uid for one in studies if by_study.get(one.id) == request_id}
        named_here = named.get(search.pk, []) if search else []
        found[request_id] = Case(
            request_id,
            facility_id,
            Content.model_validate(version.content) if version else Content(),
            tuple(one for one in studies if by_study.get(one.id) == request_id),
            tuple(one for one in studies if by_study.get(one.id) != request_id),
            tuple(row for row in named_here if row.study_instance_uid not in own),
            search,
        )
    return found


def case_of(request_id: int, patient_id: int, facility_id: int) -> Case:
    return cases({request_id: (patient_id, facility_id)})[request_id]


def choices(case: Case, table: Relevance) -> list[Choice]:
    """Everything known of the patient beside the exam that is read, most relevant first."""
    current = case.exam
    known: dict[str, Known] = {}
    for row in case.candidates:
        other = exam(row.modalities, row.body_part, row.description)
        known[row.study_instance_uid] = _known(
            case, row.study_instance_uid, current, other, row.study_on, table
        )
    named = {row.study_instance_uid: (row.body_part, row.description) for row in case.candidates}
    for study in case.others:
        uid = study.study_instance_uid
        other = exam(study.modalities, study.body_part, study.description, *named.get(uid, ()))
        known[uid] = _known(case, uid, current, other, study.study_on, table)
    return rules.ranked(known.values(), table)


def _known(case: Case, uid: str, current: Exam, other: Exam, on: date | None, table: Relevance) -> Known:
    alike = likeness(current, other, table)
    is_later = bool(case.on and on and on > case.on)
    return Known(key=uid, part=alike.part, kind=alike.kind, on=on, is_later=is_later)


def shown_study_ids(request_id: int, patient_id: int, facility_id: int, *, on: date) -> list[int]:
    """The priors a reader of the request may open, most relevant first."""
    case = case_of(request_id, patient_id, facility_id)
    place = {one.key: number for number, one in enumerate(choices(case, table_on(facility_id, on)[0]))}
    return [one.id for one in sorted(case.shown, key=lambda one: place[one.study_instance_uid])]


def summary(case: Case) -> dict[str, Any]:
    """The four states and the counts, as a line of the worklist shows them."""
    answer = case.content.comparison
    here = {one.study_instance_uid for one in case.shown}
    at_facility = [
        one
        for one in case.candidates
        if one.state != Candidate.CONTRADICTS and one.study_instance_uid not in here
    ]
    arrived, under_way = len(case.here), len(case.under_way)
    state = rules.prior_state(answer.state, here=arrived, at_facility=len(at_facility))
    search = case.search
    return {
        "state": state.value,
        "where_when": _where(answer.where_when, at_facility)
        if state is State.ELSEWHERE
        else answer.where_when,
        "answer": answer.state.value,
        "arrived": arrived,
        "wanted": arrived + under_way,
        "failed": sum(one.state in {Candidate.FAILED, Candidate.NOT_FOUND} for one in at_facility),
        "contradicting": len(case.contradicting),
        "search": search.state if search else Search.LOCAL.value,
        "wait_until": search.wait_until if search else None,
    }


def _where(said: str, at_facility: Sequence[PriorCandidate]) -> str:
    """Where and when: the facility's own words, and what its archive names."""
    days = sorted({one.study_on for one in at_facility if one.study_on}, reverse=True)
    named = f"施設PACS {'、'.join(f'{day:%Y/%m/%d}' for day in days[:3])}".strip() if at_facility else ""
    return " / ".join(text for text in (said, named) if text)


def summaries(wanted: Mapping[int, tuple[int, int]]) -> dict[int, dict[str, Any]]:
    """By request; each is given with its patient and facility."""
    return {request_id: summary(case) for request_id, case in cases(wanted).items()}


def listed(request_id: int, patient_id: int, facility_id: int, *, on: date) -> dict[str, Any]:
    """Every prior of a request with where it stands. Whoever calls has decided who may see it."""
    case = case_of(request_id, patient_id, facility_id)
    table, name = table_on(facility_id, on)
    named = {row.study_instance_uid: row for row in case.candidates}
    here = {study.study_instance_uid: study for study in case.others}
    items = [_item(case, one, named.get(one.key), here.get(one.key)) for one in choices(case, table)]
    items += [_shared_item(one) for one in elsewhere.shared(request_id, patient_id, facility_id)]
    return {
        **summary(case),
        "rule": case.search.rule if case.search else name,
        "silent": case.search.silent if case.search else [],
        "answered_at": case.search.answered_at if case.search else None,
        "may_ask": imaging.has_archive(facility_id)
        and (case.search is None or case.search.state not in {Search.ASKING, Search.CLOSED}),
        "report_text": case.content.comparison.report_text,
        "items": items,
    }


def shared_study_ids(request_id: int, patient_id: int, facility_id: int) -> dict[int, list[int]]:
    """What links to other facilities show for a request: link -> studies."""
    found: dict[int, list[int]] = {}
    for one in elsewhere.shared(request_id, patient_id, facility_id):
        found.setdefault(one.link_id, []).append(one.study.id)
    return found


def patients_shown(other_ids: Collection[int]) -> set[int]:
    """The patients whose readings are shown studies of these patients of other facilities."""
    return elsewhere.patients_shown(other_ids)


def other_patients(request_id: int, patient_id: int, facility_id: int) -> dict[int, str]:
    """Patients of other facilities that links show for a request, each with the facility's name."""
    return elsewhere.other_patients(request_id, patient_id, facility_id)


def _shared_item(one: elsewhere.Shared) -> dict[str, Any]:
    study = one.study
    return {
        "study_instance_uid": study.study_instance_uid,
        "candidate_id": None,
        "study_id": study.id,
        "study_on": study.study_on,
        "modalities": list(study.modalities),
        "description": study.description,
        "body_part": study.body_part,
        "tier": "",
        "chosen_for": "",
        "is_wanted": False,
        "state": Candidate.ARRIVED.value,
        "why": "",
        "archive": "",
        "instance_count": study.instance_count,
        "expected_count": None,
        "may_fetch": False,
        "elsewhere": one.facility_name,
    }


def _item(case: Case, choice: Choice, row: PriorCandidate | None, study: StudyHere | None) -> dict[str, Any]:
    state, why = _standing(case, row, study)
    return {
        "study_instance_uid": choice.key,
        "candidate_id": row.pk if row else None,
        "study_id": study.id if study and study in case.shown else None,
        "study_on": (study.study_on if study else None) or (row.study_on if row else None),
        "modalities": list((study.modalities if study else ()) or (row.modalities if row else ())),
        "description": (study.description if study else "") or (row.description if row else ""),
        "body_part": (study.body_part if study else "") or (row.body_part if row else ""),
        "tier": choice.tier,
        "chosen_for": choice.label,
        "is_wanted": choice.is_wanted,
        "state": state,
        "why": sentence(why),
        "archive": row.archive if row else "",
        "instance_count": study.instance_count if study else 0,
        "expected_count": row.instance_count if row else None,
        "elsewhere": "",
        "may_fetch": bool(row and row.state in rules.FETCHABLE and study not in case.shown),
    }


def _standing(case: Case, row: PriorCandidate | None, study: StudyHere | None) -> tuple[str, str]:
    if study is not None and study.study_instance_uid in case.contradicting:
        return Candidate.CONTRADICTS.value, row.why if row and row.state == Candidate.CONTRADICTS else "held"
    if row is not None and (row.state in rules.UNDER_WAY or study not in case.shown):
        return row.state, row.why
    return Candidate.ARRIVED.value, row.why if row and row.state == Candidate.ARRIVED else ""


def wait_of(request_id: int, patient_id: int, facility_id: int, *, at: datetime) -> rules.Wait | None:
    """What a reading still waits for, and until when."""
    case = case_of(request_id, patient_id, facility_id)
    if case.search is None:
        return None
    return rules.wait_left(
        case.search.wait_until,
        at=at,
        is_asking=case.search.state == Search.ASKING,
        under_way=len(case.under_way),
        here=len(case.here),
    )


def requests_about(study_ids: Collection[int]) -> list[tuple[int, int]]:
    """Request and facility of the searches for which these studies may be priors."""
    whose = patients.families(imaging.patients_of(study_ids).values())
    return requests_of_patients({one for rows in whose.values() for one in rows})


def requests_of_patients(patient_ids: Collection[int]) -> list[tuple[int, int]]:
    """Request and facility of the searches for priors of these patients."""
    rows = PriorSearch.objects.filter(request__state="accepted", patient__in=patient_ids)
    return list(rows.distinct().values_list("request_id", "facility_id"))


def studies_wanted(study_ids: Collection[int]) -> set[int]:
    """Which of these studies are of a patient of whom an exam is to be read: retention leaves their images."""
    whose = imaging.patients_of(study_ids)
    family = patients.families(whose.values())
    rows = PriorSearch.objects.filter(
        request__state="accepted", patient__in={one for rows in family.values() for one in rows}
    )
    sought = set(rows.values_list("patient_id", flat=True))
    return {study for study, patient in whose.items() if not sought.isdisjoint(family[patient])}


def states_of_facility(actor: Actor, facility_id: int, *, at: datetime) -> dict[str, Any]:
    """How many requests of the last days stand in each of the four states; as it is now, never kept."""
    require(actor, Permission.REQUEST_READ, facility_id=facility_id)
    rows = PriorSearch.objects.filter(facility_id=facility_id, begun_at__gte=at - COUNTED)
    wanted = {
        request_id: (patient_id, facility_id)
        for request_id, patient_id in rows.order_by("-pk").values_list("request_id", "patient_id")[
            :MOST_COUNTED
        ]
    }
    found = list(summaries(wanted).values())
    unreachable = sum(one["search"] == Search.UNREACHABLE for one in found)
    return {
        "days": COUNTED.days,
        "total": len(found),
        **{state.value: sum(one["state"] == state for one in found) for state in State},
        "unreachable": unreachable,
        "failed": sum(one["failed"] for one in found),
        "has_archive": imaging.has_archive(facility_id),
    }
