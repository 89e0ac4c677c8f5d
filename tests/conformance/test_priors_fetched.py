"""Priors from a facility's archive: found by C-FIND, fetched by C-MOVE or C-GET; honest, lying, slow and dead ones."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event as Flag
from typing import Any

import pytest

from dokuei.audit.models import Entry
from dokuei.imaging import services as images
from dokuei.imaging.dimse import Listener
from dokuei.imaging.fetching import moving
from dokuei.imaging.fetching.models import FetchedStudy
from dokuei.imaging.models import Instance, Study
from dokuei.priors import rules, tasks
from dokuei.priors.models import PriorSearch
from tests.builders import (
    at_large,
    run_due,
    run_jobs,
    signed_in,
)
from tests.conformance.archives import FIND, GET, MOVE, Archive, Case, a_prior, away, listening
from tests.conformance.conftest import a_device, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_relevant_priors_are_moved_to_us_before_the_reading_is_given_out(
    case: Case, listener: Listener
) -> None:
    abdomen = a_prior("20250101", BodyPartExamined="HEAD", StudyDescription="頭部CT")
    pacs = Archive([a_prior("20240501"), a_prior("20230501", count=3), abdomen])
    pacs.knows["DOKUEI"] = ("127.0.0.1", listener.port)
    with listening(pacs):
        case.sent()
        assert [wait["what"] for wait in case.row()["waits_for"]] == ["priors"]
        assert case.client.post(f"/api/v1/readings/{case.reading.pk}/claim").status_code == 409

        case.works()
        wait_until(listener.lister.is_idle)
        case.works(2)

    row = case.row()
    assert (row["state"], row["waits_for"]) == ("waiting", [])
    assert (row["priors"]["state"], row["priors"]["arrived"], row["priors"]["wanted"]) == ("received", 2, 2)
    assert case.candidates() == [("spare", ""), ("arrived", ""), ("arrived", "")]
    items = case.priors(case.claims())["items"]
    assert [(one["study_on"], one["state"], one["chosen_for"]) for one in items] == [
        ("2024-05-01", "arrived", "同じ部位・同じ検査"),
        ("2023-05-01", "arrived", "同じ部位・同じ検査"),
        ("2025-01-01", "spare", "他の部位・検査"),
    ]
    assert sum(one.startswith("move") for one in pacs.asked) == 2
    assert not [one for one in pacs.asked if one.startswith("get")]


def test_what_was_fetched_is_no_new_work_and_is_opened_with_the_reading(
    case: Case, listener: Listener
) -> None:
    pacs = Archive([a_prior("20240501")], knows={"DOKUEI": ("127.0.0.1", listener.port)})
    with listening(pacs):
        case.sent().works()
        wait_until(listener.lister.is_idle)
        case.works(2)

    office = signed_in(case.requester)
    every = office.get("/api/v1/studies").json()["items"]
    fresh = office.get("/api/v1/studies?without_request=true").json()["items"]
    assert sorted(one["is_fetched"] for one in every) == [False, True]
    assert fresh == []
    with at_large():
        assert FetchedStudy.objects.get().wanted_by == f"request:{case.request.pk}"
        assert Entry.objects.filter(event="study.fetched").count() == 1
    shown = case.claims().get(f"/api/v1/readings/{case.reading.pk}/images").json()["studies"]
    assert [one["role"] for one in shown] == ["current", "prior"]


@pytest.mark.parametrize(
    "offers",
    [
        pytest.param((FIND, GET), id="no C-MOVE"),
        pytest.param((FIND, MOVE, GET), id="C-MOVE, but our listener is unknown to it"),
    ],
)
def test_an_archive_that_cannot_move_to_us_is_asked_by_c_get(case: Case, offers: tuple[str, ...]) -> None:
    with listening(Archive([a_prior("20240501", count=3)], offers=offers)) as pacs:
        case.sent().works()

    assert case.candidates() == [("arrived", "")]
    assert pacs.asked[-1].startswith("get")
    assert case.row()["priors"]["arrived"] == 1
    with at_large():
        fetched = Study.objects.exclude(pk=case.study.pk).get()
        assert Instance.objects.filter(study=fetched).count() == 3


LIES: dict[str, tuple[dict[str, Any], str]] = {
    "another patient ID": ({"PatientID": "P12"}, "patient_id"),
    "no patient ID": ({"PatientID": ""}, "patient_id"),
    "another birth date": ({"PatientBirthDate": "19860312"}, "birth_date"),
    "another sex": ({"PatientSex": "F"}, "sex"),
}


@pytest.mark.parametrize(("says", "why"), LIES.values(), ids=LIES)
def test_an_answer_that_contradicts_the_patient_is_not_fetched_and_said(
    case: Case, says: dict[str, Any], why: str
) -> None:
    with listening(Archive([a_prior("20240501")], says=says)) as pacs:
        case.sent().works()

    assert case.candidates() == [("contradicts", why)]
    assert len(pacs.asked) == 1
    row = case.row()
    assert (row["state"], row["priors"]["contradicting"], row["priors"]["arrived"]) == ("waiting", 1, 0)
    with at_large():
        assert Study.objects.count() == 1
        assert Entry.objects.filter(event="prior.contradicts").count() == 1


def test_images_of_another_patient_sent_for_a_prior_are_not_shown(case: Case) -> None:
    real = a_prior("20240501")
    others = a_prior("20240501", patient_id="P9", StudyInstanceUID=real[0].StudyInstanceUID)
    with listening(Archive([real], sends=others, offers=(FIND, GET))):
        case.sent().works()

    assert case.candidates() == [("contradicts", "other_patient")]
    assert case.row()["priors"]["arrived"] == 0
    client = case.claims()
    shown = client.get(f"/api/v1/readings/{case.reading.pk}/images").json()["studies"]
    assert [one["role"] for one in shown] == ["current"]
    (item,) = case.priors(client)["items"]
    assert (item["state"], item["why"], item["study_id"]) == (
        "contradicts",
        "画像が別の患者のものでした",
        None,
    )


def test_a_study_nobody_asked_for_is_not_taken_by_c_get(case: Case) -> None:
    with listening(Archive([a_prior("20240501")], sends=a_prior("20240501"), offers=(FIND, GET))):
        case.sent().works()

    with at_large():
        assert Study.objects.count() == 1
    assert case.candidates()[0][0] in {"wanted", "failed"}


@contextmanager
def silent() -> Iterator[None]:
    """Takes the connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        a_device("PACS", "shirahama", "127.0.0.1", port=server.getsockname()[1], is_archive=True)
        yield


