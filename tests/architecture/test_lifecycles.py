"""Every lifecycle table is whole: states are reached, ends are ends, and the database knows the same words."""

from pathlib import Path

import pytest
from django.apps import apps

from dokuei.hub.lifecycles import MACHINES, Machine, document

ROOT = Path(__file__).resolve().parents[2]
EACH = pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)


@EACH
def test_every_state_is_reached_and_only_ends_have_no_way_on(machine: Machine) -> None:
    reached = {machine.first} | {str(target) for target in machine.table.values() if target is not None}
    left = {str(state) for state, _ in machine.table}

    assert reached == {state.value for state in machine.states}
    assert {state.value for state in machine.states} - left == machine.ends


@EACH
def test_the_database_knows_the_same_states(machine: Machine) -> None:
    checks = [
        str(one.condition)
        for one in apps.get_model(machine.model)._meta.constraints
        if hasattr(one, "condition")
    ]

    for state in machine.states:
        assert any(f"'{state.value}'" in check for check in checks), state


def test_the_document_draws_the_tables() -> None:
    assert (ROOT / "docs" / "lifecycles.md").read_text() == document()
