"""Every sentence of the table, and what each outcome allows."""

from datetime import date
from typing import Any

import pytest

from dokuei.patients.matching.compare import compare
from dokuei.patients.matching.evidence import Allows, Level, Relation, Verdict
from dokuei.patients.matching.table import (
    ANOTHER_EXAM,
    NOT_ANCHORED,
    NOT_DATED,
    NOT_NUMBERED,
    OUTCOMES,
    TOO_WEAK,
    VERSION,
)
from dokuei.patients.matching.tests.builders import ORDER, a_side

Changes = dict[str, Any]
S, P, C, N = Level.STRONG, Level.POSSIBLE, Level.CONTRADICTION, Level.NONE
KNEE: Changes = {"body_part": "右膝"}
OWN_NUMBERS: Changes = {"accession_number": "2603020008", "study_instance_uid": "1.2.392.2"}
NO_NUMBER: Changes = {"accession_number": "", "study_instance_uid": ""}

# code, the order changed, the study changed, the level with every number agreeing, the sentence.
TABLE: list[tuple[str, Changes, Changes, Level, str]] = [
    ("family_name.same", {}, {}, S, "姓の漢字が一致します"),
    ("given_name.same", {}, {}, S, "名の漢字が一致します"),
    (
        "family_name.old_form",
        {"name": "髙木^翔太"},
        {"name": "高木^翔太"},
        S,
        "姓は字体が異なりますが同じ漢字です",
    ),
    (
        "given_name.old_form",
        {"name": "久我^廣"},
        {"name": "久我^広"},
        S,
        "名は字体が異なりますが同じ漢字です",
    ),
    ("family_name.reading_same", {}, {"name": "ｸｶﾞ^ｼｮｳﾀ"}, S, "姓の読みが一致します"),
    ("given_name.reading_same", {}, {"name": "クガ^ショウタ"}, S, "名の読みが一致します"),
    ("family_name.sound_same", {}, {"name": "KUGA^SHOTA"}, S, "姓のローマ字と読みが一致します"),
    ("given_name.sound_same", {}, {"name": "Kuga^Syouta"}, S, "名のローマ字と読みが一致します"),
    (
        "family_name.other_reading",
        {"name": "=神野^翔太=じんの^しょうた"},
        {"name": "=神野^翔太=かんの^しょうた"},
        S,
        "姓の漢字は一致しますが、読みが異なります",
    ),
    (
        "given_name.other_reading",
        {"name": "=久我^裕子=くが^ゆうこ"},
        {"name": "=久我^裕子=くが^ひろこ"},
        S,
        "名の漢字は一致しますが、読みが異なります",
    ),
    (
        "family_name.other_kanji",
        {"name": "=伊藤^翔太=いとう^しょうた"},
        {"name": "=伊東^翔太=いとう^しょうた"},
        S,
        "姓の読みは同じですが、漢字が異なります（変換違いの可能性）",
    ),
    (
        "given_name.other_kanji",
        {"name": "=久我^優子=くが^ゆうこ"},
        {"name": "=久我^裕子=くが^ゆうこ"},
        S,
        "名の読みは同じですが、漢字が異なります（変換違いの可能性）",
    ),
    (
        "family_name.alike",
        {"name": "荻原^翔太"},
        {"name": "萩原^翔太"},
        P,
        "姓の漢字が似た別の字です（打ち間違いの可能性）",
    ),
    (
        "given_name.alike",
        {"name": "久我^祐子"},
        {"name": "久我^裕子"},
        P,
        "名の漢字が似た別の字です（打ち間違いの可能性）",
    ),
    (
        "family_name.damaged",
        {},
        {"name": "久?^翔太"},
        S,
        "姓が一部文字化けしていますが、読める字は一致します",
    ),
    ("given_name.damaged", {}, {"name": "久我^?太"}, S, "名が一部文字化けしていますが、読める字は一致します"),
    (
        "family_name.long_vowel",
        {"name": "==オオノ^ショウタ"},
        {"name": "==オーノ^ショウタ"},
        S,
        "姓の読みが長音・小書き仮名だけ異なります",
    ),
    (
        "given_name.long_vowel",
        {"name": "==クガ^ユウキ"},
        {"name": "==クガ^ユキ"},
        P,
        "名の読みが長音・小書き仮名だけ異なります",
    ),
    (
        "family_name.voiced",
        {"name": "==ヤマサキ^アキ"},
        {"name": "==ヤマザキ^アキ"},
        S,
        "姓の読みが濁点だけ異なります",
    ),
    (
        "given_name.voiced",
        {"name": "==クガ^ミズキ"},
        {"name": "==クガ^ミスキ"},
        P,
        "名の読みが濁点だけ異なります",
    ),
    (
        "family_name.slip",
        {"name": "==ヤマシタ^アキ"},
        {"name": "==ヤマツタ^アキ"},
        S,
        "姓が1文字だけ異なります（打ち間違いの可能性）",
    ),
    (
        "given_name.slip",
        {"name": "==クガ^サトシ"},
        {"name": "==クガ^サトル"},
        P,
        "名が1文字だけ異なります（打ち間違いの可能性）",
    ),
    ("family_name.differs", {}, {"name": "佐藤^花子"}, C, "姓が異なります"),
    ("given_name.differs", {}, {"name": "久我^花子", "born_on": None}, C, "名が異なります"),
    ("family_name.missing", {}, {"name": "?^翔太"}, P, "姓が読み取れないか、ありません"),
    ("given_name.missing", {}, {"name": ""}, P, "名が読み取れないか、ありません"),
    ("family_name.swapped", {}, {"name": "翔太^久我"}, S, "姓と名の順が逆です"),
    ("given_name.swapped", {}, {"name": "SHOTA^KUGA"}, S, "名と姓の順が逆です"),
    ("family_name.changed", {}, {"name": "佐藤^翔太"}, P, "姓が異なります（改姓の可能性）"),
    (
        "given_name.sibling",
        {},
        {"name": "久我^翔平"},
        C,
        "姓・生年月日・性別が同じで、名が異なります（双子の可能性）",
    ),
    ("birth_date.same", {}, {}, S, "生年月日が一致します"),
    ("birth_date.one_day", {}, {"born_on": date(1958, 4, 4)}, S, "生年月日が1日違います"),
    ("birth_date.swapped", {}, {"born_on": date(1958, 3, 4)}, S, "生年月日の月と日が入れ替わっています"),
    ("birth_date.one_year", {}, {"born_on": date(1957, 4, 3)}, S, "生年月日が1年違います"),
    (
        "birth_date.era",
        {},
        {"born_on": date(2021, 4, 3)},
        S,
        "生年月日の年が元号の取り違えとみられる違いです",
    ),
    ("birth_date.digit", {}, {"born_on": date(1958, 4, 23)}, S, "生年月日の数字が1か所違います"),
    ("birth_date.differs", {}, {"born_on": date(1971, 12, 30)}, C, "生年月日が異なります"),
    ("birth_date.missing", {}, {"born_on": date(1900, 1, 1)}, S, "生年月日がありません"),
    ("sex.same", {}, {}, S, "性別が一致します"),
    ("sex.open", {}, {"sex": "O"}, S, "性別の一方が「その他」です"),
    ("sex.differs", {}, {"sex": "F"}, C, "性別が異なります"),
    ("sex.missing", {}, {"sex": ""}, S, "性別がありません"),
    ("patient_id.same", {}, {"patient_id": " 123456"}, S, "患者IDが一致します"),
    (
        "patient_id.slip",
        {},
        {"patient_id": "123465"},
        P,
        "患者IDが1文字だけ違います（打ち間違いか、続き番号の別人）",
    ),
    ("patient_id.differs", {}, {"patient_id": "777"}, P, "患者IDが異なります"),
    (
        "patient_id.other_issuer",
        {},
        {"issuer": "MIDORI"},
        P,
        "患者IDの発行元が異なるため、IDでは比べられません",
    ),
    ("patient_id.missing", {}, {"patient_id": "0000"}, S, "患者IDがありません"),
    ("accession_number.same", {}, {}, S, "受付番号が一致します"),
    ("accession_number.differs", {}, {"accession_number": "2603020008"}, P, "受付番号が異なります"),
    ("accession_number.missing", {}, {"accession_number": ""}, S, "受付番号がありません"),
    ("study_instance_uid.same", {}, {}, S, "検査UIDが一致します"),
    ("study_instance_uid.differs", {}, {"study_instance_uid": "1.2.3"}, S, "検査UIDが異なります"),
    ("study_instance_uid.missing", {}, {"study_instance_uid": ""}, S, "検査UIDがありません"),
    ("exam_date.same", {}, {}, S, "検査日が一致します"),
    ("exam_date.one_day", {}, {"performed_on": date(2026, 3, 3)}, S, "検査日が1日違います"),
    ("exam_date.moved", {}, {"performed_on": date(2026, 3, 11)}, S, "検査日が9日違います"),
    ("exam_date.differs", {}, {"performed_on": date(2026, 4, 11)}, P, "検査日が40日違います"),
    ("exam_date.missing", {}, {"performed_on": None}, S, "検査日がありません"),
    ("modality.same", {"modality": "CR"}, {"modality": "DX\\SR"}, S, "検査種別が一致します"),
    ("modality.differs", {}, {"modality": "MR"}, P, "検査種別が異なります"),
    ("modality.missing", {}, {"modality": "SR"}, S, "検査種別がありません"),
    ("body_part.same", {}, {"body_part": "CHEST"}, S, "部位が一致します"),
    ("body_part.overlaps", {}, {"body_part": "CHESTABDOMEN"}, S, "部位が一部だけ重なります"),
    ("body_part.beside", {}, {"body_part": "ABDOMEN"}, S, "部位が隣り合う別の部位です"),
    ("body_part.differs", {}, {"body_part": "KNEE"}, C, "部位が異なります"),
    ("body_part.missing", {}, {"body_part": "PROTOCOL7"}, S, "部位がありません"),
    ("laterality.same", KNEE, {"body_part": "KNEE", "laterality": "R"}, S, "左右が一致します"),
    ("laterality.both", KNEE, {"body_part": "両膝"}, S, "一方は両側、他方は片側です"),
    ("laterality.differs", KNEE, {"body_part": "KNEE", "laterality": "L"}, C, "左右が異なります"),
    ("laterality.missing", KNEE, {"body_part": "KNEE"}, S, "左右のある部位ですが、左右がありません"),
    ("laterality.unpaired", {}, {"laterality": "U"}, S, "左右のない部位です"),
]


