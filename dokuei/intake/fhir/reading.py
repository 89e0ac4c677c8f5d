"""A ServiceRequest with what it refers to, as `ordering.Order`, or as what is to be cancelled. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from pydantic import ValidationError

from dokuei.base.errors import Invalid
from dokuei.dicom.person_name import parse_name
from dokuei.fhir.elements import (
    ALPHABETIC,
    IDEOGRAPHIC,
    SYLLABIC,
    HumanName,
    Identifier,
    Reference,
    day_of,
    instant_of,
    phone_of,
    words_of,
)
from dokuei.fhir.resources import (
    ImagingStudy,
    Organization,
    Patient,
    Practitioner,
    PractitionerRole,
    Sent,
    ServiceRequest,
)
from dokuei.intake.content import Content, Exam, Urgency
from dokuei.intake.fhir.supporting import Told, told
from dokuei.intake.ordering.order import Cancelled, Numbers, Order, StatedPatient

SOURCE = "fhir"
DCM = "http://dicom.nema.org/resources/ontology/DCM"
DEPARTMENT = "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Common_Department"
REASON = "http://hl7.org/fhir/StructureDefinition/request-statusReason"
JP_PATIENT_ID = "urn:oid:1.2.392.100495.20.3.51"
"""JP Core: the patient numbers of one institution; its ten digits follow ``.1``."""
FORMS = (IDEOGRAPHIC, SYLLABIC, ALPHABETIC)
ORDERS = {"order", "original-order", "reflex-order", "filler-order", "instance-order"}
WANTED, UNWANTED = {"active"}, {"revoked", "entered-in-error"}
URGENCIES = {
    "": Urgency.NEXT_CLINICAL_DAY,
    "routine": Urgency.NEXT_CLINICAL_DAY,
    "urgent": Urgency.URGENT,
    "asap": Urgency.URGENT,
    "stat": Urgency.EMERGENCY,
}
"""request-priority as our urgencies."""
SEXES: dict[str, Literal["M", "F", "O"]] = {"male": "M", "female": "F", "other": "O"}


class BadServiceRequest(Invalid):
    """ServiceRequest を依頼として取り込めません。"""

    code = "fhir.order"


@dataclass(frozen=True)
class One:
    """A ServiceRequest and what was sent with it."""

    order: ServiceRequest
    sent: Sent

    def follow(self, to: Reference | None, *kinds: type[Any]) -> Any:
        return self.sent.resolve(to, *kinds, contained=self.order.contained)


def asked(one: One) -> Order | Cancelled:
    """What a ServiceRequest asks for. `BadServiceRequest` says what is wrong with it."""
    order = one.order
    if order.intent not in ORDERS:
        raise _wrong(
            "intent", f"intent {order.intent} は依頼として受け付けません。order を指定してください。"
        )
    if order.do_not_perform:
        raise _wrong("doNotPerform", "doNotPerform が true の依頼は受け付けません。")
    if order.status in UNWANTED:
        return Cancelled(key=key_of(order), reason=_reason(order))
    if order.status not in WANTED:
        raise _wrong("status", f"status {order.status} の依頼は受け付けません。active を指定してください。")
    return _order(one)


def key_of(order: ServiceRequest) -> str:
    """The placer's identifier with whose it is; the same in everything that is sent about an order."""
    placers = [one for one in order.identifier if one.is_of("PLAC")] or [
        one for one in order.identifier if not one.is_of("FILL") and not one.is_of("ACSN")
    ]
    found = next((one for one in placers if one.value.strip()), None)
    if found is None:
        raise _wrong("identifier", "依頼元のオーダ番号（identifier、種別 PLAC）がありません。")
    key = "|".join((found.system.strip(), found.value.strip()))
    if len(key) > 128:
        raise _wrong("identifier", "identifier が長すぎます（system と value を合わせて127文字まで）。")
    return key


def _wrong(part: str, sentence: str) -> BadServiceRequest:
    return BadServiceRequest(sentence, expression=[f"ServiceRequest.{part}"])


def _reason(order: ServiceRequest) -> str:
    said = [
        one.value_codeable_concept.words
        for one in order.extension
        if one.url == REASON and one.value_codeable_concept
    ]
    return next((text for text in said if text), "依頼元システムからの取消")[:500]


def _order(one: One) -> Order:
    order = one.order
    try:
        return Order(
            patient=_patient(one),
            numbers=_numbers(one),
            exam_on=_exam_on(order),
            content=_content(one),
            source=SOURCE,
            key=key_of(order),
            said_at=instant_of(order.meta.last_updated),
        )
    except ValidationError as error:
        fields = ["・".join(str(part) for part in wrong["loc"]) for wrong in error.errors()]
        raise BadServiceRequest(
            f"長すぎるか、値として読めない項目があります: {'、'.join(fields)}",
            code="fhir.content",
            expression=["ServiceRequest"],
        ) from error


def _patient(one: One) -> StatedPatient:
    """Who it is: a Patient sent along, else what the reference itself says."""
    subject = one.order.subject
    patient: Patient | None = one.follow(subject, Patient)
    if patient is None:
        known = subject.identifier.value.strip() if subject.identifier else ""
        if not known:
            raise _wrong("subject", "患者が分かりません。Patient を contained か Bundle に含めてください。")
        kanji, kana, romaji = _names([HumanName(text=subject.display)] if subject.display else [])
        return StatedPatient(patient_id=known, name_kanji=kanji, name_kana=kana, name_romaji=romaji)
    kanji, kana, romaji = _names(patient.name)
    return StatedPatient(
        patient_id=_patient_id(patient.identifier),
        name_kanji=kanji,
        name_kana=kana,
        name_romaji=romaji,
        birth_on=day_of(patient.birth_date),
        sex=SEXES.get(patient.gender, ""),
    )


