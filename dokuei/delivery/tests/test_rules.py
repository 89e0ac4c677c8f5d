"""When a delivery is tried again, and who may confirm."""

from datetime import timedelta

import pytest

from dokuei.delivery import rules
from dokuei.delivery.rules import DeliveryRefusal, Seen, SeenAct


def test_waits_grow_to_ten_minutes_and_then_a_person_is_called() -> None:
    waits = [rules.wait_before_try(tries) for tries in range(1, 14)]

    assert waits[0] == timedelta(seconds=2)
    assert waits[9] == timedelta(minutes=10)
    assert waits[10] == timedelta(minutes=10)
    assert waits[11:] == [None, None]


@pytest.mark.parametrize("state", list(Seen))
def test_a_report_is_confirmed_only_after_it_was_opened(state: Seen) -> None:
    refusal = rules.why_not_confirm(state, SeenAct.CONFIRM, is_addressee=True)

    assert (refusal is None) == (state == Seen.OPENED)


@pytest.mark.parametrize("state", list(Seen))
@pytest.mark.parametrize("act", list(SeenAct))
def test_somebody_else_changes_nothing(state: Seen, act: SeenAct) -> None:
    assert rules.why_not_confirm(state, act, is_addressee=False) == DeliveryRefusal.NOT_ADDRESSED
