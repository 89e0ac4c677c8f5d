"""Which part, side and kind of exam: codes and words of both sides as sets of regions that can be compared."""

import re
from functools import lru_cache
from itertools import pairwise

from dokuei.dicom.person_name import folded
from dokuei.patients.matching.regions import BESIDE, KINDS, LEADING, NO_IMAGES, REGIONS, SIDES, TOGETHER

_WORDS = {folded(word): frozenset({name}) for name, words in REGIONS.items() for word in words} | {
    folded(word): frozenset(names) for word, names in TOGETHER.items()
}
_JAPANESE = re.compile(
    "(?:"
    + "|".join(sorted((re.escape(one) for one in _WORDS if not one.isascii()), key=len, reverse=True))
    + ")(?!術)"
)
"""The longest word first; 手 of 手術 is no hand."""


_TRUNK = ("head", "neck", "chest", "abdomen", "pelvis")
_UNTIL = re.compile("[〜~]|から|-")
"""胸部〜骨盤 reaches through what lies between."""


@lru_cache(maxsize=4096)
def regions_of(text: str) -> frozenset[str]:
    """The regions a code or a description names; empty if none is known, so that it contradicts nothing.

    >>> sorted(regions_of("胸腹部造影CT")), sorted(regions_of("CHEST")), regions_of("右手関節")
    (['abdomen', 'chest'], ['chest'], frozenset({'wrist'}))
    """
    plain = folded(text)
    found = [_WORDS[one] for one in _JAPANESE.findall(plain)]
    latin = re.findall(r"[a-z]+", plain)
    joined = "".join(latin)
    if joined in _WORDS:
        found.append(_WORDS[joined])
    else:
        pairs = ["".join(two) for two in pairwise(latin)]
        found += [_WORDS[one] for one in (*latin, *pairs) if one in _WORDS]
    regions = frozenset().union(*found)
    ends = [place for place, name in enumerate(_TRUNK) if name in regions]
    if len(ends) > 1 and _UNTIL.search(plain):
        regions |= frozenset(_TRUNK[ends[0] : ends[-1] + 1])
    return regions


@lru_cache(maxsize=4096)
def side_of(laterality: str, body_part: str) -> str:
    """L, R, B, or empty: by the code, else by a word of the body part.

    >>> side_of("", "右膝"), side_of("L", ""), side_of("", "LEFT KNEE"), side_of("U", "CHEST")
    ('R', 'L', 'L', '')
    """
    code = SIDES.get(folded(laterality).strip(), "")
    if code:
        return code
    plain = folded(body_part)
    words = {SIDES[one] for one in re.findall(r"[a-z]{2,}", plain) if one in SIDES}
    words |= {SIDES[one] for one in plain if one in "左右両"}
    return words.pop() if len(words) == 1 else "B" if words else ""


@lru_cache(maxsize=1024)
def kinds_of(modality: str) -> frozenset[str]:
    """The kinds of exam named, without objects that are no images.

    >>> sorted(kinds_of("PT\\\\CT")), kinds_of("DX") == kinds_of("CR")
    (['PT'], True)
    """
    codes = {one for one in re.split(r"[\\\\/,\s]+", folded(modality).upper()) if one}
    kinds = frozenset(KINDS.get(one, one) for one in codes - NO_IMAGES)
    return kinds & LEADING or kinds


def compare_parts_of_body(one: frozenset[str], other: frozenset[str]) -> str:
    if not one or not other:
        return "missing"
    if one == other:
        return "same"
    if one & other:
        return "overlaps"
    beside = any(frozenset((left, right)) in BESIDE for left in one for right in other)
    return "beside" if beside else "differs"


def compare_sides(one: str, other: str, is_paired: bool) -> str:
    """Left and right contradict each other also where the part is not known."""
    if one and other:
        return "same" if one == other else "both" if "B" in (one, other) else "differs"
    return "missing" if is_paired else "unpaired"