def both(mine: Changes, theirs: Changes) -> tuple[Verdict, Verdict]:
    one, other = a_side(**mine), a_side(**{**mine, **theirs})
    return compare(one, other), compare(other, one)


@pytest.mark.parametrize(
    ("code", "mine", "theirs", "level", "sentence"), TABLE, ids=[row[0] for row in TABLE]
)
def test_each_outcome_has_its_sentence_and_its_level(
    code: str, mine: Changes, theirs: Changes, level: Level, sentence: str
) -> None:
    verdict, mirrored = both(mine, theirs)

    assert {found.code: found.sentence for found in verdict.evidence}.get(code) == sentence
    assert verdict.level is level
    assert mirrored == verdict
    assert bool(verdict.reasons) is (level is not S)


def test_no_outcome_is_without_its_row() -> None:
    assert {row[0] for row in TABLE} == set(OUTCOMES)


@pytest.mark.parametrize("code", [row[0] for row in TABLE if OUTCOMES[row[0]].allows is not Allows.FREE])
def test_nothing_that_is_not_free_links_without_any_number(code: str) -> None:
    """Neither accession number, UID nor patient ID: whatever is not plain agreement goes to a person."""
    _, mine, theirs, _, _ = next(row for row in TABLE if row[0] == code)
    bare = {**NO_NUMBER, "patient_id": ""}

    verdict, _ = both({**mine, **bare}, {**theirs, **bare})

    assert verdict.level is not S


