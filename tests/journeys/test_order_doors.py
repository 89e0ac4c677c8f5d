"""Machine orders, requests before their images, and what is linked by itself."""

from datetime import date, timedelta
from typing import Any

import pytest

from dokuei.audit.models import Entry
from dokuei.base.clock import local_date
from dokuei.identity.access import Role
from dokuei.identity.models import Facility
from dokuei.intake import services
from dokuei.intake.linking.models import LinkCase
from dokuei.intake.models import RequestStudy, RequestVersion
from dokuei.intake.services import Numbers, Order, Outcome, StatedPatient
from dokuei.patients.models import Patient
from dokuei.worklist.models import Reading
from tests.builders import NOW, TEST, a_facility, a_person, a_study, actor, at_large, content, run_jobs

pytestmark = pytest.mark.django_db(transaction=True)
EXAM_ON = date(2026, 11, 22)
"""The day of the builders' images."""


def an_order(*, key: str = "1", patient: dict[str, Any] | None = None, **change: Any) -> Order:
    said = change.pop("content", {})
    return Order(
        **{
            "patient": StatedPatient(
                **{
                    "patient_id": "P1",
                    "name_kanji": "山田 太郎",
                    "name_kana": "ヤマダ タロウ",
                    "birth_on": date(1968, 3, 12),
                    "sex": "M",
                    **(patient or {}),
                }
            ),
            "content": content(**said),
            "numbers": Numbers(accession_number="A1"),
            "exam_on": EXAM_ON,
            "source": "ris",
            "key": key,
            **change,
        }
    )


def place(facility: Facility, order: Order) -> services.Placed:
    with at_large():
        return services.place_order(TEST, facility_id=facility.pk, order=order, at=NOW)


def reading() -> Reading:
    run_jobs()
    with at_large():
        return Reading.objects.get()


def links() -> list[tuple[int, str]]:
    with at_large():
        return list(RequestStudy.objects.order_by("id").values_list("study_id", "method"))


def test_an_order_without_images_waits_for_them_and_its_clock_runs() -> None:
    placed = place(a_facility(), an_order())

    opened = reading()

    assert (placed.outcome, placed.request.state) == (Outcome.PLACED, "accepted")
    assert (opened.state, [one["label"] for one in opened.waits_for]) == ("pending", ["画像の到着待ち"])
    assert (opened.clock_started_at, opened.waits_for[0]["owner"]) == (NOW, "施設")
    assert opened.due_at > NOW
    with at_large():
        version = RequestVersion.objects.get()
    assert version.stated is not None
    assert version.stated["patient"]["name_kanji"] == "山田 太郎"


def test_the_clock_of_an_order_starts_with_its_images() -> None:
    facility = a_facility()
    with at_large():
        services.place_order(TEST, facility_id=facility.pk, order=an_order(), at=NOW - timedelta(hours=30))
    before = reading()

    a_study(facility)
    after = reading()

    assert before.clock_started_at < NOW
    assert (after.state, after.clock_started_at) == ("waiting", NOW)
    assert after.due_at == NOW + timedelta(minutes=120)
    assert after.warned == 0


def test_an_order_for_a_day_to_come_is_not_due_before() -> None:
    place(a_facility(), an_order(exam_on=local_date(NOW) + timedelta(days=5)))

    assert local_date(reading().due_at) > local_date(NOW) + timedelta(days=5)


def test_an_order_that_was_placed_half_a_year_ahead_gets_its_images() -> None:
    facility = a_facility()
    planned = an_order(numbers=Numbers(), exam_on=EXAM_ON)
    with at_large():
        services.place_order(TEST, facility_id=facility.pk, order=planned, at=NOW - timedelta(days=180))
        services.place_order(
            TEST,
            facility_id=facility.pk,
            order=an_order(key="2", numbers=Numbers(), exam_on=EXAM_ON + timedelta(days=180)),
            at=NOW - timedelta(days=1),
        )
    run_jobs()

    study = a_study(facility)
    run_jobs()

    assert links() == [(study.pk, "rules")]
    with at_large():
        assert RequestStudy.objects.get().request.placed_order.key == "1"


def test_an_exam_that_is_put_off_moves_the_deadline() -> None:
    facility = a_facility()
    place(facility, an_order())
    first = reading().due_at

    place(facility, an_order(exam_on=local_date(NOW) + timedelta(days=3)))

    assert local_date(reading().due_at) >= local_date(first) + timedelta(days=3)


