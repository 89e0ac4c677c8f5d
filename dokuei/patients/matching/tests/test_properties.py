"""What holds for any two sides, whatever they say."""

from dataclasses import fields, replace
from datetime import date, timedelta
from random import Random
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from dokuei.dicom.person_name import PersonName
from dokuei.patients.matching.choice import choose
from dokuei.patients.matching.compare import compare, have_nothing_in_common
from dokuei.patients.matching.evidence import Allows, Level, Relation
from dokuei.patients.matching.exam import side_of
from dokuei.patients.matching.facts import Side
from dokuei.patients.matching.numbers import number_key
from dokuei.patients.matching.shapes import one_form
from dokuei.patients.matching.sound import sound_of_kana, sound_of_romaji
from dokuei.patients.matching.tests.builders import ORDER

KANJI = st.sampled_from(
    [
        "佐藤^翔太",
        "佐藤^翔平",
        "髙橋^裕子",
        "高橋^優子",
        "高橋裕子",
        "渡邉^翔太",
        "渡辺^祥太",
        "翔太^佐藤",
        "?藤^翔太",
        "??^??",
        "鈴木^裕子",
    ]
)
KANA = st.sampled_from(
    [
        "さとう^しょうた",
        "サトウ^ショウヘイ",
        "ﾀｶﾊｼ^ﾕｳｺ",
        "タカハシ^ユーコ",
        "たかはしゆうこ",
        "おおの^ゆき",
        "おの^ゆうき",
        "すずき^ゆうこ",
    ]
)
ROMAJI = st.sampled_from(
    [
        "SATO^SHOTA",
        "Satou^Shouhei",
        "Takahasi^Yuko",
        "Ohno^Yuki",
        "YUKO TAKAHASHI",
        "Suzuki^Yuuko",
        "å±±^ç°",
        "O'Brien^Sean",
    ]
)
ANY_TEXT = st.text(max_size=12)


