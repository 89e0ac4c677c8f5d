"""Orders over a real MLLP line in every Japanese encoding; killed and flooded; support tends to what was not taken."""

import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from dokuei.hl7.charset import TextEncoding, decode
from dokuei.hl7.message import Message, parse
from dokuei.hl7.mllp import Frames, framed
from tests.browser import Visitor, ask
from tests.journeys.cases import invitation
from tests.server import Installation, free_port, until

CODECS = {"utf-8": "utf-8", "iso-2022-jp": "iso2022_jp", "shift_jis": "cp932", "euc-jp": "euc_jp"}


class Place(Installation):
    """An installation that listens to HL7 too."""

    port: int


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    port = free_port()
    made = Place(tmp_path_factory.mktemp("hl7") / "d", DOKUEI_HL7=f"127.0.0.1:{port}")
    made.port = port
    made.start()
    made.run("admin", "facility", "shirahama", "白浜総合病院")
    for encoding in CODECS:
        application = encoding.upper()
        made.run(
            "admin", "hl7", encoding, "--facility", "shirahama", "--host", "127.0.0.1",
            "--application", application, "--encoding", encoding,
        )  # fmt: skip
    yield made
    assert made.stop() == 0


@pytest.fixture(scope="module")
def support(place: Place, browser: Browser) -> Visitor:
    visitor = Visitor(browser, place)
    visitor.join(invitation(place, "sasaki@test.test", "佐々木 修", "support"))
    return visitor


def order(encoding: str, number: str, *, control: str = "NW", patient: str = "77") -> bytes:
    text = "\r".join(
        [
            f"MSH|^~\\&|{encoding.upper()}|H1|DOKUEI|D|20261122091000||ORM^O01|{number}{control}|P|2.3",
            f"PID|||{patient}||山田^ソポタミ^^^^^L^I~ヤマダ^タロウ^^^^^L^P||19680312|M",
            f"ORC|{control}|{number}",
            f"OBR|1|{number}||X^胸部CT^99H||||||||||||||||||||CT|||||||^右肺結節の経過（表）",
        ]
    )
    return text.encode(CODECS[encoding])


class Line:
    """A sender's connection."""

    def __init__(self, place: Place) -> None:
        self.socket = socket.create_connection(("127.0.0.1", place.port), timeout=20)
        self.frames = Frames()
        self.heard: list[bytes] = []

    def send(self, raw: bytes, encoding: str = "utf-8") -> Message:
        self.socket.sendall(framed(raw))
        return self.hear(encoding)

    def hear(self, encoding: str = "utf-8") -> Message:
        while not self.heard:
            received = self.socket.recv(4096)
            assert received, "the line was closed without an answer"
            self.heard += self.frames.take(received)
        return parse(decode(self.heard.pop(0), TextEncoding(encoding)))

    def close(self) -> None:
        self.socket.close()


@pytest.fixture
def line(place: Place) -> Iterator[Line]:
    made = until(lambda: _connected(place))
    yield made
    made.close()


def _connected(place: Place) -> Line | None:
    try:
        return Line(place)
    except ConnectionError:
        return None


def _sent_again(place: Place, raw: bytes) -> Message | None:
    """The answer, once somebody listens again."""
    try:
        with closing(Line(place)) as again:
            return again.send(raw)
    except OSError:
        return None


def said(answer: Message) -> str:
    msa = answer.first("MSA")
    assert msa is not None
    return msa.field(1)


@pytest.mark.parametrize("encoding", list(CODECS))
def test_an_order_in_every_encoding_is_a_request_by_the_time_it_is_answered(
    place: Place, line: Line, support: Visitor, encoding: str
) -> None:
    answer = line.send(order(encoding, f"N-{encoding}", patient=f"P-{encoding}"), encoding)

    assert said(answer) == "AA"
    items = ask(support.page, "GET", "/api/v1/requests")["items"]
    (mine,) = [one for one in items if one["patient"] and one["patient"]["patient_id"] == f"P-{encoding}"]
    assert mine["patient"]["name_kanji"] == "山田 ソポタミ"
    assert mine["question"] == "右肺結節の経過（表）"


def test_a_message_in_pieces_and_two_in_one_piece_are_each_answered(line: Line) -> None:
    whole = framed(order("utf-8", "S1")) + b"\r\n" + framed(order("utf-8", "S2"))

    for at in range(0, len(whole), 40):
        line.socket.sendall(whole[at : at + 40])
    answers = [line.hear(), line.hear()]

    assert [said(one) for one in answers] == ["AA", "AA"]
    assert [one.first("MSA").field(2) for one in answers] == ["S1NW", "S2NW"]  # type: ignore[union-attr]


