"""Names of both sides, script by script, and what comparing family and given name shows."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from unicodedata import normalize

from dokuei.dicom.person_name import PersonName, folded
from dokuei.patients.matching.shapes import DAMAGE, is_kanji, look_alike, one_form
from dokuei.patients.matching.sound import LARGE, is_one_slip, sound_of_kana, sound_of_romaji, unvoiced
from dokuei.patients.matching.table import SHORTEST_SLIP

NOBODY = frozenset({
    "unknown", "noname", "anonymous", "anonymized", "test", "patient", "emergency", "不明", "氏名不明", "不詳",
    "名無し", "名前不明", "フメイ", "シメイフメイ", "救急",
})  # fmt: skip
"""What people and devices write when there is no name."""
_GAPS = re.compile(r"[\^\s,、・]+")


@dataclass(frozen=True)
class Part:
    """A family or a given name in every script there is; empty where there is none.

    `kanji` is in new forms, `shown` has the forms that were sent; `damage` is a name some characters of which
    could not be written.
    """

    kanji: str = ""
    shown: str = ""
    kana: str = ""
    romaji: str = ""
    damage: str = ""

    @cached_property
    def sounds(self) -> frozenset[str]:
        return frozenset(one for one in (self.kana_sound, self.romaji) if one)

    @cached_property
    def kana_sound(self) -> str:
        return sound_of_kana(self.kana)

    @cached_property
    def plain(self) -> str:
        """The sound without voicing marks and small kana."""
        return sound_of_kana(unvoiced(self.kana).translate(LARGE))

    @cached_property
    def is_known(self) -> bool:
        return bool(self.kanji or self.kana or self.romaji or self.damage)


@dataclass(frozen=True)
class NameForms:
    """A name split into family and given name. Where no group could be split, all of it is `family`."""

    family: Part = field(default_factory=Part)
    given: Part = field(default_factory=Part)
    is_split: bool = False

    @cached_property
    def hooks(self) -> frozenset[str]:
        """What another name shares if it may be the same: compared first, because it is cheap."""
        whole = "".join(sorted((self.family.kanji, self.given.kanji)))
        sounds = {f"{one}~{other}" for one in self.family.sounds for other in self.given.sounds}
        swapped = {f"{other}~{one}" for one in self.family.sounds for other in self.given.sounds}
        alone = set() if self.is_split else self.family.sounds
        return frozenset(one for one in {whole, *sounds, *swapped, *alone} if one)


@lru_cache(maxsize=65536)
def name_forms(name: PersonName) -> NameForms:
    """The comparable forms of a name; groups are told apart by their script, not by their place."""
    groups = {"kanji": [], "kana": [], "romaji": [], "damage": []}  # type: dict[str, list[list[str]]]
    for text in (name.kanji, name.kana, name.romaji):
        components = [one for one in _GAPS.split(text.strip()) if one]
        if components and folded("".join(components)) not in NOBODY:
            groups[_script(components)].append(components)
    family: dict[str, str] = {}
    given: dict[str, str] = {}
    kept = {script: _most_telling(found) for script, found in groups.items()}
    is_split = any(len(components) > 1 for components in kept.values())
    for script, components in kept.items():
        if not components or (is_split and len(components) == 1):
            continue
        family[script], given[script] = components[0], "".join(components[1:])
    if is_split:
        _place_the_unsplit(kept, family, given)
    return NameForms(_part(family), _part(given), is_split)


def _most_telling(found: list[list[str]]) -> list[str]:
    return max(found, key=len, default=[])


def _place_the_unsplit(kept: dict[str, list[str]], family: dict[str, str], given: dict[str, str]) -> None:
    """A reading without a gap beside one with a gap: split where the other's sound ends."""
    known = sound_of_kana(family.get("kana", "")) or sound_of_romaji(family.get("romaji", ""))
    for script, of in (("kana", sound_of_kana), ("romaji", sound_of_romaji)):
        if script in family or len(kept[script]) != 1 or not known:
            continue
        text = kept[script][0]
        cut = next((end for end in range(1, len(text)) if of(text[:end]) == known), 0)
        if cut:
            family[script], given[script] = text[:cut], text[cut:]


def _script(components: Iterable[str]) -> str:
    text = "".join(components)
    if any(is_kanji(one) for one in text):
        return "damage" if any(one in DAMAGE for one in text) else "kanji"
    letters = [one for one in folded(text) if one.isalpha() or one == "ー"]
    if any(one in DAMAGE for one in text) or not letters:
        return "damage"
    if all("\u30a1" <= one <= "\u30ff" for one in letters):
        return "kana"
    # Letters with signs between them are bytes of a character set nobody declared.
    strange = [one for one in text if not (one.isalpha() or one in "-'’.`^ " or one.isdigit())]
    return "damage" if strange or any(one > "\u024f" for one in letters) else "romaji"


