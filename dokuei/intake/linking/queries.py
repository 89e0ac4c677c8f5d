"""Cases: who sees which, and what is known of a request and its images."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import Case, IntegerField, QuerySet, Value, When

from dokuei.base.errors import NotFound
from dokuei.dicom.describe import PatientIdentity
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging import queries as imaging
from dokuei.imaging.models import Study
from dokuei.intake.linking import rules
from dokuei.intake.linking.models import LinkCase, PairDecision
from dokuei.intake.linking.rules import CaseState, Ruling
from dokuei.intake.linking.sides import LINKING
from dokuei.intake.models import Request, RequestStudy
from dokuei.intake.ordering.order import Stated

BOXES = ("open", "closed")
ROWS_MOST = 200


@dataclass
class Decisions:
    """What people decided about one request and its studies, as it stands."""

    others: set[int] = field(default_factory=set)
    codes: dict[int | None, set[str]] = field(default_factory=dict)

    def is_other(self, study_id: int) -> bool:
        return study_id in self.others

    def accepted(self, study_id: int | None) -> Collection[str]:
        return self.codes.get(study_id, set())


def decisions(request_id: int) -> Decisions:
    found = Decisions()
    for row in PairDecision.objects.filter(request_id=request_id, undone_at=None):
        if row.ruling == Ruling.ACCEPTED:
            found.codes.setdefault(row.study_id, set()).update(row.codes)
        elif row.study_id is not None:
            found.others.add(row.study_id)
    return found


def linked_studies(request_id: int) -> list[Study]:
    ids = RequestStudy.objects.filter(request_id=request_id).values("study_id")
    rows = imaging.in_facilities(LINKING).filter(pk__in=ids).prefetch_related("series")
    return list(rows.order_by("pk"))


def studies_decided(request_id: int) -> list[Study]:
    """Studies a request has, or that somebody said are not its."""
    ruled = PairDecision.objects.filter(request_id=request_id, study__isnull=False, undone_at=None)
    rows = imaging.in_facilities(LINKING).filter(pk__in=ruled.values("study_id")).prefetch_related("series")
    return list({one.pk: one for one in (*linked_studies(request_id), *rows)}.values())


def stated_identity(request: Request) -> PatientIdentity | None:
    return Stated.model_validate(request.stated).patient.identity if request.stated is not None else None


def open_cases_about(study: Study) -> list[int]:
    """Requests whose open case shows this study."""
    rows = LinkCase.objects.filter(
        facility_id=study.facility_id, state=CaseState.OPEN, findings__contains=[{"study_id": study.pk}]
    )
    return list(rows.values_list("request_id", flat=True))


def held_for(request_id: int) -> list[str]:
    """Why a request's reading is held, as sentences; empty if nothing contradicts."""
    row = LinkCase.objects.filter(request_id=request_id, is_held=True).first()
    if row is None:
        return []
    return [text for one in rules.findings_of(row.findings) if one.holds for text in one.reasons]


def in_doubt(request_ids: Iterable[int]) -> set[int]:
    """Which of these requests have something that contradicts and nobody has accepted."""
    rows = LinkCase.objects.filter(request_id__in=set(request_ids), is_held=True)
    return set(rows.values_list("request_id", flat=True))


def is_being_matched(request_id: int) -> bool:
    """Whether somebody has to say which images belong to a request."""
    return LinkCase.objects.filter(request_id=request_id, state=CaseState.OPEN).exists()


def cases_of(request_ids: Iterable[int]) -> dict[int, int]:
    """The case of each of these requests that has one."""
    rows = LinkCase.objects.filter(request_id__in=set(request_ids))
    return dict(rows.values_list("request_id", "id"))


def visible_to(actor: Actor) -> QuerySet[LinkCase]:
    """Cases of the actor's facilities."""
    rows = LinkCase.objects.select_related("facility", "patient", "request")
    return rows if actor.kind == "system" else rows.filter(facility_id__in=actor.facilities)


def box(actor: Actor, name: str) -> QuerySet[LinkCase]:
    """Open cases, the held and most urgent first, then the oldest; or those that are done, the newest first."""
    require(actor, Permission.REQUEST_READ)
    rows = visible_to(actor)
    if name == "closed":
        return rows.filter(state=CaseState.CLOSED).order_by("-closed_at", "-pk")
    pressing = [When(request__urgency=one, then=Value(n)) for n, one in enumerate(rules.URGENCY_ORDER)]
    return (
        rows.filter(state=CaseState.OPEN)
        .annotate(rank=Case(*pressing, default=Value(9), output_field=IntegerField()))
        .order_by("rank", "-is_held", "opened_at", "pk")
    )


def counts(actor: Actor) -> Mapping[str, int]:
    """How many wait for a person, and how many of these hold a reading."""
    waiting = box(actor, "open")
    return {"open": waiting.count(), "held": waiting.filter(is_held=True).count()}


def one(actor: Actor, case_id: int) -> LinkCase:
    """A case the actor may read, or `NotFound`."""
    require(actor, Permission.REQUEST_READ)
    row = visible_to(actor).filter(pk=case_id).first()
    if row is None:
        raise NotFound()
    return row
