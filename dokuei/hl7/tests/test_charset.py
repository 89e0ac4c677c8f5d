"""Japanese text in four encodings, with the bytes that break who splits first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dokuei.base.errors import Invalid
from dokuei.hl7.charset import BadText, TextEncoding, decode, encode, legible

TRAPS = "ソポタミ十表予能"
"""In Shift_JIS their second bytes are among the delimiters and the escape character."""


def test_the_traps_are_traps() -> None:
    raw = TRAPS.encode("cp932")

    assert {*b"\\|^~"} <= set(raw)


@pytest.mark.parametrize("encoding", list(TextEncoding))
def test_text_comes_back(encoding: TextEncoding) -> None:
    text = f"MSH|^~\\&|RIS|白浜病院|{TRAPS}|ﾔﾏﾀﾞ ﾀﾛｳ|山田^太郎"
    codecs = {"iso-2022-jp": "iso2022_jp_ext", "shift_jis": "cp932", "euc-jp": "euc_jp"}

    assert decode(text.encode(codecs.get(encoding.value, encoding.value)), encoding) == text


@pytest.mark.parametrize(
    ("raw", "encoding", "text"),
    [
        pytest.param(b"\xfc\xe2\xb6\xb6", TextEncoding.EUC_JP, "髙橋", id="EUC with IBM's character"),
        pytest.param(b"\xad\xa1", TextEncoding.EUC_JP, "①", id="EUC with NEC's row 13"),
        pytest.param(b"\x8f\xb0\xa1", TextEncoding.EUC_JP, "丂", id="EUC with JIS X 0212"),
        pytest.param(b"\x1b$B|b66\x1b(B", TextEncoding.ISO_2022_JP, "髙橋", id="JIS with IBM's character"),
        pytest.param(b"\x1b$B-!\x1b(B", TextEncoding.ISO_2022_JP, "①", id="JIS with NEC's row 13"),
        pytest.param(
            b"\x1b(I6@\x1b(B", TextEncoding.ISO_2022_JP, "ｶﾀ", id="JIS with half-width katakana, 7 bits"
        ),
        pytest.param(b"\xb6\xc0", TextEncoding.ISO_2022_JP, "ｶﾀ", id="JIS with half-width katakana, 8 bits"),
        pytest.param(
            b"\x1b(JA\\B~\x1b(B", TextEncoding.ISO_2022_JP, "A\\B~", id="delimiters in the Roman set"
        ),
        pytest.param(b"\x1b$@0!\x1b(J", TextEncoding.ISO_2022_JP, "亜", id="JIS of 1978"),
        pytest.param(b"\x1b$(D0!\x1b(B", TextEncoding.ISO_2022_JP, "丂", id="JIS with JIS X 0212"),
        pytest.param(
            b"\xfb\xfc\x8b\xb4", TextEncoding.SHIFT_JIS, "髙橋", id="Shift_JIS with IBM's character"
        ),
    ],
)
def test_what_vendors_send(raw: bytes, encoding: TextEncoding, text: str) -> None:
    assert decode(raw, encoding) == text


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        (b"\x81", TextEncoding.SHIFT_JIS),
        (b"\xa4", TextEncoding.EUC_JP),
        (b"\x1b$B0", TextEncoding.ISO_2022_JP),
        (b"\x1b$Z0!", TextEncoding.ISO_2022_JP),
        (b"\x1b(Ix", TextEncoding.ISO_2022_JP),
        (b"\xe3\x81", TextEncoding.UTF_8),
        (b"\x8e\x20", TextEncoding.EUC_JP),
    ],
)
def test_what_cannot_be_read_is_said_and_can_still_be_looked_at(raw: bytes, encoding: TextEncoding) -> None:
    with pytest.raises(BadText):
        decode(b"MSH|" + raw, encoding)

    assert legible(b"MSH|" + raw, encoding).startswith("MSH|")


@given(st.binary(max_size=60), st.sampled_from(list(TextEncoding)))
def test_no_bytes_are_a_surprise(raw: bytes, encoding: TextEncoding) -> None:
    try:
        decode(raw, encoding)
    except Invalid as error:
        assert error.error_code == "hl7.text"  # noqa: PT017 - the only way it may fail
    legible(raw, encoding)


@given(st.text(st.sampled_from("亜山田髙﨑①ｶﾅかなカナABC |^~\\&"), max_size=30))
def test_what_python_writes_is_read(text: str) -> None:
    for encoding, codec in ((TextEncoding.SHIFT_JIS, "cp932"), (TextEncoding.UTF_8, "utf-8")):
        assert decode(text.encode(codec), encoding) == text


def test_our_own_text_is_written_in_every_encoding() -> None:
    for encoding in TextEncoding:
        assert decode(encode("依頼を取り込めません。", encoding), encoding) == "依頼を取り込めません。"
