"""Messages and frames: delimiters, escapes, times, and what is no message at all."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dokuei.base.errors import Invalid
from dokuei.hl7.answer import Code, acknowledgement
from dokuei.hl7.message import BadMessage, Marks, escaped, instant, parse, plain
from dokuei.hl7.mllp import LARGEST, MOST_NOISE, Frames, TooMuch, framed

AT = datetime(2026, 11, 22, 0, 10, tzinfo=UTC)
HEAD = "MSH|^~\\&|RIS|H1|DOKUEI|D|20261122091000||ORM^O01|42|P|2.3"


def test_a_message_is_read_by_the_numbers_of_the_standard() -> None:
    message = parse(HEAD + "\rPID|||123^^^H1~456^^^X||山田^太郎^^^^^L^I~やまだ^たろう^^^^^L^P\r")
    pid = message.first("PID")

    assert (message.control_id, message.kind) == ("42", "ORM^O01")
    assert message.sent_at == AT
    assert message.header.field(1) == "|"
    assert message.header.field(2) == "^~\\&"
    assert pid is not None
    assert [one.part(1) for one in pid.repetitions(3)] == ["123", "456"]
    assert [(one.part(2), one.part(8)) for one in pid.repetitions(5)] == [("太郎", "I"), ("たろう", "P")]


def test_other_delimiters_are_as_good() -> None:
    message = parse("MSH#$%!*#RIS#H1#D#D#20261122##ORM$O01#7#P#2.5\rPID###9$$$H1")
    pid = message.first("PID")

    assert message.kind == "ORM^O01"
    assert pid is not None
    assert pid.first(3).part(4) == "H1"


@pytest.mark.parametrize(
    "text",
    ["", "PID|1", "MSH", "MSH|", "MSH||||||", "MSH|^^^^|A", "MSHA^~\\&AB", "\x00\x00", "MSH|^~\\&" * 0],
)
def test_what_is_no_message_is_said_so(text: str) -> None:
    with pytest.raises(BadMessage):
        parse(text)


@given(st.text(max_size=200))
def test_no_text_is_a_surprise(text: str) -> None:
    try:
        message = parse("MSH|^~\\&|" + text)
    except Invalid:
        return
    for segment in message.segments:
        for number in range(1, 20):
            assert isinstance(segment.first(number).part(1), str)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (r"a\F\b\S\c\T\d\R\e\E\f", "a|b^c&d~e\\f"),
        (r"一行目\.br\二行目", "一行目\n二行目"),
        (r"\X0D\x", "\nx"),
        (r"\H\強調\N\ ここまで", "強調 ここまで"),
        (r"\Zunknown\ stays", r"\Zunknown\ stays"),
        ("no end \\", "no end \\"),
    ],
)
def test_escapes(raw: str, text: str) -> None:
    assert plain(raw, Marks()) == text


@given(st.text(max_size=50))
def test_what_is_escaped_comes_back(text: str) -> None:
    assert plain(escaped(text, Marks()), Marks()) == text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("20261122091000+0900", AT),
        ("20261122001000.123+0000", AT),
        ("202611220910", AT),
        ("20261122", None),
        ("20261322091000", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_instants(text: str, found: datetime | None) -> None:
    assert instant(text) == found


def test_an_answer_names_the_message_and_turns_the_addresses_around() -> None:
    text = acknowledgement(
        parse(HEAD + "\rPID|1"), Code.ERROR, text="だめ|です", error="x.y", number="1", at=AT
    )
    answer = parse(text)
    msa = answer.first("MSA")

    assert answer.kind == "ACK^O01"
    assert [answer.header.field(one) for one in (3, 5)] == ["DOKUEI", "RIS"]
    assert msa is not None
    assert (msa.field(1), msa.field(2), msa.first(3).text) == ("AE", "42", "だめ|です")


@given(
    st.lists(st.binary(max_size=40).filter(lambda one: b"\x0b" not in one and b"\x1c\r" not in one + b"\r"))
)
def test_frames_come_out_whole_however_they_are_cut(messages: list[bytes]) -> None:
    stream = b"\r\n".join(framed(one) for one in messages)
    frames = Frames()

    found = [one for at in range(0, len(stream), 7) for one in frames.take(stream[at : at + 7])]

    assert found == messages
    assert not frames.is_within


def test_what_never_ends_or_never_begins_is_ended() -> None:
    with pytest.raises(TooMuch):
        list(Frames().take(b"\x0b" + bytes(LARGEST + 1)))
    with pytest.raises(TooMuch):
        list(Frames().take(b"x" * (MOST_NOISE + 1)))
