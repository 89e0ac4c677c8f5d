"""Which objects a signed version becomes, and when to try again. No database, no clock, no network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

Frame = tuple[str, int]
"""SOP Instance UID and frame number."""


class State(StrEnum):
    QUEUED = "queued"
    FILED = "filed"
    FAILED = "failed"


class Act(StrEnum):
    FILE = "file"
    RETRY = "retry"
    GIVE_UP = "give_up"


LIFECYCLE = {
    (State.QUEUED, Act.FILE): State.FILED,
    (State.QUEUED, Act.RETRY): State.QUEUED,
    (State.QUEUED, Act.GIVE_UP): State.FAILED,
    (State.FAILED, Act.RETRY): State.FAILED,
    (State.FAILED, Act.FILE): State.FILED,
}
"""What failed is shown to support and still tried, seldom: nothing clinical is given up."""


class Kind(StrEnum):
    FIGURE = "figure"
    """A presentation state of a key image."""
    CAPTURE = "capture"
    """The picture of a key image of a reformatted plane: no stored frame a presentation state could speak of."""
    MARKS = "marks"
    """A presentation state of a frame with marks that no key image shows."""
    KEYS = "keys"
    """A key object selection."""
    REPORT = "report"
    """A measurement report."""


SERIES_NUMBER = {
    Kind.KEYS: 9901,
    Kind.FIGURE: 9902,
    Kind.MARKS: 9903,
    Kind.REPORT: 9904,
    Kind.CAPTURE: 9905,
}
TRIES_MOST = 10
LONGEST_WAIT = timedelta(minutes=30)
SELDOM = timedelta(hours=6)


def act_of(tries: int) -> Act:
    """What the next try is: one of the first, or one after support was told."""
    return Act.RETRY if tries < TRIES_MOST else Act.GIVE_UP


def wait_after(tries: int) -> timedelta:
    """How long until the next try, after so many.

    >>> wait_after(1).total_seconds(), wait_after(40).total_seconds()
    (20.0, 21600.0)
    """
    return min(timedelta(seconds=10 * 2.0**tries), LONGEST_WAIT) if tries < TRIES_MOST else SELDOM


@dataclass(frozen=True)
class Wanted:
    """One object to make."""

    kind: Kind
    place: int
    study_id: int


def has_anything(body: Mapping[str, Any]) -> bool:
    """Whether a signed version says anything that leaves as an object."""
    return bool(body.get("figures")) or bool(measured(body))


def marks_in(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every mark of the version."""
    return list((body.get("marks") or {}).get("marks", []))


def measured(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Marks the measurement report speaks of; an arrow without words says nothing there."""
    return [one for one in marks_in(body) if one["kind"] != "arrow" or one["text"] or any(one["lines"])]


def plane_in(told: Mapping[str, Any]) -> dict[str, Any] | None:
    """The reformatted plane a mark or a recipe is of; None for a stored frame."""
    found: dict[str, Any] | None = told.get("plane")
    return found


def bare_frames(body: Mapping[str, Any]) -> list[Frame]:
    """Frames with a mark that no key image shows, in the order they were drawn on."""
    shown = {
        (figure["recipe"]["sop_instance_uid"], figure["recipe"]["frame_number"], mark["id"])
        for figure in body.get("figures", [])
        for mark in figure["recipe"]["marks"]
        if plane_in(figure["recipe"]) is None
    }
    frames = [
        (one["sop_instance_uid"], one["frame_number"])
        for one in marks_in(body)
        if plane_in(one) is None and (one["sop_instance_uid"], one["frame_number"], one["id"]) not in shown
    ]
    return list(dict.fromkeys(frames))


def main_study(asked: Sequence[int], touched: Sequence[int]) -> int:
    """The study whose documents these are: the first of the request's that was drawn on, else its first."""
    return next((one for one in asked if one in touched), asked[0])


def wanted(body: Mapping[str, Any], *, main: int, study_of: Mapping[str, int]) -> list[Wanted]:
    """The objects of a version: `study_of` says in which study each instance it names lies.

    A presentation state lies in the study of its image, a picture of a plane in that of its series, each under the
    number of its figure; a selection in the main study and, as an identical copy, in
    every other study it names (PS3.3 C.17.6.2.1); the measurement report in the main study.
    """
    figures = [_study_of_figure(one, study_of) for one in body.get("figures", [])]
    shown = [
        Wanted(Kind.FIGURE if plane_in(one["recipe"]) is None else Kind.CAPTURE, number, study_id)
        for number, (one, study_id) in enumerate(zip(body.get("figures", []), figures, strict=True), start=1)
    ]
    bare = [study_of[uid] for uid, _ in bare_frames(body)]
    homes = list(dict.fromkeys([main, *figures])) if figures else []
    reports = [main] if measured(body) else []
    others = [
        Wanted(kind, place, study_id)
        for kind, studies in ((Kind.MARKS, bare), (Kind.KEYS, homes), (Kind.REPORT, reports))
        for place, study_id in enumerate(studies, start=1)
    ]
    return [*shown, *others]


def _study_of_figure(figure: Mapping[str, Any], study_of: Mapping[str, int]) -> int:
    if plane_in(figure["recipe"]) is not None:
        return int(figure["facts"]["study_id"])
    return study_of[figure["recipe"]["sop_instance_uid"]]
