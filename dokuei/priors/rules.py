"""Which priors are wanted in which order, what is asked when, and what a reader is told. No database, no clock."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from dokuei.base.errors import Refusal
from dokuei.priors.table import Relevance, Tier


class PriorsRefusal(Refusal):
    NOT_FETCHABLE = "prior.not_fetchable", "この過去検査は取り寄せできる状態ではありません。"
    NO_ARCHIVE = "prior.no_archive", "この施設には照会できるPACSが登録されていません。"
    UNDER_WAY = "prior.under_way", "施設のPACSに照会しています。しばらくお待ちください。"
    ENDED = "prior.ended", "この依頼は終わっているため、過去検査を取り寄せません。"
    REASON = "prior.rules_reason", "変更の理由を入力してください。"
    PAST = "prior.rules_past", "適用開始日は今日以降にしてください。"


class Search(StrEnum):
    """What is done about the facility's archive for one request."""

    LOCAL = "local"  # it has none to be asked, or the patient cannot be asked about
    ASKING = "asking"
    ANSWERED = "answered"
    UNREACHABLE = "unreachable"
    CLOSED = "closed"


class SearchAct(StrEnum):
    ASK = "ask"
    ANSWER = "answer"
    GIVE_UP = "give_up"
    CLOSE = "close"


SEARCH_LIFECYCLE = {
    (Search.LOCAL, SearchAct.ASK): Search.ASKING,
    (Search.LOCAL, SearchAct.CLOSE): Search.CLOSED,
    (Search.ASKING, SearchAct.ANSWER): Search.ANSWERED,
    (Search.ASKING, SearchAct.GIVE_UP): Search.UNREACHABLE,
    (Search.ASKING, SearchAct.CLOSE): Search.CLOSED,
    (Search.ANSWERED, SearchAct.ASK): Search.ASKING,
    (Search.ANSWERED, SearchAct.CLOSE): Search.CLOSED,
    (Search.UNREACHABLE, SearchAct.ASK): Search.ASKING,
    (Search.UNREACHABLE, SearchAct.CLOSE): Search.CLOSED,
}


class Candidate(StrEnum):
    """A study the facility's archive names."""

    SPARE = "spare"  # known there, not among the wanted
    WANTED = "wanted"
    FETCHING = "fetching"
    ARRIVED = "arrived"
    FAILED = "failed"
    NOT_FOUND = "not_found"
    CONTRADICTS = "contradicts"  # another patient, as far as its own words go


class Act(StrEnum):
    WANT = "want"
    FETCH = "fetch"
    REST = "rest"
    ARRIVE = "arrive"
    FAIL = "fail"
    MISS = "miss"
    CONTRADICT = "contradict"


LIFECYCLE = {
    (Candidate.SPARE, Act.WANT): Candidate.WANTED,
    (Candidate.SPARE, Act.ARRIVE): Candidate.ARRIVED,
    (Candidate.SPARE, Act.CONTRADICT): Candidate.CONTRADICTS,
    (Candidate.WANTED, Act.FETCH): Candidate.FETCHING,
    (Candidate.WANTED, Act.ARRIVE): Candidate.ARRIVED,
    (Candidate.WANTED, Act.FAIL): Candidate.FAILED,
    (Candidate.WANTED, Act.CONTRADICT): Candidate.CONTRADICTS,
    (Candidate.FETCHING, Act.FETCH): Candidate.FETCHING,
    (Candidate.FETCHING, Act.REST): Candidate.WANTED,
    (Candidate.FETCHING, Act.ARRIVE): Candidate.ARRIVED,
    (Candidate.FETCHING, Act.FAIL): Candidate.FAILED,
    (Candidate.FETCHING, Act.MISS): Candidate.NOT_FOUND,
    (Candidate.FETCHING, Act.CONTRADICT): Candidate.CONTRADICTS,
    (Candidate.FAILED, Act.WANT): Candidate.WANTED,
    (Candidate.FAILED, Act.ARRIVE): Candidate.ARRIVED,
    (Candidate.FAILED, Act.CONTRADICT): Candidate.CONTRADICTS,
    (Candidate.NOT_FOUND, Act.WANT): Candidate.WANTED,
    (Candidate.NOT_FOUND, Act.ARRIVE): Candidate.ARRIVED,
    (Candidate.NOT_FOUND, Act.CONTRADICT): Candidate.CONTRADICTS,
    (Candidate.ARRIVED, Act.CONTRADICT): Candidate.CONTRADICTS,
}
UNDER_WAY = (Candidate.WANTED, Candidate.FETCHING)
FETCHABLE = (Candidate.SPARE, Candidate.FAILED, Candidate.NOT_FOUND)

LATER = "later"
REST = "rest"


@dataclass(frozen=True, kw_only=True)
class Known:
    """A study of the patient, as far as relevance goes."""

    key: str
    part: str
    kind: str
    on: date | None
    is_later: bool = False
    """Made after the exam that is read; it is shown as such and never fetched."""


