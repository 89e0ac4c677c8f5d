"""Priors at the doors: who sees them, how a facility stands, what it decides, and what a changed request means."""

from datetime import UTC, datetime, timedelta

import pytest
from pydicom.uid import generate_uid

from dokuei.identity.access import Role
from dokuei.imaging.fetching.models import FetchedStudy
from dokuei.imaging.upkeep.retention import needed
from dokuei.intake.models import Request, RequestStudy
from dokuei.kit.db import scope
from dokuei.priors.models import PriorCandidate, PriorSearch
from dokuei.worklist import services as worklist
from dokuei.worklist.models import Reading
from tests.builders import (
    TEST,
    a_facility,
    a_person,
    a_sent_request,
    a_study,
    at_large,
    run_jobs,
    signed_in,
)
from tests.conformance.archives import FIND, GET, Archive, Case, a_prior, away, listening

pytestmark = pytest.mark.django_db(transaction=True)


def test_who_does_not_read_the_case_sees_no_prior_of_it(case: Case) -> None:
    with listening(Archive([a_prior("20240501")], offers=(FIND, GET))):
        case.sent().works()
    path = f"/api/v1/readings/{case.reading.pk}/priors"
    other = a_person(Role.READER, case.facility, email="other@test.test")
    elsewhere = a_facility("midori")
    strangers = [
        case.client,  # it is free still
        signed_in(a_person(Role.READER, elsewhere)),
        signed_in(a_person(Role.TECHNOLOGIST, elsewhere)),
    ]

    before = [one.get(path).status_code for one in strangers]
    client = case.claims()
    after = [signed_in(other).get(path).status_code, client.get(path).status_code]

    assert (before[:2], before[2] in {403, 404}) == ([404, 404], True)
    assert after == [404, 200]
    fetch = signed_in(other).post(f"{path}/fetch", {}, content_type="application/json")
    assert fetch.status_code == 404
    with scope({elsewhere.pk}):
        assert PriorSearch.objects.count() == PriorCandidate.objects.count() == 0
        assert FetchedStudy.objects.count() == 0


def test_a_facility_sees_how_its_requests_stand(case: Case) -> None:
    with listening(Archive([a_prior("20240501")], offers=(FIND, GET))):
        case.sent().works()
    path = f"/api/v1/facilities/{case.facility.pk}/prior-states"

    said = signed_in(case.requester).get(path).json()

    assert (said["total"], said["received"], said["elsewhere"], said["has_archive"]) == (1, 1, 0, True)
    assert signed_in(a_person(Role.REQUESTER, a_facility("midori"))).get(path).status_code in {403, 404}


def test_a_facility_decides_for_how_long_its_readings_wait(case: Case) -> None:
    lead = signed_in(a_person(Role.LEAD, case.facility))
    path = f"/api/v1/facilities/{case.facility.pk}/prior-rules"
    now = lead.get(path).json()
    table = {**now["default"], "wait_minutes": 3}
    today = datetime.now(UTC).astimezone().date().isoformat()
    body = {"table": table, "effective_from": "2000-01-01", "reason": "夜間"}
    assert lead.post(path, body, content_type="application/json").status_code == 409

    body["effective_from"] = max(today, (datetime.now(UTC) + timedelta(hours=9)).date().isoformat())
    decided = lead.post(path, body, content_type="application/json").json()
    with away():
        case.sent().works()
        case.works(100)
        waiting = case.row()["state"]
        case.works(181)

    assert decided["name"] == f"priors-{case.facility.pk}-1"
    assert (waiting, case.row()["state"]) == ("pending", "waiting")


def test_without_an_archive_nothing_is_asked_and_nothing_waits(case: Case) -> None:
    said = "右肺S2に8 mmの結節。経過観察を勧める。"
    comparison = {"state": "elsewhere", "where_when": "市民病院 2025年", "report_text": said}
    case.change = {"comparison": comparison}
    row = case.sent().row()

    assert row["state"] == "waiting"
    assert (row["priors"]["state"], row["priors"]["where_when"]) == ("elsewhere", "市民病院 2025年")
    assert case.priors(case.claims())["report_text"] == said  # pasted by the facility, travels with the case


