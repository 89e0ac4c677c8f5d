"""What a request is scored by is data: decided by the office, tried before, and never changing what was sent."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from pypdf import PdfReader

from dokuei.audit.models import Entry
from dokuei.base.clock import local_date
from dokuei.identity.access import Role
from dokuei.intake.events import RequestAccepted
from dokuei.intake.handlers import ask_what_is_missing
from dokuei.intake.models import RequestVersion
from dokuei.intake.scoring.models import RuleTable
from dokuei.intake.scoring.table import DEFAULT
from dokuei.kit.db import scope
from tests.builders import a_facility, a_person, a_study, at_large, content, run_due, run_jobs, signed_in

pytestmark = pytest.mark.django_db(transaction=True)
JSON = "application/json"
GIVEN: dict[str, Any] = {
    "contrast": {
        "planned": "yes",
        "given": "yes",
        "agent": "イオパミドール",
        "dose_ml": 100,
        "rate_ml_s": 2.5,
    },
    "renal": {"egfr": 41, "measured_on": "2020-01-10"},
    "surgery": "右上葉切除",
    "surgery_when": "2019年3月",
}


class House:
    def __init__(self) -> None:
        self.facility = a_facility()
        self.requester = signed_in(a_person(Role.REQUESTER, self.facility))
        self.lead = signed_in(a_person(Role.LEAD))

    def drafted(self, **change: Any) -> dict[str, Any]:
        study = a_study(self.facility, patient_id=f"P{RuleTable.objects.count()}{len(change)}")
        body = {**content(**change).model_dump(mode="json"), "study_ids": [study.pk]}
        return answered(self.requester.post("/api/v1/requests", body, content_type=JSON))

    def sent(self, **change: Any) -> dict[str, Any]:
        draft = self.drafted(**change)
        return answered(self.requester.post(f"/api/v1/requests/{draft['id']}/send", {}, content_type=JSON))

    def decide(self, client: Client | None = None, **change: Any) -> Any:
        body = {
            "facility_ids": [self.facility.pk],
            "table": table(),
            "effective_from": today(),
            "reason": "造影剤委員会の決定",
            **change,
        }
        return (client or self.lead).post("/api/v1/request-rules", body, content_type=JSON)


def today(days: int = 0) -> str:
    return (local_date(datetime.now(UTC)) + timedelta(days=days)).isoformat()


def table(**limits: float) -> dict[str, Any]:
    return {**DEFAULT.model_dump(mode="json"), "limits": {**DEFAULT.limits.model_dump(), **limits}}


def answered(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def sentences(request: dict[str, Any]) -> list[str]:
    return [one["sentence"] for one in request["completeness"]["cautions"]]


@pytest.fixture
def house() -> House:
    return House()


def test_a_later_table_changes_drafts_and_never_what_was_sent(house: House) -> None:
    sent, draft = house.sent(**GIVEN), house.drafted(**GIVEN, complaint="咳")
    assert len(sentences(sent)) == 1
    assert "日前の値です（基準 90日以内）" in sentences(sent)[0]

    assert answered(house.decide(table=table(iodine_egfr=45, renal_valid_days=3650)))["decided"] == 1

    def again(one: dict[str, Any]) -> dict[str, Any]:
        return answered(house.requester.get(f"/api/v1/requests/{one['id']}"))

    assert again(sent)["completeness"] == sent["completeness"]
    assert sentences(again(draft)) == ["eGFR 41 はヨード造影の基準 45 未満です"]
    assert again(draft)["completeness"]["rule"] == f"facility-{house.facility.pk}-1"
    with at_large():
        (entry,) = Entry.objects.filter(event="rules.decided")
    assert entry.facility_id == house.facility.pk


def test_a_table_holds_from_its_day_on_and_the_newest_of_a_day_wins(house: House) -> None:
    answered(house.decide(table=table(iodine_egfr=45), effective_from=today(3)))
    answered(house.decide(table=table(iodine_egfr=35)))
    answered(house.decide(table=table(iodine_egfr=50)))

    told = answered(house.lead.get(f"/api/v1/facilities/{house.facility.pk}/request-rules"))

    assert told["table"]["limits"]["iodine_egfr"] == 50
    assert [(one["number"], one["is_now"]) for one in told["history"]] == [(1, False), (3, True), (2, False)]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"effective_from": "2020-01-01"}, "rules.past"),
        ({"reason": "　 "}, "rules.reason"),
        ({"facility_ids": []}, "rules.no_facility"),
    ],
)
def test_what_cannot_be_decided_is_refused_whole(house: House, change: dict[str, Any], code: str) -> None:
    answer = house.decide(**change)

    assert answer.status_code == 409, answer.content
    assert answer.json()["code"] == code
    with at_large():
        assert RuleTable.objects.count() == 0


def test_an_unknown_item_or_facility_is_refused_whole(house: House) -> None:
    assert house.decide(table={**table(), "weights": {"shoe_size": 3}}).status_code == 422
    assert house.decide(facility_ids=[house.facility.pk, 999_999]).status_code == 404
    with at_large():
        assert RuleTable.objects.count() == 0


@pytest.mark.parametrize("role", list(Role))
def test_who_decides_and_who_reads(house: House, role: Role) -> None:
    client = signed_in(a_person(role, house.facility, email=f"who-{role.value}@test.test"))
    decides, reads = (
        role in {Role.LEAD, Role.ADMINISTRATOR},
        role in {Role.LEAD, Role.ADMINISTRATOR, Role.SUPPORT},
    )
    root = f"/api/v1/facilities/{house.facility.pk}/request-rules"

    assert client.get(root).status_code == (200 if reads else 403)
    tried = client.post(f"{root}/preview", {"table": table()}, content_type=JSON)
    assert tried.status_code == (200 if decides else 403)
    assert house.decide(client).status_code == (200 if decides else 403)


def test_a_change_is_tried_on_what_was_sent_and_names_nobody(house: House) -> None:
    sent = house.sent(**GIVEN)
    house.sent(comparison={"state": "none"})
    weights = {**DEFAULT.weights, "surgery": 100}
    root = f"/api/v1/facilities/{house.facility.pk}/request-rules/preview"

    answer = house.lead.post(
        root, {"table": {**table(iodine_egfr=45), "weights": weights}}, content_type=JSON
    )
    told = answered(answer)

    assert (told["tried"], told["changed"]) == (2, 2)
    (one,) = [row for row in told["items"] if row["request_id"] == sent["id"]]
    assert one["before"] == sent["completeness"]["score"] < one["after"]
    assert one["more"] == ["eGFR 41 はヨード造影の基準 45 未満です"]
    assert sent["patient"]["display_name"] not in answer.content.decode()
    assert (
        answered(house.requester.get(f"/api/v1/requests/{sent['id']}"))["completeness"]
        == sent["completeness"]
    )
    with at_large():
        assert RuleTable.objects.count() == 0


def test_the_database_keeps_tables_of_other_facilities_away(house: House) -> None:
    answered(house.decide())
    other = a_facility("far")
    with scope([other.pk]), connection.cursor() as cursor:
        cursor.execute("select count(*) from intake_ruletable")
        assert cursor.fetchone() == (0,)
    with scope([house.facility.pk]), connection.cursor() as cursor:
        cursor.execute("select count(*) from intake_ruletable")
        assert cursor.fetchone() == (1,)


def test_the_report_tells_what_was_said_and_what_was_not(house: House) -> None:
    house.sent(**GIVEN)
    run_jobs()
    reader = signed_in(a_person(Role.READER, house.facility))
    reading = answered(reader.post("/api/v1/readings/next", {}, content_type=JSON))
    root = f"/api/v1/readings/{reading['id']}/report"
    report = answered(reader.get(root))
    text = {"findings": "異常なし。", "impression": "異常なし。", "revision": report["revision"]}
    saved = answered(reader.put(f"/api/v1/reports/{report['id']}/draft", text, content_type=JSON))
    body = {"revision": saved["revision"]}
    answered(reader.post(f"/api/v1/reports/{report['id']}/sign", body, content_type=JSON))
    run_jobs()
    run_due()

    document = house.requester.get(f"/api/v1/reports/{report['id']}/versions/1/pdf")

    pages = PdfReader(io.BytesIO(document.content)).pages
    words = "".join("".join(page.extract_text() for page in pages).split())
    for said in ("右上葉切除", "2019年3月", "100mL", "2.5mL/s", "eGFR41", "（2020-01-10）"):
        assert said in words, said
    assert "臨床情報不足:主訴・症状、現病歴・既往歴" in words
    assert "悪性腫瘍の既往" in words
    assert "妊娠の可能性" not in words  # he is a man


def test_what_an_earlier_request_said_is_offered_and_never_copied(house: House) -> None:
    first = house.sent(**GIVEN, risk={"allergy": "yes", "allergy_note": "エビ", "pregnancy": "yes"})
    study = a_study(house.facility, patient_id=first["patient"]["patient_id"])
    body = {**content(callback_phone="").model_dump(mode="json"), "study_ids": [study.pk]}
    second = answered(house.requester.post("/api/v1/requests", body, content_type=JSON))
    assert (second["surgery"], second["callback_phone"]) == ("", "")

    told = answered(house.requester.get(f"/api/v1/requests/{second['id']}/earlier"))

    assert (told["patient"]["surgery"], told["patient"]["surgery_when"]) == ("右上葉切除", "2019年3月")
    assert told["patient"]["allergy_note"] == "エビ"
    assert told["patient"]["renal"]["measured_on"] == "2020-01-10"
    assert "pregnancy" not in told["patient"]
    assert told["contact"]["callback_phone"] == "内線 1234"
    other = signed_in(a_person(Role.TECHNOLOGIST, house.facility))
    assert answered(other.get(f"/api/v1/requests/{second['id']}/earlier"))["contact"] is None
    far = signed_in(a_person(Role.REQUESTER, a_facility("far")))
    assert far.get(f"/api/v1/requests/{second['id']}/earlier").status_code == 404


def test_what_the_rules_ask_back_is_asked_once_by_itself(house: House) -> None:
    before = house.sent()
    answered(house.decide(table={**table(), "ask": ["surgery", "comparison"]}))
    said = house.sent(surgery="なし", comparison={"state": "none"})
    sent = house.sent(surgery="なし")
    run_jobs()
    with at_large():
        for _ in range(2):
            ask_what_is_missing(RequestAccepted(sent["id"], house.facility.pk), datetime.now(UTC))

    def asked(request: dict[str, Any]) -> list[tuple[str, str, str]]:
        told = answered(house.requester.get(f"/api/v1/requests/{request['id']}/ask-backs"))
        return [(one["label"], one["state"], one["asked_by"]) for one in told["items"]]

    assert asked(sent) == [("比較検査の所在", "asked", "自動照会（充足度の基準）")]
    assert asked(before) == asked(said) == []
    (one,) = answered(house.requester.get("/api/v1/ask-backs"))["items"]
    answer = {"option": "過去の検査はない"}
    answered(house.requester.post(f"/api/v1/ask-backs/{one['id']}/answer", answer, content_type=JSON))
    with at_large():
        ask_what_is_missing(RequestAccepted(sent["id"], house.facility.pk), datetime.now(UTC))
    assert asked(sent) == [("比較検査の所在", "answered", "自動照会（充足度の基準）")]

    root = f"/api/v1/facilities/{house.facility.pk}"
    told = answered(house.requester.get(f"{root}/request-coaching"))
    costs = {item["field"]: item["asked"] for item in told["items"]}
    assert (costs["comparison"], costs["surgery"]) == (1, 0)
    body = {"table": {**table(), "ask": ["surgery", "comparison"]}}
    tried = answered(house.lead.post(f"{root}/request-rules/preview", body, content_type=JSON))
    assert tried["asked"] == 3  # two of the first, one of the last


def test_a_withdrawn_request_is_asked_nothing(house: House) -> None:
    answered(house.decide(table={**table(), "ask": ["surgery"]}))
    sent = house.sent()
    body = {"reason": "誤って送信"}
    answered(house.requester.post(f"/api/v1/requests/{sent['id']}/cancel", body, content_type=JSON))
    run_jobs()
    assert answered(house.requester.get(f"/api/v1/requests/{sent['id']}/ask-backs"))["items"] == []


def test_a_facility_sees_what_its_requests_lack_month_by_month(house: House) -> None:
    house.sent(comparison={"state": "none"})
    house.sent(surgery="なし", complaint="咳")
    old = house.sent(surgery="なし")
    with at_large():
        version = RequestVersion.objects.get(request_id=old["id"])
        # 00:30 of the first day of last month in Japan: the month before in UTC
        this = local_date(datetime.now(UTC)).replace(day=1)
        last = (this - timedelta(days=1)).replace(day=1)
        version.sent_at = datetime(last.year, last.month, last.day, tzinfo=UTC) - timedelta(
            hours=8, minutes=30
        )
        version.save(update_fields=["sent_at"])
    root = f"/api/v1/facilities/{house.facility.pk}/request-coaching"

    told = answered(house.requester.get(root))

    assert [one["sent"] for one in told["months"]] == [0, 0, 0, 0, 1, 2]
    assert told["months"][-1]["month"] == this.isoformat()
    lacking = {one["field"]: one["missing"] for one in told["items"]}
    assert lacking["complaint"] == [0, 0, 0, 0, 1, 1]
    assert lacking["comparison"] == [0, 0, 0, 0, 1, 1]
    assert lacking["surgery"] == [0, 0, 0, 0, 0, 1]
    assert "question" not in lacking
    far = signed_in(a_person(Role.REQUESTER, a_facility("far")))
    assert far.get(root).status_code == 404
    reader = signed_in(a_person(Role.READER, house.facility))
    assert reader.get(root).status_code == 403
