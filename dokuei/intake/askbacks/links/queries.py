"""Links as they were made, and what the page behind one shows."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Count, Max, Q

from dokuei.identity import queries as identity
from dokuei.identity.access import Actor, Permission, Role
from dokuei.identity.models import Person
from dokuei.imaging.models import Study
from dokuei.intake.askbacks.links.models import AskBackLink
from dokuei.intake.askbacks.links.rules import Candidate, LinkState
from dokuei.intake.askbacks.models import AskBack
from dokuei.intake.askbacks.rules import ADDRESSEES, KIND, Addressee
from dokuei.intake.models import Request, RequestStudy
from dokuei.intake.ordering.order import Stated


def candidates(request: Request) -> list[Candidate]:
    """Active people of the facility who may answer."""
    found: dict[int, Person] = {}
    for role in (Role.REQUESTER, Role.TECHNOLOGIST):
        found.update({one.pk: one for one in identity.people_of_facility(request.facility_id, role)})
    return [
        Candidate(one.pk, frozenset(one.roles), is_sender=one.pk == request.created_by_id)
        for one in sorted(found.values(), key=lambda one: one.pk)
    ]


def person_behind(link: AskBackLink) -> Actor | None:
    """Whom a link was given, as long as they may answer for this facility; they may do nothing else by it."""
    person = link.person
    roles = {Role(one) for one in person.roles}
    is_there = person.is_active and person.facilities.filter(pk=link.facility_id, is_active=True).exists()
    if not is_there or not roles & {Role.REQUESTER, Role.TECHNOLOGIST}:
        return None
    return Actor(
        kind="person",
        name=person.name,
        person_id=person.pk,
        permissions=frozenset({Permission.ASK_BACK_ANSWER}),
        facilities=frozenset({link.facility_id}),
    )


def shown_before(ask_back: AskBack) -> dict[str, Any]:
    """What helps to find the exam in the facility's own system: no name, no ID, not the question."""
    modality, exam_on, number = _exam(ask_back.request)
    return {
        "facility": ask_back.facility.name,
        "addressee": ADDRESSEES[Addressee(ask_back.addressee)],
        "asked_at": ask_back.asked_at,
        "due_at": ask_back.due_at,
        "modality": modality,
        "exam_on": exam_on,
        "accession_number": number,
    }


def shown_after(ask_back: AskBack) -> dict[str, Any]:
    """The question with its answers."""
    exam = ask_back.request.content.get("exam", {})
    return {
        "label": KIND[ask_back.kind].label,
        "sentence": ask_back.sentence,
        "options": ask_back.options,
        "exam_description": exam.get("description", ""),
        "asked_by": ask_back.asked_by_name,
    }


def _exam(request: Request) -> tuple[str, str | None, str]:
    rows = (
        RequestStudy.objects.filter(request_id=request.pk).order_by("id").values_list("study_id", flat=True)
    )
    study = Study.objects.filter(pk__in=list(rows)[:1]).first()
    modality = request.content.get("exam", {}).get("modality", "")
    if study is not None:
        on = study.study_on.isoformat() if study.study_on else None
        return modality, on, study.accession_number
    stated = Stated.model_validate(request.stated) if request.stated else None
    if stated is None:
        return modality, None, ""
    on = stated.exam_on.isoformat() if stated.exam_on else None
    return modality, on, stated.numbers.accession_number


def mails_of(ask_back_ids: Iterable[int]) -> Mapping[int, dict[str, Any]]:
    """How many people were told by mail, how many could not be, and when the last was, by ask-back."""
    rows = AskBackLink.objects.filter(ask_back_id__in=set(ask_back_ids)).values("ask_back_id")
    counted = rows.annotate(
        told=Count("person", filter=Q(sent_at__isnull=False), distinct=True),
        failed=Count("id", filter=Q(state=LinkState.FAILED)),
        last_at=Max("sent_at"),
    )
    return {
        one["ask_back_id"]: {name: one[name] for name in ("told", "failed", "last_at")} for one in counted
    }