def test_the_study_that_is_read_is_never_fetched_as_its_own_prior(case: Case) -> None:
    own = a_prior("20240501", StudyInstanceUID=case.study.study_instance_uid)
    today = a_prior("20261122")
    with listening(Archive([own, today], offers=(FIND, GET))) as pacs:
        case.sent().works()

    assert case.candidates() == [("spare", "")]  # of the exam's own day: only if somebody asks for it
    assert not [one for one in pacs.asked if not one.startswith("find")]


def test_a_request_that_turns_out_to_be_about_somebody_else_drops_what_was_found(case: Case) -> None:
    other = a_study(case.facility, patient_id="P2", study_uid=generate_uid())
    pacs = Archive([a_prior("20240501")], offers=(FIND, GET))
    with listening(pacs):
        case.sent().works()
        assert case.row()["priors"]["arrived"] == 1
        with at_large():
            type(case.request).objects.filter(pk=case.request.pk).update(patient_id=other.patient_id)
            Reading.objects.update(patient_id=other.patient_id)
            RequestStudy.objects.update(study=other)
            worklist.refresh_reading(TEST, case.reading.pk, at=datetime.now(UTC))
        assert case.row()["priors"]["contradicting"] == 1
        pacs.studies = [a_prior("20230501", patient_id="P2")]
        case.works()

    assert "find P2" in pacs.asked
    assert case.candidates() == [("contradicts", "other_patient"), ("arrived", "")]


def test_nothing_is_fetched_before_it_is_known_which_images_are_read(case: Case) -> None:
    with listening(Archive([a_prior("20240501")], offers=(FIND, GET))) as pacs:
        case.request = a_sent_request(case.requester, case.study)
        with at_large():
            RequestStudy.objects.all().delete()
        run_jobs()
        case.works()
        assert case.candidates() == [("spare", "")]
        assert len(pacs.asked) == 1

        with at_large():
            RequestStudy.objects.create(facility=case.facility, request=case.request, study=case.study)
            worklist.refresh_reading(TEST, case.reading.pk, at=datetime.now(UTC))
        case.works()

    assert case.candidates() == [("arrived", "")]
    assert case.row()["state"] == "waiting"


def test_the_images_of_a_prior_stay_until_the_exam_has_been_read(case: Case) -> None:
    prior = a_study(case.facility, study_uid=generate_uid())
    stranger = a_study(case.facility, patient_id="P7", study_uid=generate_uid())
    case.sent()

    with at_large():
        kept = needed([prior.pk, stranger.pk])
        Request.objects.update(state="fulfilled")
        after = needed([prior.pk, stranger.pk])

    assert (kept, after) == ({prior.pk}, set())


def test_a_table_is_tried_on_past_requests_before_it_is_decided(case: Case) -> None:
    lead = signed_in(a_person(Role.LEAD, case.facility))
    path = f"/api/v1/facilities/{case.facility.pk}/prior-rules"
    with listening(Archive([a_prior("20240501"), a_prior("20230501")], offers=(FIND, GET))):
        case.sent().works()
    now = lead.get(path).json()
    none = {**now["table"], "most": 0}

    tried = lead.post(f"{path}/preview", {"table": none}, content_type="application/json").json()
    same = lead.post(f"{path}/preview", {"table": now["table"]}, content_type="application/json").json()
    reader = case.client

    assert (tried["tried"], tried["changed"], tried["wanted_before"], tried["wanted_after"]) == (1, 1, 2, 0)
    assert [text.split()[0] for text in tried["items"][0]["fewer"]] == ["2024/05/01", "2023/05/01"]
    assert (same["changed"], same["items"]) == (0, [])
    assert lead.get(path).json() == now  # nothing is kept
    assert reader.post(f"{path}/preview", {"table": none}, content_type="application/json").status_code == 403
    assert now["history"] == []
