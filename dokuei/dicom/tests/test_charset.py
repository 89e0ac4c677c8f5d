"""Text: exact where it conforms, rescued where the bytes say it clearly, harmless always."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dokuei.dicom.charset import Remark, choose, harmless
from dokuei.dicom.person_name import LONGEST, matching_key, parse_name

KANJI = "山田^太郎"
CASES = [
    pytest.param([""], "ABC", "ascii", set(), id="default"),
    pytest.param(["ISO_IR 100"], "Jérôme", "latin_1", set(), id="Latin 1"),
    pytest.param(["ISO_IR 192"], KANJI, "utf_8", set(), id="UTF-8"),
    pytest.param(["utf-8"], KANJI, "utf_8", {Remark.MISSPELT}, id="UTF-8 by a nickname"),
    pytest.param(["ISO IR 192"], KANJI, "utf_8", {Remark.MISSPELT}, id="UTF-8 without underscore"),
    pytest.param(["GB18030"], KANJI, "gb18030", set(), id="GB18030"),
    pytest.param(["ISO_IR 13"], "ﾔﾏﾀﾞ", "shift_jis", set(), id="half-width kana"),
    pytest.param(["SHIFT_JIS"], KANJI, "cp932", {Remark.MISSPELT}, id="Shift_JIS by name"),
    pytest.param([""], KANJI, "cp932", {Remark.RESCUED_SHIFT_JIS}, id="Shift_JIS undeclared"),
    pytest.param(["ISO_IR 100"], KANJI, "latin_1", None, id="what was declared can be read"),
    pytest.param(["", "ISO 2022 IR 87"], "造影①㈱", "cp932", {Remark.RESCUED_SHIFT_JIS}, id="SJIS as IR 87"),
    pytest.param(["", "ISO 2022 IR 87"], KANJI, "euc_jp", {Remark.RESCUED_EUC_JP}, id="EUC-JP as IR 87"),
    pytest.param(["NONSENSE"], KANJI, "utf_8", {Remark.UNKNOWN, Remark.RESCUED_UTF_8}, id="unknown name"),
    pytest.param([""], "Zoë Müller", "latin_1", {Remark.RESCUED_LATIN_1}, id="Latin 1 undeclared"),
]


@pytest.mark.parametrize(("declared", "text", "codec", "remarks"), CASES)
def test_text_is_read(declared: list[str], text: str, codec: str, remarks: set[Remark] | None) -> None:
    if (
        remarks is None
    ):  # bytes that Latin 1 can hold are believed to be Latin 1: no guessing against a declaration
        raw = text.encode("utf_8")
        assert choose(declared, [raw]).decode(raw)[0] == raw.decode("latin_1")
        return
    raw = text.encode(codec)

    reading = choose(declared, [raw])

    assert reading.decode(raw)[0] == text
    assert reading.remarks == remarks


def test_one_damaged_value_does_not_spoil_the_others() -> None:
    good, bad = "胸部".encode("iso2022_jp"), b"\x1b$B;3E"
    reading = choose(["", "ISO 2022 IR 87"], [bad])

    assert reading.decode(good) == ("胸部", frozenset())
    assert reading.decode(bad) == ("山\ufffd", frozenset({Remark.UNDECODABLE}))


def test_an_escape_that_was_not_declared_is_read_and_remarked() -> None:
    assert choose([""], []).decode("胸部".encode("iso2022_jp")) == (
        "胸部",
        frozenset({Remark.UNDECLARED_ESCAPE}),
    )


@given(st.binary(max_size=300), st.lists(st.text(max_size=20), max_size=3))
def test_any_bytes_under_any_declaration_become_text(raw: bytes, declared: list[str]) -> None:
    text, _ = choose(declared, [raw]).decode(raw)

    assert harmless(text).isprintable() or all(
        not one.isascii() for one in harmless(text) if not one.isprintable()
    )
    assert "\0" not in harmless(text)


@given(st.text())
def test_a_name_is_never_longer_than_it_may_be_and_holds_no_controls(text: str) -> None:
    name = parse_name(text)

    for group in (name.romaji, name.kanji, name.kana):
        assert len(group) <= LONGEST
        assert not any(ord(one) < 0x20 or 0x202A <= ord(one) <= 0x202E for one in group)


@given(st.text(alphabet=st.characters(min_codepoint=0x3041, max_codepoint=0x3093), min_size=1))
def test_hiragana_katakana_and_combining_marks_compare_equal(kana: str) -> None:
    import unicodedata

    katakana = "".join(chr(ord(one) + 0x60) for one in kana)

    assert matching_key(kana) == matching_key(katakana) == matching_key(unicodedata.normalize("NFD", kana))


@given(st.text())
def test_making_a_key_twice_changes_nothing(text: str) -> None:
    assert matching_key(matching_key(text)) == matching_key(text)


@pytest.mark.parametrize(
    ("text", "romaji", "kanji", "kana"),
    [
        pytest.param("A^B=山田^太郎=やまだ^たろう", "A^B", "山田^太郎", "やまだ^たろう", id="all"),
        pytest.param("山田^太郎", "", "山田^太郎", "", id="kanji alone"),
        pytest.param("ﾔﾏﾀﾞ^ﾀﾛｳ", "", "", "ヤマダ^タロウ", id="half-width kana alone"),
        pytest.param("=山田^太郎", "", "山田^太郎", "", id="empty first group"),
        pytest.param("^^^", "", "", "", id="carets only"),
        pytest.param("A^B=C=D=E=F", "A^B", "C", "D", id="too many groups"),
        pytest.param("髙橋^﨑子", "", "髙橋^﨑子", "", id="old forms of kanji stay"),
        pytest.param("か\u3099とう", "", "", "がとう", id="combining mark joined"),
    ],
)  # fmt: skip
def test_a_name_is_sorted_into_its_groups(text: str, romaji: str, kanji: str, kana: str) -> None:
    name = parse_name(text)

    assert (name.romaji, name.kanji, name.kana) == (romaji, kanji, kana)