@dataclass(frozen=True)
class Choice:
    """Where a study stands in the order of relevance."""

    key: str
    tier: str
    label: str
    is_wanted: bool


def ranked(studies: Iterable[Known], table: Relevance) -> list[Choice]:
    """All studies, most relevant first: by tier, in a tier the newest first; and which of them are wanted.

    In each tier the newest and, beside them, the oldest are wanted, up to `table.most` altogether.
    """
    found: list[Choice] = []
    left = list(studies)
    room = table.most
    for tier in table.tiers:
        mine = sorted((one for one in left if _fits(one, tier)), key=_newest_first)
        left = [one for one in left if one not in mine]
        wanted = _of_tier([one.key for one in mine], tier)[:room]
        room -= len(wanted)
        found += [Choice(one.key, tier.code, tier.label, one.key in wanted) for one in mine]
    others = sorted((one for one in left if not one.is_later), key=_newest_first)
    later = sorted((one for one in left if one.is_later), key=_newest_first)
    found += [Choice(one.key, REST, "他の部位・検査", is_wanted=False) for one in others]
    return found + [Choice(one.key, LATER, "今回より後の検査", is_wanted=False) for one in later]


def _fits(one: Known, tier: Tier) -> bool:
    return not one.is_later and one.part in tier.parts and one.kind in tier.kinds


def _newest_first(one: Known) -> tuple[int, str]:
    return -(one.on.toordinal() if one.on else 0), one.key


def _of_tier(newest_first: Sequence[str], tier: Tier) -> list[str]:
    newest = list(newest_first[: tier.newest])
    oldest = [key for key in reversed(newest_first) if key not in newest][: tier.oldest]
    return newest + oldest


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who a study is said to be of."""

    patient_id: str
    issuer: str = ""
    birth_on: date | None = None
    sex: str = ""


def contradictions(ours: Identity, theirs: Identity) -> tuple[str, ...]:
    """What an archive's answer says against its being our patient's study; what it leaves out contradicts nothing,
    but for the patient ID: without it nobody knows whose it is."""
    found = []
    if theirs.patient_id != ours.patient_id:
        found.append("patient_id")
    if ours.issuer and theirs.issuer and theirs.issuer != ours.issuer:
        found.append("issuer")
    if ours.birth_on and theirs.birth_on and theirs.birth_on != ours.birth_on:
        found.append("birth_date")
    if {ours.sex, theirs.sex} == {"M", "F"}:
        found.append("sex")
    return tuple(found)


def is_before(made_on: date | None, exam_on: date) -> bool:
    """Whether a study may be fetched by itself: what is of the exam's own day may be the exam, and is no prior."""
    return made_on is not None and made_on < exam_on


WILD = set("*?\\")


def is_askable(patient_id: str) -> bool:
    """Whether an archive can be asked for exactly this ID: a wildcard in it would ask for other people's studies."""
    return (
        bool(patient_id) and patient_id.isascii() and patient_id.isprintable() and not WILD & set(patient_id)
    )


MOST_TRIES = 8
TRIES_FOR_THE_REST = 3
"""When an archive could send only a part of a study; then what came is taken for what there is, and said."""
SHORTEST_REST, LONGEST_REST = timedelta(seconds=10), timedelta(minutes=10)
ASK_AGAIN_AFTER = timedelta(minutes=3)
"""A question or a transfer that is under way is looked at again after this, in case who did it died."""
FETCH_AGAIN_AFTER = timedelta(minutes=20)
LISTED_WITHIN = timedelta(seconds=60)
LOOK_AGAIN_AFTER = timedelta(seconds=1)
"""What the archive says it has sent is listed here by then."""


def rest_after(tries: int) -> timedelta | None:
    """How long to rest after so many tries without an answer; None when it is given up."""
    return min(SHORTEST_REST * 2 ** max(tries - 1, 0), LONGEST_REST) if tries < MOST_TRIES else None


class State(StrEnum):
    """What is known of a reading's priors (product 5); never a guess."""

    RECEIVED = "received"
    ELSEWHERE = "elsewhere"
    NONE = "none"
    NOT_ASKED = "not_asked"


def prior_state(answer: str, *, here: int, at_facility: int) -> State:
    """The one of four states: what is here comes first, then what the archive names, then the facility's word.

    A facility that says "sent" while nothing is here has them elsewhere; "none" holds as long as nothing is known.
    """
    if here:
        return State.RECEIVED
    if at_facility or answer in {State.RECEIVED, State.ELSEWHERE}:
        return State.ELSEWHERE
    return State.NONE if answer == State.NONE else State.NOT_ASKED


@dataclass(frozen=True)
class Wait:
    """Until when a reading waits for its priors, and how many of how many are here."""

    until: datetime
    arrived: int
    wanted: int
    is_asking: bool


def wait_left(
    until: datetime | None, *, at: datetime, is_asking: bool, under_way: int, here: int
) -> Wait | None:
    """The wait that is left, or None: nothing is under way, or its time is over."""
    if until is None or at >= until or not (is_asking or under_way):
        return None
    return Wait(until, here, here + under_way, is_asking)
