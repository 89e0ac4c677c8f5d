"""Keeping what was found about a request in its case."""

from datetime import datetime

from dokuei.audit.events import Event
from dokuei.audit.services import record
from dokuei.intake.linking.models import LinkCase
from dokuei.intake.linking.rules import LIFECYCLE, CaseAct, CaseState, Finding
from dokuei.intake.linking.sides import LINKING
from dokuei.intake.models import Request
from dokuei.patients.matching.table import VERSION


def keep(request: Request, findings: list[Finding], is_linked: bool, at: datetime) -> bool:
    """Open, change or close a request's case by what was found; whether anything changed.

    A request that never had anything to tell gets none; what the rules linked is told, so that it can be undone.
    """
    case = LinkCase.objects.select_for_update(no_key=True, of=("self",)).filter(request=request).first()
    if case is None and not findings and not is_linked:
        return False
    kept = [one.as_dict() for one in findings]
    is_held = any(one.holds for one in findings)
    state = LIFECYCLE[CaseState(case.state) if case else CaseState.OPEN, _act(findings)]
    if case is None:
        case = LinkCase(request=request, facility_id=request.facility_id, opened_at=at, revision=0)
    elif not is_linked and (case.state, case.findings) == (state, kept):
        return False
    elif case.state == CaseState.CLOSED and state == CaseState.OPEN:
        case.opened_at = at
    case.patient_id = request.patient_id  # type: ignore[assignment]  # a sent request has one
    case.state, case.findings, case.is_held, case.rules = state, kept, is_held, VERSION
    case.revision += 1
    case.changed_at = at
    case.closed_at = at if state == CaseState.CLOSED else None
    case.save()
    record(
        Event.CASE_FOUND, by=LINKING, of=case, at=at,
        request=request.pk, state=state, is_held=is_held, linked=is_linked, found=len(kept),
    )  # fmt: skip
    return True


def begin(request: Request, at: datetime) -> LinkCase:
    """A case without anything to tell, settled: somebody wants to look themselves."""
    return LinkCase.objects.create(
        request=request,
        facility_id=request.facility_id,
        patient=request.patient,  # type: ignore[misc]  # a sent request has one
        state=LIFECYCLE[CaseState.OPEN, CaseAct.SETTLE],
        rules=VERSION,
        opened_at=at,
        changed_at=at,
        closed_at=at,
    )


def _act(findings: list[Finding]) -> CaseAct:
    return CaseAct.FIND if findings else CaseAct.SETTLE