def test_many_senders_of_the_same_order_make_one_request(place: Place, support: Visitor) -> None:
    answers: list[str] = []

    def sender() -> None:
        mine = Line(place)
        answers.append(said(mine.send(order("utf-8", "RACE", patient="RACE"))))
        mine.close()

    threads = [threading.Thread(target=sender) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)

    assert answers == ["AA"] * 6
    items = ask(support.page, "GET", "/api/v1/requests")["items"]
    assert len([one for one in items if one["patient"] and one["patient"]["patient_id"] == "RACE"]) == 1


def test_noise_and_a_frame_without_end_do_not_disturb_a_good_sender(place: Place, line: Line) -> None:
    noisy, endless = Line(place), Line(place)
    noisy.socket.sendall(b"GET / HTTP/1.1\r\n" * 8000)
    endless.socket.sendall(b"\x0b" + b"MSH" * 1000)

    assert said(line.send(order("utf-8", "GOOD"))) == "AA"
    assert until(lambda: noisy.socket.recv(1) == b"" or None)
    noisy.close()
    endless.close()


def test_a_killed_listener_comes_back_and_what_was_answered_is_there(place: Place, support: Visitor) -> None:
    with closing(Line(place)) as before:
        assert said(before.send(order("utf-8", "KILL", patient="KILL"))) == "AA"

    os.kill(place.parts()["hl7"], signal.SIGKILL)
    answer = until(lambda: _sent_again(place, order("utf-8", "KILL", patient="KILL")))

    assert said(answer) == "AA"
    items = ask(support.page, "GET", "/api/v1/requests")["items"]
    assert len([one for one in items if one["patient"] and one["patient"]["patient_id"] == "KILL"]) == 1


def test_support_reads_tries_again_and_ends_what_was_not_taken(
    place: Place, line: Line, support: Visitor, tmp_path: Path
) -> None:
    page = support.page
    assert said(line.send(order("utf-8", "C9", control="CA"))) == "AE"
    assert said(line.send(order("shift_jis", "E1").replace(b"SHIFT_JIS", b"UTF-8"))) == "AE"

    page.goto(f"{place.url}/admin/quarantine")
    section = page.get_by_role("region", name="取り込めなかった電文")
    cancelled = section.get_by_role("row").filter(has_text="取り消す依頼が見つかりません")
    unreadable = section.get_by_role("row").filter(has_text="文字コード")
    expect(cancelled).to_have_count(1)
    cancelled.get_by_role("button", name="内容を見る").click()
    expect(page.get_by_role("dialog")).to_contain_text("山田^ソポタミ")
    assert support.accessibility() == []
    page.keyboard.press("Escape")

    assert said(line.send(order("utf-8", "C9"))) == "AA"
    cancelled.get_by_role("button", name="取り込み直す").click()
    expect(cancelled).to_be_hidden()
    unreadable.get_by_role("button", name="対応済みにする").click()
    page.get_by_role("textbox", name="理由").fill("接続試験の電文")
    page.get_by_role("dialog").get_by_role("button", name="対応済みにする").click()
    expect(unreadable).to_be_hidden()
    assert support.accessibility() == []
    assert support.faults == []


def test_support_sees_what_came_by_fhir_and_was_refused(place: Place, support: Visitor) -> None:
    page = support.page
    with place.client(place.token("shirahama", "request:write")) as his:
        bad = {
            "resourceType": "ServiceRequest",
            "status": "active",
            "intent": "order",
            "subject": {"display": "X"},
        }
        answer = his.post(
            "/api/fhir/R4/ServiceRequest", json=bad, headers={"Content-Type": "application/fhir+json"}
        )
    assert (answer.status_code, answer.json()["resourceType"]) == (422, "OperationOutcome")

    page.goto(f"{place.url}/admin/quarantine")
    section = page.get_by_role("region", name="取り込めなかった FHIR の依頼")
    row = section.get_by_role("row").filter(has_text="患者が分かりません")
    row.get_by_role("button", name="内容を見る").click()
    expect(page.get_by_role("dialog")).to_contain_text('"intent"')
    assert support.accessibility() == []
    page.keyboard.press("Escape")
    row.get_by_role("button", name="対応済みにする").click()
    page.get_by_role("textbox", name="理由").fill("接続試験")
    page.get_by_role("dialog").get_by_role("button", name="対応済みにする").click()

    expect(section).to_be_hidden()
    assert support.faults == []