def _part(texts: dict[str, str]) -> Part:
    kanji, kana = one_form(texts.get("kanji", "")), folded(texts.get("kana", ""))
    if (
        kanji
        and not any(is_kanji(one) for one in kanji)
        and all("\u30a1" <= one <= "\u30ff" for one in kanji)
    ):
        kanji, kana = "", kana or kanji
    damage = one_form(texts.get("damage", ""))
    if not any(is_kanji(one) for one in damage):
        damage = ""
    elif not any(one in DAMAGE for one in damage):
        kanji, damage = kanji or damage, ""
    return Part(
        kanji=kanji,
        shown="".join(one for one in normalize("NFKC", texts.get("kanji", "")) if is_kanji(one)),
        kana=kana,
        romaji=sound_of_romaji(texts.get("romaji", "")),
        damage=damage,
    )


def compare_names(one: NameForms, other: NameForms) -> tuple[str, str]:
    """What family name and given name show, as codes of the table without the fact's name. Symmetric.

    >>> a, b = PersonName(kanji="髙橋^翔太"), PersonName(kanji="高橋^翔平")
    >>> compare_names(name_forms(a), name_forms(b))
    ('old_form', 'differs')
    """
    if one.is_split != other.is_split:
        one, other = (one, _split_like(one, other)) if one.is_split else (_split_like(other, one), other)
    if not one.is_split and not other.is_split:
        return _whole(one.family, other.family)
    found = compare_parts(one.family, other.family), compare_parts(one.given, other.given)
    if "differs" in found and _is_swapped(one, other):
        return "swapped", "swapped"
    return found


def _is_swapped(one: NameForms, other: NameForms) -> bool:
    same = {"same", "old_form", "reading_same", "sound_same"}
    return compare_parts(one.family, other.given) in same and compare_parts(one.given, other.family) in same


def _split_like(split: NameForms, joined: NameForms) -> NameForms:
    """Split a name without gap where the other one's family name ends, or its given name begins."""
    family: dict[str, str] = {}
    given: dict[str, str] = {}
    for script in ("kanji", "kana", "romaji"):
        whole: str = getattr(joined.family, script)
        first: str = getattr(split.family, script)
        last: str = getattr(split.given, script)
        if not whole:
            continue
        if first and whole.startswith(first):
            family[script], given[script] = whole[: len(first)], whole[len(first) :]
        elif last and whole.endswith(last):
            family[script], given[script] = whole[: -len(last)], whole[-len(last) :]
        else:
            family[script], given[script] = whole[: len(first)], whole[len(first) :]
    if len(joined.family.shown) == len(joined.family.kanji):
        cut = len(family.get("kanji", ""))
        family["shown"], given["shown"] = joined.family.shown[:cut], joined.family.shown[cut:]
    return NameForms(Part(**family), Part(**given), is_split=True)


def _whole(one: Part, other: Part) -> tuple[str, str]:
    """Two names without any gap: nobody knows whether a slip is in the given name, so it is taken for one."""
    found = compare_parts(one, other)
    if found in {"long_vowel", "voiced", "slip", "alike"}:
        return {"long_vowel": "reading_same"}.get(found, "missing"), found
    return found, found


def compare_parts(one: Part, other: Part) -> str:
    """What two family names, or two given names, show."""
    if not one.is_known or not other.is_known:
        return "missing"
    reading = _reading(one, other)
    if one.kanji and other.kanji:
        return _kanji(one, other, reading)
    if (one.damage or other.damage) and reading == "missing":
        return _damaged(one.kanji or one.damage, other.kanji or other.damage)
    return reading


def _kanji(one: Part, other: Part, reading: str) -> str:
    if one.kanji == other.kanji:
        if reading in {"slip", "differs"}:
            return "other_reading"
        return "old_form" if one.shown and other.shown and one.shown != other.shown else "same"
    if reading in {"reading_same", "sound_same"}:
        return "other_kanji"
    return "alike" if look_alike(one.kanji, other.kanji) and reading == "missing" else "differs"


def _reading(one: Part, other: Part) -> str:
    if one.kana and other.kana:
        return _kana(one, other)
    if not one.sounds or not other.sounds:
        return "missing"
    if one.sounds & other.sounds:
        return "sound_same"
    near = any(_may_be_slip(a, b) and is_one_slip(a, b) for a in one.sounds for b in other.sounds)
    return "slip" if near else "differs"


def _kana(one: Part, other: Part) -> str:
    if one.kana == other.kana:
        return "reading_same"
    if one.kana_sound == other.kana_sound:
        return "long_vowel"
    if one.plain == other.plain:
        is_mark = unvoiced(one.kana) != one.kana or unvoiced(other.kana) != other.kana
        return "voiced" if is_mark else "long_vowel"
    return "slip" if _may_be_slip(one.kana, other.kana) and is_one_slip(one.kana, other.kana) else "differs"


def _may_be_slip(one: str, other: str) -> bool:
    return min(len(one), len(other)) >= SHORTEST_SLIP


def _damaged(one: str, other: str) -> str:
    """Compare what can be read; what cannot be read agrees with anything, and contradicts nothing."""
    if not one or not other:
        return "missing"
    return "damaged" if _reads_as(one, other) or _reads_as(other, one) else "missing"


def _reads_as(damaged: str, whole: str) -> bool:
    pieces = [re.escape(one) for one in re.split(f"[{re.escape(DAMAGE)}]+", damaged)]
    return re.fullmatch(".{0,4}".join(pieces), whole) is not None
