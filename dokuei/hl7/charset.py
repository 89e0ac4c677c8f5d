"""Text of HL7 v2 messages as Japanese systems send it, decoded whole before anything is split.

In Shift_JIS the second byte of a character may be ``|``, ``^``, ``~`` or ``\\``, and in ISO-2022-JP both may be: a
message that is split first falls apart in the middle of names. Vendors' characters (NEC row 13, IBM's: ①, ㈱, 髙, 﨑)
are read in every one of the three, as the encodings CP932, CP51932 and CP50221 have them.
"""

from collections.abc import Callable, Iterator
from enum import StrEnum

from dokuei.base.errors import Invalid

ESC = 0x1B


class TextEncoding(StrEnum):
    """What a connection sends and wants to be answered in."""

    UTF_8 = "utf-8"
    ISO_2022_JP = "iso-2022-jp"
    SHIFT_JIS = "shift_jis"
    EUC_JP = "euc-jp"


class BadText(Invalid):
    """電文の文字を、接続に設定された文字コードで読み取れません。接続の文字コードの設定を確認してください。"""

    code = "hl7.text"


def decode(raw: bytes, encoding: TextEncoding) -> str:
    """The text of a whole message; `BadText` if a byte of it cannot be this encoding."""
    try:
        return DECODERS[encoding](raw)
    except (UnicodeDecodeError, IndexError, ValueError) as error:
        raise BadText(encoding=encoding.value) from error


def legible(raw: bytes, encoding: TextEncoding) -> str:
    """The same for a person who looks at what could not be read: what is unreadable becomes U+FFFD."""
    try:
        return decode(raw, encoding)
    except BadText:
        codec = {TextEncoding.SHIFT_JIS: "cp932", TextEncoding.ISO_2022_JP: "iso2022_jp_ext"}
        return raw.decode(codec.get(encoding, encoding.value), "replace")


def encode(text: str, encoding: TextEncoding) -> bytes:
    """Text of our own, which uses no character that is not in all of them; another becomes a question mark."""
    codecs = {
        TextEncoding.SHIFT_JIS: "cp932",
        TextEncoding.ISO_2022_JP: "iso2022_jp",
        TextEncoding.EUC_JP: "euc_jp",
    }
    return text.encode(codecs.get(encoding, encoding.value), "replace")


def _jis_pair(first: int, second: int) -> str:
    """A character of JIS X 0208 with the vendors' rows, by its two 7-bit bytes.

    >>> _jis_pair(0x30, 0x21), _jis_pair(0x2D, 0x21)
    ('亜', '①')
    """
    row, cell = first - 0x20, second - 0x20
    if not (1 <= row <= 94 and 1 <= cell <= 94):
        raise ValueError("no character of JIS X 0208")
    lead = (row - 1) // 2 + (0x81 if row <= 62 else 0xC1)
    trail = (cell + 0x3F + (cell >= 64)) if row % 2 else cell + 0x9E
    return bytes((lead, trail)).decode("cp932")


def _jis_x_0212(first: int, second: int) -> str:
    return bytes((0x8F, first | 0x80, second | 0x80)).decode("euc_jp")


def _kana(code: int) -> str:
    """A half-width katakana of JIS X 0201 by its 8-bit code."""
    if not 0xA1 <= code <= 0xDF:
        raise ValueError("no katakana of JIS X 0201")
    return bytes((code,)).decode("cp932")


def _euc_jp(raw: bytes) -> str:
    def characters() -> Iterator[str]:
        at = 0
        while at < len(raw):
            byte = raw[at]
            if byte < 0x80:
                yield chr(byte)
                at += 1
            elif byte == 0x8E:
                yield _kana(raw[at + 1])
                at += 2
            elif byte == 0x8F:
                yield _jis_x_0212(raw[at + 1] & 0x7F, raw[at + 2] & 0x7F)
                at += 3
            else:
                yield _jis_pair(byte - 0x80, raw[at + 1] - 0x80)
                at += 2

    return "".join(characters())


SETS: dict[bytes, str] = {
    b"(B": "ascii",
    b"(J": "roman",
    b"(H": "roman",
    b"(I": "kana",
    b"$@": "0208",
    b"$B": "0208",
    b"$(B": "0208",
    b"$(D": "0212",
}


def _iso_2022_jp(raw: bytes) -> str:
    """7-bit text with escape sequences; half-width katakana also as 8-bit codes, as many systems mix them in."""

    def characters() -> Iterator[str]:
        at, chosen = 0, "ascii"
        while at < len(raw):
            byte = raw[at]
            if byte == ESC:
                name = next(one for one in SETS if raw.startswith(one, at + 1))
                at, chosen = at + 1 + len(name), SETS[name]
            elif byte >= 0x80:
                yield _kana(byte)
                at += 1
            elif byte <= 0x20 or byte == 0x7F or chosen in {"ascii", "roman"}:
                # a delimiter of the message is one in either; the yen sign and the overline of the Roman set are not
                # told apart from the backslash and the tilde they stand in for
                yield chr(byte)
                at += 1
            elif chosen == "kana":
                yield _kana(byte | 0x80)
                at += 1
            else:
                yield (_jis_pair if chosen == "0208" else _jis_x_0212)(byte, raw[at + 1])
                at += 2

    try:
        return "".join(characters())
    except (RuntimeError, StopIteration) as error:
        raise ValueError("an escape sequence of no known set") from error


DECODERS: dict[TextEncoding, Callable[[bytes], str]] = {
    TextEncoding.UTF_8: lambda raw: raw.decode("utf-8"),
    TextEncoding.ISO_2022_JP: _iso_2022_jp,
    TextEncoding.SHIFT_JIS: lambda raw: raw.decode("cp932"),
    TextEncoding.EUC_JP: _euc_jp,
}
