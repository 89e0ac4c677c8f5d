"""Text of untrusted data sets: Specific Character Set (0008,0005) as declared, and rescued where it lies.

Conforming text is decoded exactly (PS3.3 C.12.1.1.2, PS3.5 6.1.2). Where the declared sets cannot have
produced the bytes, what the bytes themselves say decides, if they say it clearly: Shift_JIS, EUC-JP or
UTF-8 that decodes without a single error and reads like Japanese. Every rescue leaves a remark.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

ESC = 0x1B
ASCII, KATAKANA = "ascii", "jis_x_0201_katakana"
UNDECODABLE = "\ufffd"


class Remark(StrEnum):
    """What was tolerated in text; the value is a permanent code, `sentence` what people read."""

    sentence: str

    def __new__(cls, code: str, sentence: str) -> "Remark":
        member = str.__new__(cls, code)
        member._value_ = code
        member.sentence = sentence
        return member

    MISSPELT = "charset.misspelt", "文字集合の名称が規格と異なるため読み替えました"
    UNKNOWN = "charset.unknown", "文字集合の名称が不明です"
    UNDECLARED_ESCAPE = "charset.undeclared_escape", "宣言のない文字集合の切替を読み取りました"
    RESCUED_UTF_8 = "charset.rescued_utf_8", "文字集合の宣言と異なるため UTF-8 として読み取りました"
    RESCUED_SHIFT_JIS = (
        "charset.rescued_shift_jis",
        "文字集合の宣言と異なるため Shift_JIS として読み取りました",
    )
    RESCUED_EUC_JP = "charset.rescued_euc_jp", "文字集合の宣言と異なるため EUC-JP として読み取りました"
    RESCUED_LATIN_1 = "charset.rescued_latin_1", "文字集合の宣言がないため Latin-1 として読み取りました"
    UNDECODABLE = "charset.undecodable", "読み取れない文字があります"


# Defined terms (PS3.3 Table C.12-2 to C.12-5): codec of the upper half, or the whole text for the last group.
SINGLE_BYTE = {
    "6": ASCII,
    "13": KATAKANA,
    "100": "latin_1",
    "101": "iso8859_2",
    "109": "iso8859_3",
    "110": "iso8859_4",
    "126": "iso8859_7",
    "127": "iso8859_6",
    "138": "iso8859_8",
    "144": "iso8859_5",
    "148": "iso8859_9",
    "166": "tis_620",
    "203": "iso8859_15",
}
BY_ESCAPE_ONLY = {"87", "159", "149", "58"}
WHOLE_TEXT = {"192": "utf_8", "GB18030": "gb18030", "GBK": "gbk"}
NICKNAMES = {
    "UTF8": "192",
    "UTF-8": "192",
    "UNICODE": "192",
    "SJIS": "shift_jis",
    "SHIFT_JIS": "shift_jis",
    "SHIFT-JIS": "shift_jis",
    "SHIFTJIS": "shift_jis",
    "MS932": "shift_jis",
    "CP932": "shift_jis",
    "WINDOWS-31J": "shift_jis",
    "EUC-JP": "euc_jp",
    "EUCJP": "euc_jp",
    "EUC_JP": "euc_jp",
    "ASCII": "6",
    "LATIN1": "100",
    "ISO-8859-1": "100",
    "ISO8859-1": "100",
}
_TERM = re.compile(r"ISO[\s_-]*(?:2022)?[\s_-]*IR[\s_-]*([0-9]+)")
_EXACT = re.compile(r"ISO_IR [0-9]+|ISO 2022 IR [0-9]+|GB18030|GBK")

# Escape sequences: bytes after ESC -> (half, codec); half 0 is 0x21-0x7E, half 1 is 0xA1-0xFE.
ESCAPES: dict[bytes, tuple[int, str]] = {
    b"(B": (0, ASCII),
    b"(J": (0, ASCII),
    b"(H": (0, ASCII),
    b"(I": (0, "katakana_7"),
    b")I": (1, KATAKANA),
    b"$B": (0, "jis_x_0208"),
    b"$@": (0, "jis_x_0208"),
    b"$(B": (0, "jis_x_0208"),
    b"$(D": (0, "jis_x_0212"),
    b"$)C": (1, "euc_kr"),
    b"$)A": (1, "gb2312"),
    b"-A": (1, "latin_1"),
    b"-B": (1, "iso8859_2"),
    b"-C": (1, "iso8859_3"),
    b"-D": (1, "iso8859_4"),
    b"-F": (1, "iso8859_7"),
    b"-G": (1, "iso8859_6"),
    b"-H": (1, "iso8859_8"),
    b"-L": (1, "iso8859_5"),
    b"-M": (1, "iso8859_9"),
    b"-T": (1, "tis_620"),
    b"-b": (1, "iso8859_15"),
}
TERM_OF_ESCAPE = {
    "jis_x_0208": "87",
    "jis_x_0212": "159",
    "euc_kr": "149",
    "gb2312": "58",
    KATAKANA: "13",
    "katakana_7": "13",
}
TWO_BYTE = {"jis_x_0208", "jis_x_0212"}


@dataclass(frozen=True)
class Charset:
    """How to read one data set's text: the declared terms, a rescue codec if they lie, and what was noted."""

    terms: tuple[str, ...] = ("6",)
    rescue: str = ""
    remarks: frozenset[Remark] = field(default=frozenset())

    def decode(self, raw: bytes) -> tuple[str, frozenset[Remark]]:
        """The text of one value, and what had to be tolerated in this value beyond `remarks`."""
        if self.rescue:
            return _lossy(raw, self.rescue)
        if self.terms[0] in WHOLE_TEXT and ESC not in raw:
            return _lossy(raw, WHOLE_TEXT[self.terms[0]])
        if raw.isascii() and ESC not in raw:
            return raw.decode("ascii"), frozenset()
        text, found = _decode_2022(raw, self.terms)
        return text, frozenset(found)


