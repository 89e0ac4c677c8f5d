"""A case as the resolution screen shows it: both sides field by field, why, and what may be done."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from dokuei.audit import queries as trail
from dokuei.base.clock import local_date
from dokuei.identity import queries as identity
from dokuei.identity.access import Actor, Permission
from dokuei.imaging import queries as imaging
from dokuei.imaging.models import Study
from dokuei.intake.content import Content
from dokuei.intake.linking import queries, rules, sides
from dokuei.intake.linking.models import LinkCase, PairDecision
from dokuei.intake.linking.rules import Finding, Ruling
from dokuei.intake.models import RequestStudy
from dokuei.intake.rules import State
from dokuei.patients import queries as patients
from dokuei.patients.matching.compare import compare
from dokuei.patients.matching.evidence import Allows, Evidence, Fact, Verdict
from dokuei.patients.matching.facts import Side
from dokuei.patients.queries import patient_out

OWNER = "サポート"
SEX = {"M": "男性", "F": "女性", "O": "その他"}
SIDE = {"R": "右", "L": "左", "B": "両側"}
LINES: tuple[tuple[str, tuple[Fact, ...]], ...] = (
    ("氏名", (Fact.FAMILY_NAME, Fact.GIVEN_NAME)),
    ("生年月日", (Fact.BIRTH_DATE,)),
    ("性別", (Fact.SEX,)),
    ("患者ID", (Fact.PATIENT_ID,)),
    ("受付番号", (Fact.ACCESSION_NUMBER,)),
    ("検査日", (Fact.EXAM_DATE,)),
    ("検査種別", (Fact.MODALITY,)),
    ("部位・検査内容", (Fact.BODY_PART,)),
    ("左右", (Fact.LATERALITY,)),
    ("検査UID", (Fact.STUDY_INSTANCE_UID,)),
)
PEOPLE = 4
"""So many of these lines are about the patient."""


def case_row(case: LinkCase, at: datetime) -> dict[str, Any]:
    """One line of the list."""
    exam = case.request.content.get("exam", {})
    found = rules.findings_of(case.findings)
    return {
        "id": case.pk,
        "state": case.state,
        "is_held": case.is_held,
        "revision": case.revision,
        "request_id": case.request_id,
        "request_state": case.request.state,
        "urgency": case.request.urgency,
        "facility": case.facility,
        "patient": patient_out(case.patient, local_date(at)),
        "modality": exam.get("modality", ""),
        "exam_description": exam.get("description", ""),
        "owner": OWNER,
        "reasons": list(dict.fromkeys(text for one in found for text in one.reasons))[:6],
        "candidate_count": sum(not one.is_linked for one in found),
        "opened_at": case.opened_at,
        "closed_at": case.closed_at,
    }


def rows_out(cases: Iterable[LinkCase], at: datetime) -> list[dict[str, Any]]:
    return [case_row(one, at) for one in cases]


def case_out(actor: Actor, case: LinkCase, at: datetime) -> dict[str, Any]:
    """One case in full: what the request says, and everything that may belong to it or contradicts."""
    content = Content.model_validate(case.request.content)
    pairs = _pairs(actor, case)
    releases = any(one["is_linked"] and one["holds"] for one in pairs)
    may_judge = rules.why_not_release(State(case.request.state)) is None
    may_release = actor.may(Permission.RESOLUTION_RELEASE) and may_judge
    return {
        **case_row(case, at),
        "question": content.question,
        "requester_name": content.requester_name,
        "callback_phone": content.callback_phone,
        "is_stated": case.request.stated is not None,
        "pairs": pairs,
        "acts": ["release"] if releases and may_release else [],
        "may_judge_contradictions": actor.may(Permission.RESOLUTION_RELEASE),
        "history": _history(case),
    }


def _is_open(case: LinkCase) -> bool:
    return rules.why_not_touch(State(case.request.state)) is None


def _pairs(actor: Actor, case: LinkCase) -> list[dict[str, Any]]:
    """Every study of a case, contradictions first, then candidates, linked ones, and those that were put aside."""
    request = case.request
    said = sides.side_of_request(request)
    found = {one.study_id: one for one in rules.findings_of(case.findings)}
    links = {one.study_id: one for one in RequestStudy.objects.filter(request_id=request.pk)}
    aside = {
        row.study_id: row
        for row in PairDecision.objects.filter(request=request, ruling=Ruling.OTHER, undone_at=None)
    }
    wanted = [one for one in (*found, *links, *aside) if one is not None]
    shown = imaging.in_facilities(actor).filter(pk__in=wanted).prefetch_related("series")
    studies = {one.pk: one for one in shown}
    out = {one["id"]: one for one in imaging.studies_out(list(studies))}
    pairs = [_identity_pair(case, found[None], said)] if None in found else []
    for study_id in dict.fromkeys(wanted):
        if study_id in studies:
            link, put = links.get(study_id), aside.get(study_id)
            pair = _pair(actor, case, studies[study_id], said, found.get(study_id), link, put)
            pairs.append({**pair, "study": out[study_id]})
    return pairs


def pair_of(actor: Actor, case: LinkCase, study: Study) -> dict[str, Any]:
    """Any study beside a case's request, as if it were offered; without the study's own description."""
    found = {one.study_id: one for one in rules.findings_of(case.findings)}
    aside = PairDecision.objects.filter(
        request=case.request, study_id=study.pk, ruling=Ruling.OTHER, undone_at=None
    ).first()
    said = sides.side_of_request(case.request)
    return _pair(actor, case, study, said, found.get(study.pk), None, aside)


def _pair(
    actor: Actor,
    case: LinkCase,
    study: Study,
    said: Side,
    finding: Finding | None,
    link: RequestStudy | None,
    aside: PairDecision | None,
) -> dict[str, Any]:
    theirs = sides.side_of_study(study)
    verdict = compare(said, theirs)
    return {
        "study_id": study.pk,
        "study": None,
        "dicomweb_root": f"/dicomweb/{study.facility.code}",
        "level": _level(verdict, finding, link, aside),
        "holds": bool(finding and finding.holds) or (link is None and rules.is_grave(verdict)),
        "is_linked": link is not None,
        "method": link.method if link else "",
        "linked_by": link.linked_by_name if link else "",
        "linked_at": link.linked_at if link else None,
        "aside_by": aside.made_by_name if aside and not link else "",
        "reasons": list(finding.reasons if finding else verdict.reasons),
        "score": verdict.score,
        "lines": lines(said, theirs, verdict),
        "needs_reason": rules.needs_reason(verdict),
        "acts": _acts(actor, case, verdict, finding, is_linked=link is not None),
    }


def _level(
    verdict: Verdict, finding: Finding | None, link: RequestStudy | None, aside: PairDecision | None
) -> str:
    if finding is not None:
        return finding.level
    if link is not None:
        return "linked"
    return "aside" if aside is not None else verdict.level.value


def _identity_pair(case: LinkCase, finding: Finding, said: Side) -> dict[str, Any]:
    """What a statement says against what is held of the patient; there is no study in it."""
    held = patients.identity_of(case.patient)
    theirs = Side(
        issuer=held.issuer, patient_id=held.patient_id, name=held.name, born_on=held.birth_on, sex=held.sex
    )
    return {
        "study_id": None,
        "study": None,
        "dicomweb_root": "",
        "level": finding.level,
        "holds": True,
        "is_linked": True,
        "method": "",
        "linked_by": "",
        "linked_at": None,
        "aside_by": "",
        "reasons": list(finding.reasons),
        "score": 0.0,
        "lines": lines(said, theirs, compare(said, theirs))[:PEOPLE],
        "needs_reason": True,
        "acts": [],
    }


def _acts(
    actor: Actor, case: LinkCase, verdict: Verdict, finding: Finding | None, *, is_linked: bool
) -> list[str]:
    """What this actor may do with a pair now; the screen draws its buttons from it."""
    if not actor.may(Permission.RESOLUTION_WRITE) or not _is_open(case):
        return []
    if is_linked:
        return ["part"]
    if rules.is_grave(verdict) and not actor.may(Permission.RESOLUTION_RELEASE):
        return []
    return ["link", *(["other"] if finding is not None else [])]


def lines(said: Side, theirs: Side, verdict: Verdict) -> list[dict[str, str]]:
    """Both sides field by field, with what comparing them showed."""
    by_fact = {one.fact: one for one in verdict.evidence}
    ours, others = _texts(said), _texts(theirs)
    found = []
    for label, facts in LINES:
        shown = [by_fact[one] for one in facts]
        is_uid = facts == (Fact.STUDY_INSTANCE_UID,)
        if (ours[label] and others[label]) if is_uid else (ours[label] or others[label]):
            found.append(
                {
                    "label": label,
                    "ours": ours[label],
                    "theirs": others[label],
                    "mark": _mark(shown),
                    "sentence": "。".join(one.sentence for one in _telling(shown)),
                }
            )
    return found


def _mark(shown: list[Evidence]) -> str:
    """How a line is drawn: same, near, missing, differs, or contradicts."""
    if any(one.allows is Allows.CONTRADICTS for one in shown):
        return "contradicts"
    order = ("differs", "near", "missing", "agree")
    found = {one.relation.value for one in shown}
    return next((one for one in order if one in found), "missing")


def _telling(shown: list[Evidence]) -> list[Evidence]:
    """Of two names that agree one sentence is enough; what does not agree is told."""
    apart = [one for one in shown if one.relation.value != "agree"]
    return apart or shown[:1]


def _texts(side: Side) -> Mapping[str, str]:
    names = [one.replace("^", " ") for one in (side.name.kanji, side.name.kana, side.name.romaji) if one]
    return {
        "氏名": " / ".join(names),
        "生年月日": side.born_on.isoformat() if side.born_on else "",
        "性別": SEX.get(side.sex, ""),
        "患者ID": side.patient_id,
        "受付番号": side.accession_number,
        "検査日": side.performed_on.isoformat() if side.performed_on else "",
        "検査種別": side.modality.replace("\\", " "),
        "部位・検査内容": " ".join(dict.fromkeys(side.body_part.split())),
        "左右": SIDE.get(side.forms.side, ""),
        "検査UID": side.study_instance_uid,
    }


def _history(case: LinkCase) -> list[dict[str, Any]]:
    told = [*trail.trail_of(case), *trail.trail_of(case.request)]
    shown = sorted((one for one in told if one.event != "request.edited"), key=lambda one: one.at)
    names = identity.label_names({one.by for one in shown})
    return [{"at": one.at, "by": names.get(one.by, "システム"), "sentence": one.sentence} for one in shown]


def listed(actor: Actor, box: str, at: datetime) -> dict[str, Any]:
    """One of the lists, with how many wait."""
    cases = queries.box(actor, box)[: queries.ROWS_MOST]
    return {"items": rows_out(cases, at), "counts": queries.counts(actor)}
