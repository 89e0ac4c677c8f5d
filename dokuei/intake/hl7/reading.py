"""What a message asks for: its orders, each as `ordering.Order`, or what is to be cancelled. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from pydantic import ValidationError

from dokuei.base.errors import Invalid
from dokuei.dicom.person_name import parse_name
from dokuei.hl7.message import BadMessage, Element, Message, Segment, day
from dokuei.intake.content import Content, Exam, Known, Renal, Risk, Urgency
from dokuei.intake.hl7.rules import CONTROLS, KINDS, Asked
from dokuei.intake.ordering.codes import CREATININE, EGFR
from dokuei.intake.ordering.order import Cancelled, Numbers, Order, StatedPatient


class BadOrder(Invalid):
    """電文の内容を依頼として取り込めません。"""

    code = "hl7.order"


@dataclass
class Group:
    """The segments of one order."""

    common: Segment | None = None
    segments: list[Segment] = field(default_factory=list)

    def first(self, name: str) -> Segment | None:
        return next((one for one in self.segments if one.name == name), None)

    def all(self, name: str) -> list[Segment]:
        return [one for one in self.segments if one.name == name]

    def element(self, name: str, number: int) -> Element | None:
        segment = self.common if name == "ORC" else self.first(name)
        found = segment.first(number) if segment else None
        return found if found and found.raw else None

    def part(self, name: str, number: int, part: int = 1) -> str:
        found = self.element(name, number)
        return found.part(part) if found else ""


def asked(message: Message, *, source: str, accession: str = "message") -> list[Order | Cancelled]:
    """Every order of a message in its order. `BadOrder` or `BadMessage` says what is wrong, and nothing is taken."""
    if message.kind not in KINDS:
        raise BadOrder(f"電文の種類 {message.kind or '（なし）'} には対応していません。", code="hl7.kind")
    pid = message.first("PID")
    groups = list(_groups(message))
    if pid is None or not groups:
        raise BadMessage("PIDまたはORC・OBRセグメントがありません。", code="hl7.segments")
    found: list[Order | Cancelled] = []
    for group in groups:
        control = group.part("ORC", 1).upper()
        if control not in CONTROLS:
            raise BadOrder(f"オーダ制御コード {control} には対応していません。", code="hl7.control")
        if CONTROLS[control] is Asked.CANCEL:
            found.append(Cancelled(_key(group), _reason(group)))
        elif CONTROLS[control] is Asked.PLACE:
            found.append(_order(message, pid, group, source, accession))
    return found


def _groups(message: Message) -> Iterator[Group]:
    """An order begins at its ORC, or at an OBR that has none."""
    group: Group | None = None
    for segment in message.segments:
        if segment.name == "ORC" or (segment.name == "OBR" and (group is None or group.first("OBR"))):
            if group is not None:
                yield group
            group = Group(common=segment if segment.name == "ORC" else None)
        if group is not None:
            group.segments.append(segment)
    if group is not None:
        yield group


def _key(group: Group) -> str:
    """The placer's number of the order, else the filler's, with whose number it is."""
    for name, number in (("ORC", 2), ("OBR", 2), ("ORC", 3), ("OBR", 3)):
        found = group.element(name, number)
        if found and found.part(1):
            return "^".join(one for one in (found.part(1), found.part(2)) if one)
    raise BadOrder("オーダ番号（ORC-2・OBR-2）がありません。", code="hl7.no_number")


def _reason(group: Group) -> str:
    said = group.element("ORC", 16)
    text = (said.part(2) or said.part(1)) if said else ""
    return text or "依頼元システムからの取消"


def _order(message: Message, pid: Segment, group: Group, source: str, accession: str) -> Order:
    try:
        return Order(
            patient=_patient(pid),
            numbers=_numbers(group, accession),
            exam_on=_planned(group),
            content=_content(message, group),
            source=source,
            key=_key(group),
            said_at=message.sent_at,
        )
    except ValidationError as error:
        fields = ["・".join(str(part) for part in one["loc"]) for one in error.errors()]
        raise BadOrder(
            f"長すぎるか、値として読めない項目があります: {'、'.join(fields)}",
            code="hl7.field",
            fields=fields,
        ) from error


SEXES: dict[str, Literal["M", "F", "O"]] = {"M": "M", "F": "F", "O": "O"}
"""HL7 table 0001 as DICOM says it; unknown, ambiguous and not applicable are no sex."""


def _patient(pid: Segment) -> StatedPatient:
    """PID-3, -5, -7, -8. Of several identifiers the medical record number (MR, PI) is the facility's own."""
    ids = pid.repetitions(3) or pid.repetitions(2)
    own = next((one for one in ids if one.part(5) in {"PI", "MR"}), ids[0] if ids else None)
    names = _names(pid.repetitions(5))
    sex = pid.first(8).part(1).upper()
    return StatedPatient(
        patient_id=own.part(1) if own else "",
        name_kanji=names["I"],
        name_kana=names["P"],
        name_romaji=names["A"],
        birth_on=day(pid.first(7).part(1)),
        sex=SEXES.get(sex, ""),
    )


def _names(said: Sequence[Element]) -> dict[str, str]:
    """Kanji (I), kana (P) and letters (A) of a name: by what each says it is (XPN-8), else by what stands in it."""
    names = {"I": "", "P": "", "A": ""}
    for one in said:
        group = "^".join(part for part in (one.part(1), one.part(2)) if part)
        kind = one.part(8)
        if kind in names:
            names[kind] = names[kind] or group
            continue
        parsed = parse_name(group)
        for name, text in (("I", parsed.kanji), ("P", parsed.kana), ("A", parsed.romaji)):
            names[name] = names[name] or text
    return names


