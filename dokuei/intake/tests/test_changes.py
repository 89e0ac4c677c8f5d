"""Two versions of a request side by side: whatever a request can say has a line that tells when it changes."""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from dokuei.intake.content import Content
from dokuei.intake.telling import changes, every_line

NEEDS = {
    "renal.measured_on": {"renal": {"egfr": 50}},
    "contrast.reaction_note": {"contrast": {"reaction": "yes"}},
    "risk.allergy_note": {"risk": {"allergy": "yes"}},
}
"""What is told only beside something else."""
DEFAULTS = {"Urgency": "next_clinical_day", "Comparison": "not_asked"}


def paths(model: type[BaseModel], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from paths(kind, f"{before}{name}.")
        else:
            yield f"{before}{name}", kind


def plain(kind: Any) -> Iterator[type]:
    """The types an annotation allows, without what stands around them."""
    if isinstance(kind, type):
        yield kind
    for one in get_args(kind):
        yield from plain(one)


def another(kind: Any) -> Any:
    """A value of a kind that is not the one a request begins with."""
    kinds = list(plain(kind))
    for one in kinds:
        if issubclass(one, StrEnum):
            return next(member for member in one if member != DEFAULTS.get(one.__name__, "unknown"))
    if date in kinds:
        return date(2026, 11, 1)
    if float in kinds or int in kinds:
        return 12
    return "ほかの言葉"


@pytest.mark.parametrize(("path", "kind"), [pytest.param(*one, id=one[0]) for one in paths(Content)])
def test_whatever_changes_is_told(path: str, kind: Any) -> None:
    first = Content.model_validate(NEEDS.get(path, {}))
    values: Any = first.model_dump(mode="json")
    *groups, name = path.split(".")
    at = values
    for group in groups:
        at = at[group]
    at[name] = another(kind)
    second = Content.model_validate(values)

    found = changes(first, second)

    assert len(found) == 1, found
    (label, old, new) = found[0]
    assert old != new
    assert changes(second, first) == [(label, new, old)]


def test_nothing_changed_says_nothing() -> None:
    assert changes(Content(), Content()) == []
    labels = [label for label, _ in every_line(Content())]
    assert len(set(labels)) == len(labels)
