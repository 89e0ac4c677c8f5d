"""What orders say, field by field."""

from datetime import date

import pytest

from dokuei.base.errors import Invalid
from dokuei.hl7.message import Message, parse
from dokuei.intake.content import Known, Urgency
from dokuei.intake.hl7.reading import asked
from dokuei.intake.ordering.order import Cancelled, Order

HEAD = "MSH|^~\\&|RIS|H1|DOKUEI|D|20261122091000||ORM^O01|42|P|2.3"
PID = "PID|||0012345^^^H1^PI||髙橋^花子^^^^^L^I~タカハシ^ハナコ^^^^^L^P~Takahashi^Hanako^^^^^L^A||19680312|F"
ORC = "ORC|NW|A100^RIS|F9^HIS||||1^^^20261122^^S||20261122090500|||D1^伊藤^恵||0739-22-1111|||INT^内科"
OBR = "OBR|1|A100^RIS|F9^HIS|6000000000000000200012000000000^胸部造影CT^JJ1017|||||||||右肺結節の経過|||||||||||CT"


def message(*segments: str) -> Message:
    return parse("\r".join([HEAD, *segments]))


def one(*segments: str, accession: str = "message") -> Order:
    (found,) = asked(message(*segments), source="hl7:ris", accession=accession)
    assert isinstance(found, Order)
    return found


def test_an_order_as_japanese_systems_send_it() -> None:
    order = one(
        PID,
        "AL1|1|DA|^ヨード造影剤",
        ORC,
        OBR,
        "NTE|1||腎機能に注意してください",
        "OBX|1|NM|33914-3^eGFR^LN||48.5|mL/min/1.73m2|||||F|||20261115",
        "OBX|2|NM|2160-0^Cre^LN||0.91|mg/dL|||||F|||20261115",
        "ZDS|1.2.392.1.5^RIS^Application^DICOM",
    )
    content = order.content

    assert order.key == "A100^RIS"
    assert order.patient.patient_id == "0012345"
    assert (order.patient.name_kanji, order.patient.name_kana) == ("髙橋^花子", "タカハシ^ハナコ")
    assert order.patient.name_romaji == "Takahashi^Hanako"
    assert (order.patient.birth_on, order.patient.sex) == (date(1968, 3, 12), "F")
    assert order.numbers.study_instance_uid == "1.2.392.1.5"
    assert (order.numbers.placer_order_number, order.numbers.filler_order_number) == ("A100", "F9")
    assert order.exam_on == date(2026, 11, 22)
    assert content.exam.jj1017 == "6000000000000000200012000000000"
    assert (content.exam.modality, content.exam.description) == ("CT", "胸部造影CT")
    assert content.urgency is Urgency.EMERGENCY
    assert content.question == "腎機能に注意してください"
    assert content.history == "右肺結節の経過"
    assert (content.renal.egfr, content.renal.creatinine) == (48.5, 0.91)
    assert content.renal.measured_on == date(2026, 11, 15)
    assert "Cre 0.91 mg/dL（2026/11/15）" in content.labs
    assert (content.risk.allergy, content.risk.allergy_note) == (Known.YES, "ヨード造影剤")
    assert content.requester_name == "伊藤 恵"
    assert content.requester_department == "内科"
    assert content.callback_phone == "0739-22-1111"


def test_an_imaging_order_says_modality_uid_and_accession_in_its_own_segment() -> None:
    order = one(PID, "ORC|NW|77", "TQ1|1||||||20261201||A", "OBR|1|77||X^頭部MR", "IPC|ACC7|P1|1.2.3|S1|MR")

    assert order.numbers.accession_number == "ACC7"
    assert order.numbers.study_instance_uid == "1.2.3"
    assert order.content.exam.modality == "MR"
    assert order.content.urgency is Urgency.URGENT
    assert order.exam_on == date(2026, 12, 1)


@pytest.mark.parametrize(("where", "accession"), [("message", ""), ("placer", "A100"), ("filler", "F9")])
def test_where_the_accession_number_stands_is_the_connections(where: str, accession: str) -> None:
    assert one(PID, ORC, OBR, accession=where).numbers.accession_number == accession


@pytest.mark.parametrize(
    ("name", "groups"),
    [
        ("山田^太郎", ("山田^太郎", "", "")),
        ("ﾔﾏﾀﾞ^ﾀﾛｳ", ("", "ヤマダ^タロウ", "")),
        ("Yamada^Taro", ("", "", "Yamada^Taro")),
        ("山田^太郎~ヤマダ^タロウ", ("山田^太郎", "ヤマダ^タロウ", "")),
        ("山田&旧姓^太郎^^^^^L^I", ("山田^太郎", "", "")),
    ],
)
def test_names_that_do_not_say_what_they_are(name: str, groups: tuple[str, str, str]) -> None:
    patient = one(f"PID|||1||{name}||19700101|M", ORC, OBR).patient

    assert (patient.name_kanji, patient.name_kana, patient.name_romaji) == groups


@pytest.mark.parametrize(
    ("code", "urgency"),
    [
        ("", Urgency.NEXT_CLINICAL_DAY),
        ("R", Urgency.NEXT_CLINICAL_DAY),
        ("A", Urgency.URGENT),
        ("S", Urgency.EMERGENCY),
        ("HOUSECODE", Urgency.URGENT),
    ],
)
def test_a_priority_nobody_told_us_is_never_taken_for_routine(code: str, urgency: Urgency) -> None:
    content = one(PID, f"ORC|NW|1|||||^^^^^{code}", "OBR|1|1||X^CT").content

    assert content.urgency is urgency
    assert ("HOUSECODE" in content.urgency_reason) == (code == "HOUSECODE")


def test_several_orders_and_a_cancellation_in_one_message() -> None:
    found = asked(
        message(PID, "ORC|NW|1", "OBR|1|1||X^CT", "ORC|CA|2||||||||||||||^撮影中止", "OBR|1|2||X^MR"),
        source="hl7:ris",
    )

    assert isinstance(found[0], Order)
    assert found[0].key == "1"
    assert found[1] == Cancelled("2", "撮影中止")


def test_orders_without_a_common_segment_begin_at_each_request() -> None:
    found = asked(message(PID, "OBR|1|1||X^CT", "NTE|1||a", "OBR|2|2||X^MR", "NTE|1||b"), source="hl7:ris")

    assert [(one.key, one.content.question) for one in found if isinstance(one, Order)] == [
        ("1", "a"),
        ("2", "b"),
    ]


@pytest.mark.parametrize(
    ("segments", "code"),
    [
        pytest.param([PID], "hl7.segments", id="no order"),
        pytest.param([ORC, OBR], "hl7.segments", id="no patient"),
        pytest.param([PID, "ORC|NW", "OBR|1|||X^CT"], "hl7.no_number", id="no number"),
        pytest.param([PID, "ORC|ZZ|1", "OBR|1|1||X^CT"], "hl7.control", id="an unknown control"),
        pytest.param([PID.replace("0012345", "9" * 80), ORC, OBR], "hl7.field", id="an ID that is too long"),
    ],
)
def test_what_is_wrong_is_said(segments: list[str], code: str) -> None:
    with pytest.raises(Invalid) as wrong:
        asked(message(*segments), source="hl7:ris")

    assert wrong.value.error_code == code


def test_other_kinds_of_messages_are_not_orders() -> None:
    with pytest.raises(Invalid) as wrong:
        asked(parse(HEAD.replace("ORM^O01", "ADT^A08") + "\r" + PID), source="hl7:ris")

    assert wrong.value.error_code == "hl7.kind"