@pytest.mark.parametrize(
    ("theirs", "level", "reason"),
    [
        pytest.param({}, S, "", id="id, name, birth date, day, modality and part"),
        pytest.param({"body_part": ""}, S, "", id="no part, but id, day and modality"),
        pytest.param(
            {"body_part": "", "performed_on": date(2026, 3, 3)}, P, NOT_DATED, id="no part, another day"
        ),
        pytest.param({"body_part": "ABDOMEN"}, P, NOT_NUMBERED, id="the part beside it"),
        pytest.param({"performed_on": date(2026, 3, 3)}, P, NOT_NUMBERED, id="another day"),
        pytest.param({"patient_id": ""}, P, NOT_NUMBERED, id="no patient id"),
        pytest.param({"born_on": date(1958, 4, 4)}, P, NOT_ANCHORED, id="a birth date one day off"),
        pytest.param({"born_on": None}, P, NOT_ANCHORED, id="no birth date"),
    ],
)
def test_without_a_number_of_the_exam(theirs: Changes, level: Level, reason: str) -> None:
    verdict, _ = both(NO_NUMBER, theirs)

    assert verdict.level is level
    assert reason in (*verdict.reasons, "")


@pytest.mark.parametrize(
    "theirs",
    [
        pytest.param({"name": "佐藤^花子"}, id="name"),
        pytest.param({"name": "久我^花子"}, id="given name"),
        pytest.param({"born_on": date(1971, 12, 30)}, id="birth date"),
        pytest.param({"sex": "F"}, id="sex"),
        pytest.param({"body_part": "KNEE"}, id="part"),
        pytest.param({"body_part": "左胸部"}, id="side"),
    ],
)
def test_a_contradiction_never_links_and_says_why_whatever_else_agrees(theirs: Changes) -> None:
    verdict = compare(a_side(laterality="R"), a_side(**{"laterality": "R", **theirs, **_left(theirs)}))

    assert verdict.level is C
    assert verdict.contradictions
    assert {one.sentence for one in verdict.contradictions} <= set(verdict.reasons)


