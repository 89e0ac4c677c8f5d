"""What may be asked and answered, until when, and what waiting takes off the clock."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dokuei.intake.askbacks import rules
from dokuei.intake.askbacks.rules import Act, Addressee, Answer, AskBackRefusal, Question, State
from dokuei.intake.content import Content, Urgency
from dokuei.intake.rules import State as RequestState

NIGHT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SOUND = Question(kind="surgery", sentence="手術歴は？", options=("なし",), addressee="requester")


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def asked(**change: Any) -> Question:
    return Question(**{**vars(SOUND), **change})


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("state", State)
def test_only_an_open_ask_back_can_be_acted_on(state: State, act: Act) -> None:
    refusal = rules.why_not(state, act)

    expected = {
        State.ASKED: None,
        State.ANSWERED: AskBackRefusal.ANSWERED,
        State.WITHDRAWN: AskBackRefusal.WITHDRAWN,
        State.EXPIRED: AskBackRefusal.EXPIRED,
    }
    assert refusal is expected[state]


@pytest.mark.parametrize(
    ("act", "after"),
    [
        (Act.REMIND, State.ASKED),
        (Act.ANSWER, State.ANSWERED),
        (Act.WITHDRAW, State.WITHDRAWN),
        (Act.EXPIRE, State.EXPIRED),
    ],
)
def test_where_each_act_leads(act: Act, after: State) -> None:
    assert rules.LIFECYCLE[State.ASKED, act] is after


@pytest.mark.parametrize("kind", rules.KINDS, ids=lambda kind: kind.code)
def test_every_kind_can_be_asked_as_it_stands(kind: rules.Kind) -> None:
    question = Question(
        kind=kind.code,
        sentence=kind.sentence or "自由な文章",
        options=kind.options,
        addressee=kind.addressee,
    )

    assert rules.why_not_ask(question, "accepted", False) is None
    assert kind.field == "" or _stands_in(kind.field, Content().model_dump())


def _stands_in(path: str, content: dict[str, Any]) -> bool:
    first, _, rest = path.partition(".")
    return first in content and (not rest or _stands_in(rest, content[first]))


@pytest.mark.parametrize(
    ("question", "refusal"),
    [
        pytest.param(SOUND, None, id="sound"),
        pytest.param(asked(options=()), None, id="free text only"),
        pytest.param(asked(kind="weather"), AskBackRefusal.KIND, id="unknown kind"),
        pytest.param(asked(addressee="nobody"), AskBackRefusal.ADDRESSEE, id="unknown role"),
        pytest.param(asked(sentence="　 "), AskBackRefusal.SENTENCE, id="no sentence"),
        pytest.param(asked(sentence="あ" * 1001), AskBackRefusal.SENTENCE, id="too long"),
        pytest.param(asked(options=("なし", "なし ")), AskBackRefusal.OPTIONS, id="the same option twice"),
        pytest.param(asked(options=("なし", " ")), AskBackRefusal.OPTIONS, id="an empty option"),
        pytest.param(asked(options=tuple("1234567")), AskBackRefusal.OPTIONS, id="too many options"),
        pytest.param(asked(due_minutes=5), None, id="the shortest"),
        pytest.param(asked(due_minutes=4), AskBackRefusal.DUE, id="too short"),
        pytest.param(asked(due_minutes=0), AskBackRefusal.DUE, id="no time at all"),
        pytest.param(asked(due_minutes=7 * 1440 + 1), AskBackRefusal.DUE, id="too long to wait"),
    ],
)
def test_what_may_be_asked(question: Question, refusal: AskBackRefusal | None) -> None:
    assert rules.why_not_ask(question, "accepted", False) is refusal


@pytest.mark.parametrize("state", RequestState)
def test_only_of_a_request_that_was_sent_and_lives_something_is_asked(state: RequestState) -> None:
    refusal = rules.why_not_ask(SOUND, state, False)

    lives = {RequestState.SENT, RequestState.ACCEPTED, RequestState.FULFILLED}
    assert refusal is (None if state in lives else AskBackRefusal.NOT_ASKABLE)


def test_the_same_is_not_asked_twice_at_once() -> None:
    assert rules.why_not_ask(SOUND, "accepted", True) is AskBackRefusal.ALREADY_ASKED


@pytest.mark.parametrize(
    ("answer", "refusal", "words"),
    [
        pytest.param(Answer(option="なし"), None, "なし", id="a tap"),
        pytest.param(Answer(text=" 胆嚢摘出 "), None, "胆嚢摘出", id="words"),
        pytest.param(Answer(option="なし", text="問診"), None, "なし　問診", id="both"),
        pytest.param(Answer(), AskBackRefusal.ANSWER, "", id="nothing"),
        pytest.param(Answer(text="　"), AskBackRefusal.ANSWER, "", id="a blank"),
        pytest.param(Answer(option="あり"), AskBackRefusal.OPTION, "あり", id="not offered"),
    ],
)
def test_what_is_an_answer(answer: Answer, refusal: AskBackRefusal | None, words: str) -> None:
    assert rules.why_not_answer(answer, ["なし"]) is refusal
    assert answer.words == words


@pytest.mark.parametrize("urgency", Urgency)
def test_every_urgency_has_a_due_time_and_two_reminders_before_it(urgency: Urgency) -> None:
    until = rules.due_at(SOUND, urgency, NIGHT)
    first = rules.next_reminder(NIGHT, until, NIGHT)
    assert first is not None
    second = rules.next_reminder(NIGHT, until, first)
    assert second is not None

    assert until - NIGHT == minutes(rules.DUE_MINUTES[urgency])
    assert NIGHT < first < second < until
    assert rules.next_reminder(NIGHT, until, second) is None


def test_reminders_an_outage_swallowed_are_not_made_up_for() -> None:
    until = NIGHT + minutes(100)

    assert rules.next_reminder(NIGHT, until, NIGHT + minutes(60)) == NIGHT + minutes(80)
    assert rules.next_reminder(NIGHT, until, NIGHT + minutes(300)) is None


def test_the_asker_may_name_another_time() -> None:
    assert rules.due_at(asked(due_minutes=15), "checkup", NIGHT) == NIGHT + minutes(15)


@pytest.mark.parametrize(
    ("intervals", "until", "gross", "net"),
    [
        pytest.param([], 60, 60, 60, id="nothing asked"),
        pytest.param([(10, 20)], 60, 60, 50, id="one"),
        pytest.param([(10, 20), (30, 35)], 60, 60, 45, id="one after the other"),
        pytest.param([(10, 30), (20, 40)], 60, 60, 30, id="overlapping"),
        pytest.param([(10, 40), (20, 30)], 60, 60, 30, id="one within the other"),
        pytest.param([(20, 30), (10, 20)], 60, 60, 40, id="touching, not in order"),
        pytest.param([(50, 90)], 60, 60, 50, id="open beyond the signature"),
        pytest.param([(70, 90)], 60, 60, 60, id="asked after the signature"),
        pytest.param([(-5, 5)], 60, 60, 55, id="asked before the clock began"),
        pytest.param([(0, 60)], 60, 60, 0, id="waited all the time"),
        pytest.param([(10, 20)], -1, 0, 0, id="signed before it was sent"),
    ],
)
def test_gross_and_net_time(
    intervals: list[tuple[float, float]], until: float, gross: float, net: float
) -> None:
    spans = [(NIGHT + minutes(begin), NIGHT + minutes(end)) for begin, end in intervals]

    told = rules.clock(NIGHT, NIGHT + minutes(until), spans)

    assert told == rules.Clock(minutes(gross), minutes(net))


def test_the_revision_grows_with_every_asking_and_every_ending() -> None:
    steps = [[], [State.ASKED], [State.ASKED, State.ASKED], [State.EXPIRED, State.ASKED]]

    assert [rules.revision(one) for one in steps] == [0, 1, 2, 3]


def test_roles_have_names() -> None:
    assert set(rules.ADDRESSEES) == set(Addressee)
