"""Every command has an actor, a time, a permission check and a trace."""

import ast
from functools import cache
from pathlib import Path

import pytest

import dokuei

ROOT = Path(dokuei.__file__).parent
EXEMPT = {
    "audit.services": "is the trail itself",
    "identity.services.accept_invitation": "the person has no session yet; the invitation's secret is the right",
    "identity.services.open_invitation": "reads; the invitation's secret is the right",
    "identity.services.save_preferences": "one's own settings need no permission",
    "identity.services.end_own_session": "one's own session needs no permission",
}


Command = tuple[str, ast.FunctionDef, dict[str, ast.FunctionDef]]


def commands() -> list[Command]:
    """Name, function and the functions of its room it may lean on."""
    found = []
    for path in sorted([*ROOT.glob("*/services.py"), *ROOT.glob("*/services/*.py")]):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        if name in EXEMPT or path.name == "__init__.py":
            continue
        body = ast.parse(path.read_text()).body
        mine = {node.name: node for node in body if isinstance(node, ast.FunctionDef)}
        functions = {**functions_of(path.relative_to(ROOT).parts[0]), **mine}
        for node in mine.values():
            if not node.name.startswith("_") and f"{name}.{node.name}" not in EXEMPT:
                found.append((f"{name}.{node.name}", node, functions))
    return found


@cache
def functions_of(room: str) -> dict[str, ast.FunctionDef]:
    """Every function of a room that is no test's, by its name."""
    found = {}
    for path in (ROOT / room).rglob("*.py"):
        if "tests" not in path.parts:
            body = ast.parse(path.read_text()).body
            found.update({node.name: node for node in body if isinstance(node, ast.FunctionDef)})
    return found


def calls(node: ast.FunctionDef, functions: dict[str, ast.FunctionDef], seen: frozenset[str]) -> set[str]:
    """Every name a function calls, by itself or through functions of its room."""
    found = set()
    for one in ast.walk(node):
        if isinstance(one, ast.Call):
            name = one.func.id if isinstance(one.func, ast.Name) else getattr(one.func, "attr", "")
            found.add(name)
            if name in functions and name not in seen:
                found |= calls(functions[name], functions, seen | {name})
    return found


def why_untidy(node: ast.FunctionDef, functions: dict[str, ast.FunctionDef]) -> list[str]:
    """What a command lacks."""
    called = calls(node, functions, frozenset())
    lacks = []
    if not node.args.args or node.args.args[0].arg != "actor":
        lacks.append("takes no actor first")
    if "at" not in {one.arg for one in node.args.kwonlyargs}:
        lacks.append("takes no time by keyword")
    if "require" not in called:
        lacks.append("asks for no permission")
    if "record" not in called:
        lacks.append("leaves no trace")
    if not any("atomic" in ast.unparse(one) for one in node.decorator_list):
        lacks.append("is not one transaction")
    return lacks


@pytest.mark.parametrize("command", [pytest.param(one, id=one[0]) for one in commands()])
def test_a_command_has_an_actor_a_time_a_permission_and_a_trace(command: Command) -> None:
    _, node, functions = command

    assert why_untidy(node, functions) == []


def test_the_guard_sees_what_is_missing() -> None:
    source = "def sign(report_id):\n    return report_id"

    lacks = why_untidy(ast.parse(source).body[0], {})  # type: ignore[arg-type]

    assert lacks == [
        "takes no actor first",
        "takes no time by keyword",
        "asks for no permission",
        "leaves no trace",
        "is not one transaction",
    ]
