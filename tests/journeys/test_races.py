"""Two people in the same second, on real PostgreSQL with two connections."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections

from dokuei.audit.models import Entry
from dokuei.base.errors import DokueiError
from dokuei.identity.access import Role
from dokuei.imaging.models import Instance, Quarantined
from dokuei.imaging.services import store_instance
from dokuei.kit.db import scope
from dokuei.reporting import services as reporting
from dokuei.reporting.models import ReportVersion
from dokuei.worklist import services as readings
from dokuei.worklist.models import Reading
from tests.builders import (
    NOW,
    TEST,
    a_facility,
    a_person,
    a_sent_request,
    a_study,
    actor,
    at_large,
    ct_instance,
    run_jobs,
)

pytestmark = pytest.mark.django_db(transaction=True)


def together(*works: Callable[[], Any]) -> list[Any]:
    """Run works at the same moment, each with its own connection; a refusal is its code."""
    gate = threading.Barrier(len(works))
    results: list[Any] = [None] * len(works)

    def run(index: int, work: Callable[[], Any]) -> None:
        gate.wait()
        try:
            results[index] = work()
        except DokueiError as error:
            results[index] = error.error_code
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.parametrize("attempt", range(5))
def test_of_two_readers_in_the_same_second_one_gets_the_reading(attempt: int) -> None:
    facility = a_facility()
    asker = a_person(Role.REQUESTER, facility)
    actors = [actor(a_person(Role.READER, facility, email=f"r{n}@test.test")) for n in range(2)]
    a_sent_request(asker, a_study(facility))
    run_jobs()
    with at_large():
        reading = Reading.objects.get()

    def claim(who: Any) -> Callable[[], Any]:
        def work() -> str:
            with scope([facility.pk]):
                readings.claim_reading(who, reading.pk, at=NOW)
            return "claimed"

        return work

    assert sorted(together(*[claim(one) for one in actors])) == ["claimed", "reading.not_waiting"]
    with at_large():
        assert Entry.objects.filter(event="reading.claimed").count() == 1


def test_two_readers_asking_for_the_next_case_get_different_ones() -> None:
    facility = a_facility()
    asker = a_person(Role.REQUESTER, facility)
    actors = [actor(a_person(Role.READER, facility, email=f"r{n}@test.test")) for n in range(2)]
    for number in range(2):
        a_sent_request(asker, a_study(facility, patient_id=f"P{number}"))
    run_jobs()

    def take(who: Any) -> Callable[[], Any]:
        def work() -> int:
            with scope([facility.pk]):
                return readings.claim_next(who, at=NOW).pk

        return work

    got = together(*[take(one) for one in actors])

    assert len(set(got)) == 2
    assert all(isinstance(one, int) for one in got)


def test_a_report_signed_in_two_windows_at_once_has_one_version() -> None:
    facility = a_facility()
    asker, reader = a_person(Role.REQUESTER, facility), actor(a_person(Role.READER, facility))
    a_sent_request(asker, a_study(facility))
    run_jobs()
    with scope([facility.pk]):
        reading = readings.claim_next(reader, at=NOW)
        report = reporting.report_of_reading(reader, reading.pk, at=NOW)
        reporting.save_draft(
            reader, report.pk, findings="異常なし", impression="異常なし", revision=0, at=NOW
        )

    def sign() -> str:
        with scope([facility.pk]):
            reporting.sign_report(reader, report.pk, revision=1, overrides={}, at=NOW)
        return "signed"

    assert sorted(together(sign, sign)) == ["report.final", "signed"]
    with at_large():
        assert ReportVersion.objects.count() == 1


def test_the_same_image_sent_twice_at_once_is_kept_once() -> None:
    facility = a_facility()
    content = ct_instance(study_uid="1.2.3", sop_uid="1.2.3.4")

    def store() -> str:
        with at_large():
            return store_instance(TEST, facility_id=facility.pk, content=content, at=NOW).outcome.value

    assert sorted(together(store, store, store, store)) == ["repeated", "repeated", "repeated", "stored"]
    with at_large():
        assert (Instance.objects.count(), Quarantined.objects.count()) == (1, 0)
