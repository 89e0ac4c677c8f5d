"""From arrived images to a confirmed report, through the HTTP door, in one process."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from pypdf import PdfReader

from dokuei.audit.models import Entry
from dokuei.audit.queries import verify
from dokuei.identity.access import Role
from dokuei.imaging.models import Study, StudyGrant
from dokuei.reporting.models import ReportVersion
from dokuei.worklist.models import Reading
from tests.builders import (
    a_facility,
    a_person,
    a_sent_request,
    a_study,
    at_large,
    content,
    run_due,
    run_jobs,
    signed_in,
)

pytestmark = pytest.mark.django_db(transaction=True)
JSON = "application/json"


class House:
    """A facility with people and one settled study."""

    def __init__(self) -> None:
        self.facility = a_facility()
        self.requester = a_person(Role.REQUESTER, self.facility)
        self.reader = a_person(Role.READER, self.facility)
        self.study = a_study(self.facility)
        self.facility_side = signed_in(self.requester)
        self.reader_side = signed_in(self.reader)

    def claimed(self, **change: Any) -> dict[str, Any]:
        """A sent request whose reading the reader has claimed; the report, just begun."""
        a_sent_request(self.requester, self.study, **change)
        run_jobs()
        reading = post(self.reader_side, "/api/v1/readings/next").json()
        report = self.reader_side.get(f"/api/v1/readings/{reading['id']}/report").json()
        return {"reading": reading, "report": report}


@pytest.fixture
def house() -> House:
    return House()


def post(client: Client, path: str, body: Any = None) -> Any:
    return client.post(path, body if body is not None else {}, content_type=JSON)


def put(client: Client, path: str, body: Any) -> Any:
    return client.put(path, body, content_type=JSON)


TEXT = {
    "findings": "右肺上葉に12mm大の結節を認めます。\n髙橋医師の依頼①に回答します。",
    "impression": "右肺上葉結節。肺癌を否定できません。",
}


def test_a_study_travels_to_a_confirmed_report(house: House) -> None:
    drafted = post(
        house.facility_side,
        "/api/v1/requests",
        {**content().model_dump(mode="json"), "study_ids": [house.study.pk]},
    ).json()
    sent = post(house.facility_side, f"/api/v1/requests/{drafted['id']}/send").json()
    assert sent["state"] == "accepted"
    run_jobs()

    box = house.reader_side.get("/api/v1/readings").json()
    assert [row["state"] for row in box["items"]] == ["waiting"]
    assert box["items"][0]["patient"]["name_kanji"] == "山田 太郎"
    reading = box["items"][0]["id"]
    assert post(house.reader_side, f"/api/v1/readings/{reading}/claim").status_code == 200
    images = house.reader_side.get(f"/api/v1/readings/{reading}/images").json()
    assert images["studies"][0]["study"]["instance_count"] == 2

    report = house.reader_side.get(f"/api/v1/readings/{reading}/report").json()
    saved = put(house.reader_side, f"/api/v1/reports/{report['id']}/draft", {**TEXT, "revision": 0}).json()
    signed = post(house.reader_side, f"/api/v1/reports/{report['id']}/sign", {"revision": saved["revision"]})
    assert signed.status_code == 200, signed.content
    assert signed.json()["state"] == "final"
    run_jobs()
    run_due()

    row = house.facility_side.get("/api/v1/deliveries").json()["items"][0]
    assert row["state"] == "delivered"
    assert row["impression_head"].startswith("右肺上葉結節")
    assert {one["state"] for one in row["confirmations"]} == {"delivered"}
    pdf = house.facility_side.get(f"/api/v1/reports/{report['id']}/versions/1/pdf")
    assert pdf["Content-Type"] == "application/pdf"
    text = "".join(PdfReader(io.BytesIO(pdf.content)).pages[0].extract_text().split())
    assert "山田太郎" in text
    assert text.index("肺癌を否定できません") < text.index("12mm大の結節")
    assert "髙橋医師の依頼①" in text
    mine = house.facility_side.get("/api/v1/deliveries").json()["items"][0]["mine"]
    assert mine["state"] == "opened"
    assert post(house.facility_side, f"/api/v1/confirmations/{mine['id']}/confirm").status_code == 200
    acted = post(
        house.facility_side, f"/api/v1/confirmations/{mine['id']}/act", {"action": "呼吸器内科へ紹介"}
    )
    assert acted.json()["state"] == "acted"
    with at_large():
        proof = verify()
    assert proof.is_whole
    assert proof.checked > 10


def test_a_request_over_two_patients_is_refused(house: House) -> None:
    other = a_study(house.facility, patient_id="P2", name="Suzuki^Hanako=鈴木^花子=すずき^はなこ")

    answer = post(
        house.facility_side,
        "/api/v1/requests",
        {**content().model_dump(mode="json"), "study_ids": [house.study.pk, other.pk]},
    )

    assert answer.status_code == 409
    assert answer.json()["code"] == "request.two_patients"


def test_a_study_is_asked_about_once(house: House) -> None:
    a_sent_request(house.requester, house.study)

    answer = post(
        house.facility_side,
        "/api/v1/requests",
        {**content().model_dump(mode="json"), "study_ids": [house.study.pk]},
    )

    assert answer.json()["code"] == "request.study_taken"


def test_a_stale_save_is_refused_with_the_newer_text(house: House) -> None:
    report = house.claimed()["report"]
    path = f"/api/v1/reports/{report['id']}/draft"
    put(house.reader_side, path, {**TEXT, "revision": 0})

    stale = put(house.reader_side, path, {"findings": "別のタブ", "impression": "", "revision": 0})

    assert stale.status_code == 409
    assert stale.json()["theirs"]["findings"] == TEXT["findings"]


def test_a_release_keeps_the_draft_for_the_next_reader(house: House) -> None:
    case = house.claimed()
    put(
        house.reader_side,
        f"/api/v1/reports/{case['report']['id']}/draft",
        {**TEXT, "revision": 0},
    )
    other = signed_in(a_person(Role.READER, house.facility, email="second@test.test"))

    path = f"/api/v1/readings/{case['reading']['id']}"
    assert post(house.reader_side, f"{path}/release", {"reason": "当直交代"}).status_code == 200
    assert post(other, f"{path}/claim").status_code == 200

    assert other.get(f"{path}/report").json()["findings"] == TEXT["findings"]
    lost = put(
        house.reader_side,
        f"/api/v1/reports/{case['report']['id']}/draft",
        {**TEXT, "revision": 1},
    )
    assert lost.status_code == 409
    assert lost.json()["code"] == "report.not_yours"


def test_a_lease_without_signs_of_life_ends_and_the_draft_stays(house: House) -> None:
    case = house.claimed()
    put(
        house.reader_side,
        f"/api/v1/reports/{case['report']['id']}/draft",
        {**TEXT, "revision": 0},
    )

    run_due(datetime.now(UTC) + timedelta(minutes=31))

    row = house.reader_side.get("/api/v1/readings").json()["items"][0]
    assert row["state"] == "waiting"
    assert house.reader_side.get(f"/api/v1/readings/{row['id']}/images").json()["studies"] == []
    post(house.reader_side, f"/api/v1/readings/{row['id']}/claim")
    again = house.reader_side.get(f"/api/v1/readings/{row['id']}/report").json()
    assert again["findings"] == TEXT["findings"]


def test_a_deadline_that_passes_is_written_down_by_itself(house: House) -> None:
    a_sent_request(house.requester, house.study, urgency="emergency")
    run_jobs()

    for minutes in (16, 24, 28, 31):
        run_due(datetime.now(UTC) + timedelta(minutes=minutes))

    with at_large():
        reading = Reading.objects.get()
    assert reading.warned == 100
    assert reading.next_warning_at is None
    assert house.reader_side.get("/api/v1/readings").json()["items"][0]["state"] == "waiting"


def test_signing_needs_the_second_factor_again(house: House) -> None:
    report = house.claimed()["report"]
    put(house.reader_side, f"/api/v1/reports/{report['id']}/draft", {**TEXT, "revision": 0})
    tired = signed_in(house.reader, elevated=False)

    answer = post(tired, f"/api/v1/reports/{report['id']}/sign", {"revision": 1})

    assert answer.status_code == 403
    assert answer.json()["code"] == "auth.elevation_required"


def test_the_other_side_is_signed_only_with_a_reason(house: House) -> None:
    report = house.claimed()["report"]
    wrong = {"findings": "左肺に結節。", "impression": "左肺結節。"}
    put(house.reader_side, f"/api/v1/reports/{report['id']}/draft", {**wrong, "revision": 0})
    path = f"/api/v1/reports/{report['id']}/sign"

    refused = post(house.reader_side, path, {"revision": 1})
    passed = post(
        house.reader_side,
        path,
        {"revision": 1, "overrides": [{"code": "side.request", "reason": "依頼の誤記を施設に確認済"}]},
    )

    assert refused.status_code == 409
    assert [one["code"] for one in refused.json()["checks"]] == ["side.request"]
    assert passed.status_code == 200
    with at_large():
        body = ReportVersion.objects.get().body
    assert body["overrides"] == {"side.request": "依頼の誤記を施設に確認済"}


def test_a_signed_version_cannot_be_changed(house: House) -> None:
    report = house.claimed()["report"]
    put(house.reader_side, f"/api/v1/reports/{report['id']}/draft", {**TEXT, "revision": 0})
    post(house.reader_side, f"/api/v1/reports/{report['id']}/sign", {"revision": 1})

    late = put(house.reader_side, f"/api/v1/reports/{report['id']}/draft", {**TEXT, "revision": 1})
    with pytest.raises(DatabaseError, match="never changes"), at_large(), connection.cursor() as cursor:
        cursor.execute("update reporting_reportversion set signed_by_name = 'x'")

    assert late.json()["code"] == "report.final"


def test_a_prior_of_the_same_patient_is_beside_the_present_study(house: House) -> None:
    prior = a_study(house.facility)
    case = house.claimed()

    images = house.reader_side.get(f"/api/v1/readings/{case['reading']['id']}/images").json()

    assert [(one["role"], one["study"]["id"]) for one in images["studies"]] == [
        ("current", house.study.pk),
        ("prior", prior.pk),
    ]
    assert case["reading"]["priors"]["arrived"] == 1


def test_an_unsettled_study_waits_and_an_emergency_does_not(house: House) -> None:
    arriving = a_study(house.facility, settled=False, patient_id="P3")
    urgent = a_study(house.facility, settled=False, patient_id="P4")
    a_sent_request(house.requester, arriving)
    a_sent_request(house.requester, urgent, urgency="emergency")
    run_jobs()

    rows = house.reader_side.get("/api/v1/readings").json()["items"]
    states = {row["patient"]["patient_id"]: row["state"] for row in rows}
    assert states == {"P3": "pending", "P4": "waiting"}
    assert [row["waits_for"][0]["label"] for row in rows if row["state"] == "pending"] == ["画像を受信中"]
    with at_large():
        Study.objects.filter(pk=arriving.pk).update(settle_due_at=datetime.now(UTC))
    run_due()
    run_jobs()
    rows = house.reader_side.get("/api/v1/readings").json()["items"]
    assert {row["state"] for row in rows} == {"waiting"}


def test_a_withdrawn_request_takes_its_reading_along(house: House) -> None:
    case = house.claimed()
    requests = house.facility_side.get("/api/v1/requests").json()["items"]

    path = f"/api/v1/requests/{requests[0]['id']}/cancel"
    assert post(house.facility_side, path, {"reason": ""}).json()["code"] == "request.reason"
    assert post(house.facility_side, path, {"reason": "撮り直し"}).status_code == 200
    run_jobs()

    with at_large():
        reading = Reading.objects.get(pk=case["reading"]["id"])
    assert (reading.state, reading.reader_id) == ("cancelled", None)


def test_the_requesters_opening_does_not_count_for_the_facility(house: House) -> None:
    report = house.claimed()["report"]
    put(house.reader_side, f"/api/v1/reports/{report['id']}/draft", {**TEXT, "revision": 0})
    post(house.reader_side, f"/api/v1/reports/{report['id']}/sign", {"revision": 1})
    run_jobs()
    run_due()

    def states() -> dict[str, str]:
        row = house.facility_side.get("/api/v1/deliveries?box=all").json()["items"][0]
        return {one["kind"]: one["state"] for one in row["confirmations"]}

    house.facility_side.get(f"/api/v1/reports/{report['id']}")
    assert states() == {"requester": "opened", "facility": "delivered"}
    colleague = signed_in(a_person(Role.REQUESTER, house.facility, email="other@test.test"))
    colleague.get(f"/api/v1/reports/{report['id']}")
    assert states() == {"requester": "opened", "facility": "opened"}


def test_a_case_chosen_in_the_list_may_be_fetched_by_who_may_claim_it_and_stays_free(house: House) -> None:
    a_sent_request(house.requester, a_study(house.facility, patient_id="P2"))
    run_jobs()
    (row,) = house.reader_side.get("/api/v1/readings?box=open").json()["items"]
    path = f"/api/v1/readings/{row['id']}/prepare"
    other = signed_in(a_person(Role.READER, house.facility, email="other@test.test"))
    elsewhere = signed_in(a_person(Role.READER, a_facility("kushimoto"), email="away@test.test"))

    got = post(house.reader_side, path)
    again = post(house.reader_side, path)

    assert [study["role"] for study in got.json()["studies"]] == ["current"]
    assert again.status_code == 200
    assert post(elsewhere, path).status_code == 404
    assert post(house.facility_side, path).status_code == 403
    with at_large():
        (grant,) = StudyGrant.objects.filter(reason=f"ahead:{row['id']}")
        assert grant.until is not None
        assert Reading.objects.get(pk=row["id"]).state == "waiting"
        assert Entry.objects.filter(event="reading.prepared").count() == 2
    assert post(other, f"/api/v1/readings/{row['id']}/claim").status_code == 200
    assert post(house.reader_side, path).json()["code"] == "reading.not_waiting"
    assert post(other, path).status_code == 200


def test_who_holds_a_reading_may_fetch_the_next_ones_images_and_it_stays_free_for_everybody(
    house: House,
) -> None:
    held = house.claimed()["reading"]["id"]
    a_sent_request(house.requester, a_study(house.facility, patient_id="P2"))
    run_jobs()
    other = signed_in(a_person(Role.READER, house.facility, email="other@test.test"))

    got = post(house.reader_side, f"/api/v1/readings/{held}/ahead").json()["images"]
    refused = post(other, f"/api/v1/readings/{held}/ahead")

    (study,) = got["studies"]
    assert study["role"] == "current"
    assert refused.json()["code"] == "reading.not_yours"
    with at_large():
        (grant,) = StudyGrant.objects.filter(reason__startswith="ahead:")
        assert grant.until is not None
        assert Reading.objects.get(pk=int(grant.reason.removeprefix("ahead:"))).state == "waiting"
        assert Entry.objects.filter(event="reading.prepared").count() == 1
    claimed = post(other, "/api/v1/readings/next")
    assert claimed.status_code == 200
    assert post(house.reader_side, f"/api/v1/readings/{held}/ahead").json()["images"] is None
