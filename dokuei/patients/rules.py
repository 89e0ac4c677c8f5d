"""When two identities are the same patient. No database, no clock."""

from datetime import date
from enum import StrEnum

from dokuei.dicom.describe import PatientIdentity
from dokuei.dicom.person_name import matching_key
from dokuei.patients.matching.shapes import one_form


class Contradiction(StrEnum):
    """A part of an identity that differs from what is held under the same patient ID."""

    NAME = "name"
    BIRTH_DATE = "birth_date"
    SEX = "sex"


def contradictions(held: PatientIdentity, seen: PatientIdentity) -> frozenset[Contradiction]:
    """What `seen` says otherwise than `held`. Something missing on either side contradicts nothing.

    Names are compared group by group without width, case, spaces, kana form and old forms of kanji: ﾔﾏﾀﾞ and やまだ
    are one name, and so are 髙橋 and 高橋.
    """
    found = set()
    pairs = (
        (held.name.kanji, seen.name.kanji),
        (held.name.kana, seen.name.kana),
        (held.name.romaji, seen.name.romaji),
    )
    if any(_differ(one, other) for one, other in pairs):
        found.add(Contradiction.NAME)
    if held.birth_on and seen.birth_on and held.birth_on != seen.birth_on:
        found.add(Contradiction.BIRTH_DATE)
    if held.sex and seen.sex and held.sex != seen.sex:
        found.add(Contradiction.SEX)
    return frozenset(found)


def _differ(one: str, other: str) -> bool:
    left, right = matching_key(one_form(one)), matching_key(one_form(other))
    return bool(left and right and left != right)


def age_years(born: date | None, today: date) -> int | None:
    """Completed years, or None when unknown or not believable."""
    if born is None:
        return None
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return years if 0 <= years <= 130 else None