def parse_terms(declared: Sequence[str]) -> tuple[tuple[str, ...], frozenset[Remark]]:
    """Numbers of the declared sets, first value first; nicknames such as ``UTF-8`` are understood and
    remarked.

    >>> parse_terms(["", "ISO 2022 IR 87"])[0]
    ('6', '87')
    >>> parse_terms(["UTF-8"])
    (('192',), frozenset({<Remark.MISSPELT: 'charset.misspelt'>}))
    """
    terms, remarks = [], set()
    for position, value in enumerate(declared or [""]):
        name = value.strip(" \0").upper()
        match = _TERM.fullmatch(name)
        if not name:
            term = "6" if position == 0 else ""
        elif match:
            term = match[1]
        else:
            term = NICKNAMES.get(name, name)
        known = term in SINGLE_BYTE or term in BY_ESCAPE_ONLY or term in WHOLE_TEXT
        if term and not known and term not in {"shift_jis", "euc_jp"}:
            remarks.add(Remark.UNKNOWN)
            term = "6" if position == 0 else ""
        elif name and not _EXACT.fullmatch(value.strip(" \0")):
            remarks.add(Remark.MISSPELT)
        if term:
            terms.append(term)
    return tuple(terms) or ("6",), frozenset(remarks)


def choose(declared: Sequence[str], samples: Sequence[bytes]) -> Charset:
    """Decide how a data set is to be read, from what it declares and what its text values look like.

    One decision for the whole data set: a device that mis-declares does so in every value, and a single short
    value would be too little evidence.
    """
    terms, remarks = parse_terms(declared)
    if terms[0] in {"shift_jis", "euc_jp"}:
        codec = "cp932" if terms[0] == "shift_jis" else "euc_jp"
        return Charset(("6",), codec, remarks)
    high = [raw for raw in samples if not raw.isascii()]
    if not high or not _is_contradicted(terms, high):
        return Charset(terms, "", remarks)
    codec, why = _best_guess(high)
    if codec:
        return Charset(terms, codec, remarks | {why})
    return Charset(terms, "", remarks)


