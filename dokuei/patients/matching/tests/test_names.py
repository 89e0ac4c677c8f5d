"""What comparing two names shows, script by script and slip by slip."""

import csv
import unicodedata
from pathlib import Path

import pytest

from dokuei.dicom.describe import describe
from dokuei.dicom.person_name import PersonName, parse_name
from dokuei.dicom.read import read_data_set, read_meta
from dokuei.patients.matching.names import compare_names, name_forms
from dokuei.patients.matching.shapes import FORMS, one_form
from dokuei.patients.matching.sound import is_one_slip, sound_of_kana, sound_of_romaji


def named(text: str) -> PersonName:
    return parse_name(text)


TABLE = [
    ("山田^太郎", "山田^太郎", "same", "same", "the same kanji"),
    ("山田^太郎", "山田　太郎", "same", "same", "a wide space for the caret"),
    ("山田^太郎", "山田太郎", "same", "same", "no gap on one side"),
    ("山田太郎", "山田太郎", "same", "same", "no gap on either side"),
    ("髙橋^翔太", "高橋^翔太", "old_form", "same", "the ladder form of 高"),
    ("山﨑^翔太", "山崎^翔太", "old_form", "same", "the standing form of 崎"),
    ("渡邊^翔太", "渡辺^翔太", "old_form", "same", "邊"),
    ("渡邉^翔太", "渡邊^翔太", "old_form", "same", "邉 and 邊"),
    ("齋藤^翔太", "斉藤^翔太", "old_form", "same", "齋 and 斉"),
    ("齊藤^翔太", "斎藤^翔太", "old_form", "same", "齊 and 斎"),
    ("澤田^廣", "沢田^広", "old_form", "old_form", "澤 and 廣"),
    ("國井^翔太", "国井^翔太", "old_form", "same", "國"),
    ("濵田^翔太", "濱田^翔太", "old_form", "same", "濵 and 濱"),
    ("𠮷田^櫻子", "吉田^桜子", "old_form", "old_form", "a character beyond the first plane"),
    ("葛\U000e0100城^翔太", "葛城^翔太", "same", "same", "a variation selector"),
    ("=山田^太郎=やまだ^たろう", "==ヤマダ^タロウ", "reading_same", "reading_same", "hiragana and katakana"),
    ("ﾔﾏﾀﾞ^ﾀﾛｳ", "==やまだ^たろう", "reading_same", "reading_same", "half-width kana"),
    ("==やまた\u3099^たろう", "==やまだ^たろう", "reading_same", "reading_same", "a voicing mark of its own"),
    ("Yamada^Taro", "=山田^太郎=やまだ^たろう", "sound_same", "sound_same", "passport romaji and kana"),
    ("YAMADA^TAROU", "==ヤマダ^タロウ", "sound_same", "sound_same", "every vowel written"),
    ("Ohno^Shin-ichi", "==おおの^しんいち", "sound_same", "sound_same", "oh"),
    ("Oono^Sin'iti", "Ōno^Shinichi", "sound_same", "sound_same", "Kunrei and Hepburn"),
    ("Itoh^Jun'ichi", "==いとう^じゅんいち", "sound_same", "sound_same", "toh"),
    ("Honma^Joji", "Homma^Zyozi", "sound_same", "sound_same", "m before m"),
    ("Hattori^Ryuhei", "==はっとり^りゅうへい", "sound_same", "sound_same", "a doubled consonant"),
    ("Hotchi^Fumi", "==ほっち^ふみ", "sound_same", "sound_same", "tch"),
    ("TARO YAMADA", "==やまだ^たろう", "swapped", "swapped", "the given name first"),
    ("太郎^山田", "山田^太郎", "swapped", "swapped", "the given name first in kanji"),
    ("==ユーコ^オーノ", "==ゆうこ^おおの", "long_vowel", "long_vowel", "bars for long vowels"),
    ("==オノ^ユウキ", "==オオノ^ユキ", "long_vowel", "long_vowel", "long vowels left out"),
    ("==キヨウコ^シヨウ", "==キョウコ^ショウ", "long_vowel", "long_vowel", "small kana written large"),
    ("==ヤマサキ^タロウ", "==ヤマザキ^タロウ", "voiced", "reading_same", "a voicing mark less"),
    ("==ヤマダ^サトル", "==ヤマダ^サトシ", "reading_same", "slip", "one kana"),
    ("==ヤマダ^タロウ", "==ヤマダ^タウロ", "reading_same", "slip", "two kana exchanged"),
    ("==ヤマダ^アキ", "==ヤマダ^ユキ", "reading_same", "differs", "of two kana one: another name"),
    ("Yamada^Satoru", "Yamada^Satorv", "sound_same", "slip", "one letter"),
    (
        "=佐藤^裕子=さとう^ゆうこ",
        "=佐藤^優子=さとう^ゆうこ",
        "same",
        "other_kanji",
        "other kanji, same reading",
    ),
    (
        "=佐藤^裕子=さとう^ゆうこ",
        "=佐藤^裕子=さとう^ひろこ",
        "same",
        "other_reading",
        "same kanji, other reading",
    ),
    ("=佐藤^ゆき=さとう^ゆき", "=佐藤^由紀=さとう^ゆき", "same", "reading_same", "kana for kanji"),
    ("佐藤^祐子", "佐藤^裕子", "same", "alike", "kanji that look alike"),
    ("佐藤^翔太", "佐藤^翔平", "same", "differs", "kanji are never one slip apart"),
    (
        "=佐藤^翔太=さとう^しょうた",
        "=斎藤^翔太=さいとう^しょうた",
        "differs",
        "same",
        "a sound nearly the same",
    ),
    ("大野^翔太", "小野^翔太", "differs", "same", "one sound in passports, two names"),
    ("高?^翔太", "高橋^翔太", "damaged", "same", "a character that could not be written"),
    ("??^太郎", "山田^太郎", "missing", "same", "nothing left of the family name"),
    ("??^??", "山田^太郎", "missing", "missing", "nothing left"),
    ("å±±ç°^å¤ªé", "山田^太郎", "missing", "missing", "bytes of an undeclared character set"),
    ("UNKNOWN", "山田^太郎", "missing", "missing", "a word for nobody"),
    ("", "山田^太郎", "missing", "missing", "no name"),
    ("Müller^Jürgen", "MULLER^JURGEN", "sound_same", "sound_same", "marks of other languages"),
    ("佐藤^花子", "鈴木^花子", "differs", "same", "another family name"),
    ("佐藤^花子", "鈴木^一郎", "differs", "differs", "another name"),
]