def _left(theirs: Changes) -> Changes:
    return {"laterality": "L"} if theirs.get("body_part") == "左胸部" else {}


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("=久我^翔太=くが^しょうた", "=久我^翔平=くが^しょうへい"),
        ("=久我^優花=くが^ゆうか", "=久我^優奈=くが^ゆうな"),
        ("==くが^ゆうか", "==くが^ゆうな"),
        ("==くが^ゆうき", "==くが^ゆき"),
        ("KUGA^YUKA", "KUGA^YUNA"),
        ("Kuga^Kenichi", "Kuga^Kenji"),
        ("久我^健一", "久我^健二"),
        ("久我健一", "久我健二"),
        ("くがけんいち", "くがけんじ"),
    ],
)
@pytest.mark.parametrize(
    "numbers",
    [
        pytest.param({"patient_id": "00123457", **OWN_NUMBERS}, id="their own numbers"),
        pytest.param({"patient_id": "00123457", **NO_NUMBER}, id="the neighbouring ID"),
        pytest.param({}, id="all numbers of the other"),
    ],
)  # fmt: skip
def test_twins_are_never_linked_to_each_other(name: str, other: str, numbers: Changes) -> None:
    assert compare(a_side(name=name), a_side(name=other, **numbers)).level is not S


def test_a_married_name_goes_to_a_person_and_is_no_silent_contradiction() -> None:
    for theirs in ({}, NO_NUMBER, {"patient_id": ""}):
        verdict, _ = both({"sex": "F", "name": "佐藤^花子"}, {"name": "鈴木^花子", **theirs})

        assert verdict.level is P
        assert verdict.reasons[0] == "姓が異なります（改姓の可能性）"


@pytest.mark.parametrize("theirs", [{"sex": "M"}, {"born_on": date(1940, 1, 9)}, {"patient_id": "777"}])
def test_another_family_name_without_the_rest_is_no_married_name(theirs: Changes) -> None:
    verdict, _ = both({"sex": "F", "name": "佐藤^花子"}, {"name": "鈴木^花子", **theirs})

    assert "family_name.differs" in {one.code for one in verdict.evidence}
    assert verdict.level is C


def test_the_same_patients_other_exam_is_no_contradiction() -> None:
    verdict, _ = both(
        {}, {"accession_number": "2603020008", "study_instance_uid": "1.2", "body_part": "KNEE"}
    )

    assert (verdict.level, verdict.reasons) == (N, (ANOTHER_EXAM,))


def test_a_pet_ct_is_no_ct_that_was_asked_for() -> None:
    verdict, _ = both({"accession_number": ""}, {"modality": "PT\\CT"})

    assert verdict.level is P
    assert verdict.reasons == ("検査種別が異なります",)


def test_strangers_are_nothing_to_each_other() -> None:
    stranger = a_side(
        name="佐藤^花子", patient_id="777", born_on=date(1971, 12, 30), accession_number="9", study_instance_uid="2.25"
    )  # fmt: skip

    assert compare(ORDER, stranger).level is N


def test_an_id_given_to_two_people_is_a_contradiction() -> None:
    other = a_side(name="佐藤^花子", born_on=date(1971, 12, 30), sex="F", **NO_NUMBER)

    assert compare(ORDER, other).level is C


def test_a_number_alone_is_too_weak() -> None:
    verdict = compare(ORDER, type(ORDER)(accession_number=ORDER.accession_number))

    assert verdict.level is P
    assert TOO_WEAK in verdict.reasons


def test_a_common_name_says_less_than_a_rare_one() -> None:
    scores = [
        compare(a_side(name=f"{family}^翔太"), a_side(name=f"{family}^翔太")).score
        for family in ("佐藤", "望月", "勅使河原")
    ]

    assert scores == sorted(scores)
    assert scores[0] + 5 < scores[-1]


def test_every_weight_points_where_its_relation_does() -> None:
    for code, line in OUTCOMES.items():
        if line.relation is Relation.AGREE:
            assert line.weight > 0, code
        if line.relation is Relation.MISSING:
            assert line.weight == 0, code
        if line.relation is Relation.DIFFERS:
            assert line.weight < 0, code


def test_the_rules_of_every_verdict_have_their_version() -> None:
    assert compare(ORDER, ORDER).rules == compare(ORDER, a_side(sex="F")).rules == VERSION
