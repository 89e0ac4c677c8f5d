"""Two patients beside each other, field by field, in words."""

from typing import Any

from dokuei.patients.matching.evidence import Allows, Evidence, Fact, Verdict
from dokuei.patients.matching.facts import Side

SEX = {"M": "男性", "F": "女性", "O": "その他"}
PARTS = {"name": "氏名", "birth_date": "生年月日", "sex": "性別"}
LINES = (
    ("氏名", (Fact.FAMILY_NAME, Fact.GIVEN_NAME)),
    ("生年月日", (Fact.BIRTH_DATE,)),
    ("性別", (Fact.SEX,)),
    ("患者ID", (Fact.PATIENT_ID,)),
)


def lines(one: Side, other: Side, verdict: Verdict) -> list[dict[str, str]]:
    """What each of the two says of the person, and what comparing them showed."""
    by_fact = {found.fact: found for found in verdict.evidence}
    ours, theirs = _texts(one), _texts(other)
    return [
        {
            "label": label,
            "ours": ours[label],
            "theirs": theirs[label],
            "mark": _mark([by_fact[fact] for fact in facts]),
            "sentence": "。".join(_told([by_fact[fact] for fact in facts])),
        }
        for label, facts in LINES
    ]


def _mark(shown: list[Evidence]) -> str:
    if any(one.allows is Allows.CONTRADICTS for one in shown):
        return "contradicts"
    found = {one.relation.value for one in shown}
    return next((one for one in ("differs", "near", "missing", "agree") if one in found), "missing")


def _told(shown: list[Evidence]) -> list[str]:
    apart = [one for one in shown if one.relation.value != "agree"]
    return [one.sentence for one in apart or shown[:1]]


def _texts(side: Side) -> dict[str, Any]:
    names = [one.replace("^", " ") for one in (side.name.kanji, side.name.kana, side.name.romaji) if one]
    return {
        "氏名": " / ".join(names),
        "生年月日": side.born_on.isoformat() if side.born_on else "",
        "性別": SEX.get(side.sex, ""),
        "患者ID": side.patient_id,
    }
