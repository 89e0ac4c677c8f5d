"""What a ServiceRequest asks for, part by part."""

from typing import Any

import pytest

from dokuei.base.errors import Invalid
from dokuei.fhir.resources import Bundle, Sent, ServiceRequest, read
from dokuei.intake.content import Known, Urgency
from dokuei.intake.fhir.reading import One, asked
from dokuei.intake.ordering.order import Cancelled, Order

LOINC, SNOMED = "http://loinc.org", "http://snomed.info/sct"
ICD10 = "http://hl7.org/fhir/sid/icd-10"
EN = "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation"
PATIENT = {
    "resourceType": "Patient",
    "id": "p",
    "identifier": [
        {"system": "urn:oid:1.2.392.100495.20.3.51.11311234567", "value": "0077"},
        {"system": "http://example.test/old", "value": "OLD", "use": "old"},
    ],
    "name": [
        {"extension": [{"url": EN, "valueCode": "IDE"}], "family": "山田", "given": ["太郎"]},
        {"extension": [{"url": EN, "valueCode": "SYL"}], "family": "ヤマダ", "given": ["タロウ"]},
    ],
    "gender": "male",
    "birthDate": "1968-03-12",
}


def concept(system: str, code: str, text: str = "") -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, "display": text}]}


def request(**change: Any) -> dict[str, Any]:
    said = {
        "resourceType": "ServiceRequest",
        "identifier": [{"system": "urn:example:orders", "value": "A100"}],
        "status": "active",
        "intent": "order",
        "code": {"text": "胸部単純CT"},
        "subject": {"reference": "#p"},
        "contained": [PATIENT],
        **change,
    }
    return {name: value for name, value in said.items() if value is not None}


def order(*around: dict[str, Any], **change: Any) -> Order:
    found = result(*around, **change)
    assert isinstance(found, Order)
    return found


def result(*around: dict[str, Any], **change: Any) -> Order | Cancelled:
    bundle = Bundle.model_validate(
        {"resourceType": "Bundle", "type": "transaction", "entry": [{"resource": one} for one in around]}
    )
    return asked(One(read(request(**change), ServiceRequest), Sent.of(bundle)))


def test_the_patient_is_read_by_the_form_of_each_name() -> None:
    patient = order().patient

    assert (patient.patient_id, patient.name_kanji, patient.name_kana) == (
        "0077",
        "山田^太郎",
        "ヤマダ^タロウ",
    )
    assert (str(patient.birth_on), patient.sex) == ("1968-03-12", "M")


@pytest.mark.parametrize(
    ("names", "kanji", "kana", "romaji"),
    [
        pytest.param([{"text": "髙橋 一郎"}], "髙橋^一郎", "", "", id="kanji in a text"),
        pytest.param([{"text": "ﾀｶﾊｼ ｲﾁﾛｳ"}], "", "タカハシ^イチロウ", "", id="half-width kana alone"),
        pytest.param([{"family": "Takahashi", "given": ["Ichiro"]}], "", "", "Takahashi^Ichiro", id="letters"),
        pytest.param(
            [{"use": "maiden", "text": "旧 姓"}, {"use": "official", "text": "新 姓"}], "新^姓", "", "",
            id="a maiden name comes after the one of today",
        ),
    ],
)  # fmt: skip
def test_a_name_without_its_form_is_told_by_its_characters(
    names: list[dict[str, Any]], kanji: str, kana: str, romaji: str
) -> None:
    patient = order(contained=[{**PATIENT, "name": names}]).patient

    assert (patient.name_kanji, patient.name_kana, patient.name_romaji) == (kanji, kana, romaji)


@pytest.mark.parametrize(
    ("priority", "urgency"),
    [
        (None, Urgency.NEXT_CLINICAL_DAY),
        ("routine", Urgency.NEXT_CLINICAL_DAY),
        ("urgent", Urgency.URGENT),
        ("asap", Urgency.URGENT),
        ("stat", Urgency.EMERGENCY),
        ("至急", Urgency.URGENT),
    ],
)
def test_priorities_become_urgencies_and_an_unknown_one_is_urgent(priority: str, urgency: Urgency) -> None:
    content = order(priority=priority).content

    assert content.urgency == urgency
    assert content.urgency_reason == ("依頼元の優先度コード 至急" if priority == "至急" else "")


def test_exam_numbers_and_who_asks() -> None:
    role = {
        "resourceType": "PractitionerRole", "id": "r",
        "practitioner": {"reference": "Practitioner/d"}, "organization": {"reference": "Organization/o"},
        "telecom": [{"system": "phone", "value": "内線 7777"}],
    }  # fmt: skip
    person = {"resourceType": "Practitioner", "id": "d", "name": [{"text": "佐藤 医師"}]}
    place = {"resourceType": "Organization", "id": "o", "name": "呼吸器内科"}
    said = order(
        role, person, place,
        identifier=[
            {"type": concept("t", "PLAC"), "system": "urn:example:orders", "value": "A100"},
            {"type": concept("t", "FILL"), "value": "F9"},
            {"type": concept("t", "ACSN"), "value": "ACC7"},
        ],
        code={"coding": [{"system": "urn:oid:1.2.3/JJ1017-16P", "code": "6320000000000000"}], "text": "胸部CT"},
        category=[concept("http://dicom.nema.org/resources/ontology/DCM", "CT")],
        bodySite=[{"text": "胸部"}],
        reasonCode=[{"text": "右肺結節の経過"}, {"text": "転移の有無"}],
        note=[{"text": "車椅子"}],
        occurrenceDateTime="2026-11-22T20:00:00Z",
        requester={"reference": "PractitionerRole/r"},
        supportingInfo=[{"identifier": {"system": "urn:dicom:uid", "value": "urn:oid:1.2.840.99.1"}}],
    )  # fmt: skip

    numbers, content = said.numbers, said.content
    assert said.key == "urn:example:orders|A100"
    assert (numbers.placer_order_number, numbers.filler_order_number) == ("A100", "F9")
    assert (numbers.accession_number, numbers.study_instance_uid) == ("ACC7", "1.2.840.99.1")
    assert str(said.exam_on) == "2026-11-23"
    assert (content.exam.modality, content.exam.body_part) == ("CT", "胸部")
    assert (content.exam.description, content.exam.jj1017) == ("胸部CT", "6320000000000000")
    assert (content.question, content.history) == ("右肺結節の経過\n転移の有無", "車椅子")
    assert (content.requester_name, content.requester_department) == ("佐藤 医師", "呼吸器内科")
    assert content.callback_phone == "内線 7777"