@pytest.mark.parametrize("archive", [away, silent])
def test_a_dead_archive_is_tried_again_until_a_limit_and_holds_a_reading_only_so_long(
    case: Case, archive: Any
) -> None:
    with archive():
        case.sent().works()
        assert [wait["label"] for wait in case.row()["waits_for"]] == ["過去検査を照会中"]
        for minutes in range(1, 10):
            case.works(60 * minutes)
        assert case.row()["state"] == "pending"

        case.works(601)
        assert case.row()["state"] == "waiting"
        for minutes in range(11, 60):
            case.works(60 * minutes)

    with at_large():
        search = PriorSearch.objects.get()
        assert (search.state, search.ask_at, search.silent) == ("unreachable", None, ["PACS"])
        assert search.tries == rules.MOST_TRIES
    assert case.row()["priors"]["search"] == "unreachable"


def test_a_slow_archive_is_left_and_tried_again(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "SILENCE_SECONDS", 0.3)
    pacs = Archive([a_prior("20240501")], offers=(FIND, GET))
    with listening(pacs):
        case.sent()
        with at_large():
            search = PriorSearch.objects.get()
        run_due()
        tasks.find_priors.func(search.pk)
        pacs.waits_for = Flag()
        case.works()

        assert case.candidates() == [("wanted", "slow")]
        pacs.waits_for.set()
        pacs.waits_for = None
        case.works(60)

    assert case.candidates() == [("arrived", "")]


def test_an_emergency_never_waits(case: Case) -> None:
    case.change = {"urgency": "emergency", "urgency_reason": "意識障害"}
    with listening(Archive([a_prior("20240501")], offers=(FIND, GET))):
        case.sent()
        assert case.row()["state"] == "waiting"
        client = case.claims()
        case.works()

    shown = client.get(f"/api/v1/readings/{case.reading.pk}/images").json()["studies"]
    assert [one["role"] for one in shown] == ["current", "prior"]  # what came meanwhile is opened, too


def test_a_search_that_was_cut_off_is_taken_up_again_and_doubles_nothing(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    with listening(Archive([a_prior("20240501", count=3)], offers=(FIND, GET))) as pacs:
        case.sent()
        run_due()
        run_jobs()
        real, calls = images.fetch_study, []

        def dies(*given: Any) -> Any:
            calls.append(real(*given))
            raise SystemExit

        monkeypatch.setattr(images, "fetch_study", dies)
        run_due()
        with pytest.raises(SystemExit):
            run_jobs()
        assert case.candidates() == [("fetching", "")]
        monkeypatch.setattr(images, "fetch_study", real)

        run_jobs()  # the worker's sweep puts the job of a dead one back
        case.works()

    assert case.candidates() == [("arrived", "")]
    assert sum(one.startswith("get") for one in pacs.asked) == 2
    with at_large():
        assert Instance.objects.exclude(study=case.study).count() == 3
        assert PriorSearch.objects.count() == 1


def test_what_is_not_there_any_more_is_said_and_asked_for_again(case: Case) -> None:
    real = a_prior("20240501")
    pacs = Archive([real], sends=[], offers=(FIND, GET))
    with listening(pacs):
        case.sent().works()
        client = case.claims()
        (item,) = case.priors(client)["items"]
        assert (item["state"], item["why"], item["may_fetch"]) == (
            "not_found",
            "施設PACSに画像がありません",
            True,
        )
        pacs.sends = None

        path = f"/api/v1/readings/{case.reading.pk}/priors/fetch"
        body = {"candidate_id": item["candidate_id"]}
        asked = client.post(path, body, content_type="application/json").json()
        case.works()

    assert asked["items"][0]["state"] == "wanted"
    assert case.priors(client)["items"][0]["state"] == "arrived"
