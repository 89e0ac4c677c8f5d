"""Person names (PS3.5 6.2.1.1): alphabetic, ideographic and phonetic groups, made comparable and harmless."""

import re
import unicodedata
from dataclasses import dataclass

from dokuei.dicom.charset import composed, harmless

LONGEST = 64
"""Characters kept of one component group; the standard allows 64."""
_ROLES = ("romaji", "kanji", "kana")
VARIANTS = {
    "高": "髙", "崎": "﨑", "吉": "𠮷", "辺": "邊邉", "斎": "齋", "斉": "齊", "浜": "濱濵", "島": "嶋嶌",
    "徳": "德", "桑": "桒", "柳": "栁", "富": "冨",
}  # fmt: skip
"""Shapes of one character that people write their names with, and devices replace: searched as the first."""
LONGEST_KEY = 400


@dataclass(frozen=True)
class PersonName:
    """A name as it is shown. Components stay separated by ``^``; use `shown` for a person to read.

    `romaji`, `kanji` and `kana` are the three component groups after sorting out what was put in the wrong
    one.
    """

    romaji: str = ""
    kanji: str = ""
    kana: str = ""
    is_truncated: bool = False

    @property
    def shown(self) -> str:
        """The best group for a Japanese reader: kanji, else kana, else romaji, with spaces for ``^``.

        >>> PersonName(romaji="Yamada^Tarou", kanji="山田^太郎").shown
        '山田 太郎'
        """
        return spaced(self.kanji or self.kana or self.romaji)

    @property
    def dicom(self) -> str:
        """The three groups joined as in a data set, without empty groups at the end."""
        return "=".join((self.romaji, self.kanji, self.kana)).rstrip("=")


def parse_name(text: str) -> PersonName:
    """Read a decoded PN value.

    Text is composed (NFC) and made harmless; half-width kana are widened. A first group that is not
    alphabetic is moved to where it belongs if that place is empty: many devices send kanji or kana alone.

    >>> parse_name("ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう")
    PersonName(romaji='ヤマダ^タロウ', kanji='山田^太郎', kana='やまだ^たろう', is_truncated=False)
    >>> parse_name("山田^太郎").kanji
    '山田^太郎'
    """
    groups = [_group(part) for part in text.split("=", 3)[:3]]
    cut = any(len(group) > LONGEST for group in groups)
    romaji, kanji, kana = ([group[:LONGEST].rstrip("^ ") for group in groups] + ["", "", ""])[:3]
    if romaji and not kanji and _has_kanji(romaji):
        romaji, kanji = "", romaji
    elif romaji and not kana and not kanji and _is_kana(romaji):
        romaji, kana = "", romaji
    return PersonName(romaji, kanji, kana, cut)


def spaced(group: str) -> str:
    """A component group for people: components joined by one space."""
    return " ".join(part.strip() for part in group.split("^") if part.strip())


def matching_key(group: str) -> str:
    """A form in which the same name written differently is equal: width, case, spaces, hiragana or katakana.

    Compatibility forms (﨑, 髙 stay what they are) are folded only where Unicode does (NFKC). It is for
    comparing, never for showing.

    >>> matching_key("ﾔﾏﾀﾞ^ﾀﾛｳ") == matching_key("やまだ　たろう")
    True
    """
    folded = unicodedata.normalize("NFKC", group).casefold()
    bare = "".join(one for one in folded if one.isalnum() or one == "ー")
    return "".join(chr(ord(one) + 0x60) if "\u3041" <= one <= "\u3096" else one for one in bare)


_FOLDED = (
    {code: code + 0x60 for code in (*range(0x3041, 0x3097), 0x309D, 0x309E)}
    | {ord(shape): ord(plain) for plain, shapes in VARIANTS.items() for shape in shapes}
    | {ord("ς"): ord("σ")}
)
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")


def folded(text: str) -> str:
    """Text as searches compare it: width, case, kana form and the shape of a kanji make no difference.

    The database has the same function (``dokuei_fold``); a test holds the two together over all characters.

    >>> folded("ﾔﾏﾀﾞ"), folded("やまだ"), folded("ＹＡＭＡＤＡ"), folded("髙橋")
    ('ヤマダ', 'ヤマダ', 'yamada', '高橋')
    """
    plain = _SELECTORS.sub("", unicodedata.normalize("NFKC", text)).replace("İ", "i")
    return "".join(low if len(low := one.lower()) == 1 else one for one in plain).translate(_FOLDED)


def search_key(group: str) -> str:
    """A component group as searches compare it: folded, a space counts as ``^``, no ``^`` at the end.

    Devices write 山田^太郎, 山田　太郎 and 山田 太郎 for the same two components.

    >>> search_key("やまだ　たろう^")
    'ヤマダ^タロウ'
    """
    joined = re.sub(r" *\^ *", "^", folded(group).strip(" "))
    return re.sub(" +", "^", joined).rstrip("^")[:LONGEST_KEY]


def _group(part: str) -> str:
    text = harmless(composed(part[: LONGEST * 4])).strip().rstrip("^").strip()
    if len(part) > LONGEST * 4:
        text = text.ljust(LONGEST + 1, "^")
    return _widened(text)


def _widened(text: str) -> str:
    """Half-width katakana as full-width, with their voicing marks joined; everything else as it is."""
    if not any("\uff61" <= one <= "\uff9f" for one in text):
        return text
    out, run = [], ""
    for one in text:
        if "\uff61" <= one <= "\uff9f":
            run += one
            continue
        out.append(unicodedata.normalize("NFKC", run) + one)
        run = ""
    return "".join(out) + unicodedata.normalize("NFKC", run)


def _has_kanji(text: str) -> bool:
    return any(
        "\u3400" <= one <= "\u9fff" or "\uf900" <= one <= "\ufaff" or ord(one) >= 0x20000 for one in text
    )


def _is_kana(text: str) -> bool:
    letters = [one for one in text if one.isalpha()]
    return bool(letters) and all("\u3041" <= one <= "\u30ff" for one in letters)
