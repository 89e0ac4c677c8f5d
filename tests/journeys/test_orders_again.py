"""Machine orders that are sent again, change, are cancelled, or come twice in the same second."""

from datetime import timedelta
from typing import Any

import pytest

from dokuei.audit.models import Entry
from dokuei.base.errors import DokueiError
from dokuei.identity.models import Facility
from dokuei.intake import services
from dokuei.intake.linking.models import LinkCase, PairDecision
from dokuei.intake.models import Request, RequestVersion
from dokuei.intake.ordering.models import PlacedOrder
from dokuei.intake.services import Numbers, Outcome
from dokuei.kit.db import scope
from tests.builders import NOW, TEST, a_facility, a_study, at_large, run_jobs
from tests.journeys.test_order_doors import an_order, links, place, reading
from tests.journeys.test_races import together

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_is_sent_twice_is_taken_once_and_writes_nothing() -> None:
    facility = a_facility()
    first = place(facility, an_order())
    with at_large():
        before = Entry.objects.count()

    again = place(facility, an_order(said_at=NOW))

    with at_large():
        assert Entry.objects.count() == before
        assert Request.objects.count() == RequestVersion.objects.count() == 1
    assert (again.outcome, again.request.pk) == (Outcome.SAME, first.request.pk)


def test_changed_content_is_the_next_version_and_the_reading_follows() -> None:
    facility = a_facility()
    place(facility, an_order(content={"urgency": "next_clinical_day"}))
    before = reading()

    changed = place(facility, an_order(content={"urgency": "emergency"}))

    after = reading()
    assert (changed.outcome, changed.request.version) == (Outcome.CHANGED, 2)
    assert (after.urgency, after.due_at) == ("emergency", NOW + timedelta(minutes=30))
    assert after.due_at < before.due_at
    assert after.clock_started_at == before.clock_started_at


def test_a_corrected_patient_is_compared_again() -> None:
    facility = a_facility()
    place(facility, an_order(patient={"sex": "F"}))
    a_study(facility)
    assert reading().state == "held"

    place(facility, an_order())

    released = reading()
    with at_large():
        case = LinkCase.objects.get()
    # the patient was registered by the wrong statement, so what is held of them contradicts until a person looks
    assert (released.state, case.is_held) == ("held", True)


def test_a_late_message_changes_nothing() -> None:
    facility = a_facility()
    place(facility, an_order(said_at=NOW, content={"question": "新しい目的"}))

    late = place(facility, an_order(said_at=NOW - timedelta(minutes=5), content={"question": "古い目的"}))

    assert late.outcome == Outcome.LATE
    with at_large():
        assert RequestVersion.objects.get().content["question"] == "新しい目的"


def test_an_order_that_lacks_nearly_everything_is_accepted_and_says_so() -> None:
    bare = {"question": "", "callback_phone": "", "exam": {"modality": "CT"}}

    placed = place(a_facility(), an_order(content=bare))

    with at_large():
        version = RequestVersion.objects.get()
    assert (placed.request.state, reading().state) == ("accepted", "pending")
    assert {"検査目的", "連絡先電話番号"} <= {one["label"] for one in version.completeness["missing"]}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"patient": {"patient_id": " "}}, id="no patient"),
        pytest.param({"content": {"exam": {}}}, id="no exam"),
    ],
)
def test_an_order_about_nobody_or_nothing_is_no_request(change: dict[str, Any]) -> None:
    facility = a_facility()

    with pytest.raises(DokueiError) as refused:
        place(facility, an_order(**change))

    assert refused.value.error_code == "order.incomplete"
    with at_large():
        assert Request.objects.count() == 0


def test_cancelling_twice_is_once_and_frees_the_images() -> None:
    facility = a_facility()
    place(facility, an_order())
    a_study(facility)
    run_jobs()

    for _ in range(2):
        with at_large():
            services.cancel_order(
                TEST, facility_id=facility.pk, source="ris", key="1", reason="検査中止", at=NOW
            )

    assert (reading().state, links()) == ("cancelled", [])
    with at_large():
        assert Entry.objects.filter(event="request.cancelled").count() == 1


def test_what_is_cancelled_is_not_changed_by_what_comes_after() -> None:
    facility = a_facility()
    place(facility, an_order())
    with at_large():
        services.cancel_order(TEST, facility_id=facility.pk, source="ris", key="1", reason="中止", at=NOW)

    with pytest.raises(DokueiError) as refused:
        place(facility, an_order(content={"question": "別の目的"}))

    assert refused.value.error_code == "request.wrong_state"


def test_keys_of_two_facilities_are_two_orders() -> None:
    for code in ("shirahama", "midori"):
        assert place(a_facility(code), an_order()).outcome == Outcome.PLACED

    with at_large():
        assert PlacedOrder.objects.count() == 2


def test_the_new_rows_are_kept_apart() -> None:
    facility = a_facility()
    place(facility, an_order(numbers=Numbers(), exam_on=None))
    a_study(facility)
    run_jobs()

    for model in (PlacedOrder, LinkCase):
        with scope([facility.pk]):
            assert model.objects.count() == 1
        with scope([facility.pk + 1]):
            assert model.objects.count() == 0
    with scope([facility.pk + 1]):
        assert PairDecision.objects.count() == 0


# ── two in the same second ─────────────────────────────────────────────────────────────────────


def within(facility: Facility, work: Any) -> Any:
    def run() -> Any:
        with scope([facility.pk]):
            return work()

    return run


@pytest.mark.parametrize("attempt", range(3))
def test_of_two_senders_of_one_order_one_places_it(attempt: int) -> None:
    facility = a_facility()

    def send() -> str:
        return services.place_order(TEST, facility_id=facility.pk, order=an_order(), at=NOW).outcome

    told = together(within(facility, send), within(facility, send))

    assert sorted(told) == ["placed", "same"]
    with at_large():
        assert Request.objects.count() == PlacedOrder.objects.count() == 1


@pytest.mark.parametrize("attempt", range(3))
def test_an_order_and_its_images_at_once_are_linked_once(attempt: int) -> None:
    facility = a_facility()
    study = a_study(facility, settled=False)

    def send(key: str) -> Any:
        order = an_order(key=key)
        return lambda: services.place_order(TEST, facility_id=facility.pk, order=order, at=NOW)

    together(within(facility, send("1")), within(facility, send("2")))
    run_jobs()

    assert len(links()) <= 1
    assert {one for one, _ in links()} <= {study.pk}