def or_nothing(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(st.just(""), values, values, ANY_TEXT)


NAMES = st.builds(PersonName, romaji=or_nothing(ROMAJI), kanji=or_nothing(KANJI), kana=or_nothing(KANA))
DAYS = st.one_of(
    st.none(),
    st.sampled_from([date(1958, 4, 3), date(1958, 3, 4), date(1958, 4, 4), date(2021, 4, 3)]),
    st.dates(),
)
SIDES = st.builds(
    Side,
    issuer=st.sampled_from(["", "AOBA", "MIDORI"]),
    patient_id=or_nothing(st.sampled_from(["123456", "00123456", "123457", "0000", "ER1"])),
    name=NAMES,
    born_on=DAYS,
    sex=st.sampled_from(["", "M", "F", "O", "?"]),
    accession_number=or_nothing(st.sampled_from(["2603020007", "2603020008"])),
    study_instance_uid=st.sampled_from(["", "1.2.392.1", "1.2.392.2"]),
    performed_on=st.one_of(
        st.none(), st.sampled_from([date(2026, 3, 2) + timedelta(days=one) for one in (0, 1, 9, 40)])
    ),
    modality=or_nothing(st.sampled_from(["CT", "MR", "CR", "DX", "PT\\CT", "SR"])),
    body_part=or_nothing(st.sampled_from(["胸部", "CHEST", "胸部〜骨盤", "右膝", "KNEE", "頭部"])),
    laterality=st.sampled_from(["", "L", "R", "B", "U"]),
)
WHOLE = SIDES.map(
    lambda one: replace(
        ORDER,
        sex=one.sex if one.sex in {"M", "F"} else "F",
        born_on=one.born_on or date(1958, 4, 3),
        laterality=one.laterality,
    )
)
FACTS = [one.name for one in fields(Side) if one.name not in {"name", "issuer"}]
EMPTY: dict[str, Any] = {one.name: one.default for one in fields(Side)} | {"name": PersonName()}


@given(SIDES, SIDES)
def test_which_side_comes_first_makes_no_difference(one: Side, other: Side) -> None:
    assert compare(one, other) == compare(other, one)


@given(SIDES)
def test_a_thing_against_itself_is_never_a_contradiction(one: Side) -> None:
    verdict = compare(one, one)

    assert verdict.contradictions == ()
    assert verdict.level is not Level.CONTRADICTION
    assert all(found.relation is not Relation.DIFFERS for found in verdict.evidence)


@given(WHOLE)
def test_a_thing_against_itself_is_strong_when_it_has_enough_facts(one: Side) -> None:
    if one.forms.born_on is None:
        one = replace(one, born_on=date(1958, 4, 3))

    assert compare(one, one).level is Level.STRONG


@given(SIDES, SIDES)
def test_one_that_links_shares_a_hook_and_has_nothing_against_it(one: Side, other: Side) -> None:
    verdict = compare(one, other)

    if verdict.level is Level.STRONG:
        assert not have_nothing_in_common(one, other)
        assert all(found.allows < Allows.NEVER for found in verdict.evidence)
    if verdict.contradictions:
        assert verdict.level in {Level.CONTRADICTION, Level.NONE}
    assert bool(verdict.reasons) is (verdict.level is not Level.STRONG)


@given(SIDES, SIDES, st.sampled_from([*FACTS, "name"]))
def test_what_is_missing_contradicts_nothing(one: Side, other: Side, missing: str) -> None:
    verdict = compare(one, replace(other, **{missing: EMPTY[missing]}))
    facts = {
        "name": {"family_name", "given_name"},
        "born_on": {"birth_date"},
        "performed_on": {"exam_date"},
    }.get(missing, {missing})

    for found in verdict.evidence:
        if found.fact in facts and not (missing == "laterality" and "膝" in other.body_part):
            assert found.allows is not Allows.CONTRADICTS
            assert found.weight == 0


@given(SIDES, SIDES, SIDES, st.sampled_from(FACTS))
def test_one_more_fact_that_agrees_never_lowers_the_score(
    one: Side, other: Side, source: Side, fact: str
) -> None:
    assume(not side_of("", source.body_part))  # 右膝 is two facts
    bare = replace(one, **{fact: EMPTY[fact]}), replace(other, **{fact: EMPTY[fact]})
    both = tuple(replace(side, **{fact: getattr(source, fact)}) for side in bare)

    assert compare(*both).score >= compare(*bare).score


@given(SIDES, SIDES, st.sampled_from(["さとう^しょうた", "おおの^ゆき"]))
def test_one_more_name_that_agrees_never_lowers_the_score(one: Side, other: Side, kana: str) -> None:
    bare = tuple(replace(side, name=PersonName(kanji="髙橋^裕子")) for side in (one, other))
    both = tuple(replace(side, name=PersonName(kanji="髙橋^裕子", kana=kana)) for side in bare)

    assert compare(*both).score >= compare(*bare).score


@given(ANY_TEXT | KANJI | KANA | ROMAJI)
def test_normal_forms_are_their_own(text: str) -> None:
    for form in (number_key, one_form, sound_of_romaji):
        assert form(form(text)) == form(text)
    assert sound_of_romaji(sound_of_kana(text)) == sound_of_kana(text)


@given(st.lists(SIDES, max_size=6), st.lists(SIDES, max_size=3), SIDES, st.integers())
def test_the_order_of_candidates_and_rivals_makes_no_difference(
    sides: list[Side], rivals: list[Side], order: Side, seed: int
) -> None:
    pairs = list(enumerate([*sides, order]))
    first = choose(order, dict(pairs), rivals=rivals)
    Random(seed).shuffle(pairs)

    assert choose(order, dict(pairs), rivals=rivals[::-1]) == first


@given(SIDES, st.lists(SIDES, max_size=6), st.lists(SIDES, max_size=3))
def test_what_is_linked_is_the_only_strong_one(order: Side, sides: list[Side], rivals: list[Side]) -> None:
    chosen = choose(order, dict(enumerate(sides)), rivals=rivals)
    strong = [place for place, side in enumerate(sides) if compare(order, side).level is Level.STRONG]

    assert chosen.linked is None or strong == [chosen.linked]
    assert bool(chosen.reasons) is (chosen.linked is None)
