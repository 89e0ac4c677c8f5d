"""How a request goes out over HTTP."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q
from ninja import Schema

from dokuei.audit import queries as trail
from dokuei.base.clock import local_date
from dokuei.identity import queries as identity
from dokuei.identity.access import Actor, Permission, require
from dokuei.imaging import queries as imaging
from dokuei.imaging.shapes import FacilityRef, StudyOut
from dokuei.intake import queries, rules
from dokuei.intake.askbacks.shapes import (
    AskBackOut,
    AskBacksOut,
    QuestionIn,
    SaidAskBackOut,
    TurnaroundOut,
    WithdrawIn,
)
from dokuei.intake.content import Content, Known, MrSafety, Renal
from dokuei.intake.linking.queries import cases_of
from dokuei.intake.models import Request
from dokuei.intake.ordering.order import Stated
from dokuei.intake.paper.queries import papers_of
from dokuei.intake.paper.shapes import PaperMark, page_response
from dokuei.intake.scoring.queries import score_out, scores_now
from dokuei.patients import queries as patients
from dokuei.patients.queries import patient_out
from dokuei.patients.shapes import PatientOut

__all__ = [
    "AskBackOut",
    "AskBacksOut",
    "QuestionIn",
    "SaidAskBackOut",
    "TurnaroundOut",
    "WithdrawIn",
    "page_response",
]


class MissingOut(Schema):
    field: str
    label: str


class CautionOut(Schema):
    field: str
    sentence: str


class CompletenessOut(Schema):
    score: int
    missing: list[MissingOut]
    cautions: list[CautionOut] = []
    rule: str = ""
    """The table it was scored by; a request that has been sent keeps the score of its day."""


class EarlierPatient(Schema):
    """What an earlier request said of the patient and may still hold; a person decides what does."""

    sent_at: datetime
    history: str
    surgery: str
    surgery_when: str
    malignancy: Known
    malignancy_note: str
    renal: Renal
    allergy: Known
    allergy_note: str
    asthma: Known
    metformin: Known
    mr_safety: MrSafety


class EarlierContact(Schema):
    requester_name: str
    requester_department: str
    callback_phone: str


class EarlierOut(Schema):
    patient: EarlierPatient | None
    contact: EarlierContact | None


class HistoryOut(Schema):
    at: datetime
    by: str
    sentence: str


class ChangedLineOut(Schema):
    label: str
    before: str
    after: str


class RequestChangeOut(Schema):
    """What a later version of a sent request says otherwise than the one before."""

    version: int
    at: datetime
    by: str
    lines: list[ChangedLineOut]


class RequestOut(Content):
    model_config = {**Content.model_config, "extra": "ignore"}

    id: int
    state: str
    revision: int
    version: int
    facility: FacilityRef
    patient: PatientOut | None
    studies: list[StudyOut]
    study_ids: list[int]
    completeness: CompletenessOut
    missing_to_send: list[MissingOut]
    acts: list[str]
    created_at: datetime
    saved_at: datetime
    sent_at: datetime | None
    created_by_name: str
    ended_reason: str
    timeline: list[HistoryOut]
    changes: list[RequestChangeOut] = []
    """Of a request in full that was changed after it was sent; the newest first."""
    stated: Stated | None = None
    case_id: int | None = None
    """Of the resolution screen, where somebody has to say which images belong to it, or the rules did."""
    papers: list[PaperMark] = []
    """The paper it was transcribed from, and where each field stands on it."""


class RequestsOut(Schema):
    items: list[RequestOut]
    total: int


def earlier_out(actor: Actor, request_id: int) -> dict[str, Any]:
    """What earlier requests offer to this one."""
    of_patient, own = queries.earlier(actor, request_id)
    content = Content.model_validate(of_patient.content) if of_patient else None
    contact = Content.model_validate(own.content) if own else None
    known = {**content.model_dump(), **content.risk.model_dump()} if content else {}
    return {
        "patient": {**known, "sent_at": of_patient.sent_at} if of_patient else None,
        "contact": contact.model_dump() if contact else None,
    }


def request_out(actor: Actor, request_id: int, *, at: datetime) -> dict[str, Any]:
    """One request in full, with the sentences of its history."""
    row = queries.one(actor, request_id)
    shown = _shapes(actor, [row], at)[0]
    lines = trail.trail_of(row)
    names = identity.label_names({line.by for line in lines})
    shown["changes"] = queries.changed(request_id) if row.version > 1 else []
    shown["timeline"] = [
        {"at": line.at, "by": names.get(line.by, "システム"), "sentence": line.sentence}
        for line in lines
        if line.event != "request.edited"
    ]
    return shown


def requests_out(
    actor: Actor, *, state: str, q: str, patient_id: int | None, limit: int, offset: int, at: datetime
) -> dict[str, Any]:
    """A page of requests, without histories."""
    require(actor, Permission.REQUEST_READ)
    rows = queries.visible_to(actor).order_by("-pk")
    if state:
        rows = rows.filter(state__in=state.split(","))
    if patient_id is not None:
        rows = rows.filter(patient__in=patients.family_of(patient_id))
    for word in q.split():
        rows = rows.filter(
            Q(patient__name_kanji__icontains=word)
            | Q(patient__name_kana__icontains=word)
            | Q(patient__patient_id__icontains=word)
            | Q(patient__in=patients.kin_saying(word))
            | Q(content__exam__description__icontains=word)
        )
    return {"items": _shapes(actor, list(rows[offset : offset + limit]), at), "total": rows.count()}


def _shapes(actor: Actor, rows: list[Request], at: datetime) -> list[dict[str, Any]]:
    by_study = queries.studies_of_requests(row.pk for row in rows)
    studies = {one["id"]: one for one in imaging.studies_out(list(by_study))}
    held: dict[int, list[dict[str, Any]]] = {}
    for study_id, request_id in by_study.items():
        if study_id in studies:
            held.setdefault(request_id, []).append(studies[study_id])
    scores: dict[int, Any] = {
        key: one.completeness for key, one in queries.sent_contents(row.pk for row in rows).items()
    }
    drafts = [row for row in rows if row.pk not in scores]
    scores |= {key: score_out(one) for key, one in scores_now(drafts, at).items()}
    cases, papers = cases_of(row.pk for row in rows), papers_of(row.pk for row in rows)
    return [
        {
            **_shape(actor, row, held.get(row.pk, []), scores[row.pk], cases, at),
            "papers": papers.get(row.pk, []),
        }
        for row in rows
    ]


def _shape(
    actor: Actor,
    row: Request,
    studies: list[dict[str, Any]],
    score: dict[str, Any],
    cases: Mapping[int, int],
    at: datetime,
) -> dict[str, Any]:
    content, stated = queries.content_of(row), queries.stated_by(row)
    writes = actor.may(Permission.REQUEST_WRITE)
    return {
        **content.model_dump(),
        "id": row.pk,
        "state": row.state,
        "revision": row.revision,
        "version": row.version,
        "facility": row.facility,
        "patient": patient_out(row.patient, local_date(at)) if row.patient else None,
        "studies": studies,
        "study_ids": [one["id"] for one in studies],
        "completeness": score,
        "missing_to_send": [vars(one) for one in rules.missing_to_send(content, stated)],
        "stated": stated,
        "case_id": cases.get(row.pk),
        "acts": rules.open_acts(rules.State(row.state)) if writes else [],
        "created_at": row.created_at,
        "saved_at": row.saved_at,
        "sent_at": row.sent_at,
        "created_by_name": row.created_by_name,
        "ended_reason": row.ended_reason,
        "timeline": [],
    }