@pytest.mark.parametrize(("one", "other", "family", "given", "why"), TABLE, ids=[row[4] for row in TABLE])
def test_names(one: str, other: str, family: str, given: str, why: str) -> None:
    a, b = name_forms(named(one)), name_forms(named(other))

    assert compare_names(a, b) == (family, given)
    assert compare_names(b, a) == (family, given)


ROMAJI = [
    ("オオノ", ["Ohno", "Oono", "Ono", "Ōno", "Ôno", "OHNO", "Oono"]),
    ("タロウ", ["Tarou", "Taro", "Tarō", "Taroh", "TARO"]),
    ("シンイチ", ["Shinichi", "Sin'iti", "Shin'ichi", "Shin-ichi", "SHINITI"]),
    ("ジュンペイ", ["Junpei", "Jumpei", "Zyunpei"]),
    ("チヅ", ["Chizu", "Tidu", "Chidu", "Tizu"]),
    ("フジワラ", ["Fujiwara", "Huziwara"]),
    ("キュウシュウ", ["Kyushu", "Kyuushuu", "Kyūshū", "Kyuusyuu"]),
    ("ハッチョウ", ["Hatcho", "Hacchou", "Hattyo"]),
    ("ジョウ", ["Jo", "Joh", "Jou", "Zyo", "Jyo"]),
    ("ケイイチ", ["Keiichi", "Keiiti", "Keichi"]),
    ("ヂヅル", ["Jizuru", "Diduru"]),
]


@pytest.mark.parametrize(("kana", "spellings"), ROMAJI, ids=[row[0] for row in ROMAJI])
def test_every_school_of_romaji_sounds_like_the_kana(kana: str, spellings: list[str]) -> None:
    assert {sound_of_romaji(one) for one in spellings} == {sound_of_kana(kana)}


@pytest.mark.parametrize(
    ("one", "other"), [("Kana", "Kanna"), ("Yamada", "Hamada"), ("Hara", "Haraa-da"), ("Kato", "Kado")]
)
def test_other_names_sound_otherwise(one: str, other: str) -> None:
    assert sound_of_romaji(one) != sound_of_romaji(other)


@pytest.mark.parametrize(
    ("one", "other", "is_slip"),
    [
        ("abc", "abc", False),
        ("abc", "abd", True),
        ("abc", "ab", True),
        ("abc", "xabc", True),
        ("abc", "bac", True),
        ("abc", "acb", True),
        ("abc", "cba", False),
        ("abcd", "ab", False),
        ("abcd", "badc", False),
    ],
)
def test_one_slip(one: str, other: str, is_slip: bool) -> None:
    assert is_one_slip(one, other) is is_one_slip(other, one) is is_slip


def test_every_old_form_becomes_the_new_one_and_stays_it() -> None:
    for new, others in FORMS.items():
        assert one_form(one_form(new)) == one_form(new)
        assert {one_form(other) for other in others} == {one_form(new)}, new


def test_japanese_names_of_real_files_are_the_names_that_were_meant(real_dicom: Path) -> None:
    """Whatever character set they came in, and however wrongly it was declared."""
    with (real_dicom / "charsets" / "EXPECTED-ja.tsv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table, delimiter="\t"))
    wrong = []
    for row in rows:
        content = (real_dicom / row["path"]).read_bytes()
        meta = read_meta(content)
        came = describe(read_data_set(content, meta.transfer_syntax, meta.data_set_offset)).patient.name
        meant = named(unicodedata.normalize("NFC", row["intended_name"]))
        found = compare_names(name_forms(came), name_forms(meant))
        if not set(found) <= {"same", "old_form", "reading_same", "sound_same"}:
            wrong.append((row["path"], found))

    assert wrong == []
    assert len(rows) >= 15