def _is_contradicted(terms: tuple[str, ...], high: Sequence[bytes]) -> bool:
    """Whether the declared sets could not have produced these bytes."""
    if terms[0] in WHOLE_TEXT:
        return not all(_strict(raw, WHOLE_TEXT[terms[0]]) for raw in high if ESC not in raw)
    return any(Remark.UNDECODABLE in _decode_2022(raw, terms)[1] for raw in high)


def _best_guess(high: Sequence[bytes]) -> tuple[str, Remark]:
    """The one codec that reads every value without an error and most like Japanese; none if nothing does."""
    if all(_strict(raw, "utf_8") for raw in high):
        return "utf_8", Remark.RESCUED_UTF_8
    scored = []
    for codec, why in (("cp932", Remark.RESCUED_SHIFT_JIS), ("euc_jp", Remark.RESCUED_EUC_JP)):
        if all(_strict(raw, codec) for raw in high):
            text = "".join(raw.decode(codec) for raw in high)
            scored.append((_japaneseness(text), codec, why))
    if scored and max(scored)[0] > 0.5:
        _, codec, why = max(scored)
        return codec, why
    if all(byte >= 0xA0 or byte < 0x80 for raw in high for byte in raw):
        return "latin_1", Remark.RESCUED_LATIN_1
    return "", Remark.UNDECODABLE


def _japaneseness(text: str) -> float:
    """Share of non-ASCII characters a Japanese hospital writes.

    Kana and JIS level-1 kanji, not half-width kana.
    """
    foreign = [one for one in text if not one.isascii()]
    if not foreign:
        return 0.0
    return sum(_is_usual(one) for one in foreign) / len(foreign)


def _is_usual(one: str) -> bool:
    if "\u3041" <= one <= "\u30ff" or "\uff01" <= one <= "\uff5e" or one in "　、。・「」":
        return True
    if "\u2460" <= one <= "\u24ff" or "\u3200" <= one <= "\u33ff":  # ① ㈱ ㍑
        return True
    if not "\u4e00" <= one <= "\u9fff":
        return False
    try:
        first = one.encode("euc_jp")[0]
    except UnicodeEncodeError:
        return False
    return 0xB0 <= first <= 0xCF


def _strict(raw: bytes, codec: str) -> bool:
    try:
        raw.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _lossy(raw: bytes, codec: str) -> tuple[str, frozenset[Remark]]:
    try:
        return raw.decode(codec), frozenset()
    except UnicodeDecodeError:
        return raw.decode(codec, "replace"), frozenset({Remark.UNDECODABLE})


def _decode_2022(raw: bytes, terms: tuple[str, ...]) -> tuple[str, set[Remark]]:
    """Code extension techniques (PS3.5 6.1.2.5).

    A set stays until the next escape: names often forget to return.
    """
    found: set[Remark] = set()
    out: list[str] = []
    lower, upper = ASCII, SINGLE_BYTE.get(terms[0], ASCII)
    here, end = 0, len(raw)
    while here < end:
        if raw[here] == ESC:
            taken, half, codec = _escape(raw, here)
            if taken:
                if codec in TERM_OF_ESCAPE and TERM_OF_ESCAPE[codec] not in terms:
                    found.add(Remark.UNDECLARED_ESCAPE)
                lower, upper = (codec, upper) if half == 0 else (lower, codec)
                here += taken
                continue
            found.add(Remark.UNDECODABLE)
            out.append(UNDECODABLE)
            here += 1
            continue
        stop = raw.find(ESC, here)
        stop = end if stop < 0 else stop
        out.append(_run(raw[here:stop], lower, upper, found))
        here = stop
    return "".join(out), found


def _escape(raw: bytes, here: int) -> tuple[int, int, str]:
    for length in (3, 2):
        known = ESCAPES.get(raw[here + 1 : here + 1 + length])
        if known:
            return length + 1, known[0], known[1]
    return 0, 0, ""


