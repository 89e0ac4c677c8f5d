"""Corrections and merges as rules: every refusal, every step, and any sequence of merges taken back."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dokuei.dicom.person_name import PersonName
from dokuei.patients.correcting import rules as correcting
from dokuei.patients.correcting.rules import CorrectionRefusal, Facts, typed_name
from dokuei.patients.matching.compare import compare
from dokuei.patients.matching.facts import Side
from dokuei.patients.merging import rules
from dokuei.patients.merging.rules import MergeAct, MergeRefusal, MergeState, Standing

HELD = Facts.named(PersonName(kanji="山田^太郎", kana="やまだ^たろう"), date(1968, 3, 12), "M")
RIGHT = Facts.named(PersonName(kanji="山田^次郎", kana="やまだ^じろう"), date(1970, 3, 12), "M")
NAMELESS = Facts.named(PersonName(), date(1970, 3, 12), "M")
LONG = Facts.named(PersonName(kanji="山" * 65), None, "")


@pytest.mark.parametrize(
    ("seen", "wanted", "reason", "refusal"),
    [
        pytest.param(HELD, RIGHT, "保険証を確認", None, id="put right"),
        pytest.param(RIGHT, HELD, "保険証を確認", CorrectionRefusal.STALE, id="somebody was faster"),
        pytest.param(HELD, RIGHT, "  ", CorrectionRefusal.REASON, id="no reason"),
        pytest.param(HELD, HELD, "確認", CorrectionRefusal.NOTHING, id="nothing changes"),
        pytest.param(HELD, NAMELESS, "確認", CorrectionRefusal.EMPTY, id="a name is never emptied"),
        pytest.param(HELD, LONG, "確認", CorrectionRefusal.LONG, id="longer than the standard allows"),
    ],
)
def test_why_not_correct(seen: Facts, wanted: Facts, reason: str, refusal: CorrectionRefusal | None) -> None:
    assert correcting.why_not_correct(HELD, seen, wanted, reason) == refusal


@pytest.mark.parametrize(
    ("is_undone", "is_last", "reason", "refusal"),
    [
        (False, True, "誤り", None),
        (True, True, "誤り", CorrectionRefusal.UNDONE),
        (False, False, "誤り", CorrectionRefusal.NOT_LAST),
        (False, True, "", CorrectionRefusal.REASON),
    ],
)
def test_why_not_undo(is_undone: bool, is_last: bool, reason: str, refusal: CorrectionRefusal | None) -> None:
    assert correcting.why_not_undo(is_undone=is_undone, is_last=is_last, reason=reason) == refusal


@given(
    st.builds(
        Facts, st.text(), st.text(), st.text(), st.text(), st.none() | st.dates(), st.sampled_from("MFO")
    )
)
def test_what_an_act_keeps_comes_back_as_it_was(facts: Facts) -> None:
    assert Facts.of_kept(facts.kept()) == facts


def test_a_typed_name_cannot_smuggle_a_group() -> None:
    assert typed_name(kanji="山田=X 太郎", kana="", romaji="").kanji == "山田^X^太郎"


A, B = Standing(id=1, facility_id=1), Standing(id=2, facility_id=1)


@pytest.mark.parametrize(
    ("survivor", "merged", "refusal"),
    [
        pytest.param(A, B, None, id="two rows of a facility"),
        pytest.param(A, A, MergeRefusal.SAME, id="one row"),
        pytest.param(A, Standing(id=2, facility_id=2), MergeRefusal.OTHER_FACILITY, id="two facilities"),
        pytest.param(A, Standing(id=2, facility_id=1, merged_into=3), MergeRefusal.ALREADY, id="already merged"),
        pytest.param(Standing(id=1, facility_id=1, merged_into=3), B, MergeRefusal.INTO_MERGED, id="a chain up"),
        pytest.param(A, Standing(id=2, facility_id=1, has_merged=True), MergeRefusal.HAS_FAMILY, id="a chain down"),
        pytest.param(A, Standing(id=2, facility_id=1, is_asked=True), MergeRefusal.WAITING, id="asked for"),
        pytest.param(Standing(id=1, facility_id=1, has_merged=True), B, None, id="a third into a family"),
    ],
)  # fmt: skip
def test_why_not_merge(survivor: Standing, merged: Standing, refusal: MergeRefusal | None) -> None:
    assert rules.why_not_merge(survivor, merged) == refusal


@pytest.mark.parametrize(
    ("needs_second", "by", "refusal"),
    [(False, 1, None), (True, 2, None), (True, 1, MergeRefusal.SECOND), (True, None, MergeRefusal.SECOND)],
)
def test_what_contradicts_is_made_by_another_person(
    needs_second: bool, by: int | None, refusal: MergeRefusal | None
) -> None:
    assert rules.why_not_second(needs_second=needs_second, asked_by=1, by=by) == refusal


@pytest.mark.parametrize("act", MergeAct)
@pytest.mark.parametrize("state", MergeState)
def test_every_pair_of_state_and_act_is_decided_by_the_table(state: MergeState, act: MergeAct) -> None:
    expected = None if (state, act) in rules.LIFECYCLE else MergeRefusal.WRONG_STATE

    assert rules.why_not_act(state, act) == expected


MAN = Side(patient_id="1", name=PersonName(kanji="山田^太郎"), born_on=date(1968, 3, 12), sex="M")


@pytest.mark.parametrize(
    ("other", "codes"),
    [
        pytest.param(Side(patient_id="2", name=MAN.name, born_on=MAN.born_on, sex="M"), [], id="same person"),
        pytest.param(Side(name=MAN.name), [], id="little is known"),
        pytest.param(
            Side(patient_id="2", name=MAN.name, born_on=date(1944, 1, 2), sex="F"),
            ["birth_date.differs", "sex.differs"],
            id="another birth date and sex",
        ),
        pytest.param(
            Side(patient_id="2", name=PersonName(kanji="山田^次郎"), born_on=MAN.born_on, sex="M"),
            ["given_name.sibling"],
            id="twins",
        ),
    ],
)
def test_what_contradicts_needs_four_eyes(other: Side, codes: list[str]) -> None:
    assert compare(MAN, other).against_the_person == codes


PEOPLE = 6
Pairs = st.lists(st.tuples(st.integers(1, PEOPLE), st.integers(1, PEOPLE)), max_size=30)


def standing(parents: dict[int, int], key: int) -> Standing:
    return Standing(id=key, facility_id=1, merged_into=parents.get(key), has_merged=key in parents.values())


@given(Pairs, st.randoms())
def test_any_merges_make_flat_families_and_taken_back_in_any_order_leave_everybody_alone(
    pairs: list[tuple[int, int]], order: object
) -> None:
    parents: dict[int, int] = {}
    for survivor, merged in pairs:
        before = dict(parents)
        if rules.why_not_merge(standing(parents, survivor), standing(parents, merged)) is None:
            parents[merged] = survivor
            undone = {key: head for key, head in parents.items() if key != merged}
            assert undone == before
        assert not set(parents) & set(parents.values()), "a chain"

    made = list(parents)
    order.shuffle(made)  # type: ignore[attr-defined]
    for key in made:
        del parents[key]
        assert not set(parents) & set(parents.values())
    assert parents == {}
