"""Whom a mail is sent, and what a link may do."""

from datetime import date

import pytest

from dokuei.intake.askbacks.links import rules
from dokuei.intake.askbacks.links.rules import Candidate, LinkRefusal, LinkState
from dokuei.intake.askbacks.rules import Addressee, State

DOCTOR = Candidate(1, frozenset({"requester"}), is_sender=False)
SENDER = Candidate(3, frozenset({"requester"}), is_sender=True)
TECHNOLOGIST = Candidate(2, frozenset({"technologist"}), is_sender=False)


@pytest.mark.parametrize(
    ("addressee", "people", "told"),
    [
        pytest.param(
            Addressee.TECHNOLOGIST, [DOCTOR, TECHNOLOGIST, SENDER], [2], id="the role that is asked"
        ),
        pytest.param(Addressee.REQUESTER, [DOCTOR, TECHNOLOGIST, SENDER], [3, 1], id="the sender first"),
        pytest.param(Addressee.OFFICE, [DOCTOR, TECHNOLOGIST], [1, 2], id="the office is everybody"),
        pytest.param(Addressee.TECHNOLOGIST, [DOCTOR], [1], id="nobody holds the role"),
        pytest.param(Addressee.TECHNOLOGIST, [], [], id="nobody is there"),
    ],
)
def test_who_is_told(addressee: Addressee, people: list[Candidate], told: list[int]) -> None:
    assert rules.recipients(addressee, people) == told


def test_no_more_than_a_few_are_told() -> None:
    many = [Candidate(number, frozenset({"requester"}), is_sender=False) for number in range(99)]

    assert len(rules.recipients(Addressee.REQUESTER, many)) == rules.MOST_MAILS


@pytest.mark.parametrize("asked", list(State))
@pytest.mark.parametrize("link", list(LinkState))
def test_only_a_sent_link_to_an_open_question_opens(link: LinkState, asked: State) -> None:
    refusal = rules.why_not(link, asked)

    assert (refusal is None) == (link is LinkState.SENT and asked is State.ASKED)
    if link is LinkState.USED:
        assert refusal is LinkRefusal.USED


@pytest.mark.parametrize(
    ("said_id", "said_on", "same"),
    [
        ("0077", date(1968, 3, 12), True),
        (" 77 ", date(1968, 3, 12), True),
        ("77", date(1968, 3, 13), False),
        ("770", date(1968, 3, 12), False),
        ("", date(1968, 3, 12), False),
    ],
)
def test_two_identifiers_name_a_patient(said_id: str, said_on: date, same: bool) -> None:
    assert rules.is_same("00077", date(1968, 3, 12), said_id, said_on) is same
