"""How priors go out over HTTP."""

from datetime import date, datetime
from typing import Literal

from ninja import Schema

PriorStateWord = Literal["received", "elsewhere", "none", "not_asked"]


class PriorsOut(Schema):
    """What is known of a reading's priors, as a line shows it."""

    state: PriorStateWord
    where_when: str
    answer: PriorStateWord
    """What the facility said in its request."""
    arrived: int
    wanted: int
    """Arrived and under way."""
    failed: int
    contradicting: int
    """Studies that are not shown because something about the patient does not agree."""
    search: Literal["local", "asking", "answered", "unreachable", "closed"]
    wait_until: datetime | None


class PriorOut(Schema):
    study_instance_uid: str
    candidate_id: int | None
    study_id: int | None
    study_on: date | None
    modalities: list[str]
    description: str
    body_part: str
    tier: str
    chosen_for: str
    is_wanted: bool
    state: Literal["spare", "wanted", "fetching", "arrived", "failed", "not_found", "contradicts"]
    why: str
    archive: str
    instance_count: int
    expected_count: int | None
    may_fetch: bool


class PriorListOut(PriorsOut):
    rule: str
    silent: list[str]
    answered_at: datetime | None
    may_ask: bool
    report_text: str
    """A prior report the facility pasted into its request."""
    items: list[PriorOut]


class PriorStatesOut(Schema):
    """How many requests of a facility's last days stand in each state."""

    days: int
    total: int
    received: int
    elsewhere: int
    none: int
    not_asked: int
    unreachable: int
    failed: int
    has_archive: bool
