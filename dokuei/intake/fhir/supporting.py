"""What a ServiceRequest refers to beside patient and requester: values, conditions, operations, allergies. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from dokuei.fhir.elements import CodeableConcept, Reference, day_of
from dokuei.fhir.resources import (
    AllergyIntolerance,
    Condition,
    ImagingStudy,
    Observation,
    Procedure,
    Sent,
    ServiceRequest,
)
from dokuei.intake.content import Known, Renal, Risk
from dokuei.intake.ordering.codes import (
    ASTHMA,
    CREATININE,
    EGFR,
    NO_KNOWN_ALLERGY,
    NOT_PREGNANT,
    PREGNANCY_STATUS,
    PREGNANT,
)

KINDS = (Observation, Condition, Procedure, AllergyIntolerance, ImagingStudy)
LINE = 200
"""Characters of a line of a request."""
VOID = {"entered-in-error", "cancelled", "not-done", "refuted"}


@dataclass
class Told:
    """What was found, ready for a request."""

    history: list[str] = field(default_factory=list)
    labs: list[str] = field(default_factory=list)
    surgery: list[str] = field(default_factory=list)
    surgery_when: str = ""
    renal: Renal = field(default_factory=Renal)
    risk: Risk = field(default_factory=Risk)


def told(order: ServiceRequest, sent: Sent) -> Told:
    """Everything an order refers to. What it names and did not send along is told by its name, never dropped."""
    found = Told()
    facts: list[Any] = []
    for to in [*order.reason_reference, *order.supporting_info]:
        resource = sent.resolve(to, *KINDS, contained=order.contained)
        if resource is not None:
            facts.append(resource)
        elif not _is_number(to):
            found.history.append(_named_only(to))
    for one in facts:
        _TELL[type(one)](found, one)
    found.renal = _renal([one for one in facts if isinstance(one, Observation)])
    found.risk = _risk(found, facts)
    return found


def _is_number(to: Reference) -> bool:
    """A study named by its UID alone is evidence, no story."""
    return to.identifier is not None and to.identifier.system == "urn:dicom:uid"


def _named_only(to: Reference) -> str:
    name = to.display or to.reference or (to.identifier.value if to.identifier else "")
    return f"{name}（参照のみ。内容は送られていません）"


def _is_void(*concepts: CodeableConcept | None) -> bool:
    return any(one.code in VOID for concept in concepts if concept for one in concept.coding)


def _when(text: date | None) -> str:
    return f"（{text:%Y/%m/%d}）" if text else ""


def _of_observation(found: Told, one: Observation) -> None:
    if one.status in VOID or _answers_pregnancy(one):
        return
    if value := _value(one):
        measured = day_of(one.effective_date_time, one.issued)
        found.labs.append(f"{one.code.words} {value}{_when(measured)}")


def _value(one: Observation) -> str:
    if one.value_quantity is not None and one.value_quantity.value is not None:
        number = one.value_quantity
        unit = number.unit or number.code
        return f"{number.comparator}{number.value:g} {unit}".strip()
    if one.value_boolean is not None:
        return "あり" if one.value_boolean else "なし"
    return one.value_string or (one.value_codeable_concept.words if one.value_codeable_concept else "")


def _of_condition(found: Told, one: Condition) -> None:
    if _is_void(one.verification_status):
        return
    words = one.code.words if one.code else ""
    past = one.clinical_status is not None and any(
        each.code in {"resolved", "inactive", "remission"} for each in one.clinical_status.coding
    )
    notes = "、".join(note.text for note in one.note)
    if words or notes:
        said = "：".join(part for part in (words, notes) if part)
        found.history.append(f"{'既往' if past else '診断'}: {said}{_when(day_of(one.onset_date_time))}")


def _of_procedure(found: Told, one: Procedure) -> None:
    if one.status in VOID or one.code is None or not one.code.words:
        return
    period = one.performed_period
    done = day_of(one.performed_date_time, period.start if period else None)
    when = f"{done:%Y/%m/%d}" if done else one.performed_date_time or one.performed_string
    found.surgery.append(f"{one.code.words}（{when}）" if when else one.code.words)
    found.surgery_when = max(found.surgery_when, when)[:LINE]


def _of_nothing(found: Told, one: Any) -> None:
    """Told elsewhere."""


_TELL: dict[type, Any] = {
    Observation: _of_observation,
    Condition: _of_condition,
    Procedure: _of_procedure,
    AllergyIntolerance: _of_nothing,
    ImagingStudy: _of_nothing,
}


def _renal(observed: Sequence[Observation]) -> Renal:
    """eGFR and creatinine by LOINC; the newest of each, without what is only a bound."""
    found: dict[str, float] = {}
    measured: date | None = None
    newest_first = sorted(observed, key=lambda one: one.effective_date_time or "", reverse=True)
    for one in newest_first:
        codes = {each.code for each in one.code.coding}
        name = "egfr" if codes & EGFR else "creatinine" if codes & CREATININE else ""
        number = one.value_quantity
        if not name or one.status in VOID or number is None or number.value is None or number.comparator:
            continue
        if name not in found:
            found[name] = number.value
            measured = measured or day_of(one.effective_date_time, one.issued)
    return Renal(egfr=found.get("egfr"), creatinine=found.get("creatinine"), measured_on=measured)


def _answers_pregnancy(one: Observation) -> bool:
    return any(each.code in PREGNANCY_STATUS for each in one.code.coding)


def _risk(found: Told, facts: Sequence[Any]) -> Risk:
    allergies = [
        one for one in facts if isinstance(one, AllergyIntolerance) and not _is_void(one.verification_status)
    ]
    named = [one.code for one in allergies if one.code is not None and one.code.words]
    real = [one.words for one in named if not {each.code for each in one.coding} & NO_KNOWN_ALLERGY]
    note = "、".join(real)
    if len(note) > LINE:
        found.history.append(f"アレルギー: {note}")
    return Risk(
        allergy=Known.YES if real else Known.NO if named else Known.UNKNOWN,
        allergy_note=note if len(note) <= LINE else "病歴に記載",
        asthma=Known.YES if any(_is_asthma(one) for one in facts) else Known.UNKNOWN,
        pregnancy=_pregnancy([one for one in facts if isinstance(one, Observation)]),
    )


def _is_asthma(one: Any) -> bool:
    if not isinstance(one, Condition) or one.code is None or _is_void(one.verification_status):
        return False
    return any(each.code.startswith(ASTHMA) for each in one.code.coding)


def _pregnancy(observed: Sequence[Observation]) -> Known:
    for one in observed:
        if _answers_pregnancy(one) and one.value_codeable_concept and one.status not in VOID:
            codes = {each.code for each in one.value_codeable_concept.coding}
            if codes & PREGNANT:
                return Known.YES
            if codes & NOT_PREGNANT:
                return Known.NO
    return Known.UNKNOWN
