"""Two people in the same second, on real PostgreSQL with two connections."""

from collections.abc import Callable
from typing import Any

import pytest

from dokuei.audit.models import Entry
from dokuei.identity.access import Role
from dokuei.intake.askbacks import services
from dokuei.intake.askbacks.models import AskBack
from dokuei.intake.askbacks.rules import Answer, Question
from dokuei.kit.db import scope
from dokuei.reporting import services as reporting
from dokuei.reporting.models import ReportVersion
from dokuei.worklist import services as readings
from tests.builders import (
    NOW,
    a_facility,
    a_person,
    a_sent_request,
    a_study,
    actor,
    at_large,
    run_due,
    run_jobs,
)
from tests.journeys.test_races import together

pytestmark = pytest.mark.django_db(transaction=True)
QUESTION = Question(kind="surgery", sentence="手術歴は？", options=("なし", "あり"), addressee="requester")


class Night:
    """A facility, its request and the reader who holds it."""

    def __init__(self) -> None:
        self.facility = a_facility()
        self.asker = a_person(Role.REQUESTER, self.facility)
        self.reader = actor(a_person(Role.READER, self.facility))
        self.support = actor(a_person(Role.SUPPORT))
        self.answerers = [
            actor(a_person(Role.TECHNOLOGIST, self.facility, email=f"t{n}@test.test")) for n in range(2)
        ]
        self.request = a_sent_request(self.asker, a_study(self.facility))
        run_jobs()
        with scope([self.facility.pk]):
            self.reading = readings.claim_next(self.reader, at=NOW)

    def within(self, work: Callable[[], Any], told: str) -> Callable[[], str]:
        def run() -> str:
            with scope([self.facility.pk]):
                work()
            return told

        return run

    def asked(self) -> int:
        with scope([self.facility.pk]):
            return readings.ask_back(self.reader, self.reading.pk, QUESTION, at=NOW)

    def answering(self, ask_back: int, who: int, option: str) -> Callable[[], str]:
        answer = Answer(option=option)
        return self.within(
            lambda: services.answer_ask_back(self.answerers[who], ask_back, answer, at=NOW), "answered"
        )


@pytest.mark.parametrize("attempt", range(5))
def test_of_two_askers_of_the_same_one_asks(attempt: int) -> None:
    night = Night()

    by_reader = night.within(
        lambda: readings.ask_back(night.reader, night.reading.pk, QUESTION, at=NOW), "asked"
    )
    by_support = night.within(
        lambda: services.ask_for_request(night.support, night.request.pk, QUESTION, at=NOW), "asked"
    )

    assert sorted(together(by_reader, by_support)) == ["ask_back.already_asked", "asked"]
    with at_large():
        assert AskBack.objects.count() == Entry.objects.filter(event="ask_back.asked").count() == 1


@pytest.mark.parametrize(
    ("options", "told"),
    [(("なし", "なし"), ["answered", "answered"]), (("なし", "あり"), ["answered", "ask_back.answered"])],
    ids=["the same", "different"],
)
def test_of_two_answers_at_once_one_stands(options: tuple[str, str], told: list[str]) -> None:
    night = Night()
    ask_back = night.asked()

    got = together(*[night.answering(ask_back, n, option) for n, option in enumerate(options)])

    assert sorted(got) == told
    with at_large():
        assert Entry.objects.filter(event="ask_back.answered").count() == 1


@pytest.mark.parametrize("attempt", range(3))
def test_an_answer_and_the_end_of_its_time_cannot_both_be(attempt: int) -> None:
    night = Night()
    ask_back = night.asked()
    with at_large():
        due = AskBack.objects.get().due_at

    def end() -> str:
        run_due(due)
        return "ended"

    got = together(night.answering(ask_back, 0, "なし"), end)
    run_due(due)  # the loop leaves a locked row to its next round

    with at_large():
        row = AskBack.objects.get()
        marks = Entry.objects.filter(event__in=["ask_back.answered", "ask_back.expired"])
        assert marks.count() == 1
    assert (got[0], row.state) in {("answered", "answered"), ("ask_back.expired", "expired")}


@pytest.mark.parametrize("attempt", range(3))
def test_an_answer_at_the_moment_of_signing_is_in_the_report_or_after_it(attempt: int) -> None:
    night = Night()
    ask_back = night.asked()
    with scope([night.facility.pk]):
        report = reporting.report_of_reading(night.reader, night.reading.pk, at=NOW)
        reporting.save_draft(
            night.reader, report.pk, findings="異常なし", impression="異常なし", revision=0, at=NOW
        )

    sign = night.within(
        lambda: reporting.sign_report(
            night.reader, report.pk, revision=1, overrides={}, ask_backs_revision=1, at=NOW
        ),
        "signed",
    )
    got = together(sign, night.answering(ask_back, 0, "なし"))

    assert got[1] == "answered"
    with at_large():
        versions = list(ReportVersion.objects.all())
    if got[0] == "signed":
        assert versions[0].body["ask_backs"][0]["state"] == "asked"
    else:
        assert (got[0], versions) == ("report.ask_backs_changed", [])