def test_images_that_come_are_linked_by_themselves_and_the_reading_goes_on() -> None:
    facility = a_facility()
    place(facility, an_order())
    run_jobs()

    study = a_study(facility)

    assert reading().state == "waiting"
    assert links() == [(study.pk, "rules")]
    with at_large():
        row = RequestStudy.objects.get()
        entry = Entry.objects.get(event="request.linked")
        case = LinkCase.objects.get()
    assert (row.rules, "accession_number.same" in row.evidence) == ("matching-1", True)
    assert str(study.pk) in entry.body
    assert (case.state, case.is_held) == ("closed", False)


def test_an_order_that_comes_after_its_images_finds_them() -> None:
    facility = a_facility()
    study = a_study(facility)
    run_jobs()

    place(facility, an_order())

    assert links() == [(study.pk, "rules")]
    assert reading().state == "waiting"


@pytest.mark.parametrize(
    ("patient", "sentence"),
    [
        pytest.param({"name_kanji": "佐藤 花子", "name_kana": "サトウ ハナコ"}, "異なります", id="name"),
        pytest.param({"birth_on": date(1971, 8, 2)}, "生年月日が異なります", id="birth date"),
        pytest.param({"sex": "F"}, "性別が異なります", id="sex"),
    ],
)
@pytest.mark.parametrize("urgency", ["emergency", "urgent"])
@pytest.mark.parametrize("first", ["order", "images"])
def test_a_contradiction_holds_the_reading_with_its_reason_an_emergency_too(
    patient: dict[str, Any], sentence: str, urgency: str, first: str
) -> None:
    facility = a_facility()
    order = an_order(patient=patient, content={"urgency": urgency})
    for step in ("order", "images") if first == "order" else ("images", "order"):
        if step == "order":
            place(facility, order)
        else:
            a_study(facility)
        run_jobs()

    held = reading()

    assert held.state == "held"
    assert links() == []
    assert any(sentence in wait["label"] for wait in held.waits_for)
    assert {wait["owner"] for wait in held.waits_for} == {"サポート"}
    with at_large():
        case = LinkCase.objects.get()
    assert (case.state, case.is_held) == ("open", True)


def test_another_side_or_part_holds_it_also_where_a_person_chose_the_images() -> None:
    facility = a_facility()
    requester = actor(a_person(Role.REQUESTER, facility))
    study = a_study(facility)
    said = content(
        exam={"modality": "CT", "body_part": "頭部", "description": "頭部単純CT"}, urgency="emergency"
    )
    with at_large():
        request = services.draft_request(
            requester, facility_id=facility.pk, study_ids=[study.pk], content=said, at=NOW
        )
        services.send_request(requester, request.pk, at=NOW)

    held = reading()

    assert held.state == "held"
    assert [wait["label"] for wait in held.waits_for] == ["矛盾の確認待ち: 部位が異なります"]


def test_nothing_stated_fills_or_replaces_what_is_held_of_a_patient() -> None:
    facility = a_facility()
    a_study(facility)

    place(facility, an_order(patient={"name_kanji": "佐藤 花子", "name_kana": "", "birth_on": None}))

    with at_large():
        patient = Patient.objects.get()
    assert (patient.name_kanji, patient.birth_date) == ("山田 太郎", date(1968, 3, 12))


def test_what_cannot_be_decided_waits_for_a_person() -> None:
    facility = a_facility()
    place(facility, an_order(numbers=Numbers(), exam_on=None))
    a_study(facility)

    waiting = reading()

    assert links() == []
    assert (waiting.state, waiting.waits_for[0]["what"]) == ("pending", "matching")
    with at_large():
        case = LinkCase.objects.get()
    assert (case.state, case.is_held, len(case.findings)) == ("open", False, 1)


def test_two_orders_that_both_fit_leave_the_images_to_a_person() -> None:
    facility = a_facility()
    for key in ("1", "2"):
        place(facility, an_order(key=key, numbers=Numbers()))
    a_study(facility)
    run_jobs()

    assert links() == []
    with at_large():
        assert LinkCase.objects.filter(state="open").count() == 2


def test_when_one_of_two_is_cancelled_the_other_gets_its_images() -> None:
    facility = a_facility()
    for key in ("1", "2"):
        place(facility, an_order(key=key, numbers=Numbers()))
    a_study(facility)
    run_jobs()

    with at_large():
        services.cancel_order(TEST, facility_id=facility.pk, source="ris", key="1", reason="中止", at=NOW)
    run_jobs()

    with at_large():
        assert RequestStudy.objects.get().request.placed_order.key == "2"
        assert LinkCase.objects.filter(state="open").count() == 0


def test_another_facilitys_images_are_never_compared() -> None:
    place(a_facility(), an_order())
    a_study(a_facility("midori"))

    assert reading().waits_for[0]["what"] == "images"
    assert links() == []
