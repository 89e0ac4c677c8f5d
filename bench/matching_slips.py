"""How people and devices write a name, a number or a date otherwise. Knows nothing of the matcher."""

import unicodedata
from datetime import date, timedelta
from random import Random

_PAIRS = {
    "きゃ": "kya", "きゅ": "kyu", "きょ": "kyo", "しゃ": "sha", "しゅ": "shu", "しょ": "sho", "ちゃ": "cha", "ちゅ": "chu",
    "ちょ": "cho", "にゃ": "nya", "にゅ": "nyu", "にょ": "nyo", "ひゃ": "hya", "ひゅ": "hyu", "ひょ": "hyo", "みゃ": "mya",
    "みゅ": "myu", "みょ": "myo", "りゃ": "rya", "りゅ": "ryu", "りょ": "ryo", "ぎゃ": "gya", "ぎゅ": "gyu", "ぎょ": "gyo",
    "じゃ": "ja", "じゅ": "ju", "じょ": "jo", "びゃ": "bya", "びゅ": "byu", "びょ": "byo", "ぴょ": "pyo",
}  # fmt: skip
_ROWS = {
    "": "あいうえお", "k": "かきくけこ", "s": "さ すせそ", "t": "た  てと", "n": "なにぬねの", "h": "はひ へほ", "m": "まみむめも",
    "r": "らりるれろ", "g": "がぎぐげご", "z": "ざ ずぜぞ", "d": "だ  でど", "b": "ばびぶべぼ", "p": "ぱぴぷぺぽ",
}  # fmt: skip
_ONE = {kana: head + vowel for head, row in _ROWS.items() for kana, vowel in zip(row, "aiueo", strict=True)} | {
    "し": "shi", "ち": "chi", "つ": "tsu", "ふ": "fu", "じ": "ji", "ぢ": "ji", "づ": "zu", "や": "ya", "ゆ": "yu", "よ": "yo",
    "わ": "wa", "を": "o", "ん": "n",
}  # fmt: skip
_KUNREI = (("sha", "sya"), ("shu", "syu"), ("sho", "syo"), ("cha", "tya"), ("chu", "tyu"), ("cho", "tyo"), ("ja", "zya"),
           ("ju", "zyu"), ("jo", "zyo"), ("shi", "si"), ("chi", "ti"), ("tsu", "tu"), ("fu", "hu"), ("ji", "zi"))  # fmt: skip
_NEIGHBOURS = (
    "あお",
    "かが",
    "さざ",
    "きさ",
    "たと",
    "なの",
    "はば",
    "まも",
    "らろ",
    "ゆよ",
    "いし",
    "こそ",
    "りい",
    "えけ",
    "みん",
    "すず",
    "しじ",
)


def katakana(kana: str) -> str:
    return "".join(chr(ord(one) + 0x60) if "ぁ" <= one <= "ゖ" else one for one in kana)


def half_width(kana: str) -> str:
    table = {unicodedata.normalize("NFKC", chr(code)): chr(code) for code in range(0xFF61, 0xFFA0)}
    plain = unicodedata.normalize("NFD", katakana(kana))
    return "".join({"\u3099": "ﾞ", "\u309a": "ﾟ"}.get(one, table.get(one, one)) for one in plain)


def romaji(kana: str, school: str) -> str:
    """Hepburn with every vowel written; `kunrei`, `passport` and `oh` change it as people do."""
    out, at, is_doubled = "", 0, False
    while at < len(kana):
        two = kana[at : at + 2]
        sound = _PAIRS.get(two) or _ONE.get(kana[at], kana[at])
        at += 2 if two in _PAIRS else 1
        if sound == "っ":
            is_doubled = True
            continue
        if is_doubled:
            sound = ("t" if sound.startswith("ch") else sound[0]) + sound
            is_doubled = False
        out += (
            "'" if out.endswith("n") and sound[0] in "aiueoy" and kana[max(at - 2, 0)] == "ん" else ""
        ) + sound
    if school == "kunrei":
        for hepburn, other in _KUNREI:
            out = out.replace(hepburn, other)
        return out
    out = (
        out.replace("nb", "mb").replace("nm", "mm").replace("np", "mp").replace("'", "")
        if school != "hepburn"
        else out
    )
    if school in {"passport", "oh"}:
        is_long_end = out.endswith(("ou", "oo"))
        out = out.replace("ou", "o").replace("oo", "o").replace("uu", "u")
        if school == "oh" and is_long_end:
            out += "h"
    return out


def slip_in_kana(kana: str, rng: Random) -> str:
    """One slip of the hand: a letter left out, doubled, exchanged or its neighbour."""
    at = rng.randrange(len(kana))
    kind = rng.random()
    if kind < 0.25 and len(kana) > 2:
        return kana[:at] + kana[at + 1 :]
    if kind < 0.4 and at + 1 < len(kana):
        return kana[:at] + kana[at + 1] + kana[at] + kana[at + 2 :]
    if kind < 0.55:
        return kana[: at + 1] + kana[at:]
    for pair in _NEIGHBOURS:
        if kana[at] in pair:
            return kana[:at] + pair.replace(kana[at], "", 1) + kana[at + 1 :]
    return kana[:at] + rng.choice("あいうかきしたなまらん") + kana[at + 1 :]


def loose_kana(kana: str, rng: Random) -> str:
    """Written another way by somebody who heard it: long vowels and voicing marks."""
    for one, other in rng.sample(
        (
            ("おお", "おう"),
            ("おう", "おー"),
            ("ゅう", "ゅー"),
            ("ざ", "さ"),
            ("じ", "ぢ"),
            ("ず", "づ"),
            ("だ", "た"),
            ("ょう", "ょ"),
        ),
        8,
    ):
        if one in kana:
            return kana.replace(one, other, 1)
    return kana


def slip_in_number(number: str, rng: Random) -> str:
    at = rng.randrange(len(number))
    kind = rng.random()
    if kind < 0.5:
        return number[:at] + rng.choice("0123456789") + number[at + 1 :]
    if kind < 0.75 and at + 1 < len(number):
        return number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    return number[:at] + number[at + 1 :] if kind < 0.9 else number[: at + 1] + number[at:]


def slip_in_date(day: date, rng: Random) -> date:
    """A birth date typed wrong: a day or a year off, day and month exchanged, the wrong era, a digit, or another date."""
    kind = rng.random()
    if kind < 0.2:
        return day + timedelta(days=rng.choice((-1, 1)))
    if kind < 0.4 and day.day <= 12 and day.day != day.month:
        return day.replace(month=day.day, day=day.month)
    if kind < 0.6:
        years = rng.choice((-63, 63, -14, 14, -30, 30, -1, 1))
        return _moved(day, years)
    if kind < 0.9:
        digits = f"{day:%Y%m%d}"
        for _ in range(20):
            at = rng.randrange(2, 8)
            wrong = digits[:at] + rng.choice("0123456789") + digits[at + 1 :]
            try:
                return date(int(wrong[:4]), int(wrong[4:6]), int(wrong[6:]))
            except ValueError:
                continue
    return day + timedelta(days=rng.randrange(2, 9000))


def _moved(day: date, years: int) -> date:
    return day.replace(year=day.year + years, day=min(day.day, 28))


def damaged(text: str, rng: Random) -> str:
    """What is left where a converter could not write a character: all of them, or those outside JIS X 0208."""
    if rng.random() < 0.5:
        return "".join("?" if ord(one) > 0x7F else one for one in text)
    return "".join("?" if ord(one) > 0x7F and rng.random() < 0.5 else one for one in text)
