"""Resources of FHIR R4 that tell an order, and the set of them that was sent together."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypeVar

import orjson
from pydantic import Field, StrictBool, ValidationError, model_validator

from dokuei.base.errors import Invalid
from dokuei.fhir.elements import (
    Annotation,
    CodeableConcept,
    Coding,
    ContactPoint,
    DateTime,
    Element,
    Extension,
    HumanName,
    Identifier,
    Meta,
    Period,
    Quantity,
    Reference,
    Text,
)

MOST_BYTES = 2 * 1024 * 1024
MOST_ENTRIES = 200
NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class BadResource(Invalid):
    """FHIR R4 のリソースとして読み取れません。"""

    code = "fhir.resource"


class Resource(Element):
    """What every resource has. A modifier that we do not know could turn its meaning round: it is refused."""

    resource_type: str
    id: Text = ""
    meta: Meta = Meta()

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, said: Any) -> Any:
        if isinstance(said, dict) and (said.get("modifierExtension") or said.get("implicitRules")):
            raise ValueError("modifierExtension")
        return said


class Patient(Resource):
    resource_type: Literal["Patient"]
    identifier: list[Identifier] = []
    name: list[HumanName] = []
    gender: Text = ""
    birth_date: DateTime | None = None


class Practitioner(Resource):
    resource_type: Literal["Practitioner"]
    name: list[HumanName] = []
    telecom: list[ContactPoint] = []


class PractitionerRole(Resource):
    resource_type: Literal["PractitionerRole"]
    practitioner: Reference | None = None
    organization: Reference | None = None
    telecom: list[ContactPoint] = []


class Organization(Resource):
    resource_type: Literal["Organization"]
    name: Text = ""
    telecom: list[ContactPoint] = []


class Observation(Resource):
    resource_type: Literal["Observation"]
    status: Text = ""
    code: CodeableConcept
    effective_date_time: DateTime | None = None
    issued: DateTime | None = None
    value_quantity: Quantity | None = None
    value_codeable_concept: CodeableConcept | None = None
    value_string: Text = ""
    value_boolean: StrictBool | None = None
    note: list[Annotation] = []


class Condition(Resource):
    resource_type: Literal["Condition"]
    clinical_status: CodeableConcept | None = None
    verification_status: CodeableConcept | None = None
    code: CodeableConcept | None = None
    onset_date_time: DateTime | None = None
    note: list[Annotation] = []


class Procedure(Resource):
    resource_type: Literal["Procedure"]
    status: Text = ""
    code: CodeableConcept | None = None
    performed_date_time: DateTime | None = None
    performed_period: Period | None = None
    performed_string: Text = ""


class AllergyIntolerance(Resource):
    resource_type: Literal["AllergyIntolerance"]
    clinical_status: CodeableConcept | None = None
    verification_status: CodeableConcept | None = None
    code: CodeableConcept | None = None


class ImagingStudy(Resource):
    resource_type: Literal["ImagingStudy"]
    identifier: list[Identifier] = []
    modality: list[Coding] = []


class ServiceRequest(Resource):
    resource_type: Literal["ServiceRequest"]
    extension: list[Extension] = []
    contained: list[dict[str, Any]] = []
    identifier: list[Identifier] = []
    status: Text
    intent: Text
    do_not_perform: StrictBool = False
    priority: Text = ""
    category: list[CodeableConcept] = []
    code: CodeableConcept | None = None
    order_detail: list[CodeableConcept] = []
    subject: Reference
    occurrence_date_time: DateTime | None = None
    occurrence_period: Period | None = None
    authored_on: DateTime | None = None
    requester: Reference | None = None
    reason_code: list[CodeableConcept] = []
    reason_reference: list[Reference] = []
    supporting_info: list[Reference] = []
    body_site: list[CodeableConcept] = []
    note: list[Annotation] = []


class Asked(Element):
    """What is to be done with an entry (Bundle.entry.request)."""

    method: Text
    url: Text
    if_match: Text = ""
    if_none_exist: Text = ""


class Entry(Element):
    full_url: Text = ""
    resource: dict[str, Any] | None = None
    request: Asked | None = None


class Bundle(Resource):
    resource_type: Literal["Bundle"]
    type: Text
    timestamp: DateTime | None = None
    entry: Annotated[list[Entry], Field(max_length=MOST_ENTRIES)] = []


KNOWN: Mapping[str, type[Resource]] = {
    one.__name__: one
    for one in (
        Patient, Practitioner, PractitionerRole, Organization, Observation, Condition, Procedure,
        AllergyIntolerance, ImagingStudy, ServiceRequest, Bundle,
    )
}  # fmt: skip
R = TypeVar("R", bound=Resource)


def document(raw: bytes) -> dict[str, Any]:
    """The JSON object of a body, or `BadResource`."""
    if len(raw) > MOST_BYTES:
        raise BadResource("送信できるのは2 MiBまでです。", code="fhir.too_large")
    if NUL.search(raw):
        raise BadResource("文字 U+0000 は使えません。", code="fhir.json")
    try:
        said = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise BadResource("JSON として読み取れません。", code="fhir.json") from error
    if not isinstance(said, dict) or not isinstance(said.get("resourceType"), str):
        raise BadResource("resourceType がありません。", code="fhir.json")
    return said


def read(said: Mapping[str, Any], kind: type[R]) -> R:
    """One resource as what it should be; `BadResource` names every part that is wrong, as FHIRPath."""
    name = kind.__name__
    if said.get("resourceType") != name:
        raise BadResource(f"{name} が必要です。", code="fhir.kind", expression=[name])
    try:
        return kind.model_validate(said)
    except ValidationError as error:
        wrong = sorted({_path(name, one["loc"]) for one in error.errors()})
        raise BadResource(
            f"値がない、または読み取れない項目があります: {'、'.join(wrong)}",
            code="fhir.field",
            expression=wrong,
        ) from error


def _path(name: str, location: tuple[int | str, ...]) -> str:
    """Where in a resource, as FHIRPath: ``ServiceRequest.code.coding[0].system``."""
    return name + "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in location)


@dataclass(frozen=True)
class Sent:
    """Resources that were sent together, by what others may call them."""

    by_name: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, bundle: Bundle) -> "Sent":
        return cls(dict(_named(bundle)))

    def resolve(self, to: Reference | None, *kinds: type[R], contained: list[dict[str, Any]]) -> R | None:
        """What a reference leads to, if it was sent along and is of one of these kinds."""
        said = self._find(to.reference, contained) if to else None
        for kind in kinds:
            if said is not None and said.get("resourceType") == kind.__name__:
                return read(said, kind)
        return None

    def _find(self, name: str, contained: list[dict[str, Any]]) -> Mapping[str, Any] | None:
        if name.startswith("#"):
            return next((one for one in contained if one.get("id") in {name[1:], name}), None)
        return self.by_name.get(name) if name else None


def _named(bundle: Bundle) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for entry in bundle.entry:
        if entry.resource is None:
            continue
        if entry.full_url:
            yield entry.full_url, entry.resource
            yield "/".join(entry.full_url.rsplit("/", 2)[-2:]), entry.resource
        kind, own = entry.resource.get("resourceType"), entry.resource.get("id")
        if isinstance(own, str) and own:
            yield f"{kind}/{own}", entry.resource
