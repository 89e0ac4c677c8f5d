"""Whom a mail is sent, and what a link may do. No database, no clock, no network."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from dokuei.base.errors import Refusal
from dokuei.intake.askbacks.rules import Addressee, State

MOST_MAILS = 10
"""To how many people at most one ask-back is announced at a time."""
MOST_WRONG = 5
"""After so many wrong identifications a link is over."""


class LinkState(StrEnum):
    PLANNED = "planned"
    SENT = "sent"
    FAILED = "failed"
    USED = "used"
    LOCKED = "locked"


class LinkAct(StrEnum):
    SEND = "send"
    FAIL = "fail"
    USE = "use"
    LOCK = "lock"


LIFECYCLE = {
    (LinkState.PLANNED, LinkAct.SEND): LinkState.SENT,
    (LinkState.PLANNED, LinkAct.FAIL): LinkState.FAILED,
    (LinkState.SENT, LinkAct.USE): LinkState.USED,
    (LinkState.SENT, LinkAct.LOCK): LinkState.LOCKED,
}


class LinkRefusal(Refusal):
    UNKNOWN = "link.unknown", "このリンクは使えません。画面にサインインして照会を確認してください。"
    USED = "link.used", "このリンクでの回答は済んでいます。追加で伝えることは、サポートに電話してください。"
    LOCKED = (
        "link.locked",
        "確認の入力が続けて一致しなかったため、このリンクは使えません。サインインして回答してください。",
    )
    THROTTLED = "link.throttled", "続けて開けなかったため、しばらく待ってからやり直してください。"
    ANSWERED = "link.answered", "この照会には既に回答があります。"
    ENDED = "link.ended", "この照会は終了しています。内容を伝えるには、サポートに電話してください。"
    DIFFERENT = (
        "link.different",
        "患者IDまたは生年月日が一致しません。自施設のシステムで検査を確認してください。",
    )


@dataclass(frozen=True)
class Candidate:
    """Somebody of the facility who could be told."""

    person_id: int
    roles: frozenset[str]
    is_sender: bool
    """Whether they sent the request."""


ROLES = {Addressee.REQUESTER: {"requester"}, Addressee.TECHNOLOGIST: {"technologist"}}


def recipients(addressee: Addressee, people: Sequence[Candidate]) -> list[int]:
    """Those who hold the role that is asked, who sent the request before the others; everybody if nobody holds it.

    A question for the office, which is no role, goes to all.
    """
    wanted = ROLES.get(addressee, set())
    fitting = [one for one in people if not wanted or one.roles & wanted] or list(people)
    fitting.sort(key=lambda one: not one.is_sender)
    return [one.person_id for one in fitting[:MOST_MAILS]]


def why_not(link: LinkState, asked: State) -> Refusal | None:
    """Return why a link opens nothing now, or None."""
    if link is LinkState.USED:
        return LinkRefusal.USED
    if link is LinkState.LOCKED:
        return LinkRefusal.LOCKED
    if link is not LinkState.SENT:
        return LinkRefusal.UNKNOWN
    if asked is State.ANSWERED:
        return LinkRefusal.ANSWERED
    return None if asked is State.ASKED else LinkRefusal.ENDED


def is_same(patient_id: str, birth_on: date, said_id: str, said_on: date) -> bool:
    """Whether two identifiers name the patient; zeros before a number do not count."""
    return _plain(patient_id) == _plain(said_id) and birth_on == said_on


def _plain(text: str) -> str:
    return text.strip().upper().lstrip("0")
