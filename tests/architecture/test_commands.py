"""Every command has an actor, a time, a permission check and a trace."""

import ast
from pathlib import Path

import pytest

import dokuei

ROOT = Path(dokuei.__file__).parent
EXEMPT = {
    "audit.services": "is the trail itself",
    "identity.services.accept_invitation": "the person has no session yet; the invitation's secret is the right",
    "identity.services.open_invitation": "reads; the invitation's secret is the right",
    "identity.services.end_own_session": "one's own session needs no permission",
}


def commands() -> list[tuple[str, ast.FunctionDef]]:
    found = []
    for path in sorted([*ROOT.glob("*/services.py"), *ROOT.glob("*/services/*.py")]):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        if name in EXEMPT or path.name == "__init__.py":
            continue
        for node in ast.parse(path.read_text()).body:
            public = isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
            if public and f"{name}.{node.name}" not in EXEMPT:
                found.append((f"{name}.{node.name}", node))
    return found


def why_untidy(node: ast.FunctionDef) -> list[str]:
    """What a command lacks."""
    called = {
        one.func.id if isinstance(one.func, ast.Name) else getattr(one.func, "attr", "")
        for one in ast.walk(node)
        if isinstance(one, ast.Call)
    }
    lacks = []
    if not node.args.args or node.args.args[0].arg != "actor":
        lacks.append("takes no actor first")
    if "at" not in {one.arg for one in node.args.kwonlyargs}:
        lacks.append("takes no time by keyword")
    if "require" not in called:
        lacks.append("asks for no permission")
    if not any(name in {"record", "_store", "_quarantine"} for name in called):
        lacks.append("leaves no trace")
    if "atomic" not in ast.unparse(ast.Module(node.decorator_list, [])) if node.decorator_list else True:
        lacks.append("is not one transaction")
    return lacks


@pytest.mark.parametrize(("name", "node"), [pytest.param(n, f, id=n) for n, f in commands()])
def test_a_command_has_an_actor_a_time_a_permission_and_a_trace(
    name: str, node: ast.FunctionDef
) -> None:
    assert why_untidy(node) == []


def test_the_guard_sees_what_is_missing() -> None:
    source = "def sign(report_id):\n    return report_id"

    lacks = why_untidy(ast.parse(source).body[0])  # type: ignore[arg-type]

    assert lacks == [
        "takes no actor first",
        "takes no time by keyword",
        "asks for no permission",
        "leaves no trace",
        "is not one transaction",
    ]
