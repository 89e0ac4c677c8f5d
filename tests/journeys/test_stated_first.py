"""A request written before its images, and what the archive holds by itself."""

from datetime import date
from typing import Any

import pytest

from dokuei.imaging.models import Study
from dokuei.intake import services as intake
from dokuei.intake.linking.models import LinkCase
from dokuei.intake.services import Numbers
from dokuei.worklist.models import Reading
from tests.builders import NOW, a_study, actor, at_large, content, run_jobs
from tests.journeys.test_order_doors import an_order
from tests.journeys.test_resolution_doors import a_desk

pytestmark = pytest.mark.django_db(transaction=True)
JSON = "application/json"
POSSIBLE: dict[str, Any] = {"numbers": Numbers(), "exam_on": None}
"""Nothing contradicts, and nothing proves it."""
CONTRADICTING: dict[str, Any] = {"patient": {"birth_on": date(1971, 8, 2)}}


@pytest.mark.parametrize("typed", ["ﾔﾏﾀﾞ", "やまだ", "山田", "Ｐ1", "yamada", "YAMADA"])
def test_known_patients_are_found_however_they_are_typed(typed: str) -> None:
    desk = a_desk(patient={"patient_id": "P9", "name_kanji": "鈴木 花子", "name_kana": "スズキ ハナコ"})

    def ask(who: str) -> Any:
        address = f"/api/v1/patients/known?facility_id={desk.facility.pk}&q={typed}"
        return desk.windows[who].get(address)

    assert [one["patient_id"] for one in ask("technologist").json()] == ["P1"]
    assert (ask("stranger").status_code, ask("reader").status_code) == (404, 403)


def test_a_request_is_written_and_sent_before_its_images() -> None:
    desk = a_desk()
    window = desk.windows["technologist"]
    said = an_order(patient={"patient_id": "P7"}).model_dump(mode="json")
    body = {**said["content"], "stated": {key: said[key] for key in ("patient", "numbers", "exam_on")}}
    nameless = {**body["stated"]["patient"], "name_kanji": "", "name_kana": "", "patient_id": ""}

    draft = window.post(
        "/api/v1/requests", {**body, "stated": {"patient": nameless}}, content_type=JSON
    ).json()
    refused = window.post(f"/api/v1/requests/{draft['id']}/send", content_type=JSON)
    saved = window.put(f"/api/v1/requests/{draft['id']}", {**body, "revision": 1}, content_type=JSON).json()
    sent = window.post(f"/api/v1/requests/{draft['id']}/send", content_type=JSON)

    assert {one["field"] for one in refused.json()["missing"]} == {"patient_id", "name_kanji"}
    assert saved["stated"]["patient"]["patient_id"] == "P7"
    assert (sent.status_code, sent.json()["state"], sent.json()["patient"]["patient_id"]) == (
        200,
        "accepted",
        "P7",
    )


def test_images_the_archive_holds_by_itself_are_released_on_the_same_screen() -> None:
    desk = a_desk(patient={"patient_id": "P8"}, numbers=Numbers(), exam_on=None)
    study = a_study(desk.facility, patient_id="")
    requester = actor(desk.people["requester"])
    with at_large():
        LinkCase.objects.all().delete()
        drafted = intake.draft_request(
            requester, facility_id=desk.facility.pk, study_ids=[study.pk], content=content(), at=NOW
        )
        intake.send_request(requester, drafted.pk, at=NOW)
    run_jobs()
    with at_large():
        case = LinkCase.objects.get(request=drafted)
        held = Reading.objects.get(request=drafted)
    assert (case.is_held, held.state) == (True, "held")
    assert held.waits_for[0]["label"] == "矛盾の確認待ち: 画像に患者IDがありません"

    body = {"revision": case.revision, "reason": "救急搬送、後で登録"}
    answer = desk.windows["support"].post(f"/api/v1/resolution/{case.pk}/release", body, content_type=JSON)
    run_jobs()

    assert (answer.status_code, answer.json()["state"]) == (200, "closed")
    with at_large():
        assert Reading.objects.get(request=drafted).state == "waiting"
        assert Study.objects.get(pk=study.pk).receipt == "settled"
