"""A room is entered only through its doors."""

import grimp
import pytest

ROOMS = [
    "audit",
    "identity",
    "patients",
    "imaging",
    "intake",
    "priors",
    "worklist",
    "reporting",
    "delivery",
    "reconciliation",
]
DOORS = {"services", "queries", "events", "errors", "access", "shapes", "handlers", "loose", "matching"}
"""`access` is identity's; `matching` are patients' pure comparisons; `shapes` are response types; `handlers` are
entered by the hub's wiring alone; `loose` are the loose ends a room tells to the reconciliation."""
HUB_ALSO = {"api", "conformance", "dimse", "dicomweb", "hl7", "models", "middleware", "allauth", "rules"}
"""The hub wires doors, timers and tables together, and draws the lifecycles of every rules."""
NAMED = {
    ("dokuei.delivery.services", "dokuei.identity.models"): "addresses the requester by person",
    ("dokuei.imaging.moves.standing", "dokuei.patients.models"): "types of rows it judges",
    ("dokuei.intake.linking.showing", "dokuei.imaging.models"): "types of rows it shows",
    ("dokuei.intake.linking.sides", "dokuei.imaging.models"): "types of rows it compares",
    ("dokuei.reporting.queries", "dokuei.worklist.models"): "types of rows it is handed",
    ("dokuei.reporting.queries", "dokuei.reporting.models"): "own",
}


def trespasses() -> list[str]:
    """Every import of another room's inside, as sentences."""
    graph = grimp.build_graph("dokuei")
    found = []
    for module in sorted(graph.modules):
        parts = module.split(".")
        if len(parts) < 2 or "tests" in parts:
            continue
        for target in sorted(graph.find_modules_directly_imported_by(module)):
            other = target.split(".")
            if len(other) < 3 or other[1] not in ROOMS or other[1] == parts[1]:
                continue
            door = other[2]
            allowed = door in DOORS or (parts[1] == "hub" and (door in HUB_ALSO or other[-1] == "rules"))
            if not allowed and not _is_named(module, target):
                found.append(f"{module} enters {target}")
    return found


def _is_named(module: str, target: str) -> bool:
    return (module, target) in NAMED or (target.endswith(".models") and _types_only(module))


def _types_only(module: str) -> bool:
    """Queries and services of a higher room may name a lower room's row types; handlers and timers too."""
    *_, folder, name = module.split(".")
    return folder == "services" or name in {"queries", "services", "handlers", "shapes"}


def test_rooms_are_entered_through_their_doors_only() -> None:
    assert trespasses() == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_says_what_it_is_for(room: str) -> None:
    module = __import__(f"dokuei.{room}", fromlist=["__doc__"])

    assert module.__doc__
    assert len(module.__doc__.strip()) > 60