def _numbers(group: Group, accession: str) -> Numbers:
    placer = group.part("ORC", 2) or group.part("OBR", 2)
    filler = group.part("ORC", 3) or group.part("OBR", 3)
    named = group.part("IPC", 1) or group.part("OBR", 18)
    return Numbers(
        accession_number={"placer": placer, "filler": filler}.get(accession, named),
        study_instance_uid=group.part("IPC", 3) or group.part("ZDS", 1),
        placer_order_number=placer,
        filler_order_number=filler,
    )


PLANNED = (("TQ1", 7, 1), ("OBR", 36, 1), ("OBR", 27, 4), ("ORC", 7, 4), ("OBR", 7, 1))


def _planned(group: Group) -> date | None:
    return next((found for one in PLANNED if (found := day(group.part(*one)))), None)


PRIORITIES = {
    "": Urgency.NEXT_CLINICAL_DAY,
    "R": Urgency.NEXT_CLINICAL_DAY,
    "P": Urgency.SAME_DAY,
    "A": Urgency.URGENT,
    "T": Urgency.URGENT,
    "S": Urgency.EMERGENCY,
}
"""Priorities (HL7 table 0485) as our urgencies."""
PRIORITY = (("TQ1", 9, 1), ("OBR", 27, 6), ("ORC", 7, 6), ("OBR", 5, 1))


def _urgency(group: Group) -> tuple[Urgency, str]:
    """How urgent it is; a code nobody told us is taken as urgent, and named, rather than as routine."""
    code = next((found for one in PRIORITY if (found := group.part(*one))), "").upper()
    if code in PRIORITIES:
        return PRIORITIES[code], ""
    return Urgency.URGENT, f"依頼元の優先度コード {code}"


def _content(message: Message, group: Group) -> Content:
    urgency, why = _urgency(group)
    notes = _notes(group)
    reasons = "\n".join(_word(one) for obr in group.all("OBR") for one in obr.repetitions(31))
    history = [group.part("OBR", 13)]
    history += [f"診断: {_word(found)}" for dg1 in group.all("DG1") for found in dg1.repetitions(3)]
    observed = group.all("OBX")
    provider = group.element("ORC", 12) or group.element("OBR", 16)
    return Content(
        exam=_exam(group),
        urgency=urgency,
        urgency_reason=why,
        question=reasons or notes,
        history=_lines([*history, notes if reasons else ""]),
        labs=_lines(_observation(one) for one in observed),
        renal=_renal(observed),
        risk=_risk([one for one in message.segments if one.name == "AL1"]),
        requester_name=_person(provider) if provider else "",
        requester_department=group.part("ORC", 17, 2) or group.part("ORC", 17),
        callback_phone=_phone(group.element("ORC", 14) or group.element("OBR", 17)),
    )


def _lines(texts: Iterable[str]) -> str:
    return "\n".join(text for text in texts if text)


def _word(coded: Element) -> str:
    """The text of a coded element, else its code."""
    return coded.part(2) or coded.part(5) or coded.part(1)


def _notes(group: Group) -> str:
    return _lines(found.text for nte in group.all("NTE") for found in nte.repetitions(3))


def _exam(group: Group) -> Exam:
    """OBR-4 with its JJ1017 code as it was sent; the modality is said by IPC-5 or OBR-24."""
    service = group.element("OBR", 4)
    if service is None:
        return Exam()
    coded = ((service.part(1), service.part(3)), (service.part(4), service.part(6)))
    jj1017 = next((code for code, system in coded if code and system.upper().startswith("JJ1017")), None)
    modality = group.part("IPC", 5) or group.part("OBR", 24)
    return Exam(modality=modality.upper(), description=_word(service), jj1017=jj1017)


def _person(one: Element) -> str:
    return " ".join(part for part in (one.part(2), one.part(3)) if part) or one.part(1)


def _phone(one: Element | None) -> str:
    if one is None:
        return ""
    whole = "-".join(part for part in (one.part(6), one.part(7)) if part)
    return one.part(1) or one.part(12) or whole


def _observation(obx: Segment) -> str:
    name, unit = _word(obx.first(3)), obx.first(6).part(2) or obx.first(6).part(1)
    value = "、".join(found.text for found in obx.repetitions(5))
    measured = day(obx.first(14).part(1))
    when = f"（{measured:%Y/%m/%d}）" if measured else ""
    return f"{name} {value} {unit}".strip() + when if value else ""


def _renal(observed: Sequence[Segment]) -> Renal:
    found: dict[str, float] = {}
    measured: date | None = None
    for obx in observed:
        code, text = obx.first(3).part(1), obx.first(5).text
        name = "egfr" if code in EGFR else "creatinine" if code in CREATININE else ""
        if name and text.replace(".", "", 1).isdigit():
            found.setdefault(name, float(text))
            measured = measured or day(obx.first(14).part(1))
    return Renal(egfr=found.get("egfr"), creatinine=found.get("creatinine"), measured_on=measured)


def _risk(allergies: Sequence[Segment]) -> Risk:
    named = [text for one in allergies if (text := _word(one.first(3)))]
    return Risk(allergy=Known.YES, allergy_note="、".join(named)) if named else Risk()
