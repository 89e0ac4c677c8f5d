"""A body as its parts: one ServiceRequest, or a transaction of several with what they refer to. Pure."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from dokuei.fhir.elements import Identifier
from dokuei.fhir.resources import BadResource, Bundle, Entry, Sent, ServiceRequest, document, read
from dokuei.intake.fhir.reading import BadServiceRequest, One

KIND = "ServiceRequest"
OWN_ID = re.compile(rf"{KIND}/([A-Za-z0-9.-]{{1,64}})")


@dataclass(frozen=True)
class Part:
    """An order with the id and version it is said to have, or something that stands around orders."""

    one: One | None
    id: str = ""
    if_match: str = ""
    kind: str = KIND


def parts_of(method: str, place: str, raw: bytes, if_match: str) -> list[Part]:
    """What is to be done, in the order in which it was sent."""
    said = document(raw)
    if said["resourceType"] == "Bundle" and not place:
        return _of_bundle(read(said, Bundle))
    if not place:
        raise BadResource("ここには Bundle（transaction）を送信してください。", code="fhir.kind")
    order = read(said, ServiceRequest)
    return [_part(order, Sent(), method, place, if_match)]


def _of_bundle(bundle: Bundle) -> list[Part]:
    if bundle.type != "transaction":
        raise BadResource(
            f"Bundle.type {bundle.type} には対応していません。transaction を指定してください。",
            code="fhir.bundle",
            expression=["Bundle.type"],
        )
    sent = Sent.of(bundle)
    parts = [_of_entry(number, entry, sent) for number, entry in enumerate(bundle.entry)]
    if not any(part.one for part in parts):
        raise BadResource(
            "Bundle に ServiceRequest がありません。", code="fhir.bundle", expression=["Bundle.entry"]
        )
    return parts


def _of_entry(number: int, entry: Entry, sent: Sent) -> Part:
    where = [f"Bundle.entry[{number}]"]
    if entry.resource is None or entry.request is None:
        raise BadResource("entry に resource と request が必要です。", code="fhir.bundle", expression=where)
    kind = str(entry.resource.get("resourceType") or "")
    if kind != KIND:
        return Part(None, kind=kind)
    if entry.request.method not in {"POST", "PUT"}:
        raise BadResource(
            f"{entry.request.method} には対応していません。取り消すには status を revoked にして送信してください。",
            code="fhir.method",
            expression=where,
        )
    try:
        order = read(entry.resource, ServiceRequest)
        return _part(order, sent, entry.request.method, entry.request.url, entry.request.if_match)
    except (BadResource, BadServiceRequest) as error:
        told = [f"{where[0]}.resource ({one})" for one in error.fields.get("expression", [])]
        raise type(error)(error.detail, code=error.error_code, expression=told or where) from error


def _part(order: ServiceRequest, sent: Sent, method: str, place: str, if_match: str) -> Part:
    if method == "POST":
        return Part(One(order, sent))
    if by_id := OWN_ID.fullmatch(place):
        if order.id and order.id != by_id[1]:
            raise BadServiceRequest("URL の id とリソースの id が一致しません。", code="fhir.id")
        return Part(One(order, sent), id=by_id[1], if_match=if_match)
    _check_condition(order, place)
    return Part(One(order, sent), if_match=if_match)


def _check_condition(order: ServiceRequest, place: str) -> None:
    """``PUT ServiceRequest?identifier=system|value``: the order must have that identifier."""
    split = urlsplit(place)
    said = parse_qs(split.query)
    if split.path != KIND or set(said) != {"identifier"} or len(said["identifier"]) != 1:
        raise BadResource(
            "PUT には id か ?identifier=system|value を指定してください。", code="fhir.condition"
        )
    if said["identifier"][0] not in {_token(one) for one in order.identifier}:
        raise BadServiceRequest(
            "条件の identifier がリソースにありません。",
            code="fhir.condition",
            expression=["ServiceRequest.identifier"],
        )


def _token(one: Identifier) -> str:
    return f"{one.system}|{one.value}"