def _patient_id(said: Sequence[Identifier]) -> str:
    """The facility's own number: of the institution's system (JP Core), of type MR, else the first that is not old."""
    usable = [one for one in said if one.value.strip() and one.use != "old"]
    own = [one for one in usable if one.system.startswith(JP_PATIENT_ID)]
    own += [one for one in usable if one.is_of("MR") or one.is_of("PI")]
    return next((one.value.strip() for one in [*own, *usable]), "")


def _names(said: Sequence[HumanName]) -> list[str]:
    """Kanji, kana and letters: by what each says it is, else by what stands in it."""
    found = ["", "", ""]
    for one in sorted(said, key=lambda one: one.use in {"old", "maiden", "nickname"}):
        if one.representation in FORMS:
            groups = ["", "", ""]
            groups[FORMS.index(one.representation)] = one.group
        else:
            parsed = parse_name(one.group)
            groups = [parsed.kanji, parsed.kana, parsed.romaji]
        found = [before or now for before, now in zip(found, groups, strict=True)]
    return found


def _numbers(one: One) -> Numbers:
    order = one.order

    def typed(code: str) -> str:
        return next((found.value for found in order.identifier if found.is_of(code)), "")

    return Numbers(
        accession_number=typed("ACSN"),
        study_instance_uid=_study_uid(one),
        placer_order_number=key_of(order).partition("|")[2],
        filler_order_number=typed("FILL"),
    )


def _studies(one: One) -> list[ImagingStudy]:
    found = (one.follow(to, ImagingStudy) for to in one.order.supporting_info)
    return [study for study in found if study is not None]


def _study_uid(one: One) -> str:
    """``urn:dicom:uid``, value ``urn:oid:1.2.…`` (ImagingStudy.identifier)."""
    said = [found for study in _studies(one) for found in study.identifier]
    said += [to.identifier for to in one.order.supporting_info if to.identifier]
    uids = [found.value for found in said if found.system == "urn:dicom:uid"]
    return uids[0].removeprefix("urn:oid:") if len(set(uids)) == 1 else ""


def _exam_on(order: ServiceRequest) -> date | None:
    period = order.occurrence_period
    return day_of(
        order.occurrence_date_time, period.start if period else None, period.end if period else None
    )


def _content(one: One) -> Content:
    order, around = one.order, told(one.order, one.sent)
    why = URGENCIES.get(order.priority)
    reasons, notes = words_of(order.reason_code), [note.text for note in order.note]
    name, department, phone = _requester(one)
    return Content(
        exam=_exam(one),
        urgency=why or Urgency.URGENT,
        urgency_reason="" if why else f"依頼元の優先度コード {order.priority}",
        question="\n".join(reasons or notes),
        history="\n".join([*around.history, *(notes if reasons else [])]),
        requester_name=name,
        requester_department=department,
        callback_phone=phone,
        **_around(around),
    )


def _around(found: Told) -> dict[str, Any]:
    return {
        "labs": "\n".join(found.labs),
        "surgery": "\n".join(found.surgery),
        "surgery_when": found.surgery_when,
        "renal": found.renal,
        "risk": found.risk,
    }


def _exam(one: One) -> Exam:
    """The exam in words, its JJ1017 code as it was sent, and the modality where a DICOM code says it."""
    order = one.order
    code = order.code
    jj1017 = [each.code for each in (code.coding if code else []) if "JJ1017" in each.system.upper()]
    return Exam(
        modality=_modality(one),
        body_part="、".join(words_of(order.body_site)),
        description=code.words if code else "",
        jj1017=next((each for each in jj1017 if each), None),
    )


def _modality(one: One) -> str:
    order = one.order
    concepts = [*order.order_detail, *order.category, *([order.code] if order.code else [])]
    said = [concept.code_in(DCM) for concept in concepts]
    said += [each.code for study in _studies(one) for each in study.modality]
    return next((each.upper() for each in said if each), "")


def _requester(one: One) -> tuple[str, str, str]:
    """Who asks: name, department and the telephone that is nearest to them."""
    order = one.order
    departments = [
        found.value_codeable_concept.words
        for found in order.extension
        if found.url == DEPARTMENT and found.value_codeable_concept
    ]
    role: PractitionerRole | None = one.follow(order.requester, PractitionerRole)
    person: Practitioner | None = one.follow(role.practitioner if role else order.requester, Practitioner)
    place: Organization | None = one.follow(role.organization if role else order.requester, Organization)
    phones = (phone_of(found.telecom) for found in (role, person, place) if found)
    shown = order.requester.display if order.requester else ""
    return (
        _first_name(person.name if person else []) or shown,
        next((text for text in departments if text), place.name if place else ""),
        next((phone for phone in phones if phone), ""),
    )


def _first_name(said: Iterable[HumanName]) -> str:
    names = sorted(said, key=lambda one: one.representation not in {IDEOGRAPHIC, ""})
    return names[0].group.replace("^", " ") if names else ""
