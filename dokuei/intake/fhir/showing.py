"""Requests as ServiceRequest resources, and what else the FHIR door answers with. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from dokuei.base.errors import DokueiError
from dokuei.intake.content import Urgency
from dokuei.intake.models import Request, RequestVersion
from dokuei.intake.ordering.order import Stated
from dokuei.intake.queries import Content, stated_by
from dokuei.intake.rules import State

TYPES = "http://terminology.hl7.org/CodeSystem/v2-0203"
STATUS = {
    State.DRAFT: "draft",
    State.SENT: "active",
    State.ACCEPTED: "active",
    State.FULFILLED: "completed",
    State.CANCELLED: "revoked",
    State.REFUSED: "revoked",
}
PRIORITIES = {
    Urgency.EMERGENCY: "stat",
    Urgency.URGENT: "urgent",
    Urgency.SAME_DAY: "asap",
    Urgency.NEXT_CLINICAL_DAY: "routine",
    Urgency.CHECKUP: "routine",
}
ISSUES = {
    404: "not-found",
    401: "login",
    403: "forbidden",
    409: "conflict",
    412: "conflict",
    503: "transient",
}


def service_request(row: Request, version: RequestVersion, key: str = "") -> dict[str, Any]:
    """One request as it stands; what is not known is left out."""
    content, stated = Content.model_validate(version.content), stated_by(row)
    patient = row.patient
    assert patient is not None
    code = {"system": "JJ1017", "code": content.exam.jj1017} if content.exam.jj1017 else None
    said = {
        "resourceType": "ServiceRequest",
        "id": str(row.pk),
        "meta": {"versionId": str(row.version), "lastUpdated": instant(version.sent_at)},
        "identifier": _identifiers(stated, key),
        "status": STATUS[State(row.state)],
        "intent": "order",
        "priority": PRIORITIES[content.urgency],
        "code": _kept({"coding": [code] if code else None, "text": content.exam.description}),
        "bodySite": [{"text": content.exam.body_part}] if content.exam.body_part else None,
        "subject": _kept(
            {
                "type": "Patient",
                "identifier": {"value": patient.patient_id} if patient.patient_id else None,
                "display": patient.name_kanji or patient.name_kana or patient.name_romaji,
            }
        ),
        "occurrenceDateTime": stated.exam_on.isoformat() if stated and stated.exam_on else None,
        "authoredOn": instant(row.sent_at) if row.sent_at else None,
        "requester": {"display": content.requester_name} if content.requester_name else None,
        "reasonCode": [{"text": content.question}] if content.question else None,
        "note": [{"text": row.ended_reason}] if row.ended_reason else None,
    }
    return _kept(said)


def _kept(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value}


def _identifiers(stated: Stated | None, key: str) -> list[dict[str, Any]]:
    numbers = stated.numbers if stated else None
    system, _, value = key.partition("|")
    placer = _kept({"system": system, "value": value})
    if not placer and numbers and numbers.placer_order_number:
        placer = {"value": numbers.placer_order_number}
    found = [("PLAC", placer)]
    if numbers:
        found += [
            (kind, _kept({"value": number}))
            for kind, number in (("FILL", numbers.filler_order_number), ("ACSN", numbers.accession_number))
        ]
    return [{"type": {"coding": [{"system": TYPES, "code": kind}]}, **one} for kind, one in found if one]


def instant(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def outcome(error: DokueiError) -> dict[str, Any]:
    """What went wrong, as an OperationOutcome: our permanent code, a sentence, and where it stands."""
    where = error.fields.get("expression") or []
    issue = {
        "severity": "error",
        "code": ISSUES.get(error.status, "invalid" if error.status < 500 else "exception"),
        "details": {
            "coding": [{"system": "urn:dokuei:error", "code": error.error_code}],
            "text": error.detail,
        },
        "expression": list(where),
    }
    return {"resourceType": "OperationOutcome", "issue": [_kept(issue)]}


def around(kind: str) -> dict[str, Any]:
    """Said of a part of a transaction that is no order."""
    text = f"{kind} は依頼の内容として読み取りました。リソースとしては保存されません。"
    issue = {"severity": "information", "code": "informational", "details": {"text": text}}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def bundle(kind: str, entries: Iterable[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return _kept({"resourceType": "Bundle", "type": kind, **more, "entry": list(entries)})


def capability(base: str, at: datetime, version: str) -> dict[str, Any]:
    """What this door does (CapabilityStatement, R4)."""
    searches: Sequence[tuple[str, str]] = (
        ("_id", "token"),
        ("identifier", "token"),
        ("patient:identifier", "token"),
        ("_count", "number"),
    )
    acts = ("read", "create", "update", "search-type")
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": instant(at),
        "kind": "instance",
        "software": {"name": "Dokuei", "version": version},
        "implementation": {"description": "Dokuei", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "rest": [
            {
                "mode": "server",
                "documentation": "Bearer token of a facility. Resources around an order are read, not kept.",
                "resource": [
                    {
                        "type": "ServiceRequest",
                        "interaction": [{"code": one} for one in acts],
                        "versioning": "versioned-update",
                        "updateCreate": False,
                        "conditionalUpdate": True,
                        "searchParam": [
                            {"name": name, "type": kind}
                            for name, kind in searches
                            if name[0] != "_" or name == "_id"
                        ],
                    }
                ],
                "interaction": [{"code": "transaction"}],
            }
        ],
    }
