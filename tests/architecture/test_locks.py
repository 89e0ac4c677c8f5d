"""Row locks are as weak as they can be, and on one table each, so that no two parts wait for each other in a ring.

FOR UPDATE conflicts with the check of every foreign key that names the row; FOR NO KEY UPDATE does not. Without `of`,
the rows of every joined table are locked too, in the order the plan finds them.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import dokuei

ROOT = Path(dokuei.__file__).parent


def locks() -> Iterator[tuple[str, set[str], bool]]:
    """Where a lock is taken, its keywords, and whether other tables are joined in the same expression."""
    for path in ROOT.rglob("*.py"):
        if "tests" in path.parts:
            continue
        for statement in ast.walk(ast.parse(path.read_text())):
            if not isinstance(statement, ast.stmt):
                continue
            calls = [one for one in ast.walk(statement) if isinstance(one, ast.Call)]
            named = {one.func.attr: one for one in calls if isinstance(one.func, ast.Attribute)}
            lock = named.get("select_for_update")
            if lock is not None and not isinstance(
                statement, ast.FunctionDef | ast.ClassDef | ast.Try | ast.With
            ):
                keywords = {word.arg or "" for word in lock.keywords}
                yield f"{path.relative_to(ROOT)}:{lock.lineno}", keywords, "select_related" in named


def test_locks_leave_foreign_keys_alone_and_lock_one_table() -> None:
    found = list(locks())

    assert len(found) > 20
    assert [where for where, keywords, _ in found if "no_key" not in keywords] == []
    assert [where for where, keywords, is_joined in found if is_joined and "of" not in keywords] == []
