"""Patient IDs, accession numbers and dates: what is the same, what is a slip."""

from datetime import date

from dokuei.dicom.person_name import folded
from dokuei.patients.matching.sound import is_one_slip
from dokuei.patients.matching.table import MOST_DAYS_MOVED, SHORTEST_NUMBER_SLIP

NO_NUMBER = {"unknown", "none", "noid", "test", "temp", "na", "不明", "なし", "ナシ"}
NO_DATES = frozenset({date(1900, 1, 1), date(1901, 1, 1), date(1800, 1, 1), date(1850, 1, 1), date(1, 1, 1)})
"""What systems store when there is no birth date."""
ERA_STARTS = (1868, 1912, 1926, 1989, 2019)
_ERA_SLIPS = frozenset(abs(one - other) for one in ERA_STARTS for other in ERA_STARTS if one != other)
"""Years a birth date is off by when the era is taken for another: 63 for 昭和 and 平成."""


def number_key(number: str) -> str:
    """A number without width, case, gaps, hyphens and leading zeros; empty for what only fills the field.

    >>> number_key("００１２-345"), number_key("12345"), number_key("0000000"), number_key("99999999")
    ('12345', '12345', '', '')
    """
    plain = "".join(one for one in folded(number) if one.isalnum()).lstrip("0")
    return "" if plain in NO_NUMBER or (len(plain) > 3 and set(plain) == {"9"}) else plain


def compare_ids(one: str, other: str) -> str:
    """Of two comparable patient IDs. A slip, or the neighbouring number, may be another person."""
    if not one or not other:
        return "missing"
    if one == other:
        return "same"
    is_next = one.isdecimal() and other.isdecimal() and abs(int(one) - int(other)) == 1
    is_long = min(len(one), len(other)) >= SHORTEST_NUMBER_SLIP
    return "slip" if is_long and (is_next or is_one_slip(one, other)) else "differs"


def compare_keys(one: str, other: str) -> str:
    """Of two numbers that are the same or not: accession numbers and UIDs follow each other, a slip means nothing."""
    return "missing" if not one or not other else "same" if one == other else "differs"


def birth_key(born_on: date | None) -> date | None:
    return None if born_on in NO_DATES else born_on


def compare_births(one: date | None, other: date | None) -> str:
    """What two birth dates show; slips are named by how they come about."""
    if one is None or other is None:
        return "missing"
    if one == other:
        return "same"
    return _birth_slip(one, other)


def _birth_slip(one: date, other: date) -> str:
    is_same_day = (one.month, one.day) == (other.month, other.day)
    years = abs(one.year - other.year)
    slips = (
        ("one_day", abs((one - other).days) == 1),
        ("one_year", is_same_day and years == 1),
        ("era", is_same_day and years in _ERA_SLIPS),
        ("swapped", years == 0 and (one.month, one.day) == (other.day, other.month)),
        ("digit", is_one_slip(_digits(one), _digits(other))),
    )
    return next((name for name, is_so in slips if is_so), "differs")


def _digits(day: date) -> str:
    return f"{day.year:04}{day.month:02}{day.day:02}"


def compare_exam_dates(one: date | None, other: date | None) -> tuple[str, int]:
    """What two exam dates show, and how many days lie between them."""
    if one is None or other is None:
        return "missing", 0
    days = abs((one - other).days)
    if days <= 1:
        return ("one_day" if days else "same"), days
    return ("moved" if days <= MOST_DAYS_MOVED else "differs"), days
