"""What follows from comparing a request with images."""

from datetime import date
from typing import Any

import pytest

from dokuei.base.errors import Refusal
from dokuei.dicom.person_name import PersonName
from dokuei.intake.linking import rules
from dokuei.intake.linking.rules import CaseAct, CaseState, LinkRefusal
from dokuei.intake.rules import State
from dokuei.patients.matching.choice import choose
from dokuei.patients.matching.compare import compare
from dokuei.patients.matching.evidence import Level
from dokuei.patients.matching.facts import Side


def a_side(**change: Any) -> Side:
    return Side(
        **{
            "patient_id": "P1",
            "name": PersonName(kanji="山田^太郎", kana="ヤマダ^タロウ"),
            "born_on": date(1968, 3, 12),
            "sex": "M",
            "accession_number": "A1",
            "performed_on": date(2026, 11, 22),
            "modality": "CT",
            "body_part": "右肩",
            **change,
        }
    )


ASKED = a_side()
OTHER_PERSON = a_side(patient_id="P9")
CONTRADICTING = {
    "name": a_side(name=PersonName(kanji="佐藤^花子", kana="サトウ^ハナコ")),
    "birth date": a_side(born_on=date(1971, 8, 2)),
    "sex": a_side(sex="F"),
    "part": a_side(body_part="頭部"),
    "side": a_side(body_part="左肩"),
}


@pytest.mark.parametrize("what", CONTRADICTING)
def test_images_that_belong_to_a_request_and_contradict_it_are_found(what: str) -> None:
    found = rules.of_linked(7, compare(ASKED, CONTRADICTING[what]), accepted=[])

    assert found is not None
    assert (found.study_id, found.is_linked, found.holds) == (7, True, True)
    assert found.reasons
    assert len(found.reasons) == len(found.codes)


@pytest.mark.parametrize("what", CONTRADICTING)
def test_what_a_person_accepted_holds_no_more_but_anything_else_does(what: str) -> None:
    verdict = compare(ASKED, CONTRADICTING[what])
    codes = [one.code for one in verdict.contradictions]

    assert rules.of_linked(7, verdict, accepted=codes) is None
    assert rules.of_linked(7, verdict, accepted=["birth_date.one_day"]) is not None


def test_images_that_agree_leave_nothing_to_look_at() -> None:
    assert rules.of_linked(7, compare(ASKED, a_side()), accepted=[]) is None


def test_what_is_not_linked_is_shown_with_why() -> None:
    choice = choose(ASKED, {1: CONTRADICTING["sex"], 2: OTHER_PERSON}, rivals=[])

    found = rules.of_choice(choice)

    assert [(one.study_id, one.level, one.holds) for one in found] == [
        (1, Level.CONTRADICTION, True),
        (2, Level.POSSIBLE, False),
    ]
    assert all(one.reasons for one in found)


def test_two_that_are_strong_say_that_they_are_two() -> None:
    found = rules.of_choice(choose(ASKED, {1: a_side(), 2: a_side()}, rivals=[]))

    assert [one.reasons for one in found] == [("候補が2件あり、どれか決められません",)] * 2


@pytest.mark.parametrize(
    ("contradictions", "accepted", "codes"),
    [
        pytest.param([], [], None, id="nothing"),
        pytest.param(["sex", "name"], [], ("identity.name", "identity.sex"), id="two"),
        pytest.param(["sex", "name"], ["identity.name"], ("identity.sex",), id="one accepted"),
        pytest.param(["sex"], ["identity.sex"], None, id="all accepted"),
    ],
)
def test_a_statement_against_what_is_held(
    contradictions: list[str], accepted: list[str], codes: tuple[str, ...] | None
) -> None:
    found = rules.of_identity(contradictions, accepted)

    assert (found.codes if found else None) == codes


@pytest.mark.parametrize(
    ("other", "reason", "may_release", "refusal"),
    [
        pytest.param(a_side(), "", False, None, id="agrees"),
        pytest.param(OTHER_PERSON, "", True, LinkRefusal.REASON, id="another ID needs a reason"),
        pytest.param(OTHER_PERSON, "再発行", False, None, id="another ID with its reason"),
        pytest.param(
            CONTRADICTING["sex"], "誤記", False, LinkRefusal.GRAVE, id="a contradiction is support's"
        ),
        pytest.param(CONTRADICTING["sex"], " ", True, LinkRefusal.REASON, id="and needs its reason"),
        pytest.param(CONTRADICTING["sex"], "誤記", True, None, id="support with a reason"),
    ],
)
def test_why_not_link(other: Side, reason: str, may_release: bool, refusal: Refusal | None) -> None:
    assert rules.why_not_link(compare(ASKED, other), reason, may_release=may_release) == refusal


@pytest.mark.parametrize(
    ("state", "refusal"),
    [
        (State.DRAFT, LinkRefusal.ENDED),
        (State.SENT, None),
        (State.ACCEPTED, None),
        (State.FULFILLED, LinkRefusal.FINAL),
        (State.CANCELLED, LinkRefusal.ENDED),
        (State.REFUSED, LinkRefusal.ENDED),
    ],
)
def test_links_change_until_the_report_is_final(state: State, refusal: Refusal | None) -> None:
    assert rules.why_not_touch(state) == refusal


@pytest.mark.parametrize("state", list(State))
def test_what_contradicts_is_judged_as_long_as_anybody_reads_or_uses_the_report(state: State) -> None:
    told = state in {State.SENT, State.ACCEPTED, State.FULFILLED}

    assert rules.why_not_release(state) == (None if told else LinkRefusal.ENDED)


def test_findings_come_back_as_they_were_kept() -> None:
    found = rules.of_choice(choose(ASKED, {1: CONTRADICTING["sex"], 2: OTHER_PERSON}, rivals=[]))

    assert rules.findings_of([one.as_dict() for one in found]) == found


@pytest.mark.parametrize("state", list(CaseState))
@pytest.mark.parametrize("act", list(CaseAct))
def test_every_case_can_be_found_and_settled_again(state: CaseState, act: CaseAct) -> None:
    expected = CaseState.OPEN if act == CaseAct.FIND else CaseState.CLOSED

    assert rules.LIFECYCLE[state, act] == expected
