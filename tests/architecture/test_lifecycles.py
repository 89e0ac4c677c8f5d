"""Every lifecycle table is whole: states are reached, ends are ends, and the database knows the same words."""

from enum import StrEnum
from typing import Any

import pytest
from django.apps import apps

from dokuei.delivery import rules as delivery
from dokuei.identity import rules as identity
from dokuei.imaging import rules as imaging
from dokuei.imaging.viewers import rules as viewers
from dokuei.intake import rules as intake
from dokuei.intake.askbacks import rules as askbacks
from dokuei.priors import rules as priors
from dokuei.reporting import rules as reporting
from dokuei.reporting.objects import rules as objects
from dokuei.worklist import rules as worklist

TABLES: list[Any] = [
    pytest.param(
        identity.LIFECYCLE, identity.PersonState, "invited", {"left"}, "identity.Person", id="person"
    ),
    pytest.param(imaging.LIFECYCLE, imaging.Receipt, "receiving", set(), "imaging.Study", id="receipt"),
    pytest.param(
        viewers.LIFECYCLE, viewers.State, "opened", {"replaced"}, "imaging.ViewerLaunch", id="launch"
    ),
    pytest.param(
        intake.LIFECYCLE,
        intake.State,
        "draft",
        {"fulfilled", "cancelled", "refused"},
        "intake.Request",
        id="request",
    ),
    pytest.param(
        askbacks.LIFECYCLE,
        askbacks.State,
        "asked",
        {"answered", "withdrawn", "expired"},
        "intake.AskBack",
        id="ask-back",
    ),
    pytest.param(
        priors.SEARCH_LIFECYCLE, priors.Search, "local", {"closed"}, "priors.PriorSearch", id="prior search"
    ),
    pytest.param(
        priors.LIFECYCLE,
        priors.Candidate,
        "spare",
        {"contradicts"},
        "priors.PriorCandidate",
        id="prior candidate",
    ),
    pytest.param(
        worklist.LIFECYCLE,
        worklist.State,
        "pending",
        {"read", "cancelled"},
        "worklist.Reading",
        id="reading",
    ),
    pytest.param(reporting.LIFECYCLE, reporting.State, "draft", {"final"}, "reporting.Report", id="report"),
    pytest.param(objects.LIFECYCLE, objects.State, "queued", {"filed"}, "reporting.Export", id="export"),
    pytest.param(
        delivery.LIFECYCLE, delivery.State, "queued", {"superseded"}, "delivery.Delivery", id="delivery"
    ),
    pytest.param(
        delivery.CONFIRMATION,
        delivery.Seen,
        "undelivered",
        {"acted"},
        "delivery.Confirmation",
        id="confirmation",
    ),
]


@pytest.mark.parametrize(("table", "states", "first", "ends", "model"), TABLES)
def test_every_state_is_reached_and_only_ends_have_no_way_on(
    table: dict[Any, Any], states: type[StrEnum], first: str, ends: set[str], model: str
) -> None:
    reached = {first} | {str(target) for target in table.values() if target is not None}
    left = {str(state) for state, _ in table}

    assert reached == {state.value for state in states}
    assert {state.value for state in states} - left == ends


@pytest.mark.parametrize(("table", "states", "first", "ends", "model"), TABLES)
def test_the_database_knows_the_same_states(
    table: dict[Any, Any], states: type[StrEnum], first: str, ends: set[str], model: str
) -> None:
    checks = [
        str(one.condition) for one in apps.get_model(model)._meta.constraints if hasattr(one, "condition")
    ]

    for state in states:
        assert any(f"'{state.value}'" in check for check in checks), state