AROUND = [
    {"resourceType": "Observation", "id": "egfr", "status": "final", "code": concept(LOINC, "98979-8", "eGFR"),
     "effectiveDateTime": "2026-11-20", "valueQuantity": {"value": 45.5, "unit": "mL/min/1.73m2"}},
    {"resourceType": "Observation", "id": "old", "status": "final", "code": concept(LOINC, "98979-8", "eGFR"),
     "effectiveDateTime": "2026-01-01", "valueQuantity": {"value": 80, "unit": "mL/min/1.73m2"}},
    {"resourceType": "Observation", "id": "preg", "status": "final",
     "code": concept(LOINC, "82810-3"), "valueCodeableConcept": concept(SNOMED, "60001007")},
    {"resourceType": "Condition", "id": "asthma", "code": concept(ICD10, "J459", "気管支喘息")},
    {"resourceType": "Condition", "id": "not", "code": {"text": "肺癌"},
     "verificationStatus": concept("v", "refuted")},
    {"resourceType": "Procedure", "id": "op", "status": "completed", "code": {"text": "右肺上葉切除"},
     "performedDateTime": "2020-05-01"},
    {"resourceType": "AllergyIntolerance", "id": "al", "code": {"text": "ヨード造影剤"}},
]  # fmt: skip


def test_what_was_sent_along_is_read_into_the_request() -> None:
    names = [f"{one['resourceType']}/{one['id']}" for one in AROUND]

    content = order(*AROUND, supportingInfo=[{"reference": one} for one in names]).content

    assert (content.renal.egfr, str(content.renal.measured_on)) == (45.5, "2026-11-20")
    assert content.labs.splitlines()[0] == "eGFR 45.5 mL/min/1.73m2（2026/11/20）"
    assert (content.surgery, content.surgery_when) == ("右肺上葉切除（2020/05/01）", "2020/05/01")
    assert (content.risk.allergy, content.risk.allergy_note) == (Known.YES, "ヨード造影剤")
    assert (content.risk.asthma, content.risk.pregnancy) == (Known.YES, Known.NO)
    assert "気管支喘息" in content.history
    assert "肺癌" not in content.history


def test_no_known_allergy_is_an_answer() -> None:
    none = {"resourceType": "AllergyIntolerance", "id": "n", "code": concept(SNOMED, "716186003", "なし")}

    risk = order(none, supportingInfo=[{"reference": "AllergyIntolerance/n"}]).content.risk

    assert (risk.allergy, risk.allergy_note) == (Known.NO, "")


def test_what_is_only_named_is_told_and_not_dropped() -> None:
    content = order(supportingInfo=[{"reference": "Observation/9", "display": "腫瘍マーカー"}]).content

    assert content.history == "腫瘍マーカー（参照のみ。内容は送られていません）"


@pytest.mark.parametrize("status", ["revoked", "entered-in-error"])
def test_what_is_revoked_is_cancelled_with_its_reason(status: str) -> None:
    why = {"url": "http://hl7.org/fhir/StructureDefinition/request-statusReason",
           "valueCodeableConcept": {"text": "検査中止"}}  # fmt: skip

    assert result(status=status, extension=[why]) == Cancelled(
        key="urn:example:orders|A100", reason="検査中止"
    )


@pytest.mark.parametrize(
    ("change", "where"),
    [
        pytest.param({"intent": "proposal"}, "ServiceRequest.intent", id="a proposal is no order"),
        pytest.param({"doNotPerform": True}, "ServiceRequest.doNotPerform", id="what must not be done"),
        pytest.param({"status": "draft"}, "ServiceRequest.status", id="a draft"),
        pytest.param({"identifier": None}, "ServiceRequest.identifier", id="no number"),
        pytest.param(
            {"identifier": [{"value": "x" * 200}]}, "ServiceRequest.identifier", id="a number too long"
        ),
        pytest.param(
            {"subject": {"reference": "Patient/9"}}, "ServiceRequest.subject", id="nobody sent along"
        ),
        pytest.param({"subject": None}, "ServiceRequest.subject", id="no subject"),
        pytest.param(
            {"occurrenceDateTime": "2026-02-30"}, "ServiceRequest.occurrenceDateTime", id="no such day"
        ),
        pytest.param({"code": "CT"}, "ServiceRequest.code", id="a text for a concept"),
        pytest.param({"modifierExtension": [{"url": "x"}]}, "ServiceRequest", id="a modifier nobody knows"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(change: dict[str, Any], where: str) -> None:
    with pytest.raises(Invalid) as refused:
        result(**change)

    assert refused.value.fields["expression"] == [where]