def _run(run: bytes, lower: str, upper: str, found: set[Remark]) -> str:
    """Decode bytes between two escapes, cutting each into stretches of lower and upper half."""
    if lower in TWO_BYTE:
        return _pairs(run, lower, found)
    out = []
    for part in re.findall(rb"[\x00-\x7f]+|[\x80-\xff]+", run):
        if part[0] < 0x80:
            seven = bytes(byte | 0x80 for byte in part) if lower == "katakana_7" else part
            out.append(_single(seven, KATAKANA if lower == "katakana_7" else ASCII, found))
        else:
            out.append(_single(part, upper, found))
    return "".join(out)


def _pairs(run: bytes, codec: str, found: set[Remark]) -> str:
    """Two-byte kanji.

    A space, a control or an odd byte at the end can only mean a missing return to ASCII.
    """
    out = []
    here = 0
    while here < len(run):
        first = run[here]
        if first <= 0x20:
            rest = run[here:]
            if rest.strip(b" \0\r\n\t\f") == b"" or rest.isascii():
                out.append(rest.decode("ascii", "replace"))
                return "".join(out)
        pair = run[here : here + 2]
        if len(pair) == 2 and all(0x21 <= byte <= 0x7E for byte in pair):
            out.append(_kanji(pair, codec, found))
        else:
            found.add(Remark.UNDECODABLE)
            out.append(UNDECODABLE)
            if len(pair) == 2 and pair[1] <= 0x20:
                out.append(chr(pair[1]))
        here += 2
    return "".join(out)


def _kanji(pair: bytes, codec: str, found: set[Remark]) -> str:
    eight = bytes(byte | 0x80 for byte in pair)
    try:
        return (b"\x8f" + eight if codec == "jis_x_0212" else eight).decode("euc_jp")
    except UnicodeDecodeError:
        pass
    try:
        return _to_shift_jis(pair).decode("cp932")  # ① ㍑ ㈱ and other vendor characters of row 13
    except UnicodeDecodeError:
        found.add(Remark.UNDECODABLE)
        return UNDECODABLE


def _to_shift_jis(pair: bytes) -> bytes:
    row, cell = pair[0] - 0x21, pair[1] - 0x21
    lead = (row >> 1) + (0x81 if row < 62 else 0xC1)
    trail = cell + 159 if row & 1 else cell + 64 + (1 if cell >= 63 else 0)
    return bytes((lead, trail))


def _single(part: bytes, codec: str, found: set[Remark]) -> str:
    name = {KATAKANA: "shift_jis"}.get(codec, codec)
    if codec == KATAKANA and any(not 0xA1 <= byte <= 0xDF for byte in part):
        found.add(Remark.UNDECODABLE)
        return UNDECODABLE * len(part)
    try:
        return part.decode(name)
    except UnicodeDecodeError:
        found.add(Remark.UNDECODABLE)
        return part.decode(name, "replace")


_HARMFUL = re.compile(
    "[\u0000-\u0008\u000b\u000e-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff"
    "\U000e0000-\U000e007f]"
)
_LINE = re.compile(r"[\t\n\f\r]")


def harmless(text: str, *, lines: bool = False) -> str:
    """The text without characters that change how other text is shown: controls, bidi overrides, zero width.

    Each is replaced by U+FFFD so that it can be seen that something was there. Line ends and tabs stay if
    `lines`.

    >>> harmless("AB\\x00CD"), harmless("\\u202eevil")
    ('AB\\ufffdCD', '\\ufffdevil')
    """
    text = _HARMFUL.sub(UNDECODABLE, text)
    return text if lines else _LINE.sub(" ", text)


_CLUSTER = re.compile("[^\u0300-\u036f\u3099\u309a][\u0300-\u036f\u3099\u309a]+")


def composed(text: str) -> str:
    """Text with combining marks joined: か + U+3099 becomes が.

    Only where there is a mark: plain NFC would replace the old forms of kanji that people write their names
    with.
    """
    return _CLUSTER.sub(lambda found: unicodedata.normalize("NFC", found[0]), text)
