"""How a name sounds: romaji of any school and kana, made comparable."""

import re
import unicodedata

from dokuei.dicom.person_name import folded

_ROWS = {
    "": "アイウエオ", "k": "カキクケコ", "g": "ガギグゲゴ", "s": "サシスセソ", "z": "ザジズゼゾ",
    "t": "タチツテト", "d": "ダヂヅデド", "n": "ナニヌネノ", "h": "ハヒフヘホ", "b": "バビブベボ",
    "p": "パピプペポ", "m": "マミムメモ", "r": "ラリルレロ",
}  # fmt: skip
_KANA = {kana: head + vowel for head, row in _ROWS.items() for kana, vowel in zip(row, "aiueo", strict=True)} | {
    "ヤ": "ya", "ユ": "yu", "ヨ": "yo", "ワ": "wa", "ヰ": "i", "ヱ": "e", "ヲ": "o", "ン": "n", "ヴ": "bu",
    "ヂ": "zi", "ヅ": "zu", "フ": "hu",
}  # fmt: skip
_SMALL_Y = {"ャ": "ya", "ュ": "yu", "ョ": "yo", "ェ": "ye"}
_SMALL = {"ァ": "a", "ィ": "i", "ゥ": "u", "ェ": "e", "ォ": "o", "ヮ": "wa", "ヵ": "ka", "ヶ": "ke"}
LARGE = str.maketrans("ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ")

# One after another, until nothing changes. Kunrei consonants, no long vowels: passports drop them, and so do people.
_SPELLINGS = tuple(
    (re.compile(pattern), plain)
    for pattern, plain in (
        (r"l", "r"), (r"v", "b"), (r"[tc]chi", "tti"), (r"[tc]ch(?=[aueo])", "tty"), (r"ssh", "ssy"), (r"dz", "z"),
        (r"shi", "si"), (r"chi", "ti"), (r"tsu", "tu"), (r"sh(?=[aueo])", "sy"), (r"ch(?=[aueo])", "ty"),
        (r"ji", "zi"), (r"jy?(?=[aueo])", "zy"), (r"di", "zi"), (r"du", "zu"), (r"dy", "zy"),
        (r"f(?=u)", "h"), (r"f", "hu"), (r"(?<![a-z])wo", "o"), (r"m(?=[bpm])", "n"),
        (r"c(?![h])", "k"), (r"q", "k"), (r"x", "ks"), (r"syi", "si"), (r"tyi", "ti"), (r"zyi", "zi"),
        (r"oh(?![aiueoy])", "o"), (r"([aiueo])-", r"\1"), (r"ou+", "o"), (r"([aiueo])\1+", r"\1"),
        (r"[^a-z]", ""),
    )
)  # fmt: skip


def sound_of_romaji(text: str) -> str:
    """The sound of a name in letters, whichever school wrote it.

    >>> {sound_of_romaji(one) for one in ("Ohno", "Oono", "Ono", "Ōno", "OHNO")}
    {'ono'}
    >>> sound_of_romaji("Sin'iti") == sound_of_romaji("SHINICHI") == "siniti"
    True
    """
    plain = unicodedata.normalize("NFKD", text).casefold()
    sound = "".join(one for one in plain if not unicodedata.combining(one))
    before = ""
    while before != sound:
        before = sound
        for pattern, spelling in _SPELLINGS:
            sound = pattern.sub(spelling, sound)
    return sound


def sound_of_kana(kana: str) -> str:
    """The sound of a name in kana, equal to that of its romaji.

    >>> sound_of_kana("オオノ"), sound_of_kana("しんいち"), sound_of_kana("ｼｮｳﾍｲ"), sound_of_kana("ハットリ")
    ('ono', 'siniti', 'syohei', 'hattori')
    """
    letters = ""
    is_doubled = False
    for one in folded(kana):
        if one == "ッ":
            is_doubled = True
            continue
        if one == "ー":
            letters += letters[-1:]
            continue
        letters = _append(letters, one, is_doubled)
        is_doubled = False
    return sound_of_romaji(letters)


def _append(letters: str, one: str, is_doubled: bool) -> str:
    if one in _SMALL_Y and letters.endswith("i"):
        return letters[:-1] + _SMALL_Y[one]
    if one in _SMALL:
        return (letters[:-1] if letters[-1:] in {"u", "e", "i"} else letters) + _SMALL[one]
    sound = _KANA.get(one, "")
    return letters + (sound[:1] if is_doubled and sound[:1] not in "aiueon" else "") + sound


def unvoiced(kana: str) -> str:
    """Folded kana without voicing marks: カ for ガ and ハ for パ.

    >>> unvoiced("ヤマザキ")
    'ヤマサキ'
    """
    return "".join(one for one in unicodedata.normalize("NFD", kana) if one not in "\u3099\u309a\u309b\u309c")


def is_one_slip(one: str, other: str) -> bool:
    """Whether one letter was left out, put in, changed or exchanged with its neighbour; not if nothing was."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    if len(one) > len(other):
        one, other = other, one
    at = next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    if len(one) < len(other):
        return one[at:] == other[at + 1 :]
    if one[at + 1 :] == other[at + 1 :]:
        return True
    return one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]
