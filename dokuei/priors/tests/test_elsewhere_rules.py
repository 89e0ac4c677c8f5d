"""Who may be the same person elsewhere, and what a link needs: every refusal, by table."""

from dataclasses import replace
from datetime import date

import pytest

from dokuei.dicom.person_name import PersonName
from dokuei.patients.matching.compare import compare
from dokuei.patients.matching.facts import Side
from dokuei.priors.elsewhere import rules
from dokuei.priors.elsewhere.rules import Basis, Confidence, Ground, LinkAct, LinkRefusal, LinkState, Typed

BORN = date(1968, 3, 12)
TARO = PersonName(romaji="Yamada^Tarou", kanji="山田^太郎", kana="やまだ^たろう")
MAN = Side(name=TARO, born_on=BORN, sex="M")


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        pytest.param(MAN, Confidence.HIGH, id="everything agrees"),
        pytest.param(replace(MAN, sex=""), Confidence.MIDDLE, id="no sex"),
        pytest.param(
            replace(MAN, name=PersonName(kana="やまだ^たろう")), Confidence.HIGH, id="another script"
        ),
        pytest.param(
            replace(MAN, name=PersonName(kanji="鈴木^太郎")), None, id="another family name and no ID"
        ),
        pytest.param(replace(MAN, name=PersonName(kanji="山田^次郎")), None, id="a twin"),
        pytest.param(replace(MAN, born_on=date(1944, 1, 2)), None, id="another birth date"),
        pytest.param(replace(MAN, sex="F"), None, id="another sex"),
    ],
)
def test_confidence(other: Side, expected: Confidence | None) -> None:
    found = rules.confidence(compare(MAN, other))

    if other.name.kanji.startswith("鈴木"):
        assert found in {None, Confidence.MIDDLE}  # a changed family name may be told, never as sure
    else:
        assert found == expected


@pytest.mark.parametrize(
    ("name", "born", "is_named"),
    [
        ("山田 太郎", BORN, True),
        ("ﾔﾏﾀﾞ ﾀﾛｳ", BORN, True),
        ("yamada tarou", BORN, True),
        ("山田 太郎", date(1968, 3, 13), False),
        ("山田", BORN, False),
        ("山田 次郎", BORN, False),
        ("", BORN, False),
    ],
)
def test_two_identifiers_agree_in_full_or_not_at_all(name: str, born: date, is_named: bool) -> None:
    assert rules.is_named(TARO, BORN, Typed(name=name, birth_on=born)) is is_named


def test_what_is_not_held_confirms_nothing() -> None:
    assert not rules.is_named(PersonName(), None, Typed(name="山田 太郎", birth_on=BORN))
    assert not rules.is_named(TARO, None, Typed(name="山田 太郎", birth_on=BORN))


TODAY = date(2026, 11, 23)
CONSENT = Ground(basis=Basis.CONSENT, reason="比較のため", consented_on=TODAY, consent_by="加藤")


@pytest.mark.parametrize(
    ("ground", "refusal"),
    [
        pytest.param(CONSENT, None, id="consent"),
        pytest.param(replace(CONSENT, consented_on=None), LinkRefusal.CONSENT, id="no day"),
        pytest.param(replace(CONSENT, consent_by=" "), LinkRefusal.CONSENT, id="nobody took it"),
        pytest.param(
            replace(CONSENT, consented_on=date(2026, 11, 24)), LinkRefusal.CONSENT_LATER, id="tomorrow"
        ),
        pytest.param(replace(CONSENT, reason=""), LinkRefusal.REASON, id="no reason"),
        pytest.param(Ground(basis=Basis.EMERGENCY, reason="搬送"), LinkRefusal.REQUEST, id="no request"),
        pytest.param(Ground(basis=Basis.EMERGENCY, reason="搬送", request_id=1), None, id="emergency"),
        pytest.param(Ground(basis=Basis.CONTRACT, reason="委託契約 第5条"), None, id="contract"),
    ],
)
def test_why_not_ground(ground: Ground, refusal: LinkRefusal | None) -> None:
    assert rules.why_not_ground(ground, TODAY) == refusal


@pytest.mark.parametrize(
    ("same", "own", "other", "refusal"),
    [
        (False, True, True, None),
        (True, True, True, LinkRefusal.SAME_FACILITY),
        (False, False, True, LinkRefusal.OWN_OFF),
        (False, True, False, LinkRefusal.OTHER_OFF),
        (False, False, False, LinkRefusal.OWN_OFF),
    ],
)
def test_why_not_share(same: bool, own: bool, other: bool, refusal: LinkRefusal | None) -> None:
    assert rules.why_not_share(is_same_facility=same, own_is_on=own, other_is_on=other) == refusal


@pytest.mark.parametrize("act", LinkAct)
@pytest.mark.parametrize("state", LinkState)
def test_every_pair_of_state_and_act_is_decided_by_the_table(state: LinkState, act: LinkAct) -> None:
    expected = None if (state, act) in rules.LIFECYCLE else LinkRefusal.ENDED

    assert rules.why_not_revoke(state, "理由") == expected
    assert rules.why_not_revoke(LinkState.CONFIRMED, " ") == LinkRefusal.REASON
