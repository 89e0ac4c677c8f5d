"""Exactly one strong match links; anything else goes to a person."""

from datetime import date

import pytest

from dokuei.patients.matching.choice import choose
from dokuei.patients.matching.facts import Side
from dokuei.patients.matching.table import CLAIMED_BY_ANOTHER, NOTHING, OTHERS_MAY_BE_MEANT
from dokuei.patients.matching.tests.builders import ORDER, a_side

OTHER = a_side(
    name="佐藤^花子", patient_id="777", born_on=date(1971, 12, 30), accession_number="9", study_instance_uid="2.25"
)  # fmt: skip
BARE = {"accession_number": "", "study_instance_uid": ""}


def test_exactly_one_strong_match_links() -> None:
    chosen = choose(ORDER, {7: OTHER, 8: a_side(body_part="CHEST")}, rivals=[])

    assert chosen.linked == 8
    assert [key for key, _ in chosen.ranked] == [8]
    assert chosen.reasons == ()


def test_two_strong_matches_go_to_a_person() -> None:
    chosen = choose(ORDER, {7: a_side(), 8: a_side(study_instance_uid="1.2.3")}, rivals=[])

    assert chosen.linked is None
    assert chosen.reasons == ("候補が2件あり、どれか決められません",)


def test_a_possible_match_goes_to_a_person_with_its_reason() -> None:
    chosen = choose(ORDER, {7: a_side(name="佐藤^翔太")}, rivals=[])

    assert (chosen.linked, chosen.reasons) == (None, ("姓が異なります（改姓の可能性）",))


def test_a_contradiction_is_told_before_anything_possible() -> None:
    chosen = choose(ORDER, {7: a_side(name="佐藤^翔太"), 8: a_side(sex="F")}, rivals=[])

    assert chosen.linked is None
    assert chosen.reasons == ("性別が異なります",)
    assert [key for key, _ in chosen.contradictions] == [8]


def test_nothing_there() -> None:
    assert choose(ORDER, {7: OTHER}, rivals=[]).reasons == (NOTHING,)
    assert choose(ORDER, {}, rivals=[]).reasons == (NOTHING,)


@pytest.mark.parametrize("second", ["頭部", "腹部", "右膝"])
def test_of_two_requests_of_one_patient_none_takes_a_study_of_an_unknown_part(second: str) -> None:
    chest, other = a_side(**BARE), a_side(**BARE, body_part=second)
    study = a_side(**BARE, body_part="")

    assert choose(chest, {7: study}, rivals=[]).linked == 7
    assert choose(chest, {7: study}, rivals=[other]).reasons == (CLAIMED_BY_ANOTHER,)
    assert choose(other, {7: study}, rivals=[chest]).linked is None


def test_a_study_chooses_among_requests_as_a_request_among_studies() -> None:
    study = a_side(**BARE, body_part="CHEST")

    assert choose(study, {1: a_side(**BARE), 2: OTHER}, rivals=[]).linked == 1


def test_twins_examined_one_after_the_other_each_get_their_own() -> None:
    orders = {
        1: a_side(name="=久我^優花=くが^ゆうか", patient_id="1001", **BARE),
        2: a_side(name="=久我^優奈=くが^ゆうな", patient_id="1002", **BARE),
    }
    studies = {
        7: a_side(name="KUGA^YUKA", patient_id="1001", **BARE),
        8: a_side(name="KUGA^YUNA", patient_id="1002", **BARE),
    }
    found = {key: choose(one, studies, rivals=[orders[3 - key]]) for key, one in orders.items()}

    assert {key: one.linked for key, one in found.items()} == {1: 7, 2: 8}
    mended_by_hand = {7: a_side(name="KUGA^YUNA", patient_id="1001")}
    assert choose(orders[1], mended_by_hand, rivals=[orders[2]]).linked is None
    assert choose(orders[2], mended_by_hand, rivals=[orders[1]]).linked is None


def test_a_day_alone_does_not_decide_where_something_else_may_be_meant() -> None:
    """Yesterday's request of the same exam, done a day late, might be this study's as well."""
    today, yesterday = a_side(**BARE), a_side(**BARE, performed_on=date(2026, 3, 1))
    study = a_side(**BARE)

    assert choose(today, {7: study}, rivals=[yesterday]).reasons == (CLAIMED_BY_ANOTHER,)
    assert choose(study, {1: today, 2: yesterday}, rivals=[]).reasons == (OTHERS_MAY_BE_MEANT,)
    assert choose(ORDER, {7: a_side()}, rivals=[yesterday]).linked == 7


def test_of_a_thousand_candidates_the_one_is_found() -> None:
    crowd: dict[int, Side] = {
        number: a_side(patient_id=str(number), name="佐藤^花子", born_on=date(1971, 12, 30))
        for number in range(1000)
    }

    assert choose(a_side(), {**crowd, 5000: a_side()}, rivals=[]).linked == 5000
    assert choose(a_side(**BARE), {**crowd, 5000: a_side(**BARE)}, rivals=[]).linked == 5000
